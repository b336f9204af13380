"""After Finalize staff are asked once whether to collect the payment."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from tests.behaviour.world import World
from tests.browser.dashboard import GRAPHQL, Dashboard


@dataclass(frozen=True)
class Asked:
    """The prompt in one of its places: the order, the frame's name, what is seen in it."""

    order: str
    frame: str
    shown: Locator


def test_from_the_prompt_to_a_paid_order_without_a_reload(
    dashboard: Dashboard, context: BrowserContext, world: World
) -> None:
    dashboard.finalize_draft()
    dashboard.popup.get_by_label("Note to the customer").fill("Thank you for calling.")
    dashboard.popup.get_by_role("button", name="Create and send").click()

    widget = dashboard.widget
    expect(widget.get_by_text("Waiting for payment")).to_be_visible()
    expect(dashboard.page.locator("#popup")).not_to_be_visible()
    expect(dashboard.order_status).to_have_text("UNCONFIRMED")
    expect(widget.get_by_text("Thank you for calling.")).to_be_visible()
    widget.get_by_role("button", name="Copy").click()
    expect(widget.get_by_role("button", name="Copied")).to_be_focused()
    link = world.person("cashier").order(dashboard.order)["paymentLink"]
    assert dashboard.link_address() == link["url"]

    customer = context.new_page()
    customer.goto(link["url"])
    customer.get_by_role("button", name="Pay $55.00").click()
    dashboard.page.bring_to_front()
    expect(widget.get_by_text("The customer is paying now")).to_be_visible()
    customer.bring_to_front()
    customer.get_by_role("button", name="Pay 55.00 USD").click()
    expect(customer.get_by_role("heading", name="Thank you")).to_be_visible()

    dashboard.page.bring_to_front()
    expect(widget.get_by_text("Paid in full over the payment link.")).to_be_visible()
    expect(dashboard.order_status).to_have_text("UNFULFILLED")


