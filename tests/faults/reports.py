"""Whether a report is the plain sum over the ledger, whatever it is asked, at every step."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from django.utils import timezone

from saleor_paylink.days import Unit
from saleor_paylink.earnings import report
from saleor_paylink.earnings.ledger import Account, Movement
from saleor_paylink.models import LedgerEntry, LedgerKind
from tests.unit.earnings import naive

ABOUT = (timedelta(0), timedelta(1), timedelta(-1))


class Question(NamedTuple):
    channels: Collection[str] | None
    start: date | None
    end: date | None
    unit: Unit


def told_wrongly(random: Random, entries: Sequence[LedgerEntry]) -> Iterator[str]:
    """One question, another one each time."""
    asked = _question(random, entries)
    books = naive.Ledger()
    books.book(map(movement, entries))
    expected = books.earnings(timezone.get_default_timezone_name(), *asked)
    channels, start, end, unit = asked
    told = report.earnings(channels=channels, start=start, end=end, unit=unit)
    if [row.currency for row in told] != sorted(expected):
        yield f"{asked}: told are {[row.currency for row in told]}, there are {sorted(expected)}"
        return
    for row in told:
        its = expected[row.currency]
        if (naive.told_by(row), row.fees_complete) != (its.figures, its.fees_complete):
            yield f"{asked}: told is {row}, it is {its}"
        points = {each.start: naive.told_by(each) for each in row.series()}
        nothing = naive.figures([])
        if any(its.series.get(start, nothing) != point for start, point in points.items()):
            yield f"{asked}: told are {points}, they are {its.series}"
        if not its.series.keys() <= points.keys():
            yield f"{asked}: told are {points}, they are {its.series}"


def _question(random: Random, entries: Sequence[LedgerEntry]) -> Question:
    channels = sorted({each.channel for each in entries})
    days = [timezone.localdate(each.occurred_at) for each in entries[-1:] + entries[:1]]

    def bound() -> date | None:
        if not days or random.random() < 0.5:
            return None
        return random.choice(days) + random.choice(ABOUT)

    some = random.choice((None, None, [each for each in channels if random.random() < 0.5]))
    return Question(some, bound(), bound(), random.choice(list(Unit)))


def movement(entry: LedgerEntry) -> Movement:
    """It, as the naive books keep it."""
    account = Account(entry.provider, entry.channel, entry.order_id)
    kind = LedgerKind(entry.kind)
    return Movement(kind, account, entry.money, entry.reference, entry.occurred_at)
