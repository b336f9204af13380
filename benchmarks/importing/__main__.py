"""`python -m benchmarks.importing FINDINGS`, in Saleor's environment and an empty Saleor.
BENCH_IMPORT_ROWS is the size."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import django

from benchmarks.figures import Figure, Findings

# Killed is a small one: it is about the same at any size, and done three times.
KILLED = 20_000
SAMPLE = 10_000
MOST_MIB = 512


def main(path: str) -> None:
    django.setup()
    from django.core.management import call_command
    from saleor.core.db.connection import allow_writer

    call_command("migrate", verbosity=0)
    with allow_writer():
        rows = int(os.environ.get("BENCH_IMPORT_ROWS", "1000000"))
        run(rows, Findings(Path(path)))


def run(rows: int, findings: Findings) -> None:
    """Django is set up, and Saleor is empty."""
    from benchmarks import history
    from benchmarks.importing import books

    _tell("making the history")
    saleor = books.Books()
    history.make(1, rows)
    few = min(rows, KILLED)
    saleor.fill(1, few)
    _tell("the import that is killed")
    findings.add(_killed())
    books.forget_ledger()
    peer = _naive()
    books.forget_ledger()
    if rows > few:
        saleor.fill(few + 1, rows)
    _tell("the import")
    findings.add(*_imported(peer))
    findings.note(f"{books.lines():,} rows of Saleor's books to import")


def _killed() -> Figure:
    """Killed half way and begun anew, an import leaves what it leaves when nothing happens."""
    from benchmarks.importing import books, running

    running.run()
    wanted = books.ledger()
    books.forget_ledger()
    running.kill_after(books.lines() // 2)
    before, _ = books.ledger()
    running.run()
    after = books.ledger()
    assert 0 < before < after[0], (before, after)
    assert after == wanted, "an import that was killed and resumed left another ledger"
    return Figure(
        f"import, killed at {before:,} movements and begun anew: movements",
        after[0],
        "",
        wanted[0],
        "an import that nobody killed: the same ledger, row by row",
        most_of_peer=1.0,
    )


def _naive() -> float:
    from benchmarks.importing import naive

    return naive.rows_a_second(SAMPLE)


def _imported(peer: float) -> Iterator[Figure]:
    from benchmarks.importing import books, running

    first = running.run()
    lines, wanted = books.lines(), books.ledger()
    assert not (wrong := books.differences()), f"the import has booked otherwise: {wrong}"
    yield Figure(
        f"import of {lines:,} rows",
        lines / first.seconds,
        "rows/s",
        peer,
        f"get_or_create in a loop, over {SAMPLE:,} rows at most",
        more_is_better=True,
    )
    yield Figure(f"import of {lines:,} rows: memory", first.memory, "MiB", most=MOST_MIB)
    again = running.run()
    assert books.ledger() == wanted, "a second import changed the ledger"
    yield Figure(
        f"import of {lines:,} rows, again: it books nothing",
        again.seconds,
        "s",
        first.seconds,
        "the first import",
    )


def _tell(what: str) -> None:
    print(f"import: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
