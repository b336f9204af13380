"""The other ends of a collection: paid by hand, rejected, cancelled; and the hold until then."""

import pytest

from sandbox.client.customer import Browser
from sandbox.client.graphql import Refused
from sandbox.client.staff import Staff
from sandbox.stripe.client import SimulatorClient
from tests.behaviour.world import World, money

NO_WAREHOUSE = "V2FyZWhvdXNlOjAwMDAwMDAwLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDAwMA=="
AUTO_CONFIRMING_OR_NOT = ["default-channel", "channel-eur"]


@pytest.mark.parametrize("channel", AUTO_CONFIRMING_OR_NOT)
def test_marking_paid_by_hand_confirms_the_order(
    world: World, cashier: Staff, channel: str
) -> None:
    order = world.order(channel=channel)
    link = world.link(order)
    currency = link["amountDue"]["currency"]

    cashier.mark_paid(order, reference="till 7", note="in cash")

    seen = cashier.order(order)
    assert (seen["status"], seen["isPaid"], seen["chargeStatus"]) == ("UNFULFILLED", True, "FULL")
    assert seen["totalCharged"] == money("25.00", currency)
    assert len(seen["transactions"]) == 1
    assert seen["paymentCollection"]["status"] == "SETTLED_MANUALLY"
    assert seen["paymentLink"]["status"] == "PAID_MANUALLY"
    assert seen["paymentLink"]["amountPaid"] == money("0", currency)
    assert world.mails.receipts(seen["number"]) == []


def test_marking_paid_closes_the_session_that_is_open(world: World, cashier: Staff) -> None:
    order = world.order()
    link = world.link(order)
    session = world.begin(link)

    cashier.mark_paid(order)

    assert world.session(session)["status"] == "expired"
    (attempt,) = cashier.order(order)["paymentLink"]["attempts"]
    assert attempt["status"] == "CANCELED"


def test_the_page_of_an_order_paid_by_hand_says_so(world: World, cashier: Staff) -> None:
    order = world.order()
    link = world.link(order)
    cashier.mark_paid(order)

    page = world.page(link)

    assert page.status == 200
    assert "paid" in page.text.lower()
    assert page.pay_form is None


