"""Paying, declining, paying later, and what can happen to the money afterwards."""

import pytest
import requests

AMOUNT = "line_items[0][price_data][unit_amount]"
WHOLE = {"expand[0]": "payment_intent.latest_charge.balance_transaction"}


@pytest.fixture
def paid(api, control):
    """The id of the payment intent of a session over 12.34 EUR that was paid."""
    return control.pay(api.create().json()["id"])["payment_intent"]


def test_paying_completes_the_session_and_charges_its_amount(api, control):
    id = api.create().json()["id"]
    control.pay(id)
    session = api.session(id, **WHOLE)
    intent = session["payment_intent"]
    assert (session["status"], session["payment_status"], session["url"]) == (
        "complete",
        "paid",
        None,
    )
    assert (intent["status"], intent["amount"], intent["amount_received"]) == (
        "succeeded",
        1234,
        1234,
    )
    assert (intent["latest_charge"]["paid"], intent["latest_charge"]["amount"]) == (True, 1234)
    assert api.event_types() == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


@pytest.mark.parametrize(("amount", "fee"), [(1234, 44), (100, 27), (10000, 175), (1233, 43)])
def test_the_fee_is_one_and_a_half_percent_and_25(api, control, amount, fee):
    id = api.create_with({AMOUNT: str(amount)}).json()["id"]
    control.pay(id)
    booked = api.session(id, **WHOLE)["payment_intent"]["latest_charge"]["balance_transaction"]
    assert (booked["amount"], booked["fee"], booked["net"]) == (amount, fee, amount - fee)
    assert (booked["currency"], booked["type"]) == ("eur", "charge")
    assert api.get(f"/v1/balance_transactions/{booked['id']}").json() == booked


def test_the_fee_of_an_asynchronous_capture_comes_later(api, control):
    method = {"payment_intent_data[capture_method]": "automatic_async"}
    id = api.create_with(method).json()["id"]
    intent = control.pay(id)["payment_intent"]
    charge = api.session(id, **WHOLE)["payment_intent"]["latest_charge"]
    assert charge["balance_transaction"] is None
    control.post_fee(intent)
    charge = api.session(id, **WHOLE)["payment_intent"]["latest_charge"]
    assert charge["balance_transaction"]["fee"] == 44
    assert api.event_types()[-1] == "charge.updated"


def test_paying_twice_is_refused_and_charges_once(api, control, paid):
    id = control.sessions()[0]["id"]
    with pytest.raises(requests.HTTPError, match="409: This Checkout Session is complete"):
        control.pay(id)
    assert len(api.get("/v1/charges").json()["data"]) == 1


@pytest.mark.parametrize(("amount", "discount", "tax"), [(1000, 234, 0), (1500, 0, 266)])
def test_a_session_paid_with_another_amount_still_adds_up(api, control, amount, discount, tax):
    id = api.create().json()["id"]
    control.pay(id, amount=amount)
    session = api.session(id, **WHOLE)
    assert (session["amount_subtotal"], session["amount_total"]) == (1234, amount)
    assert session["total_details"] == {
        "amount_discount": discount,
        "amount_shipping": 0,
        "amount_tax": tax,
    }
    assert session["payment_intent"]["amount_received"] == amount
    assert session["payment_intent"]["latest_charge"]["amount"] == amount


def test_a_declined_payment_leaves_the_session_open(api, control):
    id = api.create().json()["id"]
    control.decline(id)
    session = api.session(id, **WHOLE)
    intent = session["payment_intent"]
    assert (session["status"], session["payment_status"]) == ("open", "unpaid")
    assert (intent["status"], intent["amount_received"]) == ("requires_payment_method", 0)
    assert intent["last_payment_error"]["decline_code"] == "generic_decline"
    assert (intent["latest_charge"]["paid"], intent["latest_charge"]["status"]) == (False, "failed")
    assert api.event_types() == ["charge.failed", "payment_intent.payment_failed"]


