"""A GET has no effect, whoever sends it: mail scanners, chat previews, crawlers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.client.customer import Browser, Page
from sandbox.client.staff import Staff
from sandbox.stripe.client import SimulatorClient
from tests.behaviour.world import World

# As these were seen in the wild: each of them has burnt somebody's one-time link.
BOTS = {
    "SafeLinks": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/79.0.3945.74 Safari/537.36 Edg/79.0.309.43",
    "Slackbot": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "WhatsApp": "WhatsApp/2.23.20.0 A",
    "Telegram": "TelegramBot (like TwitterBot)",
    "Twitterbot": "Twitterbot/1.0",
    "Facebook": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Googlebot": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "bingbot": "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; "
    "+http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36",
    "HeadlessChrome": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "HeadlessChrome/128.0.0.0 Safari/537.36",
    "curl": "curl/8.5.0",
}
VISITS_OF_EACH = 10


def visit(url: str) -> list[Page]:
    """A hundred visits by ten bots, of which every other one is a HEAD."""
    return [
        Browser(agent).open(url, "HEAD" if turn % 2 else "GET")
        for agent in BOTS.values()
        for turn in range(VISITS_OF_EACH)
    ]


def asked_of_stripe(world: World) -> int:
    """How often anybody posted to Stripe: whatever changes something there is a POST."""
    return sum(request["method"] == "POST" for request in world.simulator.requests())


def test_a_hundred_visits_by_ten_bots_have_no_effect(world: World) -> None:
    order = world.order()
    link = world.link(order)
    before = asked_of_stripe(world)

    with world.unchanged(order):
        pages = visit(link["url"])

    assert [page.status for page in pages] == [200] * 100
    assert asked_of_stripe(world) == before
    assert world.page(link).pay_form is not None


def test_every_bot_sees_what_a_person_sees(world: World) -> None:
    link = world.link(world.order())

    seen = {Browser(agent).open(link["url"]).html for agent in BOTS.values()}

    assert seen == {world.page(link).html}


def test_a_hundred_visits_to_the_page_of_an_open_session_have_no_effect(world: World) -> None:
    order = world.order()
    link = world.link(order)
    world.begin(link)
    before = asked_of_stripe(world)

    with world.unchanged(order):
        visit(link["url"])

    assert asked_of_stripe(world) == before


@pytest.mark.parametrize(
    "query",
    ["", "?attempt=", "?attempt=nonsense", "?attempt=00000000-0000-4000-8000-000000000000"],
)
def test_a_return_page_without_an_attempt_of_the_link_has_no_effect(
    world: World, query: str
) -> None:
    order = world.order()
    link = world.link(order)
    requests = len(world.simulator.requests())

    with world.unchanged(order):
        for agent in BOTS.values():
            Browser(agent).open(f"{link['url']}return{query}")

    assert len(world.simulator.requests()) == requests


def test_a_return_page_does_not_settle_the_attempt_of_another_link(
    world: World, cashier: Staff, browser: Browser, simulator: SimulatorClient
) -> None:
    simulator.configure_deliveries(mode="drop")
    paid, other = world.order(), world.order()
    session = world.session(world.pay(world.link(paid)))
    query = session["success_url"].partition("?")[2]
    foreign = world.link(other)

    with world.unchanged(paid), world.unchanged(other):
        browser.open(f"{foreign['url']}return?{query}")

    browser.open(session["success_url"])
    assert cashier.order(paid)["isPaid"] is True


@pytest.mark.parametrize(
    "settle",
    [
        pytest.param(lambda world, order, link: world.pay(link), id="paid"),
        pytest.param(
            lambda world, order, link: world.person("cashier").mark_paid(order), id="by hand"
        ),
        pytest.param(
            lambda world, order, link: world.person("cashier").reject(order), id="rejected"
        ),
    ],
)
def test_visits_to_a_closed_link_have_no_effect(
    world: World, settle: Callable[..., object]
) -> None:
    order = world.order()
    link = world.link(order)
    settle(world, order, link)

    with world.unchanged(order):
        pages = visit(link["url"])

    assert {page.status for page in pages} == {200}


def test_visits_to_an_expired_link_and_to_where_it_is_renewed_have_no_effect(world: World) -> None:
    order = world.order()
    link = world.link(order, expiresAt=(datetime.now(UTC) + timedelta(hours=1)).isoformat())

    with world.unchanged(order), world.later(hours=2):
        pages = visit(link["url"])
        answers = visit(f"{link['url']}renew")

    assert {page.status for page in pages} == {200}
    assert {answer.status for answer in answers} == {405}


def test_a_get_of_where_visits_are_reported_is_none(world: World) -> None:
    order = world.order()
    link = world.link(order)

    with world.unchanged(order):
        answers = visit(f"{link['url']}seen")

    assert {answer.status for answer in answers} == {405}
    asked = "query($id: ID!) { order(id: $id) { paymentLink { firstOpenedAt } } }"
    seen = world.person("cashier").graphql.ask(asked, {"id": order})
    assert seen["order"]["paymentLink"]["firstOpenedAt"] is None
