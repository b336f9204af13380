"""Whether the ledger agrees with a provider's own report, line by line.

The report is written into tables that live as long as one transaction and compared there: neither
it nor the ledger is ever in memory, however long they are. Nothing is changed.
"""

import enum
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from saleor_paylink.earnings.ledger import MANUAL_PROVIDER
from saleor_paylink.formats import format_money
from saleor_paylink.links.dues import DIRECTION
from saleor_paylink.links.orphans import shop_mark
from saleor_paylink.models import LedgerEntry, LedgerKind
from saleor_paylink.money import Money
from saleor_paylink.providers.interface import ReportLine
from saleor_paylink.shop import current_shop

BATCH = 2000

_TABLES = """
    DROP TABLE IF EXISTS pg_temp.paylink_line, pg_temp.paylink_moved, pg_temp.paylink_fee;
    CREATE TEMPORARY TABLE paylink_line (
        number bigint, id text, kind text, category text, reference text, also text, payment text,
        amount numeric, currency text, settled numeric, settled_currency text, fee numeric,
        at timestamptz, attempt uuid, shop text
    ) ON COMMIT DROP
"""
_LINES = """
    INSERT INTO pg_temp.paylink_line SELECT * FROM unnest(
        %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
        %s::numeric[], %s::text[], %s::numeric[], %s::text[], %s::numeric[],
        %s::timestamptz[], %s::uuid[], %s::text[]
    )
"""
# Of a line that stands in the report twice, the first.
_FIRST = """
    first AS (
        SELECT DISTINCT ON (id) * FROM pg_temp.paylink_line
        WHERE kind IS NOT NULL ORDER BY id, number
    )
"""
# Each movement that the report tells of, in one line or in more, with the entry that it is booked
# as: rather one of this provider than one that others took. `own` ones must be booked.
_MOVED = f"""
    CREATE TEMPORARY TABLE paylink_moved ON COMMIT DROP AS
    WITH {_FIRST},
    moved AS (
        SELECT kind, reference, first.currency, settled_currency, max(also) AS also,
            max(payment) AS payment, min(number) AS number, min(at) AS at,
            sum(first.amount) AS amount, sum(settled) AS settled,
            bool_or(attempt.id IS NOT NULL OR shop = ANY(%(marks)s)) AS marked
        FROM first LEFT JOIN saleor_paylink_paymentattempt attempt ON attempt.id = first.attempt
        GROUP BY 1, 2, 3, 4
    )
    SELECT moved.kind, moved.reference, moved.currency, settled_currency, number, at, moved.amount,
        settled, entry.id AS entry, entry.amount AS booked, entry.currency AS booked_currency,
        entry.occurred_at, entry.channel,
        COALESCE(entry.payment_reference, payment) AS payment,
        CASE WHEN entry.id IS NOT NULL THEN entry.provider = %(provider)s
            ELSE %(everything)s OR COALESCE(marked, false) OR payment <> '' AND EXISTS (
                SELECT FROM saleor_paylink_ledgerentry known
                WHERE known.provider = %(provider)s AND known.payment_reference = payment
            )
        END AS own
    FROM moved LEFT JOIN LATERAL (
        SELECT * FROM saleor_paylink_ledgerentry booked
        WHERE booked.provider = ANY(%(providers)s) AND booked.kind = moved.kind
            AND booked.reference IN (moved.reference, moved.also)
        ORDER BY booked.provider <> %(provider)s, booked.id LIMIT 1
    ) AS entry ON true
"""
# What left and came back before it was heard of is not booked, and need not be.
_UNDONE = """
    EXISTS (
        SELECT FROM pg_temp.paylink_moved other
        WHERE other.entry IS NULL AND other.reference = moved.reference
            AND other.settled_currency = moved.settled_currency
            AND CASE moved.kind
                WHEN 'refund' THEN other.kind = 'refund_reversal'
                WHEN 'refund_reversal' THEN other.kind = 'refund'
                WHEN 'dispute' THEN other.kind = 'dispute_reversal'
                WHEN 'dispute_reversal' THEN other.kind = 'dispute'
                WHEN 'charge' THEN other.kind = 'adjustment'
                WHEN 'adjustment' THEN other.kind = 'charge'
            END
            AND other.settled = CASE WHEN moved.kind IN ('charge', 'adjustment')
                THEN -moved.settled ELSE moved.settled END
    )
"""
# The reference of the movement that an entry about a fee is the fee of: see ledger.fee_of.
_FEE_OF = """
    CASE entry.kind WHEN 'fee' THEN entry.reference
        ELSE regexp_replace(entry.reference, '/[0-9]+$', '') END
"""
# Between a payment and its line in the balance lie seconds, hardly ever an hour.
_APART = "interval '1 hour'"
_BEGIN = f"%(start)s::timestamptz - {_APART}"
# A fee may have been corrected since: it agrees if it is what is booked by now, or what was booked
# in the time of the report.
_FEES = f"""
    CREATE TEMPORARY TABLE paylink_fee ON COMMIT DROP AS
    WITH {_FIRST},
    own AS (
        SELECT reference, max(payment) AS payment FROM pg_temp.paylink_moved WHERE own GROUP BY 1
    ),
    told AS (
        SELECT reference, own.payment, settled_currency AS currency, sum(fee) AS fee,
            min(number) AS number
        FROM first JOIN own USING (reference) GROUP BY 1, 2, 3
    )
    SELECT told.*, COALESCE(CASE fee WHEN within THEN within ELSE by_now END, 0) AS booked
    FROM told CROSS JOIN LATERAL (
        SELECT sum(entry.amount) AS by_now,
            COALESCE(sum(entry.amount) FILTER (
                WHERE entry.occurred_at BETWEEN {_BEGIN} AND %(end)s
            ), 0) AS within
        FROM saleor_paylink_ledgerentry entry
        WHERE entry.provider = %(provider)s AND entry.payment_reference = told.payment
            AND entry.kind IN ('fee', 'fee_correction') AND entry.currency = told.currency
            AND told.reference = {_FEE_OF}
    ) AS known
"""
# Of channels that the report has nothing of, nothing can be missed: they may have accounts of
# their own. Where it has nothing of any, all is.
_MISSING = """
    SELECT entry.* FROM saleor_paylink_ledgerentry entry
    WHERE provider = %(provider)s AND occurred_at BETWEEN %(start)s AND %(end)s
        AND kind = ANY(%(kinds)s)
        AND NOT EXISTS (SELECT FROM pg_temp.paylink_moved moved WHERE moved.entry = entry.id)
"""
_SEEN = "SELECT DISTINCT channel FROM pg_temp.paylink_moved WHERE own AND entry IS NOT NULL"
_OF_SEEN = f"(channel IN ({_SEEN}) OR NOT EXISTS ({_SEEN}))"