def test_marking_paid_works_after_a_declined_payment(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order()
    simulator.decline(world.begin(world.link(order)))
    assert simulator.settle()

    cashier.mark_paid(order)

    assert cashier.order(order)["paymentCollection"]["status"] == "SETTLED_MANUALLY"
    assert cashier.order(order)["isPaid"] is True


def test_marking_paid_needs_no_link(world: World, cashier: Staff) -> None:
    order = world.order()

    cashier.mark_paid(order)

    seen = cashier.order(order)
    assert (seen["status"], seen["isPaid"], seen["paymentLink"]) == ("UNFULFILLED", True, None)
    assert seen["paymentCollection"]["status"] == "SETTLED_MANUALLY"


def test_marking_paid_twice_books_once(world: World, cashier: Staff) -> None:
    order = world.order()
    world.link(order)
    cashier.mark_paid(order)

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        cashier.mark_paid(order)

    assert refusal.value.code == "ALREADY_PAID"


def test_marking_paid_finds_out_that_the_customer_has_just_paid(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    simulator.configure_deliveries(mode="drop")
    order = world.order()
    link = world.link(order)
    world.pay(link)

    with pytest.raises(Refused) as refusal:
        cashier.mark_paid(order)

    seen = cashier.order(order)
    assert refusal.value.code == "ALREADY_PAID"
    assert seen["paymentCollection"]["status"] == "COLLECTED"
    assert seen["totalCharged"] == money("25.00")


def test_marking_paid_while_the_provider_is_down_changes_nothing(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order()
    session = world.begin(world.link(order))
    simulator.add_fault("POST", f".*/{session}/expire", "error_500", times=20)

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        cashier.mark_paid(order)

    assert refusal.value.code == "PROVIDER_ERROR"
    assert world.session(session)["status"] == "open"


@pytest.mark.parametrize("channel", AUTO_CONFIRMING_OR_NOT)
def test_the_shops_own_mark_as_paid_closes_the_link(
    world: World, cashier: Staff, channel: str
) -> None:
    order = world.order(channel=channel)
    link = world.link(order)
    session = world.begin(link)

    cashier.mark_as_paid(order)

    seen = cashier.order(order)
    assert (seen["status"], seen["isPaid"]) == ("UNFULFILLED", True)
    assert seen["paymentLink"]["status"] == "PAID_MANUALLY"
    assert seen["paymentCollection"]["status"] == "SETTLED_MANUALLY"
    assert world.session(session)["status"] == "expired"
    assert world.page(link).pay_form is None


@pytest.mark.parametrize("channel", AUTO_CONFIRMING_OR_NOT)
def test_rejecting_cancels_the_order_and_closes_the_link(
    world: World, cashier: Staff, channel: str
) -> None:
    order = world.order(channel=channel)
    link = world.link(order)
    session = world.begin(link)

    cashier.reject(order, "The customer changed her mind.")

    seen = cashier.order(order)
    assert (seen["status"], seen["isPaid"], seen["transactions"]) == ("CANCELED", False, [])
    assert seen["paymentCollection"]["status"] == "REJECTED"
    assert seen["paymentLink"]["status"] == "REVOKED"
    assert world.session(session)["status"] == "expired"


def test_the_page_of_a_rejected_order_says_cancelled(world: World, cashier: Staff) -> None:
    order = world.order()
    link = world.link(order)
    cashier.reject(order)

    page = world.page(link)

    assert page.status == 200
    assert "cancel" in page.text.lower()
    assert page.pay_form is None


def test_rejecting_twice_is_rejecting_once(world: World, cashier: Staff) -> None:
    order = world.order()
    world.link(order)
    cashier.reject(order)

    with world.unchanged(order):
        cashier.reject(order)


def test_a_paid_order_is_not_rejected(world: World, cashier: Staff) -> None:
    order = world.order()
    world.pay(world.link(order))

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        cashier.reject(order)

    assert refusal.value.code == "ALREADY_PAID"


def test_rejecting_finds_out_that_the_customer_has_just_paid(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    simulator.configure_deliveries(mode="drop")
    order = world.order()
    world.pay(world.link(order))

    with pytest.raises(Refused) as refusal:
        cashier.reject(order)

    seen = cashier.order(order)
    assert refusal.value.code == "ALREADY_PAID"
    assert (seen["status"], seen["isPaid"]) == ("UNFULFILLED", True)


def test_the_shops_own_cancel_closes_the_link(world: World, cashier: Staff) -> None:
    order = world.order()
    link = world.link(order)
    session = world.begin(link)

    cashier.cancel(order)

    seen = cashier.order(order)
    assert seen["status"] == "CANCELED"
    assert seen["paymentLink"]["status"] == "REVOKED"
    assert seen["paymentCollection"]["status"] == "REJECTED"
    assert world.session(session)["status"] == "expired"
    assert world.page(link).pay_form is None


def test_an_order_that_becomes_free_of_charge_needs_its_link_no_more(
    world: World, cashier: Staff
) -> None:
    order = world.order()
    link = world.link(order)
    session = world.begin(link)

    cashier.discount(order, "25.00")

    seen = cashier.order(order)
    assert (seen["status"], seen["transactions"]) == ("UNFULFILLED", [])
    assert seen["paymentLink"]["status"] == "REVOKED"
    assert (seen["paymentCollection"]["status"], seen["paymentCollection"]["reason"]) == (
        "UNAVAILABLE",
        "NOTHING_DUE",
    )
    assert world.session(session)["status"] == "expired"
    assert world.page(link).status == 404


@pytest.mark.parametrize("channel", AUTO_CONFIRMING_OR_NOT)
def test_confirming_is_refused_while_the_link_waits(
    world: World, cashier: Staff, channel: str
) -> None:
    order = world.order(channel=channel)
    world.link(order)

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        cashier.confirm(order)

    assert (refusal.value.code, refusal.value.field) == ("INVALID", "id")
    assert "payment link" in refusal.value.message


@pytest.mark.parametrize("channel", AUTO_CONFIRMING_OR_NOT)
def test_fulfilling_is_refused_while_the_link_waits(
    world: World, cashier: Staff, channel: str
) -> None:
    order = world.order(channel=channel)
    world.link(order)

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        cashier.fulfill(order, NO_WAREHOUSE)

    assert (refusal.value.code, refusal.value.field) == ("INVALID", "order")
    assert "payment link" in refusal.value.message


def test_confirming_is_allowed_without_a_link(world: World, cashier: Staff) -> None:
    order = world.order(channel="channel-eur")
    cashier.skip(order)

    assert cashier.confirm(order)["status"] == "UNFULFILLED"


def test_a_paid_order_is_fulfilled_as_ever(world: World, cashier: Staff) -> None:
    order = world.order()
    world.pay(world.link(order))

    world.hand_over(order)

    assert cashier.order(order)["status"] == "FULFILLED"


def test_money_on_its_way_when_the_order_was_cancelled_is_recorded_and_revives_nothing(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    simulator.configure_deliveries(mode="hold")
    order = world.order()
    link = world.link(order)
    world.pay(link)
    cashier.cancel(order)
    simulator.release_deliveries()
    assert simulator.settle()

    seen = cashier.order(order)
    assert (seen["status"], seen["totalCharged"]) == ("CANCELED", money("25.00"))
    assert seen["paymentLink"]["amountPaid"] == money("25.00")
    assert "EXCEPTION_RAISED" in [event["type"] for event in seen["paymentLink"]["events"]]
    assert len(seen["transactions"]) == 1


def test_a_slow_payment_for_a_cancelled_order_is_recorded_and_revives_nothing(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order()
    session = world.begin_slowly(world.link(order))
    simulator.pay_later(session)
    assert simulator.settle()
    cashier.cancel(order)
    assert cashier.order(order)["transactions"] == []

    simulator.complete_later(session, "succeeded")
    assert simulator.settle()

    seen = cashier.order(order)
    assert (seen["status"], seen["totalCharged"]) == ("CANCELED", money("25.00"))
    assert "EXCEPTION_RAISED" in [event["type"] for event in seen["paymentLink"]["events"]]


def test_an_order_that_was_settled_by_hand_opens_no_session_any_more(
    world: World, cashier: Staff, browser: Browser
) -> None:
    order = world.order()
    form = world.page(world.link(order)).pay_form
    assert form is not None
    cashier.mark_paid(order)

    with world.unchanged(order):
        answer = browser.submit(form)

    assert answer.location is None
