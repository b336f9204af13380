"""The movements that earnings are the sums of, one by one: what is in a list of them or a file."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from saleor_paylink.days import Unit, within
from saleor_paylink.earnings import rollups
from saleor_paylink.earnings.ledger import FEES
from saleor_paylink.links.changes import BY_HAND
from saleor_paylink.links.dues import DIRECTION
from saleor_paylink.links.listing import Page, Position, Sorting, page
from saleor_paylink.models import LedgerEntry, LedgerKind
from saleor_paylink.money import Money
from saleor_paylink.shop import current_shop

NEWEST_FIRST = Sorting("occurred_at", descending=True)
OLDEST_FIRST = Sorting("occurred_at")

# What each kind does to the net of the earnings; to manual money, what it does to the sum of that.
EFFECT = {**DIRECTION, **BY_HAND, **dict.fromkeys(FEES, -1)}


def effect(entry: LedgerEntry) -> Money:
    """What an entry adds to the net, or takes from it."""
    return EFFECT[LedgerKind(entry.kind)] * entry.money


@dataclass(frozen=True)
class Wanted:
    """Which movements: on the days from `start` to `end` inclusive, of the site's time zone.
    `channels` are slugs. What is None is not asked for."""

    channels: Collection[str] | None = None
    currency: str | None = None
    start: date | None = None
    end: date | None = None

    def has_day(self, entry: LedgerEntry) -> bool:
        """Whether an entry was settled on one of these days."""
        day = timezone.localdate(entry.occurred_at)
        return (self.start is None or day >= self.start) and (self.end is None or day <= self.end)

    def has_channel(self, channel: str) -> bool:
        return self.channels is None or channel in self.channels

    def has_currency(self, currency: str) -> bool:
        return self.currency is None or currency == self.currency

    def has(self, entry: LedgerEntry) -> bool:
        """Whether an entry is one of them."""
        return (
            self.has_day(entry)
            and self.has_channel(entry.channel)
            and self.has_currency(entry.currency)
        )


@dataclass(frozen=True)
class Line:
    """A movement, with the number of its order; None where that is gone or was never known."""

    entry: LedgerEntry
    order_number: str | None

    @property
    def in_earnings(self) -> bool:
        """Not where staff took the money themselves. Those that are add up to the net."""
        return self.entry.kind not in BY_HAND


def entries(wanted: Wanted) -> "QuerySet[LedgerEntry]":
    """Those wanted, in no order yet."""
    found = within(LedgerEntry.objects.all(), "occurred_at", wanted.start, wanted.end)
    if wanted.channels is not None:
        found = found.filter(channel__in=wanted.channels)
    if wanted.currency is not None:
        found = found.filter(currency=wanted.currency)
    return found


def counts(wanted: Wanted) -> Mapping[str, int]:
    """How many there are in each currency: by the daily sums, because a million of them are not
    counted quickly."""
    found: Counter[str] = Counter()
    for each in rollups.sums(
        channels=wanted.channels, first=wanted.start, last=wanted.end, unit=Unit.MONTH
    ):
        if wanted.has_currency(each.currency):
            found[each.currency] += each.movements
    return found


def newest(
    wanted: Wanted, limit: int, beyond: Position | None = None, *, backwards: bool = False
) -> Page[LedgerEntry]:
    """So many of them after the position `beyond`, or before it. Raises NotAPosition."""
    return page(entries(wanted), NEWEST_FIRST, limit, beyond, backwards=backwards)


def lines(found: Sequence[LedgerEntry]) -> list[Line]:
    """What is shown of them. One more reading, however many there are."""
    ids = {entry.order_id for entry in found if entry.order_id is not None}
    numbers = current_shop().order_numbers(ids) if ids else {}
    return [Line(entry, numbers.get(entry.order_id) if entry.order_id else None) for entry in found]
