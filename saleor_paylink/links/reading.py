"""What staff and customers are shown of a collection. Reads only: nothing here has an effect."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from saleor_paylink.links.dues import asked_for, collected, outstanding, revision_of
from saleor_paylink.links.offers import COLLECTABLE, available_methods
from saleor_paylink.links.tokens import find_link
from saleor_paylink.models import (
    LINK_IN_FORCE,
    LedgerEntry,
    LedgerKind,
    LinkStatus,
    PaymentCollection,
    PaymentLink,
)
from saleor_paylink.money import Money, zero
from saleor_paylink.providers import registry
from saleor_paylink.providers.interface import Method
from saleor_paylink.providers.registry import configured_providers
from saleor_paylink.shop import OrderState, OrderView, current_shop


class CollectionStatus(enum.StrEnum):
    UNAVAILABLE = "unavailable"
    OFFERED = "offered"
    SKIPPED = "skipped"
    AWAITING = "awaiting"
    PROCESSING = "processing"
    COLLECTED = "collected"
    SETTLED_MANUALLY = "settled_manually"
    REJECTED = "rejected"


class UnavailableReason(enum.StrEnum):
    DRAFT = "draft"
    NO_METHOD = "no_method"
    NOTHING_DUE = "nothing_due"
    CANCELED = "canceled"
    EXPIRED = "expired"
    FULFILLED = "fulfilled"
    PLUGIN_INACTIVE = "plugin_inactive"


class CollectionWarning(enum.StrEnum):
    """What could defeat the link before the customer pays."""

    NO_CUSTOMER_EMAIL = "no_customer_email"
    TEST_MODE = "test_mode"
    CUSTOMER_IS_PAYING = "customer_is_paying"


@dataclass(frozen=True)
class CollectionView:
    """Collecting for one order. `reason` says why it is UNAVAILABLE; `links` newest first."""

    status: CollectionStatus
    reason: UnavailableReason | None
    amount_due: Money
    methods: Sequence[Method]
    warnings: Sequence[CollectionWarning]
    links: Sequence[PaymentLink]
    prompt_pending: bool


def collection_view(order_id: UUID) -> CollectionView | None:
    """Collecting for an order; None if the shop has no such order."""
    order = current_shop().order(order_id, fresh=True)
    if order is None:
        return None
    collection = PaymentCollection.objects.filter(order_id=order_id).first()
    links = list(collection.links.order_by("-created_at", "-id")) if collection else []
    due = outstanding(order)
    methods = available_methods(order, due) if order.state in COLLECTABLE else []
    reason = _why_unavailable(order, due, methods)
    status = _status(order, collection, links, due, reason)
    unavailable = status is CollectionStatus.UNAVAILABLE
    return CollectionView(
        status=status,
        reason=reason if unavailable else None,
        amount_due=due,
        methods=methods,
        warnings=_warnings(order, status),
        links=links,
        prompt_pending=bool(
            collection and collection.prompt_pending and status is CollectionStatus.OFFERED
        ),
    )


def _why_unavailable(
    order: OrderView, due: Money, methods: Sequence[Method]
) -> UnavailableReason | None:
    closed = {
        OrderState.DRAFT: UnavailableReason.DRAFT,
        OrderState.CANCELED: UnavailableReason.CANCELED,
        OrderState.EXPIRED: UnavailableReason.EXPIRED,
        OrderState.FULFILLED: UnavailableReason.FULFILLED,
        OrderState.RETURNED: UnavailableReason.FULFILLED,
    }
    if order.state in closed:
        return closed[order.state]
    if not current_shop().channel_settings(order.channel).active:
        return UnavailableReason.PLUGIN_INACTIVE
    if due.amount <= 0:
        return UnavailableReason.NOTHING_DUE
    return None if methods else UnavailableReason.NO_METHOD


def _status(
    order: OrderView,
    collection: PaymentCollection | None,
    links: Sequence[PaymentLink],
    due: Money,
    reason: UnavailableReason | None,
) -> CollectionStatus:
    if collection is not None:
        if collection.rejected_at:
            return CollectionStatus.REJECTED
        if any(link.status == LinkStatus.PROCESSING for link in links):
            return CollectionStatus.PROCESSING
        waits = links and links[0].status in (LinkStatus.ACTIVE, LinkStatus.EXPIRED)
        # A deposit was paid; the rest is waited for, whether or not it has a link yet.
        waits = waits or (_has_paid(links) and order.state is OrderState.UNCONFIRMED)
        if waits and due.amount > 0 and order.state in COLLECTABLE:
            return CollectionStatus.AWAITING
        if due.amount <= 0 and _has_paid(links):
            return CollectionStatus.COLLECTED
        if due.amount <= 0 and collection.settled_manually_at:
            return CollectionStatus.SETTLED_MANUALLY
    if reason is not None:
        return CollectionStatus.UNAVAILABLE
    if collection is not None and collection.skipped_at and not links:
        return CollectionStatus.SKIPPED
    return CollectionStatus.OFFERED


def _has_paid(links: Sequence[PaymentLink]) -> bool:
    return any(link.status == LinkStatus.PAID for link in links)


def _warnings(order: OrderView, status: CollectionStatus) -> list[CollectionWarning]:
    open_ones = (
        CollectionStatus.OFFERED,
        CollectionStatus.SKIPPED,
        CollectionStatus.AWAITING,
        CollectionStatus.PROCESSING,
    )
    if status not in open_ones:
        return []
    warnings = []
    if not order.email:
        warnings.append(CollectionWarning.NO_CUSTOMER_EMAIL)
    if is_test_mode(order.channel):
        warnings.append(CollectionWarning.TEST_MODE)
    if status is CollectionStatus.PROCESSING:
        warnings.append(CollectionWarning.CUSTOMER_IS_PAYING)
    return warnings


def is_test_mode(channel: str) -> bool:
    """Whether payments in the channel move no real money."""
    providers = configured_providers(current_shop().channel_settings(channel))
    return any(not provider.livemode for provider in providers)


def current_link(order_id: UUID) -> PaymentLink | None:
    """The link in force, else the newest one."""
    links = PaymentLink.objects.filter(order_id=order_id)
    in_force = links.filter(status__in=LINK_IN_FORCE).first()
    return in_force or links.order_by("-created_at", "-id").first()


def link_due(link: PaymentLink) -> Money:
    """What the customer would be charged now: nothing over a link that is not in force."""
    order = current_shop().order(link.order_id, fresh=True)
    if order is None or link.status not in LINK_IN_FORCE:
        return zero(link.currency)
    return asked_for(link, order)


class RequestStatus(enum.StrEnum):
    DUE = "due"
    PROCESSING = "processing"
    PAID = "paid"
    PAID_OUTSIDE = "paid_outside"
    REFUNDED = "refunded"
    CANCELED = "canceled"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Receipt:
    """One payment over the link. `method` is its name for people."""

    number: str
    amount: Money
    method: str
    paid_at: datetime
    reference: str


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
    test_mode: bool
    decline: str | None


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
    status = _request_status(link, order)
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
        receipts=receipts(link, order),
        test_mode=is_test_mode(link.channel),
        decline=_decline(link) if status is RequestStatus.DUE else None,
    )


def _request_status(link: PaymentLink, order: OrderView) -> RequestStatus | None:
    settled = {
        LinkStatus.PAID_MANUALLY: RequestStatus.PAID_OUTSIDE,
        LinkStatus.PROCESSING: RequestStatus.PROCESSING,
        LinkStatus.EXPIRED: RequestStatus.EXPIRED,
    }
    status = link.current_status
    if status is LinkStatus.PAID:
        return RequestStatus.REFUNDED if _is_given_back(link) else RequestStatus.PAID
    if order.state is OrderState.CANCELED:
        return RequestStatus.CANCELED
    if order.state is OrderState.EXPIRED:
        return RequestStatus.EXPIRED
    if status is LinkStatus.REVOKED:
        return None
    if status in settled:
        return settled[status]
    # Between a payment outside and the hook that closes the link.
    return RequestStatus.DUE if asked_for(link, order).amount > 0 else RequestStatus.PAID_OUTSIDE


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


def receipts(link: PaymentLink, order: OrderView) -> list[Receipt]:
    """The payments over the link, oldest first."""
    entries = LedgerEntry.objects.filter(attempt__link=link, kind=LedgerKind.CHARGE).select_related(
        "attempt"
    )
    return [receipt_of(entry, order) for entry in entries.order_by("id")]


def receipt_of(entry: LedgerEntry, order: OrderView) -> Receipt:
    """The receipt of a charge, numbered within its order."""
    before = LedgerEntry.objects.filter(
        order_id=entry.order_id, kind=LedgerKind.CHARGE, id__lt=entry.id
    ).count()
    method = entry.attempt.method if entry.attempt else entry.provider
    return Receipt(
        number=f"{order.number}-{before + 1}",
        amount=entry.money,
        method=method_name(order.channel, method),
        paid_at=entry.occurred_at,
        reference=entry.reference,
    )


def method_name(channel: str, method_id: str) -> str:
    """A method's name for people, also where it is no longer offered."""
    settings = current_shop().channel_settings(channel)
    return registry.provider(method_id.split(":")[0], settings).method_name(method_id)
