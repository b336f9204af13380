"""Movements as a file of comma-separated values (RFC 4180), however many there are.

The file is made while it is sent, of some thousands of rows at a time. Each lot is a reading of its
own that begins where the one before ended: nothing is held open for a slow line, neither a
transaction nor a cursor (which poolers of connections may not keep between two readings anyway).
The highest id of all ends the file: what is booked meanwhile is in the next one.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from django.db.models import Max, QuerySet
from django.utils import timezone

from saleor_paylink.earnings.movements import (
    OLDEST_FIRST,
    Line,
    Wanted,
    counts,
    effect,
    entries,
    lines,
)
from saleor_paylink.links.listing import Position, page
from saleor_paylink.models import LedgerEntry
from saleor_paylink.money import with_its_decimals
from saleor_paylink.shop import current_shop

LOT = 2000  # rows

# For programs: never translated.
COLUMNS = (
    "time",
    "kind",
    "order",
    "channel",
    "provider",
    "reference",
    "payment",
    "amount",
    "currency",
    "in_earnings",
)
# What spreadsheets take for a formula, at the beginning of a cell.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_of(wanted: Wanted) -> Iterator[str]:
    """The file in pieces: its head, then each lot of rows, currency after currency, oldest first.

    Amounts are exact and say by their sign what they do to the net: the rows that are
    `in_earnings` add up to that of the report. Times are ISO 8601 in the site's time zone.
    """
    yield _text([COLUMNS])
    with current_shop().writer():
        last = LedgerEntry.objects.aggregate(last=Max("id"))["last"]
        currencies = sorted(counts(wanted))
    # One by one: an index finds those of a currency by their time.
    for currency in currencies:
        rows = entries(replace(wanted, currency=currency)).filter(id__lte=last)
        yield from (_text(map(_row, lot)) for lot in _lots(rows))


def _lots(rows: "QuerySet[LedgerEntry]") -> Iterator[Sequence[Line]]:
    beyond: Position | None = None
    while True:
        with current_shop().writer():
            lot = page(rows, OLDEST_FIRST, LOT, beyond)
            shown = lines([entry for _position, entry in lot.rows])
        if shown:
            yield shown
        if not lot.has_more:
            return
        beyond = lot.rows[-1][0]


def _row(line: Line) -> tuple[str, ...]:
    entry = line.entry
    return (
        timezone.localtime(entry.occurred_at).isoformat(),
        entry.kind,
        _safe(line.order_number or ""),
        _safe(entry.channel),
        _safe(entry.provider),
        _safe(entry.reference),
        _safe(entry.payment_reference),
        # A number, also where it begins with a minus.
        f"{with_its_decimals(effect(entry)).amount:f}",
        entry.currency,
        "yes" if line.in_earnings else "no",
    )


def _safe(text: str) -> str:
    """A text that no spreadsheet runs: references are what others call them."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _text(rows: Iterable[Sequence[str]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()
