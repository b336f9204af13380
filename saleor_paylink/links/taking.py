"""Taking in what others than paylink have taken: other gateways, payment apps, staff by hand.

The shop tells of it as it happens (`take_in`); what was not heard of is found by its number
(`catch_up`), and what was there before by going through all of it (`history`).
"""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from saleor_paylink.earnings.takings import book_rows, taken_keys
from saleor_paylink.failures import log_failure
from saleor_paylink.links.changes import order_changed
from saleor_paylink.links.channels import NamesChange, are_followed, follow_names, names_held
from saleor_paylink.links.locking import ROUNDS
from saleor_paylink.models import PaymentCollection, TakingWindow
from saleor_paylink.shop import ShopRow, current_shop

logger = logging.getLogger(__name__)

# How long the row of a transaction that is not committed yet can stay unseen, while rows of
# higher numbers are: longer than any transaction lasts, and than a shop waits for a checkout.
UNSEEN_FOR = timedelta(days=3)
BATCH = 1000


class NotTakenIn(Exception):
    """An order could not be followed, being edited all the while. Repeat the call."""


@dataclass
class Taken:
    """What became of some records: how many movements were booked here, and not with an order
    that is collected. `unbookable` are the rows that can never be booked, and `failed` those
    records, or rows, that could not be taken in this time, with what kept them from it."""

    booked: int = 0
    unbookable: list[ShopRow] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def take_in(kind: str, ids: Collection[int]) -> Taken:
    """Book what these records of the shop's hold, so far as it is not booked. Safe to repeat.

    Money of an order that is collected is booked under that order's lock, with all that follows
    from it. Must not run inside a transaction. Raises whatever keeps a single record from it; of
    several, one keeps no other from it.
    """
    return _take_in(kind, ids) if len(ids) == 1 else _take_in_all(kind, ids)


def _take_in_all(kind: str, ids: Collection[int]) -> Taken:
    """So far as possible, whatever keeps some of them from it."""
    try:
        taken, collected = _book(kind, ids)
    except Exception:
        return _one_by_one(kind, ids)
    for order_id, rows in collected.items():
        try:
            _follow(order_id, rows)
        except Exception as error:
            log_failure(logger, "Money of the order %s could not be taken in:", order_id)
            known = taken_keys(rows)
            left = (row.key for row in rows if row.key not in known)
            taken.failed |= dict.fromkeys(left, type(error).__name__)
    return taken


def _one_by_one(kind: str, ids: Collection[int]) -> Taken:
    together = Taken()
    for each in ids:
        try:
            taken = _take_in(kind, [each])
        except Exception as error:
            log_failure(logger, "%s %s of the shop's could not be taken in:", kind, each)
            taken = Taken(failed={f"{kind} {each}": type(error).__name__})
        together.booked += taken.booked
        together.unbookable += taken.unbookable
        together.failed |= taken.failed
    return together


def _take_in(kind: str, ids: Collection[int]) -> Taken:
    taken, collected = _book(kind, ids)
    for order_id, rows in collected.items():
        _follow(order_id, rows)
    return taken


def _book(kind: str, ids: Collection[int]) -> tuple[Taken, Mapping[UUID, Sequence[ShopRow]]]:
    """Book what needs no order's lock; and the rows of orders that are collected."""
    for _round in range(ROUNDS):
        # The channels' names are read while they cannot change.
        with names_held() as names:
            rows = current_shop().books().rows(kind, ids)
            # After the rows: these have the shop's names.
            if are_followed(names):
                collected = _collected(rows)
                booked = book_rows(row for row in rows if _order_of(row) not in collected)
                unbookable = [row for row in rows if row.problem]
                return Taken(len(booked), unbookable), collected
        follow_names()
    raise NamesChange


def _follow(order_id: UUID, rows: Sequence[ShopRow]) -> None:
    """Book the rows of a collected order with what follows from them. Raises NotTakenIn."""
    order_changed(order_id)
    if len(taken_keys(rows)) < len(rows):
        raise NotTakenIn


def _order_of(row: ShopRow) -> UUID | None:
    return row.taking.order_id if row.taking else None


def _collected(rows: Sequence[ShopRow]) -> Mapping[UUID, Sequence[ShopRow]]:
    """Those of their orders that paylink collects, with their rows."""
    orders = {order_id for order_id in map(_order_of, rows) if order_id is not None}
    known = PaymentCollection.objects.filter(order_id__in=orders)
    found: dict[UUID, list[ShopRow]] = {
        order_id: [] for order_id in known.values_list("order_id", flat=True)
    }
    for row in rows:
        order_id = _order_of(row)
        if order_id in found:
            found[order_id].append(row)
    return found


def catch_up() -> None:
    """Take in what the shop has recorded lately and was not heard of."""
    books = current_shop().books()
    for kind in books.kinds:
        window = _window(kind)
        # Before the look: all that was seen then is there by now.
        is_over = window.seen_at <= timezone.now() - UNSEEN_FOR
        if ids := books.not_taken_since(kind, window.after, BATCH):
            _take_in_all(kind, ids)
        # Whoever died before, or has not taken in all of it, is to find it again.
        if is_over and not books.not_taken_since(kind, window.after, 1):
            _move_on(window)


def _window(kind: str) -> TakingWindow:
    """It begins with what comes after the first look: what was there before is history."""
    last = current_shop().books().last_line(kind)
    window, _is_new = TakingWindow.objects.get_or_create(
        kind=kind, defaults={"after": last, "seen": last}
    )
    return window


def _move_on(window: TakingWindow) -> None:
    last, now = current_shop().books().last_line(window.kind), timezone.now()
    moving = TakingWindow.objects.filter(kind=window.kind, seen_at=window.seen_at)
    moving.update(after=F("seen"), seen=last, seen_at=now)


def history() -> Iterator[tuple[int, Taken]]:
    """Take in all that is not yet, some hundred records at a time: how many they were, and what
    became of them. Begun anew it goes on where it was interrupted."""
    # What nobody has followed yet would have the first of them read twice.
    follow_names()
    books = current_shop().books()
    for kind in books.kinds:
        after = 0
        while ids := books.not_taken(kind, after, BATCH):
            yield len(ids), _take_in_all(kind, ids)
            after = ids[-1]


def count_history() -> int:
    """How many records `history` will go through."""
    books = current_shop().books()
    return sum(map(books.count_not_taken, books.kinds))
