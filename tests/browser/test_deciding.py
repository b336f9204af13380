"""What staff do about an open link, from the order's page."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Request, Route, expect

from tests.behaviour.world import World
from tests.browser.dashboard import Dashboard


@pytest.fixture
def order(dashboard: Dashboard, world: World) -> str:
    """An order over 25 dollars that waits for its payment, on the screen."""
    order = world.order()
    world.link(order)
    dashboard.open_order(order)
    return order


def test_mark_paid_asks_first_and_says_what_follows(
    dashboard: Dashboard, order: str, world: World
) -> None:
    world.pay(world.link(world.order()))
    before = world.person("cashier").earnings()
    number = world.person("cashier").order(order)["number"]
    dashboard.widget.get_by_role("button", name="Mark as paid…").click()

    dialog = dashboard.dialog
    expect(dialog).to_contain_text(f"$25.00 for order #{number}")
    expect(dialog).to_contain_text("not counted in the earnings, the link closes")
    dialog.get_by_role("button", name="Cancel").click()
    assert world.person("cashier").order(order)["paymentCollection"]["status"] == "AWAITING"

    dashboard.widget.get_by_role("button", name="Mark as paid…").click()
    dialog.get_by_label("Reference").fill("till 7")
    dialog.get_by_role("button", name="Mark as paid").click()

    expect(dashboard.widget.get_by_text("Marked as paid", exact=True)).to_be_visible()
    expect(dashboard.order_status).to_have_text("UNFULFILLED")
    after = world.person("cashier").earnings()
    assert after["USD"]["manual"]["count"] == before["USD"]["manual"]["count"] + 1
    assert after["USD"]["gross"] == before["USD"]["gross"]


def test_an_order_that_was_edited_meanwhile_is_not_marked_as_paid(
    dashboard: Dashboard, order: str, world: World
) -> None:
    dashboard.widget.get_by_role("button", name="Mark as paid…").click()
    expect(dashboard.dialog).to_contain_text("$25.00")
    world.person("cashier").change_quantity(order, 3)

    with world.unchanged(order):
        dashboard.dialog.get_by_role("button", name="Mark as paid").click()

        expect(dashboard.dialog.get_by_role("alert")).to_contain_text("changed to $37.50")


def test_what_is_being_done_cannot_be_cancelled(
    dashboard: Dashboard, order: str, world: World
) -> None:
    held: list[Route] = []
    dashboard.meddle("PaymentLinkReject", held.append)
    dashboard.widget.get_by_role("button", name="Reject order…").click()
    with dashboard.page.expect_request(
        lambda request: "mutation PaymentLinkReject" in (request.post_data or "")
    ):
        dashboard.dialog.get_by_role("button", name="Reject order").click()

    expect(dashboard.dialog.get_by_role("button", name="Cancel")).to_be_disabled()
    for _time in range(2):
        dashboard.page.keyboard.press("Escape")
    expect(dashboard.dialog).to_be_visible()

    (route,) = held
    route.continue_()
    expect(dashboard.dialog).to_have_count(0)
    expect(dashboard.order_status).to_have_text("CANCELED")


@pytest.mark.parametrize(
    ("name", "operation"),
    [("Reject order", "PaymentLinkReject"), ("Mark as paid", "PaymentLinkMarkPaid")],
)
def test_without_a_session_nothing_is_done_and_nothing_later(
    dashboard: Dashboard, order: str, world: World, name: str, operation: str
) -> None:
    over = {"errors": [{"extensions": {"exception": {"code": "ExpiredSignatureError"}}}]}
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.post_data or "")
        route.fulfill(json=over)

    dashboard.widget.get_by_role("button", name=f"{name}…").click()
    dashboard.page.route("**/graphql/", refuse)
    expect(dashboard.widget).to_contain_text("Your access has run out")

    dashboard.dialog.get_by_role("button", name=name).dispatch_event("click")

    expect(dashboard.dialog.get_by_role("alert")).to_contain_text("Your access has run out")
    assert not any(f"mutation {operation}" in each for each in asked)
    assert world.person("cashier").order(order)["paymentCollection"]["status"] == "AWAITING"


def test_a_question_comes_where_it_is_seen(dashboard: Dashboard, order: str) -> None:
    """The frame is as high as all that it shows, and who asked is at the edge of the screen."""
    dashboard.page.set_viewport_size({"width": 1400, "height": 500})
    dashboard.widget.get_by_text("More actions").click()
    asking = dashboard.widget.get_by_role("button", name="New address…")
    asking.evaluate("button => button.scrollIntoView({block: 'end'})")
    asking.click()

    for name in ("Cancel", "New address"):
        button = dashboard.dialog.get_by_role("button", name=name)
        expect(button).to_be_in_viewport(ratio=1)


def test_who_may_not_handle_payments_is_refused_and_nothing_happens(
    dashboard: Dashboard, world: World
) -> None:
    order = world.order()
    world.link(order)
    dashboard.log_in("clerk")
    dashboard.open_order(order)
    with world.unchanged(order):
        dashboard.widget.get_by_role("button", name="Mark as paid…").click()
        dashboard.dialog.get_by_role("button", name="Mark as paid").click()

        expect(dashboard.dialog.get_by_role("alert")).to_contain_text("permission")


def test_another_channels_staff_see_nothing(dashboard: Dashboard, world: World) -> None:
    order = world.order()
    link = world.link(order)
    dashboard.log_in("foreigner")
    dashboard.open_order(order)

    expect(dashboard.widget.get_by_role("alert")).to_contain_text("You do not have the permission")
    assert link["url"] not in dashboard.widget_frame.locator("html").inner_html()


def test_reject_cancels_the_order(dashboard: Dashboard, order: str, world: World) -> None:
    dashboard.widget.get_by_role("button", name="Reject order…").click()
    expect(dashboard.dialog).to_contain_text("its stock is freed")
    dashboard.dialog.get_by_label("Reason").fill("She changed her mind.")
    dashboard.dialog.get_by_role("button", name="Reject order").click()

    expect(dashboard.widget.get_by_text("Rejected", exact=True)).to_be_visible()
    expect(dashboard.order_status).to_have_text("CANCELED")
    expect(dashboard.widget.get_by_text("She changed her mind.")).to_be_visible()


def test_a_new_address_kills_the_old_one(
    dashboard: Dashboard, order: str, context: BrowserContext
) -> None:
    before = dashboard.link_address()
    dashboard.widget.get_by_text("More actions").click()
    dashboard.widget.get_by_role("button", name="New address…").click()
    expect(dashboard.dialog).to_contain_text("stops working at once")
    dashboard.dialog.get_by_role("button", name="New address").click()

    expect(dashboard.toasts).to_contain_text("The link has a new address.")
    assert dashboard.link_address() != before
    customer = context.new_page()
    statuses = [customer.goto(url).status for url in (before, dashboard.link_address())]
    assert statuses == [404, 200]


def test_send_again_goes_where_it_is_told(dashboard: Dashboard, order: str, world: World) -> None:
    dashboard.widget.get_by_role("button", name="Send by email").click()
    dashboard.dialog.get_by_label("Email address").fill("grace@example.com")
    dashboard.dialog.get_by_label("Note to the customer").fill("As promised.")
    dashboard.dialog.get_by_label("Send me a copy").check()
    dashboard.dialog.get_by_role("button", name="Send").click()

    expect(dashboard.widget.get_by_role("button", name="Send again")).to_be_visible()
    number = world.person("cashier").order(order)["number"]
    (mail,), (copy,) = world.mails.requests(number), world.mails.copies(number)
    assert (mail["to"], copy["to"]) == (["grace@example.com"], ["cashier@example.com"])
    assert "As promised." in mail["text"]


def test_reminders_are_stopped_and_go_on(dashboard: Dashboard, world: World) -> None:
    order = world.order()
    world.link(order, send=True)
    dashboard.open_order(order)
    widget = dashboard.widget
    number = world.person("cashier").order(order)["number"]

    widget.get_by_role("button", name="Stop reminders").press("Enter")

    expect(widget.get_by_text("Reminders are stopped")).to_be_visible()
    resuming = widget.get_by_role("button", name="Remind again")
    expect(resuming).to_be_focused()
    with world.later(days=2), world.settings("default-channel", values={"reminder-hours": "0-24"}):
        world.sweep()
    assert world.mails.reminders(number) == []

    resuming.press("Enter")

    expect(widget.get_by_text("Reminders are stopped")).to_have_count(0)
    expect(widget.get_by_role("button", name="Stop reminders")).to_be_focused()
    expect(widget.get_by_text("Next reminder")).to_be_visible()


def test_a_stop_that_did_not_get_through_is_said(dashboard: Dashboard, world: World) -> None:
    order = world.order()
    world.link(order, send=True)
    dashboard.open_order(order)
    dashboard.meddle("PaymentRemindersStop", lambda route: route.abort())

    dashboard.widget.get_by_role("button", name="Stop reminders").click()

    expect(dashboard.toasts).to_contain_text("nobody knows whether this was done")
    expect(dashboard.widget.get_by_text("Reminders are stopped")).to_have_count(0)


def test_a_link_is_closed_and_another_is_made(dashboard: Dashboard, order: str) -> None:
    dashboard.widget.get_by_text("More actions").click()
    dashboard.widget.get_by_role("button", name="Close link…").click()
    dashboard.dialog.get_by_role("button", name="Close link").click()

    expect(dashboard.widget.get_by_text("Not collected yet")).to_be_visible()
    dashboard.widget.get_by_role("button", name="Collect payment").click()
    dashboard.popup.get_by_role("button", name="Create link").click()
    expect(dashboard.widget.get_by_text("Waiting for payment")).to_be_visible()


def test_an_expiry_is_set(dashboard: Dashboard, order: str, world: World) -> None:
    dashboard.widget.get_by_text("More actions").click()
    dashboard.widget.get_by_role("button", name="Change expiry…").click()
    dashboard.dialog.get_by_label("Can be paid until").fill("2099-12-24")
    dashboard.dialog.get_by_role("button", name="Set expiry").click()

    expect(dashboard.toasts).to_contain_text("The link has a new expiry.")
    assert world.person("cashier").order(order)["paymentLink"]["expiresAt"][:7] == "2099-12"


def test_an_expired_link_that_is_given_another_end_is_paid(
    dashboard: Dashboard, world: World, context: BrowserContext
) -> None:
    order = world.order()
    link = world.link(order, expiresAt=(datetime.now(UTC) + timedelta(hours=1)).isoformat())
    with world.later(hours=2):
        dashboard.open_order(order)
        expect(dashboard.widget.get_by_text("The customer can no longer pay.")).to_be_visible()
        customer = context.new_page()
        customer.goto(link["url"])
        expect(customer.get_by_role("button", name="Pay")).to_have_count(0)

        dashboard.page.bring_to_front()
        dashboard.widget.get_by_role("button", name="Set expiry").click()
        dashboard.dialog.get_by_label("Can be paid until").fill("2099-12-24")
        dashboard.dialog.get_by_role("button", name="Set expiry").click()
        expect(dashboard.widget.get_by_text("Waiting for payment")).to_be_visible()
        assert dashboard.link_address() == link["url"]

    customer.reload()
    customer.get_by_role("button", name="Pay $25.00").click()
    customer.get_by_role("button", name="Pay 25.00 USD").click()
    expect(customer.get_by_role("heading", name="Thank you")).to_be_visible()
    assert world.simulator.settle()
    assert world.person("cashier").order(order)["paymentCollection"]["status"] == "COLLECTED"


def test_checking_with_the_provider_finds_what_no_webhook_told(
    dashboard: Dashboard, order: str, world: World
) -> None:
    link = world.person("cashier").order(order)["paymentLink"]
    session = world.begin(link)
    world.simulator.configure_deliveries(mode="drop")
    world.simulator.pay(session)
    world.simulator.configure_deliveries()
    dashboard.widget.get_by_text("More actions").click()
    dashboard.widget.get_by_role("button", name="Check with the provider").click()

    expect(dashboard.widget.get_by_text("Paid in full over the payment link.")).to_be_visible()


def test_checking_with_the_provider_is_answered_also_where_nothing_is_new(
    dashboard: Dashboard, order: str, world: World
) -> None:
    with world.unchanged(order):
        dashboard.widget.get_by_text("More actions").click()
        dashboard.widget.get_by_role("button", name="Check with the provider").click()

        expect(dashboard.toasts).to_contain_text("What you see is up to date.")


def test_the_customers_view_opens_in_a_tab_of_its_own(
    dashboard: Dashboard, order: str, context: BrowserContext
) -> None:
    with context.expect_page() as opened:
        dashboard.widget.get_by_role("button", name="See as customer").click()

    assert opened.value.url == f"{dashboard.link_address()}?preview"
    expect(opened.value.get_by_role("button", name="Pay $25.00")).to_be_visible()
    assert len(context.pages) == 2


def test_a_popup_over_the_widget_leaves_it_to_the_widget_to_open_pages(
    dashboard: Dashboard, order: str, context: BrowserContext
) -> None:
    """The Dashboard does for each of the two what one of them asks for."""
    dashboard.open_menus_popup()
    expect(dashboard.popup.get_by_role("button", name="Copy")).to_be_visible()
    expect(dashboard.popup.get_by_role("button", name="See as customer")).to_have_count(0)
    dashboard.page.get_by_role("button", name="Close").click()
    with context.expect_page() as opened:
        dashboard.widget.get_by_role("button", name="See as customer").click()

    expect(opened.value.get_by_role("button", name="Pay $25.00")).to_be_visible()
    assert len(context.pages) == 2


def test_where_there_are_no_widgets_the_popup_opens_one_page(
    dashboard: Dashboard, order: str, world: World, context: BrowserContext
) -> None:
    dashboard.have_no_widgets()
    dashboard.open_order(order)
    dashboard.open_menus_popup()
    with context.expect_page() as customers:
        dashboard.popup.get_by_role("button", name="See as customer").click()
    expect(customers.value.get_by_role("button", name="Pay $25.00")).to_be_visible()
    assert len(context.pages) == 2

    world.pay(world.person("cashier").order(order)["paymentLink"])
    dashboard.page.bring_to_front()
    dashboard.look_again("prompt")
    with context.expect_page():
        dashboard.popup.get_by_role("button", name="See at Stripe").click()
    assert len(context.pages) == 3


def test_a_dashboard_that_opens_no_page_on_its_own_host_leaves_the_address_to_be_pasted(
    dashboard: Dashboard, world: World, context: BrowserContext
) -> None:
    context.grant_permissions(["clipboard-read"], origin=dashboard.url)
    dashboard.rewrite_host(("this.#dashboard.redirect(payload)", "false"))
    order = world.order()
    world.link(order)
    dashboard.open_order(order)
    preview = dashboard.widget.get_by_role("button", name="See as customer")
    preview.click()

    expect(dashboard.toasts).to_contain_text("It is for you only")
    expect(dashboard.toasts).to_contain_text("For the customer, use Copy.")
    expect(preview).to_be_focused()
    copied = dashboard.page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{dashboard.link_address()}?preview"


def test_the_qr_code_is_drawn_once_for_who_wants_to_see_it(
    dashboard: Dashboard, order: str, world: World
) -> None:
    asked: list[bool] = []

    def note(request: Request) -> None:
        if request.url.endswith("/graphql/"):
            asked.append(request.post_data_json["variables"].get("qrCode"))

    dashboard.page.on("request", note)
    dashboard.look_again("widget")
    dashboard.widget.get_by_text("QR code").click()
    code = dashboard.widget.get_by_role("img", name="QR code of the payment link")
    expect(code).to_have_attribute("src", re.compile("^data:image/svg"))
    expect(code).to_be_visible()
    first = code.get_attribute("src")
    link = world.person("cashier").order(order)["paymentLink"]
    world.person("cashier").send_link(link["id"])
    dashboard.look_again("widget")
    expect(dashboard.widget.get_by_role("button", name="Send again")).to_be_visible()
    expect(code).to_have_attribute("src", first or "")
    assert asked.count(True) == 1

    world.person("cashier").rotate_link(link["id"])
    dashboard.look_again("widget")

    expect(code).not_to_have_attribute("src", first or "")
    expect(code).to_have_attribute("src", re.compile("^data:image/svg"))
    assert (asked.count(True), asked.count(None)) == (2, 0)


def test_a_customer_who_pays_is_seen_whatever_the_clock_of_the_browser_says(
    dashboard: Dashboard, order: str, world: World
) -> None:
    dashboard.page.add_init_script(
        "const now = Date.now; Date.now = () => now() + 2 * 60 * 60 * 1000;"
    )
    world.begin(world.person("cashier").order(order)["paymentLink"])
    dashboard.open_order(order)

    expect(dashboard.widget.get_by_text("The customer is paying now")).to_be_visible()
    expect(dashboard.widget.get_by_text("hours ago")).to_have_count(0)


def test_an_open_part_and_the_focus_stay_when_something_changes(
    dashboard: Dashboard, order: str, world: World
) -> None:
    dashboard.widget.get_by_text("More actions").click()
    rotate = dashboard.widget.get_by_role("button", name="New address…")
    rotate.focus()
    world.person("cashier").send_link(world.person("cashier").order(order)["paymentLink"]["id"])

    expect(dashboard.widget.get_by_text("The payment link was mailed")).to_be_visible()
    expect(rotate).to_be_focused()
