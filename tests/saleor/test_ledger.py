"""The ledger in Saleor's own database, and against Saleor's own figures."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from saleor.order.models import Order
from saleor.payment.models import Payment, TransactionEvent, TransactionItem
from saleor.payment.transaction_item_calculations import (
    calculate_transaction_amount_based_on_events,
    recalculate_transaction_amounts,
)

from saleor_paylink.earnings import rollups
from saleor_paylink.earnings.ledger import Account, Movement, book_many
from saleor_paylink.earnings.report import earnings
from saleor_paylink.links import verification
from saleor_paylink.models import LedgerEntry, LedgerKind, PendingEntry
from saleor_paylink.money import Money
from tests.saleor.orders import held

APP = "another.app"
# Long enough ago for paylink to have heard of it.
EARLIER = timezone.now() - timedelta(hours=1)
FIGURES = ["charged_value", "refunded_value", "refund_pending_value"]
# A year that nothing else here is of.
IN_1999 = {"start": date(1999, 1, 1), "end": date(1999, 12, 31)}


def of_app(order: Order, amount: str, reference: str) -> Movement:
    """Money that another app charged for an order."""
    account = Account(APP, order.channel.slug, order.pk)
    money, at = Money(Decimal(amount), "USD"), datetime(1999, 5, 4, 23, 30, tzinfo=UTC)
    return Movement(LedgerKind.CHARGE, account, money, reference, at, reference)


def what_is_said_of(order: Order) -> tuple[list[str], list[str]]:
    """What differs, and what is explained."""
    (found,) = [each for each in verification.verdicts() if each.order.id == order.pk]
    assert not found.moving
    return list(found.differs), list(found.explained)


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


def test_a_figure_of_another_app_that_no_event_explains_is_named_by_its_size() -> None:
    order = held()
    assert what_is_said_of(order) == ([], [])
    TransactionItem.objects.create(
        order=order, currency="USD", charged_value=Decimal(7), app_identifier=APP
    )

    assert what_is_said_of(order) == (
        ["The shop says that it holds $7.00 more that came in by itself than its records come to."],
        [],
    )


def test_a_figure_of_a_legacy_payment_that_no_transaction_explains_is_named_by_its_size() -> None:
    order = held()
    Payment.objects.create(
        order=order, gateway="a.gateway", currency="USD", total=30, captured_amount=Decimal(8)
    )

    assert what_is_said_of(order) == (
        ["The shop says that it holds $8.00 more that came in by itself than its records come to."],
        [],
    )


def test_money_of_others_is_named_until_it_is_taken_in() -> None:
    order = held()
    by_app = event_of(order, "charge_success", "7", "pi_1", app_identifier=APP)
    by_hand = event_of(order, "charge_success", "4", None)

    assert what_is_said_of(order) == (
        [
            "Not taken in, which paylink_ledger import does: "
            f"event:{by_app.pk} (charge $7.00), event:{by_hand.pk} (manual $4.00)."
        ],
        [],
    )
    call_command("paylink_ledger", "import")
    assert what_is_said_of(order) == ([], [])


def event_of(
    order: Order, type: str, amount: str, psp: str | None, **fields: str
) -> TransactionEvent:
    """An event that nobody has heard of, on a transaction of its own, with Saleor's figures."""
    item = TransactionItem.objects.create(order=order, currency="USD", **fields)
    event: TransactionEvent = item.events.create(
        type=type,
        amount_value=Decimal(amount),
        currency="USD",
        psp_reference=psp,
        created_at=EARLIER,
        include_in_calculations=True,
    )
    calculate_transaction_amount_based_on_events(item)
    TransactionItem.objects.bulk_update([item], FIGURES)
    return event


@pytest.mark.parametrize(
    ("fields", "psp", "kind"),
    [
        # The Dashboard's manual refund.
        ({}, None, "manual_returned"),
        # An app that states a refunded figure and no charged one, or reports without a reference.
        ({"app_identifier": APP}, None, "refund"),
        ({"app_identifier": APP}, "", "refund"),
    ],
)
def test_a_refund_that_saleor_does_not_take_off_is_explained(
    fields: dict[str, str], psp: str | None, kind: str
) -> None:
    order = held()
    event_of(order, "charge_success", "30", f"pi_{order.number}", app_identifier=APP)
    refund = event_of(order, "refund_success", "10", psp, **fields)
    call_command("paylink_ledger", "import")

    order.refresh_from_db()
    assert sum(each.charged_value for each in order.payment_transactions.all()) == 30
    assert what_is_said_of(order) == (
        [],
        [
            "Given back, and the shop does not take it off what it says was charged: "
            f"event:{refund.pk} ({kind} $10.00)."
        ],
    )


def test_a_refund_that_an_app_was_asked_for_is_explained() -> None:
    order = held()
    charge = event_of(order, "charge_success", "30", f"pi_{order.number}", app_identifier=APP)
    item = charge.transaction
    item.events.create(
        type="refund_request", amount_value=10, currency="USD", psp_reference=f"re_{order.number}",
        include_in_calculations=True,
    )  # fmt: skip
    recalculate_transaction_amounts(item)
    assert (item.charged_value, item.refund_pending_value) == (20, 10)

    assert what_is_said_of(order) == (
        [],
        [
            "$10.00 is asked to be given back: the shop takes it off already, and the ledger once "
            "it is gone."
        ],
    )


def test_what_is_read_does_not_grow_with_the_orders_that_have_money() -> None:
    def queries(orders: Sequence[Order]) -> int:
        with CaptureQueriesContext(connection) as made:
            found = verification._look([order.pk for order in orders])
        assert [each.reason for each in found] == [None] * len(orders)
        return len(made)

    orders = [held() for _number in range(4)]
    for order in orders:
        event_of(order, "charge_success", "7", f"pi_{order.number}", app_identifier=APP)
        event_of(order, "charge_success", "4", None)
        legacy_payment(order)
    call_command("paylink_ledger", "import")

    assert queries(orders) == queries(orders[:1])


def legacy_payment(order: Order) -> None:
    payment = Payment.objects.create(
        order=order, gateway="a.gateway", currency="USD", total=30, captured_amount=Decimal(5)
    )
    payment.transactions.create(
        kind="capture", amount=5, currency="USD", is_success=True, token="", gateway_response={}
    )


def test_orders_that_are_gone_are_counted() -> None:
    before = verification.of_gone_orders()
    order = held()
    book_many([of_app(order, "7", f"gone_{order.number}")])

    order.delete()

    assert verification.of_gone_orders() == before + 1
