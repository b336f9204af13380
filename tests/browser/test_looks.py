"""Light and dark, for every eye and every hand, and as narrow as the order's sidebar."""

from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.behaviour.test_exceptions import pay_less
from tests.behaviour.world import World
from tests.browser.dashboard import Dashboard

SERIOUS = ("serious", "critical")
NARROW = 331
MOST_STOPS = 60
BACKS = {"light": "rgb(255, 255, 255)", "dark": "rgb(38, 40, 54)"}


def serious_findings(page: Page, frame: str) -> list[str]:
    """What axe-core holds against what is shown in the frame of that name."""
    (shown,) = [each for each in page.frames if f"/dashboard/{frame}" in each.url]
    found = Axe().run(shown).response["violations"]
    return [
        f"{each['id']}: {node['html']}"
        for each in found
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]


def paid(world: World) -> str:
    order = world.order()
    world.pay(world.link(order))
    return order


def expired(world: World) -> str:
    """Its end is far enough away for all that is done before it is looked at."""
    order = world.order()
    world.link(order, expiresAt=(datetime.now(UTC) + timedelta(minutes=30)).isoformat())
    return order


def rejected(world: World) -> str:
    order = world.order()
    world.link(order)
    world.person("cashier").reject(order, "She changed her mind.")
    return order


def marked_as_paid(world: World) -> str:
    order = world.order()
    world.link(order)
    world.person("cashier").mark_paid(order)
    return order


def declined(world: World) -> str:
    order = world.order()
    link = world.link(order, message="Mind the step.")
    world.simulator.decline(world.begin(link))
    assert world.simulator.settle()
    return order


def mailed(world: World) -> str:
    order = world.order()
    world.link(order, send=True)
    return order


def not_reminded(world: World) -> str:
    order = mailed(world)
    world.person("cashier").stop_reminders(order)
    return order


def paid_in_part(world: World) -> str:
    order = world.order()
    world.pay(world.link(order, amount="10.00"))
    return order


def processing(world: World) -> str:
    order = world.order()
    world.simulator.pay_later(world.begin_slowly(world.link(order)))
    assert world.simulator.settle()
    return order


def skipped(world: World) -> str:
    order = world.order()
    world.person("cashier").skip(order)
    return order


def not_collectable(world: World) -> str:
    return world.order(channel="channel-keyless")


STATES = {
    "Paid in full over the payment link.": paid,
    "The order is cancelled, and its link is closed.": rejected,
    "You took this money yourselves.": marked_as_paid,
    "Your card was declined.": declined,
    "Stop reminders": mailed,
    "Reminders are stopped": not_reminded,
    "A part is paid.": paid_in_part,
    "The customer has paid by a method that takes days": processing,
    "Collecting was skipped.": skipped,
    "No payment method can take this amount": not_collectable,
    "1 payment needs your attention": pay_less,
}


@pytest.mark.parametrize("words", STATES)
def test_every_state_of_the_widget_is_accessible(
    dashboard: Dashboard, world: World, words: str
) -> None:
    order = STATES[words](world)
    dashboard.open_order(order)
    expect(dashboard.widget.get_by_text(words).first).to_be_visible()

    assert_accessible_in_both_themes(dashboard, "widget")


def test_the_widget_of_an_expired_link_is_accessible(dashboard: Dashboard, world: World) -> None:
    order = expired(world)
    with world.later(hours=1):
        dashboard.open_order(order)
        expect(dashboard.widget.get_by_text("The customer can no longer pay.")).to_be_visible()

        assert_accessible_in_both_themes(dashboard, "widget")


def assert_accessible_in_both_themes(dashboard: Dashboard, frame: str) -> None:
    """Of what is shown, with all that can be unfolded."""
    (shown,) = [each for each in dashboard.page.frames if f"/dashboard/{frame}" in each.url]
    shown.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    for theme, back in BACKS.items():
        dashboard.choose_behind("theme", theme)
        expect(shown.locator("body")).to_have_css("background-color", back)
        assert serious_findings(dashboard.page, frame) == []


@pytest.mark.parametrize(
    "asking",
    [
        "Send by email",
        "Mark as paid…",
        "Reject order…",
        "Change expiry…",
        "New address…",
        "Close link…",
    ],
)
def test_every_question_of_the_widget_is_accessible(
    dashboard: Dashboard, world: World, asking: str
) -> None:
    order = world.order()
    world.link(order, message="Mind the step.")
    dashboard.open_order(order)
    dashboard.widget.get_by_text("More actions").click()
    dashboard.widget.get_by_role("button", name=asking).click()
    expect(dashboard.dialog).to_be_visible()

    assert_accessible_in_both_themes(dashboard, "widget")


