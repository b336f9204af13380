"""What others than paylink have moved, by the shop's tables, and what of it is booked.

Read here anew, and not by the program.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Set
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from saleor_paylink.links import taking
from saleor_paylink.models import LedgerEntry, LedgerKind, TakenRow
from sandbox.shop.models import Channel, TransactionEvent
from tests.faults.world import CHECKOUT_MAY_TAKE, World

Complaints = Iterator[str]
Type = TransactionEvent.Type
KINDS = {
    Type.CHARGE_SUCCESS: LedgerKind.CHARGE,
    Type.REFUND_SUCCESS: LedgerKind.REFUND,
    Type.REFUND_REVERSE: LedgerKind.REFUND_REVERSAL,
    Type.CHARGE_BACK: LedgerKind.DISPUTE,
}
# What each kind does to what the shop holds.
SIGNS = {
    LedgerKind.CHARGE: 1,
    LedgerKind.ADJUSTMENT: 1,
    LedgerKind.REFUND: -1,
    LedgerKind.REFUND_REVERSAL: 1,
    LedgerKind.DISPUTE: -1,
    LedgerKind.MANUAL: 1,
    LedgerKind.MANUAL_RETURNED: -1,
}
BY_HAND = (LedgerKind.MANUAL, LedgerKind.MANUAL_RETURNED)
STRIPE = "stripe"
FIELDS = (
    "pk",
    "type",
    "amount",
    "transaction__is_manual",
    "transaction__source",
    "transaction__order__id",
    "transaction__order__channel_id",
    "transaction__checkout__channel_id",
    "transaction_id",
    "transaction__created_at",
)


class Row(NamedTuple):
    """One line of the shop's books. `bookable_from` None: never, its checkout is forgotten."""

    number: int
    provider: str
    kind: LedgerKind
    amount: Decimal
    order_id: UUID | None
    channel_id: int
    paid_at: datetime
    bookable_from: datetime | None
    is_booked: bool

    @property
    def key(self) -> str:
        return f"event:{self.number}"

    @property
    def moved(self) -> Decimal:
        """What it has done to what the shop holds."""
        return SIGNS[self.kind] * self.amount


def rows(world: World) -> list[Row]:
    """All lines that moved money which is not paylink's."""
    booked = set(TakenRow.objects.values_list("key", flat=True))
    lines = TransactionEvent.objects.filter(type__in=KINDS, transaction__reference="")
    found = []
    for (
        number,
        type,
        amount,
        by_hand,
        source,
        order_id,
        channel,
        checkout,
        token,
        at,
    ) in lines.order_by("pk").values_list(*FIELDS):
        kind, amount = _booked_as(KINDS[Type(type)], amount, by_hand)
        provider = "manual" if by_hand else source or "sandbox.gateway"
        since = at if order_id else at + CHECKOUT_MAY_TAKE if checkout else None
        channel = channel or checkout or world.checkout_channels.get(token)
        row = Row(number, provider, kind, amount, order_id, channel, at, since, False)
        found.append(row._replace(is_booked=row.key in booked))
    return found


def _booked_as(kind: LedgerKind, amount: Decimal, by_hand: bool) -> tuple[LedgerKind, Decimal]:
    if by_hand:
        moved = SIGNS[kind] * amount
        return (LedgerKind.MANUAL if moved > 0 else LedgerKind.MANUAL_RETURNED), abs(moved)
    return (LedgerKind.ADJUSTMENT if amount < 0 else kind), amount


def is_of_others(entry: LedgerEntry) -> bool:
    """Whether it was read from the shop's books."""
    return entry.provider not in (STRIPE, "manual") or entry.reference.startswith("event:")


def booked_otherwise(world: World, ledger: Iterable[LedgerEntry]) -> Complaints:
    """Each line that is taken is in the ledger once, as what it is; and nothing else is."""
    currencies = dict(Channel.objects.values_list("pk", "currency"))
    said = Counter(
        (row.provider, row.kind.value, row.amount, currencies[row.channel_id])
        for row in rows(world)
        if row.is_booked
    )
    booked = Counter(
        (each.provider, each.kind, each.amount, each.currency)
        for each in ledger
        if is_of_others(each)
    )
    yield from (f"not booked, and taken: {each}" for each in said - booked)
    yield from (f"booked, and not taken: {each}" for each in booked - said)


def left_by_import(world: World, began: datetime, problems: Set[str]) -> Complaints:
    """After an import in which some lines had problems."""
    left = [row for row in rows(world) if not row.is_booked and _is_due(row, world)]
    for row in left:
        since = row.bookable_from
        if since is not None and since <= began and row.key not in problems:
            yield f"an import has left {row}"
    count = taking.count_history()
    if count != len(left):
        yield f"{count} records are left to be imported, and not {len(left)}"


def _is_due(row: Row, world: World) -> bool:
    return row.bookable_from is None or row.bookable_from <= world.time.now()


def unheard(world: World, *, imported: bool) -> list[Row]:
    """What is not booked in the end; only what cannot be, and history that nobody imported."""
    left = [row for row in rows(world) if not row.is_booked]
    for row in left:
        is_history = not imported and row.number <= (world.history_ends or 0)
        if row.bookable_from is not None and not is_history:
            world.complain(f"nobody has taken in {row}")
    return left


def booked_for_no_order(world: World) -> list[Row]:
    """Money of checkouts that had waited too long, and became orders all the same."""
    alone = LedgerEntry.objects.filter(order_id__isnull=True).exclude(provider=STRIPE)
    booked_at = dict(alone.values_list("reference", "booked_at"))
    found = [row for row in rows(world) if row.key in booked_at and row.order_id is not None]
    for row in found:
        if booked_at[row.key] < row.paid_at + CHECKOUT_MAY_TAKE:
            world.complain(f"nobody has waited for the order of {row}")
    return found
