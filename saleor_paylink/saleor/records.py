"""Paylink's own transactions in Saleor: how they are keyed, made and found.

Each has `app_identifier` set to our own name, although there is no App: only so does
Saleor's unique constraint on the idempotency key hold, and nobody else may report on them.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

from saleor.order.models import Order, OrderGrantedRefund
from saleor.order.utils import calculate_order_granted_refund_status
from saleor.payment import TransactionAction, TransactionEventType
from saleor.payment.models import TransactionItem
from saleor.payment.transaction_item_calculations import recalculate_transaction_amounts

from saleor_paylink.money import Money

OWNER = "saleor.paylink"
CHARGED = TransactionEventType.CHARGE_SUCCESS
REFUND_REQUESTED = TransactionEventType.REFUND_REQUEST
REFUNDED = TransactionEventType.REFUND_SUCCESS
REFUND_FAILED = TransactionEventType.REFUND_FAILURE
REFUND_REVERSED = TransactionEventType.REFUND_REVERSE
# One refund, from its beginning to whatever became of it.
COURSE_OF_REFUND = (REFUND_REQUESTED, REFUNDED, REFUND_FAILED, REFUND_REVERSED)
LONGEST_TEXT = 512
LONGEST_URL = 200
TICK = timedelta(microseconds=1)


def charge_key(provider: str, reference: str) -> str:
    return f"charge:{provider}:{reference}"


def manual_key(key: str) -> str:
    return f"manual:{key}"


def hold_key(order: Order) -> str:
    return f"hold:{order.pk}"


def is_ours(item: TransactionItem) -> bool:
    return bool(item.app_identifier == OWNER)


def charge_reference(item: TransactionItem) -> str | None:
    """The provider's id of the payment that one of our transactions holds; None: it holds none."""
    kind, _, rest = (item.idempotency_key or "").partition(":")
    return rest.partition(":")[2] if kind == "charge" else None


def references(items: Iterable[TransactionItem]) -> frozenset[str]:
    """What paylink itself calls the money that our own transactions among `items` hold."""
    ours = [item for item in items if is_ours(item)]
    kind_and_key = [(item.idempotency_key or "").partition(":") for item in ours]
    manual = {key for kind, _, key in kind_and_key if kind == "manual"}
    return frozenset(manual.union(filter(None, map(charge_reference, ours))))


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
    **details: str,
) -> TransactionItem:
    """A new transaction without money; `details` are further fields. The order's lock is held."""
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
        **details,
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
    granted_refund_id: int | None = None,
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
        related_granted_refund_id=granted_refund_id,
    )
    recalculate(item)
    return True


def recalculate(item: TransactionItem) -> None:
    """Bring the transaction, and refunds granted on it, into agreement with its events.

    It offers the actions that it can bear: what is left of a charge can be refunded.
    """
    refunds = item.events.filter(type__in=COURSE_OF_REFUND, psp_reference__isnull=False)
    for reference in set(refunds.values_list("psp_reference", flat=True)):
        _put_in_order(item, reference)
    recalculate_transaction_amounts(item)
    refundable = charge_reference(item) is not None and item.charged_value > 0
    item.available_actions = [TransactionAction.REFUND] if refundable else []
    item.save(update_fields=["available_actions"])
    granted_on_it = OrderGrantedRefund.objects.filter(transaction_events__transaction=item)
    for granted in granted_on_it.distinct():
        calculate_order_granted_refund_status(granted)


def _put_in_order(item: TransactionItem, reference: str) -> None:
    """Let the events of one refund follow each other and belong to the same granted refund,
    in whatever order they became known: of several, Saleor goes by the latest, and a provider's
    clock is another one, and counts in seconds."""
    events = item.events.filter(type__in=COURSE_OF_REFUND, psp_reference=reference)
    in_order = sorted(events, key=lambda event: COURSE_OF_REFUND.index(event.type))
    for earlier, later in pairwise(in_order):
        later.created_at = max(later.created_at, earlier.created_at + TICK)
        later.related_granted_refund_id = earlier.related_granted_refund_id
        later.save(update_fields=["created_at", "related_granted_refund"])
