"""What an order costs and what has been paid. No taxes: net and gross are one figure."""

from collections.abc import Iterable
from decimal import Decimal

from saleor_paylink.money import Money, zero
from sandbox.shop.models import Order, ProductVariant, Transaction


def unit_price(variant: ProductVariant, currency: str) -> Money:
    """What one piece costs, rounded to what the currency knows, as Saleor rounds prices."""
    return Money(variant.price, currency).quantize()


def recalculate(order: Order) -> None:
    """Bring the totals up to date with the lines and the discount; the caller saves."""
    subtotal = sum((line.unit_price * line.quantity for line in order.lines.all()), Decimal(0))
    order.subtotal = subtotal
    order.total = max(subtotal + order.shipping - order.discount, Decimal(0))
    order.stale = False


def charged(order: Order) -> Money:
    """All money the shop holds for the order, automated and manual."""
    return total_of(order, order.transactions.all())


def total_of(order: Order, transactions: Iterable[Transaction]) -> Money:
    """What is left, after refunds, of these transactions of the order."""
    return sum((order.money(one.charged) for one in transactions), zero(order.currency))


def paid_in_full(order: Order) -> bool:
    """Whether the shop holds at least the total, as last calculated."""
    return bool(charged(order) >= order.money(order.total))
