"""Where the plugin answers, and where it must not."""

import pytest
from django.test import Client

from sandbox.shop.models import Channel

URL = "/plugins/saleor.paylink.door/webhooks/stripe/{}"


@pytest.fixture
def configured(channel: Channel) -> Channel:
    channel.plugin_values = {
        "stripe-secret-key": "sk_test_unit",
        "stripe-webhook-secret": "whsec_unit",
    }
    channel.save()
    return channel


def test_an_active_channel_answers(client: Client, configured: Channel) -> None:
    assert client.post(URL.format("usd"), "{}", "application/json").status_code == 400


def test_an_inactive_channel_does_not(client: Client, configured: Channel) -> None:
    Channel.objects.update(plugin_active=False)
    assert client.post(URL.format("usd"), "{}", "application/json").status_code == 404


def test_an_unknown_channel_does_not(client: Client, configured: Channel) -> None:
    assert client.post(URL.format("nowhere"), "{}", "application/json").status_code == 404


def test_the_plugin_judges_a_path_with_a_line_break_too(
    client: Client, configured: Channel
) -> None:
    page = client.get("/plugins/channel/usd/saleor.paylink/pay/A%0A/")
    assert (page.status_code, page.headers["X-Frame-Options"]) == (404, "DENY")


def test_a_shop_off_stage_has_no_stage_controls(client: Client, channel: Channel) -> None:
    given = '{"channel": "usd", "active": false}'
    assert client.get("/_stage/").status_code == 404
    assert client.post("/_stage/sweep").status_code == 404
    assert client.post("/_stage/expire").status_code == 404
    assert client.post("/_stage/clock", '{"ahead": 60}', "application/json").status_code == 404
    assert client.post("/_stage/settings", given, "application/json").status_code == 404
    channel.refresh_from_db()
    assert channel.plugin_active
