"""Reading parameters: a request that Stripe would refuse is refused in the same words."""

import pytest

from sandbox.stripe.openapi import decode, plain_schema

pytestmark = pytest.mark.usefixtures("any_rules")


@pytest.mark.parametrize(
    "param",
    [
        "succes_url",
        "line_items[0][price_data][product_data][nmae]",
        "payment_intent_data[meta][order]",
    ],
)
def test_a_misspelt_parameter_is_refused(any_rules, api, control, param):
    answer = api.create_with({param: "1"})
    named = param.removesuffix("[order]")
    assert answer.status_code == 400
    assert answer.json()["error"] == {
        "code": "parameter_unknown",
        "message": f"Received unknown parameter: {named}",
        "param": named,
        "type": "invalid_request_error",
    }
    assert control.sessions() == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"success_url": None}, "Missing required param: success_url."),
        ({"expires_at": "soon"}, "Invalid integer: soon"),
        ({"line_items[0][quantity]": "1.5"}, "Invalid integer: 1.5"),
        ({"allow_promotion_codes": "maybe"}, "Invalid boolean: maybe"),
        ({"submit_type": "buy"}, "Invalid submit_type: must be one of auto, book, donate, pay"),
        (
            {"client_reference_id": "x" * 201},
            "Invalid string: client_reference_id must be at most 200 characters",
        ),
        (
            {"client_reference_id": ""},
            "You passed an empty string for 'client_reference_id'. We assume empty values are an "
            "attempt to unset a parameter; however 'client_reference_id' cannot be unset.",
        ),
    ],
)
def test_a_wrong_value_is_refused(any_rules, api, control, changes, message):
    answer = api.create_with(changes)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == message
    assert control.sessions() == []


def test_a_parameter_that_is_both_a_value_and_an_object_is_refused(any_rules, api, control):
    answer = api.create_with({"metadata": "x", "metadata[a]": "1"})
    assert answer.status_code == 400
    assert control.sessions() == []


def test_unknown_filters_of_a_list_are_refused(any_rules, api):
    answer = api.get("/v1/events", kind="x")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "parameter_unknown"


def test_the_usual_session_is_taken(any_rules, api):
    assert api.create().status_code == 200


def test_brackets_are_read_as_nesting():
    pairs = [("a[b][0]", "1"), ("a[b][1]", "2"), ("c[]", "3"), ("c[]", "4"), ("d", "5")]
    assert decode(pairs) == {
        "a": {"b": {"0": "1", "1": "2"}},
        "c": {"0": "3", "1": "4"},
        "d": "5",
    }


def test_nullable_allows_null_beside_any_other_rule():
    described = {"enum": ["a"], "nullable": True, "type": "string"}
    assert plain_schema(described) == {
        "anyOf": [{"enum": ["a"], "type": "string"}, {"type": "null"}]
    }
