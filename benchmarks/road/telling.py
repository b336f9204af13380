"""Figures of requests that were compared, and how sure they are."""

import random
from statistics import median

from benchmarks.figures import Figure
from benchmarks.road.rounds import Series

RESAMPLINGS = 2_000
SURE = 0.95


def times(
    what: str, ours: Series, peer: Series, peer_is: str, most_of_peer: float | None = None
) -> list[Figure]:
    """By the clock and of this process's processor, with how far the ratio would differ in other
    rounds like these."""
    return [
        Figure(
            f"{what}: {word}",
            ours=median(mine),
            unit="ms",
            peer=median(theirs),
            peer_is=f"{peer_is} ({_interval(mine, theirs)})",
            most_of_peer=most_of_peer,
        )
        for word, mine, theirs in (
            ("time", ours.wall, peer.wall),
            ("processor's time", ours.cpu, peer.cpu),
        )
    ]


def queries(
    what: str,
    ours: Series,
    peer: Series,
    peer_is: str,
    *,
    most: int | None = None,
    most_more: int | None = None,
) -> Figure:
    """`most`: the most there may be; `most_more`: than the peer has."""
    if most_more is not None:
        most = peer.cost.queries + most_more
    return Figure(
        f"{what}: queries",
        ours=ours.cost.queries,
        unit="queries",
        peer=peer.cost.queries,
        peer_is=peer_is,
        most=most,
    )


def tasks(what: str, ours: Series, peer: Series, peer_is: str) -> Figure:
    return Figure(
        f"{what}: tasks published",
        ours=ours.cost.tasks,
        unit="tasks",
        peer=peer.cost.tasks,
        peer_is=peer_is,
    )


def _interval(ours: list[float], peer: list[float]) -> str:
    """In which the ratio of the medians lies, by a bootstrap over whole rounds."""
    # The same each time: whoever repeats it with these times finds these bounds.
    chance, rounds = random.Random(1), list(zip(ours, peer, strict=True))
    ratios = []
    for _ in range(RESAMPLINGS):
        mine, theirs = zip(*chance.choices(rounds, k=len(rounds)), strict=True)
        ratios.append(median(mine) / median(theirs))
    ratios.sort()
    tail = int(RESAMPLINGS * (1 - SURE) / 2)
    return f"{SURE:.0%} sure: {ratios[tail]:.3f} to {ratios[-tail - 1]:.3f}"
