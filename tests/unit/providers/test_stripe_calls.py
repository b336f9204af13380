"""Opening and closing sessions, over a network that fails and a Stripe that says no."""

import json
import socket

import pytest

from saleor_paylink.providers.interface import ProviderError, SessionStatus
from saleor_paylink.providers.stripe import api
from tests.unit.providers.helpers import (
    ATTEMPT,
    EMAIL,
    KEY,
    SESSIONS,
    at,
    money,
    open_session,
    request,
    stripe,
)

NOTHING = "cs_test_nothing"


def posts(simulator):
    """The POSTs so far: idempotency key, status, and whether the answer was a replay."""
    return [
        (asked["idempotency_key"], asked["status"], asked["replayed"])
        for asked in simulator.requests()
        if asked["method"] == "POST"
    ]


def fails(call, *arguments):
    """(permanent, code) of the ProviderError."""
    with pytest.raises(ProviderError) as failure:
        call(*arguments)
    assert KEY not in failure.value.message
    assert EMAIL not in failure.value.message
    return failure.value.permanent, failure.value.code


# Opening


def test_an_open_session_has_a_reference_and_a_page(provider, simulator, server):
    session = provider.open(provider.prepare(request()), "key-1")
    assert session.reference == simulator.sessions()[0]["id"]
    assert session.url.startswith(server.url)
    assert posts(simulator) == [("key-1", 200, False)]


def test_a_lost_answer_is_asked_for_again_with_the_same_key(provider, simulator):
    simulator.add_fault("POST", SESSIONS, "timeout_after_commit")
    session = provider.open(provider.prepare(request()), "key-1")
    assert [each["id"] for each in simulator.sessions()] == [session.reference]
    assert posts(simulator) == [("key-1", None, False), ("key-1", 200, True)]


def test_a_session_whose_answers_were_all_lost_is_found_by_the_next_call(provider, simulator):
    parameters = provider.prepare(request())
    simulator.add_fault("POST", SESSIONS, "timeout_after_commit", times=3)
    assert fails(provider.open, parameters, "key-1") == (False, "connection")
    # As Postgres would give them back: in another order.
    stored = json.loads(json.dumps(parameters, sort_keys=True))
    session = provider.open(stored, "key-1")
    assert [each["id"] for each in simulator.sessions()] == [session.reference]


@pytest.mark.parametrize("fault", ["timeout_before", "conflict_409"])
def test_what_passes_is_tried_again_with_the_same_key(provider, simulator, fault):
    simulator.add_fault("POST", SESSIONS, fault, times=2)
    provider.open(provider.prepare(request()), "key-1")
    assert [key for key, _, _ in posts(simulator)] == ["key-1", "key-1", "key-1"]
    assert len(simulator.sessions()) == 1


@pytest.mark.parametrize(
    ("fault", "expected", "calls"),
    [
        ("timeout_before", (False, "connection"), 3),
        ("conflict_409", (False, "lock_timeout"), 3),
        ("rate_limit_429", (False, "rate_limit"), 1),
        ("card_error_402", (True, "card_declined"), 1),
    ],
)
def test_a_failure_that_lasts_is_told_as_what_it_is(provider, simulator, fault, expected, calls):
    simulator.add_fault("POST", SESSIONS, fault, times=9)
    assert fails(provider.open, provider.prepare(request()), "key-1") == expected
    assert [key for key, _, _ in posts(simulator)] == ["key-1"] * calls
    assert simulator.sessions() == []


def test_a_failure_of_stripe_that_is_kept_under_the_key_is_final_for_it(provider, simulator):
    parameters = provider.prepare(request())
    simulator.add_fault("POST", SESSIONS, "error_500")
    assert fails(provider.open, parameters, "key-1") == (True, "api_error")
    assert posts(simulator) == [("key-1", 500, False)] + [("key-1", 500, True)] * 2
    assert provider.open(parameters, "key-2").reference == simulator.sessions()[0]["id"]


