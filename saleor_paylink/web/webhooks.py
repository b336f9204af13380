"""Where providers post their events to."""

import logging
import re

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
    HttpResponseNotFound,
    HttpResponseServerError,
    UnreadablePostError,
)

from saleor_paylink.failures import log_failure
from saleor_paylink.links.webhooks import UnknownProvider, receive
from saleor_paylink.providers.interface import BadSignature
from saleor_paylink.web.headers import HEADERS, complete, content_security_policy
from saleor_paylink.web.views import takes

logger = logging.getLogger(__name__)

# Bytes. Stripe's largest events stay well below.
LARGEST_WEBHOOK = 1_000_000

PATH = re.compile(r"(?P<provider>[.0-9A-Za-z_-]+)/(?P<channel>[.0-9A-Za-z_-]+)")


def serve_webhook(request: HttpRequest, path: str) -> HttpResponseBase:
    """Answer a request for `path`: <provider>/<slug of the channel whose secret has signed it>.

    Nothing is raised, as `web.serve` does. Who is answered otherwise than 200 sends it again.
    """
    response = complete(_answer(request, path), HEADERS, content_security_policy())
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _answer(request: HttpRequest, path: str) -> HttpResponseBase:
    named = PATH.fullmatch(path)
    if named is None:
        return HttpResponseNotFound()
    try:
        return webhook(request, **named.groupdict())
    except (BadRequest, SuspiciousOperation, UnreadablePostError):
        return HttpResponseBadRequest()
    except Exception:
        log_failure(logger, "A webhook could not be kept:")
        return HttpResponseServerError()


@takes("POST")
def webhook(request: HttpRequest, provider: str, channel: str) -> HttpResponse:
    """A provider's webhook, read as the bytes that were signed. 200: it has been stored."""
    body = request.read(LARGEST_WEBHOOK + 1)
    if len(body) > LARGEST_WEBHOOK:
        return HttpResponse(status=413)
    try:
        receive(provider, channel, request.headers, body)
    except UnknownProvider:
        return HttpResponseNotFound()
    except BadSignature:
        logger.warning("A webhook of %s in channel %s is not signed as it must.", provider, channel)
        return HttpResponseBadRequest()
    return HttpResponse()
