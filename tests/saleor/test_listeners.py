"""Other plugins, apps and the order's metadata: what they are told, and that they harm nobody."""

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import graphene
import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone
from saleor.channel.models import Channel
from saleor.order import OrderOrigin
from saleor.order.models import Order
from saleor.plugins.manager import get_plugins_manager
from saleor.plugins.models import PluginConfiguration

from saleor_paylink.links import altering, history, lifecycle, sweeper, tokens, visits
from saleor_paylink.links.lifecycle import LinkTerms, create
from saleor_paylink.models import LinkEventType, PaymentLink, PaymentLinkEvent
from saleor_paylink.money import Money
from saleor_paylink.saleor import listeners
from saleor_paylink.shop import Announcement, LinkNews
from tests.saleor.client import Api
from tests.saleor.customer import pay
from tests.saleor.listener import HOOKS, calls, doing, heard
from tests.saleor.orders import completed, global_id, link_of

FIRST, SECOND = "tests.listener", "tests.second_listener"
SECRET = "sk_live_secret of buyer@example.com"
LIVED = [
    "payment_link_created",
    "payment_link_sent",
    "payment_link_opened",
    "payment_link_paid",
    "payment_link_created",
    "payment_link_revoked",
    "payment_link_created",
    "payment_link_expired",
]
SENDGRID = "mirumee.notifications.sendgrid_email"


@pytest.fixture
def link() -> PaymentLink:
    """A link of an order over 30.00 USD, of which everybody has heard."""
    made = link_of(completed())
    calls.clear()
    return made


@pytest.fixture
def second_switched_off() -> Iterator[None]:
    channel = Channel.objects.get(slug="default-channel")
    row = PluginConfiguration.objects.create(identifier=SECOND, channel=channel, active=False)
    yield
    row.delete()


def hooks(plugin: str = FIRST) -> list[str]:
    return [call.hook for call in heard(plugin=plugin)]


def metadata(order_id: object) -> dict[str, str]:
    return dict(Order.objects.values_list("metadata", flat=True).get(pk=order_id))


def look_at(link: PaymentLink) -> None:
    token = tokens.token_of(link)
    assert token is not None
    visits.seen(token, link.channel)


def fail() -> None:
    raise RuntimeError(SECRET)


def test_each_hook_is_called_once_after_the_commit() -> None:
    _live()

    assert hooks() == LIVED
    assert {call.in_transaction for call in heard()} == {False}
    assert {call.channel for call in heard()} == {"default-channel"}


def _live() -> PaymentLink:
    """All that is told of, once; the link that was paid."""
    link = create(completed().pk, LinkTerms(send=True), None)
    look_at(link)
    pay(link)
    altering.revoke(link_of(completed()).pk, None)
    _let_expire(link_of(completed()))
    return link


