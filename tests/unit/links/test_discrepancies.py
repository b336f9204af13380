"""Each reason why ledger and shop do not agree on an order's money, and that it is the true one."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from saleor_paylink.earnings.ledger import Account, book
from saleor_paylink.earnings.takings import book_rows
from saleor_paylink.links import verification
from saleor_paylink.links.changes import order_changed
from saleor_paylink.links.refunds import request_for_shop
from saleor_paylink.links.settlement import settle
from saleor_paylink.models import LedgerEntry, LedgerKind, PaymentAttempt, TakenRow
from saleor_paylink.money import Money
from saleor_paylink.shop import ShopRow, Taking
from sandbox.shop.books import SandboxBooks
from sandbox.shop.models import Order, Transaction, TransactionEvent
from sandbox.stripe import Simulator
from tests.unit.links.helpers import CLERK, Customer
from tests.unit.links.moving import CHARGED, EARLIER, OtherBooks, installed, move
from tests.unit.links.multitude import queries_to_verify


def said_of(order: Order) -> tuple[list[str], list[str]]:
    """What differs, and what is explained."""
    (verdict,) = [each for each in verification.verdicts() if each.order.id == order.id]
    assert not verdict.moving
    return list(verdict.differs), list(verdict.explained)


def differs(order: Order) -> list[str]:
    found, explained = said_of(order)
    assert explained == []
    return found


def explained(order: Order) -> list[str]:
    found, why = said_of(order)
    assert found == []
    return why


def of_app(order: Order) -> Transaction:
    taken: Transaction = order.transactions.create(source="app")
    return taken


@pytest.fixture
def charge(customer: Customer, simulator: Simulator) -> LedgerEntry:
    """25 USD, paid over the link, that the shop was told of."""
    simulator.pay(customer.session())
    settle(PaymentAttempt.objects.get().id)
    return LedgerEntry.objects.get(kind="charge")


# What differs


def test_rows_that_are_not_taken_in_are_named_until_they_are(order: Order) -> None:
    taken = of_app(order)
    first, second = move(taken, "7", EARLIER), move(taken, "-2", EARLIER)
    by_hand = move(order.transactions.create(is_manual=True), "4", EARLIER)

    assert differs(order) == [
        "Not taken in, which paylink_ledger import does: "
        f"event:{first.pk} (charge $7.00), event:{second.pk} (refund $2.00), "
        f"event:{by_hand.pk} (manual $4.00)."
    ]
    call_command("paylink_ledger", "import")
    assert differs(order) == []


def test_rows_that_make_up_for_each_other_are_named_all_the_same(order: Order) -> None:
    """The sums agree: of neither the ledger has anything."""
    taken = of_app(order)
    first, second = move(taken, "7", EARLIER), move(taken, "-7", EARLIER)

    (reason,) = differs(order)

    assert f"event:{first.pk} (charge $7.00), event:{second.pk} (refund $7.00)" in reason


def test_what_the_shop_has_recorded_just_now_is_on_its_way(order: Order) -> None:
    move(of_app(order), "7")

    (verdict,) = verification.verdicts()

    assert (verdict.differs, verdict.moving) == ([], True)


def test_a_figure_without_records_is_named_by_its_size(order: Order, customer: Customer) -> None:
    taken = of_app(order)
    move(taken, "10", EARLIER)
    order_changed(order.id)
    Transaction.objects.update(charged=13)
    assert differs(order) == [
        "The shop says that it holds $3.00 more that came in by itself than its records come to."
    ]
    Transaction.objects.update(charged=4)
    assert differs(order) == [
        "The shop says that it holds $6.00 less that came in by itself than its records come to."
    ]
    assert LedgerEntry.objects.get().amount == 10


def test_automated_money_and_money_by_hand_are_compared_apart(
    charge: LedgerEntry, order: Order
) -> None:
    Transaction.objects.update(is_manual=True)

    assert differs(order) == [
        "The shop says that it holds $25.00 less that came in by itself than its records come to.",
        "The shop says that it holds $25.00 more that staff took by hand than its records come to.",
    ]


def test_a_payment_that_the_shop_was_told_of_and_lost_is_named(
    charge: LedgerEntry, order: Order
) -> None:
    TransactionEvent.objects.all().delete()
    Transaction.objects.all().delete()

    assert differs(order) == [
        f"The shop was told of it, and has no record: charge $25.00 of stripe ({charge.reference})."
    ]


def test_a_figure_of_paylinks_own_record_that_was_changed_is_named(
    charge: LedgerEntry, order: Order
) -> None:
    Transaction.objects.update(charged=20)

    assert differs(order) == [
        "The shop says that it holds $5.00 less that came in by itself than its records come to."
    ]


def test_entries_that_the_shop_has_no_row_of_are_named(order: Order) -> None:
    event = move(of_app(order), "7", EARLIER)
    call_command("paylink_ledger", "import")
    event.delete()
    Transaction.objects.update(charged=0)

    assert differs(order) == [
        "Booked as read in the shop's books, and not there: "
        f"charge $7.00 of app (event:{event_pk(order)})."
    ]


def event_pk(order: Order) -> str:
    reference = LedgerEntry.objects.get(order_id=order.id).reference
    return reference.removeprefix("event:")


def test_rows_that_are_taken_and_not_in_the_ledger_are_named(order: Order) -> None:
    event = move(of_app(order), "7", EARLIER)
    TakenRow.objects.create(key=f"event:{event.pk}")

    assert differs(order) == [
        f"Taken in, and the ledger has nothing of it: event:{event.pk} (charge $7.00)."
    ]


# What is explained


def test_a_refund_that_the_shop_does_not_take_off_is_explained(order: Order) -> None:
    move(of_app(order), "10", EARLIER)
    beside = order.transactions.create(is_manual=True)
    event = beside.events.create(
        type=TransactionEvent.Type.REFUND_SUCCESS, amount=4, created_at=EARLIER
    )

    with installed(OtherBooks(Beside(f"event:{event.pk}"))):
        call_command("paylink_ledger", "import")
        assert explained(order) == [
            "Given back, and the shop does not take it off what it says was charged: "
            f"event:{event.pk} (manual_returned $4.00)."
        ]


class Beside(SandboxBooks):
    """One row is in no figure of the shop's."""

    def __init__(self, key: str) -> None:
        self._key = key

    def rows_of_orders(self, order_ids: Any) -> Any:
        return {
            order_id: [
                ShopRow(row.key, row.taking, in_figures=row.key != self._key) for row in rows
            ]
            for order_id, rows in super().rows_of_orders(order_ids).items()
        }


