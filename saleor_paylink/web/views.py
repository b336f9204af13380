"""The customer's pages.

Http404 stands for the neutral page, whatever the cause, and TooManyTries for the page that asks
for patience; `serve` makes them of it.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)

from saleor_paylink.addresses import client_address
from saleor_paylink.conf import ChannelSettings
from saleor_paylink.languages import speaking
from saleor_paylink.links import limits, reminders, visits
from saleor_paylink.links.bearer import PaymentRequestView, payment_request
from saleor_paylink.links.errors import LinkError
from saleor_paylink.links.paying import begin
from saleor_paylink.links.renewal import renew
from saleor_paylink.links.settlement import settle_for_visitor
from saleor_paylink.links.tokens import find_link, find_marked
from saleor_paylink.providers.interface import ProviderError
from saleor_paylink.web.pages import (
    PayForm,
    reminders_page,
    renewal_page,
    request_page,
    unsure_page,
)
from saleor_paylink.web.programs import is_program
from saleor_paylink.web.served import BY_NAME

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponseBase]

FORM = "application/x-www-form-urlencoded"


class SeeOther(HttpResponseRedirect):
    """Go on with a GET, whatever the method was."""

    status_code = 303


def takes(*methods: str) -> Callable[[View], View]:
    """Refuse all other methods. Django's own decorator logs the path, which holds the token."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            return view(request, **kwargs)

        return guarded

    return decorate


@takes("GET", "HEAD", "POST")
def pay(request: HttpRequest, settings: ChannelSettings, token: str) -> HttpResponse:
    """The payment page. Only POST has an effect: scanners and previews open every link.

    There is no session and no cookie, so another site cannot borrow the customer's rights,
    and a token against forged requests would guard nothing: whoever can post here knows the
    secret URL already. A click moves no money either; it only leads to the provider's page.
    """
    if request.method == "POST":
        limits.count(limits.PAY, token, client_address(request.META))
    view = _view(token, settings.channel, settings)
    if request.method != "POST":
        # Staff who look at what the customer sees are no visitors.
        return request_page(view, watched="preview" not in request.GET)
    if request.content_type != FORM:
        return HttpResponse(status=415)
    form = PayForm.read(request.POST)
    try:
        with speaking(view.order.language):
            return SeeOther(begin(token, form.method, form.revision, channel=settings.channel))
    except LinkError as refusal:
        return request_page(_view(token, settings.channel), refusal, form)


@takes("GET", "HEAD")
def come_back(request: HttpRequest, settings: ChannelSettings, token: str) -> HttpResponse:
    """Where the provider sends the customer back to: settles the attempt that is named.

    The redirect proves nothing. What happened is asked of the provider, and shown on the
    payment page or wherever a storefront wants its customer.
    """
    link = find_link(token, settings.channel)
    if link is None:
        raise Http404
    try:
        attempt = settle_for_visitor(link, request.GET.get("attempt", ""))
    except ProviderError as error:
        logger.warning("A returning customer's payment cannot be looked up: %s", error.code)
        return unsure_page(_view(token, settings.channel))
    if attempt is not None and attempt.return_url:
        return SeeOther(attempt.return_url)
    # A link that is not shown is not confirmed by a redirect either.
    _view(token, settings.channel)
    return SeeOther("./")


@takes("POST")
def seen(request: HttpRequest, settings: ChannelSettings, token: str) -> HttpResponse:
    """Where the page reports that somebody looks at it. For every token the answer is the
    same."""
    limits.count(limits.SEEN, token, client_address(request.META))
    if not is_program(request):
        visits.seen(token, settings.channel)
    return HttpResponse(status=204)


@takes("POST")
def renew_link(request: HttpRequest, settings: ChannelSettings, token: str) -> HttpResponse:
    """Where the page of an expired link asks for a fresh one. Whatever came of it, and for
    every token, the answer is the same."""
    limits.count(limits.RENEW, token, client_address(request.META))
    renew(token, settings.channel)
    return renewal_page(settings)


@takes("GET", "HEAD", "POST")
def stop_reminders(
    request: HttpRequest, settings: ChannelSettings, link_id: UUID, mark: str
) -> HttpResponse:
    """Where a reminder's reader asks for no more of them. Only POST has an effect: scanners open
    every link. Mail programs post here by themselves when their user tells them to (RFC 8058).
    """
    link = find_marked(link_id, mark, settings.channel)
    if link is None:
        raise Http404
    if request.method == "POST":
        reminders.stop(link)
    return reminders_page(link, stopped=request.method == "POST")


@takes("GET", "HEAD")
def asset(request: HttpRequest, settings: ChannelSettings, name: str) -> HttpResponse:
    """The pages' own files."""
    if name not in BY_NAME:
        raise Http404
    return BY_NAME[name].response()


def _view(token: str, channel: str, settings: ChannelSettings | None = None) -> PaymentRequestView:
    view = payment_request(token, channel, settings)
    if view is None:
        raise Http404
    return view
