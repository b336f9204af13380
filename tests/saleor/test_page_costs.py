"""What a look at the payment page, a webhook and a frame cost Saleor's database."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from saleor.channel.models import Channel
from saleor.plugins.models import PluginConfiguration

from saleor_paylink.links.tokens import pay_url
from saleor_paylink.models import PaymentLink, ProviderEvent
from saleor_paylink.providers.stripe.webhooks import signed
from saleor_paylink.saleor.paths import frames_path, webhook_path
from saleor_paylink.shop import current_shop
from saleor_paylink.web.dashboard.assets import VERSION
from sandbox.stage import STRIPE_WEBHOOK_SECRET
from tests.saleor.customer import begin
from tests.saleor.orders import charge, completed, link_of
from tests.waiting import tasks_wait

# The link, the order with its lines, and the books.
OURS = 4
# Saleor looks for its plugins, and which of them are active in which channel, twice; with them it
# reads the settings.
SALEORS = 4
# Where no channel is named it looks once. All in all a provider is answered within four.
SALEORS_AT_THE_DOOR = 1


def asked(path: str) -> int:
    """How many queries a look at the page takes."""
    client = Client()
    # Saleor keeps its site.
    assert client.get(path).status_code == 200
    with CaptureQueriesContext(connections["default"]) as made:
        client.get(path)
    return len(made)


def path_of(link: PaymentLink) -> str:
    return urlsplit(pay_url(link)).path


def test_an_order_to_pay_takes_four_queries_besides_saleors_own() -> None:
    assert asked(path_of(link_of(completed()))) == OURS + SALEORS


def test_what_the_last_try_came_to_takes_one_more() -> None:
    link = link_of(completed())
    begin(link)

    assert asked(path_of(link)) == OURS + 1 + SALEORS


def test_what_was_paid_before_takes_one_more() -> None:
    order = completed()
    current_shop().record_charge(order.pk, charge("10"))

    assert asked(path_of(link_of(order))) == OURS + 1 + SALEORS


HOOK = webhook_path("default-channel", "stripe")


@pytest.fixture
def event() -> Iterator[str]:
    """The id of an event that did not arrive yet."""
    id = f"evt_{uuid4().hex}"
    yield id
    ProviderEvent.objects.filter(event_id=id).delete()


@pytest.fixture
def more_plugins() -> Iterator[None]:
    """Two more that are configured in the channel, and two that are in no channel."""
    made = [
        PluginConfiguration.objects.create(identifier=f"tests.{name}", channel=channel, active=True)
        for channel in (Channel.objects.get(slug="default-channel"), None)
        for name in ("one", "another")
    ]
    yield
    for row in made:
        row.delete()


def answered(method: str, path: str, body: bytes = b"", **headers: str) -> list[str]:
    """The statements, on whatever connection, that it takes to answer with 200. The tasks that
    come of it are done elsewhere."""
    with tasks_wait(), ExitStack() as stack:
        watched = [
            stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in connections
        ]
        assert Client().generic(method, path, body, headers=headers).status_code == 200
        return [each["sql"] for made in watched for each in made.captured_queries]


def delivered(event: str) -> list[str]:
    subject = {"object": "checkout.session", "id": "cs_test_foreign"}
    told = {"id": event, "type": "x", "livemode": False, "data": {"object": subject}}
    body = json.dumps(told).encode()
    signature = signed(body, STRIPE_WEBHOOK_SECRET, time.time())
    return answered("POST", HOOK, body, **{"Stripe-Signature": signature})


def test_a_webhook_takes_two_besides_saleors_own(event: str) -> None:
    asked = delivered(event)

    assert len(asked) == SALEORS_AT_THE_DOOR + 2, asked
    assert ProviderEvent.objects.get(event_id=event).channel == "default-channel"


@pytest.mark.parametrize("status", ["received", "failed", "processed"])
def test_a_webhook_that_comes_again_takes_as_many(event: str, status: str) -> None:
    delivered(event)
    ProviderEvent.objects.filter(event_id=event).update(status=status)

    assert len(delivered(event)) == SALEORS_AT_THE_DOOR + 2
    assert ProviderEvent.objects.get(event_id=event).status == status


def test_other_plugins_make_a_webhook_no_dearer(event: str, more_plugins: None) -> None:
    assert len(delivered(event)) == SALEORS_AT_THE_DOOR + 2
    assert len(delivered(event)) == SALEORS_AT_THE_DOOR + 2


@pytest.mark.parametrize("path", ["/widget", f"/assets/{VERSION}/app.js", "/texts/de"])
def test_a_frame_takes_none_besides_saleors_own(more_plugins: None, path: str) -> None:
    assert len(answered("GET", frames_path() + path)) == SALEORS_AT_THE_DOOR