def _let_expire(link: PaymentLink) -> None:
    PaymentLink.objects.filter(pk=link.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    sweeper.sweep()


def test_a_hook_is_given_the_link_and_nothing_secret() -> None:
    order = completed()
    link = link_of(order)

    (call,) = heard("payment_link_created")
    event = PaymentLinkEvent.objects.get(link=link, type=LinkEventType.CREATED)
    assert call.previous_value is None
    assert call.about == LinkNews(
        event_id=str(event.pk),
        announcement=Announcement.CREATED,
        at=event.at,
        link_id=link.pk,
        status="ACTIVE",
        order_id=order.pk,
        order_number=str(order.number),
        channel="default-channel",
        amount=Money(Decimal(30), "USD"),
        expires_at=link.expires_at,
    )
    assert tokens.pay_url_of(call.about.link_id) == tokens.pay_url(link)
    _is_public(call.about)


def _is_public(told: object) -> None:
    for secret in ("http", "/pay/", "example.com", "Stage", *map(str, _tokens())):
        assert secret not in str(told)


def _tokens() -> list[str | None]:
    return [tokens.token_of(link) for link in PaymentLink.objects.order_by("-created_at")[:5]]


def test_each_plugin_is_given_what_the_one_before_has_answered() -> None:
    doing[FIRST, "payment_link_created"] = lambda: "an answer"
    doing[SECOND, "payment_link_created"] = lambda: NotImplemented

    link_of(completed())

    (first,) = heard("payment_link_created")
    (second,) = heard("payment_link_created", SECOND)
    assert (first.previous_value, second.previous_value) == (None, "an answer")


@pytest.mark.parametrize("hook", [*HOOKS, "notify", "order_metadata_updated"])
def test_a_plugin_that_raises_harms_neither_the_payment_nor_the_others(
    caplog: pytest.LogCaptureFixture, hook: str
) -> None:
    doing[FIRST, hook] = fail

    link = _live()

    order = Order.objects.get(pk=link.order_id)
    assert (order.charge_status, order.status) == ("full", "unfulfilled")
    assert metadata(order.pk) == {"paylink.status": "COLLECTED", "paylink.link": "PAID"}
    for plugin in (FIRST, SECOND):
        assert hooks(plugin) == LIVED
        assert [call.about[0] for call in heard("notify", plugin)] == LIVED
    failed = "_tell_metadata" if hook == "order_metadata_updated" else f"{hook} of plugin {FIRST}"
    assert f"{failed} failed" in caplog.text
    assert SECRET not in caplog.text


def test_a_plugin_that_is_switched_off_is_not_called(second_switched_off: None) -> None:
    link_of(completed())

    assert hooks(FIRST) == ["payment_link_created"]
    assert [call for call in calls if call.plugin == SECOND] == []


def test_a_plugin_without_the_hook_is_no_obstacle(link: PaymentLink) -> None:
    manager = get_plugins_manager(allow_replica=False)
    plugins = manager.get_plugins("default-channel", active_only=True)
    assert not all(hasattr(plugin, "payment_link_revoked") for plugin in plugins)

    altering.revoke(link.pk, None)

    assert hooks() == ["payment_link_revoked"]


def test_nothing_is_told_of_what_was_rolled_back(link: PaymentLink) -> None:
    with transaction.atomic():
        history.record(link.collection, LinkEventType.EXPIRED, link=link)
        transaction.set_rollback(True)

    assert calls == []


# ---------------------------------------------------------------- apps


def test_apps_are_notified_of_each_hook(link: PaymentLink) -> None:
    pay(link)
    order = Order.objects.get(pk=link.order_id)

    told = [call.about for call in heard("notify")]
    assert [event for event, _payload in told] == ["payment_link_opened", "payment_link_paid"]
    event = link.events.get(type=LinkEventType.PAID)
    assert told[1][1] == {
        "event_id": str(event.pk),
        "at": event.at.isoformat(),
        "channel_slug": "default-channel",
        "order": {"id": global_id(order), "number": str(order.number)},
        "payment_link": {
            "id": graphene.Node.to_global_id("PaymentLink", link.pk),
            "status": "PAID",
            "expires_at": link.expires_at and link.expires_at.isoformat(),
        },
        "amount": "30.00",
        "currency": "USD",
    }
    assert json.dumps(told[1][1]) == json.dumps(told[1][1], cls=DjangoJSONEncoder)
    _is_public(told)


@pytest.mark.parametrize(
    ("channel", "amount"),
    [("default-channel", "60.00"), ("channel-jpy", "60"), ("channel-kwd", "60.000")],
)
def test_amounts_are_sent_with_their_currencys_decimals(channel: str, amount: str) -> None:
    pay(link_of(completed(channel, quantity=2)))

    told = [call.about for call in heard("notify")]
    assert [event for event, _payload in told] == [
        "payment_link_created",
        "payment_link_opened",
        "payment_link_paid",
    ]
    assert [payload["amount"] for _event, payload in told] == [amount] * 3


def test_a_plugin_that_would_mail_what_it_does_not_know_is_not_notified(
    link: PaymentLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert listeners.SENDGRID == SENDGRID
    monkeypatch.setattr(listeners, "SENDGRID", FIRST)

    look_at(link)

    assert hooks() == ["payment_link_opened"]
    assert heard("notify") == []
    assert len(heard("notify", SECOND)) == 1


# ---------------------------------------------------------------- metadata


def test_the_orders_metadata_say_the_state_and_no_more(admin: Api) -> None:
    order = completed()
    Order.objects.filter(pk=order.pk).update(metadata={"theirs": "kept"})
    calls.clear()
    link = link_of(order)

    state = {"theirs": "kept", "paylink.status": "AWAITING", "paylink.link": "ACTIVE"}
    assert metadata(order.pk) == state
    assert [call.about for call in heard("order_metadata_updated")] == [state]
    answer = admin.ask(
        'query($id: ID!) { order(id: $id) { metafields(keys: ["paylink.status"]) } }',
        id=global_id(order),
    )
    assert answer["data"]["order"]["metafields"] == {"paylink.status": "AWAITING"}

    lifecycle.mark_paid(order.pk, None)

    assert metadata(order.pk) == {
        "theirs": "kept",
        "paylink.status": "SETTLED_MANUALLY",
        "paylink.link": "PAID_MANUALLY",
    }
    assert _tokens()[0] not in str(metadata(order.pk))
    assert link.events.filter(announced_at__isnull=True).exclude(announcement="").count() == 0


def test_what_changes_no_state_writes_no_metadata(link: PaymentLink) -> None:
    before = Order.objects.get(pk=link.order_id).updated_at

    look_at(link)
    altering.rotate(link.pk, None)

    assert Order.objects.get(pk=link.order_id).updated_at == before
    assert heard("order_metadata_updated") == []


def test_what_others_write_meanwhile_is_kept(link: PaymentLink) -> None:
    order = Order.objects.get(pk=link.order_id)
    # Written after it was read, as in a request that runs at the same time.
    Order.objects.filter(pk=order.pk).update(metadata={"theirs": "kept"})

    assert listeners.show_state(order.pk, {"paylink.status": "AWAITING", "paylink.link": None})

    assert metadata(order.pk) == {"theirs": "kept", "paylink.status": "AWAITING"}


def test_stale_totals_stay_as_they_are(link: PaymentLink) -> None:
    orders = Order.objects.filter(pk=link.order_id)
    orders.update(should_refresh_prices=True, total_gross_amount=29)

    listeners.show_state(link.order_id, {"paylink.status": "COLLECTED"})

    order = orders.get()
    assert (order.should_refresh_prices, order.total_gross_amount) == (True, 29)
    assert order.metadata["paylink.status"] == "COLLECTED"


def test_an_order_that_is_gone_has_no_state() -> None:
    nowhere = completed().pk
    Order.objects.filter(pk=nowhere).delete()
    calls.clear()

    assert listeners.show_state(nowhere, {"paylink.status": "AWAITING"}) is False
    listeners.tell_state(nowhere)

    assert heard("order_metadata_updated") == []


def test_a_replacement_does_not_carry_the_state_of_the_order_it_replaces(
    admin: Api, link: PaymentLink
) -> None:
    pay(link)
    order = Order.objects.get(pk=link.order_id)
    Order.objects.filter(pk=order.pk).update(metadata={**metadata(order.pk), "theirs": "kept"})

    draft = _replace(admin, order)

    assert draft.origin == OrderOrigin.REISSUE
    assert metadata(draft.pk) == {"theirs": "kept"}
    assert metadata(order.pk)["paylink.link"] == "PAID"


def test_a_replacement_that_is_collected_for_has_a_state_of_its_own(
    admin: Api, link: PaymentLink
) -> None:
    pay(link)
    draft = _replace(admin, Order.objects.get(pk=link.order_id))
    Order.objects.filter(pk=draft.pk).update(
        metadata={"paylink.status": "COLLECTED", "paylink.link": "PAID"}
    )

    admin.do(
        """mutation($id: ID!) { draftOrderComplete(id: $id) {
            order { id } errors { field message code }
        } }""",
        id=global_id(draft),
    )

    assert metadata(draft.pk) == {"paylink.status": "OFFERED"}


def _replace(admin: Api, order: Order) -> Order:
    """Staff replace the goods of an order: the draft of the order that Saleor makes for it."""
    line = order.lines.get()
    made = admin.do(
        """mutation($order: ID!, $line: ID!) {
            orderFulfillmentReturnProducts(order: $order, input: {
                refund: false,
                orderLines: [{orderLineId: $line, quantity: 1, replace: true}]
            }) { replaceOrder { id } errors { field message code } }
        }""",
        order=global_id(order),
        line=graphene.Node.to_global_id("OrderLine", line.pk),
    )
    return Order.objects.get(pk=graphene.Node.from_global_id(made["replaceOrder"]["id"])[1])
