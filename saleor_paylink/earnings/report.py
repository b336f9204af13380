"""Earnings: what came in by itself, net of everything, per currency."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, DateField, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Trunc
from django.utils import timezone
from django.utils.translation import gettext as _

from saleor_paylink.days import Unit, periods, within
from saleor_paylink.models import LedgerEntry, LedgerKind
from saleor_paylink.money import Money

# Three years of days. A chart shows no more, and an answer should hold no more.
MOST_POINTS = 1100


class TooManyPoints(Exception):
    """A series would have more points than anybody can look at; says what to ask for instead."""


@dataclass(frozen=True)
class Figures:
    """Sums of one currency. `net` is gross less refunds, disputes and fees; a refund or dispute
    that came back counts no longer. `fees` are those known.

    Manual money, less what staff gave back of it, stands apart and is in none of the other
    figures.
    """

    gross: Money
    refunded: Money
    disputed: Money
    fees: Money
    net: Money
    payment_count: int
    manual_gross: Money
    manual_count: int


@dataclass(frozen=True)
class Point(Figures):
    """The sums of one day, week or month, of which `start` is the first day: also where the
    range begins later."""

    start: date


@dataclass(frozen=True)
class Earnings(Figures):
    """The sums of one currency in all. `fees_complete` says whether the provider has reported
    the fee of every payment."""

    currency: str
    fees_complete: bool
    _movements: "Sequence[_Movements]" = field(repr=False, compare=False)
    _unit: Unit = field(repr=False, compare=False)
    _range: tuple[date, date] = field(repr=False, compare=False)

    def series(self) -> Sequence[Point]:
        """A point for each day, week or month of the range, also where nothing moved: their sums
        are those in all. Raises TooManyPoints."""
        starts = periods(*self._range, self._unit, at_most=MOST_POINTS)
        if starts is None:
            raise TooManyPoints(
                _("This range has more than %(most)s points. Ask for a shorter one, or by month.")
                % {"most": MOST_POINTS}
            )
        by_start: dict[date, list[_Movements]] = {start: [] for start in starts}
        for each in self._movements:
            by_start[each.start].append(each)
        return [
            Point(start=start, **_figures(self.currency, found))
            for start, found in by_start.items()
        ]


@dataclass(frozen=True)
class _Movements:
    """All movements of a kind in a currency within a day, week or month."""

    currency: str
    kind: str
    start: date
    total: Decimal
    count: int


def earnings(
    *,
    channels: Collection[str] | None = None,
    start: date | None = None,
    end: date | None = None,
    unit: Unit = Unit.DAY,
) -> Sequence[Earnings]:
    """One entry per currency, sorted by it, for movements from `start` to `end` inclusive.

    Days are those of the site's time zone. `channels` are slugs; None: every channel. Without a
    `start`, series begin with the first movement; without an `end`, they end today.
    """
    entries = within(LedgerEntry.objects.all(), "occurred_at", start, end)
    if channels is not None:
        entries = entries.filter(channel__in=channels)
    # One reading for the sums and for their series: nothing is booked in between.
    movements = _movements(entries, unit)
    incomplete = _currencies_with_unknown_fees(entries)
    charted = _range(movements, start, end)
    found: dict[str, list[_Movements]] = {}
    for each in movements:
        found.setdefault(each.currency, []).append(each)
    return [
        Earnings(
            currency=currency,
            fees_complete=currency not in incomplete,
            _movements=of_it,
            _unit=unit,
            _range=charted,
            **_figures(currency, of_it),
        )
        for currency, of_it in sorted(found.items())
    ]


def _movements(entries: "QuerySet[LedgerEntry]", unit: Unit) -> list[_Movements]:
    start = Trunc("occurred_at", unit.value, output_field=DateField())
    sums = entries.values_list("currency", "kind", start).annotate(Sum("amount"), Count("id"))
    return [_Movements(*each) for each in sums]


def _range(
    movements: Sequence[_Movements], start: date | None, end: date | None
) -> tuple[date, date]:
    starts = [each.start for each in movements] or [timezone.localdate()]
    first = min(starts) if start is None else start
    last = max(*starts, timezone.localdate()) if end is None else end
    return first, last


def _currencies_with_unknown_fees(entries: "QuerySet[LedgerEntry]") -> set[str]:
    fee = LedgerEntry.objects.filter(
        kind=LedgerKind.FEE, provider=OuterRef("provider"), reference=OuterRef("reference")
    )
    charges = entries.filter(Q(kind=LedgerKind.CHARGE) & ~Exists(fee))
    return set(charges.values_list("currency", flat=True))


def _figures(currency: str, movements: Iterable[_Movements]) -> dict[str, Any]:
    """The fields of Figures."""
    totals: defaultdict[str, Decimal] = defaultdict(Decimal)
    counts: Counter[str] = Counter()
    for each in movements:
        totals[each.kind] += each.total
        counts[each.kind] += each.count

    def total(kind: LedgerKind, less: LedgerKind | None = None) -> Money:
        return Money(totals[kind] - (totals[less] if less else 0), currency)

    gross, fees = total(LedgerKind.CHARGE), total(LedgerKind.FEE)
    refunded = total(LedgerKind.REFUND, LedgerKind.REFUND_REVERSAL)
    disputed = total(LedgerKind.DISPUTE, LedgerKind.DISPUTE_REVERSAL)
    return {
        "gross": gross,
        "refunded": refunded,
        "disputed": disputed,
        "fees": fees,
        "net": gross - refunded - disputed - fees,
        "payment_count": counts[LedgerKind.CHARGE],
        "manual_gross": total(LedgerKind.MANUAL, LedgerKind.MANUAL_RETURNED),
        "manual_count": counts[LedgerKind.MANUAL],
    }
