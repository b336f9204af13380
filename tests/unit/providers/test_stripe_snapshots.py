"""What Stripe says of a session, told truthfully."""

import pytest

from saleor_paylink.providers.interface import GivenBack, Received, SessionStatus, Snapshot
from saleor_paylink.providers.stripe.snapshots import snapshot
from tests.unit.providers.helpers import (
    ATTEMPT,
    CHANNEL,
    NOW,
    SESSIONS,
    SHOP,
    at,
    money,
    open_session,
    request,
    stripe,
)

EXPAND = ["payment_intent.latest_charge.balance_transaction"]


def paid(provider, simulator, **changes):
    """A paid session: its reference and that of its payment."""
    reference = open_session(provider, **changes)
    return reference, simulator.pay(reference)["payment_intent"]


def as_json(provider, reference):
    return provider._api().get(f"{SESSIONS}/{reference}", expand=EXPAND)


def test_a_new_session_is_open(provider):
    reference = open_session(provider)
    expected = Snapshot(reference, ATTEMPT, False, SessionStatus.OPEN, shop=SHOP, channel=CHANNEL)
    assert provider.fetch(reference) == expected


def test_a_paid_session_tells_of_its_money(provider, simulator):
    reference, payment = paid(provider, simulator)
    simulator.advance(3600)
    assert provider.fetch(reference) == Snapshot(
        reference=reference,
        attempt_id=ATTEMPT,
        shop=SHOP,
        channel=CHANNEL,
        livemode=False,
        status=SessionStatus.PAID,
        received=Received(
            reference=payment,
            amount=money("12.34"),
            paid_at=at(NOW),
            fee=money("0.44"),
            provider_url=f"https://dashboard.stripe.com/test/payments/{payment}",
        ),
    )


def test_a_paid_session_is_read_with_its_refunds_in_two_requests(provider, simulator):
    reference, _ = paid(provider, simulator)
    before = len(simulator.requests())
    provider.fetch(reference)
    assert len(simulator.requests()) == before + 2


def test_live_money_is_told_from_test_money(server, simulator):
    provider = stripe(key="sk_live_shop")
    reference, payment = paid(provider, simulator)
    found = provider.fetch(reference)
    assert found.livemode is True
    assert found.received is not None
    assert found.received.provider_url == f"https://dashboard.stripe.com/payments/{payment}"


def test_another_amount_than_was_asked_for_is_told_as_it_is(provider, simulator):
    reference = open_session(provider)
    simulator.pay(reference, amount=999)
    received = provider.fetch(reference).received
    assert received is not None
    assert received.amount == money("9.99")


@pytest.mark.parametrize(
    ("amount", "fee"),
    [
        (money("700000", "UGX"), money("10500.25", "UGX")),
        (money("5000", "JPY"), money("100", "JPY")),
        (money("5.120", "KWD"), money("0.102", "KWD")),
    ],
)
def test_amounts_are_read_in_their_currencys_own_units(provider, simulator, amount, fee):
    reference, _ = paid(provider, simulator, amount=amount)
    received = provider.fetch(reference).received
    assert received is not None
    assert (received.amount, received.fee) == (amount, fee)


def test_a_fee_is_told_in_the_currency_of_settlement(provider, simulator):
    session = as_json(provider, paid(provider, simulator)[0])
    booked = session["payment_intent"]["latest_charge"]["balance_transaction"]
    booked.update(currency="jpy", fee=70)
    received = snapshot(session, [], []).received
    assert received is not None
    assert (received.amount, received.fee) == (money("12.34"), money("70", "JPY"))


def test_a_fee_that_is_not_booked_yet_is_not_known(provider, simulator):
    session = as_json(provider, paid(provider, simulator)[0])
    session["payment_intent"]["latest_charge"]["balance_transaction"] = None
    received = snapshot(session, [], []).received
    assert received is not None
    assert received.fee is None


def test_a_declined_card_leaves_the_session_open_and_says_why(provider, simulator):
    reference = open_session(provider)
    simulator.decline(reference)
    found = provider.fetch(reference)
    assert found.status is SessionStatus.OPEN
    assert (found.received, found.decline) == (None, "Your card was declined.")


def test_a_card_that_works_after_one_that_did_not_is_no_decline(provider, simulator):
    reference = open_session(provider)
    simulator.decline(reference)
    simulator.pay(reference)
    found = provider.fetch(reference)
    assert (found.status, found.decline) == (SessionStatus.PAID, None)


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (None, SessionStatus.PROCESSING),
        ("succeeded", SessionStatus.PAID),
        ("failed", SessionStatus.FAILED),
    ],
)
def test_money_that_comes_later_is_on_its_way_until_it_came_or_failed(
    provider, simulator, outcome, status
):
    reference = open_session(provider, method="stripe:sepa_debit")
    simulator.pay_later(reference)
    if outcome:
        simulator.complete_later(reference, outcome)
    found = provider.fetch(reference)
    assert found.status is status
    assert (found.received is not None) is (outcome == "succeeded")
    assert found.decline == ("The payment failed." if outcome == "failed" else None)


