"""The sandbox shop's books of money: saleor_paylink.shop.ShopBooks over its events, of which each
is a record of its own."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import CharField, Exists, Max, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from saleor_paylink.models import TakenRow
from saleor_paylink.money import Money
from saleor_paylink.shop import ShopRow, Taking, TakingKind
from sandbox.shop.models import TransactionEvent

Kind = TransactionEvent.Type
MOVES = {
    Kind.CHARGE_SUCCESS: TakingKind.CHARGE,
    Kind.REFUND_SUCCESS: TakingKind.REFUND,
    Kind.REFUND_REVERSE: TakingKind.REFUND_REVERSAL,
    Kind.CHARGE_BACK: TakingKind.DISPUTE,
}
OUTWARD = (TakingKind.REFUND, TakingKind.DISPUTE)
EVENT = "event"
# How long money of a checkout waits for the order.
CHECKOUT_MAY_TAKE = timedelta(days=1)


class SandboxBooks:
    """Keeps no state; every call goes to the database."""

    kinds: Sequence[str] = (EVENT,)

    def rows(self, kind: str, ids: Collection[int]) -> Sequence[ShopRow]:
        return [_row(event) for event in _moving().filter(~_waits(), pk__in=ids)]

    def rows_of_orders(self, order_ids: Collection[UUID]) -> Mapping[UUID, Sequence[ShopRow]]:
        rows: dict[UUID, list[ShopRow]] = {}
        for event in _moving().filter(transaction__order__id__in=order_ids):
            rows.setdefault(event.transaction.its_order.id, []).append(_row(event))
        return rows

    def not_taken(self, kind: str, after: int, limit: int) -> Sequence[int]:
        found = _not_taken().filter(pk__gt=after).order_by("pk")
        return list(found.values_list("pk", flat=True)[:limit])

    def not_taken_since(self, kind: str, line: int, limit: int) -> Sequence[int]:
        known = Q(transaction__order__isnull=False) | Q(transaction__checkout__isnull=False)
        found = _not_taken().filter(known, pk__gt=line).order_by("pk")
        return list(found.values_list("pk", flat=True)[:limit])

    def count_not_taken(self, kind: str) -> int:
        return _not_taken().count()

    def last_line(self, kind: str) -> int:
        return TransactionEvent.objects.aggregate(last=Max("pk"))["last"] or 0


def _moving() -> "QuerySet[TransactionEvent]":
    """Those that moved money, but for paylink's own: only those have a reference of ours."""
    events = TransactionEvent.objects.filter(type__in=MOVES, transaction__reference="")
    return events.select_related(
        "transaction__order__channel", "transaction__checkout__channel"
    ).order_by("pk")


def _waits() -> Q:
    """Those of a checkout that may yet become an order."""
    lately = timezone.now() - CHECKOUT_MAY_TAKE
    return Q(
        transaction__order__isnull=True,
        transaction__checkout__isnull=False,
        transaction__created_at__gt=lately,
    )


def _not_taken() -> "QuerySet[TransactionEvent]":
    key = Concat(Value("event:"), Cast(OuterRef("pk"), CharField()))
    return _moving().filter(~_waits(), ~Exists(TakenRow.objects.filter(key=key)))


def _row(event: TransactionEvent) -> ShopRow:
    taken: Any = event.transaction
    key, channel = f"event:{event.pk}", taken.channel
    if event.amount == 0:
        return ShopRow(key)
    if channel is None:
        return ShopRow(key, problem="it belongs to no order and to no checkout")
    taking = Taking(
        kind=MOVES[Kind(event.type)],
        provider=taken.source or "sandbox.gateway",
        reference=event.psp_reference,
        payment=taken.psp_reference,
        amount=Money(event.amount, channel.currency),
        channel=channel.slug,
        order_id=taken.order and taken.order.id,
        at=event.created_at,
    )
    return ShopRow(key, _by_hand(taking) if taken.is_manual else _corrected(taking))


def _by_hand(taking: Taking) -> Taking:
    moved = taking.amount
    comes_in = (moved.amount > 0) != (taking.kind in OUTWARD)
    kind = TakingKind.MANUAL if comes_in else TakingKind.MANUAL_RETURNED
    amount = Money(abs(moved.amount), moved.currency)
    return replace(taking, kind=kind, provider="manual", reference="", amount=amount)


def _corrected(taking: Taking) -> Taking:
    """Apps lower their charged figure by the difference."""
    lowers = taking.kind is TakingKind.CHARGE and taking.amount.amount < 0
    return replace(taking, kind=TakingKind.ADJUSTMENT) if lowers else taking
