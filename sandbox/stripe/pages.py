"""The hosted page on which a customer pays, at the `url` of a session."""

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from sandbox.stripe import checkout
from sandbox.stripe.accounts import Json
from sandbox.stripe.errors import NotPossible
from sandbox.stripe.money import display
from sandbox.stripe.state import Simulator

CLOSED = {
    "complete": "This payment page is done with: the checkout is complete.",
    "expired": "This payment page has expired. Go back to the shop for a new one.",
}


def pages(simulator: Simulator) -> Blueprint:
    """The pages over `simulator`."""
    blueprint = Blueprint("pages", __name__)

    @blueprint.get("/pay/<session_id>")
    def show(session_id: str) -> tuple[str, int]:
        return _page(simulator, session_id)

    @blueprint.post("/pay/<session_id>/<any(pay, decline, pay_later):action>")
    def act(session_id: str, action: str) -> Response | tuple[str, int]:
        method = request.form.get("method")
        try:
            if action == "decline":
                simulator.decline(session_id)
                return redirect(simulator.page_url(session_id), 303)
            done = simulator.pay if action == "pay" else simulator.pay_later
            return redirect(checkout.return_url(done(session_id, method)), 303)
        except NotPossible as refusal:
            return _page(simulator, session_id, str(refusal))

    return blueprint


def _page(simulator: Simulator, session_id: str, refusal: str = "") -> tuple[str, int]:
    try:
        session, lines = simulator.session(session_id)
    except NotPossible:
        missing = render_template("pay.html", title="Not found", message="No such payment page.")
        return missing, 404
    html = render_template(
        "pay.html",
        title=display(session["amount_total"], session["currency"]),
        amount=display(session["amount_total"], session["currency"]),
        session=session,
        lines=lines,
        message=CLOSED.get(session["status"], refusal),
        declined=_was_declined(session),
        at_once=checkout.methods(session, delayed=False),
        later=checkout.methods(session, delayed=True),
    )
    return html, 409 if refusal else 200


def _was_declined(session: Json) -> bool:
    # An open session has an intent only once a confirmation of it has failed.
    return session["payment_intent"] is not None