def test_the_prompt_is_accessible(dashboard: Dashboard, world: World) -> None:
    dashboard.open_order(world.order())
    expect(dashboard.popup.get_by_role("button", name="Skip")).to_be_visible()

    assert_accessible_in_both_themes(dashboard, "prompt")


def test_the_prompt_within_the_widget_is_accessible(dashboard: Dashboard, world: World) -> None:
    dashboard.become_older("openPopup")
    dashboard.open_order(world.order())
    dashboard.widget.get_by_label("Deposit").fill("0.001")
    dashboard.widget.get_by_role("button", name="Create link").click()
    expect(dashboard.widget.get_by_role("alert")).to_be_visible()

    assert_accessible_in_both_themes(dashboard, "widget")


def test_the_list_and_its_question_are_accessible(dashboard: Dashboard, world: World) -> None:
    order = world.order()
    world.link(order)
    frame = dashboard.open_links()
    frame.get_by_role("checkbox", name="Select order").first.check()
    assert_accessible_in_both_themes(dashboard, "links")

    frame.get_by_role("button", name="Send 1 link").click()
    expect(dashboard.links_dialog).to_be_visible()
    assert_accessible_in_both_themes(dashboard, "links")


def test_a_list_that_could_not_be_asked_for_is_accessible(
    dashboard: Dashboard, world: World
) -> None:
    world.link(world.order())
    frame = dashboard.open_links()
    expect(frame.get_by_role("table")).to_be_visible()
    dashboard.meddle("PaymentLinks", lambda route: route.abort())
    frame.get_by_label("Status").select_option("All")
    expect(frame.get_by_role("button", name="Try again")).to_be_visible()

    assert_accessible_in_both_themes(dashboard, "links")


@pytest.mark.parametrize("decision", ["Refund", "Keep", "Dismiss"])
def test_exceptions_and_their_questions_are_accessible(
    dashboard: Dashboard, world: World, decision: str
) -> None:
    pay_less(world)
    frame = dashboard.open_links("tab=exceptions")
    asking = frame.get_by_role("article").first.get_by_role("button", name=decision)
    expect(asking).to_be_visible()
    if decision == "Refund":
        assert_accessible_in_both_themes(dashboard, "links")
    asking.click()
    expect(dashboard.links_dialog).to_be_visible()

    assert_accessible_in_both_themes(dashboard, "links")


NONE = {
    "totalCount": 0,
    "edges": [],
    "pageInfo": {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    },
}


def test_where_there_is_nothing_to_show_it_is_accessible_and_says_so(dashboard: Dashboard) -> None:
    for name in ("PaymentLinks", "PaymentExceptions"):
        answer = {"data": {f"{name[0].lower()}{name[1:]}": NONE}}
        dashboard.meddle(name, lambda route, answer=answer: route.fulfill(json=answer))
    frame = dashboard.open_links()
    expect(frame.get_by_text("No link waits for its payment")).to_be_visible()
    assert_accessible_in_both_themes(dashboard, "links")

    frame.get_by_label("Status").select_option("All")
    expect(frame.get_by_text("No payment links yet")).to_be_visible()
    frame.get_by_label("Status").select_option("Paid")
    expect(frame.get_by_text("Nothing found")).to_be_visible()
    frame.get_by_role("tab", name="Exceptions").click()
    expect(frame.get_by_text("Nothing needs you")).to_be_visible()
    assert_accessible_in_both_themes(dashboard, "links")

    frame.get_by_label("Show those that are decided").check()
    expect(frame.get_by_text("Nothing was decided yet")).to_be_visible()


@pytest.mark.parametrize("theme", BACKS)
def test_the_frames_wear_what_the_dashboard_wears(
    dashboard: Dashboard, world: World, theme: str
) -> None:
    dashboard.open_order(world.order())
    body = dashboard.popup.locator("body")
    expect(body).to_be_visible()
    dashboard.choose_behind("theme", theme)

    expect(body).to_have_css("background-color", BACKS[theme])
    expect(dashboard.widget_frame.locator("body")).to_have_css("background-color", BACKS[theme])


