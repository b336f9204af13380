"""The frames trust the Dashboard around them and nobody else, and keep its token to themselves."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Request, expect
from werkzeug.wrappers import Response

from sandbox.http import HOST, HttpServer
from tests.behaviour.world import World
from tests.browser.dashboard import Dashboard


def frame_url(world: World, order: str) -> str:
    return f"{world.stage.shop_url}/plugins/saleor.paylink.door/dashboard/widget?orderId={order}"


def test_without_a_dashboard_around_it_a_frame_shows_nothing(
    context: BrowserContext, world: World
) -> None:
    page = context.new_page()
    page.goto(frame_url(world, world.order()))

    expect(page.locator("#root")).to_have_text("Loading…")


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """A page of somebody else, who is no Dashboard."""
    server = HttpServer()
    server.start(Response("<p>Free mugs!</p>", mimetype="text/html"))
    yield server.url.replace(HOST, "elsewhere.localhost")
    server.close()


def test_no_other_page_may_show_a_frame(
    context: BrowserContext, world: World, elsewhere: str
) -> None:
    page = context.new_page()
    page.goto(elsewhere)

    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        page.evaluate(
            """url => {
              const frame = document.createElement("iframe");
              frame.src = url;
              document.body.append(frame);
            }""",
            frame_url(world, world.order()),
        )


def test_a_message_of_anybody_else_is_not_heard(dashboard: Dashboard, world: World) -> None:
    order = world.order()
    world.link(order)
    dashboard.open_order(order)
    expect(dashboard.widget.get_by_text("Waiting for payment")).to_be_visible()
    (widget,) = [each for each in dashboard.page.frames if "/dashboard/widget" in each.url]

    # From the frame to itself: another source than the Dashboard.
    widget.evaluate("postMessage({type: 'theme', payload: {theme: 'dark'}}, '*')")
    widget.evaluate("new Promise(done => setTimeout(done))")

    assert widget.evaluate("document.documentElement.dataset.theme") == "light"


def test_the_token_is_in_no_url_and_in_no_storage(dashboard: Dashboard, world: World) -> None:
    asked: list[str] = []
    tokens: set[str] = set()

    def note(request: Request) -> None:
        asked.append(request.url)
        bearer = request.headers.get("authorization", "")
        if bearer and world.stage.shop_url in request.url:
            tokens.add(bearer.removeprefix("Bearer "))

    dashboard.page.on("request", note)
    order = world.order()
    world.link(order)
    dashboard.open_order(order)
    expect(dashboard.widget.get_by_text("Waiting for payment")).to_be_visible()
    (widget,) = [each for each in dashboard.page.frames if "/dashboard/widget" in each.url]
    kept = widget.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])")

    assert len(tokens) == 2  # the Dashboard's, and the frame's own
    assert not any(token in place for token in tokens for place in (*asked, kept))


@pytest.mark.parametrize("token", ["", "not one of ours"])
def test_without_a_valid_token_a_frame_asks_for_a_reload(
    dashboard: Dashboard, world: World, token: str
) -> None:
    dashboard.rewrite_host(("token: this.#extension.accessToken, v", f'token: "{token}", v'))
    dashboard.open_order(world.order())

    expect(dashboard.widget.get_by_role("alert")).to_contain_text("Reload the page")
