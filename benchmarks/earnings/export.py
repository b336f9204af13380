"""The file of movements, written by a process of its own so that its memory can be told:
`python -m benchmarks.earnings.export {ours|peer} LAST_DAY` prints rows, seconds and MiB.

The peer is what is written first by whoever needs such a file: all rows in a list, without any
model's instances, and the csv module over it.
"""

import csv
import io
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import django

from benchmarks.figures import Figure
from benchmarks.history import FIRST_DAY, LAST_DAY

SOME = 10_000
MOST_MIB = 128
# A run differs from the next one by some pages of memory.
AS_GOOD_AS_THE_SAME = 1.1


def figures(movements: int) -> Iterator[Figure]:
    """What it takes to write them all, of so many, and to write some."""
    days = (LAST_DAY - FIRST_DAY).days + 1
    some = FIRST_DAY + timedelta(days=days * SOME // movements)
    rows, seconds, memory = _run("ours", LAST_DAY)
    peer_rows, peer_seconds, peer_memory = _run("peer", LAST_DAY)
    few, _, memory_of_few = _run("ours", some)
    assert rows == peer_rows == movements, (rows, peer_rows, movements)
    peer = "a list and csv.writer"
    yield Figure(
        f"export of {rows:,} movements",
        rows / seconds,
        "rows/s",
        peer_rows / peer_seconds,
        peer,
        more_is_better=True,
    )
    yield Figure(
        f"export of {rows:,} movements: memory", memory, "MiB", peer_memory, peer, most=MOST_MIB
    )
    yield Figure(
        f"export of {rows:,} movements beside {few:,}: memory",
        memory,
        "MiB",
        memory_of_few,
        "the same export, fewer rows",
        most_of_peer=AS_GOOD_AS_THE_SAME,
    )


def _run(whose: str, end: date) -> tuple[int, float, float]:
    answer = subprocess.run(
        [sys.executable, "-m", __name__, whose, end.isoformat()],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    rows, seconds, memory = answer.stdout.split()
    return int(rows), float(seconds), float(memory)


def _peak() -> float:
    """MiB that this process has held at most, Python and Django and all."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(whose: str, end: str) -> None:
    django.setup()
    began = time.perf_counter()
    rows = rows_written(whose, date.fromisoformat(end))
    print(rows, time.perf_counter() - began, _peak())


def rows_written(whose: str, end: date) -> int:
    """Write the file from the first day on, to nowhere; how many rows it has below its head."""
    made = {"ours": _ours, "peer": _peer}[whose]
    rows = -1
    with open(os.devnull, "w") as out:
        for piece in made(FIRST_DAY, end):
            out.write(piece)
            rows += piece.count("\n")
    return rows


def _ours(start: date, end: date) -> Iterator[str]:
    from saleor_paylink.earnings.exporting import csv_of
    from saleor_paylink.earnings.movements import Wanted

    return csv_of(Wanted(start=start, end=end))


def _peer(start: date, end: date) -> Iterator[str]:
    from saleor_paylink.earnings.exporting import COLUMNS
    from saleor_paylink.earnings.movements import Wanted, entries
    from sandbox.shop.models import Order

    found = entries(Wanted(start=start, end=end)).order_by("currency", "occurred_at")
    numbers: dict[Any, int] = dict(Order.objects.values_list("id", "number"))
    rows = [
        (at.isoformat(), kind, numbers.get(order_id), *others)
        for at, kind, order_id, *others in found.values_list(
            "occurred_at",
            "kind",
            "order_id",
            "channel",
            "provider",
            "reference",
            "payment_reference",
            "amount",
            "currency",
        )
    ]
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *rows])
    yield text.getvalue()


if __name__ == "__main__":
    main(*sys.argv[1:])
