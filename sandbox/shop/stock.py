"""Pieces promised to orders: taken when an order is placed, given back when it is closed."""

from django.core.exceptions import ValidationError
from django.db.models import F

from sandbox.shop.models import Order, OrderLine, ProductVariant


def allocate(line: OrderLine, quantity: int) -> None:
    """Make `quantity` the number of pieces that are promised to the line.

    Raises ValidationError with code insufficient_stock; nothing is promised then.
    """
    more = quantity - line.allocated
    variant = ProductVariant.objects.select_for_update().get(pk=line.variant_id)
    if variant.allocated + more > variant.stock:
        raise ValidationError(
            {"lines": ValidationError("Insufficient product stock.", code="insufficient_stock")}
        )
    ProductVariant.objects.filter(pk=variant.pk).update(allocated=F("allocated") + more)
    line.allocated = quantity
    line.save(update_fields=["allocated"])


def free(order: Order) -> None:
    """Take back what is still promised to the order."""
    for line in order.lines.order_by("variant_id"):
        allocate(line, 0)


def ship(line: OrderLine, quantity: int) -> None:
    """`quantity` of the promised pieces leave the house."""
    ProductVariant.objects.filter(pk=line.variant_id).update(
        stock=F("stock") - quantity, allocated=F("allocated") - quantity
    )
    line.allocated -= quantity
    line.fulfilled += quantity
    line.save(update_fields=["allocated", "fulfilled"])
