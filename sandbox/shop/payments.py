"""Money: recorded once, whoever says it again."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from saleor_paylink.shop import Charge, ManualPayment, Refund
from sandbox.shop.calculations import paid_in_full, recalculate
from sandbox.shop.models import Order, OrderEvent, OrderStatus, Transaction, TransactionEvent, User
from sandbox.shop.orders import confirm, locked

MANUAL_SOURCE = "manual"
MARK_AS_PAID_NAME = "Mark-as-paid transaction"
History = OrderEvent.Type
Kind = TransactionEvent.Type


@transaction.atomic
def record_charge(order_id: UUID, charge: Charge) -> None:
    """See Shop.record_charge."""
    order = locked(order_id)
    was_paid = paid_in_full(order)
    taken, is_new = Transaction.objects.get_or_create(
        source=charge.provider,
        reference=charge.reference,
        defaults={
            "order": order,
            "name": charge.method,
            "psp_reference": charge.reference,
            "external_url": charge.provider_url or "",
            "charged": charge.amount.amount,
            "created_at": charge.paid_at,
        },
    )
    if not is_new:
        return
    taken.events.create(
        type=Kind.CHARGE_SUCCESS,
        amount=charge.amount.amount,
        psp_reference=charge.reference,
        created_at=charge.paid_at,
    )
    order.events.create(type=History.TRANSACTION_EVENT, message=f"Charged {_say(charge)}")
    if order.stale:
        recalculate(order)
    if paid_in_full(order):
        if not was_paid:
            order.events.create(type=History.ORDER_FULLY_PAID)
        if charge.releases_order and order.status == OrderStatus.UNCONFIRMED:
            confirm(order, None)
    order.save()


@transaction.atomic
def record_refund(order_id: UUID, refund: Refund) -> None:
    """See Shop.record_refund. Raises Transaction.DoesNotExist for an unknown charge."""
    _book_return(order_id, refund, Kind.REFUND_SUCCESS, 1)


@transaction.atomic
def record_refund_reversal(order_id: UUID, refund: Refund) -> None:
    """See Shop.record_refund_reversal."""
    _book_return(order_id, refund, Kind.REFUND_REVERSE, -1)


def _book_return(order_id: UUID, refund: Refund, kind: Kind, direction: int) -> None:
    order = locked(order_id)
    taken = order.transactions.get(source=refund.provider, reference=refund.charge_reference)
    _, is_new = taken.events.get_or_create(
        type=kind,
        psp_reference=refund.reference,
        defaults={"amount": refund.amount.amount, "created_at": refund.at},
    )
    if not is_new:
        return
    amount = direction * refund.amount.amount
    order.transactions.filter(pk=taken.pk).update(
        charged=F("charged") - amount, refunded=F("refunded") + amount
    )
    what = "Refunded" if direction > 0 else "Refund came back"
    order.events.create(type=History.TRANSACTION_EVENT, message=f"{what}: {_say(refund)}")


@transaction.atomic
def record_manual_payment(order_id: UUID, payment: ManualPayment, by: User | None) -> None:
    """See Shop.record_manual_payment."""
    order = locked(order_id)
    taken, is_new = Transaction.objects.get_or_create(
        source=MANUAL_SOURCE,
        reference=payment.key,
        defaults={
            "order": order,
            "name": MARK_AS_PAID_NAME,
            "psp_reference": payment.reference,
            "charged": payment.amount.amount,
            "is_manual": True,
            "user": by,
        },
    )
    if not is_new:
        return
    taken.events.create(
        type=Kind.CHARGE_SUCCESS, amount=payment.amount.amount, message=payment.note[:512]
    )
    order.events.create(
        type=History.ORDER_MARKED_AS_PAID, message=payment.reference or payment.note, user=by
    )
    if order.stale:
        recalculate(order)
    if order.status == OrderStatus.UNCONFIRMED and paid_in_full(order):
        confirm(order, by)
    order.save()


@transaction.atomic
def mark_as_paid(order_id: UUID, reference: str, by: User | None) -> Order:
    """Saleor's own mark-as-paid: refused once there is any transaction; confirms nothing."""
    order = locked(order_id)
    if order.transactions.exists():
        raise ValidationError(
            {
                "payment": ValidationError(
                    "Orders with transactions can not be manually marked as paid.",
                    code="payment_error",
                )
            }
        )
    if order.stale:
        recalculate(order)
    order.save()
    taken = order.transactions.create(
        name=MARK_AS_PAID_NAME,
        psp_reference=reference,
        charged=order.total,
        is_manual=True,
        user=by,
    )
    taken.events.create(
        type=Kind.CHARGE_SUCCESS,
        amount=order.total,
        message="Manual adjustment of the transaction.",
    )
    order.events.create(type=History.ORDER_MARKED_AS_PAID, message=reference, user=by)
    return order


def _say(movement: Charge | Refund) -> str:
    money = movement.amount
    return f"{money.amount} {money.currency} ({movement.provider}, {movement.reference})"
