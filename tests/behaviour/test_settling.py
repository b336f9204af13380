"""Every road to "paid" ends in one and the same booking."""

import pytest

from sandbox.client.customer import Browser
from sandbox.client.staff import Staff
from sandbox.stripe.client import SimulatorClient
from tests.behaviour.test_road import assert_paid
from tests.behaviour.world import World, money

PAID = money("25.00")


def test_the_return_page_settles_without_a_webhook(
    world: World, cashier: Staff, browser: Browser, simulator: SimulatorClient
) -> None:
    simulator.configure_deliveries(mode="drop")
    order = world.order()
    link = world.link(order)
    session = world.session(world.pay(link))
    assert cashier.order(order)["isPaid"] is False

    returned = browser.open(session["success_url"])

    assert (returned.status, returned.location) == (303, link["url"])
    assert_paid(cashier.order(order), session, PAID)


def test_the_return_page_believes_the_provider_and_not_the_redirect(
    world: World, browser: Browser
) -> None:
    order = world.order()
    link = world.link(order)
    session = world.session(world.begin(link))

    with world.unchanged(order):
        browser.open(session["success_url"])

    assert world.page(link).pay_form is not None


def test_webhook_and_return_page_together_book_once(
    world: World, cashier: Staff, browser: Browser, simulator: SimulatorClient
) -> None:
    order = world.order()
    session = world.session(world.pay(world.link(order)))

    with world.unchanged(order):
        browser.open(session["success_url"])
        browser.open(session["success_url"])

    assert_paid(cashier.order(order), session, PAID)


def test_a_webhook_after_the_return_page_books_nothing_more(
    world: World, cashier: Staff, browser: Browser, simulator: SimulatorClient
) -> None:
    simulator.configure_deliveries(mode="hold")
    order = world.order()
    session = world.session(world.pay(world.link(order)))
    browser.open(session["success_url"])

    with world.unchanged(order):
        assert simulator.release_deliveries() > 0
        assert simulator.settle()

    assert_paid(cashier.order(order), session, PAID)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_doubled_and_shuffled_webhooks_book_once(
    world: World, cashier: Staff, simulator: SimulatorClient, seed: int
) -> None:
    simulator.configure_deliveries(mode="live", double=True, shuffle=True, seed=seed)
    order = world.order()
    session = world.session(world.pay(world.link(order)))

    seen = cashier.order(order)
    assert_paid(seen, session, PAID)
    assert len(world.mails.receipts(seen["number"])) == 1


def test_every_webhook_of_a_payment_is_answered_with_200(
    world: World, simulator: SimulatorClient
) -> None:
    before = len(simulator.deliveries())
    world.pay(world.link(world.order()))

    answers = [
        attempt["status"]
        for delivery in simulator.deliveries()[before:]
        for attempt in delivery["attempts"]
    ]
    assert answers
    assert set(answers) == {200}


def test_a_lost_webhook_is_healed_by_the_sweeper(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    simulator.configure_deliveries(mode="drop")
    order = world.order()
    session = world.session(world.pay(world.link(order)))
    assert cashier.order(order)["isPaid"] is False

    world.sweep()

    seen = cashier.order(order)
    assert_paid(seen, session, PAID)
    assert len(world.mails.receipts(seen["number"])) == 1


def test_the_sweeper_has_no_effect_on_an_order_that_is_in_order(
    world: World, simulator: SimulatorClient
) -> None:
    order = world.order()
    world.pay(world.link(order))

    with world.unchanged(order):
        world.sweep()
        with world.later(minutes=3):
            world.sweep()


def test_a_payment_in_another_channel_is_settled_by_the_one_endpoint(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order(channel="channel-eur")
    session = world.session(world.pay(world.link(order)))

    urls = {delivery["url"] for delivery in simulator.deliveries()}
    assert urls == {world.stage.webhook_url("default-channel")}
    assert_paid(cashier.order(order), session, money("25.00", "EUR"))


def test_a_payment_of_another_amount_is_recorded_and_confirms_nothing(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order()
    link = world.link(order)
    simulator.pay(world.begin(link), amount=2000)
    assert simulator.settle()

    seen = cashier.order(order)
    assert (seen["status"], seen["isPaid"]) == ("UNCONFIRMED", False)
    assert (seen["totalCharged"], seen["chargeStatus"]) == (money("20.00"), "PARTIAL")
    assert seen["paymentLink"]["amountPaid"] == money("20.00")
    assert "EXCEPTION_RAISED" in [event["type"] for event in seen["paymentLink"]["events"]]


def test_more_money_than_was_asked_for_waits_for_a_person(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order()
    simulator.pay(world.begin(world.link(order)), amount=3000)
    assert simulator.settle()

    seen = cashier.order(order)
    assert (seen["status"], seen["isPaid"]) == ("UNCONFIRMED", True)
    assert (seen["totalCharged"], seen["chargeStatus"]) == (money("30.00"), "OVERCHARGED")
    assert "EXCEPTION_RAISED" in [event["type"] for event in seen["paymentLink"]["events"]]


def test_a_refund_at_the_provider_is_recorded_once(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order()
    link = world.link(order)
    session = world.session(world.pay(link))

    simulator.refund(session["payment_intent"])
    assert simulator.settle()
    world.sweep()

    (transaction,) = cashier.order(order)["transactions"]
    assert transaction["refundedAmount"] == PAID
    assert transaction["chargedAmount"] == money("0")
    assert [event["type"] for event in transaction["events"]].count("REFUND_SUCCESS") == 1
    assert "refunded" in world.page(link).text.lower()