def test_money_that_is_asked_to_be_given_back_is_explained(
    charge: LedgerEntry, order: Order
) -> None:
    Transaction.objects.update(charged=15, refund_pending=10)

    assert explained(order) == [
        "$10.00 is asked to be given back: the shop takes it off already, and the ledger once it "
        "is gone."
    ]
    Transaction.objects.update(charged=14)
    assert said_of(order)[0] == [
        "The shop says that it holds $1.00 less that came in by itself than its records come to."
    ]


def test_a_refund_on_its_way_that_the_shop_did_not_ask_for_is_no_difference(
    charge: LedgerEntry, order: Order, simulator: Simulator
) -> None:
    simulator.delay_refunds(charge.reference)
    request_for_shop(order.id, charge.reference, Money(Decimal(10), "USD"), "ask-1", CLERK)
    assert not LedgerEntry.objects.filter(kind="refund").exists()

    assert said_of(order) == ([], [])


def test_a_dispute_is_between_bank_and_merchant(
    charge: LedgerEntry, order: Order, simulator: Simulator
) -> None:
    simulator.dispute(charge.reference)
    settle(PaymentAttempt.objects.get().id)
    assert explained(order) == ["$25.00 is disputed: the shop is not told, and holds it still."]

    simulator.close_dispute(charge.reference, "won")
    settle(PaymentAttempt.objects.get().id)
    assert LedgerEntry.objects.filter(kind="dispute_reversal").exists()
    assert said_of(order) == ([], [])


def test_money_of_another_currency_is_not_the_orders(charge: LedgerEntry, order: Order) -> None:
    """The shop is not told of it: a person has to decide."""
    account = Account("stripe", "shop", order.id, charge.attempt)
    book(LedgerKind.CHARGE, account, Money(Decimal(9), "EUR"), "pi_eur", timezone.now())

    assert explained(order) == [
        "Of another currency than the order, and not told to the shop: "
        "charge €9.00 of stripe (pi_eur)."
    ]


def test_money_that_the_shop_calls_somebody_elses_by_now_is_explained(order: Order) -> None:
    """The app that vouched for it is gone."""
    event = move(of_app(order), "7", EARLIER)
    call_command("paylink_ledger", "import")

    Transaction.objects.update(is_manual=True, source="")

    assert explained(order) == [
        f"event:{event.pk} (manual $7.00) of manual was booked when it was known as charge of app, "
        "and stays that."
    ]


def test_money_that_was_booked_before_there_was_an_order_is_explained(order: Order) -> None:
    event = move(of_app(order), "7", EARLIER)
    book_rows([without_order(row) for row in SandboxBooks().rows("event", [event.pk])])
    assert LedgerEntry.objects.get().order_id is None

    assert explained(order) == [
        f"event:{event.pk} (charge $7.00) was booked before the checkout became this order."
    ]


def without_order(row: ShopRow) -> ShopRow:
    assert row.taking is not None
    fields = {**vars(row.taking), "order_id": None}
    return ShopRow(row.key, Taking(**fields))


# Many


def test_how_much_is_read_does_not_grow_with_the_orders_that_have_money(
    make_order: Callable[..., Order], stripe: object
) -> None:
    def sell() -> None:
        taken = of_app(make_order())
        taken.events.create(type=CHARGED, amount=7, created_at=EARLIER)
        Transaction.objects.update(charged=7)
        call_command("paylink_ledger", "import")

    sell()
    one = queries_to_verify()
    for _number in range(5):
        sell()
    assert queries_to_verify() == one
