"""Daily sums of the ledger, so that a report of many years is read at once.

Whoever books waits for nobody: the database notes each new entry as pending, and `fold` adds
those to the sums of their days later. Sums and what is pending, read in one statement, are the
ledger at that instant.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from saleor_paylink.days import Unit
from saleor_paylink.models import DaySum, LedgerKind, SumsZone

# What each figure is the sum of. A reversal counts against what it reverses, and what staff gave
# back against what they took.
AMOUNTS: Mapping[str, Mapping[LedgerKind, int]] = {
    "gross": {LedgerKind.CHARGE: 1, LedgerKind.ADJUSTMENT: 1},
    "refunded": {LedgerKind.REFUND: 1, LedgerKind.REFUND_REVERSAL: -1},
    "disputed": {LedgerKind.DISPUTE: 1, LedgerKind.DISPUTE_REVERSAL: -1},
    "fees": {LedgerKind.FEE: 1, LedgerKind.FEE_CORRECTION: 1},
    "manual": {LedgerKind.MANUAL: 1, LedgerKind.MANUAL_RETURNED: -1},
}
# In the order of the fields of Sums.
FIGURES = (*AMOUNTS, "payments", "fees_known", "manual_payments", "movements")

_ONLY_ROW = 1
_KEY = "day, channel, currency, provider"
_VALUES = ", ".join(FIGURES)
_SUMS = ", ".join(f"sum({name}) AS {name}" for name in FIGURES)
_LEDGER = "saleor_paylink_ledgerentry"
# The key again, without the columns' greatest lengths: of a CTE a planner takes these for what is
# in them, thinks that a few thousand groups fill its memory, and sorts them out on the disk.
_SHORT_KEY = "day, channel::text, currency::text, provider::text"
# Of an entry, what matters for the sums.
_PARTS = """
    provider::text, reference::text, kind::text, channel::text, currency::text, amount, occurred_at
"""


def _amount(parts: Mapping[LedgerKind, int]) -> str:
    signed = (f"WHEN '{kind}' THEN {'-' if sign < 0 else ''}amount" for kind, sign in parts.items())
    return f"CASE kind {' '.join(signed)} ELSE 0 END"


_AMOUNTS = ", ".join(f"{_amount(parts)} AS {name}" for name, parts in AMOUNTS.items())
_NO_AMOUNTS = ", ".join("0" for _figure in AMOUNTS)


def _each(entries: str) -> str:
    """SQL of what each of the `entries` adds to the sums. That the fee of a charge is known counts
    on the charge's day, and once one of the two is among them: the other may be in the sums."""
    return f"""
        SELECT (occurred_at AT TIME ZONE %(zone)s)::date AS day, channel, currency, provider,
            {_AMOUNTS}, (kind = 'charge')::int AS payments, 0 AS fees_known,
            (kind = 'manual')::int AS manual_payments, 1 AS movements
        FROM {entries}
        UNION ALL
        SELECT (occurred_at AT TIME ZONE %(zone)s)::date, channel, currency, provider,
            {_NO_AMOUNTS}, 0, 1, 0, 0
        FROM ({_with_fee(entries)}) AS charge
    """


def _with_fee(entries: str) -> str:
    """SQL of the charges whose fee is known, where one of the two is among the `entries`."""
    if entries == _LEDGER:
        return f"""
            SELECT charge.* FROM {_LEDGER} charge JOIN {_LEDGER} fee USING (provider, reference)
            WHERE charge.kind = 'charge' AND fee.kind = 'fee'
        """
    # Most come together, and are known without a look at the ledger. IN and NOT IN, for sets that
    # are made once: of a CTE a planner does not know how many there are, and would look through
    # all charges for each fee.
    return f"""
        SELECT {_PARTS} FROM {entries} charge WHERE kind = 'charge' AND (
            (provider, reference) IN (SELECT provider, reference FROM {entries} WHERE kind = 'fee')
            OR EXISTS (
                SELECT FROM {_LEDGER} fee WHERE fee.provider = charge.provider
                    AND fee.kind = 'fee' AND fee.reference = charge.reference
            )
        )
        UNION ALL
        SELECT {_PARTS} FROM {_LEDGER} WHERE kind = 'charge' AND (provider, reference) IN (
            SELECT provider, reference FROM {entries} WHERE kind = 'fee'
                AND (provider, reference) NOT IN (
                    SELECT provider, reference FROM {entries} WHERE kind = 'charge'
                )
        )
    """