def test_a_customer_can_pay_after_a_decline_with_the_same_intent(api, control):
    id = api.create().json()["id"]
    declined = control.decline(id)["payment_intent"]
    assert control.pay(id)["payment_intent"] == declined
    intent = api.get(f"/v1/payment_intents/{declined}").json()
    assert (intent["status"], intent["last_payment_error"]) == ("succeeded", None)


def test_a_delayed_payment_completes_the_session_unpaid(api, control):
    id = api.create().json()["id"]
    control.pay_later(id)
    session = api.session(id, **WHOLE)
    assert (session["status"], session["payment_status"]) == ("complete", "unpaid")
    assert session["payment_intent"]["status"] == "processing"
    assert session["payment_intent"]["latest_charge"] is None
    assert api.event_types() == ["payment_intent.processing", "checkout.session.completed"]


def test_a_delayed_payment_that_arrives_makes_the_session_paid(api, control):
    id = api.create().json()["id"]
    control.pay_later(id, "sepa_debit")
    control.complete_later(id, "succeeded")
    session = api.session(id, **WHOLE)
    assert session["payment_status"] == "paid"
    charge = session["payment_intent"]["latest_charge"]
    assert charge["payment_method_details"] == {"sepa_debit": {}, "type": "sepa_debit"}
    assert api.event_types()[-1] == "checkout.session.async_payment_succeeded"


def test_a_delayed_payment_that_fails_leaves_the_session_complete_and_unpaid(api, control):
    id = api.create().json()["id"]
    control.pay_later(id)
    control.complete_later(id, "failed")
    session = api.session(id, **WHOLE)
    assert (session["status"], session["payment_status"]) == ("complete", "unpaid")
    assert session["payment_intent"]["status"] == "requires_payment_method"
    assert api.event_types()[-2:] == [
        "payment_intent.payment_failed",
        "checkout.session.async_payment_failed",
    ]


def test_a_session_of_immediate_methods_cannot_be_paid_later(api, control):
    id = api.create_with({"payment_method_types[0]": "card"}).json()["id"]
    with pytest.raises(requests.HTTPError, match="409"):
        control.pay_later(id)
    assert api.session(id)["status"] == "open"
    assert api.event_types() == []


def test_a_refund_gives_money_back_and_keeps_the_fee(api, paid):
    form = {"payment_intent": paid, "amount": "234", "metadata[why]": "late"}
    refund = api.post("/v1/refunds", form).json()
    assert (refund["amount"], refund["status"], refund["metadata"]) == (
        234,
        "succeeded",
        {"why": "late"},
    )
    booked = api.get(f"/v1/balance_transactions/{refund['balance_transaction']}").json()
    assert (booked["amount"], booked["fee"], booked["net"]) == (-234, 0, -234)
    charge = api.get(f"/v1/charges/{refund['charge']}").json()
    assert (charge["amount_refunded"], charge["refunded"]) == (234, False)
    assert api.event_types()[-2:] == ["refund.created", "charge.refunded"]
    assert api.get(f"/v1/refunds/{refund['id']}").json() == refund


def test_a_refund_without_an_amount_is_of_all_that_is_left(api, paid):
    api.post("/v1/refunds", {"payment_intent": paid, "amount": "234"})
    refund = api.post("/v1/refunds", {"payment_intent": paid}).json()
    assert refund["amount"] == 1000
    assert api.get(f"/v1/charges/{refund['charge']}").json()["refunded"] is True


def test_more_than_is_left_cannot_be_refunded(api, paid):
    api.post("/v1/refunds", {"payment_intent": paid, "amount": "234"})
    answer = api.post("/v1/refunds", {"payment_intent": paid, "amount": "1001"})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == (
        "Refund amount (10.01 EUR) is greater than unrefunded amount on charge (10.00 EUR)"
    )
    refunds = api.get("/v1/refunds", payment_intent=paid).json()["data"]
    assert [refund["amount"] for refund in refunds] == [234]


def test_a_charge_that_was_refunded_cannot_be_refunded_again(api, paid):
    api.post("/v1/refunds", {"payment_intent": paid})
    answer = api.post("/v1/refunds", {"payment_intent": paid})
    assert answer.json()["error"]["code"] == "charge_already_refunded"
    assert len(api.get("/v1/refunds").json()["data"]) == 1


