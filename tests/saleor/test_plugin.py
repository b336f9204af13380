"""The plugin in Saleor: its hooks, its settings and its pages."""

import logging
import time
from collections.abc import Iterator

import graphene
import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from saleor.channel.models import Channel
from saleor.order import OrderOrigin
from saleor.order.models import Order
from saleor.plugins.manager import get_plugins_manager
from saleor.plugins.models import PluginConfiguration

from saleor_paylink.links import sweeper
from saleor_paylink.links.tokens import pay_url
from saleor_paylink.models import PaymentCollection, PaymentLinkEvent, ProviderEvent
from saleor_paylink.providers.stripe.webhooks import ping, signed
from saleor_paylink.saleor import guards
from saleor_paylink.saleor import plugin as plugin_module
from saleor_paylink.saleor.door import open_door
from saleor_paylink.saleor.plugin import PaylinkPlugin
from saleor_paylink.shop import current_shop
from sandbox.stage import DOOR_ID, PLUGIN_ID, STRIPE_WEBHOOK_SECRET
from tests.saleor.client import Api
from tests.saleor.orders import COMPLETE, completed, draft, global_id, held, link_of

SECRET = "sk_live_secret of buyer@example.com"
UPDATE = """mutation($channel: ID!, $input: PluginUpdateInput!) {
    pluginUpdate(id: "saleor.paylink", channelId: $channel, input: $input) {
        plugin { channelConfigurations {
            channel { slug } active configuration { name value type }
        } }
        errors { field message code }
    }
}"""

RENAME = """mutation($id: ID!, $slug: String!) {
    channelUpdate(id: $id, input: {slug: $slug}) { errors { field message } }
}"""


@pytest.fixture
def page(admin: Api) -> str:
    """The path of a payment page in default-channel."""
    url = pay_url(link_of(completed()))
    assert url.startswith(current_shop().page_url("default-channel", "pay/"))
    return url.removeprefix(settings.PUBLIC_URL)


@pytest.fixture
def channel_switched_off() -> Iterator[None]:
    rows = PluginConfiguration.objects.filter(identifier=PLUGIN_ID, channel__slug="default-channel")
    rows.update(active=False)
    yield
    rows.update(active=True)


def test_saleor_discovers_it_by_its_entry_point() -> None:
    assert "saleor_paylink.saleor.plugin.PaylinkPlugin" in settings.PLUGINS
    assert "saleor_paylink" in settings.INSTALLED_APPS


def test_a_completed_draft_is_offered_in_the_name_of_whoever_completed_it() -> None:
    order = completed()

    collection = PaymentCollection.objects.get(order_id=order.pk)
    assert collection.prompt_pending
    event = PaymentLinkEvent.objects.get(collection=collection)
    assert (event.type, event.actor) == ("offered", "admin@example.com")


@pytest.mark.parametrize("origin", [OrderOrigin.CHECKOUT, OrderOrigin.BULK_CREATE])
def test_an_order_that_staff_did_not_make_is_not_offered(origin: str) -> None:
    order = completed()
    PaymentCollection.objects.filter(order_id=order.pk).delete()
    order.origin = origin

    get_plugins_manager(allow_replica=False).order_created(order, webhooks=set())

    assert not PaymentCollection.objects.filter(order_id=order.pk).exists()


@pytest.mark.parametrize("hook", ["order_confirmed", "order_fully_paid"])
def test_an_order_that_saleor_has_not_just_made_is_followed(hook: str) -> None:
    order = completed()
    link = link_of(order)
    Order.objects.filter(pk=order.pk).update(status="canceled")

    getattr(get_plugins_manager(allow_replica=False), hook)(order, webhooks=set())

    link.refresh_from_db()
    assert link.status == "revoked"


def test_a_hook_that_fails_does_not_disturb_saleor_and_leaks_nothing(
    admin: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(plugin_module, "order_completed", _fail)
    order = draft()

    with caplog.at_level(logging.DEBUG):
        done = admin.do(COMPLETE, id=global_id(order))

    assert done["order"]["status"] == "UNFULFILLED"
    assert Order.objects.get(pk=order.pk).events.filter(type="confirmed").count() == 1
    assert "_offer failed: RuntimeError" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    ("mutation", "done"),
    [
        ('orderUpdate(id: $id, input: {externalReference: "till 4"})', "unfulfilled"),
        ("orderMarkAsPaid(id: $id)", "unfulfilled"),
        ("orderCancel(id: $id)", "canceled"),
        ("orderBulkCancel(ids: [$id])", "canceled"),
    ],
)
def test_no_hook_that_fails_disturbs_saleor(
    admin: Api,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    mutation: str,
    done: str,
) -> None:
    order = completed()
    monkeypatch.setattr(plugin_module, "order_changed", _fail)

    admin.do(f"mutation($id: ID!) {{ {mutation} {{ errors {{ message }} }} }}", id=global_id(order))

    assert Order.objects.get(pk=order.pk).status == done
    assert "_fail failed: RuntimeError" in caplog.text
    assert SECRET not in caplog.text


