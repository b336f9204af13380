"""The life of an order by the shop's own rules, which are Saleor's.

What is refused raises Django's ValidationError, with Saleor's error codes. Whoever calls
tells paylink of the change: see `sandbox.shop.hooks`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from sandbox.shop import stock
from sandbox.shop.calculations import recalculate, unit_price
from sandbox.shop.models import (
    CLOSED,
    EDITABLE,
    Channel,
    Order,
    OrderEvent,
    OrderLine,
    OrderStatus,
    ProductVariant,
    User,
)

History = OrderEvent.Type


def locked(order_id: UUID) -> Order:
    """The order, for this transaction alone. Raises Order.DoesNotExist."""
    orders = Order.objects.select_related("channel", "user")
    return orders.select_for_update(of=("self",)).get(id=order_id)


@transaction.atomic
def create_draft(
    channel: Channel, items: Sequence[tuple[ProductVariant, int]], by: User | None, **fields: Any
) -> Order:
    """A draft of `items`, variants and how many of each; `fields` are fields of Order."""
    order = Order.objects.create(channel=channel, **fields)
    for variant, quantity in items:
        _add_line(order, variant, quantity)
    order.events.create(type=History.DRAFT_CREATED, user=by)
    return _recalculated(order)


def _add_line(order: Order, variant: ProductVariant, quantity: int) -> OrderLine:
    line: OrderLine = order.lines.create(
        variant=variant,
        product_name=variant.product_name,
        variant_name=variant.name,
        sku=variant.sku,
        unit_price=unit_price(variant, order.currency).amount,
        quantity=quantity,
    )
    return line


@transaction.atomic
def complete(order_id: UUID, by: User | None) -> Order:
    """A draft becomes an order: its goods are promised, and it is confirmed if the channel does."""
    order = locked(order_id)
    if order.status != OrderStatus.DRAFT:
        raise _invalid("id", "The order is not draft.")
    if not order.lines.exists():
        raise ValidationError(
            {"lines": ValidationError("Could not create order without any products.", "required")}
        )
    for line in order.lines.order_by("variant_id"):
        stock.allocate(line, line.quantity)
    if order.user is None and order.email:
        order.user = User.objects.filter(email=order.email).first()
    order.status = OrderStatus.UNCONFIRMED
    order.events.create(type=History.PLACED_FROM_DRAFT, user=by)
    if order.channel.auto_confirm:
        confirm(order, by)
    return _recalculated(order)


def confirm(order: Order, by: User | None) -> None:
    """A locked, unconfirmed order becomes one to fulfil; the caller saves."""
    fulfilled = [line.fulfilled for line in order.lines.all()]
    order.status = OrderStatus.PARTIALLY_FULFILLED if any(fulfilled) else OrderStatus.UNFULFILLED
    order.held = False
    order.events.create(type=History.CONFIRMED, user=by)


@transaction.atomic
def confirm_by_hand(order_id: UUID, by: User | None) -> Order:
    """Staff confirm, paid or not."""
    order = locked(order_id)
    if order.status != OrderStatus.UNCONFIRMED:
        raise _invalid(
            "id",
            "Provided order id belongs to an order with status different than unconfirmed.",
        )
    confirm(order, by)
    order.save()
    return order


@transaction.atomic
def cancel_by_hand(order_id: UUID, by: User | None) -> Order:
    """Staff cancel; money is not given back by that."""
    order = locked(order_id)
    fulfilled = order.lines.filter(fulfilled__gt=0).exists()
    if fulfilled or order.status in (*CLOSED, OrderStatus.DRAFT):
        raise ValidationError(
            {"order": ValidationError("This order can't be canceled.", "cannot_cancel_order")}
        )
    close(order, OrderStatus.CANCELED, by)
    return order


def close(order: Order, status: OrderStatus, by: User | None) -> None:
    """Cancel or expire a locked order and take back what is promised to it."""
    stock.free(order)
    order.status = status
    order.held = False
    order.save()
    order.events.create(type=History(status.value), user=by)


@transaction.atomic
def update(order_id: UUID, changes: Mapping[str, Any], metadata: Mapping[str, str]) -> Order:
    """Change fields of an order that is no draft, and add `metadata` to what it has."""
    order = locked(order_id)
    if order.status == OrderStatus.DRAFT:
        raise _invalid(
            "id",
            "Provided order id belongs to draft order. Use `draftOrderUpdate` mutation instead.",
        )
    for field, value in changes.items():
        setattr(order, field, value)
    order.metadata.update(metadata)
    order.save()
    return order


@transaction.atomic
def note_privately(order_id: UUID, written: Mapping[str, str], gone: Collection[str] = ()) -> Order:
    """Write into an order's private metadata, and take keys out of them."""
    order = locked(order_id)
    kept = {key: value for key, value in order.private_metadata.items() if key not in gone}
    order.private_metadata = {**kept, **written}
    order.save(update_fields=["private_metadata"])
    return order


