"""The payment page in each of its states, brought about as it comes about: by staff, the customer
and the provider. Each function leads a browser's page there."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from playwright.sync_api import BrowserContext, Page, Route

from sandbox.client.customer import Browser
from sandbox.client.graphql import Json
from tests.behaviour.world import World

MESSAGE = "Thank you for calling us, Ada.\nYour mugs are packed already."
LOGO_URL = "https://cdn.shop.example/logo.svg"
LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 40" width="160" height="40">'
    '<circle cx="20" cy="20" r="16" fill="#7c3aed"/><path d="M13 15h11v9a4 4 0 0 1-4 4h-3a4 4 0 0 '
    '1-4-4z" fill="#fff"/><text x="46" y="27" font-family="sans-serif" font-size="20" '
    'font-weight="700" fill="#7c3aed">Mug &amp; Co</text></svg>'
)
BRAND = {
    "shop-name": "Mug & Co",
    "logo-url": LOGO_URL,
    "brand-colour": "#7c3aed",
    "support-email": "help@shop.example",
    "support-phone": "+48 22 123 45 67",
    "terms-url": "https://shop.example/terms",
    "shop-url": "https://shop.example/",
}
METHODS = "card klarna us_bank_account"
SLOW = "stripe:us_bank_account"


@contextmanager
def branded(world: World, methods: str = METHODS, **values: str) -> Iterator[None]:
    """The shop has a brand and several methods meanwhile."""
    chosen = {**BRAND, "stripe-methods": methods, **values}
    with world.settings("default-channel", values=chosen):
        yield


def with_logo(context: BrowserContext) -> None:
    """The logo's host answers in this browser."""
    context.route(LOGO_URL, _send_logo)


def _send_logo(route: Route) -> None:
    route.fulfill(body=LOGO, content_type="image/svg+xml")


def big_link(world: World) -> Json:
    order = world.order({"MUG": 2, "PLATE": 1})
    return world.link(order, message=MESSAGE)


def due(world: World, page: Page) -> None:
    page.goto(big_link(world)["url"])


def due_for_a_deposit(world: World, page: Page) -> None:
    page.goto(world.link(world.order(), amount="10.00")["url"])


def changed(world: World, page: Page) -> None:
    order = world.order()
    page.goto(world.link(order)["url"])
    world.person("cashier").add(order, "PLATE", 1)
    page.get_by_role("button", name="Pay").click()


def changed_since_sent(world: World, page: Page) -> None:
    order = world.order()
    link = world.link(order)
    world.person("cashier").add(order, "PLATE", 1)
    page.goto(link["url"])


def declined(world: World, page: Page) -> None:
    link = world.link(world.order())
    world.simulator.decline(world.begin(link))
    assert world.simulator.settle()
    session = world.sessions(link)[0]
    Browser().open(session["success_url"])
    page.goto(link["url"])


def provider_down(world: World, page: Page) -> None:
    page.goto(world.link(world.order())["url"])
    with world.provider_down():
        page.get_by_role("button", name="Pay").click()


def unsure(world: World, page: Page) -> None:
    link = world.link(world.order())
    session = world.session(world.begin(link))
    path = f"/v1/checkout/sessions/{session['id']}"
    world.simulator.add_fault("GET", path, "rate_limit_429", times=100)
    page.goto(session["success_url"])


def processing(world: World, page: Page) -> None:
    link = world.link(world.order())
    world.simulator.pay_later(world.begin(link, method=SLOW))
    assert world.simulator.settle()
    page.goto(link["url"])


def paid(world: World, page: Page) -> None:
    link = big_link(world)
    world.pay(link)
    page.goto(link["url"])


def already_paid(world: World, page: Page) -> None:
    link = world.link(world.order())
    world.pay(link)
    with world.later(hours=2):
        page.goto(link["url"])


def paid_outside(world: World, page: Page) -> None:
    order = world.order()
    link = world.link(order)
    world.person("cashier").mark_paid(order)
    page.goto(link["url"])


def partly_refunded(world: World, page: Page) -> None:
    _refunded(world, page, 500)


def refunded(world: World, page: Page) -> None:
    _refunded(world, page, None)


def _refunded(world: World, page: Page, cents: int | None) -> None:
    link = world.link(world.order())
    intent = world.session(world.pay(link))["payment_intent"]
    world.simulator.refund(intent, cents)
    assert world.simulator.settle()
    page.goto(link["url"])


def cancelled(world: World, page: Page) -> None:
    order = world.order()
    link = world.link(order)
    world.person("cashier").cancel(order)
    page.goto(link["url"])


def expired(world: World, page: Page) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    link = world.link(world.order(), expiresAt=soon.isoformat())
    with world.later(hours=2):
        page.goto(link["url"])


def renewed(world: World, page: Page) -> None:
    expired(world, page)
    page.get_by_role("button", name="Ask for a fresh link").click()


def too_many(world: World, page: Page) -> None:
    expired(world, page)
    for _try in range(3):
        Browser().post(f"{page.url}renew", {})
    page.get_by_role("button", name="Ask for a fresh link").click()


def unknown(world: World, page: Page) -> None:
    page.goto(world.stage.plugin_url("default-channel", "pay/unknown/"))


STATES: Mapping[str, tuple[Callable[[World, Page], None], str]] = {
    "due": (due, "$55.00 to pay"),
    "deposit": (due_for_a_deposit, "$10.00 to pay"),
    "changed": (changed, "$55.00 to pay"),
    "changed-since-sent": (changed_since_sent, "$55.00 to pay"),
    "declined": (declined, "$25.00 to pay"),
    "provider-down": (provider_down, "$25.00 to pay"),
    "unsure": (unsure, "We are checking your payment"),
    "processing": (processing, "Your payment is on its way"),
    "paid": (paid, "Thank you for your payment"),
    "already-paid": (already_paid, "Already paid"),
    "paid-outside": (paid_outside, "Already paid"),
    "partly-refunded": (partly_refunded, "Thank you for your payment"),
    "refunded": (refunded, "Refunded"),
    "cancelled": (cancelled, "This order was cancelled"),
    "expired": (expired, "This payment link has expired"),
    "renewed": (renewed, "Look into your mail"),
    "too-many-tries": (too_many, "Too many tries"),
    "unknown": (unknown, "Nothing to pay here"),
}