def test_an_expired_session_has_no_money(provider, simulator):
    reference = open_session(provider)
    simulator.advance(24 * 3600)
    found = provider.fetch(reference)
    assert (found.status, found.received) == (SessionStatus.EXPIRED, None)


@pytest.mark.parametrize(
    ("session_status", "payment_status", "stage", "expected"),
    [
        # Money is what the payment says, not what the session says of itself.
        ("open", "unpaid", "succeeded", SessionStatus.PAID),
        ("expired", "unpaid", "succeeded", SessionStatus.PAID),
        ("complete", "paid", "processing", SessionStatus.PROCESSING),
        # A voucher that the customer has still to pay.
        ("complete", "unpaid", "requires_action", SessionStatus.PROCESSING),
        ("complete", "unpaid", "canceled", SessionStatus.FAILED),
        ("complete", "unpaid", "requires_payment_method", SessionStatus.FAILED),
        ("open", "unpaid", "processing", SessionStatus.OPEN),
        ("expired", "unpaid", "processing", SessionStatus.PROCESSING),
        ("expired", "unpaid", "canceled", SessionStatus.EXPIRED),
    ],
)
def test_the_payment_decides_where_the_session_leaves_it_open(
    provider, simulator, session_status, payment_status, stage, expected
):
    session = as_json(provider, paid(provider, simulator)[0])
    session.update(status=session_status, payment_status=payment_status)
    session["payment_intent"]["status"] = stage
    found = snapshot(session, [], [])
    assert found.status is expected
    assert (found.received is not None) is (expected is SessionStatus.PAID)


def test_a_session_with_nothing_to_pay_is_no_money(provider):
    session = as_json(provider, open_session(provider))
    session.update(status="complete", payment_status="no_payment_required")
    found = snapshot(session, [], [])
    assert (found.status, found.received) == (SessionStatus.FAILED, None)


@pytest.mark.parametrize("metadata", [None, {}, {"attempt": ATTEMPT}])
def test_a_session_that_is_none_of_ours_names_no_attempt(provider, metadata):
    session = as_json(provider, open_session(provider))
    session["metadata"] = metadata
    assert snapshot(session, [], []).attempt_id is None


def test_the_attempt_is_the_one_that_stripe_was_told(provider):
    other = "0c7a7c9f-54c8-4b55-8a0b-1d2f3a4b5c6d"
    reference = provider.open(provider.prepare(request(attempt_id=other)), "key-1").reference
    assert provider.fetch(reference).attempt_id == other


def test_refunds_are_told_oldest_first(provider, simulator):
    reference, payment = paid(provider, simulator)
    first = simulator.refund(payment, 234)
    simulator.advance(60)
    second = simulator.refund(payment, 1000)
    assert provider.fetch(reference).refunds == (
        GivenBack(first["id"], money("2.34"), at(NOW), fee=money("0.00")),
        GivenBack(second["id"], money("10.00"), at(NOW + 60), fee=money("0.00")),
    )


def test_a_refund_that_came_back_is_told_as_such(provider, simulator):
    reference, payment = paid(provider, simulator)
    kept = simulator.refund(payment, 234)["id"]
    failed = simulator.refund(payment, 1000)["id"]
    simulator.advance(60)
    simulator.fail_refund(failed)
    simulator.advance(60)
    found = {each.reference: each for each in provider.fetch(reference).refunds}
    assert found.keys() == {kept, failed}
    assert (found[kept].amount, found[kept].returned_at) == (money("2.34"), None)
    assert found[failed].amount == money("10.00")
    assert found[failed].returned_at == at(NOW + 60)


@pytest.mark.parametrize("status", ["pending", "requires_action", None])
def test_a_refund_that_has_not_succeeded_is_told_as_on_its_way(provider, simulator, status):
    reference, payment = paid(provider, simulator)
    refund = {**simulator.refund(payment, 234), "status": status, "balance_transaction": None}
    told = snapshot(as_json(provider, reference), [refund], [])
    assert told.refunds == ()
    assert told.returning == (GivenBack(refund["id"], money("2.34"), at(NOW)),)


def test_more_refunds_than_a_page_holds_are_all_told(provider, simulator):
    reference, payment = paid(provider, simulator)
    made = {simulator.refund(payment, 2)["id"] for _ in range(101)}
    found = provider.fetch(reference)
    assert {each.reference for each in found.refunds} == made
    assert sum(each.amount.amount for each in found.refunds) == money("2.02").amount


