"""Where Saleor lets its plugins answer: /plugins/channel/<slug>/<plugin id>/..., and without a
channel /plugins/<plugin id>/..."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from saleor_paylink.shop import current_shop
from saleor_paylink.web.door import serve_door
from saleor_paylink.web.serve import serve
from sandbox.shop.extensions import SandboxDesk


def plugin(request: HttpRequest, channel: str, path: str) -> HttpResponse:
    """The customer's pages, in channels where it is active."""
    settings = current_shop().channel_settings(channel)
    if not settings.active:
        raise Http404
    response: HttpResponse = serve(request, settings, path)
    return response


def door(request: HttpRequest, path: str) -> HttpResponseBase:
    """The Dashboard's frames and the providers' webhooks."""
    response: HttpResponseBase = serve_door(request, path, SandboxDesk())
    return response
