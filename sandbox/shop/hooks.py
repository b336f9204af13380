"""What paylink is told of, as Saleor's plugin tells it: after commit, and without harm.

A fault of paylink's is logged and must not break the shop's own work; its sweeper heals.
"""

from uuid import UUID

from django.db import transaction

from saleor_paylink.links import changes, hold, offers
from saleor_paylink.shop import Actor


def order_completed(order_id: UUID, actor: Actor | None) -> None:
    """A draft became an order."""
    transaction.on_commit(lambda: offers.order_completed(order_id, actor), robust=True)


def order_changed(order_id: UUID) -> None:
    """An order was edited, cancelled, expired or marked as paid."""
    transaction.on_commit(lambda: changes.order_changed(order_id), robust=True)


def refusal(order_id: UUID) -> str | None:
    """Why the order must not be confirmed or fulfilled now."""
    return hold.refusal(order_id)
