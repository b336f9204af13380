"""Webhooks: kept once, never believed, never lost."""

import json
import time

import pytest

from saleor_paylink.links.sweeper import sweep
from saleor_paylink.links.webhooks import UnknownProvider, receive
from saleor_paylink.models import AttemptStatus, LedgerEntry, PaymentAttempt, ProviderEvent
from saleor_paylink.providers.interface import BadSignature, EventRef
from saleor_paylink.providers.stripe.provider import StripeProvider
from sandbox.shop.models import Channel, Order
from sandbox.stripe import Simulator
from sandbox.stripe.deliveries import signature
from tests.unit.links.helpers import SECRET, Customer, deliver_all, status_of, webhooks
from tests.waiting import tasks_wait


def test_a_webhook_pays_the_order(customer: Customer, simulator: Simulator, order: Order) -> None:
    simulator.pay(customer.session())

    deliver_all(simulator)

    assert status_of(order.id) == "unfulfilled"
    assert set(ProviderEvent.objects.values_list("status", flat=True)) == {"processed"}


def test_webhooks_doubled_and_in_reverse_book_once(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())

    for headers, body in [*reversed(webhooks(simulator)), *webhooks(simulator)]:
        receive("stripe", "shop", headers, body)

    assert order.transactions.count() == 1
    assert LedgerEntry.objects.filter(kind="charge").count() == 1
    assert ProviderEvent.objects.count() == len(webhooks(simulator))


def test_a_webhook_that_lies_changes_nothing(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session, _lines = simulator.session(customer.session())
    lie = {
        "id": "evt_lie",
        "object": "event",
        "type": "checkout.session.completed",
        "livemode": False,
        "created": int(time.time()),
        "data": {"object": {**session, "status": "complete", "payment_status": "paid"}},
    }
    body = json.dumps(lie).encode()
    headers = {"Stripe-Signature": signature(body, SECRET, int(time.time()))}

    receive("stripe", "shop", headers, body)

    assert status_of(order.id) == "unconfirmed"
    assert PaymentAttempt.objects.get().status == AttemptStatus.OPEN
    assert LedgerEntry.objects.count() == 0


@pytest.mark.parametrize("secret", ["", "whsec_other"])
def test_a_badly_signed_webhook_is_refused_and_not_kept(
    customer: Customer, simulator: Simulator, secret: str
) -> None:
    simulator.pay(customer.session())
    _headers, body = webhooks(simulator)[0]
    headers = {"Stripe-Signature": signature(body, secret, int(time.time()))}

    with pytest.raises(BadSignature):
        receive("stripe", "shop", headers, body)
    with pytest.raises(BadSignature):
        receive("stripe", "shop", {}, body)

    assert ProviderEvent.objects.count() == 0
    assert PaymentAttempt.objects.get().status == AttemptStatus.OPEN


@pytest.mark.parametrize(("provider", "slug"), [("paypal", "shop"), ("stripe", "nowhere")])
def test_a_webhook_for_nobody_is_refused(channel: Channel, provider: str, slug: str) -> None:
    with pytest.raises(UnknownProvider):
        receive(provider, slug, {}, b"{}")

    assert ProviderEvent.objects.count() == 0


def test_an_event_of_somebody_else_is_kept_as_foreign(
    channel: Channel, simulator: Simulator
) -> None:
    event = {
        "id": "evt_1",
        "object": "event",
        "type": "payment_intent.succeeded",
        "livemode": False,
        "created": 1,
        "data": {"object": {"id": "pi_1", "object": "payment_intent", "metadata": {}}},
    }
    body = json.dumps(event).encode()

    receive("stripe", "shop", {"Stripe-Signature": signature(body, SECRET, int(time.time()))}, body)

    assert ProviderEvent.objects.get().status == ProviderEvent.Status.FOREIGN


def test_an_event_that_failed_is_visible_and_tried_again(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())
    simulator.add_fault("GET", "/v1/checkout/sessions/.*", "error_500", times=50)
    deliver_all(simulator)
    failed = ProviderEvent.objects.filter(status=ProviderEvent.Status.FAILED)
    assert failed.count() == ProviderEvent.objects.count() > 0
    assert status_of(order.id) == "unconfirmed"

    simulator.clear_faults()
    ProviderEvent.objects.update(next_try_at="2020-01-01T00:00:00Z")
    sweep()

    assert failed.count() == 0
    assert status_of(order.id) == "unfulfilled"


def test_a_failed_event_that_is_delivered_again_is_worked_on_again(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())
    simulator.add_fault("GET", "/v1/checkout/sessions/.*", "error_500", times=50)
    deliver_all(simulator)
    assert status_of(order.id) == "unconfirmed"
    simulator.clear_faults()

    deliver_all(simulator)

    assert set(ProviderEvent.objects.values_list("status", flat=True)) == {"processed"}
    assert status_of(order.id) == "unfulfilled"


def test_a_reference_that_was_lost_is_learnt_from_the_webhook(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())
    PaymentAttempt.objects.update(provider_reference=None)

    deliver_all(simulator)

    assert status_of(order.id) == "unfulfilled"


def test_a_webhook_with_several_events_keeps_each_once(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def events(*_args: object) -> list[EventRef]:
        return [
            EventRef("evt_b", "x" * 200, "no id", "cs_b", "pi_b", "shop.example"),
            EventRef("evt_a", "second"),
            EventRef("evt_b", "again"),
        ]

    monkeypatch.setattr(StripeProvider, "read_events", events)

    receive("stripe", "shop", {}, b"")

    kept = ProviderEvent.objects.order_by("event_id").values_list(
        "event_id", "type", "attempt_id", "session_reference", "payment_reference", "shop"
    )
    assert list(kept) == [
        ("evt_a", "second", None, "", "", ""),
        ("evt_b", "x" * 128, None, "cs_b", "pi_b", "shop.example"),
    ]


def test_a_webhook_about_nothing_keeps_nothing(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StripeProvider, "read_events", lambda *_args: [])

    receive("stripe", "shop", {}, b"")

    assert ProviderEvent.objects.count() == 0


@pytest.mark.parametrize("status", ["received", "failed", "processed", "foreign"])
def test_a_repeated_delivery_queues_what_is_not_done_and_changes_nothing(
    customer: Customer, simulator: Simulator, status: str
) -> None:
    simulator.pay(customer.session())
    headers, body = webhooks(simulator)[0]
    with tasks_wait() as queued:
        receive("stripe", "shop", headers, body)
        assert queued() == 1
        ProviderEvent.objects.update(status=status, channel="renamed", error="reason", tries=3)
        before = ProviderEvent.objects.values().get()

        receive("stripe", "shop", headers, body)

        assert queued() == (1 if status in ("received", "failed") else 0)
        assert ProviderEvent.objects.values().get() == before
