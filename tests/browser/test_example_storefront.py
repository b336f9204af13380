"""The example of a storefront's own pay page, in a real browser on a phone's screen.

It is served from another origin than the shop, as a storefront is.
"""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.behaviour.world import World, token_of
from tests.browser.conftest import WAIT

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "storefront" / "index.html"
API = "http://127.0.0.1:8400/graphql/"
WIDTH = 360


@pytest.fixture(scope="module")
def address(world: World) -> Iterator[str]:
    """Where the example is served. It was told where the shop is, as it says itself."""
    html = EXAMPLE.read_text()
    assert html.count(API) == 1
    content = html.replace(API, world.stage.graphql_url).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/pay.html" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}/pay.html"
    server.shutdown()
    server.server_close()


class PayPage:
    """What a customer sees and does there."""

    def __init__(self, tab: Page, address: str) -> None:
        self.tab = tab
        self.complaints: list[str] = []
        self._address = address
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        tab.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        """What the browser found wrong, but for the icon that there is not."""
        if message.type in ("error", "warning") and "favicon" not in message.location["url"]:
            self.complaints.append(message.text)

    def open(self, token: str) -> None:
        self.tab.goto(f"{self._address}#{token}")

    def wait_for(self, heading: str) -> None:
        """Until it says so. It has to fit on the screen then."""
        expect(self.tab.get_by_role("heading", level=1)).to_have_text(heading)
        assert self.tab.evaluate("document.documentElement.scrollWidth") == WIDTH

    def click(self, selector: str) -> None:
        self.tab.click(selector)

    def has(self, selector: str) -> bool:
        return self.tab.locator(selector).count() > 0

    @property
    def text(self) -> str:
        return self.tab.inner_text("body")


@pytest.fixture
def page(chrome: Browser, address: str) -> Iterator[PayPage]:
    phone = chrome.new_context(
        viewport={"width": WIDTH, "height": 740}, is_mobile=True, locale="en-US"
    )
    phone.set_default_timeout(WAIT)
    page = PayPage(phone.new_page(), address)
    yield page
    phone.close()
    assert page.complaints == []


def test_a_customer_pays_and_comes_back_to_the_storefront(
    world: World, page: PayPage, address: str
) -> None:
    order = world.order({"MUG": 2, "PLATE": 1})
    link = world.link(order, message="Thank you, <b>Ada</b>.")

    page.open(token_of(link))
    page.wait_for("$55.00 to pay")
    assert "2 × Mug (Blue)" in page.text
    assert "Thank you, <b>Ada</b>." in page.text
    assert page.tab.url == address
    page.click("#pay")
    page.wait_for("55.00 USD")
    page.click("form button")
    page.wait_for("Thank you for your payment")

    assert page.tab.url == address
    assert not page.has("#pay")
    assert "Receipt" in page.text
    assert world.person("cashier").order(order)["paymentCollection"]["status"] == "COLLECTED"


def test_a_customer_turns_back_and_pays_nothing(world: World, page: PayPage, address: str) -> None:
    link = world.link(world.order())
    page.open(token_of(link))
    page.wait_for("$25.00 to pay")
    page.click("#pay")
    page.wait_for("25.00 USD")

    page.click("a.back")

    page.wait_for("$25.00 to pay")
    assert page.tab.url == address


def test_what_changed_since_it_was_looked_at_is_shown_before_anything_is_charged(
    world: World, page: PayPage
) -> None:
    order = world.order()
    link = world.link(order)
    page.open(token_of(link))
    page.wait_for("$25.00 to pay")
    world.person("cashier").change_quantity(order, 3)

    page.click("#pay")

    page.wait_for("$37.50 to pay")
    assert page.has("[role=alert]")
    assert world.sessions(link) == []
    page.click("#pay")
    page.wait_for("37.50 USD")


def test_a_payment_that_takes_days_is_on_its_way(world: World, page: PayPage) -> None:
    link = world.link(world.order())
    session = world.begin_slowly(link)
    world.simulator.pay_later(session)
    assert world.simulator.settle()

    page.open(token_of(link))

    page.wait_for("Your payment is on its way")
    assert not page.has("#pay")
    # The page looks again by itself.
    world.simulator.complete_later(session, "succeeded")
    assert world.simulator.settle()
    page.wait_for("Thank you for your payment")


def test_an_expired_link_is_renewed_by_mail(world: World, page: PayPage) -> None:
    order = world.order()
    soon = datetime.now(UTC) + timedelta(hours=1)
    link = world.link(order, expiresAt=soon.isoformat())

    with world.later(hours=2):
        page.open(token_of(link))
        page.wait_for("This payment link has expired")
        assert not page.has("#pay")
        page.click("#renew")
        page.wait_for("Look into your mailbox")

    (mail,) = world.mails.requests(world.person("cashier").order(order)["number"])
    assert mail["to"] == ["buyer@example.com"]


def test_an_order_paid_otherwise_is_not_paid_again(world: World, page: PayPage) -> None:
    order = world.order()
    link = world.link(order)
    world.person("cashier").mark_paid(order)

    page.open(token_of(link))

    page.wait_for("Already paid")
    assert not page.has("#pay")


@pytest.mark.parametrize("token", ["A" * 43, "nonsense"])
def test_a_link_that_is_none_does_not_work(page: PayPage, token: str) -> None:
    page.open(token)

    page.wait_for("This link does not work")


def test_the_address_bar_and_the_history_hold_no_secret(world: World, page: PayPage) -> None:
    token = token_of(world.link(world.order()))
    page.open(token)
    page.wait_for("$25.00 to pay")

    devtools = page.tab.context.new_cdp_session(page.tab)
    entries = devtools.send("Page.getNavigationHistory")["entries"]

    assert [entry["url"] for entry in entries if token in entry["url"]] == []
    assert page.tab.url in [entry["url"] for entry in entries]
