"""Daily sums of the ledger, so that a report of many years is read at once.

Whoever books waits for nobody: the database notes each new entry as pending, and `fold` adds
those to the sums of their days later. Sums and what is pending, read in one statement, are the
ledger at that instant.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from saleor_paylink.days import Unit
from saleor_paylink.models import DaySum, SumsZone

_ONLY_ROW = 1
_KEY = "day, channel, currency, kind, provider"
_VALUES = "total, count, fees_known"
_LEDGER = "saleor_paylink_ledgerentry"
# The key again, without the columns' greatest lengths: of a CTE a planner takes these for what is
# in them, thinks that a few thousand groups fill its memory, and sorts them out on the disk.
_SHORT_KEY = "day, channel::text, currency::text, kind::text, provider::text"
# Of an entry, what matters for the sums.
_PARTS = """
    provider::text, reference::text, kind::text, channel::text, currency::text, amount, occurred_at
"""


def _each(entries: str) -> str:
    """SQL of what each of the `entries` adds to the sums. That the fee of a charge is known counts
    on the charge's day, and once one of the two is among them: the other may be in the sums."""
    return f"""
        SELECT (occurred_at AT TIME ZONE %(zone)s)::date AS day, channel, currency, kind, provider,
            amount AS total, 1 AS count, 0 AS fees_known
        FROM {entries}
        UNION ALL
        SELECT (occurred_at AT TIME ZONE %(zone)s)::date, channel, currency, kind, provider, 0, 0, 1
        FROM ({_with_fee(entries)}) AS charge
    """


def _with_fee(entries: str) -> str:
    """SQL of the charges whose fee is known, where one of the two is among the `entries`."""
    if entries == _LEDGER:
        return f"""
            SELECT charge.* FROM {_LEDGER} charge JOIN {_LEDGER} fee USING (provider, reference)
            WHERE charge.kind = 'charge' AND fee.kind = 'fee'
        """
    # Most come together. NOT IN, for a set that is made once: of a CTE a planner does not know how
    # many there are, and would look through all charges for each fee.
    return f"""
        SELECT {_PARTS} FROM {entries} charge WHERE kind = 'charge' AND EXISTS (
            SELECT FROM {_LEDGER} fee WHERE fee.provider = charge.provider AND fee.kind = 'fee'
                AND fee.reference = charge.reference
        )
        UNION ALL
        SELECT {_PARTS} FROM {_LEDGER} WHERE kind = 'charge' AND (provider, reference) IN (
            SELECT provider, reference FROM {entries} WHERE kind = 'fee'
                AND (provider, reference) NOT IN (
                    SELECT provider, reference FROM {entries} WHERE kind = 'charge'
                )
        )
    """


def _add(entries: str) -> str:
    """SQL that adds the `entries` to the sums."""
    return f"""
        INSERT INTO saleor_paylink_daysum AS known ({_KEY}, {_VALUES})
        SELECT {_KEY}, sum(total), sum(count), sum(fees_known)
        FROM ({_each(entries)}) AS moved GROUP BY {_KEY}
        ON CONFLICT ({_KEY}) DO UPDATE SET
            total = known.total + excluded.total,
            count = known.count + excluded.count,
            fees_known = known.fees_known + excluded.fees_known
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
    """SQL of the movements of a report."""
    return f"""
        SELECT currency, kind,
            CASE WHEN %(unit)s = 'day' THEN day
                ELSE date_trunc(%(unit)s, day::timestamp)::date END AS start,
            sum(total) AS total, sum(count) AS count, sum(fees_known) AS known
        FROM {moved}
        WHERE (%(first)s::date IS NULL OR day >= %(first)s::date)
            AND (%(last)s::date IS NULL OR day <= %(last)s::date)
            AND (%(channels)s::text[] IS NULL OR channel = ANY(%(channels)s::text[]))
        GROUP BY currency, kind, start
    """


# The sums may become void before any statement: this one says itself whether they were good, also
# where it finds nothing.
_BY_SUMS = f"""
    SELECT zone.name IS NOT DISTINCT FROM %(zone)s, found.*
    FROM (SELECT (SELECT name FROM saleor_paylink_sumszone) AS name) zone
    LEFT JOIN (WITH {_KEPT} {_in_range("kept")}) found ON true
"""
_BY_LEDGER = _in_range(f"({_each(_LEDGER)}) AS moved")
_DIFFERENCES = f"""
    WITH {_KEPT}
    SELECT {_KEY}, coalesce(sum(total) FILTER (WHERE here), 0),
        coalesce(sum(total) FILTER (WHERE NOT here), 0)
    FROM (
        SELECT true AS here, kept.* FROM kept
        UNION ALL SELECT false, booked.* FROM ({_each(_LEDGER)}) AS booked
    ) AS both_sides
    WHERE (SELECT name FROM saleor_paylink_sumszone) = %(zone)s
    GROUP BY {_KEY}
    HAVING sum(CASE WHEN here THEN total ELSE -total END) <> 0
        OR sum(CASE WHEN here THEN count ELSE -count END) <> 0
        OR sum(CASE WHEN here THEN fees_known ELSE -fees_known END) <> 0
    ORDER BY {_KEY}
"""


@dataclass(frozen=True)
class Movements:
    """All movements of a kind in a currency within a day, week or month, of which `start` is the
    first day. Of charges, `fees_known` is how many have their fee booked."""

    currency: str
    kind: str
    start: date
    total: Decimal
    count: int
    fees_known: int


@dataclass(frozen=True)
class Difference:
    """A day of one kind whose sum is not that of the ledger, or counts others than it."""

    day: date
    channel: str
    currency: str
    kind: str
    provider: str
    summed: Decimal
    booked: Decimal


def movements(
    *,
    channels: Collection[str] | None,
    first: date | None,
    last: date | None,
    unit: Unit,
) -> Sequence[Movements]:
    """What has moved from `first` to `last` inclusive, all at one instant: by the sums, or by the
    ledger itself where those are void or of another time zone."""
    asked = {
        "zone": timezone.get_current_timezone_name(),
        "channels": None if channels is None else list(channels),
        "first": first,
        "last": last,
        "unit": unit.value,
    }
    rows = _read(_BY_SUMS, asked)
    sums_are_good = rows[0][0]
    if not sums_are_good:
        return [Movements(*row) for row in _read(_BY_LEDGER, asked)]
    # One row of nothing stands for no rows.
    return [Movements(*row) for _good, *row in rows if row[0] is not None]


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
    return [Difference(*row) for row in _read(_DIFFERENCES, asked)]


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