def test_everything_fits_into_the_sidebar(dashboard: Dashboard, world: World) -> None:
    order = world.order()
    world.link(order, message="Averyveryverylongwordthatnobodywouldeverwritebutsomebodydoes" * 2)
    dashboard.open_order(order)
    expect(dashboard.widget.get_by_text("Waiting for payment")).to_be_visible()
    (widget,) = [each for each in dashboard.page.frames if "/dashboard/widget" in each.url]

    width = "document.documentElement.scrollWidth"
    assert (widget.evaluate("innerWidth"), widget.evaluate(width)) == (NARROW, NARROW)


def test_the_widget_is_as_high_as_what_it_shows(dashboard: Dashboard, world: World) -> None:
    order = world.order()
    world.link(order)
    dashboard.open_order(order)
    dashboard.widget.get_by_text("More actions").click()
    (widget,) = [each for each in dashboard.page.frames if "/dashboard/widget" in each.url]

    widget.wait_for_function("document.documentElement.scrollHeight <= innerHeight")


def test_amounts_and_times_are_in_the_dashboards_language(
    dashboard: Dashboard, world: World
) -> None:
    order = world.order()
    world.link(order, expiresAt="2099-12-24T12:00:00Z")
    dashboard.choose("locale", "de")
    dashboard.open_order(order)

    expect(dashboard.widget.locator("header .amount")).to_have_text("25,00\xa0$")
    expires = dashboard.widget.locator(".facts time").last
    expect(expires).to_have_text("in 73 Jahren")
    expect(expires).to_have_attribute("title", "24.12.2099, 12:00")


def test_a_links_address_is_seen_from_its_beginning_where_words_run_to_the_left(
    dashboard: Dashboard, world: World
) -> None:
    order = world.order()
    world.link(order)
    dashboard.choose("locale", "ar")
    dashboard.open_order(order)

    expect(dashboard.widget_frame.locator("html")).to_have_attribute("dir", "rtl")
    address = dashboard.widget.locator("#link-url")
    expect(address).to_have_css("direction", "ltr")
    # It keeps its place to the right of the button, and is open only towards it.
    expect(address).to_have_css("border-width", "1px 1px 1px 0px")


def test_one_line_parts_the_tabs_from_the_list(dashboard: Dashboard) -> None:
    dashboard.open_links()

    expect(dashboard.links_frame.locator(".tabs")).to_have_css("border-bottom-width", "1px")
    expect(dashboard.links_frame.locator("#list")).to_have_css("border-top-width", "0px")


@pytest.mark.parametrize(
    ("channel", "lines", "words"),
    [
        ("channel-jpy", {"PLATE": 5}, "¥150"),
        ("channel-kwd", {"CRUMB": 8}, "KWD 1.000"),
    ],
)
def test_each_currency_has_its_own_digits(
    dashboard: Dashboard, world: World, channel: str, lines: dict[str, int], words: str
) -> None:
    order = world.order(lines, channel=channel)
    dashboard.open_order(order)

    expect(dashboard.popup.locator("p.amount")).to_have_text(words)


def tab_to(page: Page, target: Locator) -> None:
    """By the keyboard, however many stops there are before it."""
    for _stop in range(MOST_STOPS):
        if target.evaluate("element => element === element.ownerDocument.activeElement"):
            return
        page.keyboard.press("Tab")
    expect(target).to_be_focused()


def test_from_the_prompt_to_the_copied_link_by_keyboard_alone(
    dashboard: Dashboard, world: World
) -> None:
    dashboard.open_order(world.order())
    create = dashboard.popup.get_by_role("button", name="Create link")
    expect(create).to_be_visible()
    tab_to(dashboard.page, create)
    dashboard.page.keyboard.press("Enter")
    copy = dashboard.widget.get_by_role("button", name="Copy")
    expect(copy).to_be_visible()
    expect(dashboard.page.locator("#popup")).not_to_be_visible()
    tab_to(dashboard.page, copy)
    dashboard.page.keyboard.press("Enter")

    expect(dashboard.widget.get_by_role("button", name="Copied")).to_be_focused()


def test_what_changes_is_said_to_who_cannot_see_it(dashboard: Dashboard, world: World) -> None:
    order = world.order()
    link = world.link(order)
    dashboard.open_order(order)
    news = dashboard.widget_frame.get_by_role("status")
    expect(news).to_have_text("Waiting for payment")
    world.pay(link)

    expect(news).to_have_text("Paid")
