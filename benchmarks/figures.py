"""What is measured, each figure beside its peer from the same run.

A part of the benchmarks is a module that runs by itself and appends what it finds to the file which
its only argument names, line after line: `Findings(path).add(Figure(...))`.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

HEAD = ("what", "ours", "peer", "ours to peer", "limit", "the peer is")
# Fewer digits than a run differs from the next one in.
DIGITS = 3


@dataclass(frozen=True)
class Figure:
    """One thing that was measured: of `ours`, and of what stands beside it, in the same `unit`.

    `most` is the most that ours may be (at least so much where `more_is_better`), `most_of_peer`
    the most that ours may be of the peer: 0.01 asks for a hundred times faster, 1.1 allows an
    overhead of a tenth.
    """

    what: str
    ours: float
    unit: str
    peer: float | None = None
    peer_is: str = ""
    most: float | None = None
    most_of_peer: float | None = None
    more_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        """Ours to the peer."""
        return self.ours / self.peer if self.peer else None

    @property
    def holds(self) -> bool:
        """Whether it is within its limits; True where it has none."""
        return self._within(self.ours, self.most) and self._within(self.ratio, self.most_of_peer)

    def _within(self, found: float | None, limit: float | None) -> bool:
        if limit is None:
            return True
        if found is None:
            return False
        return found >= limit if self.more_is_better else found <= limit

    def row(self) -> tuple[str, ...]:
        """Its cells, under HEAD."""
        return (
            self.what,
            f"{_number(self.ours)} {self.unit}",
            f"{_number(self.peer)} {self.unit}" if self.peer is not None else "",
            _times(self.ratio) if self.ratio is not None else "",
            self._limit(),
            self.peer_is,
        )

    def _limit(self) -> str:
        word = "at least" if self.more_is_better else "at most"
        limits = []
        if self.most is not None:
            limits.append(f"{word} {_number(self.most)} {self.unit}")
        if self.most_of_peer is not None:
            limits.append(f"{word} {_times(self.most_of_peer)}")
        if not limits:
            return ""
        return f"{', '.join(limits)}: {'held' if self.holds else '**NOT HELD**'}"


@dataclass(frozen=True)
class Findings:
    """The file that the parts write, and whoever started them reads."""

    path: Path

    def add(self, *figures: Figure) -> None:
        self._append({"figure": asdict(figure)} for figure in figures)

    def note(self, text: str) -> None:
        """Say what the figures are of: a size, a version."""
        self._append([{"note": text}])

    def figures(self) -> list[Figure]:
        return [Figure(**each["figure"]) for each in self._lines() if "figure" in each]

    def notes(self) -> list[str]:
        """Each once."""
        return list(dict.fromkeys(each["note"] for each in self._lines() if "note" in each))

    def _append(self, lines: Iterable[object]) -> None:
        with self.path.open("a") as file:
            file.writelines(f"{json.dumps(line)}\n" for line in lines)

    def _lines(self) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text().splitlines()]


def table(figures: Iterable[Figure]) -> str:
    """As Markdown."""
    rows: list[tuple[str, ...]] = [HEAD, ("---", "---:", "---:", "---:", "---", "---")]
    rows += [figure.row() for figure in figures]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _number(value: float) -> str:
    if abs(value) >= 10 ** (DIGITS - 1):
        return f"{value:,.0f}"
    return f"{value:.{DIGITS}g}"


def _times(ratio: float) -> str:
    if ratio == 0:
        return "0 : 1"
    return f"1 : {_number(1 / ratio)}" if ratio < 1 else f"{_number(ratio)} : 1"
