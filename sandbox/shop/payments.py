"""Money that came in: recorded once, whoever says it again."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from saleor_paylink.shop import Charge, ManualPayment
from sandbox.shop import hooks
from sandbox.shop.calculations import paid_in_full, recalculate
from sandbox.shop.models import (
    App,
    Order,
    OrderEvent,
    OrderStatus,
    Transaction,
    TransactionEvent,
    User,
)
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
    charged = taken.events.create(
        type=Kind.CHARGE_SUCCESS,
        amount=order.total,
        message="Manual adjustment of the transaction.",
    )
    hooks.money_moved(charged)
    order.events.create(type=History.ORDER_MARKED_AS_PAID, message=reference, user=by)
    return order


def add_by_hand(
    order_id: UUID, amount: Decimal, name: str, reference: str, by: User | None
) -> Transaction:
    """Money that staff write down themselves."""
    return _add(order_id, amount, name=name, psp_reference=reference, is_manual=True, user=by)


def add_by_app(order_id: UUID, amount: Decimal, name: str, reference: str, app: App) -> Transaction:
    """Money that a payment app has taken."""
    source = f"app:{app.pk}"
    return _add(order_id, amount, name=name, psp_reference=reference, source=source)


@transaction.atomic
def _add(order_id: UUID, amount: Decimal, **details: Any) -> Transaction:
    """In a channel that confirms orders itself it confirms one that waits, whatever the amount,
    as in Saleor."""
    order = locked(order_id)
    taken: Transaction = order.transactions.create(charged=amount, **details)
    charged = taken.events.create(
        type=Kind.CHARGE_SUCCESS,
        amount=amount,
        message="Manual adjustment of the transaction.",
    )
    hooks.money_moved(charged)
    if order.channel.auto_confirm and order.status == OrderStatus.UNCONFIRMED:
        confirm(order, None)
        order.save()
    return taken


def _say(charge: Charge) -> str:
    money = charge.amount
    return f"{money.amount} {money.currency} ({charge.provider}, {charge.reference})"
