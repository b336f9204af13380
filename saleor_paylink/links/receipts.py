"""Receipts: the payments over a link, as a customer is told of them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from saleor_paylink.conf import ChannelSettings
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


def receipts(link: PaymentLink, order: OrderView, settings: ChannelSettings) -> list[Receipt]:
    """The payments over the link, oldest first. `settings` are its channel's."""
    charges = _charges(link.order_id).select_related("attempt").order_by("id")
    entries = enumerate(charges, start=1)
    return [
        _receipt(entry, turn, order, settings)
        for turn, entry in entries
        if entry.attempt is not None and entry.attempt.link_id == link.pk
    ]


def receipt_of(entry: LedgerEntry, order: OrderView) -> Receipt:
    """The receipt of a charge, numbered within its order."""
    before = _charges(entry.order_id).filter(id__lt=entry.id).count()
    settings = current_shop().channel_settings(order.channel)
    return _receipt(entry, before + 1, order, settings)


def _charges(order_id: UUID | None) -> "QuerySet[LedgerEntry]":
    """The order's payments over links: for those that others took, they give receipts."""
    return LedgerEntry.objects.filter(
        order_id=order_id, kind=LedgerKind.CHARGE, attempt__isnull=False
    )


def _receipt(entry: LedgerEntry, turn: int, order: OrderView, settings: ChannelSettings) -> Receipt:
    method = entry.attempt.method if entry.attempt else entry.provider
    return Receipt(
        number=f"{order.number}-{turn}",
        amount=entry.money,
        method=name_of_method(settings, method),
        paid_at=entry.occurred_at,
        reference=entry.reference,
    )


def method_name(channel: str, method_id: str) -> str:
    """A method's name for people, also where it is no longer offered."""
    return name_of_method(current_shop().channel_settings(channel), method_id)


def name_of_method(settings: ChannelSettings, method_id: str) -> str:
    """`method_name` in the channel of these settings."""
    return registry.provider(method_id.split(":")[0], settings).method_name(method_id)