_AMOUNT_DIFFERS = """
    CASE WHEN currency IS NOT NULL THEN (amount, currency) <> (booked, booked_currency)
        ELSE settled_currency = booked_currency AND settled <> booked END
"""
_DAY_DIFFERS = f"""
    (at AT TIME ZONE %(zone)s)::date <> (occurred_at AT TIME ZONE %(zone)s)::date
        AND greatest(at, occurred_at) - least(at, occurred_at) > {_APART}
"""
_DIFFERENCES = f"""
    DECLARE paylink_difference NO SCROLL CURSOR FOR SELECT * FROM (
    SELECT 'twice' AS why, number, kind, reference, amount, currency, settled, settled_currency,
        NULL::numeric AS booked, NULL AS booked_currency, at, NULL::timestamptz AS occurred_at
    FROM (
        SELECT *, row_number() OVER (PARTITION BY id ORDER BY number) AS time
        FROM pg_temp.paylink_line WHERE kind IS NOT NULL
    ) AS line
    WHERE time > 1 AND reference IN (
        SELECT reference FROM pg_temp.paylink_moved WHERE own OR entry IS NOT NULL
    )
    UNION ALL
    SELECT 'not_booked', number, kind, reference, amount, currency, settled, settled_currency,
        NULL, NULL, at, NULL
    FROM pg_temp.paylink_moved moved WHERE own AND entry IS NULL AND NOT {_UNDONE}
    UNION ALL
    SELECT 'amount', number, kind, reference, amount, currency, settled, settled_currency,
        booked, booked_currency, at, occurred_at
    FROM pg_temp.paylink_moved WHERE entry IS NOT NULL AND {_AMOUNT_DIFFERS}
    UNION ALL
    SELECT 'day', number, kind, reference, amount, currency, settled, settled_currency,
        booked, booked_currency, at, occurred_at
    FROM pg_temp.paylink_moved WHERE entry IS NOT NULL AND {_DAY_DIFFERS}
    UNION ALL
    SELECT 'fee', number, 'fee', reference, fee, currency, fee, currency, booked, currency,
        NULL, NULL
    FROM pg_temp.paylink_fee WHERE fee <> booked
    UNION ALL
    SELECT 'not_reported', NULL, kind, reference, NULL, NULL, NULL, NULL, amount, currency, NULL,
        occurred_at
    FROM ({_MISSING}) AS missing WHERE {_OF_SEEN}
    ) AS found ORDER BY number NULLS LAST, kind = 'fee', occurred_at, why, reference
"""
# What the report says of what must be booked, and what is booked of it; a line that stands there
# twice counts twice, and what the report lacks has its fee with it. Where the report says an amount
# in another currency than the customer's only, it is taken as it is booked.
_SUMS = f"""
    SELECT true AS reported, kind, amount, currency FROM (
        SELECT line.kind,
            CASE WHEN line.currency IS NOT NULL THEN line.amount
                WHEN line.settled_currency = COALESCE(booked_currency, line.settled_currency)
                THEN line.settled ELSE booked END AS amount,
            COALESCE(line.currency, booked_currency, line.settled_currency) AS currency
        FROM pg_temp.paylink_line line JOIN pg_temp.paylink_moved moved
            ON (moved.kind, moved.reference, moved.settled_currency)
                = (line.kind, line.reference, line.settled_currency)
            AND moved.currency IS NOT DISTINCT FROM line.currency
        WHERE own OR entry IS NOT NULL
    ) AS told
    UNION ALL
    SELECT true, 'fee', line.fee, line.settled_currency FROM pg_temp.paylink_line line
    WHERE line.kind IS NOT NULL AND line.reference IN (SELECT reference FROM pg_temp.paylink_fee)
    UNION ALL
    SELECT false, kind, booked, booked_currency FROM pg_temp.paylink_moved WHERE entry IS NOT NULL
    UNION ALL
    SELECT false, 'fee', booked, currency FROM pg_temp.paylink_fee
    UNION ALL
    SELECT false, kind, amount, currency FROM ({_MISSING}) AS missing WHERE {_OF_SEEN}
    UNION ALL
    SELECT false, 'fee', entry.amount, entry.currency FROM saleor_paylink_ledgerentry entry
    WHERE entry.provider = %(provider)s AND entry.kind IN ('fee', 'fee_correction')
        AND entry.occurred_at BETWEEN {_BEGIN} AND %(end)s
        AND (entry.payment_reference, {_FEE_OF}) IN (
            SELECT payment_reference, reference FROM ({_MISSING}) AS missing WHERE {_OF_SEEN}
        )
        AND {_FEE_OF} NOT IN (SELECT reference FROM pg_temp.paylink_fee)
"""


