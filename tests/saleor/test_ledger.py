"""The ledger in Saleor's own database, and against Saleor's own figures."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from saleor.order.models import Order
from saleor.payment.models import TransactionItem

from saleor_paylink.earnings import rollups
from saleor_paylink.earnings.ledger import Account, Movement, book_many
from saleor_paylink.earnings.report import earnings
from saleor_paylink.links import verification
from saleor_paylink.links.changes import order_changed
from saleor_paylink.models import LedgerEntry, LedgerKind, PendingEntry
from saleor_paylink.money import Money
from tests.saleor.orders import held, link_of

APP = "another.app"
# A year that nothing else here is of.
IN_1999 = {"start": date(1999, 1, 1), "end": date(1999, 12, 31)}


def of_app(order: Order, amount: str, reference: str) -> Movement:
    """Money that another app charged for an order."""
    account = Account(APP, order.channel.slug, order.pk)
    money, at = Money(Decimal(amount), "USD"), datetime(1999, 5, 4, 23, 30, tzinfo=UTC)
    return Movement(LedgerKind.CHARGE, account, money, reference, at, reference)


def what_is_said_of(order: Order) -> list[str | None]:
    return [each.reason for each in verification.verdicts() if each.order.id == order.pk]


def test_what_is_booked_counts_before_and_after_it_is_folded() -> None:
    order = held()
    news = [of_app(order, "7", "folded_1"), of_app(order, "5", "folded_2")]

    assert (book_many(news), book_many(news)) == (2, 0)
    (before,) = earnings(**IN_1999)
    rollups.fold()

    assert earnings(**IN_1999) == [before]
    assert (before.gross.amount, before.payment_count, before.fees_complete) == (12, 2, False)
    assert not PendingEntry.objects.exists()
    assert rollups.differences() == []


def test_an_entry_is_never_changed_nor_deleted() -> None:
    book_many([of_app(held(), "7", "kept")])
    entries = LedgerEntry.objects.filter(reference="kept")

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        entries.update(amount=1)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        entries.delete()

    assert entries.get().amount == 7


def test_money_of_another_app_is_named_until_it_was_taken_in() -> None:
    order = held()
    assert what_is_said_of(order) == [None]
    TransactionItem.objects.create(
        order=order, currency="USD", charged_value=Decimal(7), app_identifier=APP
    )

    assert what_is_said_of(order) == [
        "The shop holds $7.00 that came in by itself and is not booked: "
        "money of other apps that was not taken in."
    ]
    book_many([of_app(order, "7", f"taken_{order.number}")])
    assert what_is_said_of(order) == [None]


def test_money_taken_by_hand_is_named_until_it_is_booked() -> None:
    order = held()
    link_of(order)
    TransactionItem.objects.create(order=order, currency="USD", charged_value=Decimal(4))

    assert what_is_said_of(order) == ["$4.00 that staff took by hand is not booked."]
    order_changed(order.pk)
    assert what_is_said_of(order) == [None]


def test_orders_that_are_gone_are_counted() -> None:
    before = verification.of_gone_orders()
    order = held()
    book_many([of_app(order, "7", f"gone_{order.number}")])

    order.delete()

    assert verification.of_gone_orders() == before + 1
