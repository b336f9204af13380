"""Whoever has the payment page before their eyes has opened the link, and nobody else has."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page

from sandbox.client.graphql import Json
from tests.behaviour.test_visits import seen_by_staff
from tests.behaviour.world import World
from tests.browser.conftest import WAIT

PHONE = "Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/126.0.0.0 Mobile Safari/537.36"
# What drives a browser says so there.
NOT_DRIVEN = "Object.defineProperty(Navigator.prototype, 'webdriver', { get: () => false })"
A_LONG_LOOK = 60_000  # ms
SEEN = "**/seen"
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)

Open = Callable[..., Page]


@pytest.fixture
def opened(chrome: Browser) -> Iterator[Open]:
    """An empty tab of somebody's, by default of a person's."""
    contexts = []

    def opened(agent: str | None = PHONE, *, driven: bool = False) -> Page:
        context = chrome.new_context(user_agent=agent)
        contexts.append(context)
        context.set_default_timeout(WAIT)
        if not driven:
            context.add_init_script(NOT_DRIVEN)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def order(world: World) -> str:
    return world.order()


@pytest.fixture
def link(world: World, order: str) -> Json:
    return world.link(order)


def steps(world: World, order: str) -> list[str]:
    """Which steps of the link staff see."""
    return [event["type"] for event in seen_by_staff(world.person("cashier"), order)["events"]]


def look_long_at(page: Page, url: str) -> list[str]:
    """Look at the page, touch it and leave it; what it has sent by itself."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.clock.install()
    page.goto(url)
    assert "$25.00" in page.inner_text("body")
    page.clock.run_for(A_LONG_LOOK)
    page.keyboard.press("Shift")
    page.mouse.click(5, 5)
    page.reload()
    return [method for method in sent if method != "GET"]


def test_a_page_before_somebodys_eyes_is_a_visit(
    world: World, order: str, link: Json, opened: Open
) -> None:
    page = opened()
    with page.expect_response(SEEN) as told:
        page.goto(link["url"])

    assert told.value.status == 204
    assert steps(world, order).count("OPENED") == 1
    assert seen_by_staff(world.person("cashier"), order)["firstOpenedAt"] is not None


def test_a_touch_is_a_visit_before_the_look_is_long_enough(
    world: World, order: str, link: Json, opened: Open
) -> None:
    page = opened()
    page.clock.install(time=NOON)
    page.clock.pause_at(NOON + timedelta(seconds=1))
    page.goto(link["url"])
    with page.expect_response(SEEN):
        page.keyboard.press("Shift")

    assert steps(world, order).count("OPENED") == 1


@pytest.mark.parametrize(("query", "driven"), [("", True), ("?preview", False)])
def test_a_browser_that_is_driven_and_a_preview_report_nothing(
    world: World, order: str, link: Json, opened: Open, query: str, driven: bool
) -> None:
    assert look_long_at(opened(driven=driven), link["url"] + query) == []

    assert seen_by_staff(world.person("cashier"), order)["firstOpenedAt"] is None


def test_a_browser_without_a_screen_is_no_visitor(
    world: World, order: str, link: Json, opened: Open
) -> None:
    page = opened(agent=None)
    assert "Headless" in page.evaluate("navigator.userAgent")
    with page.expect_response(SEEN) as told:
        page.goto(link["url"])

    assert told.value.status == 204
    assert seen_by_staff(world.person("cashier"), order)["firstOpenedAt"] is None
