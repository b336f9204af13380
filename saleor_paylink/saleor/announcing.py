"""What Saleor tells others of money that was booked, told once.

The steps still to be told are written on the transaction together with the booking, and
are taken off one by one: a process that dies on the way leaves the rest to whoever repeats
the call. A step that raises counts as told, as in Saleor itself: what came before the
failure, a mail to the customer for example, must not be sent again and again.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from saleor.order import OrderStatus
from saleor.order.actions import (
    call_order_events,
    order_charged,
    order_confirmed,
    order_refunded,
)
from saleor.order.fetch import fetch_order_info
from saleor.order.models import Order
from saleor.payment.lock_objects import transaction_item_qs_select_for_update
from saleor.payment.models import TransactionItem
from saleor.plugins.manager import PluginsManager, get_plugins_manager
from saleor.webhook.event_types import WebhookEventAsyncType as Event

from saleor_paylink.saleor.actors import user_and_app
from saleor_paylink.saleor.guarding import guarded
from saleor_paylink.shop import Actor, Busy

KEY = "saleor_paylink.to_tell"
CLOSED = (OrderStatus.CANCELED, OrderStatus.EXPIRED)
# Shorter than the lease of whoever repeats the call, so that a dead teller is found out.
LEASE = timedelta(minutes=1)


class News(enum.StrEnum):
    """What there is to tell: Saleor's hooks, events and mails of that occasion."""

    PAID = "paid"
    FULLY_PAID = "fully_paid"
    MARKED_AS_PAID = "marked_as_paid"
    REFUNDED = "refunded"
    UPDATED = "updated"
    CONFIRMED = "confirmed"


@dataclass(frozen=True)
class Step:
    """One thing to tell. `amount` is that of a refund, `actor` who had the order confirmed."""

    news: News
    amount: Decimal = Decimal(0)
    actor: Actor | None = None

    def to_json(self) -> dict[str, Any]:
        who = self.actor and self.actor.as_data()
        return {"news": self.news.value, "amount": str(self.amount), "actor": who}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Step":
        actor = Actor.from_data(data["actor"])
        return cls(News(data["news"]), Decimal(data["amount"]), actor)


def owe(item: TransactionItem, *steps: Step) -> None:
    """Write down what is to be told, in the transaction that books the money."""
    todo = _todo(item) or {"steps": []}
    todo["steps"] += [step.to_json() for step in steps]
    _store(item, todo)


def tell(item_id: int) -> None:
    """Tell whatever is still owed for the transaction. Raises Busy if somebody is at it."""
    teller = uuid4().hex
    while (step := _take(item_id, teller)) is not None:
        guarded(_TELL[step.news], item_id, step)
        _take_off(item_id, teller)


@transaction.atomic
def _take(item_id: int, teller: str) -> Step | None:
    item = transaction_item_qs_select_for_update().get(pk=item_id)
    todo = _todo(item)
    if todo is None:
        return None
    now = timezone.now()
    busy = todo.get("until") and datetime.fromisoformat(todo["until"]) > now
    if busy and todo["teller"] != teller:
        raise Busy
    _store(item, {**todo, "teller": teller, "until": (now + LEASE).isoformat()})
    return Step.from_json(todo["steps"][0])


@transaction.atomic
def _take_off(item_id: int, teller: str) -> None:
    item = transaction_item_qs_select_for_update().get(pk=item_id)
    todo = _todo(item)
    if todo is not None and todo["teller"] == teller:
        rest = todo["steps"][1:]
        _store(item, {**todo, "steps": rest} if rest else None)


def _todo(item: TransactionItem) -> dict[str, Any] | None:
    todo: dict[str, Any] | None = (item.private_metadata or {}).get(KEY)
    return todo


def _store(item: TransactionItem, todo: dict[str, Any] | None) -> None:
    rest = {key: value for key, value in (item.private_metadata or {}).items() if key != KEY}
    item.private_metadata = {**rest, KEY: todo} if todo else rest
    item.save(update_fields=["private_metadata"])


def _order_of(item_id: int) -> tuple[Order, PluginsManager]:
    order = TransactionItem.objects.select_related("order__channel").get(pk=item_id).order
    # In memory only: on channels that confirm by themselves Saleor would let go of a held
    # order, or revive a closed one, as soon as it hears of money.
    order.channel.automatically_confirm_all_new_orders = False
    return order, get_plugins_manager(allow_replica=False)


def _events(*names: str) -> Callable[[int, Step], None]:
    def tell_events(item_id: int, step: Step) -> None:
        order, manager = _order_of(item_id)
        call_order_events(manager, list(names), order)

    return tell_events


def _fully_paid(item_id: int, step: Step) -> None:
    order, manager = _order_of(item_id)
    if order.status in CLOSED:
        _paid(item_id, step)
    else:
        order_charged(fetch_order_info(order), None, None, None, None, manager)


def _refunded(item_id: int, step: Step) -> None:
    order, manager = _order_of(item_id)
    order_refunded(order, None, None, step.amount, None, manager)


def _confirmed(item_id: int, step: Step) -> None:
    order, manager = _order_of(item_id)
    if order.status not in CLOSED:
        confirm(order, step.actor, manager)


def confirm(order: Order, actor: Actor | None, manager: PluginsManager) -> None:
    """Tell that the order was confirmed, as Saleor does in its channel: with a mail to the
    customer where staff confirm orders, and without one where orders confirm themselves."""
    order.channel.refresh_from_db(fields=["automatically_confirm_all_new_orders"])
    by_hand = not order.channel.automatically_confirm_all_new_orders
    user, app = user_and_app(actor)
    order_confirmed(order, user, app, manager, send_confirmation_email=by_hand)


_paid = _events(Event.ORDER_PAID, Event.ORDER_UPDATED)

_TELL: dict[News, Callable[[int, Step], None]] = {
    News.PAID: _paid,
    News.FULLY_PAID: _fully_paid,
    News.MARKED_AS_PAID: _events(Event.ORDER_FULLY_PAID, Event.ORDER_UPDATED),
    News.UPDATED: _events(Event.ORDER_UPDATED),
    News.REFUNDED: _refunded,
    News.CONFIRMED: _confirmed,
}