_ADDED = ", ".join(f"{name} = known.{name} + excluded.{name}" for name in FIGURES)


def _add(entries: str) -> str:
    """SQL that adds the `entries` to the sums."""
    return f"""
        INSERT INTO saleor_paylink_daysum AS known ({_KEY}, {_VALUES})
        SELECT {_KEY}, {_SUMS} FROM ({_each(entries)}) AS moved GROUP BY {_KEY}
        ON CONFLICT ({_KEY}) DO UPDATE SET {_ADDED}
    """


def _entries(pending: str) -> str:
    """SQL of the entries that are pending. They are the newest: told between which two they lie, a
    planner looks there, and not through all of a long ledger."""
    return f"""
        SELECT {_PARTS} FROM {pending} JOIN {_LEDGER} entry ON entry.id = entry_id
        WHERE entry.id BETWEEN (SELECT min(entry_id) FROM {pending})
            AND (SELECT max(entry_id) FROM {pending})
    """


# These are one statement each, and so of one instant: what is taken off is what is added.
_FOLD = f"""
    WITH taken AS (DELETE FROM saleor_paylink_pendingentry RETURNING entry_id),
    entries AS ({_entries("taken")})
    {_add("entries")}
"""
_REBUILD = f"""
    WITH taken AS (DELETE FROM saleor_paylink_pendingentry)
    {_add(_LEDGER)}
"""
_KEPT = f"""
    pending AS ({_entries("saleor_paylink_pendingentry")}),
    kept AS (
        SELECT {_SHORT_KEY}, {_VALUES} FROM saleor_paylink_daysum UNION ALL {_each("pending")}
    )
"""


def _in_range(moved: str) -> str:
    """SQL of the sums of a report."""
    return f"""
        SELECT currency, CASE WHEN %(by_provider)s THEN provider ELSE '' END AS at_provider,
            CASE WHEN %(unit)s = 'day' THEN day
                ELSE date_trunc(%(unit)s, day::timestamp)::date END AS start,
            {_SUMS}
        FROM {moved}
        WHERE (%(first)s::date IS NULL OR day >= %(first)s::date)
            AND (%(last)s::date IS NULL OR day <= %(last)s::date)
            AND (%(channels)s::text[] IS NULL OR channel = ANY(%(channels)s::text[]))
        GROUP BY currency, at_provider, start
    """


# The sums may become void before any statement: this one says itself whether they were good, also
# where it finds nothing.
_BY_SUMS = f"""
    SELECT zone.name IS NOT DISTINCT FROM %(zone)s, found.*
    FROM (SELECT (SELECT name FROM saleor_paylink_sumszone) AS name) zone
    LEFT JOIN (WITH {_KEPT} {_in_range("kept")}) found ON true
"""
_BY_LEDGER = _in_range(f"({_each(_LEDGER)}) AS moved")


def _of_side(side: int) -> str:
    """SQL of the figures of one of the two that are compared."""
    return ", ".join(f"coalesce(sum({each}) FILTER (WHERE side = {side}), 0)" for each in FIGURES)


