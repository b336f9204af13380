"""What the bearer of a link is shown of it. Reads only: nothing here has an effect."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from saleor_paylink.links.contents import Change, changes_since_sent
from saleor_paylink.links.dues import asked_for, collected, outstanding, revision_of, unpaid
from saleor_paylink.links.offers import available_methods, is_test_mode
from saleor_paylink.links.receipts import Receipt, receipts
from saleor_paylink.links.tokens import find_link
from saleor_paylink.models import LedgerEntry, LedgerKind, LinkStatus, PaymentLink
from saleor_paylink.money import Money, zero
from saleor_paylink.providers.interface import Method
from saleor_paylink.shop import CLOSED, OrderState, OrderView, current_shop


class RequestStatus(enum.StrEnum):
    DUE = "due"
    PROCESSING = "processing"
    PAID = "paid"
    PAID_OUTSIDE = "paid_outside"
    REFUNDED = "refunded"
    CANCELED = "canceled"
    EXPIRED = "expired"


@dataclass(frozen=True)
class PaymentRequestView:
    """The customer's view of one order to pay. `decline`: why the last try did not succeed."""

    status: RequestStatus
    link: PaymentLink
    shop_name: str
    order: OrderView
    amount_due: Money
    amount_paid: Money
    revision: str
    methods: Sequence[Method]
    message: str
    expires_at: datetime | None
    receipts: Sequence[Receipt]
    is_given_back: bool
    """Whether all that was paid over the link has left the shop again."""
    test_mode: bool
    decline: str | None
    changes: Sequence[Change]
    """What has changed about the order since the customer was given the link."""

    @property
    def is_order_canceled(self) -> bool:
        return self.order.state is OrderState.CANCELED

    @property
    def renewable(self) -> bool:
        """Whether its customer may ask for a fresh link."""
        return self.status is RequestStatus.EXPIRED and self.order.state not in CLOSED


def payment_request(token: str, channel: str | None = None) -> PaymentRequestView | None:
    """What the bearer of a token may see; None, whatever the cause, for any other token.

    A link that was closed for good without a payment is such another token, unless its
    order was cancelled: that the customer may know.
    """
    link = find_link(token, channel)
    if link is None:
        return None
    order = current_shop().order(link.order_id, fresh=True)
    if order is None:
        return None
    paid = receipts(link, order)
    is_given_back = bool(paid) and _is_given_back(link)
    status = _request_status(link, order, is_given_back)
    if status is None:
        return None
    due = asked_for(link, order) if status is RequestStatus.DUE else zero(order.currency)
    return PaymentRequestView(
        status=status,
        link=link,
        shop_name=current_shop().profile(link.channel).name,
        order=order,
        amount_due=due,
        amount_paid=order.total - min(outstanding(order), order.total),
        revision=revision_of(order.id, due),
        methods=available_methods(order, due),
        message=link.message,
        expires_at=link.expires_at,
        receipts=paid,
        is_given_back=is_given_back,
        test_mode=is_test_mode(current_shop().channel_settings(link.channel)),
        decline=_decline(link) if status is RequestStatus.DUE else None,
        changes=changes_since_sent(link, order) if status is RequestStatus.DUE else (),
    )


def _request_status(
    link: PaymentLink, order: OrderView, is_given_back: bool
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
    if asked_for(link, order).amount <= 0:
        # Over another link, or not yet heard of; or it is reserved, because it is on its way.
        is_paid = unpaid(order).amount <= 0
        return RequestStatus.PAID_OUTSIDE if is_paid else RequestStatus.PROCESSING
    return RequestStatus.EXPIRED if status is LinkStatus.EXPIRED else RequestStatus.DUE


def _decline(link: PaymentLink) -> str | None:
    """Why the customer's last try did not succeed.

    Why the provider refused to open a session at all concerns staff alone.
    """
    last = link.attempts.order_by("-created_at").first()
    if last is None or last.provider_reference is None:
        return None
    return last.failure_reason or None


def _is_given_back(link: PaymentLink) -> bool:
    returned = LedgerEntry.objects.filter(
        attempt__link=link, kind__in=[LedgerKind.REFUND, LedgerKind.DISPUTE]
    )
    return returned.exists() and collected(link).amount <= 0
