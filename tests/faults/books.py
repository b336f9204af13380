"""Sums over the ledger and over the shop's tables, made here anew and not by the program."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum

from saleor_paylink.models import LedgerEntry, LedgerKind
from sandbox.shop.models import Transaction


def taken_for(order_id: UUID, before: LedgerEntry | None = None) -> Decimal:
    """What came in for an order, by the ledger; `before`: by then."""
    return booked(order_id, LedgerKind.CHARGE, before) + booked(order_id, LedgerKind.MANUAL, before)


def held(order_id: UUID, before: LedgerEntry | None = None) -> Decimal:
    """What is left of it."""
    reversed = booked(order_id, LedgerKind.REFUND_REVERSAL, before)
    return taken_for(order_id, before) - booked(order_id, LedgerKind.REFUND, before) + reversed


def booked(order_id: UUID, kind: LedgerKind, before: LedgerEntry | None = None) -> Decimal:
    """All movements of a kind for an order."""
    entries = LedgerEntry.objects.filter(order_id=order_id, kind=kind)
    return _sum(entries.filter(pk__lt=before.pk) if before else entries, "amount")


def by_hand(order_id: UUID) -> Decimal:
    """What staff took for an order by hand, by the shop."""
    return _sum(Transaction.objects.filter(order__id=order_id, is_manual=True), "charged")


def by_hand_unheard(order_id: UUID) -> Decimal:
    """What of that paylink has not booked yet."""
    return max(by_hand(order_id) - booked(order_id, LedgerKind.MANUAL), Decimal(0))


def _sum(rows: "QuerySet[Any]", field: str) -> Decimal:
    total: Decimal | None = rows.aggregate(total=Sum(field))["total"]
    return total or Decimal(0)
