"""What nobody should send: each gets a clear answer, and nothing changes."""

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import requests

from sandbox.client.customer import Browser
from sandbox.client.graphql import Json
from sandbox.client.staff import Staff
from sandbox.stage import STRIPE_WEBHOOK_SECRET
from sandbox.stripe.client import SimulatorClient
from tests.behaviour.world import CARD, MUGS, World, money, token_of

UNKNOWN = "A" * 43
MALFORMED = [
    "a",
    "A" * 42,
    "A" * 44,
    "A" * 5000,
    "A" * 42 + "=",
    "A" * 42 + "!",
    "A" * 42 + "\n",
    "\x00" * 43,
    "ü" * 43,
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "{token}",
]
# What any two answers may differ in.
VARYING = ("date", "x-request-id", "traceparent", "server-timing")


def answer_to(world: World, token: str, method: str = "GET") -> tuple[int, dict[str, str], str]:
    url = world.stage.plugin_url("default-channel", f"pay/{quote(token, safe='')}/")
    page = Browser().open(url, method)
    headers = {name: value for name, value in page.headers.items() if name not in VARYING}
    return page.status, headers, page.html


@pytest.mark.parametrize("token", MALFORMED)
def test_malformed_tokens_get_the_very_page_that_unknown_ones_get(world: World, token: str) -> None:
    unknown = answer_to(world, UNKNOWN)

    assert unknown[0] == 404
    assert answer_to(world, token) == unknown


def test_a_real_token_in_another_channel_gets_the_neutral_page(world: World) -> None:
    token = token_of(world.link(world.order(channel="channel-eur")))

    assert answer_to(world, token) == answer_to(world, UNKNOWN)


def test_the_neutral_page_says_nothing_of_any_order(world: World) -> None:
    _status, _headers, html = answer_to(world, UNKNOWN)

    assert (
        "#" not in Browser().open(world.stage.plugin_url("default-channel", f"pay/{UNKNOWN}/")).text
    )
    assert UNKNOWN not in html


def test_posting_to_an_unknown_token_gets_the_neutral_page(world: World) -> None:
    url = world.stage.plugin_url("default-channel", f"pay/{UNKNOWN}/")

    answer = Browser().post(url, {"method": CARD, "revision": "x"})

    assert (answer.status, answer.html) == (404, Browser().open(url).html)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_than_get_and_post_are_refused(world: World, method: str) -> None:
    order = world.order()
    link = world.link(order)

    with world.unchanged(order):
        answer = Browser().open(link["url"], method)

    assert answer.status == 405


@pytest.mark.parametrize("path", ["", "nonsense", "pay/", "webhooks/", "assets/", "assets/none"])
def test_a_path_that_is_none_is_not_found(world: World, path: str) -> None:
    assert Browser().open(world.stage.plugin_url("default-channel", path)).status == 404


@pytest.mark.parametrize("path", ["../pay.html", "..%2f..%2fconf.py", "%2e%2e/serve.py"])
def test_assets_are_only_assets(world: World, path: str) -> None:
    url = world.stage.plugin_url("default-channel", f"assets/{path}")
    assert Browser().open(url).status == 404


# ---------------------------------------------------------------- webhooks


def signed(body: bytes, secret: str, at: float | None = None) -> str:
    """A Stripe-Signature header (https://docs.stripe.com/webhooks#verify-manually)."""
    stamp = str(int(time.time() if at is None else at))
    mac = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256)
    return f"t={stamp},v1={mac.hexdigest()}"


