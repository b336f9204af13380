"""What ledger and shop know of the money of one order, movement by movement and in sum."""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from django.utils import timezone

from saleor_paylink.links.changes import BY_HAND
from saleor_paylink.links.dues import DIRECTION
from saleor_paylink.models import LedgerEntry, LedgerKind, ShopPosting
from saleor_paylink.money import Money, zero
from saleor_paylink.shop import OrderView, ShopRow, Taking

# What the shop has just recorded is heard of, or found by the sweeper, before that; and the shop is
# told of what was just booked.
HEARD_OF_WITHIN = timedelta(minutes=5)
PAYMENTS = (LedgerKind.CHARGE, LedgerKind.MANUAL)
One = TypeVar("One")
Other = TypeVar("Other")


@dataclass(frozen=True)
class Movement:
    """A row of the shop's books that moved money."""

    row: ShopRow
    taking: Taking


@dataclass(frozen=True)
class Matching:
    """The two sides of an order's money, and what stands on one of them only.

    `told` are entries that the shop was told of, `untold` those of a link's own that it is not to
    be told of. Movements of the shop's are `new` while nobody need have heard of them, else
    `not_taken` or `taken`; `pairs` are those that were taken, with their entries. `lost` are taken
    and have no entry, and of the entries `of_no_row` the shop has nothing.
    """

    order: OrderView
    movements: Sequence[Movement]
    told: Sequence[LedgerEntry]
    untold: Sequence[LedgerEntry]
    new: Sequence[Movement]
    not_taken: Sequence[Movement]
    pairs: Sequence[tuple[Movement, LedgerEntry]]
    lost: Sequence[Movement]
    of_no_row: Sequence[LedgerEntry]

    @property
    def unrecorded(self) -> Sequence[LedgerEntry]:
        """Payments that the shop was told of, and of which it has no record."""
        payments = (each for each in self.told if each.kind in PAYMENTS)
        return [each for each in payments if each.reference not in self.order.recorded]


def match(
    order: OrderView,
    entries: Iterable[LedgerEntry],
    rows: Iterable[ShopRow],
    taken_keys: Collection[str],
) -> Matching:
    """`entries` are all of the order's in the ledger, `rows` all in the shop's books, of which
    those with `taken_keys` are taken in."""
    counted = [each for each in entries if each.kind in DIRECTION or each.kind in BY_HAND]
    own = [each for each in counted if each.attempt_id is not None or posting_of(each) is not None]
    read = [each for each in counted if each.attempt_id is None and posting_of(each) is None]
    movements = [Movement(row, row.taking) for row in rows if row.taking is not None]
    taken = [each for each in movements if each.row.key in taken_keys]
    open_ones = [each for each in movements if each.row.key not in taken_keys]
    pairs, lost, of_no_row = _paired(taken, read)
    return Matching(
        order=order,
        movements=movements,
        told=[each for each in own if posting_of(each) is not None],
        untold=[each for each in own if posting_of(each) is None],
        new=[each for each in open_ones if is_new(each.taking)],
        not_taken=[each for each in open_ones if not is_new(each.taking)],
        pairs=pairs,
        lost=lost,
        of_no_row=of_no_row,
    )


def posting_of(entry: LedgerEntry) -> ShopPosting | None:
    """By which the shop is told of it."""
    return getattr(entry, "posting", None)


def is_new(taking: Taking) -> bool:
    """Whether nobody need have heard of it yet."""
    return taking.at > timezone.now() - HEARD_OF_WITHIN


def is_overdue(entry: LedgerEntry) -> bool:
    """Whether the shop should have been told of it by now: the sweeper sees to that each minute."""
    return bool(entry.booked_at <= timezone.now() - HEARD_OF_WITHIN)


def _paired(
    movements: Sequence[Movement], entries: Sequence[LedgerEntry]
) -> tuple[list[tuple[Movement, LedgerEntry]], list[Movement], list[LedgerEntry]]:
    """Which are the same, and what is left of either. First by all that is said of them; the shop
    can say otherwise later whose money it is, but not when it moved nor how much it was."""
    same, lost, left = _pairs(movements, entries, _all_of_taking, _all_of_entry)
    otherwise, lost, left = _pairs(lost, left, _size_of_taking, _size_of_entry)
    return [*same, *otherwise], lost, left


def _pairs(
    ones: Sequence[One],
    others: Sequence[Other],
    name_of_one: Callable[[One], Hashable],
    name_of_other: Callable[[Other], Hashable],
) -> tuple[list[tuple[One, Other]], list[One], list[Other]]:
    waiting: defaultdict[Hashable, list[Other]] = defaultdict(list)
    for other in others:
        waiting[name_of_other(other)].append(other)
    pairs, left = [], []
    for one in ones:
        found = waiting[name_of_one(one)]
        if found:
            pairs.append((one, found.pop(0)))
        else:
            left.append(one)
    return pairs, left, [other for found in waiting.values() for other in found]


def _all_of_taking(movement: Movement) -> Hashable:
    taking = movement.taking
    amount = taking.amount
    return taking.kind.value, taking.provider, taking.at, amount.amount, amount.currency


def _all_of_entry(entry: LedgerEntry) -> Hashable:
    return entry.kind, entry.provider, entry.occurred_at, entry.amount, entry.currency


def _size_of_taking(movement: Movement) -> Hashable:
    amount = movement.taking.amount
    return movement.taking.at, abs(amount.amount), amount.currency


def _size_of_entry(entry: LedgerEntry) -> Hashable:
    return entry.occurred_at, abs(entry.amount), entry.currency


def of_no_record(matching: Matching) -> tuple[Money, Money]:
    """What the shop says that it holds, less what all records of that come to (its own, and what
    it was told of): of money that came in by itself, and of what staff took by hand."""
    order, nothing = matching.order, zero(matching.order.currency)
    by_hand = order.manual or nothing
    by_itself = order.charged - by_hand - (order.by_gift_card or nothing)
    # Whoever is asked to give money back may refuse.
    by_itself += order.returning or nothing
    return by_itself - _recorded(matching, DIRECTION), by_hand - _recorded(matching, BY_HAND)


def _recorded(matching: Matching, signs: Mapping[LedgerKind, int]) -> Money:
    missing = {each.pk for each in matching.unrecorded}
    told = ((each.kind, each.money) for each in matching.told if each.pk not in missing)
    figures = (each for each in matching.movements if each.row.in_figures)
    read = ((each.taking.kind.value, each.taking.amount) for each in figures)
    moved = [(LedgerKind(kind), money) for kind, money in (*told, *read) if kind in signs]
    currency = matching.order.currency
    here = (signs[kind] * money for kind, money in moved if money.currency == currency)
    return sum(here, zero(currency))
