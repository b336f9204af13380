"""For any history, whatever of it is folded: the report is a naive sum over all that was booked."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saleor_paylink.days import Unit
from saleor_paylink.earnings import report, rollups
from saleor_paylink.earnings.ledger import Account, Movement, book, book_many
from saleor_paylink.models import SIGNED, LedgerEntry, LedgerKind
from saleor_paylink.money import Money
from tests.unit.earnings import naive

CHANNELS = ("shop", "other", "third")
CURRENCIES = ("USD", "JPY", "KWD")
PROVIDERS = ("stripe", "saleor.app.payment.stripe")
# Zones with the days that are odd in them: no day at all, 23 or 25 hours, no midnight, or an offset
# of three quarters; and month and year ends.
EDGES = {
    "UTC": (date(2024, 2, 29), date(2025, 1, 1)),
    "Asia/Kathmandu": (date(2025, 12, 31), date(2026, 2, 28)),
    "Pacific/Apia": (date(2011, 12, 29), date(2011, 12, 31), date(2012, 1, 2)),
    "Europe/Warsaw": (date(2026, 3, 29), date(2026, 10, 25), date(2026, 5, 31)),
    "America/Sao_Paulo": (date(2018, 11, 4), date(2018, 2, 17)),
    "America/St_Johns": (date(2026, 3, 8), date(2026, 11, 1)),
}
SOON = st.sampled_from([0, 1, -1, 3600, -3600, 12 * 3600, 86_399, 3 * 86_400, -9 * 86_400])


class Asked(NamedTuple):
    channels: Collection[str] | None
    start: date | None
    end: date | None
    unit: Unit


@st.composite
def moments(draw: st.DrawFn, zone: str) -> datetime:
    """About the midnights of odd days, to the microsecond."""
    day = draw(st.sampled_from(EDGES[zone]))
    midnight = datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)
    return midnight + timedelta(
        seconds=draw(SOON), microseconds=draw(st.sampled_from([0, -1, 999_999]))
    )


@st.composite
def movements(draw: st.DrawFn, zone: str) -> Movement:
    kind = draw(st.sampled_from(LedgerKind))
    amount = Decimal(draw(st.integers(0, 2_000_000))).scaleb(-3)
    if kind in SIGNED and draw(st.booleans()):
        amount = -amount
    # Few, so that charges have fees, and much is told twice.
    reference = f"pi_{draw(st.integers(0, 5))}"
    account = Account(draw(st.sampled_from(PROVIDERS)), draw(st.sampled_from(CHANNELS)), None)
    money = Money(amount, draw(st.sampled_from(CURRENCIES)))
    return Movement(kind, account, money, reference, draw(moments(zone)), reference)


@st.composite
def questions(draw: st.DrawFn, zone: str) -> Asked:
    bound = st.none() | st.builds(
        lambda day, more: day + timedelta(days=more),
        st.sampled_from(EDGES[zone]),
        st.sampled_from([0, 0, 1, -1, 7, -7, 31]),
    )
    channels = st.none() | st.lists(st.sampled_from(CHANNELS), max_size=2)
    return Asked(draw(channels), draw(bound), draw(bound), draw(st.sampled_from(Unit)))


@st.composite
def histories(draw: st.DrawFn) -> tuple[str, list[object]]:
    """A zone, and what happens in turn: movements are booked, sums are folded, a channel takes
    another's name, somebody asks."""
    zone = draw(st.sampled_from(list(EDGES)))
    step = st.one_of(
        st.lists(movements(zone), min_size=1, max_size=8),
        st.lists(movements(zone), min_size=1, max_size=8),
        st.just("fold"),
        st.just("fold"),
        st.permutations(CHANNELS),
        questions(zone),
        questions(zone),
    )
    return zone, [*draw(st.lists(step, min_size=1, max_size=12)), draw(questions(zone))]


@pytest.mark.django_db
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(histories())
def test_the_report_is_the_sum_over_the_history(history: tuple[str, list[object]]) -> None:
    zone, steps = history
    with override_settings(TIME_ZONE=zone), transaction.atomic():
        ledger = naive.Ledger()
        for step in steps:
            match step:
                case "fold":
                    rollups.fold()
                case Asked():
                    compare(ledger, zone, step)
                case [Movement(), *_]:
                    compare_booking(ledger, step)
                case [old, new, _]:
                    LedgerEntry.objects.filter(channel=old).update(channel=new)
                    ledger.rename(old, new)
            assert rollups.differences() == []
        transaction.set_rollback(True)


def compare_booking(ledger: naive.Ledger, news: list[Movement]) -> None:
    """One is booked by itself, several together."""
    if len(news) == 1:
        (one,) = news
        entry = book(one.kind, one.account, one.amount, one.reference, one.occurred_at, one.payment)
        assert (entry is not None) == ledger.book(news)
    else:
        assert book_many(news) == ledger.book(news)


def compare(ledger: naive.Ledger, zone: str, asked: Asked) -> None:
    expected = ledger.earnings(zone, *asked)
    channels, start, end, unit = asked
    told = report.earnings(channels=channels, start=start, end=end, unit=unit)
    assert [row.currency for row in told] == sorted(expected)
    for row in told:
        its = expected[row.currency]
        assert naive.told_by(row) == its.figures
        assert row.fees_complete == its.fees_complete
        try:
            points = row.series()
        except report.TooManyPoints:
            continue
        assert {p.start: naive.told_by(p) for p in points if p.start in its.series} == its.series
        nothing = naive.figures([])
        assert all(naive.told_by(p) == nothing for p in points if p.start not in its.series)
