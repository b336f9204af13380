"""Time that runs out: of links, and of orders in channels that expire them."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.client.customer import Browser
from sandbox.client.graphql import Refused
from sandbox.client.staff import Staff
from sandbox.stripe.client import SimulatorClient
from tests.behaviour.world import World, money

# Expires unpaid orders after a minute.
CHANNEL = "channel-expiring"


def in_an_hour() -> str:
    return (datetime.now(UTC) + timedelta(hours=1)).isoformat()


def test_the_channel_expires_an_order_that_nobody_collects(world: World, cashier: Staff) -> None:
    order = world.order(channel=CHANNEL)
    cashier.skip(order)

    with world.later(minutes=2):
        world.expire()

    seen = cashier.order(order)
    assert seen["status"] == "EXPIRED"
    assert (seen["paymentCollection"]["status"], seen["paymentCollection"]["reason"]) == (
        "UNAVAILABLE",
        "EXPIRED",
    )


def test_an_order_that_waits_for_its_link_is_not_expired(world: World, cashier: Staff) -> None:
    order = world.order(channel=CHANNEL)
    link = world.link(order)

    with world.unchanged(order), world.later(minutes=2):
        world.expire()

    world.pay(link)
    assert cashier.order(order)["status"] == "UNFULFILLED"


def test_what_keeps_an_order_from_expiring_goes_with_the_payment_by_hand(
    world: World, cashier: Staff
) -> None:
    order = world.order(channel=CHANNEL)
    world.link(order)

    cashier.mark_paid(order)

    seen = cashier.order(order)
    assert (seen["status"], seen["isPaid"]) == ("UNFULFILLED", True)
    assert [each["chargedAmount"]["amount"] for each in seen["transactions"]] == [25]


def test_a_link_expires_when_it_was_told_to(world: World, cashier: Staff) -> None:
    order = world.order()
    link = world.link(order, expiresAt=in_an_hour())
    session = world.begin(link)

    with world.later(hours=2):
        world.sweep()

    assert cashier.order(order)["paymentLink"]["status"] == "EXPIRED"
    assert world.session(session)["status"] == "expired"


def test_the_page_of_an_expired_link_says_so_before_any_job_has_run(
    world: World, cashier: Staff, browser: Browser
) -> None:
    order = world.order()
    link = world.link(order, expiresAt=in_an_hour())
    form = world.page(link).pay_form
    assert form is not None

    with world.later(hours=2):
        page = world.page(link)
        answer = browser.submit(form)

    assert page.status == 200
    assert "expired" in page.text.lower()
    assert page.pay_form is None
    assert answer.location is None
    assert world.sessions(link) == []


def test_an_expired_link_is_not_sent(world: World, cashier: Staff) -> None:
    order = world.order()
    link = world.link(order, expiresAt=in_an_hour())

    with world.unchanged(order), world.later(hours=2), pytest.raises(Refused) as refusal:
        cashier.send_link(link["id"])

    assert refusal.value.code == "LINK_NOT_ACTIVE"


def test_an_order_whose_link_expired_gets_a_new_one(world: World, cashier: Staff) -> None:
    order = world.order()
    first = world.link(order, expiresAt=in_an_hour())
    with world.later(hours=2):
        second = world.link(order)

    assert second["url"] != first["url"]
    assert [each["status"] for each in cashier.order(order)["paymentCollection"]["links"]] == [
        "ACTIVE",
        "EXPIRED",
    ]
    world.pay(second)
    assert cashier.order(order)["isPaid"] is True


def test_an_order_whose_link_expired_stays_on_hold(world: World, cashier: Staff) -> None:
    order = world.order()
    world.link(order, expiresAt=in_an_hour())
    with world.later(hours=2):
        world.sweep()

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        cashier.confirm(order)

    assert refusal.value.code == "INVALID"
    assert cashier.order(order)["status"] == "UNCONFIRMED"


def test_money_over_a_link_that_has_just_expired_is_taken(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order()
    session = world.begin(world.link(order, expiresAt=in_an_hour()))

    with world.later(hours=2):
        simulator.pay(session)
        assert simulator.settle()

    seen = cashier.order(order)
    assert (seen["status"], seen["isPaid"]) == ("UNFULFILLED", True)
    assert (seen["paymentLink"]["status"], seen["totalCharged"]) == ("PAID", money("25.00"))
