"""The shop as paylink sees it."""

import uuid
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import transaction

from saleor_paylink.money import Money
from saleor_paylink.shop import (
    Actor,
    ActorKind,
    LineView,
    MailAccount,
    OrderState,
    OrderView,
    current_shop,
)
from sandbox.shop import orders
from sandbox.shop.models import Channel, Order, OrderStatus, ProductVariant, User
from sandbox.shop.shop import ADDRESS, SandboxShop

MUG = f"{settings.PUBLIC_URL}/thumbnail/mug/"


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def status(order: Order) -> str:
    return Order.objects.get(pk=order.pk).status


def test_django_starts_with_the_shop_installed() -> None:
    assert isinstance(current_shop(), SandboxShop)


def test_an_order_is_seen_whole(shop: SandboxShop, channel: Channel, mug: ProductVariant) -> None:
    customer = User.objects.create(email="customer@example.com")
    draft = orders.create_draft(
        channel, [(mug, 2)], None, user=customer, language="de", shipping=Decimal(4)
    )
    orders.discount(draft.id, Decimal("1.50"))
    order = orders.complete(draft.id, None)
    assert shop.order(order.id) == OrderView(
        id=order.id,
        number=str(order.number),
        channel="usd",
        channel_id=str(channel.pk),
        state=OrderState.UNFULFILLED,
        lines=(LineView("Mug", "Blue", 2, usd("12.50"), usd("25.00"), MUG),),
        subtotal=usd("25.00"),
        shipping=usd("4"),
        discount=usd("1.50"),
        tax=usd("0"),
        total=usd("27.50"),
        charged=usd("0"),
        reserved=usd("0"),
        email="customer@example.com",
        language="de",
        customer_id=str(customer.pk),
        manual=None,
        recorded=frozenset(),
        has_books=False,
        stale=False,
    )


def test_an_order_without_anybody_has_no_email(shop: SandboxShop, careful_order: Order) -> None:
    view = shop.order(careful_order.id)
    assert (view.email, view.customer_id) == (None, None)


def test_channels_have_ids_that_outlive_their_names(shop: SandboxShop, channel: Channel) -> None:
    assert shop.channels() == {str(channel.pk): "usd"}

    Channel.objects.update(slug="dollars")

    assert shop.channels() == {str(channel.pk): "dollars"}


def test_an_unknown_order_is_none(shop: SandboxShop, channel: Channel) -> None:
    assert shop.order(uuid.uuid4()) is None
    assert shop.order(uuid.uuid4(), fresh=True) is None


def test_an_edited_order_says_that_it_is_stale(shop: SandboxShop, careful_order: Order) -> None:
    orders.change_quantity(careful_order.id, careful_order.lines.get().pk, 3)
    view = shop.order(careful_order.id)
    assert (view.stale, view.total) == (True, usd("25.00"))


def test_a_fresh_view_recalculates_and_keeps_it(shop: SandboxShop, careful_order: Order) -> None:
    orders.change_quantity(careful_order.id, careful_order.lines.get().pk, 3)
    assert shop.order(careful_order.id, fresh=True).total == usd("37.50")
    view = shop.order(careful_order.id)
    assert (view.stale, view.total) == (False, usd("37.50"))


class TestHold:
    def test_takes_a_confirmed_order_back(self, shop: SandboxShop, order: Order) -> None:
        shop.hold(order.id)
        assert status(order) == OrderStatus.UNCONFIRMED

    def test_keeps_an_unconfirmed_order_from_expiring(
        self, shop: SandboxShop, careful_order: Order
    ) -> None:
        Channel.objects.update(expire_after_minutes=0)
        shop.hold(careful_order.id)
        assert orders.expire_overdue() == []

    @pytest.mark.parametrize(
        "other", ["draft", "partially fulfilled", "fulfilled", "canceled", "expired"]
    )
    def test_leaves_other_orders_alone(self, shop: SandboxShop, order: Order, other: str) -> None:
        Order.objects.filter(pk=order.pk).update(status=other)
        shop.hold(order.id)
        order.refresh_from_db()
        assert (order.status, order.held) == (other, False)

    def test_is_undone_with_the_transaction_around_it(
        self, shop: SandboxShop, order: Order
    ) -> None:
        with transaction.atomic():
            shop.hold(order.id)
            transaction.set_rollback(True)
        assert status(order) == OrderStatus.UNFULFILLED


