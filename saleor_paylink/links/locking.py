"""The order's lock, the row of its collection, and the order as it is read before and under it.

Paylink's lock comes before the shop's own ones. Recalculating an order takes those, so it is
done before; under the lock the order is read again, and may have been edited in between.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from django.db import models, transaction
from django.db.models import QuerySet, Value
from django.utils.translation import gettext as _

from saleor_paylink.links.channels import has_anothers_name, names_held
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.models import PaymentCollection
from saleor_paylink.shop import OrderView, current_shop

# How often it is tried to get the lock before somebody else has moved.
ROUNDS = 3

Row = TypeVar("Row", bound=models.Model)
Locked: TypeAlias = AbstractContextManager[tuple[Row, PaymentCollection | None]]


def known_order(order_id: UUID) -> OrderView:
    """The order as it stands, recalculated. Raises LinkError NOT_FOUND."""
    return _known(current_shop().order(order_id, fresh=True))


def reread(order: OrderView) -> OrderView:
    """The order as it is now that its lock is held. Raises LinkError NOT_FOUND."""
    return _known(current_shop().order(order.id))


def _known(order: OrderView | None) -> OrderView:
    if order is None:
        message = _("There is no such order. Look it up in the list of orders.")
        raise LinkError(LinkErrorCode.NOT_FOUND, message, "orderId")
    return order


def lock(order: OrderView) -> PaymentCollection:
    """Lock an order until the end of the transaction, also one that nothing is known of yet."""
    PaymentCollection.objects.get_or_create(order_id=order.id, defaults={"channel": order.channel})
    found = PaymentCollection.objects.annotate(
        has_anothers_name=has_anothers_name(order), called=Value(order.channel)
    )
    collection: PaymentCollection = found.select_for_update().get(order_id=order.id)
    return collection


def must_follow(collection: PaymentCollection, order: OrderView | None) -> bool:
    """Whether names of channels are to be followed before money of the order is booked, which has
    been read again since `lock` gave the collection. To be done without the lock."""
    locked: Any = collection
    return bool(order and (locked.has_anothers_name or locked.called != order.channel))


def lock_known(order_id: UUID) -> PaymentCollection:
    """Lock an order that has a collection; it may be gone from the shop."""
    return PaymentCollection.objects.select_for_update().get(order_id=order_id)


def lock_if_known(order_id: UUID | None) -> PaymentCollection | None:
    """Lock an order that may have no collection; None for that, and for money of no order."""
    if order_id is None:
        return None
    return PaymentCollection.objects.select_for_update().filter(order_id=order_id).first()


@contextmanager
def locked(rows: "QuerySet[Row]", pk: object) -> Iterator[tuple[Row, PaymentCollection | None]]:
    """One of `rows`, by its key, with the lock of its order: of money without an order it is
    the lock itself, and the names of channels are held."""
    order_id = rows.values_list("order_id", flat=True).get(pk=pk)
    with transaction.atomic() if order_id else names_held():
        collection = lock_if_known(order_id)
        yield rows.select_for_update(of=["self"]).get(pk=pk), collection
