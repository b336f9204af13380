"""Whether the ledger holds, order by order, what the shop says it holds: automated money, manual
money, and what is left of either.

Nothing here asks a provider: that is what saleor_paylink.links.reconciliation is for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef

from saleor_paylink.earnings.takings import taken_keys
from saleor_paylink.links.discrepancies import differs, explained
from saleor_paylink.links.matching import Matching, is_new, is_overdue, match, posting_of
from saleor_paylink.models import LedgerEntry
from saleor_paylink.shop import OrderView, ShopRow, current_shop

BATCH = 500


@dataclass(frozen=True)
class Verdict:
    """What was found of one order, in words for the operator: what `differs`, and what does not
    agree and is right so, being `explained`. `moving`: money of it moves at this moment."""

    order: OrderView
    differs: Sequence[str] = ()
    explained: Sequence[str] = ()
    moving: bool = False

    @property
    def reason(self) -> str | None:
        """Why it does not agree; None where it does."""
        return " ".join(self.differs) or None


def verdicts() -> Iterator[Verdict]:
    """Of every order of the shop. Changes nothing; safe while money moves."""
    last: UUID | None = None
    orders = current_shop().known_orders().order_by("id")
    while ids := list((orders.filter(id__gt=last) if last else orders)[:BATCH]):
        last = ids[-1]
        seen = _look(ids)
        # Order and ledger are not read at one instant: what moved in between agrees by now.
        suspects = [each.order.id for each in seen if each.differs]
        again = {each.order.id: each for each in _look(suspects)} if suspects else {}
        for verdict in seen:
            yield _confirmed(verdict, again.get(verdict.order.id))


def _confirmed(verdict: Verdict, again: Verdict | None) -> Verdict:
    """What two looks at an order say."""
    if not verdict.differs:
        return verdict
    if again is None or (again.differs and again.differs != verdict.differs):
        return Verdict(verdict.order, moving=True)
    return again


def of_gone_orders() -> int:
    """How many orders the ledger knows that the shop does not: their money is nobody's there."""
    known = current_shop().known_orders().filter(id=OuterRef("order_id"))
    gone = LedgerEntry.objects.filter(~Exists(known), order_id__isnull=False)
    return gone.values("order_id").distinct().count()


def rows_of_no_order() -> Iterator[ShopRow]:
    """Rows of the shop's books that are no order's and not taken in: those with a problem never
    will be, and the others should have been by now."""
    books = current_shop().books()
    for kind in books.kinds:
        after = 0
        while ids := books.not_taken(kind, after, BATCH):
            after = ids[-1]
            rows = books.rows(kind, ids)
            known = taken_keys(rows)
            yield from (row for row in rows if row.key not in known and _is_of_no_order(row))


def _is_of_no_order(row: ShopRow) -> bool:
    if row.taking is None:
        return bool(row.problem)
    return row.taking.order_id is None and not is_new(row.taking)


def _look(ids: Sequence[UUID]) -> list[Verdict]:
    # What is read later is not behind: a row that is taken has its entry, and an order its rows.
    orders = current_shop().orders(ids)
    kept = [order.id for order in orders if order.has_books]
    rows = current_shop().books().rows_of_orders(kept)
    taken = taken_keys(row for of_one in rows.values() for row in of_one)
    entries = _entries(ids)
    found = [match(order, entries[order.id], rows.get(order.id, ()), taken) for order in orders]
    for order_id, of_one in _booked_without_order(found).items():
        entries[order_id] += of_one
    return [
        _judge(match(order, entries[order.id], rows.get(order.id, ()), taken)) for order in orders
    ]


def _entries(ids: Sequence[UUID]) -> dict[UUID | None, list[LedgerEntry]]:
    found: dict[UUID | None, list[LedgerEntry]] = {order_id: [] for order_id in ids}
    for entry in LedgerEntry.objects.filter(order_id__in=ids).select_related("posting"):
        found[entry.order_id].append(entry)
    return found


def _booked_without_order(found: Sequence[Matching]) -> Mapping[UUID, Sequence[LedgerEntry]]:
    """What was booked while the order was a checkout still, of what is lost: by orders."""
    whose = {
        name: matching.order.id
        for matching in found
        for movement in matching.lost
        for name in (movement.row.key, movement.taking.reference)
        if name
    }
    booked: dict[UUID, list[LedgerEntry]] = {}
    if whose:
        for entry in LedgerEntry.objects.filter(order_id__isnull=True, reference__in=whose):
            booked.setdefault(whose[entry.reference], []).append(entry)
    return booked


def _judge(matching: Matching) -> Verdict:
    waiting = [each for each in map(posting_of, matching.told) if each and not each.posted_at]
    failed = [each.error for each in waiting if each.error]
    if failed:
        reason = f"The shop could not be told of all its money ({failed[0]})."
        return Verdict(matching.order, [reason])
    if any(is_overdue(each.entry) for each in waiting):
        reason = "The shop is still to be told of some of its money, which the sweeper does."
        return Verdict(matching.order, [reason])
    if waiting:
        return Verdict(matching.order, moving=True)
    moving = bool(matching.new)
    return Verdict(matching.order, [*differs(matching)], [*explained(matching)], moving)
