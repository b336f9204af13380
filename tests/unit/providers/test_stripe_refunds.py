"""Refunds that we ask Stripe for: each request makes one, whatever becomes of the answers."""

import pytest

from saleor_paylink.providers.interface import ProviderError
from tests.unit.providers.helpers import KEY, money, open_session, request, stripe

REFUNDS = "/v1/refunds"
REQUEST = "3d6f0a52-1f1d-4a7b-9a35-6a3f0c1c9c22"
OTHER = "9a6f0a52-1f1d-4a7b-9a35-6a3f0c1c9c33"
DAY = 24 * 3600


@pytest.fixture
def payment(provider, simulator):
    """12.34 EUR."""
    return simulator.pay(open_session(provider))["payment_intent"]


def made(simulator):
    """The refunds at Stripe, oldest first."""
    answer = simulator.request("GET", REFUNDS, (("limit", "100"),), key=KEY)
    return list(reversed(answer.body["data"]))


def posts(simulator):
    return [
        (asked["idempotency_key"], asked["status"])
        for asked in simulator.requests()
        if asked["method"] == "POST" and asked["path"] == REFUNDS
    ]


def fails(call, *arguments):
    """(permanent, code) of the ProviderError."""
    with pytest.raises(ProviderError) as failure:
        call(*arguments)
    assert KEY not in failure.value.message
    return failure.value.permanent, failure.value.code


def test_a_refund_is_made_for_a_request(provider, simulator, payment):
    reference = provider.refund(payment, money("10.00"), REQUEST)
    (refund,) = made(simulator)
    assert (refund["id"], refund["amount"], refund["payment_intent"]) == (reference, 1000, payment)
    assert refund["metadata"] == {"saleor_paylink_refund": REQUEST}
    assert posts(simulator) == [(f"paylink-refund-{REQUEST}", 200)]


def test_the_same_request_within_a_day_is_one_refund(provider, simulator, payment):
    first = provider.refund(payment, money("5.00"), REQUEST)
    assert provider.refund(payment, money("5.00"), REQUEST) == first
    assert [each["id"] for each in made(simulator)] == [first]


def test_a_refund_is_found_by_its_request_however_much_later(provider, simulator, payment):
    first = provider.refund(payment, money("5.00"), REQUEST)
    simulator.advance(30 * DAY)
    assert provider.find_refund(payment, REQUEST) == first
    assert provider.find_refund(payment, OTHER) is None


def test_two_requests_are_two_refunds(provider, simulator, payment):
    references = {provider.refund(payment, money("5.00"), each) for each in (REQUEST, OTHER)}
    assert references == {each["id"] for each in made(simulator)}
    assert len(references) == 2


def test_a_refund_that_was_made_at_stripe_itself_is_not_taken_for_ours(
    provider, simulator, payment
):
    simulator.refund(payment, 500)
    assert provider.find_refund(payment, REQUEST) is None


def test_a_refund_is_found_behind_more_than_a_page_of_others(provider, simulator, payment):
    first = provider.refund(payment, money("1.00"), REQUEST)
    for _time in range(101):
        simulator.refund(payment, 1)
    assert provider.find_refund(payment, REQUEST) == first


@pytest.mark.parametrize("later", [0, 2 * DAY])
def test_a_refund_whose_answers_were_lost_is_found(provider, simulator, payment, later):
    simulator.add_fault("POST", REFUNDS, "timeout_after_commit", times=3)
    assert fails(provider.refund, payment, money("5.00"), REQUEST) == (False, "connection")
    simulator.advance(later)
    reference = provider.find_refund(payment, REQUEST)
    assert [each["id"] for each in made(simulator)] == [reference]


def test_a_refund_that_is_on_its_way_is_found(provider, simulator, payment):
    simulator.delay_refunds(payment)
    first = provider.refund(payment, money("5.00"), REQUEST)
    assert provider.find_refund(payment, REQUEST) == first
    assert [each["status"] for each in made(simulator)] == ["pending"]


