"""The report beside the plain SQL, each asked the same; what they answer has to be the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db import connection

from benchmarks.earnings import plain
from benchmarks.earnings.timing import database_ms, wall_ms
from benchmarks.figures import Figure
from benchmarks.history import CHANNELS, FIRST_DAY, LAST_DAY
from saleor_paylink.days import Unit
from saleor_paylink.earnings.report import Earnings, Point, earnings

PLAIN = "plain SQL over Saleor's tables"
MOST_MS = 50
HUNDREDTH = 0.01


@dataclass(frozen=True)
class Asked:
    """What a report is asked for."""

    what: str
    unit: Unit
    start: date | None = None
    end: date | None = None
    channels: list[str] | None = None

    def ours(self) -> list[tuple[Earnings, list[Point]]]:
        found = earnings(channels=self.channels, start=self.start, end=self.end, unit=self.unit)
        return [(each, list(each.series())) for each in found]

    def peer(self) -> dict[tuple[str, date], plain.Sums]:
        return plain.sums(channels=self.channels, start=self.start, end=self.end, unit=self.unit)


ALL_BY_DAY = Asked("all time by day", Unit.DAY, FIRST_DAY, LAST_DAY)
ALL_BY_MONTH = Asked("all time by month", Unit.MONTH)
A_YEAR = Asked("a year by day", Unit.DAY, date(2024, 1, 1), date(2024, 12, 31))
ONE_CHANNEL = Asked("all time by month, one channel", Unit.MONTH, channels=[CHANNELS[1][0]])
ALL_CASES = (ALL_BY_DAY, ALL_BY_MONTH, A_YEAR, ONE_CHANNEL)


def measured(
    asked: Asked, state: str = "", *, most: float | None = MOST_MS, of_peer: float | None = None
) -> Iterator[Figure]:
    """Database time, with its limits, and wall time. Raises AssertionError where the two say
    different figures."""
    check_same(asked)
    name = f"report, {asked.what}{state}"
    yield Figure(
        f"{name}: database",
        database_ms(asked.ours),
        "ms",
        database_ms(asked.peer),
        PLAIN,
        most=most,
        most_of_peer=of_peer,
    )
    yield Figure(f"{name}: the whole call", wall_ms(asked.ours), "ms", wall_ms(asked.peer), PLAIN)


def check_same(asked: Asked) -> None:
    """That both say the same of every currency and point, to the last decimal."""
    ours = {
        (each.currency, point.start): _sums(point)
        for each, points in asked.ours()
        for point in points
    }
    peer = asked.peer()
    assert peer, "the plain SQL found nothing"
    nothing = plain.Sums(*[0] * 6)  # type: ignore[arg-type]
    differing = [key for key in ours | peer if ours.get(key, nothing) != peer.get(key, nothing)]
    assert not differing, f"report and plain SQL differ: {differing[:5]}"


def _sums(point: Point) -> plain.Sums:
    return plain.Sums(
        gross=point.gross.amount,
        refunded=point.refunded.amount,
        disputed=point.disputed.amount,
        payment_count=point.payment_count,
        manual_gross=point.manual_gross.amount,
        manual_count=point.manual_count,
    )


def void_the_sums() -> None:
    """As after TIME_ZONE was changed, until the sweeper has made them anew."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE saleor_paylink_sumszone SET name = ''")
