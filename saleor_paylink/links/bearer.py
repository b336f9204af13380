"""What the bearer of a link is shown of it. Reads only: nothing here has an effect."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from saleor_paylink.brand import Brand
from saleor_paylink.conf import ChannelSettings
from saleor_paylink.links.contents import Change, changes_since_sent
from saleor_paylink.links.dues import Books, asked_for, revision_of, set_aside, unpaid
from saleor_paylink.links.offers import is_test_mode, methods_for
from saleor_paylink.links.receipts import Receipt, name_of_method, receipts
from saleor_paylink.links.tokens import find_link
from saleor_paylink.mail import outbox
from saleor_paylink.models import AttemptStatus, LinkStatus, PaymentLink
from saleor_paylink.money import Money, zero
from saleor_paylink.providers import registry
from saleor_paylink.providers.interface import Method
from saleor_paylink.shop import CLOSED, OrderState, OrderView, current_shop

# Whoever sees their receipt so soon after the payment has just made it: later it is old news.
JUST_NOW = timedelta(minutes=30)


class RequestStatus(enum.StrEnum):
    DUE = "due"
    PROCESSING = "processing"
    PAID = "paid"
    PAID_OUTSIDE = "paid_outside"
    REFUNDED = "refunded"
    CANCELED = "canceled"
    EXPIRED = "expired"


# A slow payment is not called back by cancelling the order that it is for.
MAY_BE_ON_ITS_WAY = (RequestStatus.PROCESSING, RequestStatus.CANCELED)


@dataclass(frozen=True)
class LastTry:
    """The newest session of a link: what was to be paid in it, how, and since when.

    `decline` says why nothing came of it, for people; None where that is not known, or where it
    is no business of the customer's.
    """

    method: str
    method_name: str
    amount: Money
    begun_at: datetime
    decline: str | None


@dataclass(frozen=True)
class PaymentRequestView:
    """The customer's view of one order to pay."""

    status: RequestStatus
    link: PaymentLink
    shop_name: str
    brand: Brand
    order: OrderView
    amount_due: Money
    amount_paid: Money
    set_aside: Money
    """What of the rest is not asked for: money on its way elsewhere, refunds that were granted."""
    revision: str
    methods: Sequence[Method]
    page_sources: Sequence[str]
    """Where the payment pages of these methods lie, as a Content-Security-Policy names it."""
    message: str
    expires_at: datetime | None
    receipts: Sequence[Receipt]
    merchant: Sequence[str]
    """The lines of the merchant's own address, for receipts."""
    is_given_back: bool
    """Whether all that was paid over the link has left the shop again."""
    returned: Money
    """What of it has."""
    test_mode: bool
    last_try: LastTry | None
    """The one that did not succeed, or that is on its way; None where neither is."""
    changes: Sequence[Change]
    """What has changed about the order since the customer was given the link."""

    @property
    def decline(self) -> str | None:
        """Why the last try did not succeed."""
        return self.last_try.decline if self.last_try else None

    @property
    def is_paid(self) -> bool:
        return self.status is RequestStatus.PAID

    @property
    def is_order_canceled(self) -> bool:
        return self.order.state is OrderState.CANCELED

    @property
    def is_just_paid(self) -> bool:
        """Whether the last payment was made a moment ago."""
        since = timezone.now() - JUST_NOW
        return any(receipt.paid_at > since for receipt in self.receipts)

    @property
    def renewable(self) -> bool:
        """Whether its customer may ask for a fresh link."""
        open_still = self.order.state not in CLOSED
        return self.status is RequestStatus.EXPIRED and open_still and bool(self.order.email)

    @property
    def masked_email(self) -> str:
        """The address that a fresh link goes to, for whoever knows it already: "a•••@e•••.com"."""
        name, _at, domain = (self.order.email or "").rpartition("@")
        host, _dot, ending = domain.rpartition(".")
        return f"{name[:1]}•••@{host[:1]}•••.{ending}"