class Why(enum.StrEnum):
    """In which way report and ledger differ."""

    TWICE = "twice"
    NOT_BOOKED = "not_booked"
    AMOUNT = "amount"
    FEE = "fee"
    NOT_REPORTED = "not_reported"
    DAY = "day"
    """No money differs: the two count it on different days of the site's time zone."""


@dataclass(frozen=True)
class Difference:
    """One that was found. `line` is None for what the report does not have."""

    why: Why
    line: int | None
    kind: LedgerKind
    reference: str
    reported: Money | None
    booked: Money | None
    reported_at: datetime | None
    booked_at: datetime | None

    def __str__(self) -> str:
        """In words for the operator."""
        where = "" if self.line is None else f"line {self.line}: "
        return f"{where}{self.kind.label} {self.reference} {self._what()}."

    def _what(self) -> str:
        reported, booked = _said(self.reported), _said(self.booked)
        match self.why:
            case Why.TWICE:
                return f"of {reported} stands in the report once more"
            case Why.NOT_BOOKED:
                return f"of {reported} is not in the ledger"
            case Why.NOT_REPORTED:
                return f"of {booked}, {_day(self.booked_at)}, is not in the report"
            case Why.DAY:
                return f"counts on {_day(self.booked_at)}, in the report {_day(self.reported_at)}"
            case _:
                return f"is {reported} in the report, and booked as {booked}"