def test_what_was_copied_is_the_link(dashboard: Dashboard, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read"], origin=dashboard.url)
    dashboard.open_order(dashboard.world.order())
    dashboard.popup.get_by_role("button", name="Create link").click()
    dashboard.widget.get_by_role("button", name="Copy").click()
    expect(dashboard.widget.get_by_role("button", name="Copied")).to_be_visible()

    assert dashboard.page.evaluate("navigator.clipboard.readText()") == dashboard.link_address()


def test_skip_leaves_the_order_as_it_is_and_a_link_can_be_made_later(
    dashboard: Dashboard, world: World
) -> None:
    dashboard.finalize_draft()
    dashboard.popup.get_by_role("button", name="Skip").click()

    expect(dashboard.widget.get_by_text("Skipped", exact=True)).to_be_visible()
    seen = world.person("cashier").order(dashboard.order)
    assert (seen["status"], seen["paymentLink"]) == ("UNFULFILLED", None)

    dashboard.widget.get_by_role("button", name="Collect payment").click()
    dashboard.popup.get_by_role("button", name="Create link").click()

    expect(dashboard.widget.get_by_text("Waiting for payment")).to_be_visible()
    assert len(world.mails.requests(seen["number"])) == 0


def test_the_prompt_comes_by_itself_but_once(dashboard: Dashboard) -> None:
    order = dashboard.world.order()
    dashboard.open_order(order)
    expect(dashboard.popup.get_by_role("button", name="Skip")).to_be_visible()
    dashboard.page.get_by_role("button", name="Close").click()

    dashboard.open_order(order)

    expect(dashboard.widget.get_by_role("button", name="Collect payment")).to_be_visible()
    expect(dashboard.page.locator("#popup")).not_to_be_visible()


@pytest.mark.parametrize("answer", ["Close", "Skip"])
def test_what_stood_under_the_prompt_is_seen_in_full(dashboard: Dashboard, answer: str) -> None:
    dashboard.open_order(dashboard.world.order())
    expect(dashboard.popup.get_by_role("button", name="Skip")).to_be_visible()
    within = dashboard.page if answer == "Close" else dashboard.popup
    within.get_by_role("button", name=answer).click()

    expect(dashboard.page.locator("#popup")).not_to_be_visible()
    expect(dashboard.widget.get_by_role("button", name="Collect payment")).to_be_in_viewport()


def test_as_soon_as_a_link_was_made_later_it_is_seen_in_full(dashboard: Dashboard) -> None:
    # Not when the widget would have given up waiting for the popup.
    dashboard.rewrite_module("widget", ("TO_APPEAR = 10_000", "TO_APPEAR = 600_000"))
    dashboard.open_order(dashboard.world.order())
    dashboard.popup.get_by_role("button", name="Skip").click()
    dashboard.widget.get_by_role("button", name="Collect payment").click()
    dashboard.popup.get_by_role("button", name="Create link").click()
    expect(dashboard.widget.get_by_role("button", name="Mark as paid")).to_be_visible()

    expect(dashboard.widget.get_by_text("A payment link for")).to_be_in_viewport()


def test_a_popup_that_was_gone_before_it_was_looked_for_covers_nothing(
    dashboard: Dashboard,
) -> None:
    dashboard.rewrite_module(
        "widget",
        ("TO_APPEAR = 10_000", "TO_APPEAR = 600_000"),
        ("LOOK_AGAIN = 300", "LOOK_AGAIN = 4_000"),
    )
    dashboard.open_order(dashboard.world.order())
    dashboard.popup.get_by_role("button", name="Skip").click()
    dashboard.widget.get_by_role("button", name="Collect payment").click()
    dashboard.popup.get_by_role("button", name="Create link").click()

    expect(dashboard.widget.get_by_text("A payment link for")).to_be_in_viewport()


def test_a_popup_from_the_menu_keeps_its_height_whatever_the_widget_shows(
    dashboard: Dashboard, world: World
) -> None:
    # As soon as something is done in the popup, and not when the widget would have looked again.
    dashboard.rewrite_module("watching", ("RESTING = 20_000", "RESTING = 600_000"))
    order = world.order()
    dashboard.open_order(order)
    dashboard.page.get_by_role("button", name="Close").click()
    expect(dashboard.widget.get_by_role("button", name="Collect payment")).to_be_in_viewport()
    dashboard.open_menus_popup()
    dashboard.popup.get_by_role("button", name="Create link").click()

    expect(dashboard.order_status).to_have_text("UNCONFIRMED")
    expect(dashboard.widget.locator("header .pill")).to_have_text("Waiting for payment")
    expect(dashboard.page.locator("#popup-frame iframe")).not_to_have_attribute(
        "style", re.compile("height")
    )
    dashboard.page.get_by_role("button", name="Close").click()
    expect(dashboard.widget.get_by_role("button", name="Mark as paid")).to_be_in_viewport()


def test_nothing_is_asked_where_nothing_can_be_collected(
    dashboard: Dashboard, world: World
) -> None:
    cases = {
        world.order(channel="channel-keyless"): "No payment method can take this amount",
        world.order({"GIFT": 1}): "Nothing is due for this order.",
        world.order(channel="channel-inactive"): "Payment links are switched off",
    }
    for order, words in cases.items():
        dashboard.open_order(order)

        expect(dashboard.widget.get_by_text(words)).to_be_visible()
        expect(dashboard.page.locator("#popup")).not_to_be_visible()
        expect(dashboard.widget.get_by_role("button")).to_have_count(0)


def test_a_deposit_with_an_expiry_is_asked_for(dashboard: Dashboard, world: World) -> None:
    dashboard.open_order(world.order())
    dashboard.popup.get_by_label("Deposit").fill("10")
    dashboard.popup.get_by_label("Expires on").fill("2099-12-24")
    dashboard.popup.get_by_role("button", name="Create link").click()

    expect(dashboard.widget.get_by_text("Deposit")).to_be_visible()
    link = world.person("cashier").order(dashboard.order)["paymentLink"]
    assert (link["requestedAmount"]["amount"], link["expiresAt"][:7]) == (10, "2099-12")


def test_a_deposit_that_cannot_be_is_refused_and_the_prompt_stays(
    dashboard: Dashboard, world: World
) -> None:
    order = world.order()
    dashboard.open_order(order)
    dashboard.popup.get_by_label("Deposit").fill("0.001")
    dashboard.popup.get_by_role("button", name="Create link").click()

    expect(dashboard.popup.get_by_role("alert")).to_be_visible()
    expect(dashboard.popup.get_by_label("Deposit")).to_have_value("0.001")
    assert world.person("cashier").order(order)["paymentLink"] is None


def test_a_dashboard_that_opens_no_popup_shows_the_prompt_in_the_widget(
    dashboard: Dashboard,
) -> None:
    dashboard.become_older("openPopup")
    dashboard.open_order(dashboard.world.order())

    dashboard.widget.get_by_role("button", name="Create link").click()

    expect(dashboard.widget.get_by_text("Waiting for payment")).to_be_visible()


def test_the_menus_popup_carries_the_prompt_and_the_state(dashboard: Dashboard) -> None:
    """All that there is in Dashboards before 3.22, which have no widgets."""
    order = dashboard.world.order()
    dashboard.have_no_widgets()
    dashboard.open_order(order)
    dashboard.open_menus_popup()
    dashboard.popup.get_by_role("button", name="Create link").click()

    expect(dashboard.popup.get_by_role("button", name="Copy")).to_be_visible()
    expect(dashboard.popup.get_by_text("Waiting for payment")).to_be_visible()


def test_without_an_address_only_a_link_can_be_made(dashboard: Dashboard, world: World) -> None:
    dashboard.open_order(world.order(email=""))

    popup = dashboard.popup
    expect(popup.get_by_text("The order has no email address.")).to_be_visible()
    expect(popup.get_by_role("button", name="Create and send")).to_be_disabled()
    popup.get_by_role("button", name="Create link").click()
    expect(dashboard.widget.get_by_text("Waiting for payment")).to_be_visible()


# While it is asked, the order goes on


@pytest.fixture(params=["popup", "menu", "widget"])
def asked(request: pytest.FixtureRequest, dashboard: Dashboard, world: World) -> Asked:
    """The prompt for an order over 25 dollars, wherever it may stand, with a note typed."""
    order = world.order()
    if request.param == "menu":
        world.person("cashier").skip(order)
        dashboard.have_no_widgets()
    elif request.param == "widget":
        dashboard.become_older("openPopup")
    dashboard.open_order(order)
    if request.param == "menu":
        dashboard.open_menus_popup()
        dashboard.popup.get_by_role("button", name="Collect payment").click()
    name = "widget" if request.param == "widget" else "prompt"
    shown = dashboard.widget_frame if request.param == "widget" else dashboard.popup
    shown.get_by_label("Note to the customer").fill("Thank you.")
    return Asked(order, name, shown.locator("body"))


def test_the_prompt_stays_as_it_is_while_the_order_is_the_same(
    dashboard: Dashboard, asked: Asked
) -> None:
    note = asked.shown.get_by_label("Note to the customer")
    dashboard.lose_the_shop()
    dashboard.look_again(asked.frame)
    expect(asked.shown.get_by_text("The shop cannot be reached.")).to_be_visible()
    dashboard.find_the_shop()
    dashboard.look_again(asked.frame)

    expect(asked.shown.get_by_text("The shop cannot be reached.")).not_to_be_visible()
    expect(note).to_have_value("Thank you.")
    expect(note).to_be_focused()


def test_what_was_said_in_place_of_the_prompt_goes_again(
    dashboard: Dashboard, asked: Asked
) -> None:
    dashboard.page.route(GRAPHQL, lambda route: route.fulfill(json={"errors": [{}]}))
    dashboard.look_again(asked.frame)
    expect(asked.shown.get_by_text("Something went wrong in the shop")).to_be_visible()
    dashboard.find_the_shop()
    dashboard.look_again(asked.frame)

    expect(asked.shown.get_by_label("Note to the customer")).to_have_value("Thank you.")
    expect(asked.shown.get_by_text("Something went wrong")).to_have_count(0)


def test_another_amount_is_asked_for_and_what_was_typed_stays(
    dashboard: Dashboard, world: World, asked: Asked
) -> None:
    asked.shown.get_by_label("Expires on").fill("2099-12-24")
    asked.shown.get_by_label("Deposit").fill("30")
    world.person("cashier").add_transaction(asked.order, "5")
    dashboard.look_again(asked.frame)

    expect(asked.shown.locator("form .amount")).to_have_text("$20.00")
    expect(asked.shown.get_by_text("The amount due has changed to $20.00.")).to_be_visible()
    expect(asked.shown.get_by_label("Note to the customer")).to_have_value("Thank you.")
    expect(asked.shown.get_by_label("Expires on")).to_have_value("2099-12-24")
    deposit = asked.shown.get_by_label("Deposit")
    expect(deposit).to_have_value("30")
    expect(deposit).to_have_attribute("max", "20")
    expect(deposit).to_be_focused()


def test_what_was_typed_stays_in_another_language(dashboard: Dashboard, asked: Asked) -> None:
    dashboard.choose_behind("locale", "de")

    expect(asked.shown.locator("form .amount")).to_have_text("25,00\xa0$")
    expect(asked.shown.get_by_label("Nachricht an den Kunden")).to_have_value("Thank you.")


def test_the_prompt_goes_once_nothing_can_be_collected_any_more(
    dashboard: Dashboard, world: World, asked: Asked
) -> None:
    world.person("cashier").cancel(asked.order)
    dashboard.look_again(asked.frame)

    expect(asked.shown.get_by_text("can no longer be collected")).to_be_visible()
    expect(asked.shown.get_by_text("The order is cancelled, and")).to_be_visible()
    expect(asked.shown.get_by_role("button", name="Create link")).to_have_count(0)


def test_the_prompt_goes_once_somebody_else_has_made_a_link(
    dashboard: Dashboard, world: World, asked: Asked
) -> None:
    world.link(asked.order, message="Mind the step.")
    dashboard.look_again(asked.frame)

    expect(asked.shown.get_by_text("This order had a link already")).to_be_visible()
    expect(asked.shown.get_by_text("Mind the step.")).to_be_visible()
    expect(asked.shown.get_by_role("button", name="Create link")).to_have_count(0)


def test_no_link_is_made_for_another_amount_than_was_seen(world: World, asked: Asked) -> None:
    world.person("cashier").add_transaction(asked.order, "5")
    with world.unchanged(asked.order):
        asked.shown.get_by_role("button", name="Create link").click()
        expect(asked.shown.get_by_text("The amount due has changed to $20.00.")).to_be_visible()
    expect(asked.shown.get_by_label("Note to the customer")).to_have_value("Thank you.")


# Somebody else was quicker


def test_who_was_not_the_first_is_told_and_mails_nothing(
    dashboard: Dashboard, world: World, asked: Asked
) -> None:
    link = world.link(asked.order, message="Mind the step.", amount="10")
    with world.unchanged(asked.order):
        asked.shown.get_by_role("button", name="Create and send").click()
        expect(asked.shown.get_by_text("This order had a link already")).to_be_visible()

    expect(asked.shown.get_by_role("textbox", name="Payment link")).to_have_value(link["url"])
    expect(asked.shown.get_by_text("Mind the step.")).to_be_visible()
    expect(asked.shown.get_by_text("$10.00").first).to_be_visible()
    expect(dashboard.toasts).to_be_empty()


def test_who_was_overtaken_in_the_last_moment_is_told(
    dashboard: Dashboard, world: World, asked: Asked
) -> None:
    dashboard.before("PaymentLinkCreate", lambda: world.link(asked.order, message="Mind the step."))
    asked.shown.get_by_role("button", name="Create link").click()

    expect(asked.shown.get_by_text("This order had a link already")).to_be_visible()
    expect(asked.shown.get_by_text("Mind the step.")).to_be_visible()
    expect(dashboard.toasts).to_be_empty()


def test_who_skips_where_there_is_a_link_is_told(
    dashboard: Dashboard, world: World, asked: Asked
) -> None:
    world.link(asked.order)
    with world.unchanged(asked.order):
        asked.shown.get_by_role("button", name="Skip").click()
        expect(asked.shown.get_by_text("it was not skipped")).to_be_visible()

    expect(asked.shown.locator("header .pill")).to_have_text("Waiting for payment")
    expect(dashboard.toasts).to_be_empty()