def test_a_failure_of_stripe_that_is_not_kept_may_pass(answer):
    answer(500, '{"error": {"type": "api_error", "message": "?"}}')
    assert fails(stripe().open, {"mode": "payment"}, "key-1") == (False, "api_error")


def test_the_same_key_for_something_else_is_refused(provider, simulator):
    provider.open(provider.prepare(request()), "key-1")
    other = provider.prepare(request(amount=money("99.00")))
    assert fails(provider.open, other, "key-1") == (True, "idempotency")
    assert [each["amount_total"] for each in simulator.sessions()] == [1234]


def test_an_amount_that_stripe_finds_too_small_has_stripes_code(provider, simulator):
    parameters = provider.prepare(request(amount=money("0.49")))
    assert fails(provider.open, parameters, "key-1") == (True, "amount_too_small")
    assert simulator.sessions() == []


def test_a_session_that_ends_too_soon_is_refused_for_good(provider, simulator):
    parameters = provider.prepare(request(expires_at=at(1)))
    assert fails(provider.open, parameters, "key-1") == (True, "invalid_request_error")
    assert simulator.sessions() == []


def test_a_key_that_stripe_does_not_know_is_a_matter_of_configuration(server, simulator):
    provider = stripe(key="sk_test_invalid0123456789")
    with pytest.raises(ProviderError) as failure:
        provider.open(provider.prepare(request()), "key-1")
    assert (failure.value.permanent, failure.value.code) == (True, "configuration")
    assert "sk_test" not in failure.value.message
    assert simulator.sessions() == []


def test_a_missing_permission_is_a_matter_of_configuration(server, simulator):
    provider = stripe(key="rk_test_norefund_1")
    reference = open_session(provider)
    simulator.refund(simulator.pay(reference)["payment_intent"])
    assert fails(provider.fetch, reference) == (True, "configuration")


@pytest.mark.parametrize("key", ["", "  "])
def test_without_a_key_nothing_is_asked(server, simulator, key):
    assert fails(stripe(key=key).fetch, NOTHING) == (True, "configuration")
    assert simulator.requests() == []


def test_a_session_that_does_not_exist_is_refused_for_good(provider):
    assert fails(provider.fetch, NOTHING) == (True, "resource_missing")


@pytest.mark.parametrize(
    "reference",
    ["", "cs_", "pi_1", "cs_1/expire", "cs_1?x=1", "cs_1#", "cs_ä", "cs_1\n", "../cs_1"],
)
@pytest.mark.parametrize("call", ["fetch", "cancel"])
def test_a_reference_that_is_none_gets_into_no_url(provider, simulator, call, reference):
    assert fails(getattr(provider, call), reference) == (True, "reference")
    assert simulator.requests() == []


# Reading


def test_reading_is_tried_again_too(provider, simulator):
    reference = open_session(provider)
    simulator.add_fault("GET", f"{SESSIONS}/.+", "error_500")
    simulator.add_fault("GET", f"{SESSIONS}/.+", "timeout_before")
    assert provider.fetch(reference).status is SessionStatus.OPEN


@pytest.mark.parametrize(
    ("fault", "tries", "expected"),
    [
        ("timeout_before", 3, (False, "connection")),
        ("error_500", 3, (False, "api_error")),
        ("rate_limit_429", 1, (False, "rate_limit")),
        ("conflict_409", 3, (False, "lock_timeout")),
    ],
)
def test_what_cannot_be_read_now_may_be_read_later(provider, simulator, fault, tries, expected):
    reference = open_session(provider)
    simulator.add_fault("GET", f"{SESSIONS}/.+", fault, times=tries)
    assert fails(provider.fetch, reference) == expected
    assert provider.fetch(reference).status is SessionStatus.OPEN


# Closing


def test_an_open_session_is_closed(provider, simulator):
    reference = open_session(provider)
    snapshot = provider.cancel(reference)
    assert (snapshot.reference, snapshot.attempt_id) == (reference, ATTEMPT)
    assert snapshot.status is SessionStatus.EXPIRED
    assert [each["status"] for each in simulator.sessions()] == ["expired"]


