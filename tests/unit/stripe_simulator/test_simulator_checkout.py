"""Checkout Sessions: creating, reading and expiring them."""

import pytest

NOW = 1_700_000_000
AMOUNT = "line_items[0][price_data][unit_amount]"
CURRENCY = "line_items[0][price_data][currency]"
METADATA = "payment_intent_data[metadata][order]"


def test_a_new_session_is_open_and_unpaid_and_has_no_payment_intent(api):
    session = api.create().json()
    assert (session["object"], session["status"], session["payment_status"]) == (
        "checkout.session",
        "open",
        "unpaid",
    )
    assert (session["amount_total"], session["currency"]) == (1234, "eur")
    assert session["payment_intent"] is None
    assert session["livemode"] is False
    assert session["id"].startswith("cs_test_")
    assert len(session["id"]) == 66


def test_a_live_key_makes_live_sessions(api):
    api.key = "sk_live_shop"
    session = api.create().json()
    assert session["livemode"] is True
    assert session["id"].startswith("cs_live_")


def test_a_session_keeps_what_it_was_made_with(api):
    asked = {
        "client_reference_id": "attempt-1",
        "customer_email": "customer@example.com",
        "locale": "pl",
        "metadata[attempt]": "1",
        "payment_method_types[0]": "card",
        "payment_method_types[1]": "p24",
        "submit_type": "pay",
    }
    session = api.session(api.create(**asked).json()["id"])
    assert session["client_reference_id"] == "attempt-1"
    assert session["customer_email"] == "customer@example.com"
    assert session["locale"] == "pl"
    assert session["metadata"] == {"attempt": "1"}
    assert session["payment_method_types"] == ["card", "p24"]
    assert session["submit_type"] == "pay"


def test_session_metadata_and_intent_metadata_are_kept_apart(api, control):
    id = api.create_with({"metadata[a]": "session", METADATA: "intent"}).json()["id"]
    control.pay(id)
    session = api.session(id, **{"expand[0]": "payment_intent.latest_charge"})
    assert session["metadata"] == {"a": "session"}
    assert session["payment_intent"]["metadata"] == {"order": "intent"}
    assert session["payment_intent"]["latest_charge"]["metadata"] == {"order": "intent"}


@pytest.mark.parametrize("said", ["True", "False", "true", "false"])
def test_booleans_may_be_spelt_as_python_does(api, said):
    session = api.create(allow_promotion_codes=said).json()
    assert session["allow_promotion_codes"] is (said.lower() == "true")


def test_adaptive_pricing_may_be_switched_off(api):
    assert api.create_with({"adaptive_pricing[enabled]": "False"}).status_code == 200


def test_a_session_lives_for_24_hours_unless_it_says_otherwise(api):
    assert api.create().json()["expires_at"] == NOW + 24 * 3600


@pytest.mark.parametrize("seconds", [1800, 86400])
def test_a_session_may_live_between_30_minutes_and_24_hours(api, seconds):
    session = api.create(expires_at=str(NOW + seconds)).json()
    assert session["expires_at"] == NOW + seconds


@pytest.mark.parametrize(
    ("seconds", "bound"), [(1799, "at least 30 minutes"), (86401, "less than 24 hours")]
)
def test_a_session_cannot_live_shorter_or_longer(api, control, seconds, bound):
    answer = api.create(expires_at=str(NOW + seconds))
    assert answer.status_code == 400
    assert answer.json()["error"] == {
        "message": f"The `expires_at` timestamp must be {bound} from Checkout Session creation.",
        "param": "expires_at",
        "type": "invalid_request_error",
    }
    assert control.sessions() == []


@pytest.mark.parametrize(
    ("currency", "amount"),
    [("eur", 50), ("gbp", 30), ("jpy", 50), ("kwd", 1230), ("isk", 50000), ("eur", 99_999_999)],
)
def test_an_amount_that_can_be_charged_is_taken(api, currency, amount):
    session = api.create_with({CURRENCY: currency, AMOUNT: str(amount)}).json()
    assert (session["amount_total"], session["currency"]) == (amount, currency)


@pytest.mark.parametrize(
    ("currency", "amount", "code"),
    [
        ("eur", "49", "amount_too_small"),
        ("gbp", "29", "amount_too_small"),
        ("ugx", "500", "amount_too_small"),
        ("eur", "100000000", "amount_too_large"),
        ("eur", "-1", "parameter_invalid_integer"),
        ("eur", "10.00", "parameter_invalid_integer"),
        ("kwd", "5125", "parameter_invalid_integer"),
        ("isk", "50050", "parameter_invalid_integer"),
    ],
)
def test_an_amount_that_cannot_be_charged_is_refused(api, control, currency, amount, code):
    answer = api.create_with({CURRENCY: currency, AMOUNT: amount})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == code
    assert control.sessions() == []


