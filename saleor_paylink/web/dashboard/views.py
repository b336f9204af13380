"""The frames that the Dashboard shows, and what they ask for besides GraphQL."""

import secrets
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template import Context, Engine
from django.utils import translation

from saleor_paylink.addresses import client_address
from saleor_paylink.links import limits
from saleor_paylink.links.limits import Limit
from saleor_paylink.web.dashboard import assets
from saleor_paylink.web.dashboard.desk import Desk
from saleor_paylink.web.dashboard.documents import documents
from saleor_paylink.web.dashboard.headers import frame_policy
from saleor_paylink.web.dashboard.texts import texts_in
from saleor_paylink.web.views import takes

ENGINE = Engine(
    dirs=[str(Path(__file__).parent / "templates")], builtins=["django.templatetags.i18n"]
)

# The Dashboard gives all frames of a few minutes the same token, so that a person who goes
# through orders quickly sends it often; and an office may have a single address. Whoever tries
# forged tokens at either rate gets nowhere.
SESSION = Limit("session", per_token=300, per_address=6000)

# Those that send what a person is to keep, besides what they show.
DOWNLOADING = {"earnings"}


@takes("GET", "HEAD")
def frame(request: HttpRequest, desk: Desk, name: str) -> HttpResponse:
    """A frame without anything of the shop in it: data comes by GraphQL, to whom it may."""
    nonce = secrets.token_urlsafe(16)
    words = texts_in(translation.get_language_from_request(request))
    boot = {
        "root": desk.root,
        "graphql": desk.graphql_path,
        "documents": documents(name),
        **words,
    }
    texts = words["texts"]
    context = {
        "name": name,
        "title": texts.get(f"{name}.title", texts["title"]),
        "nonce": nonce,
        "assets": f"{desk.root}assets/{assets.VERSION}/",
        "boot": boot,
        **words,
    }
    response = HttpResponse(ENGINE.get_template("frame.html").render(Context(context)))
    response.headers["Content-Security-Policy"] = frame_policy(nonce, downloads=name in DOWNLOADING)
    return response


@takes("POST")
def session(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A fresh token for the bearer of a good one.

    The Dashboard's live for five minutes, and some frames are never given another. 401: the
    page has to be reloaded, so that the Dashboard vouches for its user again.
    """
    token = bearers_token(request)
    limits.count(SESSION, token, client_address(request.META))
    fresh = desk.renew(token)
    if fresh is None:
        return JsonResponse({}, status=401)
    return JsonResponse({"token": fresh.token, "expiresIn": fresh.lifetime.total_seconds()})


def bearers_token(request: HttpRequest) -> str:
    """The token of the header; empty where there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""


@takes("GET", "HEAD")
def texts(request: HttpRequest, desk: Desk, locale: str) -> HttpResponse:
    """What the frames say, in the Dashboard's language or the closest that there is."""
    return JsonResponse(texts_in(locale))


@takes("GET", "HEAD")
def asset(request: HttpRequest, desk: Desk, version: str, name: str) -> HttpResponse:
    """A script or the style sheet of the frames."""
    if version != assets.VERSION or name not in assets.FILES:
        raise Http404
    return assets.asset(name)
