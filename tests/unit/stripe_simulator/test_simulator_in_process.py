"""The simulator without HTTP, as a deterministic simulation drives it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.stripe import Clock, ConnectionLost, NotPossible, Simulator
from sandbox.stripe.deliveries import signature

KEY = "sk_test_shop"
FORM = (
    ("mode", "payment"),
    ("success_url", "https://shop.example/paid"),
    ("line_items[0][quantity]", "1"),
    ("line_items[0][price_data][currency]", "eur"),
    ("line_items[0][price_data][unit_amount]", "1234"),
    ("line_items[0][price_data][product_data][name]", "Order #7"),
)


@pytest.fixture
def simulator():
    return Simulator(Clock(lambda: 1_700_000_000), seed=1)


def create(simulator):
    return simulator.request("POST", "/v1/checkout/sessions", FORM, key=KEY, idempotency_key="k")


def test_the_same_seed_and_steps_give_the_same_answers():
    def run():
        simulator = Simulator(Clock(lambda: 1_700_000_000), seed=9)
        session = create(simulator).body
        return session, simulator.pay(session["id"])

    assert run() == run()


def test_an_answer_can_be_lost(simulator):
    simulator.add_fault("POST", "/v1/checkout/sessions", "timeout_after_commit")
    with pytest.raises(ConnectionLost):
        create(simulator)
    (made,) = simulator.sessions()
    assert create(simulator).body["id"] == made["id"]


def test_one_key_makes_one_session_however_many_ask_at_once(simulator):
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: create(simulator), range(40)))
    (made,) = simulator.sessions()
    assert {answer.body["id"] for answer in answers if answer.status == 200} == {made["id"]}
    assert {answer.status for answer in answers} <= {200, 409}


def test_what_is_answered_cannot_be_used_to_change_the_simulator(simulator):
    session = create(simulator).body
    session["status"] = "complete"
    assert simulator.sessions()[0]["status"] == "open"


def test_deliveries_are_taken_and_reported_by_whoever_drives(simulator):
    simulator.add_endpoint("https://shop.example/hook", "whsec_x")
    simulator.expire(create(simulator).body["id"])
    delivery = simulator.next_delivery()
    assert delivery.event["type"] == "checkout.session.expired"
    assert simulator.next_delivery() is None
    assert simulator.settle(0) is False
    simulator.record_delivery(delivery, 200)
    assert simulator.settle(0) is True
    assert simulator.deliveries()[0]["state"] == "delivered"


def test_a_report_on_what_was_sent_before_a_reset_is_ignored(simulator):
    simulator.add_endpoint("https://shop.example/hook", "whsec_x")
    simulator.expire(create(simulator).body["id"])
    delivery = simulator.next_delivery()
    simulator.reset()
    simulator.record_delivery(delivery, 200)
    assert simulator.deliveries() == []


def test_a_session_that_nobody_knows_cannot_be_paid(simulator):
    with pytest.raises(NotPossible):
        simulator.pay("cs_test_none")
    assert simulator.sessions() == []


def test_time_does_not_go_back(simulator):
    with pytest.raises(ValueError, match="Time does not go back"):
        simulator.advance(-1)
    assert simulator.clock.now() == 1_700_000_000


def test_a_signature_is_the_hmac_of_time_and_payload():
    expected = "t=1700000000,v1=" + SIGNED
    assert signature(b'{"id":"evt_1"}', "whsec_x", 1_700_000_000) == expected


# printf '1700000000.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_x
SIGNED = "366e40c480fe3a9e6a03609dca079cea86d77ae82d5a56b5348208247317a8d1"
