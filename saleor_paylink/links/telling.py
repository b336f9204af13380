"""Telling others: plugins and apps of each announcement, and the order's metadata of the state.

At least once, and the announcements of an order in their turn: whoever tells takes the lease of
its collection, and what a dead one has left is told by the sweeper.
"""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils import timezone

from saleor_paylink import leases
from saleor_paylink.links.announcements import tell_later
from saleor_paylink.links.reading import collection_views, current_of
from saleor_paylink.models import PaymentCollection, PaymentLinkEvent
from saleor_paylink.money import Money, with_its_decimals
from saleor_paylink.shop import (
    LINK_STATE_KEY,
    STATE_KEY,
    Announcement,
    LinkNews,
    OrderView,
    current_shop,
)

State = Mapping[str, str | None]

# More can happen while it is told; what goes on for longer is left to the sweeper.
ROUNDS = 5


def tell(collection_id: int) -> None:
    """Tell what is to be told of a collection, unless somebody is at it.

    Must not run inside a transaction. Whatever the shop raises, the sweeper tries again.
    """
    for _round in range(ROUNDS):
        if not leases.take(to_do(), collection_id):
            return
        collection = PaymentCollection.objects.get(pk=collection_id)
        _tell(collection)
        # What has happened meanwhile was not told: whoever queued it found the lease taken.
        PaymentCollection.objects.filter(pk=collection_id).update(
            changes_told=collection.changes_made, leased_until=None
        )


def to_do() -> "QuerySet[PaymentCollection]":
    """Collections that others have not heard the last of."""
    return PaymentCollection.objects.filter(changes_told__lt=F("changes_made"))


def compare(order_id: UUID) -> None:
    """Have the state told where it is not what was told last: what is due moves with the order,
    and no step is recorded of that."""
    collection = PaymentCollection.objects.get(order_id=order_id)
    order = current_shop().order(order_id)
    if order is not None and state_of(order) != collection.told_state:
        tell_later(collection.pk)


def state_of(order: OrderView) -> State:
    """What the order's metadata have to say: the state in the words of GraphQL, and no more.
    Anybody can read it, and shops copy it to other orders."""
    (view,) = collection_views([order])
    link = current_of(view.links)
    return {
        STATE_KEY: view.status.name,
        LINK_STATE_KEY: link.current_status.name if link else None,
    }


def _tell(collection: PaymentCollection) -> None:
    order = current_shop().order(collection.order_id)
    if order is not None:
        _tell_state(collection, order)
    untold = collection.events.exclude(announcement="").filter(announced_at__isnull=True)
    for event in untold.select_related("link").order_by("id"):
        current_shop().announce(_news(event, order))
        PaymentLinkEvent.objects.filter(pk=event.pk).update(announced_at=timezone.now())


def _tell_state(collection: PaymentCollection, order: OrderView) -> None:
    state = state_of(order)
    # It may have been written by one who died before telling of it.
    is_news = current_shop().show_state(order.id, state) or state != collection.told_state
    if is_news:
        current_shop().tell_state(order.id)
        PaymentCollection.objects.filter(pk=collection.pk).update(told_state=state)


def _news(event: PaymentLinkEvent, order: OrderView | None) -> LinkNews:
    link, data = event.link, event.data
    # Only steps of a link are announced.
    assert link is not None  # noqa: S101
    amount = Money(Decimal(data["amount"]), data["currency"]) if "amount" in data else link.money
    return LinkNews(
        event_id=str(event.pk),
        announcement=Announcement(event.announcement),
        at=event.at,
        link_id=link.pk,
        status=link.current_status.name,
        order_id=link.order_id,
        order_number=order.number if order else "",
        channel=link.channel,
        amount=with_its_decimals(amount),
        expires_at=link.expires_at,
    )