def _said(money: Money | None) -> str:
    return "" if money is None else format_money(money)


def _day(moment: datetime | None) -> str:
    return "" if moment is None else timezone.localtime(moment).date().isoformat()


@dataclass(frozen=True)
class Figures:
    """What payments came to, in one currency."""

    gross: Money
    refunds: Money
    disputes: Money
    fees: Money

    @property
    def net(self) -> Money:
        return self.gross - self.refunds - self.disputes - self.fees


@dataclass(frozen=True)
class Sums:
    """Of one currency: of what must be booked, what the report says, and what the ledger does."""

    currency: str
    reported: Figures
    booked: Figures


@dataclass(frozen=True)
class Besides:
    """What of a report was not compared. `others`: lines of payments that the ledger does not
    know; `no_payments`: lines by category that are of no payment; `channels`: how much the ledger
    has, in the time of the report, of channels that the report has nothing of."""

    others: int
    no_payments: Mapping[str, int]
    channels: Mapping[str, int]


@contextmanager
def compared(
    provider: str, lines: Iterable[ReportLine], *, everything: bool = False
) -> Iterator["Comparison"]:
    """Compare a report with the ledger. `everything`: that of other businesses' payments, which
    is only counted otherwise, must be booked as well.

    Raises what `lines` do, and then has found nothing.
    """
    with transaction.atomic():
        _run(_TABLES)
        count = _fill(lines)
        _run("ANALYZE pg_temp.paylink_line")
        (first, last), *_ = _rows("SELECT min(at), max(at) FROM pg_temp.paylink_line")
        asked = {
            "provider": provider,
            "providers": _providers(),
            "everything": everything,
            "marks": sorted(map(shop_mark, current_shop().channels().values())),
            "start": first,
            "end": last,
            "zone": timezone.get_current_timezone_name(),
            "kinds": [kind.value for kind in DIRECTION],
        }
        _run(_MOVED, asked)
        _run("CREATE INDEX ON pg_temp.paylink_moved (reference)")
        _run("CREATE INDEX ON pg_temp.paylink_moved (entry)")
        _run("ANALYZE pg_temp.paylink_moved")
        _run(_FEES, asked)
        yield Comparison(count, first, last, asked)


