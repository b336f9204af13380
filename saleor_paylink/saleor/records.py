"""Paylink's own transactions in Saleor: how they are keyed, made and found.

Each has `app_identifier` set to our own name, although there is no App: only so does
Saleor's unique constraint on the idempotency key hold, and nobody else may report on them.
"""

from collections.abc import Iterable
from datetime import datetime

from saleor.order.models import Order
from saleor.payment import TransactionEventType
from saleor.payment.models import TransactionItem
from saleor.payment.transaction_item_calculations import recalculate_transaction_amounts

from saleor_paylink.money import Money

OWNER = "saleor.paylink"
CHARGED = TransactionEventType.CHARGE_SUCCESS
REFUNDED = TransactionEventType.REFUND_SUCCESS
REFUND_REVERSED = TransactionEventType.REFUND_REVERSE
LONGEST_TEXT = 512
LONGEST_URL = 200


def charge_key(provider: str, reference: str) -> str:
    return f"charge:{provider}:{reference}"


def manual_key(key: str) -> str:
    return f"manual:{key}"


def hold_key(order: Order) -> str:
    return f"hold:{order.pk}"


def is_ours(item: TransactionItem) -> bool:
    return bool(item.app_identifier == OWNER)


def references(items: Iterable[TransactionItem]) -> frozenset[str]:
    """What paylink itself calls the money that our own transactions among `items` hold."""
    kinds = ("charge", "manual")
    keys = [(item.idempotency_key or "").split(":", 1) for item in items if is_ours(item)]
    found = [(kind, *rest) for kind, *rest in keys if kind in kinds]
    return frozenset(rest.partition(":")[2] if kind == "charge" else rest for kind, rest in found)


def find(key: str) -> TransactionItem | None:
    return TransactionItem.objects.filter(app_identifier=OWNER, idempotency_key=key).first()


def open_item(
    order: Order,
    key: str,
    *,
    name: str,
    psp_reference: str | None = None,
    message: str = "",
    external_url: str | None = None,
) -> TransactionItem:
    """A new transaction without money. The order's lock is held.

    It advertises no actions: a refund is made at the provider.
    """
    fits = external_url is not None and len(external_url) <= LONGEST_URL
    return TransactionItem.objects.create(
        order=order,
        currency=order.currency,
        app_identifier=OWNER,
        idempotency_key=key,
        name=name[:LONGEST_TEXT],
        message=message[:LONGEST_TEXT],
        psp_reference=psp_reference,
        external_url=external_url if fits else None,
        available_actions=[],
    )


def add_event(
    item: TransactionItem,
    kind: str,
    amount: Money,
    *,
    key: str,
    psp_reference: str | None,
    at: datetime,
    message: str = "",
) -> bool:
    """Book a movement on the transaction, once by `key`, and recalculate it.

    Says whether it was booked now. The order's lock is held.
    """
    if item.events.filter(idempotency_key=key).exists():
        return False
    item.events.create(
        type=kind,
        amount_value=amount.amount,
        currency=amount.currency,
        idempotency_key=key,
        psp_reference=psp_reference,
        created_at=at,
        message=message[:LONGEST_TEXT],
        app_identifier=OWNER,
        include_in_calculations=True,
    )
    recalculate_transaction_amounts(item)
    return True
