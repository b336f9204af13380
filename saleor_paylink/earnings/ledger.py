"""Booking movements of money: each once, none ever changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from saleor_paylink.models import LedgerEntry, LedgerKind, PaymentAttempt, ShopPosting
from saleor_paylink.money import Money
from saleor_paylink.providers.interface import GivenBack, Received
from saleor_paylink.shop import OrderView

MANUAL_PROVIDER = "manual"

REVERSAL_OF = {
    LedgerKind.REFUND: LedgerKind.REFUND_REVERSAL,
    LedgerKind.DISPUTE: LedgerKind.DISPUTE_REVERSAL,
}


@dataclass(frozen=True)
class Account:
    """Where a movement belongs. `order_id` is None for money of no order that is known here."""

    provider: str
    channel: str
    order_id: UUID | None
    attempt: PaymentAttempt | None = None


def manual_account(order: OrderView) -> Account:
    """Money that staff took for an order themselves."""
    return Account(MANUAL_PROVIDER, order.channel, order.id)


def book(
    kind: LedgerKind,
    account: Account,
    amount: Money,
    reference: str,
    occurred_at: datetime,
    payment: str = "",
) -> LedgerEntry | None:
    """Add a movement; None if this very movement is booked already.

    `reference` is the provider's id of the movement and, with provider and kind, what
    makes it this very one: a constraint refuses a second booking. `payment` is the
    provider's id of the payment which it belongs to.
    """
    entry, created = LedgerEntry.objects.get_or_create(
        provider=account.provider,
        kind=kind,
        reference=reference,
        defaults={
            "payment_reference": payment,
            "order_id": account.order_id,
            "channel": account.channel,
            "attempt": account.attempt,
            "amount": amount.amount,
            "currency": amount.currency,
            "occurred_at": occurred_at,
        },
    )
    return entry if created else None


def book_received(account: Account, received: Received) -> LedgerEntry | None:
    """Book a payment, and its fee once it is known; None if the payment is booked already."""
    payment, at = received.reference, received.paid_at
    entry = book(LedgerKind.CHARGE, account, received.amount, payment, at, payment)
    if received.fee is not None:
        book(LedgerKind.FEE, account, received.fee, payment, at, payment)
    return entry


def book_given_back(
    kind: LedgerKind, account: Account, given_back: GivenBack, payment: str
) -> LedgerEntry | None:
    """Book money that left again, or that came back if its leaving had been booked."""
    if given_back.returned_at is None:
        at = given_back.at
    else:
        left = LedgerEntry.objects.filter(
            provider=account.provider, kind=kind, reference=given_back.reference
        )
        if not left.exists():
            return None
        kind, at = REVERSAL_OF[kind], given_back.returned_at
    return book(kind, account, given_back.amount, given_back.reference, at, payment)


def owe_shop(entry: LedgerEntry, *, releases_order: bool = False, **details: Any) -> ShopPosting:
    """Note that the shop is to be told of an entry, in the entry's own transaction."""
    return ShopPosting.objects.create(entry=entry, releases_order=releases_order, details=details)
