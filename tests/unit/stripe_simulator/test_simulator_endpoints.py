"""Webhook endpoints that are made over the API."""

import json

import pytest
import stripe

from tests.unit.stripe_simulator.conftest import Api

ENDPOINTS = "/v1/webhook_endpoints"


def make(api, url, *events, **more):
    listed = {f"enabled_events[{number}]": event for number, event in enumerate(events)}
    return api.post(ENDPOINTS, {"url": url, **listed, **more})


def test_its_secret_is_told_when_it_is_made_and_never_again(api, shop):
    made = make(api, shop.url, "charge.succeeded", description="Ours", api_version="2023-08-16")
    assert made.status_code == 200
    assert made.json()["secret"].startswith("whsec_")
    (listed,) = api.get(ENDPOINTS).json()["data"]
    assert listed == {name: value for name, value in made.json().items() if name != "secret"}
    assert listed["id"].startswith("we_")
    assert (listed["url"], listed["enabled_events"]) == (shop.url, ["charge.succeeded"])
    assert (listed["status"], listed["description"]) == ("enabled", "Ours")
    assert listed["api_version"] == "2023-08-16"


def test_events_are_posted_there_if_they_were_asked_for(api, control, shop):
    secret = make(api, shop.url, "charge.succeeded", "charge.refunded").json()["secret"]
    control.pay(api.create().json()["id"])
    assert control.settle() is True
    ((header, body),) = shop.received
    assert json.loads(body)["type"] == "charge.succeeded"
    assert stripe.WebhookSignature.verify_header(body.decode(), header, secret) is True


def test_an_event_says_how_many_endpoints_wait_for_it(api, control, shop):
    make(api, shop.url, "charge.succeeded")
    shop.answers = [500]
    control.pay(api.create().json()["id"])
    assert control.settle() is True
    waiting = {e["type"]: e["pending_webhooks"] for e in api.get("/v1/events").json()["data"]}
    assert waiting == {
        "checkout.session.completed": 0,
        "payment_intent.succeeded": 0,
        "charge.succeeded": 1,
    }


def test_events_of_another_account_are_not_posted_there(api, control, shop):
    make(Api(api.url, "sk_test_other"), shop.url, "*")
    control.pay(api.create().json()["id"])
    assert control.settle() is True
    assert shop.received == []
    assert api.get(ENDPOINTS).json()["data"] == []


@pytest.mark.parametrize("missing", ["url", "enabled_events"])
@pytest.mark.usefixtures("any_rules")
def test_a_request_that_lacks_something_makes_none(any_rules, api, missing):
    asked = {"url": "https://shop.example/hook", "enabled_events[0]": "*"}
    answer = api.post(
        ENDPOINTS, {name: value for name, value in asked.items() if not name.startswith(missing)}
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == f"Missing required param: {missing}."
    assert api.get(ENDPOINTS).json()["data"] == []


def test_an_event_that_stripe_does_not_have_is_refused_where_its_description_is(
    any_rules, simulator, api
):
    answer = make(api, "https://shop.example/hook", "charge.forgotten")
    assert answer.status_code == (400 if simulator._rules._described else 200)


def test_a_restricted_key_may_lack_the_permission(api):
    restricted = Api(api.url, "rk_test_nowebhook_1")
    for answer in (make(restricted, "https://shop.example/hook", "*"), restricted.get(ENDPOINTS)):
        assert answer.status_code == 403
        assert "rak_webhook_write" in answer.json()["error"]["message"]
    assert restricted.create().status_code == 200