class TestRelease:
    def test_confirms_where_the_channel_does(
        self, shop: SandboxShop, order: Order, clerk: User
    ) -> None:
        shop.hold(order.id)
        shop.release(order.id, Actor(ActorKind.USER, str(clerk.pk), clerk.email))
        event = order.events.latest("pk")
        assert status(order) == OrderStatus.UNFULFILLED
        assert (event.type, event.user) == ("confirmed", clerk)

    def test_leaves_the_order_waiting_where_the_channel_confirms_nothing(
        self, shop: SandboxShop, careful_order: Order
    ) -> None:
        shop.hold(careful_order.id)
        shop.release(careful_order.id, None)
        careful_order.refresh_from_db()
        assert (careful_order.status, careful_order.held) == (OrderStatus.UNCONFIRMED, False)

    def test_leaves_other_orders_alone(self, shop: SandboxShop, order: Order) -> None:
        orders.cancel_by_hand(order.id, None)
        shop.release(order.id, None)
        assert status(order) == OrderStatus.CANCELED


class TestCancel:
    def test_frees_the_goods(self, shop: SandboxShop, order: Order, mug: ProductVariant) -> None:
        shop.cancel(order.id, None)
        mug.refresh_from_db()
        assert (status(order), mug.allocated) == (OrderStatus.CANCELED, 0)

    def test_is_done_once(self, shop: SandboxShop, order: Order) -> None:
        shop.cancel(order.id, None)
        shop.cancel(order.id, None)
        assert order.events.filter(type="canceled").count() == 1


def test_a_note_stands_in_the_history_under_its_author(
    shop: SandboxShop, order: Order, clerk: User
) -> None:
    shop.add_note(order.id, "Called.", Actor(ActorKind.USER, str(clerk.pk), clerk.email))
    note = order.events.latest("pk")
    assert (note.type, note.message, note.user) == ("note_added", "Called.", clerk)


def test_a_note_of_the_system_has_no_author(shop: SandboxShop, order: Order) -> None:
    shop.add_note(order.id, "Swept.", None)
    assert order.events.latest("pk").user is None


def test_settings_are_those_of_the_channel(shop: SandboxShop, channel: Channel) -> None:
    channel.plugin_values = {"shop-name": "Mugs & Co"}
    channel.save()
    settings = shop.channel_settings("usd")
    assert (settings.active, settings.values) == (True, {"shop-name": "Mugs & Co"})


def test_settings_of_an_unknown_channel_are_inactive(shop: SandboxShop, channel: Channel) -> None:
    settings = shop.channel_settings("nowhere")
    assert (settings.channel, settings.active, settings.values) == ("nowhere", False, {})


def test_the_shop_presents_itself_by_the_name_of_the_channel(
    shop: SandboxShop, channel: Channel
) -> None:
    assert shop.name(shop.channel_settings("usd")) == "Sandbox shop"
    assert shop.mail_account("usd") == MailAccount("Sandbox shop <shop@example.com>", ADDRESS)
    channel.plugin_values = {"shop-name": "Mugs & Co"}
    channel.save()
    assert shop.name(shop.channel_settings("usd")) == "Mugs & Co"


def test_page_urls_are_shaped_as_saleors(shop: SandboxShop, settings: object) -> None:
    settings.PUBLIC_URL = "https://shop.example"
    assert shop.page_url("usd", "pay/abc/") == (
        "https://shop.example/plugins/channel/usd/saleor.paylink/pay/abc/"
    )
