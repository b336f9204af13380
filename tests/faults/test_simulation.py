"""Thousands of random steps, deaths and failures, after which everything must end in the truth.

    FAULTS_SEED=7 pytest tests/faults              one seed, again
    FAULTS_SEEDS=900 FAULTS_STEPS=150 pytest ...   many

A seed that fails tells its whole story. Fewer steps of the same seed are the same story up to
there, so that the shortest one can be found.
"""

import os

import pytest
from django.core.management import call_command

from tests.faults import (
    banks,
    checkouts,
    collecting,
    customers,
    merchant,
    others,
    selling,
    slowness,
    workers,
)
from tests.faults.choosing import choose
from tests.faults.healing import heal
from tests.faults.totals import TOTALS
from tests.faults.watch import Watch
from tests.faults.world import World

# Whoever is imported takes part.
PLAYERS = (
    banks,
    checkouts,
    collecting,
    customers,
    merchant,
    others,
    selling,
    slowness,
    workers,
)

STEPS = int(os.environ.get("FAULTS_STEPS", "120"))
ONE = os.environ.get("FAULTS_SEED")
SEEDS = [int(ONE)] if ONE else range(int(os.environ.get("FAULTS_SEEDS", "200")))


@pytest.mark.django_db(transaction=True, reset_sequences=True)
@pytest.mark.parametrize("seed", SEEDS)
def test_everything_ends_in_the_truth(seed: int) -> None:
    world = play(seed, STEPS)
    TOTALS.add(world)

    if world.complaints:
        pytest.fail(report(seed, world), pytrace=False)


@pytest.mark.django_db(transaction=True, reset_sequences=True)
def test_a_seed_tells_the_same_story_again() -> None:
    story = play(seed=1, steps=60).story
    call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)

    assert play(seed=1, steps=60).story == story


def play(seed: int, steps: int) -> World:
    world = World(seed, choose)
    with world.running():
        watch = Watch(world)
        while world.tally["steps"] < steps:
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
