"""Whether providers take our keys and tell us of payments."""

from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from saleor_paylink.conf import ChannelSettings
from saleor_paylink.operating import providers
from saleor_paylink.operating.findings import Level
from saleor_paylink.providers.interface import Ping
from saleor_paylink.providers.stripe import StripeProvider
from saleor_paylink.providers.stripe.endpoints import EVENTS
from tests.unit.providers.conftest import server, simulator  # noqa: F401
from tests.unit.providers.helpers import KEY, SECRET

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
URL = "https://shop.example/one/webhooks/stripe"
OTHER = "https://shop.example/two/webhooks/stripe"
PING = Ping({"Stripe-Signature": "t=1,v1=a"}, b"{}")

pytestmark = pytest.mark.usefixtures("server")


def stripe(key=KEY, channel="one"):
    values = {"stripe-secret-key": key, "stripe-webhook-secret": SECRET}
    return StripeProvider(ChannelSettings(channel, True, values))


def endpoint(simulator, url, *events):  # noqa: F811
    pairs = [("url", url), *((f"enabled_events[{i}]", each) for i, each in enumerate(events))]
    return simulator.request("POST", "/v1/webhook_endpoints", tuple(pairs), key=KEY).body["id"]


def looked(ours):
    found = providers.endpoint(stripe(), ours, URL)
    return found.level, found.message


@pytest.mark.parametrize(
    ("key", "message"),
    [(KEY, "It is accepted (test: no money moves)."), ("sk_live_1", "It is accepted (live).")],
)
def test_a_key_that_is_taken_says_its_mode(key, message):
    found = providers.key(stripe(key))
    assert (found.level, found.subject, found.message) == (Level.OK, "stripe key of one", message)


def test_a_key_that_is_refused_is_a_failure_and_not_shown():
    found = providers.key(stripe("sk_test_invalid_one"))
    assert found.level is Level.FAILURE
    assert "does not accept the key" in found.message
    assert "sk_test_invalid_one" not in str(found)


@pytest.mark.parametrize(
    ("keys", "level", "message"),
    [
        (["sk_test_1", "rk_test_2"], Level.OK, "All channels are in test mode."),
        (["sk_live_1", "sk_live_1"], Level.OK, "All channels are live."),
        (["sk_live_1", "sk_test_1"], Level.WARNING, "Live in channel-0; test in channel-1."),
    ],
)
def test_channels_of_two_modes_are_a_warning(keys, level, message):
    found = providers.mode([stripe(key, f"channel-{i}") for i, key in enumerate(keys)])
    assert (found.level, found.message) == (level, message)


def test_without_an_endpoint_nothing_is_heard(simulator):  # noqa: F811
    endpoint(simulator, "https://elsewhere.example/hook", "*")
    found = providers.endpoint(stripe(), {URL: True}, URL)
    assert (found.level, found.message) == (Level.FAILURE, "No events are posted to this shop.")
    assert URL in found.fix


def test_the_endpoint_of_another_channel_will_do(simulator):  # noqa: F811
    endpoint(simulator, OTHER, *EVENTS)
    assert looked({URL: True, OTHER: True}) == (Level.OK, f"Events are posted to {OTHER}.")


def test_the_endpoint_of_a_channel_that_is_off_will_not(simulator):  # noqa: F811
    endpoint(simulator, OTHER, *EVENTS)
    assert looked({URL: True, OTHER: False})[0] is Level.FAILURE


def test_a_disabled_endpoint_will_not_do(simulator):  # noqa: F811
    id = endpoint(simulator, URL, *EVENTS)
    simulator._accounts.of(KEY).table("webhook_endpoint")[id]["status"] = "disabled"
    assert looked({URL: True})[0] is Level.FAILURE


def test_events_that_are_missing_are_named(simulator):  # noqa: F811
    endpoint(simulator, URL, *EVENTS[:-1])
    found = providers.endpoint(stripe(), {URL: True}, URL)
    assert found.level is Level.WARNING
    assert found.fix == f"Add these to the endpoint {URL}: refund.updated."


def test_of_two_endpoints_the_better_counts(simulator):  # noqa: F811
    endpoint(simulator, URL, "charge.refunded")
    endpoint(simulator, OTHER, "*")
    assert looked({URL: True, OTHER: True}) == (Level.OK, f"Events are posted to {OTHER}.")


def test_a_key_that_may_not_look_is_a_warning():
    found = providers.endpoint(stripe("rk_test_nowebhook_1"), {URL: True}, URL)
    assert found.level is Level.WARNING
    assert "lacks a permission" in found.message
    assert URL in found.fix


@pytest.mark.parametrize(
    ("event", "attempt", "level"),
    [
        (None, None, Level.OK),
        (NOW, None, Level.OK),
        (None, NOW - timedelta(hours=23), Level.OK),
        (None, NOW - timedelta(hours=25), Level.WARNING),
        (NOW - timedelta(hours=26), NOW - timedelta(hours=25), Level.WARNING),
        (NOW - timedelta(hours=24), NOW - timedelta(hours=25), Level.OK),
    ],
)
def test_a_payment_attempt_is_told_of_within_a_day(event, attempt, level):
    assert providers.heard("stripe", event, attempt, NOW).level is level


@pytest.fixture
def answering():
    """A server that answers POSTs with the status in their path."""
    taken = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            taken.append((self.headers["Stripe-Signature"], self.rfile.read(length)))
            self.send_response(int(self.path[1:]))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format, *args):
            return

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}", taken
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.mark.parametrize(
    ("status", "level", "message"),
    [
        (200, Level.OK, "A webhook to the public address is accepted."),
        (404, Level.WARNING, "Answered from here with HTTP 404."),
        (302, Level.WARNING, "Answered from here with HTTP 302."),
    ],
)
def test_the_public_address_is_tried(answering, status, level, message):
    url, taken = answering
    found = providers.reach(stripe(), f"{url}/{status}", PING)
    assert (found.level, found.message) == (level, message)
    assert taken == [("t=1,v1=a", b"{}")]


def test_an_address_that_is_not_reached_from_here_is_a_warning():
    found = providers.reach(stripe(), "http://127.0.0.1:9/", PING)
    assert found.level is Level.WARNING
    assert found.message == "Not reached from here (ConnectionError)."
