"""Booking movements of money: each once, none ever changed."""

from datetime import datetime
from typing import Any

from saleor_paylink.models import LedgerEntry, LedgerKind, PaymentAttempt, ShopPosting
from saleor_paylink.money import Money
from saleor_paylink.shop import OrderView

MANUAL_PROVIDER = "manual"


def book(
    kind: LedgerKind,
    order: OrderView,
    amount: Money,
    reference: str,
    occurred_at: datetime,
    attempt: PaymentAttempt | None = None,
) -> LedgerEntry | None:
    """Add a movement; None if this very movement is booked already.

    `reference` is the provider's id of the movement and, with provider and kind, what
    makes it this very one: a constraint refuses a second booking.
    """
    entry, created = LedgerEntry.objects.get_or_create(
        provider=attempt.provider if attempt else MANUAL_PROVIDER,
        kind=kind,
        reference=reference,
        defaults={
            "order_id": order.id,
            "channel": order.channel,
            "attempt": attempt,
            "amount": amount.amount,
            "currency": amount.currency,
            "occurred_at": occurred_at,
        },
    )
    return entry if created else None


def owe_shop(entry: LedgerEntry, *, releases_order: bool = False, **details: Any) -> ShopPosting:
    """Note that the shop is to be told of an entry, in the entry's own transaction."""
    return ShopPosting.objects.create(entry=entry, releases_order=releases_order, details=details)
