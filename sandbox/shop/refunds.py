"""Refunds of a transaction: those that staff ask for here, and those that a provider made.

As in Saleor, a transaction's amounts follow from its events. What belongs to one refund has
its reference.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from saleor_paylink.shop import Refund, RefundAsked
from sandbox.shop.models import OrderEvent, Transaction, TransactionEvent, User
from sandbox.shop.orders import locked

Kind = TransactionEvent.Type


@transaction.atomic
def record(order_id: UUID, refund: Refund) -> None:
    """See Shop.record_refund. Raises Transaction.DoesNotExist for an unknown charge."""
    _book(order_id, refund, Kind.REFUND_SUCCESS, "Refunded")


@transaction.atomic
def record_reversal(order_id: UUID, refund: Refund) -> None:
    """See Shop.record_refund_reversal."""
    _book(order_id, refund, Kind.REFUND_REVERSE, "Refund came back")


def _book(order_id: UUID, refund: Refund, kind: Kind, what: str) -> None:
    order = locked(order_id)
    taken = order.transactions.get(source=refund.provider, reference=refund.charge_reference)
    _, is_new = taken.events.get_or_create(
        type=kind,
        psp_reference=refund.reference,
        defaults={"amount": refund.amount.amount, "created_at": refund.at},
    )
    if is_new:
        sum_up(taken)
        said = f"{what}: {refund.amount.amount} {refund.amount.currency} ({refund.reference})"
        order.events.create(type=OrderEvent.Type.TRANSACTION_EVENT, message=said)


@transaction.atomic
def request(taken: Transaction, amount: Decimal | None, by: User | None) -> TransactionEvent:
    """Write down that staff want so much given back; None, or more than is left: all of it."""
    order = locked(taken.its_order.id)
    left = order.transactions.get(pk=taken.pk).charged
    asked = left if amount is None else min(amount, left)
    order.events.create(type=OrderEvent.Type.TRANSACTION_REFUND_REQUESTED, user=by)
    event: TransactionEvent = taken.events.create(type=Kind.REFUND_REQUEST, amount=asked)
    return event


def unanswered(start: datetime, end: datetime) -> list[RefundAsked]:
    """See Shop.unanswered_refunds."""
    silent = TransactionEvent.objects.filter(
        type=Kind.REFUND_REQUEST,
        psp_reference="",
        answer__isnull=True,
        created_at__gte=start,
        created_at__lte=end,
    )
    return [
        RefundAsked(
            request=str(asked.pk),
            order_id=asked.transaction.its_order.id,
            charge_reference=asked.transaction.reference,
            amount=asked.transaction.its_order.money(asked.amount),
        )
        for asked in silent.select_related("transaction__order__channel").order_by("pk")
    ]


@transaction.atomic
def answer(order_id: UUID, shop_request: str, reference: str | None, error: str) -> None:
    """See Shop.refund_answered. Raises TransactionEvent.DoesNotExist for an unknown request."""
    order = locked(order_id)
    asked = TransactionEvent.objects.get(pk=shop_request, transaction__order=order)
    if reference is not None:
        asked.psp_reference = reference
        asked.save(update_fields=["psp_reference"])
    if error:
        asked.transaction.events.get_or_create(
            answer_to=asked,
            defaults={
                "type": Kind.REFUND_FAILURE,
                "amount": asked.amount,
                "psp_reference": asked.psp_reference,
                "message": error[:512],
            },
        )
    sum_up(asked.transaction)


def sum_up(taken: Transaction) -> None:
    """Bring the transaction's amounts into agreement with its events."""
    events = list(taken.events.all())

    def total(kind: Kind) -> Decimal:
        return sum((event.amount for event in events if event.type == kind), Decimal(0))

    ends = (Kind.REFUND_SUCCESS, Kind.REFUND_FAILURE)
    # Before a provider takes a request on it has no reference, and nothing has moved.
    known = {"", *(event.psp_reference for event in events if event.type in ends)}
    taken.refunded = total(Kind.REFUND_SUCCESS) - total(Kind.REFUND_REVERSE)
    taken.refund_pending = sum(
        (
            event.amount
            for event in events
            if event.type == Kind.REFUND_REQUEST and event.psp_reference not in known
        ),
        Decimal(0),
    )
    gone = total(Kind.CHARGE_BACK) + taken.refunded + taken.refund_pending
    taken.charged = total(Kind.CHARGE_SUCCESS) - gone
    taken.save(update_fields=["charged", "refunded", "refund_pending"])
