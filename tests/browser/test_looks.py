"""Light and dark, for every eye and every hand, and as narrow as the order's sidebar."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.behaviour.test_exceptions import pay_less
from tests.behaviour.world import World
from tests.browser.dashboard import Dashboard

SERIOUS = ("serious", "critical")
NARROW = 331
THEMES = pytest.mark.parametrize("theme", ["light", "dark"])


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


@THEMES
def test_every_state_of_the_widget_is_accessible(
    dashboard: Dashboard, world: World, theme: str
) -> None:
    dashboard.choose("theme", theme)
    order = world.order()
    world.link(order, message="Mind the step.")
    dashboard.open_order(order)
    widget = dashboard.widget
    expect(widget.get_by_text("Waiting for payment")).to_be_visible()
    widget.get_by_text("More actions").click()
    assert serious_findings(dashboard.page, "widget") == []

    widget.get_by_role("button", name="Reject order…").click()
    assert serious_findings(dashboard.page, "widget") == []

    dashboard.open_order(pay_less(world))
    expect(widget.get_by_text("1 payment needs your attention")).to_be_visible()
    assert serious_findings(dashboard.page, "widget") == []


@THEMES
def test_the_prompt_is_accessible(dashboard: Dashboard, world: World, theme: str) -> None:
    dashboard.choose("theme", theme)
    dashboard.open_order(world.order())
    expect(dashboard.popup.get_by_role("button", name="Skip")).to_be_visible()

    assert serious_findings(dashboard.page, "prompt") == []


@THEMES
def test_the_lists_are_accessible(dashboard: Dashboard, world: World, theme: str) -> None:
    world.link(world.order())
    pay_less(world)
    dashboard.choose("theme", theme)
    frame = dashboard.open_links()
    expect(frame.get_by_role("table")).to_be_visible()
    assert serious_findings(dashboard.page, "links") == []

    frame.get_by_role("tab", name="Exceptions").click()
    expect(frame.get_by_role("article").first).to_be_visible()
    assert serious_findings(dashboard.page, "links") == []

    frame.get_by_role("tab", name="Links").click()
    frame.get_by_role("searchbox").fill("nobody at all")
    expect(frame.get_by_text("Nothing found")).to_be_visible()
    assert serious_findings(dashboard.page, "links") == []


@THEMES
def test_the_frames_wear_what_the_dashboard_wears(
    dashboard: Dashboard, world: World, theme: str
) -> None:
    dashboard.open_order(world.order())
    body = dashboard.popup.locator("body")
    expect(body).to_be_visible()
    dashboard.choose_behind("theme", theme)

    back = {"light": "rgb(255, 255, 255)", "dark": "rgb(38, 40, 54)"}[theme]
    expect(body).to_have_css("background-color", back)
    expect(dashboard.widget_frame.locator("body")).to_have_css("background-color", back)


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
    world.link(order)
    dashboard.choose("locale", "de")
    dashboard.open_order(order)

    expect(dashboard.widget.locator("header .amount")).to_have_text("25,00 $")


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


def test_the_prompt_is_answered_by_keyboard_alone(dashboard: Dashboard, world: World) -> None:
    order = world.order()
    dashboard.open_order(order)
    dashboard.popup.get_by_label("Note to the customer").focus()
    for _ in range(5):  # the date has three parts and a picker
        dashboard.page.keyboard.press("Tab")
    dashboard.page.keyboard.press("Tab")
    expect(dashboard.popup.get_by_role("button", name="Create and send")).to_be_focused()
    dashboard.page.keyboard.press("Enter")

    expect(dashboard.widget.get_by_text("Waiting for payment")).to_be_visible()


def test_what_changes_is_said_to_who_cannot_see_it(dashboard: Dashboard, world: World) -> None:
    order = world.order()
    link = world.link(order)
    dashboard.open_order(order)
    news = dashboard.widget_frame.get_by_role("status")
    expect(news).to_have_text("Waiting for payment")
    world.pay(link)

    expect(news).to_have_text("Paid")
