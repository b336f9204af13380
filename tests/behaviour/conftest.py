"""The behaviour suite plays on a running stage: the one whose JSON is in PAYLINK_STAGE, or else
a sandbox of its own. It knows nothing but GraphQL and HTTP, and all tests share the one shop."""

import os
from collections.abc import Iterator

import pytest

from sandbox.client.customer import Browser
from sandbox.client.staff import Staff
from sandbox.client.starting import running
from sandbox.stage import Stage
from sandbox.stripe.client import SimulatorClient
from tests.behaviour.world import World


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    given = os.environ.get("PAYLINK_STAGE")
    if given:
        yield Stage.from_json(given)
    else:
        # Tests tell the sweeper when to go round: in between, what is lost stays lost.
        with running("sandbox", "--no-timers") as started:
            yield started


@pytest.fixture(scope="session")
def world(stage: Stage) -> World:
    return World(stage)


@pytest.fixture
def cashier(world: World) -> Staff:
    """May manage orders and handle payments."""
    return world.person("cashier")


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def simulator(world: World) -> Iterator[SimulatorClient]:
    """Stripe, whose webhooks a test may hold, double or drop: afterwards they go out again."""
    yield world.simulator
    world.simulator.configure_deliveries()
