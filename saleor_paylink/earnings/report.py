"""Earnings: what came in by itself, net of everything, per currency."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from saleor_paylink.days import within
from saleor_paylink.models import LedgerEntry, LedgerKind
from saleor_paylink.money import Money


@dataclass(frozen=True)
class Earnings:
    """Sums of one currency. `net` is gross less refunds, disputes and fees; a refund or dispute
    that came back counts no longer.

    Manual money, less what staff gave back of it, stands apart and is in none of the other
    figures. `fees` are those known; `fees_complete` says whether the provider has reported the
    fee of every payment.
    """

    currency: str
    gross: Money
    refunded: Money
    disputed: Money
    fees: Money
    fees_complete: bool
    net: Money
    payment_count: int
    manual_gross: Money
    manual_count: int


def earnings(
    *, channels: Collection[str] | None = None, start: date | None = None, end: date | None = None
) -> Sequence[Earnings]:
    """One entry per currency, sorted by it, for movements from `start` to `end` inclusive.

    Days are those of the site's time zone. `channels` are slugs; None: every channel.
    """
    entries = within(LedgerEntry.objects.all(), "occurred_at", start, end)
    if channels is not None:
        entries = entries.filter(channel__in=channels)
    sums: dict[str, dict[str, tuple[Decimal, int]]] = {}
    for currency, kind, total, count in entries.values_list("currency", "kind").annotate(
        total=Sum("amount"), count=Count("id")
    ):
        sums.setdefault(currency, {})[kind] = (total, count)
    incomplete = _currencies_with_unknown_fees(entries)
    return [_row(each, sums[each], each not in incomplete) for each in sorted(sums)]


def _currencies_with_unknown_fees(entries: "QuerySet[LedgerEntry]") -> set[str]:
    fee = LedgerEntry.objects.filter(
        kind=LedgerKind.FEE, provider=OuterRef("provider"), reference=OuterRef("reference")
    )
    charges = entries.filter(Q(kind=LedgerKind.CHARGE) & ~Exists(fee))
    return set(charges.values_list("currency", flat=True))


def _row(currency: str, sums: dict[str, tuple[Decimal, int]], fees_complete: bool) -> Earnings:
    def total(kind: LedgerKind) -> Money:
        return Money(sums.get(kind, (Decimal(0), 0))[0], currency)

    def count(kind: LedgerKind) -> int:
        return sums.get(kind, (Decimal(0), 0))[1]

    gross, fees = total(LedgerKind.CHARGE), total(LedgerKind.FEE)
    refunded = total(LedgerKind.REFUND) - total(LedgerKind.REFUND_REVERSAL)
    disputed = total(LedgerKind.DISPUTE) - total(LedgerKind.DISPUTE_REVERSAL)
    return Earnings(
        currency=currency,
        gross=gross,
        refunded=refunded,
        disputed=disputed,
        fees=fees,
        fees_complete=fees_complete,
        net=gross - refunded - disputed - fees,
        payment_count=count(LedgerKind.CHARGE),
        manual_gross=total(LedgerKind.MANUAL) - total(LedgerKind.MANUAL_RETURNED),
        manual_count=count(LedgerKind.MANUAL),
    )
