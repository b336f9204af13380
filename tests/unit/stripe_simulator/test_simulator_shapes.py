"""Every object that the simulator answers with is one that Stripe could have answered with."""

import json

import pytest
from jsonschema import Draft202012Validator

from sandbox.stripe.checkout import DELAYED
from sandbox.stripe.openapi import FILE_NAME, description_folder, plain_schema
from sandbox.stripe.parameters import PAYMENT_METHOD_TYPES, SCHEMAS

LISTS = {
    "checkout.session": "/v1/checkout/sessions",
    "payment_intent": "/v1/payment_intents",
    "charge": "/v1/charges",
    "refund": "/v1/refunds",
    "dispute": "/v1/disputes",
    "event": "/v1/events",
    "webhook_endpoint": "/v1/webhook_endpoints",
}


@pytest.fixture(scope="module")
def described():
    """Stripe's description, its component schemas as JSON Schema."""
    folder = description_folder()
    if folder is None:
        pytest.skip("Stripe's OpenAPI description is not at hand.")
    document = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
    return {"components": plain_schema(document["components"]), "paths": document["paths"]}


@pytest.fixture
def busy(api, control):
    """An account in which everything has happened once."""
    asked = {
        "customer_email": "customer@example.com",
        "metadata[a]": "1",
        "payment_intent_data[description]": "Order #7",
        "payment_intent_data[receipt_email]": "customer@example.com",
    }
    ids = [api.create_with(asked).json()["id"] for _ in range(6)]
    control.decline(ids[0])
    control.expire(ids[0])
    control.pay_later(ids[1])
    control.pay_later(ids[2])
    control.complete_later(ids[2], "failed")
    control.pay_later(ids[3])
    control.complete_later(ids[3], "succeeded")
    refunded = control.pay(ids[4])["payment_intent"]
    control.fail_refund(control.refund(refunded, 100)["id"])
    control.delay_refunds(refunded)
    control.complete_refund(control.refund(refunded, 100)["id"], "failed")
    control.complete_refund(control.refund(refunded, 100)["id"], "succeeded")
    control.refund(refunded, 100)
    control.dispute(refunded)
    control.close_dispute(refunded, "won")
    made = {"url": "https://shop.example/hook", "enabled_events[0]": "charge.refunded"}
    api.post("/v1/webhook_endpoints", made)
    return api


def errors(described, item):
    """What is wrong with an object by the schema of its kind."""
    kind = item["object"]
    schema = {"$ref": f"#/components/schemas/{kind}", "components": described["components"]}
    wrong = [error.message for error in Draft202012Validator(schema).iter_errors(item)]
    known = described["components"]["schemas"][kind]["properties"]
    return wrong + [f"{kind} has no {name}" for name in item if name not in known]


def nested(item):
    """An object and all that stand within it, prices apart: the description lacks those."""
    if isinstance(item, dict):
        if isinstance(item.get("object"), str) and item["object"] not in ("list", "price"):
            yield item
        for inner in item.values():
            yield from nested(inner)
    elif isinstance(item, list):
        for inner in item:
            yield from nested(inner)


@pytest.mark.parametrize("kind", LISTS)
def test_objects_fit_their_schema(described, busy, kind):
    items = busy.get(LISTS[kind], limit=100).json()["data"]
    assert items
    assert [errors(described, part) for item in items for part in nested(item)] == [
        [] for item in items for part in nested(item)
    ]


def test_expanded_objects_fit_their_schema(described, busy):
    params = {
        "expand[0]": "data.line_items",
        "expand[1]": "data.payment_intent.latest_charge.balance_transaction",
        "limit": 100,
    }
    answer = busy.get("/v1/checkout/sessions", **params)
    parts = list(nested(answer.json()["data"]))
    assert {part["object"] for part in parts} == {
        "balance_transaction",
        "charge",
        "checkout.session",
        "item",
        "payment_intent",
    }
    assert [errors(described, part) for part in parts] == [[] for _ in parts]


@pytest.mark.parametrize("method", PAYMENT_METHOD_TYPES)
def test_charges_by_any_method_fit_their_schema(described, api, control, method):
    id = api.create_with({"payment_method_types[0]": method}).json()["id"]
    if method in DELAYED:
        control.pay_later(id)
        control.complete_later(id, "succeeded")
    else:
        control.pay(id)
    (charge,) = api.get("/v1/charges").json()["data"]
    assert errors(described, charge) == []


def test_errors_fit_their_schema(described, api):
    schema = {"$ref": "#/components/schemas/error", "components": described["components"]}
    for answer in (
        api.create(submit_type="buy"),
        api.get("/v1/charges/ch_none"),
        api.get("/v1/nothing"),
    ):
        assert [e.message for e in Draft202012Validator(schema).iter_errors(answer.json())] == []


@pytest.mark.parametrize("route", SCHEMAS, ids=" ".join)
def test_the_parameters_written_by_hand_are_stripes_own(described, route):
    method, path = route
    operation = described["paths"][path][method.lower()]
    if method == "GET":
        theirs = {parameter["name"] for parameter in operation["parameters"]}
    else:
        content = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]
        theirs = set(content["schema"]["properties"])
    assert set(SCHEMAS[route]["properties"]) - theirs - {"adaptive_pricing"} == set()
