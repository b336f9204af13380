"""Recording money on Saleor's orders, also on held ones.

Saleor's own `process_order_with_transaction` lets go of a held order at any transaction
where the channel confirms orders by itself, and revives cancelled ones. Here the amounts,
the status and what is to be told are written in one transaction, and told afterwards (see
`announcing`, which also keeps Saleor from letting go of the order while it is told).
"""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from saleor.order import OrderChargeStatus, OrderStatus
from saleor.order.actions import MARK_AS_PAID_TRANSACTION_NAME
from saleor.order.events import order_manually_marked_as_paid_event
from saleor.order.lock_objects import order_qs_select_for_update
from saleor.order.models import Order
from saleor.order.search import update_order_search_vector
from saleor.order.utils import refresh_order_status, updates_amounts_for_order
from saleor.payment.lock_objects import transaction_item_qs_select_for_update
from saleor.payment.models import TransactionItem

from saleor_paylink.links.receipts import method_name
from saleor_paylink.saleor import reading, records, versions
from saleor_paylink.saleor.actors import user_and_app
from saleor_paylink.saleor.announcing import News, Step, owe, tell
from saleor_paylink.shop import Actor, Charge, ManualPayment, Refund

PAID = (OrderChargeStatus.FULL, OrderChargeStatus.OVERCHARGED)


def record_charge(order_id: UUID, charge: Charge) -> None:
    """See Shop.record_charge."""
    tell(_on_fresh_totals(order_id, lambda order: _book_charge(order, charge)))


def _on_fresh_totals(order_id: UUID, book: Callable[[Order], int]) -> int:
    """Book under the order's lock, on totals that hold: an edit may slip in between."""
    for last in (False, False, True):
        reading.freshen(order_id)
        with transaction.atomic():
            order = order_qs_select_for_update().get(pk=order_id)
            if last or not reading.is_stale(order):
                return book(order)
    raise AssertionError("The last round returns.")


def _book_charge(order: Order, charge: Charge) -> int:
    key = records.charge_key(charge.provider, charge.reference)
    item = records.find(key)
    if item is not None:
        return int(item.pk)
    item = _open_charge(order, key, charge)
    records.add_event(
        item,
        records.CHARGED,
        charge.amount,
        key=key,
        psp_reference=charge.reference,
        at=charge.paid_at,
    )
    drop_hold_item(order)
    became_paid = update_amounts(order)
    owe(item, Step(News.FULLY_PAID if charge.releases_order and became_paid else News.PAID))
    if charge.releases_order and _confirm(order):
        owe(item, Step(News.CONFIRMED))
    save(order)
    return int(item.pk)


def _open_charge(order: Order, key: str, charge: Charge) -> TransactionItem:
    method = method_name(order.channel.slug, charge.method)
    return records.open_item(
        order,
        key,
        name=f"Payment link ({method})",
        psp_reference=charge.reference,
        external_url=charge.provider_url,
        **versions.method_details(method, card=charge.method.endswith(":card")),
    )


def record_manual_payment(order_id: UUID, payment: ManualPayment, actor: Actor | None) -> None:
    """See Shop.record_manual_payment. Known to everybody as Saleor's own Mark as paid."""
    tell(_on_fresh_totals(order_id, lambda order: _book_manual_payment(order, payment, actor)))


def _book_manual_payment(order: Order, payment: ManualPayment, actor: Actor | None) -> int:
    key = records.manual_key(payment.key)
    item = records.find(key)
    if item is not None:
        return int(item.pk)
    item = records.open_item(
        order,
        key,
        name=MARK_AS_PAID_TRANSACTION_NAME,
        psp_reference=payment.reference[: records.LONGEST_TEXT] or None,
        message=payment.note,
    )
    records.add_event(
        item,
        records.CHARGED,
        payment.amount,
        key=key,
        psp_reference=None,
        at=timezone.now(),
        message=payment.note,
    )
    user, app = user_and_app(actor)
    order_manually_marked_as_paid_event(
        order=order, user=user, app=app, transaction_reference=payment.reference or None
    )
    drop_hold_item(order)
    became_paid = update_amounts(order)
    owe(item, Step(News.MARKED_AS_PAID if became_paid else News.UPDATED))
    if _confirm(order):
        owe(item, Step(News.CONFIRMED, actor=actor))
    save(order)
    return int(item.pk)


def record_refund(order_id: UUID, refund: Refund) -> None:
    """See Shop.record_refund. Raises LookupError while the charge itself is not recorded."""
    step = Step(News.REFUNDED, amount=refund.amount.amount)
    tell(_book_return(order_id, refund, records.REFUNDED, step))


def record_refund_reversal(order_id: UUID, refund: Refund) -> None:
    """See Shop.record_refund_reversal. Told as a change only: Saleor's own way would thank the
    customer for the payment a second time."""
    tell(_book_return(order_id, refund, records.REFUND_REVERSED, Step(News.UPDATED)))


@transaction.atomic
def _book_return(order_id: UUID, refund: Refund, kind: str, step: Step) -> int:
    order = order_qs_select_for_update().get(pk=order_id)
    item = records.find(records.charge_key(refund.provider, refund.charge_reference))
    if item is None:
        raise LookupError("The charge that was refunded is not recorded.")
    item = transaction_item_qs_select_for_update().get(pk=item.pk)
    booked = records.add_event(
        item,
        kind,
        refund.amount,
        key=f"{kind}:{refund.provider}:{refund.reference}",
        psp_reference=refund.reference,
        at=refund.at,
    )
    if booked:
        update_amounts(order)
        owe(item, step)
        save(order)
    return int(item.pk)


def drop_hold_item(order: Order) -> None:
    """Remove the transaction that kept the order from expiring: it is not needed any more."""
    order.payment_transactions.filter(
        app_identifier=records.OWNER, idempotency_key=records.hold_key(order)
    ).delete()


def update_amounts(order: Order) -> bool:
    """Sum up the order's money, and say whether it is now paid in full and was not before."""
    was_paid = order.charge_status in PAID
    updates_amounts_for_order(order, save=False)
    return not was_paid and order.charge_status in PAID


def _confirm(order: Order) -> bool:
    """Let a held order that is paid become what its fulfilments make of it, and say so."""
    held = order.status == OrderStatus.UNCONFIRMED and not reading.is_stale(order)
    return held and order.charge_status in PAID and bool(refresh_order_status(order))


def save(order: Order) -> None:
    """Store what is written here of an order."""
    update_order_search_vector(order, save=False)
    order.save(update_fields=[*reading.AMOUNT_FIELDS, "status", "search_vector", "updated_at"])