def test_a_mutation_that_is_followed_is_not_disturbed_either(
    admin: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    order = held()
    monkeypatch.setattr(guards, "order_changed", _fail)

    admin.do(
        """mutation($id: ID!) { orderDiscountAdd(
            orderId: $id, input: {valueType: FIXED, value: 5}
        ) { errors { message } } }""",
        id=global_id(order),
    )

    assert order.discounts.count() == 1
    assert "_fail failed: RuntimeError" in caplog.text
    assert SECRET not in caplog.text


def test_a_channel_is_changed_although_a_hook_fails(
    admin: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(plugin_module.hold, "keep_from_expiring", _fail)

    admin.do(
        """mutation($id: ID!) {
            channelUpdate(id: $id, input: {name: "Euros"}) { errors { message } }
        }""",
        id=_channel_id("channel-eur"),
    )

    assert Channel.objects.get(slug="channel-eur").name == "Euros"
    assert "_fail failed: RuntimeError" in caplog.text


def test_what_is_written_down_follows_a_channel_that_is_renamed(admin: Api) -> None:
    link = link_of(completed("channel-eur"))
    channel = _channel_id("channel-eur")
    sweeper.sweep()
    try:
        admin.do(RENAME, id=channel, slug="euros")
        link.refresh_from_db()
        assert link.channel == link.collection.channel == "euros"
    finally:
        admin.do(RENAME, id=channel, slug="channel-eur")

    # The next one is found by the sweeper, should the hook have failed.
    Channel.objects.filter(slug="channel-eur").update(slug="euros")
    try:
        sweeper.sweep()
        link.refresh_from_db()
        assert link.channel == "euros"
    finally:
        Channel.objects.filter(slug="euros").update(slug="channel-eur")
        sweeper.sweep()


def test_it_hears_of_everything_before_saleors_webhooks_do() -> None:
    manager = get_plugins_manager(allow_replica=False)

    order_of_call = [each.PLUGIN_ID for each in manager.get_plugins("default-channel", True)]

    assert order_of_call.index(PLUGIN_ID) < order_of_call.index("mirumee.webhooks")


def test_it_is_no_payment_gateway_of_checkouts(admin: Api) -> None:
    answer = admin.ask(
        '{ shop { availablePaymentGateways(channel: "default-channel", currency: "USD") { id } } }'
    )

    offered = [gateway["id"] for gateway in answer["data"]["shop"]["availablePaymentGateways"]]
    assert PLUGIN_ID not in offered


def test_the_page_is_served_in_its_channel(page: str) -> None:
    assert Client().get(page).status_code == 200


def test_an_inactive_plugin_serves_nothing(page: str, channel_switched_off: None) -> None:
    answer = Client().get(page)

    assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize("root", ["/plugins/saleor.paylink/", "/plugins/global/saleor.paylink/"])
def test_other_roads_to_the_plugin_are_closed(page: str, root: str) -> None:
    path = page.split("saleor.paylink/", 1)[1]

    assert Client().get(root + path).status_code == 404
    assert Client().post(root + path, {"method": "stripe:card"}).status_code == 404


@pytest.mark.parametrize(("active", "road"), [(False, "channel/default-channel/"), (True, "")])
def test_the_plugin_itself_looks_where_it_is_asked(page: str, active: bool, road: str) -> None:
    channel = Channel.objects.get(slug="default-channel")
    plugin = PaylinkPlugin(configuration=[], active=active, channel=channel)
    path = page.split("saleor.paylink", 1)[1]
    request = RequestFactory().get(f"/plugins/{road}saleor.paylink{path}")

    answer = plugin.webhook(request, path, None)

    assert (answer.status_code, answer.content) == (404, b"")


def test_the_door_is_opened_once() -> None:
    open_door()

    assert settings.PLUGINS.count("saleor_paylink.saleor.door.PaylinkDoor") == 1


def test_the_door_hears_of_nothing() -> None:
    manager = get_plugins_manager(allow_replica=False)

    loaded = [each.PLUGIN_ID for each in manager.get_plugins("default-channel")]
    told = [each.PLUGIN_ID for each in manager.get_plugins("default-channel", active_only=True)]
    assert (loaded.count(DOOR_ID), told.count(DOOR_ID)) == (1, 0)


def test_staff_see_one_plugin_and_no_door(admin: Api) -> None:
    seen = admin.ask("{ plugins(first: 100) { edges { node { id } } } }")["data"]["plugins"]
    door = admin.ask(f'{{ plugin(id: "{DOOR_ID}") {{ id }} }}')["data"]

    ours = [edge["node"]["id"] for edge in seen["edges"] if "paylink" in edge["node"]["id"]]
    assert ours == [PLUGIN_ID]
    assert door == {"plugin": None}


@pytest.mark.parametrize("active", [False, True])
def test_the_door_is_open_whatever_is_stored_of_it_and_there_is_one_road_to_it(
    active: bool,
) -> None:
    row = PluginConfiguration.objects.create(identifier=DOOR_ID, active=active)
    try:
        assert Client().get(f"/plugins/{DOOR_ID}/dashboard/widget").status_code == 200
        for road in ("global", "channel/default-channel"):
            assert Client().get(f"/plugins/{road}/{DOOR_ID}/dashboard/widget").status_code == 404
    finally:
        row.delete()


@pytest.mark.parametrize(
    ("road", "status"),
    [
        (f"{DOOR_ID}/webhooks/stripe/default-channel", 200),
        (f"{DOOR_ID}/webhooks/stripe/channel-inactive", 404),
        (f"{DOOR_ID}/webhooks/stripe/no-such-channel", 404),
        (f"channel/default-channel/{PLUGIN_ID}/webhooks/stripe", 404),
        (f"{PLUGIN_ID}/webhooks/stripe/default-channel", 404),
        (f"global/{DOOR_ID}/webhooks/stripe/default-channel", 404),
    ],
)
def test_webhooks_are_taken_at_the_door_alone(road: str, status: int) -> None:
    body = ping(livemode=False)
    signature = signed(body, STRIPE_WEBHOOK_SECRET, time.time())

    answer = Client().post(
        f"/plugins/{road}", body, "application/json", headers={"Stripe-Signature": signature}
    )

    assert answer.status_code == status


def test_a_webhook_where_the_plugin_is_switched_off_is_not_kept(channel_switched_off: None) -> None:
    before = ProviderEvent.objects.count()
    body = b"{}"
    signature = signed(body, STRIPE_WEBHOOK_SECRET, time.time())

    answer = Client().post(
        f"/plugins/{DOOR_ID}/webhooks/stripe/default-channel",
        body,
        "application/json",
        headers={"Stripe-Signature": signature},
    )

    assert (answer.status_code, answer.content) == (404, b"")
    assert ProviderEvent.objects.count() == before


def test_a_page_of_another_channel_is_not_found(page: str) -> None:
    answer = Client().get(page.replace("default-channel", "channel-eur"))

    assert answer.status_code == 404


def test_settings_are_stored_and_secrets_are_not_shown(admin: Api) -> None:
    done = admin.do(
        UPDATE,
        channel=_channel_id("channel-jpy"),
        input={"configuration": [{"name": "shop-name", "value": "Tea house"}]},
    )

    (shown,) = [
        each
        for each in done["plugin"]["channelConfigurations"]
        if each["channel"]["slug"] == "channel-jpy"
    ]
    fields = {field["name"]: field for field in shown["configuration"]}
    assert fields["shop-name"]["value"] == "Tea house"
    assert fields["stripe-secret-key"]["type"] == "SECRET"
    assert "sk_test_stage" not in str(done)
    names = [
        current_shop().name(current_shop().channel_settings(channel))
        for channel in ("channel-jpy", "channel-kwd")
    ]
    assert names == ["Tea house", "Stage shop"]
    assert current_shop().mail_account("channel-kwd").sender == "Stage shop <shop@example.com>"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("link-lifetime-days", "soon"),
        ("logo-url", "http://shop.example/logo.png"),
        ("brand-colour", "purple"),
        ("support-email", "nobody"),
        ("support-phone", "call us"),
        ("terms-url", "javascript:alert(1)"),
        ("shop-url", "www.shop.test"),
        ("stripe-secret-key", "not a key"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(admin: Api, field: str, value: str) -> None:
    before = current_shop().channel_settings("channel-kwd")

    answer = admin.ask(
        UPDATE,
        channel=_channel_id("channel-kwd"),
        input={"configuration": [{"name": field, "value": value}]},
    )

    (error,) = answer["data"]["pluginUpdate"]["errors"]
    assert (error["field"], error["code"]) == (field, "PLUGIN_MISCONFIGURED")
    assert value not in error["message"]
    assert current_shop().channel_settings("channel-kwd") == before


def test_a_channel_without_stored_settings_is_inactive() -> None:
    nowhere = current_shop().channel_settings("no-such-channel")

    assert (nowhere.active, nowhere.values) == (False, {})


def _fail(*args: object) -> None:
    raise RuntimeError(SECRET)


def _channel_id(slug: str) -> str:
    return graphene.Node.to_global_id("Channel", Channel.objects.get(slug=slug).pk)
