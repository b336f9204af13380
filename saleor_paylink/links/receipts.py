"""Receipts: the payments over a link, as a customer is told of them."""

from dataclasses import dataclass
from datetime import datetime

from saleor_paylink.models import LedgerEntry, LedgerKind, PaymentLink
from saleor_paylink.money import Money
from saleor_paylink.providers import registry
from saleor_paylink.shop import OrderView, current_shop


@dataclass(frozen=True)
class Receipt:
    """One payment over the link. `method` is its name for people."""

    number: str
    amount: Money
    method: str
    paid_at: datetime
    reference: str


def receipts(link: PaymentLink, order: OrderView) -> list[Receipt]:
    """The payments over the link, oldest first."""
    entries = LedgerEntry.objects.filter(attempt__link=link, kind=LedgerKind.CHARGE).select_related(
        "attempt"
    )
    return [receipt_of(entry, order) for entry in entries.order_by("id")]


def receipt_of(entry: LedgerEntry, order: OrderView) -> Receipt:
    """The receipt of a charge, numbered within its order."""
    before = LedgerEntry.objects.filter(
        order_id=entry.order_id, kind=LedgerKind.CHARGE, attempt__isnull=False, id__lt=entry.id
    ).count()
    method = entry.attempt.method if entry.attempt else entry.provider
    return Receipt(
        number=f"{order.number}-{before + 1}",
        amount=entry.money,
        method=method_name(order.channel, method),
        paid_at=entry.occurred_at,
        reference=entry.reference,
    )


def method_name(channel: str, method_id: str) -> str:
    """A method's name for people, also where it is no longer offered."""
    settings = current_shop().channel_settings(channel)
    return registry.provider(method_id.split(":")[0], settings).method_name(method_id)
