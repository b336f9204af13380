"""The simulator as seen through stripe 3.5, the library that Saleor brings."""

import pytest
import stripe
from stripe import api_requestor

SESSIONS = "/v1/checkout/sessions"
PARAMS = {
    "mode": "payment",
    "success_url": "https://shop.example/paid",
    "allow_promotion_codes": False,
    "line_items": [
        {
            "quantity": 1,
            "price_data": {
                "currency": "eur",
                "unit_amount": 1234,
                "product_data": {"name": "Order #7"},
            },
        }
    ],
}


@pytest.fixture
def ask(server):
    def ask(method, path, params=None, headers=None, key="sk_test_shop"):
        requestor = api_requestor.APIRequestor(
            key=key, api_base=server.url, api_version="2023-08-16"
        )
        response, _ = requestor.request(method, path, params, headers)
        return response.data

    return ask


def test_the_library_creates_pays_and_reads_a_session(ask, control):
    made = ask("post", SESSIONS, PARAMS)
    control.pay(made["id"])
    path = f"{SESSIONS}/{made['id']}"
    session = ask("get", path, {"expand": ["payment_intent.latest_charge.balance_transaction"]})
    assert session["payment_status"] == "paid"
    assert session["payment_intent"]["latest_charge"]["balance_transaction"]["fee"] == 44


def test_the_library_filters_events(ask, control):
    control.pay(ask("post", SESSIONS, PARAMS)["id"])
    listed = ask("get", "/v1/events", {"types": ["charge.succeeded"], "created": {"gte": 1}})
    assert [event["type"] for event in listed["data"]] == ["charge.succeeded"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("timeout_before", stripe.error.APIConnectionError),
        ("timeout_after_commit", stripe.error.APIConnectionError),
        ("error_500", stripe.error.APIError),
        ("rate_limit_429", stripe.error.RateLimitError),
        ("conflict_409", stripe.error.APIError),
        ("card_error_402", stripe.error.CardError),
    ],
)
def test_the_library_knows_each_fault(ask, control, fault, error):
    control.add_fault("POST", SESSIONS, fault)
    with pytest.raises(error):
        ask("post", SESSIONS, PARAMS)


def test_the_library_knows_a_bad_parameter(ask, control):
    with pytest.raises(stripe.error.InvalidRequestError) as refusal:
        ask("post", SESSIONS, {**PARAMS, "succes_url": "x"})
    assert (refusal.value.code, refusal.value.param) == ("parameter_unknown", "succes_url")
    assert control.sessions() == []


def test_the_library_knows_a_bad_key(ask):
    with pytest.raises(stripe.error.AuthenticationError):
        ask("get", SESSIONS, key="sk_test_invalid")


def test_the_library_knows_a_missing_permission(ask):
    with pytest.raises(stripe.error.PermissionError):
        ask("get", "/v1/refunds", key="rk_test_norefund")


def test_the_library_knows_a_reused_idempotency_key(ask, control):
    ask("post", SESSIONS, PARAMS, {"Idempotency-Key": "k"})
    with pytest.raises(stripe.error.IdempotencyError):
        ask("post", SESSIONS, {**PARAMS, "locale": "pl"}, {"Idempotency-Key": "k"})
    assert len(control.sessions()) == 1
