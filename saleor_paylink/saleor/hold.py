"""Holding, releasing and cancelling Saleor's orders."""

from typing import Any
from uuid import UUID

from django.contrib.sites.models import Site
from django.db import transaction
from saleor.giftcard.utils import deactivate_order_gift_cards
from saleor.order import FulfillmentStatus, OrderStatus
from saleor.order.actions import call_order_event
from saleor.order.lock_objects import order_qs_select_for_update
from saleor.order.models import Order
from saleor.order.utils import refresh_order_status
from saleor.plugins.manager import get_plugins_manager
from saleor.webhook.event_types import WebhookEventAsyncType

from saleor_paylink.models import LINK_IN_FORCE, LinkStatus, PaymentLink
from saleor_paylink.saleor import records, versions
from saleor_paylink.saleor.actors import user_and_app
from saleor_paylink.saleor.announcing import CLOSED, confirm
from saleor_paylink.saleor.guarding import after_commit
from saleor_paylink.saleor.money import PAID, drop_hold_item
from saleor_paylink.shop import Actor


@transaction.atomic
def hold(order_id: UUID) -> None:
    """See Shop.hold. Where the channel lets orders expire, a transaction without money keeps
    this one from it; only there, because it makes Saleor's own Mark as paid refuse the order.
    """
    order = order_qs_select_for_update().get(pk=order_id)
    if order.status == OrderStatus.UNFULFILLED and not _has_fulfillments(order):
        order.status = OrderStatus.UNCONFIRMED
        # Unconfirmed orders are editable and would be recalculated; these totals are final.
        order.should_refresh_prices = False
        order.save(update_fields=["status", "should_refresh_prices", "updated_at"])
        after_commit(_tell_updated, order)
    if order.status == OrderStatus.UNCONFIRMED and order.channel.expire_orders_after:
        key = records.hold_key(order)
        if records.find(key) is None:
            records.open_item(order, key, name="Payment link: waiting for the customer")


def keep_from_expiring(channel_id: int) -> None:
    """Hold the waiting orders of a channel again: it may have begun to let orders expire."""
    links = PaymentLink.objects.filter(status__in=(*LINK_IN_FORCE, LinkStatus.EXPIRED))
    waiting = Order.objects.filter(
        channel_id=channel_id,
        channel__expire_orders_after__isnull=False,
        status=OrderStatus.UNCONFIRMED,
        pk__in=links.values("order_id"),
    )
    for order_id in waiting.values_list("pk", flat=True):
        hold(order_id)


def _has_fulfillments(order: Order) -> bool:
    return bool(order.fulfillments.exclude(status=FulfillmentStatus.CANCELED).exists())


def _tell_updated(order: Order) -> None:
    manager = get_plugins_manager(allow_replica=False)
    call_order_event(manager, WebhookEventAsyncType.ORDER_UPDATED, order)


@transaction.atomic
def release(order_id: UUID, actor: Actor | None) -> None:
    """See Shop.release: confirmed where it is paid or its channel confirms by itself, else
    left to staff, and to the shop's timers."""
    order = order_qs_select_for_update().get(pk=order_id)
    if order.status != OrderStatus.UNCONFIRMED:
        return
    drop_hold_item(order)
    by_itself = order.channel.automatically_confirm_all_new_orders
    if (by_itself or order.charge_status in PAID) and refresh_order_status(order):
        order.save(update_fields=["status", "updated_at"])
        after_commit(confirm, order, actor, get_plugins_manager(allow_replica=False))


@transaction.atomic
def cancel(order_id: UUID, actor: Actor | None) -> None:
    """See Shop.cancel. Raises ValueError where goods are on their way already."""
    order = order_qs_select_for_update().get(pk=order_id)
    if order.status in CLOSED:
        return
    if not order.can_cancel():
        raise ValueError("An order with fulfilments cannot be cancelled.")
    drop_hold_item(order)
    user, app = user_and_app(actor)
    manager = get_plugins_manager(allow_replica=False)
    site: Any = Site.objects.get_current()
    versions.cancel(order, user, app, manager, site.settings)
    deactivate_order_gift_cards(order.id, user, app)
