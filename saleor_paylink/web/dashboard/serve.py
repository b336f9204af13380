"""The door through which hosts let the Dashboard's frames in."""

import logging

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
    HttpResponseNotFound,
    JsonResponse,
    UnreadablePostError,
)
from django.urls import resolve

from saleor_paylink.failures import log_failure
from saleor_paylink.links.limits import TooManyTries
from saleor_paylink.web.dashboard.desk import Desk
from saleor_paylink.web.dashboard.headers import secure_frame

logger = logging.getLogger(__name__)


def serve_frames(request: HttpRequest, path: str, desk: Desk) -> HttpResponseBase:
    """Answer a request for `path` of `saleor_paylink.web.dashboard.urls` (no leading slash).

    The frames belong to no channel: one App serves the orders of all. Whether the plugin is
    active in an order's channel, its collection says. Nothing is raised, as `web.serve` does.
    """
    response = secure_frame(_answer(request, path, desk))
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _answer(request: HttpRequest, path: str, desk: Desk) -> HttpResponseBase:
    try:
        match = resolve(f"/{path}", "saleor_paylink.web.dashboard.urls")
        response: HttpResponseBase = match.func(request, desk=desk, **match.kwargs)
        return response
    except Http404:
        return HttpResponseNotFound(content_type="text/plain")
    except PermissionDenied:
        return JsonResponse({}, status=403)
    except TooManyTries as refusal:
        return JsonResponse({}, status=429, headers={"Retry-After": str(refusal.seconds)})
    except (BadRequest, SuspiciousOperation, UnreadablePostError):
        # A body that is too large, has too many fields or an odd encoding, or broke off.
        return HttpResponseBadRequest(content_type="text/plain")
    except Exception:
        log_failure(logger, "A frame of the Dashboard could not be served:")
        return HttpResponse(status=500, content_type="text/plain")