@transaction.atomic
def change_quantity(order_id: UUID, line_id: UUID, quantity: int) -> Order:
    """Another number of pieces of a line, while the order can be edited."""
    order = _editable(order_id)
    if quantity <= 0:
        raise ValidationError(
            {"quantity": ValidationError("Ensure this value is greater than 0.", "zero_quantity")}
        )
    line = order.lines.get(pk=line_id)
    line.quantity = quantity
    line.save(update_fields=["quantity"])
    if order.status == OrderStatus.UNCONFIRMED:
        stock.allocate(line, quantity)
    return _edited(order)


@transaction.atomic
def add_line(order_id: UUID, variant: ProductVariant, quantity: int) -> Order:
    """So many more of a variant, while the order can be edited."""
    order = _editable(order_id)
    line = order.lines.filter(variant=variant).first()
    if line is not None:
        return change_quantity(order_id, line.pk, line.quantity + quantity)
    line = _add_line(order, variant, quantity)
    if order.status == OrderStatus.UNCONFIRMED:
        stock.allocate(line, quantity)
    return _edited(order)


@transaction.atomic
def remove_line(order_id: UUID, line_id: UUID) -> Order:
    """All pieces of a line, while the order can be edited."""
    order = _editable(order_id)
    line = order.lines.get(pk=line_id)
    stock.allocate(line, 0)
    line.delete()
    return _edited(order)


@transaction.atomic
def discount(order_id: UUID, amount: Decimal) -> Order:
    """Take `amount` off the total, once, while the order can be edited."""
    order = _editable(order_id)
    if order.discount:
        raise ValidationError(
            {"order_id": ValidationError("Order already has assigned discount.", "cannot_discount")}
        )
    order.discount = amount
    return _edited(order)


@transaction.atomic
def fulfill(order_id: UUID, quantities: Mapping[UUID, int], by: User | None) -> Order:
    """Ship pieces, by the id of their line. As in Saleor, paid or not and confirmed or not."""
    order = locked(order_id)
    lines = {line.pk: line for line in order.lines.all()}
    if sum(quantities.values()) <= 0:
        raise ValidationError(
            {"lines": ValidationError("Total quantity must be larger than 0.", "zero_quantity")}
        )
    for line_id, quantity in quantities.items():
        line = lines.get(line_id)
        if line is None or not 0 <= quantity <= line.allocated:
            raise ValidationError(
                {
                    "order_line_id": ValidationError(
                        "Only the open quantity of a line of this order can be fulfilled.",
                        "fulfill_order_line",
                    )
                }
            )
        stock.ship(line, quantity)
    open_lines = any(line.fulfilled < line.quantity for line in lines.values())
    order.status = OrderStatus.PARTIALLY_FULFILLED if open_lines else OrderStatus.FULFILLED
    order.save()
    order.events.create(type=History.FULFILLMENT_FULFILLED_ITEMS, user=by)
    return order


@transaction.atomic
def refresh(order_id: UUID) -> Order:
    """The order with totals that hold for its lines as they are now."""
    order = locked(order_id)
    return _recalculated(order) if order.stale else order


def expire_overdue() -> list[UUID]:
    """Expire what stayed unconfirmed and untouched by money for too long; says which."""
    expired = []
    waiting = Order.objects.filter(
        status=OrderStatus.UNCONFIRMED,
        held=False,
        transactions=None,
        channel__expire_after_minutes__isnull=False,
    )
    for order_id in waiting.values_list("id", flat=True):
        with transaction.atomic():
            order = locked(order_id)
            if _is_overdue(order):
                close(order, OrderStatus.EXPIRED, None)
                expired.append(order_id)
    return expired


def _is_overdue(order: Order) -> bool:
    minutes = order.channel.expire_after_minutes
    if minutes is None or order.status != OrderStatus.UNCONFIRMED or order.held:
        return False
    overdue = order.created_at + timedelta(minutes=minutes) <= timezone.now()
    return overdue and not order.transactions.exists()


def _editable(order_id: UUID) -> Order:
    order = locked(order_id)
    if order.status not in EDITABLE:
        raise ValidationError(
            {
                "id": ValidationError(
                    "Only draft and unconfirmed orders can be edited.", "not_editable"
                )
            }
        )
    return order


def _edited(order: Order) -> Order:
    order.stale = True
    order.save()
    return order


def _recalculated(order: Order) -> Order:
    recalculate(order)
    order.save()
    return order


def _invalid(field: str, message: str) -> ValidationError:
    return ValidationError({field: ValidationError(message, code="invalid")})
