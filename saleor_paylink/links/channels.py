"""Channels go by their names, and a shop can change a name: what is written down under the old one
follows, so that staff go on seeing it and its settings are found."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Case, F, Value, When

from saleor_paylink.models import (
    KnownChannel,
    LedgerEntry,
    PaymentCollection,
    PaymentException,
    PaymentLink,
    ProviderEvent,
    RefundRequest,
)
from saleor_paylink.shop import OrderView, current_shop

# First the long ones, for whose rows nobody waits; then in the order in which others lock them.
UNDER_A_NAME = (
    ProviderEvent,
    LedgerEntry,
    PaymentCollection,
    PaymentLink,
    RefundRequest,
    PaymentException,
)


@transaction.atomic
def follow_names() -> None:
    """Learn the channels of the shop by name, and follow those that have another now."""
    known = dict(KnownChannel.objects.select_for_update().values_list("shop_id", "slug"))
    # After the lock: whoever had it may have followed already.
    now = current_shop().channels()
    news = {id: slug for id, slug in now.items() if known.get(id) != slug}
    renamed = {known[id]: slug for id, slug in news.items() if id in known}
    if renamed:
        for model in UNDER_A_NAME:
            model.objects.filter(channel__in=renamed).update(channel=_by_new_name(renamed))
    KnownChannel.objects.bulk_create(
        [KnownChannel(shop_id=id, slug=slug) for id, slug in news.items()],
        update_conflicts=True,
        unique_fields=["shop_id"],
        update_fields=["slug"],
    )


def follow_order(collection: PaymentCollection, order: OrderView) -> None:
    """Follow the channel of one order at once. The order's lock is held."""
    if collection.channel != order.channel:
        collection.channel = order.channel
        collection.save(update_fields=["channel"])
        collection.links.update(channel=order.channel)
        for model in (RefundRequest, PaymentException):
            model.objects.filter(order_id=order.id).update(channel=order.channel)


def _by_new_name(renamed: Mapping[str, str]) -> Case:
    """In one step, because channels can have changed names with each other."""
    return Case(
        *(When(channel=old, then=Value(new)) for old, new in renamed.items()),
        default=F("channel"),
    )
