"""Channels go by their names, and a shop can change a name: what is written down under the old one
follows, so that staff go on seeing it and its settings are found."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Case, Exists, F, Model, Value, When

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

# In the order in which others lock them. The ledger comes last: what others book under these locks,
# before they are ours, may still be under the old name.
UNDER_LOCKS = (PaymentCollection, PaymentLink, RefundRequest, PaymentException, LedgerEntry)


class NamesChange(Exception):
    """Channels get other names at this moment. Nothing was booked: follow_names, and repeat the
    call."""


@transaction.atomic
def follow_names() -> None:
    """Learn the channels of the shop by name, and follow those that have another now. Those that
    are gone are forgotten: their names are nobody's."""
    known = _locked_names()
    # After the lock: whoever had it may have followed already.
    now = current_shop().channels()
    news = {id: slug for id, slug in now.items() if known.get(id) != slug}
    renamed = {known[id]: slug for id, slug in news.items() if id in known}
    if renamed:
        # First what is long, and nobody waits for; of the ledger, what will not be taken for
        # another channel's when it comes to it again.
        unshared = {old: new for old, new in renamed.items() if new not in renamed}
        _follow(ProviderEvent, renamed)
        _follow(LedgerEntry, unshared)
        for model in UNDER_LOCKS:
            _follow(model, renamed)
    if gone := known.keys() - now.keys():
        KnownChannel.objects.filter(shop_id__in=gone).delete()
    KnownChannel.objects.bulk_create(
        [KnownChannel(shop_id=id, slug=slug) for id, slug in news.items()],
        update_conflicts=True,
        unique_fields=["shop_id"],
        update_fields=["slug"],
    )


@contextmanager
def names_held() -> Iterator[Mapping[str, str]]:
    """A transaction in which no rows follow a name, and the names by which they go. What belongs
    to no order is booked in one, and its channel read there: it has no order's lock that would
    keep its rows together."""
    with transaction.atomic():
        yield _locked_names()


def are_followed(known: Mapping[str, str]) -> bool:
    """Whether these are the names by which the shop calls its channels. Until they are, what is
    booked under a name of the shop's may be taken for that of whoever had the name before."""
    return all(known.get(id) == slug for id, slug in current_shop().channels().items())


def has_anothers_name(order: OrderView) -> Exists:
    """Whether an order's channel is called as rows here call another: see are_followed."""
    others = KnownChannel.objects.exclude(shop_id=order.channel_id)
    return Exists(others.filter(slug=order.channel))


def _locked_names() -> dict[str, str]:
    known = KnownChannel.objects.select_for_update().order_by("pk")
    return dict(known.values_list("shop_id", "slug"))


def shop_id(slug: str) -> str:
    """The shop's own id of the channel that it calls so now; empty if it has none."""
    return next((id for id, each in current_shop().channels().items() if each == slug), "")


def name_here(shop_id: str) -> str | None:
    """The name by which rows here go that are of the shop's channel with this id, whatever the
    shop calls it by now; None if there is no such channel."""
    known = KnownChannel.objects.filter(shop_id=shop_id).values_list("slug", flat=True).first()
    return known or current_shop().channels().get(shop_id)


def follow_order(collection: PaymentCollection, order: OrderView) -> None:
    """Follow the channel of one order at once. The order's lock is held."""
    if collection.channel != order.channel:
        collection.channel = order.channel
        collection.save(update_fields=["channel"])
        collection.links.update(channel=order.channel)
        for model in (RefundRequest, PaymentException):
            model.objects.filter(order_id=order.id).update(channel=order.channel)


def _follow(model: type[Model], renamed: Mapping[str, str]) -> None:
    """In one step, because channels can have changed names with each other."""
    by_new_name = Case(
        *(When(channel=old, then=Value(new)) for old, new in renamed.items()),
        default=F("channel"),
    )
    model._default_manager.filter(channel__in=renamed).update(channel=by_new_name)
