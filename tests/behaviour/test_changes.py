"""The shop moves under the link: edits, money from elsewhere, goods that go out."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.client.customer import Browser
from sandbox.client.graphql import Json
from sandbox.client.staff import Staff
from sandbox.stripe.client import SimulatorClient
from tests.behaviour.storefront import Storefront
from tests.behaviour.world import World, money, token_of

CHANGED = "This order was changed after the link was sent"


def written_down(seen: Json) -> list[str]:
    """What the timeline of the order's link says has changed."""
    events = seen["paymentLink"]["events"]
    return [event["message"] for event in events if event["type"] == "AMOUNT_CHANGED"]


def test_an_edit_is_shown_to_staff_and_customer_and_closes_the_session(
    world: World, cashier: Staff
) -> None:
    order = world.order()
    link = world.link(order)
    session = world.begin(link)

    cashier.change_quantity(order, 3)

    seen = cashier.order(order)
    assert seen["paymentLink"]["amountDue"] == money("37.50")
    assert "ORDER_CHANGED_SINCE_SENT" in seen["paymentCollection"]["warnings"]
    assert written_down(seen) == [
        "The amount due changed from $25.00 to $37.50: 3 × Mug (Blue) instead of 2 "
        "($37.50 instead of $25.00); total $37.50 instead of $25.00."
    ]
    assert world.session(session)["status"] == "expired"
    page = world.page(link)
    assert f"{CHANGED} 3 × Mug (Blue) instead of 2 ($37.50 instead of $25.00)" in page.text
    assert "total $37.50 instead of $25.00" in page.text


def test_lines_that_come_and_go_are_named(world: World, cashier: Staff) -> None:
    order = world.order()
    link = world.link(order)

    cashier.add(order, "PLATE", 1)
    cashier.remove(order)

    assert world.page(link).heading == "$30.00 to pay"
    assert (
        f"{CHANGED} 1 × Plate (Large) added ($30.00) 2 × Mug (Blue) removed ($25.00) "
        "total $30.00 instead of $25.00"
    ) in world.page(link).text
    first, second = written_down(cashier.order(order))
    assert first.startswith("The amount due changed from $25.00 to $55.00: 1 × Plate (Large) added")
    assert second.startswith("The amount due changed from $55.00 to $30.00: 2 × Mug (Blue) removed")


def test_a_discount_is_told(world: World, cashier: Staff) -> None:
    order = world.order()
    link = world.link(order)
    session = world.begin(link)

    cashier.discount(order, "5.00")

    assert (
        f"{CHANGED} discount $5.00 instead of $0.00 total $20.00 instead of $25.00"
    ) in world.page(link).text
    assert world.session(session)["status"] == "expired"


def test_a_link_that_is_mailed_again_tells_of_no_earlier_change(
    world: World, cashier: Staff
) -> None:
    order = world.order()
    link = world.link(order)
    cashier.change_quantity(order, 3)

    cashier.send_link(link["id"])

    assert CHANGED not in world.page(link).text
    warnings = cashier.order(order)["paymentCollection"]["warnings"]
    assert "ORDER_CHANGED_SINCE_SENT" not in warnings


def test_a_click_on_a_page_from_before_the_edit_shows_both_amounts_and_what_changed(
    world: World, cashier: Staff, browser: Browser
) -> None:
    order = world.order()
    link = world.link(order)
    form = world.page(link).pay_form
    assert form is not None
    cashier.change_quantity(order, 3)

    answer = browser.submit(form)

    assert answer.status == 409
    assert "Before: $25.00 Now: $37.50 3 × Mug (Blue) instead of 2" in answer.text
    assert CHANGED not in answer.text
    assert world.sessions(link) == []


