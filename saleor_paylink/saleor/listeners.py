"""Those who listen: other plugins, apps, and whoever reads an order's metadata.

docs/events.md tells them what they can rely on.
"""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

import graphene
from django.contrib.postgres.fields import ArrayField
from django.db import transaction
from django.db.models import F, JSONField, TextField, Value
from django.db.models.expressions import CombinedExpression
from django.utils import timezone
from saleor.core.db.expressions import PostgresJsonConcatenate
from saleor.order.actions import call_order_event
from saleor.order.lock_objects import order_qs_select_for_update
from saleor.order.models import Order
from saleor.plugins.base_plugin import BasePlugin
from saleor.plugins.manager import get_plugins_manager
from saleor.webhook.event_types import WebhookEventAsyncType

from saleor_paylink.failures import log_failure
from saleor_paylink.models import PaymentCollection
from saleor_paylink.saleor import reading
from saleor_paylink.saleor.guarding import guarded
from saleor_paylink.shop import LINK_STATE_KEY, STATE_KEY, LinkNews

logger = logging.getLogger(__name__)

# It takes the name of an event that it does not know for that of a mail, and sends it.
SENDGRID = "mirumee.notifications.sendgrid_email"
# On an order's object, in memory: it is we who tell plugins of it.
TOLD_BY_US = "_paylink_tells"


def announce(news: LinkNews) -> None:
    """See Shop.announce. As Saleor calls its own hooks: the channel's active plugins in their
    order, each with what the one before has answered."""
    manager = get_plugins_manager(allow_replica=False)
    plugins = manager.get_plugins(channel_slug=news.channel, active_only=True)
    event, payload = news.announcement.event, partial(payload_of, news)
    answer = None
    for plugin in plugins:
        answer = _call(plugin, event, answer, news)
    # What PluginsManager.notify does, but that a plugin which raises stops no other.
    for plugin in plugins:
        if plugin.PLUGIN_ID != SENDGRID:
            _call(plugin, "notify", None, event, payload)


def _call(plugin: BasePlugin, name: str, previous_value: Any, *args: object) -> Any:
    """What the plugin's method answers; `previous_value` where it has none, or raises."""
    method = getattr(plugin, name, None)
    # Saleor's own hooks are NotImplemented where a plugin has none.
    if method is None or method is NotImplemented:
        return previous_value
    try:
        answer = method(*args, previous_value=previous_value)
    except Exception:
        log_failure(logger, "%s of plugin %s failed:", name, plugin.PLUGIN_ID)
        return previous_value
    return previous_value if answer is NotImplemented else answer


def payload_of(news: LinkNews) -> dict[str, Any]:
    """What apps are sent, as JSON."""
    return {
        "event_id": news.event_id,
        "at": news.at.isoformat(),
        "channel_slug": news.channel,
        "order": {
            "id": graphene.Node.to_global_id("Order", news.order_id),
            "number": news.order_number,
        },
        "payment_link": {
            "id": graphene.Node.to_global_id("PaymentLink", news.link_id),
            "status": news.status,
            "expires_at": news.expires_at and news.expires_at.isoformat(),
        },
        "amount": f"{news.amount.amount:f}",
        "currency": news.amount.currency,
    }


@transaction.atomic
def show_state(order_id: UUID, state: Mapping[str, str | None]) -> bool:
    """See Shop.show_state."""
    order = order_qs_select_for_update().filter(pk=order_id).first()
    if order is None:
        return False
    shown = {key: order.metadata.get(key) for key in state}
    if shown == dict(state):
        return False
    said = {key: value for key, value in state.items() if value is not None}
    _write(order_id, [key for key in state if key not in said], said)
    return True


def tell_state(order_id: UUID) -> None:
    """See Shop.tell_state. It counts as told also where a plugin raises, as in Saleor itself:
    what it stops must not be stopped for ever."""
    order = reading.find(order_id)
    if order is not None:
        setattr(order, TOLD_BY_US, True)
        guarded(_tell_metadata, order)


def is_told_by_us(order: Order) -> bool:
    """Whether it is what `tell_state` tells: nothing that our own plugin must hear."""
    return hasattr(order, TOLD_BY_US)


def _tell_metadata(order: Order) -> None:
    manager = get_plugins_manager(allow_replica=False)
    call_order_event(manager, WebhookEventAsyncType.ORDER_METADATA_UPDATED, order)


def disown(order: Order) -> None:
    """Saleor copies an order's metadata to the one that replaces it: what they say of the state
    is not true of that one. Nothing where it is collected for itself already."""
    keys = [key for key in (STATE_KEY, LINK_STATE_KEY) if key in order.metadata]
    if not keys or PaymentCollection.objects.filter(order_id=order.pk).exists():
        return
    _write(order.pk, keys, {})
    # Others are told of this very object next.
    for key in keys:
        order.delete_value_from_metadata(key)


def _write(order_id: UUID, gone: list[str], said: Mapping[str, str]) -> None:
    """In one statement of the database's, as Saleor does it: others write other keys."""
    without = CombinedExpression(
        F("metadata"), "-", Value(gone, output_field=ArrayField(TextField())), JSONField()
    )
    with_ours = PostgresJsonConcatenate(without, Value(dict(said), output_field=JSONField()))
    Order.objects.filter(pk=order_id).update(metadata=with_ours, updated_at=timezone.now())
