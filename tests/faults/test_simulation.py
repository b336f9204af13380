"""Thousands of random steps, deaths and failures, after which everything must end in the truth.

    FAULTS_SEED=7 pytest tests/faults              one seed, again
    FAULTS_SEEDS=200 FAULTS_STEPS=120 pytest ...   many

A seed that fails tells its whole story. Fewer steps of the same seed are the same story up to
there, so that the shortest one can be found.
"""

import os

import pytest

from tests.faults.actors import choose
from tests.faults.healing import heal
from tests.faults.invariants import Watch
from tests.faults.world import World

STEPS = int(os.environ.get("FAULTS_STEPS", "100"))
ONE = os.environ.get("FAULTS_SEED")
SEEDS = [int(ONE)] if ONE else range(int(os.environ.get("FAULTS_SEEDS", "6")))


@pytest.mark.django_db(transaction=True, reset_sequences=True)
@pytest.mark.parametrize("seed", SEEDS)
def test_everything_ends_in_the_truth(seed: int) -> None:
    world = play(seed)

    if world.complaints:
        pytest.fail(report(seed, world), pytrace=False)


def play(seed: int) -> World:
    world = World(seed, choose)
    with world.running():
        watch = Watch(world)
        for _ in range(STEPS):
            world.step()
            watch.look()
            if world.complaints:
                return world
        heal(world, watch)
    return world


def report(seed: int, world: World) -> str:
    return "\n".join(
        [
            *world.story,
            "",
            *world.complaints,
            f"Again: FAULTS_SEED={seed} FAULTS_STEPS={STEPS} pytest tests/faults",
        ]
    )
