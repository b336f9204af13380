"""What paylink is told of, as Saleor's plugin tells it: after commit, and without harm.

A fault of paylink's is logged and must not break the shop's own work; its sweeper heals.
"""

import logging
from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.db import transaction

from saleor_paylink import jobs
from saleor_paylink.failures import log_failure
from saleor_paylink.links import changes, hold, offers, refunds, reminders
from saleor_paylink.links.errors import LinkError
from saleor_paylink.shop import Actor, current_shop
from sandbox.shop.models import Order, TransactionEvent

logger = logging.getLogger(__name__)


def order_completed(order_id: UUID, actor: Actor | None) -> None:
    """A draft became an order."""
    _after_commit(_offer, order_id, actor)


def _offer(order_id: UUID, actor: Actor | None) -> None:
    channel = Order.objects.values_list("channel__slug", flat=True).get(id=order_id)
    offers.order_completed(order_id, current_shop().channel_settings(channel), actor)


def order_changed(order_id: UUID) -> None:
    """An order was edited, cancelled, expired or marked as paid."""
    _after_commit(changes.order_changed, order_id)


def money_moved(event: TransactionEvent) -> None:
    """Somebody else than paylink has charged or refunded."""
    jobs.later(jobs.TAKE_IN, "event", event.pk)


def metadata_updated(order_id: UUID) -> None:
    """Somebody wrote into an order's metadata, private or not."""
    _after_commit(reminders.reckon, order_id)


def refusal(order_id: UUID) -> str | None:
    """Why the order must not be confirmed or fulfilled now."""
    return hold.refusal(order_id)


def refund_requested(event: TransactionEvent, actor: Actor | None) -> None:
    """Staff asked for a refund of a transaction."""
    _after_commit(_refund, event, actor)


def _refund(event: TransactionEvent, actor: Actor | None) -> None:
    taken = event.transaction
    amount = taken.order.money(event.amount)
    try:
        refunds.request_for_shop(taken.order.id, taken.reference, amount, str(event.pk), actor)
    except LinkError as refused:
        current_shop().refund_answered(
            taken.order.id, str(event.pk), taken.reference, None, refused.message
        )


def _after_commit(job: Callable[..., object], *args: object) -> None:
    transaction.on_commit(partial(_guarded, job, *args))


def _guarded(job: Callable[..., object], *args: object) -> None:
    try:
        job(*args)
    except Exception:
        log_failure(logger, "%s failed:", job.__qualname__)
