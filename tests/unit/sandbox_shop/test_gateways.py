"""What payment apps and gateways report, and what paylink makes of it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from saleor_paylink.earnings.report import earnings
from saleor_paylink.links import taking
from saleor_paylink.models import LedgerEntry
from sandbox.shop import gateways, payments
from sandbox.shop.books import CHECKOUT_MAY_TAKE, EVENT, SandboxBooks
from sandbox.shop.models import (
    Channel,
    Checkout,
    Order,
    ProductVariant,
    Transaction,
    TransactionEvent,
)

Kind = TransactionEvent.Type

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def checkout(channel: Channel) -> Checkout:
    return Checkout.objects.create(channel=channel)


def booked() -> list[tuple[str, Decimal]]:
    return list(LedgerEntry.objects.order_by("pk").values_list("kind", "amount"))


def grow_old(taken: Transaction) -> None:
    Transaction.objects.filter(pk=taken.pk).update(
        created_at=taken.created_at - CHECKOUT_MAY_TAKE - timedelta(seconds=1)
    )


def test_figures_follow_from_what_is_reported(order: Order) -> None:
    taken = order.transactions.create(source="a.gateway")

    gateways.report(taken, Kind.CHARGE_SUCCESS, Decimal(20))
    gateways.report(taken, Kind.CHARGE_SUCCESS, Decimal(-2))
    gateways.report(taken, Kind.REFUND_SUCCESS, Decimal(5), psp_reference="re_1")
    gateways.report(taken, Kind.REFUND_REVERSE, Decimal(5), psp_reference="re_1")
    gateways.report(taken, Kind.CHARGE_BACK, Decimal(8))

    assert (taken.charged, taken.refunded) == (Decimal(10), Decimal(0))
    assert booked() == [
        ("charge", Decimal(20)),
        ("adjustment", Decimal(-2)),
        ("refund", Decimal(5)),
        ("refund_reversal", Decimal(5)),
        ("dispute", Decimal(8)),
    ]


def test_what_staff_correct_is_by_hand_both_ways(order: Order) -> None:
    taken = payments.add_by_hand(order.id, Decimal(20), "Bank", "", None)

    gateways.report(taken, Kind.CHARGE_SUCCESS, Decimal(-2))

    assert booked() == [("manual", Decimal(20)), ("manual_returned", Decimal(2))]


def test_money_of_a_checkout_waits_for_its_order(checkout: Checkout, mug: ProductVariant) -> None:
    taking.catch_up()
    gateways.charge_checkout(checkout, Decimal(20))
    taking.catch_up()
    assert (booked(), SandboxBooks().not_taken(EVENT, 0, 9)) == ([], [])

    order = gateways.complete_checkout(checkout, [(mug, 1)])
    taking.catch_up()

    assert LedgerEntry.objects.get().order_id == order.id
    assert not Checkout.objects.exists()


def test_money_of_a_checkout_that_becomes_no_order_is_booked_by_itself(checkout: Checkout) -> None:
    taking.catch_up()
    grow_old(gateways.charge_checkout(checkout, Decimal(20)))

    taking.catch_up()

    entry = LedgerEntry.objects.get()
    assert (entry.order_id, entry.channel, entry.amount) == (None, "usd", Decimal(20))


def test_money_of_a_forgotten_checkout_is_nobodys(checkout: Checkout) -> None:
    taking.catch_up()
    gateways.charge_checkout(checkout, Decimal(20))
    checkout.delete()

    taking.catch_up()
    ((count, taken),) = taking.history()

    assert (count, taken.booked) == (1, 0)
    assert [row.problem for row in taken.unbookable] == [
        "it belongs to no order and to no checkout"
    ]
    assert earnings() == []
