"""What staff are shown of a collection. Reads only: nothing here has an effect."""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from saleor_paylink.conf import ChannelSettings
from saleor_paylink.links.contents import changes_since_sent
from saleor_paylink.links.dues import Books, asked_for, outstanding
from saleor_paylink.links.offers import COLLECTABLE, is_test_mode, methods_for
from saleor_paylink.mail import outbox
from saleor_paylink.models import LINK_IN_FORCE, LinkStatus, PaymentCollection, PaymentLink
from saleor_paylink.money import Money, zero
from saleor_paylink.providers.interface import Method
from saleor_paylink.shop import OrderState, OrderView, current_shop

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
    mailing = {channel: outbox.is_configured(channel) for channel in settings}
    return [
        _collection_view(
            order,
            collections.get(order.id),
            links[order.id],
            settings[order.channel],
            books,
            mailing[order.channel],
        )
        for order in orders
    ]


def _collection_view(
    order: OrderView,
    collection: PaymentCollection | None,
    links: Sequence[PaymentLink],
    settings: ChannelSettings,
    books: Books,
    can_mail: bool,
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
        warnings=_warnings(order, status, links, settings, can_mail),
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
    can_mail: bool,
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
        CollectionWarning.EMAIL_NOT_CONFIGURED: not can_mail,
        CollectionWarning.TEST_MODE: is_test_mode(settings),
        CollectionWarning.LINK_EXPIRES_SOON: in_force and _expires_soon(in_force),
        CollectionWarning.CUSTOMER_IS_PAYING: status is CollectionStatus.PROCESSING,
        CollectionWarning.ORDER_CHANGED_SINCE_SENT: in_force
        and changes_since_sent(in_force, order),
    }
    return [warning for warning, is_true in true_of_it.items() if is_true]


def _expires_soon(link: PaymentLink) -> bool:
    return link.expires_at is not None and link.expires_at < timezone.now() + EXPIRES_SOON


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