_DIFFERENCES = f"""
    WITH {_KEPT}
    SELECT {_KEY}, {_of_side(1)}, {_of_side(-1)}
    FROM (
        SELECT 1 AS side, kept.* FROM kept
        UNION ALL SELECT -1, booked.* FROM ({_each(_LEDGER)}) AS booked
    ) AS both_sides
    WHERE (SELECT name FROM saleor_paylink_sumszone) = %(zone)s
    GROUP BY {_KEY}
    HAVING {" OR ".join(f"sum(side * {name}) <> 0" for name in FIGURES)}
    ORDER BY {_KEY}
"""


@dataclass(frozen=True)
class Sums:
    """The figures of a currency within a day, week or month, of which `start` is the first day; at
    one provider, where that was asked for, else of all.

    `payments` are how many charges there are, and `fees_known` of how many of them the fee is
    booked; `movements` are entries of the ledger, whatever their kind.
    """

    currency: str
    provider: str
    start: date
    gross: Decimal
    refunded: Decimal
    disputed: Decimal
    fees: Decimal
    manual: Decimal
    payments: int
    fees_known: int
    manual_payments: int
    movements: int


@dataclass(frozen=True)
class Difference:
    """A figure of a day that is not what the ledger says."""

    day: date
    channel: str
    currency: str
    provider: str
    figure: str
    summed: Decimal
    booked: Decimal


def sums(
    *,
    channels: Collection[str] | None,
    first: date | None,
    last: date | None,
    unit: Unit,
    by_provider: bool = False,
) -> Sequence[Sums]:
    """What has moved from `first` to `last` inclusive, all at one instant: by the sums, or by the
    ledger itself where those are void or of another time zone."""
    asked = {
        "zone": timezone.get_current_timezone_name(),
        "channels": None if channels is None else list(channels),
        "first": first,
        "last": last,
        "unit": unit.value,
        "by_provider": by_provider,
    }
    rows = _read(_BY_SUMS, asked)
    sums_are_good = rows[0][0]
    if not sums_are_good:
        return [Sums(*row) for row in _read(_BY_LEDGER, asked)]
    # One row of nothing stands for no rows.
    return [Sums(*row) for _good, *row in rows if row[0] is not None]


def fold() -> None:
    """Add what is pending to the sums; nothing if somebody is at it. Safe to repeat, and to die
    of at any moment. Sums that are void, or of another time zone, are made anew."""
    with transaction.atomic():
        zone = _lock(skip_locked=True)
        if zone is None:
            return
        if zone.name == timezone.get_default_timezone_name():
            _run(_FOLD)
        else:
            _rebuild(zone)


def rebuild() -> None:
    """Make all sums anew from the ledger."""
    with transaction.atomic():
        zone = _lock()
        assert zone is not None  # noqa: S101
        _rebuild(zone)


def differences() -> Sequence[Difference]:
    """Where sums, with what is pending, and ledger do not agree at this instant. Empty where all is
    well, or the sums are void and not read by anybody."""
    asked = {"zone": timezone.get_default_timezone_name()}
    return [each for row in _read(_DIFFERENCES, asked) for each in _differing(row)]


def _differing(row: tuple[Any, ...]) -> Iterator[Difference]:
    day, channel, currency, provider, *values = row
    summed, booked = values[: len(FIGURES)], values[len(FIGURES) :]
    for figure, here, there in zip(FIGURES, summed, booked, strict=True):
        if here != there:
            yield Difference(
                day, channel, currency, provider, figure, Decimal(here), Decimal(there)
            )


def _lock(*, skip_locked: bool = False) -> SumsZone | None:
    """The row of the zone, locked; None if somebody has it and is not to be waited for."""
    SumsZone.objects.get_or_create(pk=_ONLY_ROW)
    return SumsZone.objects.select_for_update(skip_locked=skip_locked).first()


def _rebuild(zone: SumsZone) -> None:
    DaySum.objects.all().delete()
    _run(_REBUILD)
    zone.name = timezone.get_default_timezone_name()
    zone.save(update_fields=["name"])


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"zone": timezone.get_default_timezone_name()})


def _read(statement: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return list(cursor.fetchall())
