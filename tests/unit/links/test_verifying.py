"""`manage.py paylink_ledger`: whether ledger, daily sums and shop agree."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from saleor_paylink.earnings import rollups
from saleor_paylink.earnings.takings import taken_keys
from saleor_paylink.links import verification
from saleor_paylink.links.lifecycle import mark_paid
from saleor_paylink.links.settlement import settle
from saleor_paylink.links.sweeper import sweep
from saleor_paylink.models import (
    DaySum,
    LedgerEntry,
    PaymentAttempt,
    PendingEntry,
    ShopPosting,
    SumsZone,
)
from saleor_paylink.money import Money
from saleor_paylink.shop import ShopRow, Taking, TakingKind
from sandbox.shop import payments
from sandbox.shop.books import SandboxBooks
from sandbox.shop.models import Order, Transaction
from sandbox.stripe import Simulator
from tests.unit.links.helpers import CLERK, Customer
from tests.unit.links.moving import EARLIER, OtherBooks, installed, move
from tests.unit.links.multitude import queries_to_verify

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


def test_an_order_that_staff_marked_as_paid_agrees(order: Order, customer: Customer) -> None:
    mark_paid(order.id, CLERK)

    assert LedgerEntry.objects.get().kind == "manual"
    assert ledger("verify") == (ALL_WELL, True)


def test_money_of_another_app_that_was_not_taken_in_is_named(order: Order) -> None:
    event = move(order.transactions.create(source="app"), "7", at=EARLIER)

    said, well = ledger("verify")

    assert said == (
        f"order {order.number}: Not taken in, which paylink_ledger import does: "
        f"event:{event.pk} (charge $7.00).\n"
        "1 orders compared, 1 differ, 0 daily sums differ.\n"
    )
    assert not well
    assert not LedgerEntry.objects.exists()
    assert ledger("import")[1]
    assert ledger("verify") == (ALL_WELL, True)


def test_what_is_explained_is_named_and_ends_well(
    charge: LedgerEntry, order: Order, simulator: Simulator
) -> None:
    simulator.dispute(charge.reference)
    settle_only()

    assert ledger("verify") == (
        f"order {order.number}, explained: $25.00 is disputed: the shop is not told, and holds it "
        "still.\n"
        "1 orders compared, 0 differ, 0 daily sums differ. 1 differences are explained.\n",
        True,
    )


class OneRow(SandboxBooks):
    """The only row there is belongs to no order."""

    def __init__(self, row: ShopRow) -> None:
        self._row = row

    def rows(self, kind: str, ids: Collection[int]) -> Sequence[ShopRow]:
        return [self._row]

    def not_taken(self, kind: str, after: int, limit: int) -> Sequence[int]:
        return [] if after or taken_keys([self._row]) else [7]

    def count_not_taken(self, kind: str) -> int:
        return len(self.not_taken(kind, 0, 1))


@pytest.fixture
def sale_of_nobody(transactional_db: None) -> Iterator[None]:
    money = {"amount": Money(Decimal(5), "USD"), "channel": "shop", "order_id": None}
    named = {"provider": "an.app", "reference": "pi_1", "payment": "pi_1", "at": EARLIER}
    row = ShopRow("event:7", Taking(kind=TakingKind.CHARGE, **money, **named))
    with installed(OtherBooks(OneRow(row))):
        yield


@pytest.fixture
def row_of_nowhere(transactional_db: None) -> Iterator[None]:
    with installed(OtherBooks(OneRow(ShopRow("event:7", problem="nobody knows its channel")))):
        yield


def test_money_of_no_order_is_named_until_it_is_taken_in(sale_of_nobody: None) -> None:
    said, well = ledger("verify")

    assert said == (
        "event:7: Not taken in, which paylink_ledger import does.\n"
        "0 orders compared, 0 differ, 0 daily sums differ. 1 rows of no order are not taken in.\n"
    )
    assert not well
    assert ledger("import")[1]
    assert ledger("verify")[1]


def test_what_can_never_be_booked_is_named_and_ends_well(row_of_nowhere: None) -> None:
    assert ledger("verify") == (
        "event:7, explained: It can never be booked: nobody knows its channel.\n"
        "0 orders compared, 0 differ, 0 daily sums differ. 1 differences are explained.\n",
        True,
    )
    assert ledger("import") == (
        "event:7: It can never be booked: nobody knows its channel.\n"
        "1 of 1 records\n0 movements were booked.\n1 rows can never be booked.\n",
        True,
    )


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


def test_what_differs_in_another_way_each_time_moves(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    order.transactions.create(source="app", charged=7)
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
    make_order()
    one = queries_to_verify()
    for _ in range(5):
        make_order()
    assert queries_to_verify() == one


def test_more_orders_than_are_looked_at_together_are_each_compared_once(
    make_order: Callable[..., Order], stripe: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "BATCH", 2)
    made = {make_order().id for _ in range(5)}
    Order.objects.order_by("pk")[3].transactions.create(source="app", charged=7)

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
    DaySum.objects.update(gross=26, payments=2)

    said, well = ledger("verify")

    day = timezone.localdate(charge.occurred_at)
    assert said == (
        f"{day} gross of stripe in shop: the sum is $26.00, the ledger has $25.00.\n"
        f"{day} payments of stripe in shop: the sum is 2, the ledger has 1.\n"
        "paylink_ledger rebuild makes them anew.\n"
        "1 orders compared, 0 differ, 2 daily sums differ.\n"
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
    assert DaySum.objects.get().gross == 25
    assert timezone.localdate() - DaySum.objects.get().day <= timedelta(days=1)