class Paid:
    """An order whose customer has paid, but whose webhook has not arrived."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.order = world.order()
        self.session = world.session(world.pay(world.link(self.order)))
        event = {
            "id": f"evt_{uuid.uuid4().hex}",
            "object": "event",
            "api_version": "2023-08-16",
            "created": int(time.time()),
            "data": {"object": self.session},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": "checkout.session.completed",
        }
        self.body = json.dumps(event).encode()

    def deliver(
        self,
        signature: str | None,
        body: bytes | None = None,
        provider: str = "stripe",
        channel: str = "default-channel",
    ) -> int:
        url = self.world.stage.webhook_url(channel, provider)
        headers = {"Content-Type": "application/json"}
        if signature is not None:
            headers["Stripe-Signature"] = signature
        sent = self.body if body is None else body
        return requests.post(url, sent, headers=headers, timeout=60).status_code


@pytest.fixture
def paid(world: World, simulator: SimulatorClient) -> Iterator[Paid]:
    simulator.configure_deliveries(mode="drop")
    paid = Paid(world)
    yield paid
    # Else the sweeper would find the money in the midst of another test.
    Browser().open(paid.session["success_url"])


def test_a_signed_webhook_settles_the_order(paid: Paid, cashier: Staff) -> None:
    assert paid.deliver(signed(paid.body, STRIPE_WEBHOOK_SECRET)) == 200
    assert cashier.order(paid.order)["totalCharged"] == money("25.00")


def signatures(body: bytes) -> dict[str, str | None]:
    """Signatures that prove nothing."""
    good = signed(body, STRIPE_WEBHOOK_SECRET)
    now = time.time()
    return {
        "unsigned": None,
        "empty": "",
        "nonsense": "nonsense",
        "of another secret": signed(body, "whsec_other"),
        "of the empty secret": signed(body, ""),
        "of another body": signed(body + b" ", STRIPE_WEBHOOK_SECRET),
        "replayed after an hour": signed(body, STRIPE_WEBHOOK_SECRET, now - 3600),
        "from the future": signed(body, STRIPE_WEBHOOK_SECRET, now + 3600),
        "without a time": good.partition(",")[2],
        "without a signature": good.partition(",")[0],
        "of the old scheme": good.replace("v1=", "v0="),
        "with a time of another": f"t={int(now) - 1},{good.partition(',')[2]}",
    }


@pytest.mark.parametrize("kind", list(signatures(b"")))
def test_a_webhook_that_stripe_did_not_sign_now_is_refused(
    world: World, paid: Paid, kind: str
) -> None:
    with world.unchanged(paid.order):
        assert paid.deliver(signatures(paid.body)[kind]) == 400


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"{}", b"\xff\xfe", b'{"id": 7}'])
def test_a_signed_webhook_that_makes_no_sense_changes_nothing(
    world: World, paid: Paid, body: bytes
) -> None:
    with world.unchanged(paid.order):
        status = paid.deliver(signed(body, STRIPE_WEBHOOK_SECRET), body)

    assert status == 400


def test_a_webhook_of_an_unknown_provider_is_not_found(world: World, paid: Paid) -> None:
    with world.unchanged(paid.order):
        signature = signed(paid.body, STRIPE_WEBHOOK_SECRET)
        assert paid.deliver(signature, provider="paypal") == 404


@pytest.mark.parametrize("channel", ["channel-keyless", "channel-inactive", "no-such-channel"])
def test_a_webhook_in_a_channel_that_takes_no_payments_is_not_found(
    world: World, paid: Paid, channel: str
) -> None:
    with world.unchanged(paid.order):
        for secret in (STRIPE_WEBHOOK_SECRET, ""):
            assert paid.deliver(signed(paid.body, secret), channel=channel) == 404


def test_a_webhook_is_posted_and_not_fetched(world: World, paid: Paid) -> None:
    with world.unchanged(paid.order):
        url = world.stage.webhook_url("default-channel")
        assert Browser().open(url).status == 405


def test_an_event_of_somebody_elses_session_is_taken_and_changes_nothing(
    world: World, paid: Paid
) -> None:
    event = json.loads(paid.body)
    foreign: Json = {
        **paid.session,
        "id": "cs_test_foreign",
        "client_reference_id": None,
        "metadata": {},
        "payment_intent": "pi_foreign",
    }
    event["data"]["object"] = foreign
    body = json.dumps(event).encode()

    with world.unchanged(paid.order):
        assert paid.deliver(signed(body, STRIPE_WEBHOOK_SECRET), body) == 200


# ---------------------------------------------------------------- the plugin switched off


def test_the_pages_of_an_inactive_plugin_are_not_found(world: World) -> None:
    order = world.order()
    link = world.link(order)
    form = world.page(link).pay_form
    assert form is not None

    with world.settings("default-channel", active=False):
        assert world.page(link).status == 404
        assert Browser().submit(form).status == 404
        seen = world.person("cashier").order(order)
        assert seen["paymentCollection"]["methods"] == []
        assert seen["paymentLink"]["attempts"] == []

    assert world.page(link).pay_form is not None


def test_an_inactive_channel_serves_no_page(world: World) -> None:
    order = world.order(MUGS, channel="channel-inactive")
    url = world.stage.plugin_url("channel-inactive", f"pay/{UNKNOWN}/")

    assert Browser().open(url).status == 404
    assert world.person("cashier").order(order)["paymentCollection"]["status"] == "UNAVAILABLE"
