"""Booking what the shop has recorded of money that others took: each of its rows once."""

from collections.abc import Iterable, Sequence

from django.db import connections, router, transaction
from django.db.models import Q

from saleor_paylink.earnings.ledger import Account, Movement, book_many
from saleor_paylink.models import LedgerEntry, LedgerKind, TakenRow
from saleor_paylink.shop import ShopRow, Taking

_CLAIM = """
    INSERT INTO saleor_paylink_takenrow (key) SELECT unnest(%s::text[])
    ON CONFLICT DO NOTHING RETURNING key
"""
LONGEST = 255


class Overtaken(Exception):
    """Others booked something by the same references at this moment. Nothing was booked: repeat
    the call."""


@transaction.atomic
def book_rows(rows: Iterable[ShopRow]) -> Sequence[Taking]:
    """Book the rows that are not taken yet, some thousands at a time, and answer what they moved.

    Rows with a problem are left out. Safe to repeat, and to run twice at once. Raises Overtaken.
    """
    bookable = {row.key: row for row in rows if not row.problem}
    if not bookable:
        return []
    new = [bookable[key] for key in _claim(sorted(bookable))]
    moved = [(row.key, row.taking) for row in new if row.taking is not None]
    movements = _movements(moved)
    if book_many(movements) != len(movements):
        raise Overtaken
    return [taking for _key, taking in moved]


def not_booked(rows: Iterable[ShopRow]) -> Sequence[Taking]:
    """What `book_rows` would book of them."""
    moved = [(row, row.taking) for row in rows if row.taking is not None]
    taken = taken_keys(row for row, _taking in moved)
    return [taking for row, taking in moved if row.key not in taken]


def taken_keys(rows: Iterable[ShopRow]) -> set[str]:
    """The keys of those of the rows that are taken in."""
    keys = [row.key for row in rows]
    return set(TakenRow.objects.filter(key__in=keys).values_list("key", flat=True))


def _claim(keys: Sequence[str]) -> list[str]:
    """Those of the keys, in one order for all who claim, that nobody has claimed."""
    with connections[router.db_for_write(TakenRow)].cursor() as cursor:
        cursor.execute(_CLAIM, [list(keys)])
        return sorted(key for (key,) in cursor.fetchall())


def _movements(moved: Sequence[tuple[str, Taking]]) -> list[Movement]:
    """A provider's reference names the movement to people, but need not be its own: apps report
    several under one, or none. Where it is taken, the row's key stands in its place."""
    used = _booked_references([taking for _key, taking in moved])
    movements = []
    for key, taking in moved:
        name = (taking.provider, taking.kind.value, taking.reference)
        fits = taking.reference and len(taking.reference) <= LONGEST and name not in used
        used.add(name)
        movements.append(_movement(taking, taking.reference if fits else key))
    return movements


def _booked_references(takings: Sequence[Taking]) -> set[tuple[str, str, str]]:
    wanted = Q(reference__in={each.reference for each in takings if each.reference})
    providers = {each.provider for each in takings}
    entries = LedgerEntry.objects.filter(wanted, provider__in=providers)
    return set(entries.values_list("provider", "kind", "reference"))


def _movement(taking: Taking, reference: str) -> Movement:
    payment = taking.payment if len(taking.payment) <= LONGEST else ""
    account = Account(taking.provider, taking.channel, taking.order_id)
    kind = LedgerKind(taking.kind.value)
    return Movement(kind, account, taking.amount, reference, taking.at, payment)
