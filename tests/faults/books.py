"""Sums over the ledger and over the shop's tables, made here anew and not by the program."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum

from saleor_paylink.models import LedgerEntry, LedgerKind
from sandbox.shop.models import Transaction
from tests.faults.takings import SIGNS, STRIPE, rows
from tests.faults.world import World


def taken_for(order_id: UUID, before: LedgerEntry | None = None) -> Decimal:
    """What came in for an order, by the ledger; `before`: by then."""
    return booked(order_id, LedgerKind.CHARGE, before) + booked(order_id, LedgerKind.MANUAL, before)


def held(order_id: UUID, before: LedgerEntry | None = None, provider: str | None = None) -> Decimal:
    """What is left of it, as the shop counts: of disputes over links it does not know."""
    total = Decimal(0)
    for entry in LedgerEntry.objects.filter(order_id=order_id, kind__in=SIGNS):
        is_told = (entry.provider, entry.kind) != (STRIPE, LedgerKind.DISPUTE)
        is_before = before is None or entry.pk < before.pk
        if is_told and is_before and provider in (None, entry.provider):
            total += SIGNS[LedgerKind(entry.kind)] * entry.amount
    return total


def disputed_over_links(order_id: UUID) -> Decimal:
    """What banks have taken back of payments over its links."""
    entries = LedgerEntry.objects.filter(order_id=order_id, provider=STRIPE)
    lost = _sum(entries.filter(kind=LedgerKind.DISPUTE), "amount")
    return lost - _sum(entries.filter(kind=LedgerKind.DISPUTE_REVERSAL), "amount")


def booked(order_id: UUID, kind: LedgerKind, before: LedgerEntry | None = None) -> Decimal:
    """All movements of a kind for an order."""
    entries = LedgerEntry.objects.filter(order_id=order_id, kind=kind)
    return _sum(entries.filter(pk__lt=before.pk) if before else entries, "amount")


def by_hand(order_id: UUID) -> Decimal:
    """What staff took for an order by hand, by the shop."""
    return _sum(Transaction.objects.filter(order__id=order_id, is_manual=True), "charged")


def unheard(world: World, order_id: UUID) -> Decimal:
    """What others have taken for an order, and paylink has not booked yet."""
    found = (row for row in rows(world) if row.order_id == order_id and not row.is_booked)
    return sum((max(row.moved, Decimal(0)) for row in found), Decimal(0))


def _sum(rows: "QuerySet[Any]", field: str) -> Decimal:
    total: Decimal | None = rows.aggregate(total=Sum(field))["total"]
    return total or Decimal(0)
