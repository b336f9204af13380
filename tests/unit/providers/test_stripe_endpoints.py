"""What the operator's commands ask of Stripe."""

import json

import pytest

from saleor_paylink.conf import ChannelSettings, SettingInvalid
from saleor_paylink.providers.interface import ProviderError, WebhookEndpoint
from saleor_paylink.providers.stripe import StripeProvider
from saleor_paylink.providers.stripe.endpoints import EVENTS
from tests.unit.providers.helpers import KEY, SECRET, stripe

URL = "https://shop.example/plugins/saleor.paylink.door/webhooks/stripe/x"
ENDPOINTS = "/v1/webhook_endpoints"


def switched_off(**values):
    return StripeProvider(ChannelSettings("default-channel", False, values))


def made(simulator, *events):
    """An endpoint that somebody else has made for our URL."""
    pairs = [("url", URL), *((f"enabled_events[{i}]", each) for i, each in enumerate(events))]
    return simulator.request("POST", ENDPOINTS, tuple(pairs), key=KEY).body


# Registering


def test_an_endpoint_is_registered_for_all_that_a_session_can_come_to(provider, simulator):
    secret = provider.register_webhook(URL)
    (endpoint,) = simulator.request("GET", ENDPOINTS, key=KEY).body["data"]
    assert endpoint["url"] == URL
    assert endpoint["enabled_events"] == list(EVENTS)
    assert endpoint["api_version"] == "2023-08-16"
    assert secret.startswith("whsec_")
    assert stripe(webhook_secret=secret).configured is True


def test_an_answer_that_is_lost_registers_no_second_one(provider, simulator):
    simulator.add_fault("POST", ENDPOINTS, "timeout_after_commit")
    assert provider.register_webhook(URL).startswith("whsec_")
    assert len(simulator.request("GET", ENDPOINTS, key=KEY).body["data"]) == 1


def test_a_key_that_may_not_register_is_told_so(server, simulator):
    with pytest.raises(ProviderError, match="lacks a permission") as refusal:
        stripe(key="rk_test_nowebhook_1").register_webhook(URL)
    assert (refusal.value.permanent, refusal.value.code) == (True, "configuration")
    assert list(simulator._accounts.of("rk_test_nowebhook_1").table("webhook_endpoint")) == []


# Looking


def test_what_is_registered_is_complete(provider):
    provider.register_webhook(URL)
    assert provider.webhook_endpoints() == [WebhookEndpoint(URL, True)]


def test_events_that_are_not_posted_are_named(provider, simulator):
    made(simulator, *(each for each in EVENTS if not each.startswith("refund.")))
    (endpoint,) = provider.webhook_endpoints()
    assert endpoint.missing == ("refund.created", "refund.updated")


def test_an_endpoint_for_everything_misses_nothing(provider, simulator):
    made(simulator, "*")
    assert provider.webhook_endpoints() == [WebhookEndpoint(URL, True)]


def test_an_endpoint_may_be_disabled(provider, simulator):
    id = made(simulator, "*")["id"]
    simulator._accounts.of(KEY).table("webhook_endpoint")[id]["status"] = "disabled"
    assert provider.webhook_endpoints() == [WebhookEndpoint(URL, False)]


def test_a_good_key_is_accepted_and_changes_nothing(provider, simulator):
    provider.check_access()
    assert [each["method"] for each in simulator.requests()] == ["GET"]


def test_a_revoked_key_is_refused(server):
    with pytest.raises(ProviderError, match="does not accept the key") as refusal:
        stripe(key="sk_test_invalid").check_access()
    assert refusal.value.code == "configuration"


# A ping


def test_a_ping_is_taken_for_a_webhook_of_nothing():
    provider = stripe(webhook_secret=f"{SECRET} whsec_new")
    ping = provider.ping()
    assert ping is not None
    assert provider.read_events(ping.headers, ping.body) == []
    assert json.loads(ping.body)["type"] == "paylink.check"


def test_without_a_secret_there_is_no_ping():
    assert switched_off(**{"stripe-secret-key": KEY}).ping() is None


# A key that waits


def test_a_key_may_wait_for_its_webhook_while_the_plugin_is_off():
    provider = switched_off(**{"stripe-secret-key": KEY})
    provider.validate()
    assert (provider.awaits_webhook, provider.configured) == (True, False)


def test_a_key_does_not_wait_beside_its_secret():
    both = {"stripe-secret-key": KEY, "stripe-webhook-secret": SECRET}
    assert (switched_off(**both).awaits_webhook, switched_off(**both).configured) == (False, True)


@pytest.mark.parametrize("key", ["", "pk_test_1", "nonsense"])
def test_what_is_no_key_waits_for_nothing(key):
    assert switched_off(**{"stripe-secret-key": key}).awaits_webhook is False


def test_a_key_without_a_secret_is_refused_where_it_is_in_use():
    with pytest.raises(SettingInvalid, match="run manage") as refusal:
        stripe(webhook_secret="").validate()
    assert refusal.value.setting == "stripe-webhook-secret"
