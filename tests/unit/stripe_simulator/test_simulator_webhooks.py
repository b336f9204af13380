"""Events and their delivery."""

import json

import pytest
import stripe

SECRET = "whsec_of_the_shop"
NOW = 1_700_000_000
THREE = ["charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]


@pytest.fixture
def listening(control, shop):
    control.add_webhook_endpoint(shop.url, SECRET)
    return shop


def pay(api, control):
    """Pay a new session and let the webhooks go out; answers the session's id."""
    id = api.create().json()["id"]
    control.pay(id)
    assert control.settle() is True
    return id


def received(shop):
    return [json.loads(body) for _, body in shop.received]


def types(shop):
    return [event["type"] for event in received(shop)]


def test_a_payment_is_told_to_the_shop(api, control, listening):
    id = pay(api, control)
    assert types(listening) == THREE
    assert received(listening)[2]["data"]["object"]["id"] == id


def test_a_webhook_is_signed_as_the_stripe_library_expects(api, control, listening):
    pay(api, control)
    for header, body in listening.received:
        assert header.startswith(f"t={NOW},v1=")
        assert stripe.WebhookSignature.verify_header(body.decode(), header, SECRET) is True


def test_a_webhook_does_not_verify_with_another_secret(api, control, listening):
    pay(api, control)
    header, body = listening.received[0]
    with pytest.raises(stripe.error.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(body.decode(), header, "whsec_other")


def test_each_endpoint_has_its_own_secret(api, control, listening):
    control.add_webhook_endpoint(listening.url, "whsec_second")
    api.post(f"/v1/checkout/sessions/{api.create().json()['id']}/expire")
    assert control.settle() is True
    for (header, body), secret in zip(listening.received, [SECRET, "whsec_second"], strict=True):
        assert stripe.WebhookSignature.verify_header(body.decode(), header, secret) is True


def test_signatures_keep_the_time_of_the_receiver_when_time_is_moved_on(api, control, listening):
    control.advance(3600)
    pay(api, control)
    assert listening.received[0][0].startswith(f"t={NOW},")
    assert received(listening)[0]["created"] == NOW + 3600


def test_an_endpoint_of_one_account_hears_nothing_of_another(api, control, shop):
    control.add_webhook_endpoint(shop.url, SECRET, key="sk_test_other")
    pay(api, control)
    assert shop.received == []


def test_an_event_says_the_version_of_its_endpoint(api, control, shop):
    control.add_webhook_endpoint(shop.url, SECRET, api_version="2020-08-27")
    pay(api, control)
    assert {event["api_version"] for event in received(shop)} == {"2020-08-27"}


def test_an_event_names_the_request_that_caused_it(api, control, listening):
    id = api.create().json()["id"]
    answer = api.post(f"/v1/checkout/sessions/{id}/expire", key="close")
    assert control.settle() is True
    assert received(listening)[0]["request"] == {
        "id": answer.headers["Request-Id"],
        "idempotency_key": "close",
    }


def test_an_event_keeps_its_object_as_it_was(api, control, listening):
    id = api.create().json()["id"]
    control.decline(id)
    control.pay(id)
    assert control.settle() is True
    failed = next(e for e in received(listening) if e["type"] == "payment_intent.payment_failed")
    assert failed["data"]["object"]["status"] == "requires_payment_method"


def test_a_delivery_that_is_not_taken_is_tried_again_by_the_simulators_clock(
    api, control, listening
):
    listening.answers += [500]
    api.post(f"/v1/checkout/sessions/{api.create().json()['id']}/expire")
    assert control.settle() is True
    (waiting,) = control.deliveries()
    assert (waiting["state"], waiting["due"]) == ("queued", NOW + 5)
    control.advance(5)
    assert control.settle() is True
    (delivered,) = control.deliveries()
    assert delivered["state"] == "delivered"
    assert [attempt["status"] for attempt in delivered["attempts"]] == [500, 200]
    assert len({event["id"] for event in received(listening)}) == 1


def test_a_delivery_is_given_up_after_four_tries(api, control, listening):
    listening.answers += [500, 404, 302, 400]
    api.post(f"/v1/checkout/sessions/{api.create().json()['id']}/expire")
    for seconds in (0, 5, 60, 300, 86400):
        control.advance(seconds)
        assert control.settle() is True
    (failed,) = control.deliveries()
    assert failed["state"] == "failed"
    assert [attempt["status"] for attempt in failed["attempts"]] == [500, 404, 302, 400]


def test_a_shop_that_cannot_be_reached_is_recorded(api, control):
    control.add_webhook_endpoint("http://127.0.0.1:1/hook", SECRET)
    api.post(f"/v1/checkout/sessions/{api.create().json()['id']}/expire")
    assert control.settle() is True
    (waiting,) = control.deliveries()
    assert waiting["attempts"] == [{"at": NOW, "status": None, "error": "ConnectionError"}]


def test_held_deliveries_wait_for_their_release(api, control, listening):
    control.configure_deliveries("hold")
    pay(api, control)
    assert listening.received == []
    assert {delivery["state"] for delivery in control.deliveries()} == {"held"}
    assert control.release_deliveries() == 3
    assert control.settle() is True
    assert types(listening) == THREE


def test_dropped_deliveries_never_arrive(api, control, listening):
    control.configure_deliveries("drop")
    pay(api, control)
    assert control.release_deliveries() == 0
    assert control.settle() is True
    assert listening.received == []
    assert [delivery["state"] for delivery in control.deliveries()] == ["dropped"] * 3


def test_doubled_deliveries_bring_the_same_event_twice(api, control, listening):
    control.configure_deliveries(double=True)
    pay(api, control)
    ids = [event["id"] for event in received(listening)]
    assert len(ids) == 6
    assert len(set(ids)) == 3


def test_shuffled_deliveries_come_in_another_order_which_the_seed_decides(api, control, listening):
    control.configure_deliveries("hold", shuffle=True, seed=3)
    pay(api, control)
    control.release_deliveries()
    assert control.settle() is True
    assert types(listening) == [
        "payment_intent.succeeded",
        "checkout.session.completed",
        "charge.succeeded",
    ]


def test_an_unknown_way_of_delivery_is_refused_and_changes_nothing(api, control, listening):
    with pytest.raises(Exception, match="400: Unknown mode: lose"):
        control.configure_deliveries("lose")
    pay(api, control)
    assert types(listening) == THREE


def test_events_can_be_listed_by_type(api, control):
    pay(api, control)
    one = api.get("/v1/events", type="charge.succeeded").json()["data"]
    assert [event["type"] for event in one] == ["charge.succeeded"]
    two = api.get("/v1/events", **{"types[0]": THREE[0], "types[1]": THREE[2]}).json()["data"]
    assert [event["type"] for event in two] == [THREE[2], THREE[0]]


def test_events_can_be_listed_by_time(api, control):
    pay(api, control)
    control.advance(10)
    id = pay(api, control)
    later = api.get("/v1/events", **{"created[gte]": NOW + 10}).json()["data"]
    assert (len(later), later[0]["data"]["object"]["id"]) == (3, id)


def test_events_can_be_listed_by_whether_they_were_taken(api, control, listening):
    listening.answers += [500]
    pay(api, control)
    missed = api.get("/v1/events", delivery_success="false").json()["data"]
    assert [(event["type"], event["pending_webhooks"]) for event in missed] == [(THREE[0], 1)]
    taken = api.get("/v1/events", delivery_success="true").json()["data"]
    assert [event["type"] for event in taken] == [THREE[2], THREE[1]]


def test_one_event_can_be_retrieved(api, control):
    pay(api, control)
    event = api.get("/v1/events").json()["data"][0]
    assert api.get(f"/v1/events/{event['id']}").json() == event
