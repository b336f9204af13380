"""What earnings are, once more in plain Python: a sum over all that was booked."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from saleor_paylink.days import Unit
from saleor_paylink.earnings.ledger import Movement
from saleor_paylink.earnings.report import Figures as Told
from saleor_paylink.models import LedgerKind

Figures = dict[str, Decimal | int]
NAMES = ("gross", "refunded", "disputed", "fees", "net", "manual_gross")


@dataclass(frozen=True)
class Row:
    """One currency's."""

    figures: Figures
    fees_complete: bool
    series: dict[date, Figures]


class Ledger:
    """A dictionary of what was booked first."""

    def __init__(self) -> None:
        self._booked: dict[tuple[str, str, str], Movement] = {}

    def book(self, movements: Iterable[Movement]) -> int:
        """How many are new."""
        before = len(self._booked)
        for each in movements:
            self._booked.setdefault((each.account.provider, each.kind, each.reference), each)
        return len(self._booked) - before

    def rename(self, old: str, new: str) -> None:
        for key, each in self._booked.items():
            if each.account.channel == old:
                self._booked[key] = replace(each, account=replace(each.account, channel=new))

    def earnings(
        self,
        zone: str,
        channels: Collection[str] | None,
        start: date | None,
        end: date | None,
        unit: Unit,
    ) -> dict[str, Row]:
        by_currency: dict[str, list[tuple[date, Movement]]] = {}
        for each in self._booked.values():
            day = each.occurred_at.astimezone(ZoneInfo(zone)).date()
            asked_for = channels is None or each.account.channel in channels
            if asked_for and (start is None or start <= day) and (end is None or day <= end):
                by_currency.setdefault(each.amount.currency, []).append((day, each))
        return {currency: self._row(found, unit) for currency, found in by_currency.items()}

    def _row(self, found: list[tuple[date, Movement]], unit: Unit) -> Row:
        series: dict[date, list[Movement]] = {}
        for day, each in found:
            series.setdefault(first_of(day, unit), []).append(each)
        charges = [each for _day, each in found if each.kind == LedgerKind.CHARGE]
        return Row(
            figures([each for _day, each in found]),
            all(
                (each.account.provider, LedgerKind.FEE, each.reference) in self._booked
                for each in charges
            ),
            {start: figures(movements) for start, movements in series.items()},
        )


def first_of(day: date, unit: Unit) -> date:
    """Of its day, week (from Monday) or month."""
    if unit is Unit.DAY:
        return day
    return day.replace(day=1) if unit is Unit.MONTH else day - timedelta(days=day.weekday())


def figures(movements: Collection[Movement]) -> Figures:
    def total(kind: LedgerKind) -> Decimal:
        return sum((each.amount.amount for each in movements if each.kind == kind), Decimal(0))

    def count(kind: LedgerKind) -> int:
        return sum(each.kind == kind for each in movements)

    gross = total(LedgerKind.CHARGE) + total(LedgerKind.ADJUSTMENT)
    refunded = total(LedgerKind.REFUND) - total(LedgerKind.REFUND_REVERSAL)
    disputed = total(LedgerKind.DISPUTE) - total(LedgerKind.DISPUTE_REVERSAL)
    fees = total(LedgerKind.FEE) + total(LedgerKind.FEE_CORRECTION)
    return {
        "gross": gross,
        "refunded": refunded,
        "disputed": disputed,
        "fees": fees,
        "net": gross - refunded - disputed - fees,
        "manual_gross": total(LedgerKind.MANUAL) - total(LedgerKind.MANUAL_RETURNED),
        "payment_count": count(LedgerKind.CHARGE),
        "manual_count": count(LedgerKind.MANUAL),
    }


def told_by(row: Told) -> Figures:
    """What a row of the report says, as plain numbers."""
    sums = {name: getattr(row, name).amount for name in NAMES}
    return {**sums, "payment_count": row.payment_count, "manual_count": row.manual_count}
