"""`manage.py paylink_ledger`: whether ledger, daily sums and shop agree."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from saleor_paylink.earnings import rollups
from saleor_paylink.earnings.ledger import Account, book
from saleor_paylink.links import verification
from saleor_paylink.links.changes import order_changed
from saleor_paylink.links.lifecycle import mark_paid
from saleor_paylink.links.refunds import request_for_shop
from saleor_paylink.links.settlement import settle
from saleor_paylink.links.sweeper import sweep
from saleor_paylink.models import (
    DaySum,
    LedgerEntry,
    LedgerKind,
    PaymentAttempt,
    PendingEntry,
    ShopPosting,
    SumsZone,
)
from saleor_paylink.money import Money
from sandbox.shop import payments
from sandbox.shop.models import Order, Transaction
from sandbox.stripe import Simulator
from tests.unit.links.helpers import CLERK, Customer
from tests.unit.links.moving import move

ALL_WELL = "1 orders compared, 0 differ, 0 daily sums differ.\n"


def ledger(action: str) -> tuple[str, bool]:
    """What the command says, and whether it ended well."""
    out = StringIO()
    try:
        call_command("paylink_ledger", action, stdout=out)
    except CommandError as error:
        return f"{out.getvalue()}{error}\n", False
    return out.getvalue(), True


def settle_only() -> LedgerEntry:
    """The charge that it booked."""
    settle(PaymentAttempt.objects.get().id)
    return LedgerEntry.objects.get(kind="charge")


@pytest.fixture
def charge(customer: Customer, simulator: Simulator) -> LedgerEntry:
    """25 USD, paid over the link, that the shop was told of."""
    simulator.pay(customer.session())
    return settle_only()


def test_all_is_well_where_the_shop_was_told_of_all(
    charge: LedgerEntry, simulator: Simulator
) -> None:
    assert ledger("verify") == (ALL_WELL, True)
    simulator.refund(charge.reference, 1000)
    settle_only()
    assert ledger("verify") == (ALL_WELL, True)


def test_a_dispute_is_between_bank_and_merchant(charge: LedgerEntry, simulator: Simulator) -> None:
    """The shop is not told of it, and holds the money still."""
    simulator.dispute(charge.reference)
    settle_only()
    assert LedgerEntry.objects.filter(kind="dispute").exists()

    assert ledger("verify") == (ALL_WELL, True)


def test_a_refund_that_came_back_is_there_again(charge: LedgerEntry, simulator: Simulator) -> None:
    refund = simulator.refund(charge.reference)
    settle_only()
    simulator.fail_refund(refund["id"])
    settle_only()

    assert ledger("verify") == (ALL_WELL, True)


def test_money_taken_by_hand_is_booked_as_staff_write_it_down(
    order: Order, customer: Customer
) -> None:
    payments.add_by_hand(order.id, Decimal(10), "Cash", "", None)

    assert LedgerEntry.objects.get().kind == "manual"
    assert ledger("verify") == (ALL_WELL, True)


def test_money_taken_by_hand_that_was_not_heard_of_agrees_once_it_is_booked(
    order: Order, customer: Customer
) -> None:
    taken = order.transactions.create(is_manual=True)
    move(taken, "10")

    name = f"order {order.number}"
    assert ledger("verify") == (
        f"{name}: $10.00 that staff took by hand is not booked.\n"
        "1 orders compared, 1 differ, 0 daily sums differ.\n",
        False,
    )
    order_changed(order.id)
    assert ledger("verify") == (ALL_WELL, True)
    move(taken, "-6")
    assert (
        f"{name}: $6.00 is booked as taken by hand, and not in the shop.\n" in (ledger("verify")[0])
    )
    order_changed(order.id)
    assert ledger("verify") == (ALL_WELL, True)


def test_a_figure_that_no_row_of_the_shop_explains_is_named_and_not_booked(
    order: Order, customer: Customer
) -> None:
    move(order.transactions.create(is_manual=True), "10")
    order_changed(order.id)
    Transaction.objects.update(charged=4)

    order_changed(order.id)

    assert LedgerEntry.objects.get().amount == 10
    assert "$6.00 is booked as taken by hand, and not in the shop." in ledger("verify")[0]


def test_an_order_that_staff_marked_as_paid_agrees(order: Order, customer: Customer) -> None:
    mark_paid(order.id, CLERK)

    assert LedgerEntry.objects.get().kind == "manual"
    assert ledger("verify") == (ALL_WELL, True)


def record_of_another_app(order: Order, amount: int) -> None:
    order.transactions.create(source="app", reference="app_1", charged=amount)


def test_money_of_another_app_that_was_not_taken_in_is_named(order: Order) -> None:
    record_of_another_app(order, 7)

    said, well = ledger("verify")

    assert said == (
        f"order {order.number}: The shop holds $7.00 that came in by itself and is not booked: "
        "money of other apps that was not taken in.\n"
        "1 orders compared, 1 differ, 0 daily sums differ.\n"
    )
    assert not well
    assert not LedgerEntry.objects.exists()


def test_money_of_another_app_that_was_taken_in_agrees(order: Order) -> None:
    record_of_another_app(order, 7)
    account = Account("app", "shop", order.id)
    usd = {"amount": Money(Decimal(10), "USD"), "occurred_at": timezone.now()}
    book(LedgerKind.CHARGE, account, reference="app_1", **usd)
    usd["amount"] = Money(Decimal(-1), "USD")
    book(LedgerKind.ADJUSTMENT, account, reference="app_1", **usd)
    usd["amount"] = Money(Decimal(2), "USD")
    # Of those the shop knows, and has taken them off.
    book(LedgerKind.DISPUTE, account, reference="dp_1", **usd)

    assert ledger("verify") == (ALL_WELL, True)


def test_money_that_the_shop_has_lost_is_named(charge: LedgerEntry, order: Order) -> None:
    Transaction.objects.update(charged=20)

    said, well = ledger("verify")

    assert f"order {order.number}: The shop holds $5.00 less that came in by itself" in said
    assert not well


def test_both_kinds_of_money_are_compared_apart(charge: LedgerEntry, order: Order) -> None:
    Transaction.objects.update(is_manual=True)

    said, _well = ledger("verify")

    assert (
        f"order {order.number}: The shop holds $25.00 less that came in by itself than is booked. "
        "$25.00 that staff took by hand is not booked.\n"
    ) in said


def test_money_of_another_currency_is_not_the_orders(charge: LedgerEntry, order: Order) -> None:
    """The shop is not told of it: a person has to decide."""
    account = Account("stripe", "shop", order.id, charge.attempt)
    book(LedgerKind.CHARGE, account, Money(Decimal(9), "EUR"), "pi_eur", timezone.now())

    assert ledger("verify") == (ALL_WELL, True)


# While money moves


def test_what_the_shop_is_still_to_be_told_is_no_difference(
    customer: Customer, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator.pay(customer.session())
    # As if the worker had died before it came to telling.
    monkeypatch.setattr("saleor_paylink.links.posting._tell", _die)
    with pytest.raises(KeyboardInterrupt):
        settle_only()

    on_its_way = ALL_WELL[:-1] + " Money of 1 orders is on its way: verify again.\n"
    assert ledger("verify") == (on_its_way, True)

    monkeypatch.undo()
    ShopPosting.objects.update(leased_until=None)
    sweep()
    assert ledger("verify") == (ALL_WELL, True)


def _die(*_of: object) -> None:
    raise KeyboardInterrupt


def test_what_the_shop_could_not_be_told_is_named(
    customer: Customer, simulator: Simulator, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator.pay(customer.session())
    monkeypatch.setattr("sandbox.shop.payments.record_charge", _refuse)
    settle_only()

    said, well = ledger("verify")

    name = f"order {order.number}"
    assert f"{name}: The shop could not be told of all its money (RuntimeError).\n" in said
    assert not well


def _refuse(*_of: object) -> None:
    raise RuntimeError


def test_a_refund_on_its_way_may_be_gone_from_the_shop_or_not(
    charge: LedgerEntry, order: Order, simulator: Simulator
) -> None:
    simulator.delay_refunds(charge.reference)
    request_for_shop(order.id, charge.reference, Money(Decimal(10), "USD"), "ask-1", CLERK)
    assert not LedgerEntry.objects.filter(kind="refund").exists()

    assert ledger("verify") == (ALL_WELL, True)
    Transaction.objects.update(charged=15)
    assert ledger("verify") == (ALL_WELL, True)
    Transaction.objects.update(charged=14)
    assert "The shop holds $1.00 less" in ledger("verify")[0]


def test_what_is_booked_between_two_readings_is_no_difference(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_of_another_app(order, 7)
    looks = []
    look = verification._look

    def look_and_book(ids: Any) -> Any:
        found = look(ids)
        if not looks:
            account, amount = Account("app", "shop", order.id), Money(Decimal(7), "USD")
            book(LedgerKind.CHARGE, account, amount, "app_1", timezone.now())
        looks.append(ids)
        return found

    monkeypatch.setattr(verification, "_look", look_and_book)

    assert ledger("verify") == (ALL_WELL, True)
    assert len(looks) == 2


def test_what_differs_in_another_way_each_time_moves(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_of_another_app(order, 7)
    look = verification._look

    def look_and_move(ids: Any) -> Any:
        found = look(ids)
        Transaction.objects.update(charged=8)
        return found

    monkeypatch.setattr(verification, "_look", look_and_move)

    said, well = ledger("verify")
    assert said.endswith(
        "0 differ, 0 daily sums differ. Money of 1 orders is on its way: verify again.\n"
    )
    assert well


# Many, and gone


def test_how_much_is_read_does_not_grow_with_the_orders(
    make_order: Callable[..., Order], stripe: object
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as made:
            assert not any(each.reason for each in verification.verdicts())
        return len(made)

    make_order()
    one = queries()
    for _ in range(5):
        make_order()
    assert queries() == one


def test_more_orders_than_are_looked_at_together_are_each_compared_once(
    make_order: Callable[..., Order], stripe: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "BATCH", 2)
    made = {make_order().id for _ in range(5)}
    record_of_another_app(Order.objects.order_by("pk")[3], 7)

    compared = [each.order.id for each in verification.verdicts()]

    assert len(compared) == len(made) == 5
    assert set(compared) == made
    assert ledger("verify")[0].endswith("5 orders compared, 1 differ, 0 daily sums differ.\n")


def test_orders_that_are_gone_are_counted(charge: LedgerEntry, order: Order) -> None:
    Transaction.objects.all().delete()
    Order.objects.all().delete()

    assert ledger("verify") == (
        "0 orders compared, 0 differ, 0 daily sums differ. "
        "The ledger has money of 1 orders that are gone from the shop.\n",
        True,
    )


# Daily sums


def test_a_wrong_sum_is_named_and_made_anew(charge: LedgerEntry) -> None:
    sweep()
    DaySum.objects.filter(kind="charge").update(total=26, channel="shop")

    said, well = ledger("verify")

    day = timezone.localdate(charge.occurred_at)
    assert said == (
        f"{day} charge of stripe in shop: the sum is $26.00, the ledger has $25.00.\n"
        "paylink_ledger rebuild makes them anew.\n"
        "1 orders compared, 0 differ, 1 daily sums differ.\n"
    )
    assert not well
    assert ledger("rebuild") == ("The daily sums are made anew.\n", True)
    assert ledger("verify") == (ALL_WELL, True)


def test_verifying_changes_nothing(charge: LedgerEntry) -> None:
    rollups.fold()
    before = [
        list(model.objects.order_by("pk").values())
        for model in (LedgerEntry, DaySum, PendingEntry, SumsZone, ShopPosting, Transaction, Order)
    ]

    ledger("verify")

    assert before == [
        list(model.objects.order_by("pk").values())
        for model in (LedgerEntry, DaySum, PendingEntry, SumsZone, ShopPosting, Transaction, Order)
    ]


def test_the_sweeper_folds_what_is_pending(charge: LedgerEntry) -> None:
    assert PendingEntry.objects.count() == 2

    sweep()

    assert not PendingEntry.objects.exists()
    assert DaySum.objects.get(kind="charge").total == 25
    assert timezone.localdate() - DaySum.objects.get(kind="charge").day <= timedelta(days=1)
