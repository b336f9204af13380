"""Earnings: automated money net of everything, manual money apart."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from saleor_paylink.days import Unit
from saleor_paylink.earnings.report import MOST_POINTS, Earnings, TooManyPoints, earnings
from saleor_paylink.models import LedgerEntry, LedgerKind
from saleor_paylink.money import zero

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def booked(
    kind: LedgerKind,
    amount: str,
    *,
    currency: str = "USD",
    channel: str = "shop",
    reference: str | None = None,
    at: datetime = NOON,
) -> None:
    LedgerEntry.objects.create(
        kind=kind,
        provider="manual" if kind == LedgerKind.MANUAL else "stripe",
        reference=reference or str(uuid4()),
        order_id=uuid4(),
        channel=channel,
        amount=Decimal(amount),
        currency=currency,
        occurred_at=at,
    )


def test_net_is_gross_less_refunds_disputes_and_fees(transactional_db: None) -> None:
    booked(LedgerKind.CHARGE, "100.00", reference="pi_1")
    booked(LedgerKind.FEE, "3.20", reference="pi_1")
    booked(LedgerKind.CHARGE, "50.00", reference="pi_2")
    booked(LedgerKind.FEE, "1.75", reference="pi_2")
    booked(LedgerKind.REFUND, "20.00")
    booked(LedgerKind.DISPUTE, "50.00")
    booked(LedgerKind.MANUAL, "999.00")

    (usd,) = earnings()

    assert (usd.currency, usd.payment_count, usd.fees_complete) == ("USD", 2, True)
    assert usd.gross.amount == Decimal("150.000")
    assert usd.refunded.amount == Decimal("20.000")
    assert usd.disputed.amount == Decimal("50.000")
    assert usd.fees.amount == Decimal("4.950")
    assert usd.net.amount == Decimal("75.050")
    assert (usd.manual_gross.amount, usd.manual_count) == (Decimal("999.000"), 1)


def test_a_fee_that_is_not_known_yet_is_said(transactional_db: None) -> None:
    booked(LedgerKind.CHARGE, "100.00", reference="pi_1")

    (usd,) = earnings()

    assert (usd.fees.amount, usd.fees_complete) == (0, False)


def test_currencies_are_never_added_up(transactional_db: None) -> None:
    booked(LedgerKind.CHARGE, "100.00")
    booked(LedgerKind.CHARGE, "100.00", currency="EUR")

    assert [(each.currency, str(each.gross.amount)) for each in earnings()] == [
        ("EUR", "100.000"),
        ("USD", "100.000"),
    ]


def test_only_the_channels_asked_for_count(transactional_db: None) -> None:
    booked(LedgerKind.CHARGE, "100.00")
    booked(LedgerKind.CHARGE, "7.00", channel="other")

    (usd,) = earnings(channels=["other"])

    assert usd.gross.amount == Decimal("7.000")
    assert earnings(channels=[]) == []


def test_both_ends_of_a_range_count(transactional_db: None) -> None:
    booked(LedgerKind.CHARGE, "1.00", at=datetime(2026, 3, 9, 23, 59, 59, 999999, tzinfo=UTC))
    booked(LedgerKind.CHARGE, "2.00", at=datetime(2026, 3, 10, tzinfo=UTC))
    booked(LedgerKind.CHARGE, "4.00", at=datetime(2026, 3, 11, 23, 59, 59, 999999, tzinfo=UTC))
    booked(LedgerKind.CHARGE, "8.00", at=datetime(2026, 3, 12, tzinfo=UTC))

    (both,) = earnings(start=date(2026, 3, 10), end=date(2026, 3, 11))
    (until,) = earnings(end=date(2026, 3, 10))

    assert both.gross.amount == Decimal("6.000")
    assert until.gross.amount == Decimal("3.000")


# ---------------------------------------------------------------- series


def moved(row: Earnings) -> dict[str, str]:
    """By start: gross, of the points that have some."""
    return {str(each.start): str(each.gross.amount) for each in row.series() if each.gross.amount}


def starts(row: Earnings) -> list[str]:
    return [str(each.start) for each in row.series()]


def test_days_without_movements_are_points_too(transactional_db: None) -> None:
    booked(LedgerKind.CHARGE, "1.00", at=datetime(2026, 3, 9, 23, 59, tzinfo=UTC))
    booked(LedgerKind.CHARGE, "2.00", at=datetime(2026, 3, 11, tzinfo=UTC))

    (usd,) = earnings(start=date(2026, 3, 8), end=date(2026, 3, 12))

    assert [(str(each.start), str(each.gross.amount)) for each in usd.series()] == [
        ("2026-03-08", "0"),
        ("2026-03-09", "1.000"),
        ("2026-03-10", "0"),
        ("2026-03-11", "2.000"),
        ("2026-03-12", "0"),
    ]


def test_weeks_begin_on_mondays_also_where_the_range_begins_later(transactional_db: None) -> None:
    # A Sunday, and the Monday after.
    booked(LedgerKind.CHARGE, "1.00", at=datetime(2026, 3, 8, 23, 59, tzinfo=UTC))
    booked(LedgerKind.CHARGE, "2.00", at=datetime(2026, 3, 9, tzinfo=UTC))
    booked(LedgerKind.CHARGE, "4.00", at=datetime(2026, 3, 3, tzinfo=UTC))

    (usd,) = earnings(start=date(2026, 3, 4), end=date(2026, 3, 16), unit=Unit.WEEK)

    assert starts(usd) == ["2026-03-02", "2026-03-09", "2026-03-16"]
    # What came in on the 3rd is not of the range.
    assert moved(usd) == {"2026-03-02": "1.000", "2026-03-09": "2.000"}


def test_months_of_two_years(transactional_db: None) -> None:
    booked(LedgerKind.CHARGE, "1.00", at=datetime(2025, 12, 31, 23, 59, tzinfo=UTC))
    booked(LedgerKind.CHARGE, "2.00", at=datetime(2026, 1, 1, tzinfo=UTC))

    (usd,) = earnings(start=date(2025, 11, 30), end=date(2026, 2, 1), unit=Unit.MONTH)

    assert starts(usd) == ["2025-11-01", "2025-12-01", "2026-01-01", "2026-02-01"]
    assert moved(usd) == {"2025-12-01": "1.000", "2026-01-01": "2.000"}


def test_days_are_the_sites(transactional_db: None) -> None:
    """On the day on which the clock is put forward, too."""
    booked(LedgerKind.CHARGE, "1.00", at=datetime(2026, 3, 28, 22, 59, tzinfo=UTC))
    booked(LedgerKind.CHARGE, "2.00", at=datetime(2026, 3, 28, 23, 0, tzinfo=UTC))
    booked(LedgerKind.CHARGE, "4.00", at=datetime(2026, 3, 29, 21, 59, tzinfo=UTC))
    booked(LedgerKind.CHARGE, "8.00", at=datetime(2026, 3, 29, 22, 0, tzinfo=UTC))

    with timezone.override("Europe/Warsaw"):
        (usd,) = earnings(start=date(2026, 3, 28), end=date(2026, 3, 30))

    assert moved(usd) == {"2026-03-28": "1.000", "2026-03-29": "6.000", "2026-03-30": "8.000"}


@pytest.mark.parametrize("unit", Unit)
def test_the_points_add_up_to_the_sums(transactional_db: None, unit: Unit) -> None:
    for day, kind in enumerate([*LedgerKind, *LedgerKind, *reversed(LedgerKind)]):
        for currency in ("USD", "EUR"):
            at = NOON + timedelta(days=3 * day)
            booked(kind, f"{day * 7 + 1}.01", currency=currency, at=at)

    for row in earnings(end=date(2026, 7, 1), unit=unit):
        points = row.series()
        for name in ("gross", "refunded", "disputed", "fees", "net", "manual_gross"):
            total = sum((getattr(each, name) for each in points), zero(row.currency))
            assert total == getattr(row, name), name
        assert sum(each.payment_count for each in points) == row.payment_count == 3
        assert sum(each.manual_count for each in points) == row.manual_count == 3


def test_a_series_without_bounds_goes_from_the_first_movement_until_today(
    transactional_db: None,
) -> None:
    now = timezone.now()
    booked(LedgerKind.CHARGE, "1.00", at=now - timedelta(days=2))
    booked(LedgerKind.MANUAL, "1.00", currency="EUR", at=now - timedelta(days=1))

    eur, usd = earnings()

    assert starts(eur) == starts(usd)
    assert starts(usd) == [str((now - timedelta(days=n)).date()) for n in (2, 1, 0)]


@pytest.mark.parametrize(
    ("unit", "longest"),
    [
        (Unit.DAY, date(2026, 3, 8) + timedelta(days=MOST_POINTS - 1)),
        (Unit.WEEK, date(2026, 3, 8) + timedelta(days=7 * (MOST_POINTS - 1))),
        (Unit.MONTH, date(2117, 10, 31)),
    ],
)
def test_a_series_has_an_end(transactional_db: None, unit: Unit, longest: date) -> None:
    booked(LedgerKind.CHARGE, "1.00")

    (usd,) = earnings(start=date(2026, 3, 8), end=longest, unit=unit)
    assert len(usd.series()) == MOST_POINTS
    (usd,) = earnings(start=date(2026, 3, 8), end=longest + timedelta(days=1), unit=unit)
    with pytest.raises(TooManyPoints, match="more than 1100 points"):
        usd.series()
    # The sums are there all the same.
    assert usd.gross.amount == 1


@pytest.mark.parametrize("unit", Unit)
def test_from_the_first_day_of_all_to_the_last_there_are_sums(
    transactional_db: None, unit: Unit
) -> None:
    booked(LedgerKind.CHARGE, "1.00")

    (usd,) = earnings(start=date.min, end=date.max, unit=unit)

    assert usd.gross.amount == 1
    with pytest.raises(TooManyPoints):
        usd.series()


def test_a_range_that_ends_before_it_begins_is_empty(transactional_db: None) -> None:
    booked(LedgerKind.CHARGE, "1.00")

    assert earnings(start=date(2026, 3, 11), end=date(2026, 3, 9)) == []