def payment_request(
    token: str, channel: str | None = None, settings: ChannelSettings | None = None
) -> PaymentRequestView | None:
    """What the bearer of a token may see; None, whatever the cause, for any other token, be it
    one of another `channel`. `settings` are the channel's, where they have just been read.

    A link that was closed for good without a payment is such another token, unless its
    order was cancelled: that the customer may know.
    """
    link = find_link(token, channel)
    if link is None:
        return None
    order = current_shop().order(link.order_id, fresh=True)
    if order is None:
        return None
    books = Books.of([order.id])
    is_given_back = books.is_given_back(link)
    status = _request_status(link, order, books, is_given_back)
    if status is None:
        return None
    settings = settings or current_shop().channel_settings(link.channel)
    is_due = status is RequestStatus.DUE
    due = asked_for(link, order, books) if is_due else zero(order.currency)
    methods, has_paid = methods_for(settings, due), books.has_paid(link)
    return PaymentRequestView(
        status=status,
        link=link,
        shop_name=current_shop().name(settings),
        brand=Brand.of(settings.values),
        order=order,
        amount_due=due,
        amount_paid=order.total - min(unpaid(order, books), order.total),
        set_aside=set_aside(order, books),
        revision=revision_of(order.id, due),
        methods=methods,
        page_sources=_page_sources(methods, settings),
        message=link.message,
        expires_at=link.expires_at,
        receipts=receipts(link, order, settings) if has_paid else [],
        merchant=_address(link.channel) if has_paid else [],
        is_given_back=is_given_back,
        returned=books.returned(link),
        test_mode=is_test_mode(settings),
        last_try=_last_try(link, status, settings),
        changes=changes_since_sent(link, order) if is_due else (),
    )


def _request_status(
    link: PaymentLink, order: OrderView, books: Books, is_given_back: bool
) -> RequestStatus | None:
    settled = {
        LinkStatus.PAID_MANUALLY: RequestStatus.PAID_OUTSIDE,
        LinkStatus.PROCESSING: RequestStatus.PROCESSING,
    }
    status = link.current_status
    if status is LinkStatus.PAID:
        return RequestStatus.REFUNDED if is_given_back else RequestStatus.PAID
    if order.state is OrderState.CANCELED:
        return RequestStatus.CANCELED
    if order.state is OrderState.EXPIRED:
        return RequestStatus.EXPIRED
    if status is LinkStatus.REVOKED:
        return None
    if status in settled:
        return settled[status]
    if order.state in CLOSED:
        return None
    if asked_for(link, order, books).amount <= 0:
        # Over another link, or not yet heard of; or it is reserved, because it is on its way.
        is_paid = unpaid(order, books).amount <= 0
        return RequestStatus.PAID_OUTSIDE if is_paid else RequestStatus.PROCESSING
    return RequestStatus.EXPIRED if status is LinkStatus.EXPIRED else RequestStatus.DUE


def _last_try(
    link: PaymentLink, status: RequestStatus, settings: ChannelSettings
) -> LastTry | None:
    if status not in (RequestStatus.DUE, *MAY_BE_ON_ITS_WAY) or not link.was_tried:
        return None
    last = link.attempts.order_by("-created_at").first()
    # Why the provider refused to open a session at all concerns staff alone.
    if last is None or last.provider_reference is None:
        return None
    if status is RequestStatus.DUE and not last.failure_reason:
        return None
    if status in MAY_BE_ON_ITS_WAY and last.status != AttemptStatus.PROCESSING:
        return None
    return LastTry(
        method=last.method,
        method_name=name_of_method(settings, last.method),
        amount=last.money,
        begun_at=last.created_at,
        decline=last.failure_reason if status is RequestStatus.DUE else None,
    )


def _address(channel: str) -> Sequence[str]:
    account = outbox.account_of(channel)
    return account.address if account else ()


def _page_sources(methods: Sequence[Method], settings: ChannelSettings) -> list[str]:
    names = sorted({method.provider for method in methods})
    providers = [registry.provider(name, settings) for name in names]
    return [source for provider in providers for source in provider.page_sources]