class Comparison:
    """A report and the ledger, as they are compared at this moment."""

    def __init__(
        self, lines: int, first: datetime | None, last: datetime | None, asked: dict[str, Any]
    ) -> None:
        self.lines = lines
        self.first = first
        self.last = last
        self._asked = asked

    def differences(self) -> Iterator[Difference]:
        """Every one, in the order of the report; what is not in it comes last."""
        _run(_DIFFERENCES, self._asked)
        while rows := _rows(f"FETCH {BATCH} FROM paylink_difference"):
            yield from (_difference(*row) for row in rows)
        _run("CLOSE paylink_difference")

    def sums(self) -> list[Sums]:
        """By currency."""
        found: dict[str, dict[bool, dict[str, Decimal]]] = {}
        summed = (
            f"SELECT reported, kind, currency, sum(amount) FROM ({_SUMS}) AS s GROUP BY 1, 2, 3"
        )
        for reported, kind, currency, amount in _rows(summed, self._asked):
            found.setdefault(currency, {True: {}, False: {}})[reported][kind] = amount
        return [
            Sums(currency, _figures(sides[True], currency), _figures(sides[False], currency))
            for currency, sides in sorted(found.items())
        ]

    def besides(self) -> Besides:
        """What was not compared."""
        ((others,),) = _rows(
            "SELECT count(*) FROM pg_temp.paylink_moved WHERE entry IS NULL AND NOT own"
        )
        no_payments = _rows(
            "SELECT category, count(*) FROM pg_temp.paylink_line WHERE kind IS NULL "
            "GROUP BY 1 ORDER BY 1"
        )
        channels = _rows(
            f"SELECT channel, count(*) FROM ({_MISSING}) AS missing WHERE NOT {_OF_SEEN} "
            "GROUP BY 1 ORDER BY 1",
            self._asked,
        )
        return Besides(others, dict(no_payments), dict(channels))


def _difference(
    why: str,
    number: int | None,
    kind: str,
    reference: str,
    amount: Decimal | None,
    currency: str | None,
    settled: Decimal | None,
    settled_currency: str | None,
    booked: Decimal | None,
    booked_currency: str | None,
    at: datetime | None,
    occurred_at: datetime | None,
) -> Difference:
    return Difference(
        Why(why),
        number,
        LedgerKind(kind),
        reference,
        _money(amount, currency) or _money(settled, settled_currency),
        _money(booked, booked_currency),
        at,
        occurred_at,
    )


def _money(amount: Decimal | None, currency: str | None) -> Money | None:
    return None if amount is None or currency is None else Money(amount, currency)


def _figures(sums: Mapping[str, Decimal], currency: str) -> Figures:
    def total(kind: LedgerKind, less: LedgerKind | None = None) -> Money:
        amount = sums.get(kind, Decimal(0)) - (sums.get(less, Decimal(0)) if less else 0)
        return Money(amount, currency)

    return Figures(
        gross=total(LedgerKind.CHARGE) + total(LedgerKind.ADJUSTMENT),
        refunds=total(LedgerKind.REFUND, less=LedgerKind.REFUND_REVERSAL),
        disputes=total(LedgerKind.DISPUTE, less=LedgerKind.DISPUTE_REVERSAL),
        fees=total(LedgerKind.FEE),
    )


def _providers() -> list[str]:
    """Whose automated money the ledger has: that which others took is in reports as well."""
    others = LedgerEntry.objects.exclude(provider=MANUAL_PROVIDER).order_by("provider")
    return list(others.values_list("provider", flat=True).distinct())


def _fill(lines: Iterable[ReportLine]) -> int:
    """How many there were."""
    rest, count = iter(lines), 0
    while batch := [_row(line) for line in islice(rest, BATCH)]:
        _run(_LINES, [list(column) for column in zip(*batch, strict=True)])
        count += len(batch)
    return count


def _row(line: ReportLine) -> tuple[Any, ...]:
    return (
        line.number,
        line.id,
        line.kind,
        line.category,
        line.reference,
        line.also,
        line.payment,
        None if line.amount is None else line.amount.amount,
        None if line.amount is None else line.amount.currency,
        line.settled.amount,
        line.settled.currency,
        line.fee.amount,
        line.at,
        _uuid(line.attempt_id),
        line.shop,
    )


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _run(statement: str, asked: Any = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)


def _rows(statement: str, asked: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return list(cursor.fetchall())
