"""`python -m benchmarks.earnings FINDINGS`: the report and the file. BENCH_ORDERS is the size."""

import os
import platform
import sys
from pathlib import Path

from django.db import connection

from benchmarks.earnings import database
from benchmarks.figures import Findings

# Movements that a sweeper has not summed up yet: a minute of a very good day.
PENDING = 10_000
# A hundred times faster is promised of this size: the plain SQL takes longer the more there is.
FULL_SIZE = 1_000_000


def main(path: str) -> None:
    orders = int(os.environ.get("BENCH_ORDERS", FULL_SIZE))
    with database.fresh():
        run(orders, Findings(Path(path)))


def run(orders: int, findings: Findings) -> None:
    """Django is set up, and its database is empty."""
    from benchmarks.earnings import export, ledger, report, stage

    _tell("making the history")
    stage.fill(orders)
    movements = ledger.count()
    findings.note(_surroundings())
    findings.note(f"{orders:,} orders over three years, {movements:,} movements")
    for asked in report.ALL_CASES:
        _tell(asked.what)
        of_all_time = asked in (report.ALL_BY_DAY, report.ALL_BY_MONTH)
        limit = report.HUNDREDTH if of_all_time and orders >= FULL_SIZE else None
        findings.add(*report.measured(asked, of_peer=limit))
    _tell("with movements that are pending")
    more = orders * PENDING // movements
    stage.add(orders + 1, orders + more)
    pending = f", {ledger.count() - movements:,} movements pending"
    findings.add(*report.measured(report.ALL_BY_DAY, pending))
    _tell("with sums that are void")
    report.void_the_sums()
    void = ", sums void after a change of TIME_ZONE"
    findings.add(*report.measured(report.ALL_BY_DAY, void, most=None))
    stage.settle()
    _tell("the file")
    findings.add(*export.figures(ledger.count()))


def _surroundings() -> str:
    version = connection.pg_version  # type: ignore[attr-defined]
    return (
        f"Python {platform.python_version()}, Postgres {version // 10000}.{version % 10000} "
        "for the earnings"
    )


def _tell(what: str) -> None:
    print(f"earnings: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
