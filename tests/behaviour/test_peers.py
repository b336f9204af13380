"""What went wrong with others who collect payments over links, each as it must go here.

Only what no other test holds: most of it is tested where it belongs.
"""

from dataclasses import replace

from sandbox.client.customer import Browser
from sandbox.client.staff import ADDRESS, CUSTOMER_EMAIL, Staff
from sandbox.stripe.client import SimulatorClient
from tests.behaviour.test_exceptions import exception_of, pay_late, pay_twice, resolve
from tests.behaviour.test_no_effect_of_get import visit
from tests.behaviour.world import World, money

PRIVATE = ("firstName", "lastName", "streetAddress1", "city", "postalCode")


def test_giving_a_second_payment_back_leaves_the_order_paid(world: World, cashier: Staff) -> None:
    order = pay_twice(world)

    resolve(world, order, "REFUNDED")

    seen = cashier.order(order)
    assert (seen["isPaid"], seen["chargeStatus"], seen["status"]) == (True, "FULL", "UNFULFILLED")
    assert seen["paymentCollection"]["status"] == "COLLECTED"
    assert seen["paymentLink"]["status"] == "PAID"
    assert world.page(seen["paymentLink"]).heading == "Thank you for your payment"


def test_choosing_another_way_to_pay_closes_the_session_of_the_first(world: World) -> None:
    link = world.link(world.order())
    first = world.begin(link)

    second = world.begin_slowly(link)

    assert second != first
    assert world.session(first)["status"] == "expired"
    assert world.session(second)["status"] == "open"


def test_the_address_of_a_link_is_the_shops_wherever_staff_work(world: World) -> None:
    order = world.order()
    elsewhere = world.stage.shop_url.replace("127.0.0.1", "localhost")
    assert elsewhere != world.stage.shop_url

    link = Staff(replace(world.stage, shop_url=elsewhere), "cashier").create_link(order, send=True)

    assert link["url"].startswith(f"{world.stage.shop_url}/")
    (mail,) = world.mails.requests(world.person("cashier").order(order)["number"])
    assert link["url"] in mail["text"]
    assert "localhost" not in mail["text"]


def test_a_link_that_was_given_before_its_customer_changed_is_paid(
    world: World, cashier: Staff
) -> None:
    order = world.order()
    link = world.link(order)

    cashier.change_email(order, "somebody.else@example.com")
    world.pay(link)

    assert cashier.order(order)["isPaid"] is True
    assert cashier.order(order)["paymentLink"]["url"] == link["url"]


def test_what_scanners_have_opened_can_be_paid_when_every_timer_has_gone_off(
    world: World, cashier: Staff
) -> None:
    order = world.order(channel="channel-expiring")
    with world.settings("channel-expiring", values={"reminder-days": ""}):
        link = world.link(order, send=True)

        with world.unchanged(order), world.later(days=2):
            visit(link["url"])
            world.sweep()
            world.expire()

    world.pay(link)
    assert cashier.order(order)["status"] == "UNFULFILLED"


def test_a_payment_that_is_told_of_again_after_its_refund_changes_nothing(
    world: World, cashier: Staff, browser: Browser, simulator: SimulatorClient
) -> None:
    simulator.configure_deliveries(mode="hold")
    order = world.order()
    link = world.link(order)
    session = world.session(world.pay(link))
    browser.open(session["success_url"])
    simulator.refund(session["payment_intent"])
    cashier.sync_link(link["id"])
    cashier.cancel(order)
    seen = cashier.order(order)
    assert (seen["status"], seen["totalCharged"]) == ("CANCELED", money("0"))

    with world.unchanged(order):
        assert simulator.release_deliveries() > 0

    assert cashier.exceptions(order) == []


def test_whoever_pays_for_a_cancelled_order_is_told_that_it_was_cancelled(
    world: World, cashier: Staff
) -> None:
    order = pay_late(world)

    page = world.page(cashier.order(order)["paymentLink"])

    assert page.heading == "This order was cancelled"
    # What was taken is said all the same.
    assert exception_of(world, order)["providerReference"] in page.text


def test_a_forwarded_link_tells_neither_where_its_customer_lives_nor_who_it_is(
    world: World,
) -> None:
    link = world.link(world.order())
    due = world.page(link)
    world.pay(link)

    for page in (due, world.page(link)):
        for private in (CUSTOMER_EMAIL, *(ADDRESS[each] for each in PRIVATE)):
            assert private not in page.html


def test_an_abandoned_payment_page_counts_as_no_money(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order()
    link = world.link(order, amount="10.00")
    simulator.expire(world.begin(link))
    assert simulator.settle()

    seen = cashier.order(order)
    assert seen["paymentCollection"]["amountDue"] == money("25.00")
    assert (seen["paymentLink"]["amountPaid"], seen["paymentLink"]["amountDue"]) == (
        money("0"),
        money("10.00"),
    )
