"""Earnings: what came in by itself, net of everything, per currency."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from saleor_paylink.days import Unit, periods
from saleor_paylink.earnings.ledger import MANUAL_PROVIDER
from saleor_paylink.earnings.rollups import Sums, sums
from saleor_paylink.money import Money

# Three years of days. A chart shows no more, and an answer should hold no more.
MOST_POINTS = 1100


class TooManyPoints(Exception):
    """A series would have more points than anybody can look at; says what to ask for instead."""


@dataclass(frozen=True)
class Figures:
    """Sums of one currency. `gross` is what came in, with its adjustments. `net` is gross less
    refunds, disputes and fees; a refund or dispute that came back counts no longer. `fees` are
    those known, with their corrections.

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
    _sums: Sequence[Sums] = field(repr=False, compare=False)
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
        by_start: dict[date, list[Sums]] = {start: [] for start in starts}
        for each in self._sums:
            by_start[each.start].append(each)
        return [
            Point(start=start, **_figures(self.currency, found))
            for start, found in by_start.items()
        ]


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
    # One reading for the figures in all and for their series: nothing is booked in between.
    found = sums(channels=channels, first=start, last=end, unit=unit)
    charted = _range(found, start, end)
    of_currency: dict[str, list[Sums]] = {}
    for each in found:
        of_currency.setdefault(each.currency, []).append(each)
    return [
        Earnings(
            currency=currency,
            fees_complete=all(each.fees_known == each.payments for each in of_it),
            _sums=of_it,
            _unit=unit,
            _range=charted,
            **_figures(currency, of_it),
        )
        for currency, of_it in sorted(of_currency.items())
    ]


@dataclass(frozen=True)
class OfProvider(Figures):
    """The sums of one currency at one provider: what its own report says."""

    currency: str
    provider: str


def by_provider(
    *,
    channels: Collection[str] | None = None,
    start: date | None = None,
    end: date | None = None,
) -> Sequence[OfProvider]:
    """What `earnings` of the same range are made of, sorted by currency and provider. Money that
    staff took themselves is at none."""
    found: dict[tuple[str, str], list[Sums]] = {}
    for each in sums(channels=channels, first=start, last=end, unit=Unit.MONTH, by_provider=True):
        if each.provider != MANUAL_PROVIDER:
            found.setdefault((each.currency, each.provider), []).append(each)
    return [
        OfProvider(currency=currency, provider=provider, **_figures(currency, of_it))
        for (currency, provider), of_it in sorted(found.items())
    ]


def _range(found: Sequence[Sums], start: date | None, end: date | None) -> tuple[date, date]:
    starts = [each.start for each in found] or [timezone.localdate()]
    first = min(starts) if start is None else start
    last = max(*starts, timezone.localdate()) if end is None else end
    return first, last


def _figures(currency: str, found: Sequence[Sums]) -> dict[str, Any]:
    """The fields of Figures."""

    def total(figure: str) -> Money:
        return Money(sum((getattr(each, figure) for each in found), Decimal(0)), currency)

    gross, refunded, disputed = total("gross"), total("refunded"), total("disputed")
    fees = total("fees")
    return {
        "gross": gross,
        "refunded": refunded,
        "disputed": disputed,
        "fees": fees,
        "net": gross - refunded - disputed - fees,
        "payment_count": sum(each.payments for each in found),
        "manual_gross": total("manual"),
        "manual_count": sum(each.manual_payments for each in found),
    }