def test_a_dispute_that_took_the_money_is_told(provider, simulator):
    reference, payment = paid(provider, simulator)
    simulator.advance(60)
    dispute = simulator.dispute(payment, 1000)
    expected = (GivenBack(dispute["id"], money("10.00"), at(NOW + 60), fee=money("15.00")),)
    assert provider.fetch(reference).disputes == expected
    simulator.close_dispute(payment, "lost")
    assert provider.fetch(reference).disputes == expected


def test_a_dispute_that_was_won_is_told_with_when_the_money_came_back(provider, simulator):
    reference, payment = paid(provider, simulator)
    simulator.dispute(payment)
    simulator.close_dispute(payment, "won")
    (dispute,) = provider.fetch(reference).disputes
    assert dispute.returned_at is not None
    assert dispute.returned_at >= dispute.at


def test_a_dispute_that_was_won_holds_the_money_until_it_is_back(provider, simulator):
    reference, payment = paid(provider, simulator)
    won = {**simulator.dispute(payment), "status": "won"}
    (dispute,) = snapshot(as_json(provider, reference), [], [won]).disputes
    assert dispute.returned_at is None


@pytest.mark.parametrize(("status", "is_back"), [("won", True), ("under_review", False)])
def test_money_that_is_exchanged_comes_back_as_less_than_has_left(
    provider, simulator, status, is_back
):
    """Each of the two moves at the rate of its day; part of a dispute can come back before."""
    reference, payment = paid(provider, simulator)
    simulator.dispute(payment)
    dispute = {**simulator.close_dispute(payment, "won"), "status": status}
    left, back = dispute["balance_transactions"]
    left.update(currency="usd", amount=-2300)
    back.update(currency="usd", amount=2290)
    (told,) = snapshot(as_json(provider, reference), [], [dispute]).disputes
    assert (told.returned_at is not None) is is_back


def test_an_inquiry_that_took_no_money_is_not_told(provider, simulator):
    reference, payment = paid(provider, simulator)
    inquiry = simulator.dispute(payment)
    inquiry.update(status="warning_needs_response", balance_transactions=[])
    assert snapshot(as_json(provider, reference), [], [inquiry]).disputes == ()


def test_the_refunds_of_another_payment_are_not_told(provider, simulator):
    mine, payment = paid(provider, simulator)
    other = provider.open(provider.prepare(request()), "key-2").reference
    simulator.refund(simulator.pay(other)["payment_intent"])
    simulator.refund(payment, 100)
    assert [each.amount for each in provider.fetch(mine).refunds] == [money("1.00")]


# Fees of what is given back


def booking(fee, currency="eur"):
    """What a balance transaction says of a fee."""
    return {"amount": -234, "created": NOW, "currency": currency, "fee": fee}


@pytest.mark.parametrize(
    ("left", "came_back", "fee"),
    [
        (None, None, None),
        (booking(0), None, money("0.00")),
        (booking(25), None, money("0.25")),
        (booking(-63), None, money("-0.63")),
        (booking(25), booking(-25), money("0.00")),
        (booking(70, "jpy"), None, money("70", "JPY")),
        # Of two currencies there is no one sum.
        (booking(25), booking(25, "jpy"), None),
    ],
)
def test_the_fee_of_a_refund_is_that_of_its_balance_transactions(
    provider, simulator, left, came_back, fee
):
    reference, payment = paid(provider, simulator)
    refund = simulator.refund(payment, 234)
    refund.update(balance_transaction=left, failure_balance_transaction=came_back)
    (told,) = snapshot(as_json(provider, reference), [refund], []).refunds
    assert told.fee == fee


def test_a_dispute_fee_that_is_given_back_with_the_money_is_none(provider, simulator):
    reference, payment = paid(provider, simulator)
    simulator.dispute(payment)
    dispute = simulator.close_dispute(payment, "won")
    assert snapshot(as_json(provider, reference), [], [dispute]).disputes[0].fee == money("15.00")
    dispute["balance_transactions"][1]["fee"] = -1500
    assert snapshot(as_json(provider, reference), [], [dispute]).disputes[0].fee == money("0.00")


def test_a_refund_that_failed_untold_when_came_back_when_that_is_seen(provider, simulator):
    reference, payment = paid(provider, simulator)
    refund = {**simulator.refund(payment, 234), "status": "failed", "balance_transaction": None}
    (told,) = snapshot(as_json(provider, reference), [refund], []).refunds
    assert told.returned_at is not None
    assert told.returned_at > at(NOW)
