"""The door for what is of no channel: webhooks, and that they are no frames."""

from collections.abc import Callable

import pytest
from celery import current_app
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client

from saleor_paylink import jobs
from saleor_paylink.links.sweeper import sweep
from saleor_paylink.models import ProviderEvent
from saleor_paylink.web.webhooks import LARGEST_WEBHOOK
from sandbox.shop.models import Channel
from tests.unit.web.foreign import EVENT, HOOK, post, signed

DOOR = "/plugins/saleor.paylink.door/"


def assert_refused(answer: HttpResponse, status: int) -> None:
    """Nothing is said to whoever has posted it, and nothing is kept."""
    assert (answer.status_code, answer.content) == (status, b"")
    assert not ProviderEvent.objects.exists()


def test_a_webhook_is_stored(channel: Channel) -> None:
    answer = post()

    assert (answer.status_code, answer.content) == (200, b"")
    event = ProviderEvent.objects.get()
    assert (event.event_id, event.channel) == ("evt_1", "shop")


@pytest.mark.parametrize("headers", [{}, signed(EVENT, "whsec_wrong"), signed(b"{}")])
def test_a_webhook_that_is_not_signed_is_refused(channel: Channel, headers: dict[str, str]) -> None:
    assert_refused(post(headers=headers), 400)


def test_a_webhook_of_an_unknown_provider_is_not_found(channel: Channel) -> None:
    assert_refused(post(path=f"{DOOR}webhooks/mollie/shop"), 404)


def test_a_webhook_without_a_key_configured_is_not_found(channel: Channel) -> None:
    channel.plugin_values = {}
    channel.save()

    assert_refused(post(), 404)


def test_a_webhook_where_the_plugin_is_switched_off_is_not_found(channel: Channel) -> None:
    channel.plugin_active = False
    channel.save()

    assert_refused(post(), 404)


def test_a_webhook_that_is_too_large_is_refused_unread(channel: Channel) -> None:
    assert_refused(post(EVENT + b" " * LARGEST_WEBHOOK), 413)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_a_webhook_is_posted(channel: Channel, method: str) -> None:
    answer = Client().generic(method, HOOK, EVENT, headers=signed(EVENT))

    assert_refused(answer, 405)
    assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "nonsense",
        "dashboards",
        "dashboard/webhooks/stripe/shop",
        "webhooks",
        "webhooks/",
        "webhooks/stripe",
        "webhooks/stripe/",
        "webhooks/stripe/nowhere",
        "webhooks/stripe/shop/",
        "webhooks/stripe/shop/more",
        "webhooks/stripe/shop%0A",
        "webhooks/stripe/sh%00p",
        "webhooks//shop",
        "pay/A/",
    ],
)
def test_whatever_else_is_not_there(channel: Channel, path: str) -> None:
    assert_refused(post(path=DOOR + path), 404)


@pytest.mark.parametrize(
    ("method", "path"), [("POST", HOOK), ("GET", HOOK), ("POST", f"{DOOR}webhooks/none/shop")]
)
def test_what_is_answered_is_neither_shown_nor_stored(
    channel: Channel, method: str, path: str
) -> None:
    answer = Client().generic(method, path, EVENT, headers=signed(EVENT))

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; ")


def test_what_cannot_be_kept_is_answered_so_that_it_is_sent_again(
    channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    said = ["customer", "example.com"]

    def breaks(run: Callable[..., object], sql: str, *rest: object) -> object:
        if "INSERT" in sql:
            raise OperationalError("@".join(said))
        return run(sql, *rest)

    with connection.execute_wrapper(breaks):
        assert_refused(post(), 500)

    assert "A webhook could not be kept: OperationalError at:" in caplog.text
    assert "@".join(said) not in caplog.text


def test_a_webhook_whose_work_no_broker_takes_on_is_kept_and_swept(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_args: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(current_app.tasks[jobs.PROCESS_EVENT], "delay", refuses)
        assert post().status_code == 200
    assert ProviderEvent.objects.get().status == "received"

    sweep()

    assert ProviderEvent.objects.get().status == "foreign"


def test_a_body_that_breaks_off_is_refused(
    channel: Channel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks_off(*_args: object) -> None:
        raise OSError

    monkeypatch.setattr("django.test.client.FakePayload.read", breaks_off)

    assert_refused(post(), 400)
    assert caplog.text == ""