def test_what_stripe_has_failed_at_is_asked_for_with_the_same_key_until_it_is_forgotten(
    provider, simulator, payment
):
    simulator.add_fault("POST", REFUNDS, "error_500")
    # Stripe keeps the failure under the key, and may have made the refund all the same.
    for _time in range(2):
        assert fails(provider.refund, payment, money("5.00"), REQUEST) == (False, "api_error")
    assert made(simulator) == []

    simulator.advance(DAY)
    provider.refund(payment, money("5.00"), REQUEST)
    assert [each["amount"] for each in made(simulator)] == [500]
    assert {key for key, _status in posts(simulator)} == {f"paylink-refund-{REQUEST}"}


def test_what_has_been_refunded_already_is_refused_for_good(provider, simulator, payment):
    simulator.refund(payment)
    failure = fails(provider.refund, payment, money("5.00"), REQUEST)
    assert failure == (True, "charge_already_refunded")
    assert len(made(simulator)) == 1


def test_more_than_is_left_is_refused_for_good(provider, simulator, payment):
    simulator.refund(payment, 1000)
    permanent, _code = fails(provider.refund, payment, money("2.35"), REQUEST)
    assert permanent
    assert [each["amount"] for each in made(simulator)] == [1000]


def test_what_the_bank_has_taken_back_is_refused_for_good(provider, simulator, payment):
    simulator.dispute(payment)
    failure = fails(provider.refund, payment, money("5.00"), REQUEST)
    assert failure == (True, "charge_disputed")


def test_a_payment_that_stripe_does_not_know_is_refused_for_good(provider, simulator, payment):
    permanent, _code = fails(provider.refund, "pi_nothing", money("5.00"), REQUEST)
    assert permanent
    assert made(simulator) == []


def test_a_key_that_may_not_refund_is_refused_for_good_and_told_apart(simulator, server):
    restricted = "rk_test_norefund_1"
    simulator.share_account([KEY, restricted])
    payment = simulator.pay(open_session(stripe()))["payment_intent"]
    failure = fails(stripe(key=restricted).refund, payment, money("5.00"), REQUEST)
    assert failure == (True, "configuration")
    assert made(simulator) == []


def test_staff_read_that_the_key_has_to_write_refunds():
    key = next(field for field in stripe().fields if field.name == "stripe-secret-key")
    writes, _, reads = key.help_text.partition("and read")
    assert "write Checkout Sessions and Charges and Refunds" in writes
    assert "Refunds" not in reads


def test_a_snapshot_tells_which_request_a_refund_was_made_for(provider, simulator):
    reference = open_session(provider)
    payment = simulator.pay(reference)["payment_intent"]
    provider.refund(payment, money("5.00"), REQUEST)
    simulator.refund(payment, 100)
    told = {each.amount.amount: each.request for each in provider.fetch(reference).refunds}
    assert told == {money("5.00").amount: REQUEST, money("1.00").amount: None}


def test_a_payment_leads_to_its_session(provider, simulator):
    asked = provider.prepare(request())
    sessions = [provider.open(asked, key).reference for key in ("key-1", "key-2")]
    payments = [simulator.pay(each)["payment_intent"] for each in sessions]
    assert [provider.session_of(each) for each in payments] == sessions


def test_a_payment_that_nobody_knows_leads_nowhere(provider):
    assert provider.session_of("pi_nothing") is None


def test_a_payment_that_stripe_says_it_does_not_have_leads_nowhere(provider, answer):
    answer(404, '{"error": {"type": "invalid_request_error", "code": "resource_missing"}}')
    assert provider.session_of("pi_nothing") is None


def test_a_session_that_cannot_be_looked_for_is_not_taken_for_none(provider, answer):
    answer(403, '{"error": {"type": "invalid_request_error"}}')
    assert fails(provider.session_of, "pi_1") == (True, "configuration")
