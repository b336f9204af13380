"""The sandbox shop's books of money: saleor_paylink.shop.ShopBooks over its events, of which each
is a record of its own."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import CharField, Exists, Max, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from saleor_paylink.models import TakenRow
from saleor_paylink.shop import ShopRow, Taking, TakingKind
from sandbox.shop.models import TransactionEvent

Kind = TransactionEvent.Type
MOVES = {
    Kind.CHARGE_SUCCESS: TakingKind.CHARGE,
    Kind.REFUND_SUCCESS: TakingKind.REFUND,
    Kind.REFUND_REVERSE: TakingKind.REFUND_REVERSAL,
}
BY_HAND = {
    TakingKind.CHARGE: TakingKind.MANUAL,
    TakingKind.REFUND: TakingKind.MANUAL_RETURNED,
    TakingKind.REFUND_REVERSAL: TakingKind.MANUAL,
}
EVENT = "event"


class SandboxBooks:
    """Keeps no state; every call goes to the database."""

    kinds: Sequence[str] = (EVENT,)

    def rows(self, kind: str, ids: Collection[int]) -> Sequence[ShopRow]:
        return [_row(event) for event in _moving().filter(pk__in=ids)]

    def rows_of_orders(self, order_ids: Collection[UUID]) -> Mapping[UUID, Sequence[ShopRow]]:
        rows: dict[UUID, list[ShopRow]] = {}
        for event in _moving().filter(transaction__order__id__in=order_ids):
            rows.setdefault(event.transaction.order.id, []).append(_row(event))
        return rows

    def not_taken(self, kind: str, after: int, limit: int) -> Sequence[int]:
        found = _not_taken().filter(pk__gt=after).order_by("pk")
        return list(found.values_list("pk", flat=True)[:limit])

    def not_taken_since(self, kind: str, line: int, limit: int) -> Sequence[int]:
        return self.not_taken(kind, line, limit)

    def count_not_taken(self, kind: str) -> int:
        return _not_taken().count()

    def last_line(self, kind: str) -> int:
        return TransactionEvent.objects.aggregate(last=Max("pk"))["last"] or 0


def _moving() -> "QuerySet[TransactionEvent]":
    """Those that moved money, but for paylink's own: only those have a reference of ours."""
    events = TransactionEvent.objects.filter(type__in=MOVES, transaction__reference="")
    return events.select_related("transaction__order__channel").order_by("pk")


def _not_taken() -> "QuerySet[TransactionEvent]":
    key = Concat(Value("event:"), Cast(OuterRef("pk"), CharField()))
    return _moving().filter(~Exists(TakenRow.objects.filter(key=key)))


def _row(event: TransactionEvent) -> ShopRow:
    taken: Any = event.transaction
    if event.amount == 0:
        return ShopRow(f"event:{event.pk}")
    kind = MOVES[Kind(event.type)]
    taking = Taking(
        kind=BY_HAND[kind] if taken.is_manual else kind,
        provider="manual" if taken.is_manual else taken.source or "sandbox.gateway",
        reference="" if taken.is_manual else event.psp_reference,
        payment=taken.psp_reference,
        amount=taken.order.money(event.amount),
        channel=taken.order.channel.slug,
        order_id=taken.order.id,
        at=event.created_at,
    )
    return ShopRow(f"event:{event.pk}", taking)
