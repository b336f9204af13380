"""What staff and customers are shown of a collection. Reads only: nothing here has an effect."""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from saleor_paylink.conf import ChannelSettings
from saleor_paylink.links.contents import Change, changes_since_sent
from saleor_paylink.links.dues import (
    Books,
    asked_for,
    collected,
    outstanding,
    revision_of,
    unpaid,
)
from saleor_paylink.links.offers import COLLECTABLE, available_methods, methods_for
from saleor_paylink.links.tokens import find_link
from saleor_paylink.mail import outbox
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
from saleor_paylink.shop import CLOSED, OrderState, OrderView, current_shop

EXPIRES_SOON = timedelta(days=1)


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
    EMAIL_NOT_CONFIGURED = "email_not_configured"
    TEST_MODE = "test_mode"
    LINK_EXPIRES_SOON = "link_expires_soon"
    CUSTOMER_IS_PAYING = "customer_is_paying"
    ORDER_CHANGED_SINCE_SENT = "order_changed_since_sent"


@dataclass(frozen=True)
class CollectionView:
    """Collecting for one order. `reason` says why it is UNAVAILABLE; `links` newest first."""

    order_id: UUID
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
    return collection_views([order])[0] if order is not None else None


def collection_views(orders: Sequence[OrderView]) -> list[CollectionView]:
    """Collecting for each of these orders. What is read does not grow with their number."""
    ids = [order.id for order in orders]
    books, links = Books.of(ids), links_of(ids)
    collections = {
        each.order_id: each for each in PaymentCollection.objects.filter(order_id__in=ids)
    }
    settings = current_shop().settings_of({order.channel for order in orders})
    return [
        _collection_view(
            order,
            collections.get(order.id),
            links[order.id],
            settings[order.channel],
            books,
        )
        for order in orders
    ]


def _collection_view(
    order: OrderView,
    collection: PaymentCollection | None,
    links: Sequence[PaymentLink],
    settings: ChannelSettings,
    books: Books,
) -> CollectionView:
    due = outstanding(order, books)
    methods = methods_for(settings, due) if order.state in COLLECTABLE else []
    reason = _why_unavailable(order, due, methods, settings)
    status = _status(order, collection, links, due, reason, settings)
    unavailable = status is CollectionStatus.UNAVAILABLE
    return CollectionView(
        order_id=order.id,
        status=status,
        reason=reason if unavailable else None,
        amount_due=due,
        methods=methods,
        warnings=_warnings(order, status, links, settings),
        links=links,
        prompt_pending=bool(
            collection and collection.prompt_pending and status is CollectionStatus.OFFERED
        ),
    )


def _why_unavailable(
    order: OrderView, due: Money, methods: Sequence[Method], settings: ChannelSettings
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
    if not settings.active:
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
    settings: ChannelSettings,
) -> CollectionStatus:
    if collection is not None:
        if collection.rejected_at:
            return CollectionStatus.REJECTED
        if any(link.status == LinkStatus.PROCESSING for link in links):
            return CollectionStatus.PROCESSING
        if due.amount > 0 and settings.active and _is_waited_for(order, links):
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


def _is_waited_for(order: OrderView, links: Sequence[PaymentLink]) -> bool:
    """Whether money is to come over a link: until staff have revoked it, also if it expired."""
    if order.state is OrderState.FULFILLED:
        # Goods may be handed over before they are paid: the link that is there stays good.
        return any(link.current_status in LINK_IN_FORCE for link in links)
    if order.state not in COLLECTABLE:
        return False
    if any(link.status == LinkStatus.ACTIVE for link in links):
        return True
    if not links or links[0].status == LinkStatus.REVOKED:
        return False
    # A deposit was paid; the rest is waited for, whether or not it has a link yet.
    has_rest = _has_paid(links) and order.state is OrderState.UNCONFIRMED
    return links[0].status == LinkStatus.EXPIRED or has_rest


def _has_paid(links: Sequence[PaymentLink]) -> bool:
    return any(link.status == LinkStatus.PAID for link in links)


def _warnings(
    order: OrderView,
    status: CollectionStatus,
    links: Sequence[PaymentLink],
    settings: ChannelSettings,
) -> list[CollectionWarning]:
    open_ones = (
        CollectionStatus.OFFERED,
        CollectionStatus.SKIPPED,
        CollectionStatus.AWAITING,
        CollectionStatus.PROCESSING,
    )
    if status not in open_ones:
        return []
    in_force = next((link for link in links if link.current_status in LINK_IN_FORCE), None)
    true_of_it = {
        CollectionWarning.NO_CUSTOMER_EMAIL: not order.email,
        CollectionWarning.EMAIL_NOT_CONFIGURED: not outbox.is_configured(),
        CollectionWarning.TEST_MODE: is_test_mode(settings),
        CollectionWarning.LINK_EXPIRES_SOON: in_force and _expires_soon(in_force),
        CollectionWarning.CUSTOMER_IS_PAYING: status is CollectionStatus.PROCESSING,
        CollectionWarning.ORDER_CHANGED_SINCE_SENT: in_force
        and changes_since_sent(in_force, order),
    }
    return [warning for warning, is_true in true_of_it.items() if is_true]


def _expires_soon(link: PaymentLink) -> bool:
    return link.expires_at is not None and link.expires_at < timezone.now() + EXPIRES_SOON


def is_test_mode(settings: ChannelSettings) -> bool:
    """Whether payments in a channel move no real money."""
    return any(not provider.livemode for provider in configured_providers(settings))


def links_of(order_ids: Iterable[UUID]) -> dict[UUID, list[PaymentLink]]:
    """The links of each of these orders, newest first."""
    found: dict[UUID, list[PaymentLink]] = {order_id: [] for order_id in order_ids}
    links = PaymentLink.objects.filter(order_id__in=found)
    for link in links.order_by("-created_at", "-id"):
        found[link.order_id].append(link)
    return found


def current_link(order_id: UUID) -> PaymentLink | None:
    """The link in force, else the newest one."""
    return current_of(links_of([order_id])[order_id])


def current_of(links: Sequence[PaymentLink]) -> PaymentLink | None:
    """Of an order's links, newest first, the one in force, else the newest one."""
    in_force = (link for link in links if link.status in LINK_IN_FORCE)
    return next(in_force, links[0] if links else None)


def links_due(links: Sequence[PaymentLink], orders: Mapping[UUID, OrderView]) -> list[Money]:
    """What the customer of each link would be charged now: nothing over one that is not in
    force, or whose order is not among `orders`."""
    books = Books.of(orders)
    return [_link_due(link, orders.get(link.order_id), books) for link in links]


def _link_due(link: PaymentLink, order: OrderView | None, books: Books) -> Money:
    if order is None or link.current_status not in LINK_IN_FORCE:
        return zero(link.currency)
    return asked_for(link, order, books)


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
    changes: Sequence[Change]
    """What has changed about the order since the customer was given the link."""

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
        test_mode=is_test_mode(current_shop().channel_settings(link.channel)),
        decline=_decline(link) if status is RequestStatus.DUE else None,
        changes=changes_since_sent(link, order) if status is RequestStatus.DUE else (),
    )


def _request_status(link: PaymentLink, order: OrderView) -> RequestStatus | None:
    settled = {
        LinkStatus.PAID_MANUALLY: RequestStatus.PAID_OUTSIDE,
        LinkStatus.PROCESSING: RequestStatus.PROCESSING,
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
