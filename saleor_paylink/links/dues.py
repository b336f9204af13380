"""What is owed for an order, and what of it a link asks for."""

import hashlib
from uuid import UUID

from django.db.models import Sum

from saleor_paylink.models import LedgerEntry, LedgerKind, PaymentLink
from saleor_paylink.money import Money, zero
from saleor_paylink.shop import OrderView

# What the kinds of automated money do to what the shop has of a customer.
DIRECTION = {
    LedgerKind.CHARGE: 1,
    LedgerKind.REFUND: -1,
    LedgerKind.REFUND_REVERSAL: 1,
    LedgerKind.DISPUTE: -1,
    LedgerKind.DISPUTE_REVERSAL: 1,
}


def outstanding(order: OrderView) -> Money:
    """What is to be asked for, gross: what is unpaid, less what is reserved elsewhere."""
    return max(unpaid(order) - order.reserved, zero(order.currency))


def unpaid(order: OrderView) -> Money:
    """What has not been paid, gross; never below zero.

    Money that paylink has booked but the shop had not recorded when `order` was read counts
    as paid: between the two a customer must not be asked twice. The order itself says what
    it has recorded, so that it does not matter what happens between reading it and here.
    """
    unrecorded = (
        LedgerEntry.objects.filter(
            order_id=order.id,
            kind__in=[LedgerKind.CHARGE, LedgerKind.MANUAL],
            currency=order.currency,
            posting__isnull=False,
        )
        .exclude(reference__in=order.recorded)
        .aggregate(total=Sum("amount"))["total"]
    )
    booked = order.charged + Money(unrecorded or 0, order.currency)
    return max(order.total - booked, zero(order.currency))


def collected(link: PaymentLink) -> Money:
    """What has been paid over the link, less what was given back."""
    sums = dict(
        LedgerEntry.objects.filter(attempt__link=link, currency=link.currency)
        .values_list("kind")
        .annotate(total=Sum("amount"))
    )
    total = sum(sign * sums.get(kind, 0) for kind, sign in DIRECTION.items())
    return Money(total, link.currency)


def asked_for(link: PaymentLink, order: OrderView) -> Money:
    """What the customer would be charged now: all that is owed, or the rest of a deposit."""
    owed = outstanding(order)
    if link.requested_amount is None:
        return owed
    rest = Money(link.requested_amount, link.currency) - collected(link)
    return max(min(owed, rest), zero(order.currency))


def revision_of(order_id: UUID, due: Money) -> str:
    """A word for what is due that changes whenever that does."""
    return hashlib.sha256(f"{order_id}:{due.amount:f}:{due.currency}".encode()).hexdigest()[:16]
