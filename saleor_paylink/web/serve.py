"""The door through which hosts let customers in."""

import logging

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseServerError,
    UnreadablePostError,
)
from django.urls import resolve
from django.utils import translation

from saleor_paylink.conf import ChannelSettings
from saleor_paylink.failures import log_failure
from saleor_paylink.languages import spoken_to
from saleor_paylink.links.limits import TooManyTries
from saleor_paylink.web.headers import secure
from saleor_paylink.web.pages import limit_page, neutral_page, trouble_page

logger = logging.getLogger(__name__)


def serve(request: HttpRequest, settings: ChannelSettings, path: str) -> HttpResponse:
    """Answer a request for `path` of `saleor_paylink.web.urls` (no leading slash).

    The host calls this only while the plugin is active in the channel, whose settings it has read
    for this request. Nothing is raised: Django would log the path, which holds the token, and
    answer without our headers.
    """
    # Orders have a language of their own; whoever asks for anything else is spoken to in theirs.
    with translation.override(spoken_to(request)):
        response = secure(_answer_or_trouble(request, settings, path))
    # Django logs the path of every 4xx and 5xx answer that does not say that it was logged.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _answer_or_trouble(request: HttpRequest, settings: ChannelSettings, path: str) -> HttpResponse:
    try:
        return _answer(request, settings, path)
    except Exception:
        log_failure(logger, "A page could not be served:")
    try:
        return trouble_page()
    except Exception:
        # A shop's own template of it, most likely.
        log_failure(logger, "Nor could the page that says so:")
        return HttpResponseServerError()


def _answer(request: HttpRequest, settings: ChannelSettings, path: str) -> HttpResponse:
    try:
        match = resolve(f"/{path}", "saleor_paylink.web.urls")
        response: HttpResponse = match.func(request, settings=settings, **match.kwargs)
        return response
    except Http404:
        return neutral_page(settings)
    except TooManyTries as refusal:
        return limit_page(settings, refusal)
    except (BadRequest, SuspiciousOperation, UnreadablePostError):
        # A body that is too large, has too many fields or an odd encoding, or broke off.
        return HttpResponseBadRequest()
