"""Stripe's own report of all that moved in an account, read line by line.

It is the itemized report "Balance change from activity" (any version of
`balance_change_from_activity.itemized`), which the Dashboard gives under Reports > Balance and the
Reporting API as a file: https://docs.stripe.com/reports/report-types/balance. Amounts are in major
units (https://docs.stripe.com/reports/api), times of the columns that end in `_utc` are UTC.

The Dashboard's other export, of balance transactions ("All activity"), names charges and not
payments, and is refused: nothing in it can be compared exactly.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from saleor_paylink.money import Money
from saleor_paylink.providers.interface import Moved, ReportLine, ReportUnreadable
from saleor_paylink.providers.stripe.checkout import ATTEMPT, SHOP

ID, AT, CURRENCY, GROSS, FEE = "balance_transaction_id", "created_utc", "currency", "gross", "fee"
CATEGORY, SOURCE, PAYMENT = "reporting_category", "source_id", "payment_intent_id"
THEIR_AMOUNT, THEIR_CURRENCY = "customer_facing_amount", "customer_facing_currency"
NEEDED = (
    ID, AT, CURRENCY, GROSS, FEE, CATEGORY, SOURCE, PAYMENT, THEIR_AMOUNT, THEIR_CURRENCY,
)  # fmt: skip
# These can be asked for besides, and say which lines are paylink's.
ATTEMPT_COLUMN, SHOP_COLUMN = f"payment_metadata[{ATTEMPT}]", f"payment_metadata[{SHOP}]"

# https://docs.stripe.com/reports/reporting-categories. A payment that is captured in part is
# charged in full, and the rest of it taken back in a line of its own.
KINDS = {
    "charge": Moved.CHARGE,
    "charge_failure": Moved.ADJUSTMENT,
    "partial_capture_reversal": Moved.CHARGE,
    "refund": Moved.REFUND,
    "refund_failure": Moved.REFUND_REVERSAL,
    "dispute": Moved.DISPUTE,
    "dispute_reversal": Moved.DISPUTE_REVERSAL,
}
# All others that the Reporting API can be asked for (its parameter `reporting_category`): none of
# them happens to a payment.
OTHERS = frozenset(
    (
        "advance", "advance_funding", "anticipation_repayment", "climate_order_purchase",
        "climate_order_refund", "connect_collection_transfer", "connect_reserved_funds",
        "contribution", "fee", "financing_paydown", "financing_paydown_reversal",
        "financing_payout", "financing_payout_reversal", "issuing_authorization_hold",
        "issuing_authorization_release", "issuing_dispute", "issuing_transaction", "network_cost",
        "other_adjustment", "payout", "payout_reversal", "platform_earning",
        "platform_earning_refund", "risk_reserved_funds", "tax", "topup", "topup_reversal",
        "transfer", "transfer_reversal", "unreconciled_customer_funds",
    )
)  # fmt: skip
LEAVES = (Moved.REFUND, Moved.DISPUTE)
OF_THE_PAYMENT = (Moved.CHARGE, Moved.ADJUSTMENT)

_AMOUNT = re.compile(r"-?\d{1,15}(?:\.\d{1,5})?", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?(?:Z|\+00:?00)?", re.ASCII)
_CURRENCY = re.compile(r"[A-Za-z]{3}")

Row = Mapping[str, str]


def read(lines: Iterable[str]) -> Iterator[ReportLine]:
    """The lines of the report. Raises ReportUnreadable."""
    rows = csv.reader(_unmarked(lines), strict=True)
    try:
        columns = _columns(next(rows, []))
        for values in rows:
            number = rows.line_num
            if not values:
                continue
            if len(values) != len(columns):
                raise ReportUnreadable(
                    f"Line {number} has {len(values)} columns, and the first line "
                    f"{len(columns)}: is the file whole?"
                )
            yield _Reading(number, dict(zip(columns, values, strict=True))).line()
    except csv.Error as error:
        raise ReportUnreadable(f"Line {rows.line_num} is no CSV: {error}.") from None


def _unmarked(lines: Iterable[str]) -> Iterator[str]:
    """Without the mark of an encoding, which spreadsheets put at the beginning."""
    rest = iter(lines)
    yield next(rest, "").removeprefix("\ufeff")
    yield from rest


def _columns(first: Sequence[str]) -> list[str]:
    columns = [each.strip() for each in first]
    if not any(columns):
        raise ReportUnreadable("The file is empty.")
    if len(columns) == 1 and re.search(r"[;\t]", columns[0]):
        raise ReportUnreadable(
            "The columns are not separated by commas: give the file as Stripe made it, and not as "
            "a spreadsheet has saved it."
        )
    if "Created (UTC)" in columns and "Source" in columns:
        raise ReportUnreadable(
            "This is the export of balance transactions, which does not name payments. Download "
            "the itemized report “Balance change from activity” under Reports > Balance."
        )
    missing = [each for each in NEEDED if each not in columns]
    if missing:
        raise ReportUnreadable(
            f"The report has no column {', '.join(missing)}. Choose it when you download the "
            "itemized report “Balance change from activity”."
        )
    twice = {each for each in columns if each and columns.count(each) > 1}
    if twice:
        raise ReportUnreadable(f"The report has two columns {', '.join(sorted(twice))}.")
    return columns


class _Reading:
    """One row, read exactly or not at all."""

    def __init__(self, number: int, row: Row) -> None:
        self._number = number
        self._row = row

    def line(self) -> ReportLine:
        category = self._needed(CATEGORY)
        kind = KINDS.get(category)
        if kind is None and category not in OTHERS:
            raise self._wrong(CATEGORY, "is a category that is not known here")
        source = self._needed(SOURCE) if kind else self._text(SOURCE)
        payment = self._text(PAYMENT)
        settled = self._money(GROSS, CURRENCY)
        direction = -1 if kind in LEAVES else 1
        return ReportLine(
            number=self._number,
            id=self._needed(ID),
            kind=kind,
            category=category,
            reference=payment or source if kind in OF_THE_PAYMENT else source,
            also=source
            if kind in OF_THE_PAYMENT and category != "partial_capture_reversal"
            else "",
            payment=payment,
            amount=self._theirs(direction * settled),
            settled=direction * settled,
            fee=self._money(FEE, CURRENCY),
            at=self._time(),
            attempt_id=self._text(ATTEMPT_COLUMN) or None,
            shop=self._text(SHOP_COLUMN) or None,
        )

    def _theirs(self, settled: Money) -> Money | None:
        """What the customer saw; its sign is that of what moved in the balance."""
        if not self._text(THEIR_AMOUNT):
            return None
        theirs = self._money(THEIR_AMOUNT, THEIR_CURRENCY)
        return theirs if (theirs.amount < 0) is (settled.amount < 0) else -1 * theirs

    def _money(self, column: str, of: str) -> Money:
        amount, currency = self._text(column), self._text(of)
        if not _AMOUNT.fullmatch(amount):
            raise self._wrong(column, "is no amount with a point before its decimals")
        if not _CURRENCY.fullmatch(currency):
            raise self._wrong(of, "is no currency")
        return Money(Decimal(amount), currency.upper())

    def _time(self) -> datetime:
        text = self._text(AT)
        try:
            if not _TIME.fullmatch(text):
                raise ValueError
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        except ValueError:
            raise self._wrong(AT, "is no time such as 2026-01-31 13:45:00") from None

    def _needed(self, column: str) -> str:
        text = self._text(column)
        if not text:
            raise ReportUnreadable(f"Line {self._number} has no {column}.")
        return text

    def _text(self, column: str) -> str:
        return self._row.get(column, "").strip()

    def _wrong(self, column: str, why: str) -> ReportUnreadable:
        said = self._text(column)[:40]
        return ReportUnreadable(f"Line {self._number}, column {column}: “{said}” {why}.")