def test_closing_a_session_twice_does_no_harm(provider):
    reference = open_session(provider)
    assert provider.cancel(reference) == provider.cancel(reference)


def test_closing_a_session_that_was_paid_tells_of_the_money(provider, simulator):
    reference = open_session(provider)
    simulator.pay(reference)
    snapshot = provider.cancel(reference)
    assert snapshot.status is SessionStatus.PAID
    assert snapshot.received is not None
    assert snapshot.received.amount == money("12.34")
    assert [each["status"] for each in simulator.sessions()] == ["complete"]


def test_closing_whose_answer_is_lost_is_done_once_and_told(provider, simulator):
    reference = open_session(provider)
    simulator.add_fault("POST", f"{SESSIONS}/.+/expire", "timeout_after_commit")
    assert provider.cancel(reference).status is SessionStatus.EXPIRED


def test_closing_that_fails_now_may_be_done_later(provider, simulator):
    reference = open_session(provider)
    simulator.add_fault("POST", f"{SESSIONS}/.+/expire", "error_500")
    assert fails(provider.cancel, reference) == (False, "api_error")
    assert [each["status"] for each in simulator.sessions()] == ["open"]
    assert provider.cancel(reference).status is SessionStatus.EXPIRED


def test_closing_without_permission_is_not_taken_for_closed(answer):
    asked = answer(403, '{"error": {"type": "invalid_request_error", "message": "No."}}')
    assert fails(stripe().cancel, NOTHING) == (True, "configuration")
    assert asked == [("POST", f"{SESSIONS}/{NOTHING}/expire")]


# What no Stripe would answer


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, "<html>Log in to the hotel's network</html>", (False, "connection")),
        (502, "<html>Bad gateway</html>", (False, "connection")),
        (503, "[]", (False, "503")),
        (302, "{}", (False, "302")),
        (424, '{"error": {"type": "api_error"}}', (False, "api_error")),
        (400, '{"error": "text"}', (True, "400")),
        (400, '{"error": {"code": "rate_limit"}}', (False, "rate_limit")),
    ],
)
def test_an_odd_answer_is_no_success(answer, status, body, expected):
    answer(status, body)
    assert fails(stripe().fetch, NOTHING) == expected


def test_a_redirect_is_not_followed(answer):
    asked = answer(302, "{}", Location="/elsewhere")
    fails(stripe().fetch, NOTHING)
    assert {path.split("?")[0] for _, path in asked} == {f"{SESSIONS}/{NOTHING}"}


def test_a_server_that_says_nothing_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(api, "TIMEOUT", (0.2, 0.2))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("PAYLINK_STRIPE_API_BASE", f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert fails(stripe().fetch, NOTHING) == (False, "connection")


def test_no_server_at_all_is_a_failure_that_may_pass(monkeypatch):
    monkeypatch.setenv("PAYLINK_STRIPE_API_BASE", "http://127.0.0.1:1")
    assert fails(stripe().fetch, NOTHING) == (False, "connection")


@pytest.mark.parametrize(("wanted", "given"), [("1", 1), ("2", 2), ("60", 2), ("3600", 0)])
def test_a_server_that_asks_for_patience_gets_two_seconds(wanted, given):
    answer = b"", 503, {"retry-after": wanted}
    assert api._Client()._sleep_time_seconds(1, answer) == given


# Messages


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Invalid email address: ada@customer.example", "Invalid email address: […]"),
        ("Invalid API Key provided: sk_test_51H***9abc", "Invalid API Key provided: […]"),
        ("Not a URL: https://shop.example/pay/secret-token/", "Not a URL: […]"),
        ("No such intent: pi_1_secret_abc", "No such intent: […]"),
        ("x" * 300, "x" * 200),
    ],
)
def test_a_message_of_stripe_holds_nothing_private(answer, said, shown):
    answer(400, json.dumps({"error": {"message": said}}))
    with pytest.raises(ProviderError) as failure:
        stripe().open({"mode": "payment"}, "key-1")
    assert failure.value.message == f"Stripe refused: {shown}"