def test_the_storefront_pays_the_new_amount(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order()
    link = world.link(order)
    storefront = Storefront(world.stage)
    stale = storefront.request(token_of(link))
    assert stale is not None
    cashier.change_quantity(order, 3)

    fresh = storefront.request(token_of(link))

    assert fresh is not None
    assert (fresh["amountDue"], fresh["lines"][0]["quantity"]) == (money("37.50"), 3)
    assert fresh["revision"] != stale["revision"]


def test_what_was_paid_in_the_second_of_an_edit_leaves_a_balance_due(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    simulator.configure_deliveries(mode="hold")
    order = world.order()
    link = world.link(order)
    world.pay(link)

    cashier.change_quantity(order, 3)
    simulator.release_deliveries()
    assert simulator.settle()

    seen = cashier.order(order)
    assert (seen["status"], seen["totalCharged"]) == ("UNCONFIRMED", money("25.00"))
    assert seen["paymentLink"]["amountDue"] == money("12.50")
    simulator.configure_deliveries()
    world.pay(link)
    seen = cashier.order(order)
    assert (seen["status"], seen["totalCharged"]) == ("UNFULFILLED", money("37.50"))
    assert seen["paymentCollection"]["status"] == "COLLECTED"


def test_what_was_paid_in_the_second_of_an_edit_to_less_is_overpaid(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    simulator.configure_deliveries(mode="hold")
    order = world.order()
    world.pay(world.link(order))

    cashier.change_quantity(order, 1)
    simulator.release_deliveries()
    assert simulator.settle()

    seen = cashier.order(order)
    assert (seen["status"], seen["totalCharged"]) == ("UNFULFILLED", money("25.00"))
    assert seen["chargeStatus"] == "OVERCHARGED"
    assert "EXCEPTION_RAISED" in [event["type"] for event in seen["paymentLink"]["events"]]


def test_a_manual_transaction_for_a_part_leaves_the_rest_to_pay_and_the_order_on_hold(
    world: World, cashier: Staff
) -> None:
    order = world.order()
    link = world.link(order)
    session = world.begin(link)

    cashier.add_transaction(order, "10.00")

    seen = cashier.order(order)
    assert (seen["status"], seen["paymentCollection"]["status"]) == ("UNCONFIRMED", "AWAITING")
    assert seen["paymentLink"]["amountDue"] == money("15.00")
    assert written_down(seen) == ["The amount due changed from $25.00 to $15.00."]
    assert world.session(session)["status"] == "expired"
    world.pay(link)
    seen = cashier.order(order)
    assert (seen["status"], seen["chargeStatus"]) == ("UNFULFILLED", "FULL")


def test_a_manual_transaction_for_all_of_it_closes_the_link(world: World, cashier: Staff) -> None:
    before = cashier.earnings()
    order = world.order()
    link = world.link(order)
    session = world.begin(link)

    cashier.add_transaction(order, "25.00")

    seen = cashier.order(order)
    assert (seen["status"], seen["chargeStatus"]) == ("UNFULFILLED", "FULL")
    assert seen["paymentLink"]["status"] == "PAID_MANUALLY"
    assert seen["paymentCollection"]["status"] == "SETTLED_MANUALLY"
    assert world.session(session)["status"] == "expired"
    assert world.page(link).pay_form is None
    manual = cashier.earnings()["USD"]["manual"]["count"]
    assert manual == (before["USD"]["manual"]["count"] if "USD" in before else 0) + 1


def test_money_taken_by_hand_after_the_link_had_expired_is_heard_of(
    world: World, cashier: Staff
) -> None:
    order = world.order()
    in_an_hour = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    link = world.link(order, expiresAt=in_an_hour)
    with world.later(hours=2):
        world.sweep()

    cashier.mark_as_paid(order)

    seen = cashier.order(order)
    assert (seen["status"], seen["paymentLink"]["status"]) == ("UNFULFILLED", "PAID_MANUALLY")
    assert seen["paymentCollection"]["status"] == "SETTLED_MANUALLY"
    assert world.page(link).heading == "Already paid"


def test_another_address_gets_the_next_mail_and_the_session_stays(
    world: World, cashier: Staff
) -> None:
    order = world.order()
    link = world.link(order)
    session = world.begin(link)

    cashier.change_email(order, "moved@example.com")
    cashier.send_link(link["id"])

    (mail,) = world.mails.requests(cashier.order(order)["number"])
    assert mail["to"] == ["moved@example.com"]
    assert world.session(session)["status"] == "open"
    assert written_down(cashier.order(order)) == []


def test_while_the_plugin_is_switched_off_the_order_is_not_held(
    world: World, cashier: Staff
) -> None:
    order = world.order()
    link = world.link(order)

    with world.settings("default-channel", active=False):
        collection = cashier.order(order)["paymentCollection"]
        assert (collection["status"], collection["reason"]) == ("UNAVAILABLE", "PLUGIN_INACTIVE")
        assert cashier.confirm(order)["status"] == "UNFULFILLED"

    assert cashier.order(order)["paymentLink"]["status"] == "ACTIVE"
    assert world.page(link).pay_form is not None


@pytest.mark.parametrize("channel", ["default-channel", "channel-eur"])
def test_a_cancelled_order_is_told_to_whoever_still_has_the_page_open(
    world: World, cashier: Staff, browser: Browser, channel: str
) -> None:
    order = world.order(channel=channel)
    link = world.link(order)
    form = world.page(link).pay_form
    assert form is not None
    cashier.cancel(order)

    answer = browser.submit(form)

    assert answer.status == 409
    assert answer.heading == "This order was cancelled"
    assert world.sessions(link) == []
