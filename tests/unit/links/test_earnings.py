"""Earnings: automated money net of everything, manual money apart."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

from saleor_paylink.earnings.report import earnings
from saleor_paylink.models import LedgerEntry, LedgerKind

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