def test_a_payment_that_was_declined_cannot_be_refunded(api, control):
    intent = control.decline(api.create().json()["id"])["payment_intent"]
    assert api.post("/v1/refunds", {"payment_intent": intent}).status_code == 400
    assert api.get("/v1/refunds").json()["data"] == []


def test_a_refund_can_come_back(api, control, paid):
    refund = control.refund(paid, 234)
    control.fail_refund(refund["id"])
    failed = api.get(f"/v1/refunds/{refund['id']}").json()
    assert (failed["status"], failed["failure_reason"]) == ("failed", "expired_or_canceled_card")
    assert api.get(f"/v1/charges/{failed['charge']}").json()["amount_refunded"] == 0
    assert api.event_types()[-3:] == ["refund.updated", "charge.refund.updated", "refund.failed"]


def test_a_refund_can_be_on_its_way(api, control, paid):
    control.delay_refunds(paid)
    refund = api.post("/v1/refunds", {"payment_intent": paid, "amount": "234"}).json()
    assert refund["status"] == "pending"
    assert api.get(f"/v1/charges/{refund['charge']}").json()["amount_refunded"] == 234

    control.complete_refund(refund["id"], "succeeded")
    assert api.get(f"/v1/refunds/{refund['id']}").json()["status"] == "succeeded"
    assert api.event_types()[-2:] == ["refund.updated", "charge.refund.updated"]


def test_a_refund_on_its_way_can_fail(api, control, paid):
    control.delay_refunds(paid)
    refund = control.refund(paid, 234)
    failed = control.complete_refund(refund["id"], "failed")
    assert (failed["status"], failed["failure_reason"]) == ("failed", "expired_or_canceled_card")
    assert api.get(f"/v1/charges/{failed['charge']}").json()["amount_refunded"] == 0
    assert api.event_types()[-3:] == ["refund.updated", "charge.refund.updated", "refund.failed"]


@pytest.mark.parametrize("outcome", ["succeeded", "failed"])
def test_a_refund_that_is_not_on_its_way_cannot_arrive(control, paid, outcome):
    with pytest.raises(requests.HTTPError, match="409"):
        control.complete_refund(control.refund(paid, 234)["id"], outcome)


def test_a_dispute_takes_the_money_and_a_fee(api, control, paid):
    dispute = control.dispute(paid)
    (withdrawn,) = dispute["balance_transactions"]
    assert (dispute["amount"], dispute["status"]) == (1234, "needs_response")
    assert (withdrawn["amount"], withdrawn["fee"], withdrawn["net"]) == (-1234, 1500, -2734)
    assert api.get(f"/v1/charges/{dispute['charge']}").json()["disputed"] is True
    assert api.event_types()[-2:] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    assert api.get("/v1/disputes", payment_intent=paid).json()["data"] == [dispute]


def test_a_dispute_that_is_won_brings_the_money_back(api, control, paid):
    control.dispute(paid, 1000)
    dispute = control.close_dispute(paid, "won")
    assert dispute["status"] == "won"
    assert [booked["net"] for booked in dispute["balance_transactions"]] == [-2500, 1000]
    assert api.event_types()[-2:] == ["charge.dispute.funds_reinstated", "charge.dispute.closed"]


def test_a_dispute_that_is_lost_brings_nothing_back(api, control, paid):
    control.dispute(paid)
    dispute = control.close_dispute(paid, "lost")
    assert dispute["status"] == "lost"
    assert [booked["net"] for booked in dispute["balance_transactions"]] == [-2734]
    assert api.event_types()[-1] == "charge.dispute.closed"
    assert "charge.dispute.funds_reinstated" not in api.event_types()


def test_a_disputed_charge_cannot_be_refunded(api, control, paid):
    control.dispute(paid)
    answer = api.post("/v1/refunds", {"payment_intent": paid})
    assert answer.json()["error"]["code"] == "charge_disputed"
    assert api.get("/v1/refunds").json()["data"] == []
