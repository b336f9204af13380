"""A frame whom the shop or the Dashboard does not answer says so, and does nothing by halves."""

import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from tests.behaviour.world import World
from tests.browser.dashboard import GRAPHQL, Dashboard

AWAY = "The shop cannot be reached. What you see may be out of date."


@pytest.fixture
def order(dashboard: Dashboard, world: World) -> str:
    """An order that waits for its payment, on the screen."""
    order = world.order()
    world.link(order)
    dashboard.open_order(order)
    expect(dashboard.widget.get_by_text("Waiting for payment")).to_be_visible()
    return order


def test_what_was_seen_stays_under_a_word_that_goes_by_itself(
    dashboard: Dashboard, order: str
) -> None:
    dashboard.lose_the_shop()
    alert = dashboard.widget_frame.get_by_role("alert")
    expect(alert).to_have_text(AWAY)
    expect(alert).to_be_visible()
    expect(dashboard.widget.get_by_text("Waiting for payment")).to_be_visible()

    dashboard.find_the_shop()
    dashboard.look_again("widget")

    expect(alert).to_have_count(0)
    expect(dashboard.widget.get_by_text("Waiting for payment")).to_be_visible()


def test_a_shop_that_is_away_is_not_asked_all_the_time(dashboard: Dashboard, order: str) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith("/graphql/"):
            asked.append(request.url)

    dashboard.page.clock.install()
    dashboard.open_order(order)
    expect(dashboard.widget.get_by_text("Waiting for payment")).to_be_visible()
    dashboard.lose_the_shop()
    dashboard.look_again("widget")
    expect(dashboard.widget_frame.get_by_text(AWAY)).to_be_visible()
    dashboard.page.on("request", note)

    dashboard.page.clock.run_for(10_000)
    assert asked == []
    with dashboard.page.expect_request(GRAPHQL):
        dashboard.page.clock.run_for(11_000)


@pytest.mark.parametrize("name", ["Mark as paid", "Reject order"])
def test_what_cannot_be_asked_for_is_refused(
    dashboard: Dashboard, order: str, world: World, name: str
) -> None:
    dashboard.widget.get_by_role("button", name=f"{name}…").click()
    dashboard.lose_the_shop()
    with world.unchanged(order):
        dashboard.dialog.get_by_role("button", name=name).click()
        words = {"Mark as paid": "Nothing was done", "Reject order": "nobody knows whether"}[name]
        expect(dashboard.dialog.get_by_role("alert")).to_contain_text(words)


def test_an_answer_that_was_lost_is_not_taken_for_a_no(
    dashboard: Dashboard, order: str, world: World
) -> None:
    def lose(route: Route) -> None:
        if "mutation PaymentLinkReject" in (route.request.post_data or ""):
            route.fetch()
            route.abort()
        else:
            route.continue_()

    dashboard.page.route(GRAPHQL, lose)
    dashboard.widget.get_by_role("button", name="Reject order…").click()
    dashboard.dialog.get_by_role("button", name="Reject order").click()

    expect(dashboard.dialog.get_by_role("alert")).to_contain_text("nobody knows whether")
    expect(dashboard.widget.get_by_text("Rejected", exact=True)).to_be_visible()
    assert world.person("cashier").order(order)["status"] == "CANCELED"


def test_without_a_word_of_the_dashboard_it_is_said_what_to_do(
    context: BrowserContext, world: World
) -> None:
    page = open_alone(context.new_page(), world)
    page.clock.run_for(9_000)
    expect(page.locator("#root")).to_have_text("Loading…")
    page.clock.run_for(2_000)

    expect(page.get_by_role("alert")).to_contain_text("The Dashboard does not answer.")
    expect(page.get_by_role("alert")).to_contain_text("PAYLINK_DASHBOARD_URL")


def open_alone(page: Page, world: World) -> Page:
    """The widget's frame with no Dashboard around it."""
    page.clock.install()
    page.goto(f"{world.stage.shop_url}/plugins/saleor.paylink.door/dashboard/widget?orderId=x")
    return page


def test_without_a_word_of_the_shop_it_is_said_that_it_is_away(
    dashboard: Dashboard, world: World
) -> None:
    dashboard.page.clock.install()
    dashboard.page.route("**/dashboard/session", lambda route: route.abort())
    dashboard.open_order(world.order())
    expect(dashboard.widget).to_have_text("Loading…")
    dashboard.page.clock.run_for(11_000)

    expect(dashboard.widget.get_by_role("alert")).to_have_text(AWAY)
    dashboard.page.unroute("**/dashboard/session")
    dashboard.page.clock.run_for(6_000)
    expect(dashboard.widget.get_by_role("button", name="Collect payment")).to_be_visible()
