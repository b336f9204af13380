"""What payment apps and gateways report of money that they move themselves, for orders and for
checkouts that are none yet; and what becomes of such a checkout."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction

from sandbox.shop import hooks, orders
from sandbox.shop.models import Checkout, Order, ProductVariant, Transaction, TransactionEvent
from sandbox.shop.refunds import sum_up

Kind = TransactionEvent.Type


@transaction.atomic
def report(taken: Transaction, kind: Kind, amount: Decimal, **details: Any) -> TransactionEvent:
    """So much has moved; less than nothing was charged where an app lowers its charged figure.
    `details` are fields of TransactionEvent."""
    if taken.order is not None:
        orders.locked(taken.order.id)
    event: TransactionEvent = taken.events.create(type=kind, amount=amount, **details)
    sum_up(taken)
    hooks.money_moved(event)
    return event


@transaction.atomic
def charge_checkout(checkout: Checkout, amount: Decimal) -> Transaction:
    """A gateway has charged somebody who is at the checkout still."""
    taken = Transaction.objects.create(checkout=checkout)
    report(taken, Kind.CHARGE_SUCCESS, amount)
    return taken


@transaction.atomic
def complete_checkout(checkout: Checkout, items: Sequence[tuple[ProductVariant, int]]) -> Order:
    """It becomes an order, to which its money belongs from now on. As in Saleor, nobody is told
    of that."""
    draft = orders.create_draft(checkout.channel, items, None, email="customer@example.com")
    order = orders.complete(draft.id, None)
    Transaction.objects.filter(checkout=checkout).update(order=order, checkout=None)
    checkout.delete()
    return order