def test_a_currency_that_has_lost_its_cents_is_refused_in_stripes_words(api):
    answer = api.create_with({CURRENCY: "ugx", AMOUNT: "500050"})
    assert answer.json()["error"]["message"] == (
        "Currency UGX has become effectively zero-decimal and charged amounts must be evenly "
        "divisible by 100"
    )


@pytest.mark.parametrize("currency", ["EUR", "xyz"])
def test_a_currency_in_capitals_or_unknown_is_refused(api, control, currency):
    error = api.create_with({CURRENCY: currency}).json()["error"]
    assert error["message"].startswith(f"Invalid currency: {currency}.")
    assert error["param"] == CURRENCY
    assert control.sessions() == []


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"customer_email": "nobody"}, "email_invalid", "customer_email"),
        ({"success_url": "/paid"}, "url_invalid", "success_url"),
        ({"cancel_url": "javascript:alert(1)"}, "url_invalid", "cancel_url"),
        ({"mode": None}, "parameter_missing", "mode"),
        ({"line_items[0][quantity]": None}, "parameter_missing", "line_items[0][quantity]"),
        ({"metadata[long]": "x" * 501}, None, "metadata[long]"),
        ({"metadata[" + "k" * 41 + "]": "x"}, None, "metadata"),
    ],
)
def test_what_stripe_would_not_take_is_refused(api, control, changes, code, param):
    answer = api.create_with(changes)
    assert answer.status_code == 400
    assert (answer.json()["error"].get("code"), answer.json()["error"]["param"]) == (code, param)
    assert control.sessions() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "subscription"},
        {"payment_intent_data[capture_method]": "manual"},
        {"adaptive_pricing[enabled]": "true"},
    ],
)
def test_what_is_not_simulated_is_refused_and_says_so(api, control, changes):
    answer = api.create_with(changes)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("SIMULATOR: ")
    assert control.sessions() == []


def test_line_items_are_listed_and_expanded_alike(api):
    id = api.create().json()["id"]
    listed = api.get(f"/v1/checkout/sessions/{id}/line_items").json()
    assert [(line["description"], line["amount_total"]) for line in listed["data"]] == [
        ("Order #7", 1234)
    ]
    assert api.session(id, **{"expand[0]": "line_items"})["line_items"] == listed


def test_expiring_an_open_session_closes_it(api):
    id = api.create().json()["id"]
    expired = api.post(f"/v1/checkout/sessions/{id}/expire").json()
    assert (expired["id"], expired["status"], expired["url"]) == (id, "expired", None)
    assert api.event_types() == ["checkout.session.expired"]


def test_expiring_a_paid_session_is_refused_and_leaves_it_paid(api, control):
    id = api.create().json()["id"]
    control.pay(id)
    answer = api.post(f"/v1/checkout/sessions/{id}/expire")
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == (
        'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session '
        "has a status of `complete`."
    )
    assert api.session(id)["payment_status"] == "paid"
    assert "checkout.session.expired" not in api.event_types()


def test_a_session_expires_when_its_time_has_come_and_not_before(api, control):
    id = api.create().json()["id"]
    control.advance(24 * 3600 - 1)
    assert api.session(id)["status"] == "open"
    control.advance(1)
    assert api.session(id)["status"] == "expired"
    assert api.event_types() == ["checkout.session.expired"]


def test_expiring_cancels_the_intent_of_a_declined_payment(api, control):
    id = api.create().json()["id"]
    control.decline(id)
    control.expire(id)
    session = api.session(id, **{"expand[0]": "payment_intent"})
    assert session["payment_intent"]["status"] == "canceled"


def test_sessions_can_be_found_by_payment_intent(api, control):
    api.create()
    id = api.create().json()["id"]
    intent = control.pay(id)["payment_intent"]
    listed = api.get("/v1/checkout/sessions", payment_intent=intent).json()
    assert [session["id"] for session in listed["data"]] == [id]


def test_lists_go_from_the_newest_on_page_by_page(api):
    ids = [api.create().json()["id"] for _ in range(3)]
    first = api.get("/v1/checkout/sessions", limit=2).json()
    assert ([s["id"] for s in first["data"]], first["has_more"]) == ([ids[2], ids[1]], True)
    second = api.get("/v1/checkout/sessions", limit=2, starting_after=ids[1]).json()
    assert ([s["id"] for s in second["data"]], second["has_more"]) == ([ids[0]], False)


def test_an_unknown_session_is_not_found(api):
    answer = api.get("/v1/checkout/sessions/cs_test_unknown")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "resource_missing"


def test_what_cannot_be_expanded_is_refused_before_anything_is_made(api, control):
    answer = api.create_with({"expand[0]": "payment_intent.nonsense"})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "expand"
    assert control.sessions() == []


def test_ids_are_the_same_again_under_the_same_seed():
    from sandbox.stripe.ids import Ids

    assert Ids(5).new("pi") == Ids(5).new("pi")
    assert Ids().new("pi") != Ids().new("pi")
