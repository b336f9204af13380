"""The dashboard's pages: orders, a draft, an order with its frames, an App's own page."""

from typing import Any

from flask import Flask, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sandbox.client.graphql import Json, Refused
from sandbox.dashboard.shop import ShopSeen, seen_by
from sandbox.stage import Stage

PEOPLE = ("cashier", "clerk", "foreigner")
PERSON = "person"


def application(stage: Stage) -> Flask:
    """The WSGI application over the shop on `stage`."""
    app = Flask(__name__)

    def shop() -> ShopSeen:
        person = request.cookies.get(PERSON, PEOPLE[0])
        return seen_by(stage.to_json(), person if person in PEOPLE else PEOPLE[0])

    @app.context_processor
    def frame_of_pages() -> dict[str, Any]:
        extensions = shop().extensions()
        return {
            "extensions": extensions,
            "navigation": [each for each in extensions if _is_at(each, "NAVIGATION_ORDERS")],
            "people": PEOPLE,
            "person": request.cookies.get(PERSON, PEOPLE[0]),
            "graphql_url": stage.graphql_url,
        }

    @app.get("/")
    def home() -> ResponseReturnValue:
        return redirect(url_for("orders"))

    @app.get("/orders")
    def orders() -> ResponseReturnValue:
        return render_template("orders.html", orders=shop().orders())

    @app.post("/as/<person>")
    def become(person: str) -> ResponseReturnValue:
        answer = redirect(request.referrer or "/")
        answer.set_cookie(PERSON, person, httponly=True, samesite="Strict")
        return answer

    @app.post("/orders/drafts")
    def new_draft() -> ResponseReturnValue:
        return redirect(url_for("draft", id=shop().draft()), 303)

    @app.get("/orders/drafts/<id>")
    def draft(id: str) -> ResponseReturnValue:
        return render_template("draft.html", order=_found(shop().order(id)))

    @app.post("/orders/drafts/<id>/finalize")
    def finalize(id: str) -> ResponseReturnValue:
        shop().finalize(id)
        return redirect(url_for("order", id=id), 303)

    @app.get("/orders/<id>")
    def order(id: str) -> ResponseReturnValue:
        return render_template("order.html", order=_found(shop().order(id)))

    @app.get("/orders/<id>/main")
    def order_main(id: str) -> ResponseReturnValue:
        """What refreshEntity reads again."""
        return render_template("order_main.html", order=_found(shop().order(id)))

    @app.post("/orders/<id>/confirm")
    def confirm(id: str) -> ResponseReturnValue:
        try:
            shop().confirm(id)
        except Refused as refusal:
            return jsonify(message=refusal.message), 409
        return jsonify({})

    @app.get("/extensions/app/<id>/", defaults={"path": ""})
    @app.get("/extensions/app/<id>/<path:path>")
    def app_page(id: str, path: str) -> ResponseReturnValue:
        pages = [each for each in shop().extensions() if each["app"]["id"] == id]
        if not pages:
            abort(404)
        return render_template("app.html", page=pages[-1], path=path)

    @app.get("/tokens")
    def tokens() -> ResponseReturnValue:
        """Fresh tokens by extension, as the real Dashboard asks for before theirs run out."""
        return jsonify({each["id"]: each["accessToken"] for each in shop().extensions()})

    return app


def _is_at(extension: Json, mount: str) -> bool:
    return bool(extension["mountName"] == mount)


def _found(order: Json | None) -> Json:
    if order is None:
        abort(404)
    return order
