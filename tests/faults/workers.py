"""The post, Celery's workers, the scheduler, time and the weather."""

from datetime import timedelta

from saleor_paylink import jobs
from saleor_paylink.earnings import rollups
from saleor_paylink.links import webhooks
from sandbox.shop import scheduler
from sandbox.stripe.deliveries import Delivery, signature
from tests.faults.choosing import share
from tests.faults.wires import Message
from tests.faults.world import ENDPOINT, Act, World

PAUSES = (10, 70, 70, 200, 200, 200, 900, 3600, 6 * 3600, 30 * 3600)
STORMS = (0, 0.2, 0.7)


@share(24)
def webhook_arrives(world: World) -> Act | None:
    letter = _letter(world)
    return letter and Act(
        f"{_subject(letter)} arrives", lambda: deliver(world, letter), "webhooks taken"
    )


@share(4)
def webhook_arrives_twice(world: World) -> Act | None:
    letter = _letter(world)
    return letter and Act(
        f"{_subject(letter)} arrives, not for the last time",
        lambda: _hand_over(world, letter),
        "webhooks doubled",
    )


@share(6)
def webhook_is_lost(world: World) -> Act | None:
    letter = _letter(world)
    return letter and Act(
        f"{_subject(letter)} is lost", lambda: world.mailbag.remove(letter), "webhooks lost"
    )


def _letter(world: World) -> Delivery | None:
    return world.random.choice(world.mailbag) if world.mailbag else None


def _subject(letter: Delivery) -> str:
    about = letter.event["data"]["object"]["id"][-4:]
    return f"{letter.event['id'][-4:]}, {letter.event['type']} of {about},"


def deliver(world: World, letter: Delivery) -> None:
    """Hand a webhook over. It stays on its way until it is taken, for Stripe sends it again."""
    _hand_over(world, letter)
    if letter in world.mailbag:
        world.mailbag.remove(letter)
        world.simulator.record_delivery(letter, 200)


def _hand_over(world: World, letter: Delivery) -> None:
    body = letter.payload()
    signed = signature(body, letter.endpoint.secret, world.simulator.clock.wall())
    webhooks.receive("stripe", ENDPOINT, {"Stripe-Signature": signed}, body)
    world.taken[letter.event["id"]] = letter.event


@share(40)
def task_runs(world: World) -> Act | None:
    message = _message(world)
    return message and Act(f"a worker runs {_told(message)}", lambda: run_task(world, message))


@share(3)
def task_runs_twice(world: World) -> Act | None:
    message = _message(world)
    return message and Act(
        f"a worker runs {_told(message)}, not for the last time",
        lambda: world.broker.run(*message),
        "tasks doubled",
    )


@share(3)
def task_is_lost(world: World) -> Act | None:
    message = _message(world)
    return message and Act(
        f"the broker loses {_told(message)}",
        lambda: world.broker.waiting.remove(message),
        "tasks lost",
    )


def _message(world: World) -> Message | None:
    return world.random.choice(world.broker.waiting) if world.broker.waiting else None


def _told(message: Message) -> str:
    task, args = message
    return f"{task.removeprefix('saleor_paylink.')}{args}"


def run_task(world: World, message: Message) -> None:
    """Once a worker has taken a message, it is gone, even if the worker dies."""
    if message in world.broker.waiting:
        world.broker.waiting.remove(message)
        world.broker.run(*message)


@share(4)
def sweep(world: World) -> Act:
    return Act("the sweeper goes round", lambda: world.broker.run(jobs.SWEEP, []))


@share(4)
def days_are_summed(world: World) -> Act:
    return Act("a worker sums up days", rollups.fold, "foldings")


@share(1)
def expire_orders(world: World) -> Act:
    return Act("the shop expires orders", scheduler.expire_orders)


@share(7)
def time_passes(world: World) -> Act:
    pause = world.random.choice(PAUSES)
    return Act(f"{timedelta(seconds=pause)} pass", lambda: world.time.sleep(pause))


@share(2)
def weather_changes(world: World) -> Act:
    storm = world.random.choice(STORMS)
    return Act(
        f"of the provider's answers {storm:.0%} fail", lambda: setattr(world.faults, "storm", storm)
    )
