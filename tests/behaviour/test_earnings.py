"""Earnings: automated money net of everything, per currency, with manual money apart.

All tests share one shop, so that earnings are told by how they change.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sandbox.client.graphql import Denied, Json
from sandbox.client.staff import Staff
from sandbox.stripe.client import SimulatorClient
from tests.behaviour.world import World, money

FIGURES = ("gross", "refunded", "disputed", "fees", "net")
# What the simulator keeps of 25.00: 1.5 % and 25 minor units.
FEE = Decimal("0.63")
DISPUTE_FEE = Decimal("15.00")


def figures(earnings: dict[str, Json], currency: str) -> dict[str, Any]:
    row = earnings.get(currency)
    if row is None:
        return {**dict.fromkeys(FIGURES, Decimal(0)), "payments": 0, "manual": 0, "by hand": 0}
    assert all(row[name]["currency"] == currency for name in FIGURES)
    return {
        **{name: row[name]["amount"] for name in FIGURES},
        "payments": row["paymentCount"],
        "manual": row["manual"]["gross"]["amount"],
        "by hand": row["manual"]["count"],
    }


@pytest.fixture
def change(cashier: Staff) -> Callable[..., dict[str, Any]]:
    """What has changed in a currency since the test began, without what has not."""
    before = cashier.earnings()

    def changed(currency: str = "USD") -> dict[str, Any]:
        then, now = figures(before, currency), figures(cashier.earnings(), currency)
        return {name: now[name] - then[name] for name in now if now[name] != then[name]}

    return changed


def test_a_payment_counts_net_of_its_fee(world: World, change: Callable[..., Any]) -> None:
    world.pay(world.link(world.order()))

    assert change() == {
        "gross": Decimal("25.00"),
        "fees": FEE,
        "net": Decimal("25.00") - FEE,
        "payments": 1,
    }


def test_currencies_are_never_added_up(world: World, change: Callable[..., Any]) -> None:
    world.pay(world.link(world.order(channel="channel-eur")))

    assert change("USD") == {}
    assert change("EUR")["gross"] == Decimal("25.00")


def test_money_taken_by_hand_stands_apart(
    world: World, cashier: Staff, change: Callable[..., Any]
) -> None:
    order = world.order()
    world.link(order)
    cashier.mark_paid(order)

    assert change() == {"manual": Decimal("25.00"), "by hand": 1}


def test_the_shops_own_mark_as_paid_stands_apart_too(
    world: World, cashier: Staff, change: Callable[..., Any]
) -> None:
    order = world.order()
    world.link(order)
    cashier.mark_as_paid(order)

    assert change() == {"manual": Decimal("25.00"), "by hand": 1}


def test_what_another_payment_app_has_taken_is_earned_too(
    world: World, change: Callable[..., Any]
) -> None:
    order = world.order(channel="channel-kwd")

    world.person("back-office").add_transaction(order, "10.00", "KWD")
    world.sweep()

    assert change("KWD") == {"gross": Decimal(10), "net": Decimal(10), "payments": 1}


def test_what_staff_write_down_of_an_order_that_nobody_collects_stands_apart(
    world: World, cashier: Staff, change: Callable[..., Any]
) -> None:
    order = world.order(channel="channel-kwd")

    cashier.add_transaction(order, "10.00", "KWD")

    assert change("KWD") == {"manual": Decimal(10), "by hand": 1}


def test_what_was_offered_declined_or_rejected_earns_nothing(
    world: World, cashier: Staff, simulator: SimulatorClient, change: Callable[..., Any]
) -> None:
    world.link(world.order())
    simulator.decline(world.begin(world.link(world.order())))
    rejected = world.order()
    world.link(rejected)
    cashier.reject(rejected)
    assert simulator.settle()

    assert change() == {}


def test_a_refund_is_taken_off(
    world: World, simulator: SimulatorClient, change: Callable[..., Any]
) -> None:
    session = world.session(world.pay(world.link(world.order())))
    simulator.refund(session["payment_intent"], amount=1000)
    assert simulator.settle()

    assert change() == {
        "gross": Decimal("25.00"),
        "refunded": Decimal("10.00"),
        "fees": FEE,
        "net": Decimal("15.00") - FEE,
        "payments": 1,
    }


def test_what_a_bank_takes_back_is_taken_off(
    world: World, simulator: SimulatorClient, change: Callable[..., Any]
) -> None:
    session = world.session(world.pay(world.link(world.order())))
    simulator.dispute(session["payment_intent"])
    assert simulator.settle()

    assert change() == {
        "gross": Decimal("25.00"),
        "disputed": Decimal("25.00"),
        "fees": FEE + DISPUTE_FEE,
        "net": -FEE - DISPUTE_FEE,
        "payments": 1,
    }


def test_a_payment_is_counted_once_however_often_it_is_told_of(
    world: World, simulator: SimulatorClient, change: Callable[..., Any]
) -> None:
    simulator.configure_deliveries(double=True, shuffle=True, seed=7)
    world.pay(world.link(world.order()))
    world.sweep()

    assert change()["payments"] == 1
    assert change()["gross"] == Decimal("25.00")


def test_earnings_of_one_channel_leave_out_the_others(world: World, cashier: Staff) -> None:
    before = figures(cashier.earnings("channel-jpy"), "USD")
    world.pay(world.link(world.order()))

    assert figures(cashier.earnings("channel-jpy"), "USD") == before
    assert "USD" not in cashier.earnings("channel-jpy")


def test_the_fees_of_card_payments_are_complete(world: World, cashier: Staff) -> None:
    world.pay(world.link(world.order(channel="channel-eur")))

    assert cashier.earnings("channel-eur")["EUR"]["feesComplete"] is True


@pytest.mark.parametrize("granularity", ["DAY", "WEEK", "MONTH"])
def test_the_points_of_a_series_add_up(
    world: World, cashier: Staff, simulator: SimulatorClient, granularity: str
) -> None:
    world.pay(world.link(world.order()))
    simulator.dispute(world.session(world.pay(world.link(world.order())))["payment_intent"])
    cashier.mark_paid(world.order())
    assert simulator.settle()

    for row in cashier.earnings(granularity=granularity).values():
        for name in ("gross", "refunded", "fees", "net"):
            assert sum(each[name]["amount"] for each in row["series"]) == row[name]["amount"]
        by_hand = sum(each["manual"]["amount"] for each in row["series"])
        assert by_hand == row["manual"]["gross"]["amount"]
        assert sum(each["paymentCount"] for each in row["series"]) == row["paymentCount"]


def test_a_series_has_a_point_for_each_day(world: World, cashier: Staff) -> None:
    world.pay(world.link(world.order()))
    today = datetime.now(UTC).date()

    series = cashier.earnings()["USD"]["series"]

    days = [str(today + timedelta(days=n)) for n in (-1, 0, 1)]
    assert [each["start"] for each in series] == days
    assert series[2]["gross"] == money("0")


@pytest.mark.parametrize("granularity", ["DAY", "WEEK", "MONTH"])
def test_a_series_of_millennia_is_refused_and_its_sums_are_not(
    world: World, cashier: Staff, granularity: str
) -> None:
    world.pay(world.link(world.order()))
    asked = """query ($by: PaymentEarningsGranularityEnum) {
      paymentEarnings(range: {gte: "0001-01-01", lte: "9999-12-31"}, granularity: $by) { %s }
    }"""

    with pytest.raises(Denied, match="more than 1100 points") as denial:
        cashier.graphql.ask(asked % "series { start }", {"by": granularity})
    assert denial.value.code == "GraphQLError"
    assert cashier.graphql.ask(asked % "currency", {"by": granularity})["paymentEarnings"]
