"""The example of a storefront's own pay page, in a real browser on a phone's screen.

It is served from another origin than the shop, as a storefront is.
"""

import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from sandbox.client.graphql import Json
from sandbox.client.staff import Staff
from sandbox.stripe.client import SimulatorClient
from tests.behaviour.world import World, token_of

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "storefront" / "index.html"
API = "http://127.0.0.1:8400/graphql/"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
CHROMEDRIVER = shutil.which("chromedriver")
WIDTH = 360
SECONDS_TO_WAIT = 20

pytestmark = pytest.mark.skipif(
    CHROMIUM is None or CHROMEDRIVER is None,
    reason="NOT TESTED: the example storefront needs chromium and chromedriver. Install them "
    "(on Debian: apt-get install chromium chromium-driver).",
)


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


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    # Its sandbox does not run as root, as containers do; nobody else's page is opened here.
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-proxy-server"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(CHROMEDRIVER))
    screen = {"width": WIDTH, "height": 740, "deviceScaleFactor": 1, "mobile": True}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    yield driver
    driver.quit()


class PayPage:
    """What a customer sees and does there."""

    def __init__(self, chromium: Any, address: str) -> None:
        self._chromium = chromium
        self._address = address

    def open(self, token: str) -> None:
        self._chromium.get("about:blank")
        self._chromium.get(f"{self._address}#{token}")

    def wait_for(self, heading: str) -> None:
        """Until it says so. It has to fit on the screen then."""

        def is_there(driver: Any) -> bool:
            return any(each.text == heading for each in driver.find_elements(By.TAG_NAME, "h1"))

        # While it is redrawn, what was found may be gone.
        gone = (StaleElementReferenceException,)
        wait = WebDriverWait(self._chromium, SECONDS_TO_WAIT, ignored_exceptions=gone)
        try:
            wait.until(is_there)
        except TimeoutException:
            pytest.fail(f"It does not say {heading!r} but: {self.text}")
        width = self._chromium.execute_script("return document.documentElement.scrollWidth")
        assert width == WIDTH

    def click(self, selector: str) -> None:
        self._chromium.find_element(By.CSS_SELECTOR, selector).click()

    def has(self, selector: str) -> bool:
        return bool(self._chromium.find_elements(By.CSS_SELECTOR, selector))

    @property
    def text(self) -> str:
        return str(self._chromium.find_element(By.TAG_NAME, "body").text)

    @property
    def url(self) -> str:
        return str(self._chromium.current_url)

    @property
    def complaints(self) -> list[Json]:
        """What the browser found wrong, but for the icon that there is not."""
        logged = self._chromium.get_log("browser")
        return [each for each in logged if "favicon" not in each["message"]]


@pytest.fixture
def page(chromium: Any, address: str) -> Iterator[PayPage]:
    page = PayPage(chromium, address)
    yield page
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
    assert page.url == address
    page.click("#pay")
    page.wait_for("55.00 USD")
    page.click("form button")
    page.wait_for("Thank you for your payment")

    assert page.url == address
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
    assert page.url == address


def test_what_changed_since_it_was_looked_at_is_shown_before_anything_is_charged(
    world: World, cashier: Staff, page: PayPage
) -> None:
    order = world.order()
    link = world.link(order)
    page.open(token_of(link))
    page.wait_for("$25.00 to pay")
    cashier.change_quantity(order, 3)

    page.click("#pay")

    page.wait_for("$37.50 to pay")
    assert page.has("[role=alert]")
    assert world.sessions(link) == []
    page.click("#pay")
    page.wait_for("37.50 USD")


def test_a_payment_that_takes_days_is_on_its_way(
    world: World, simulator: SimulatorClient, page: PayPage
) -> None:
    link = world.link(world.order())
    session = world.begin_slowly(link)
    simulator.pay_later(session)
    assert simulator.settle()

    page.open(token_of(link))

    page.wait_for("Your payment is on its way")
    assert not page.has("#pay")
    # The page looks again by itself.
    simulator.complete_later(session, "succeeded")
    assert simulator.settle()
    page.wait_for("Thank you for your payment")


def test_an_expired_link_is_renewed_by_mail(world: World, cashier: Staff, page: PayPage) -> None:
    order = world.order()
    soon = datetime.now(UTC) + timedelta(hours=1)
    link = world.link(order, expiresAt=soon.isoformat())

    with world.later(hours=2):
        page.open(token_of(link))
        page.wait_for("This payment link has expired")
        assert not page.has("#pay")
        page.click("#renew")
        page.wait_for("Look into your mailbox")

    (mail,) = world.mails.requests(cashier.order(order)["number"])
    assert mail["to"] == ["buyer@example.com"]


def test_an_order_paid_otherwise_is_not_paid_again(
    world: World, cashier: Staff, page: PayPage
) -> None:
    order = world.order()
    link = world.link(order)
    cashier.mark_paid(order)

    page.open(token_of(link))

    page.wait_for("Already paid")
    assert not page.has("#pay")


@pytest.mark.parametrize("token", ["A" * 43, "nonsense"])
def test_a_link_that_is_none_does_not_work(page: PayPage, token: str) -> None:
    page.open(token)

    page.wait_for("This link does not work")


def test_the_address_bar_and_the_history_hold_no_secret(
    world: World, page: PayPage, chromium: Any
) -> None:
    token = token_of(world.link(world.order()))
    page.open(token)
    page.wait_for("$25.00 to pay")

    entries = chromium.execute_cdp_cmd("Page.getNavigationHistory", {})["entries"]

    assert [entry["url"] for entry in entries if token in entry["url"]] == []
