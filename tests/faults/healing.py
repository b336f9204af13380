"""How everything gets well again: nobody dies any more, the provider answers, time passes.

Whether what is still under way arrives at all is left to the seed: either way the sweeper must
do it.
"""

from saleor_paylink import jobs
from sandbox.shop.models import Channel
from tests.faults.checkouts import pay
from tests.faults.invariants import after_a_while, healed
from tests.faults.merchant import ZONES, import_all
from tests.faults.slowness import appear, take_number
from tests.faults.watch import Watch
from tests.faults.workers import deliver, run_task
from tests.faults.world import World

# What an import finds would hide what the sweeper does not.
IMPORTED = 0.3
MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
# A lease takes two minutes, and an event that failed waits for six hours at most.
SOON = [3 * MINUTE, 6 * HOUR, 3 * MINUTE, 3 * MINUTE]
# A session lives for a day; a payment is looked at every week, and an order of which nothing was
# heard for long every day.
LATE = [25 * HOUR, 8 * DAY, 3 * MINUTE]


def heal(world: World, watch: Watch) -> None:
    """Let it heal, and look."""
    world.faults.over = True
    arrives = world.random.random() < 0.5
    world.story.append(f"-- it heals; what is under way {'arrives' if arrives else 'is lost'}")
    for session in world.sessions_processing():
        world.simulator.complete_later(session, world.random.choice(("succeeded", "failed")))
    _somebody_is_slow(world, watch, arrives)
    world.move_to(world.random.choice(ZONES))
    watch.look()
    _go_on(world, SOON, arrives)
    watch.look()
    for complaint in after_a_while(world):
        world.complain(complaint)
    _go_on(world, LATE, arrives)
    watch.look()
    imported = world.random.random() < IMPORTED
    if imported:
        world.story.append(f"-- an operator imports: {import_all(world)}")
        _go_on(world, [3 * MINUTE], arrives)
        watch.look()
    for complaint in healed(world, imported=imported):
        world.complain(complaint)


def _somebody_is_slow(world: World, watch: Watch, arrives: bool) -> None:
    """The line that they write is seen after another of a higher number was, and some time."""
    _go_on(world, [MINUTE], arrives)
    watch.look()
    channel = world.random.choice(list(Channel.objects.order_by("pk")))
    take_number(world, channel)
    pay(world, channel)
    _go_on(world, [MINUTE, MINUTE], arrives)
    for line in list(world.uncommitted):
        appear(world, line)


def _go_on(world: World, pauses: list[int], arrives: bool) -> None:
    for pause in pauses:
        world.time.sleep(pause)
        world.collect_mail()
        for letter in list(world.mailbag):
            if arrives:
                deliver(world, letter)
        world.mailbag.clear()
        # What the sweeper asks for may be lost like the rest; it asks again.
        for message in list(world.broker.waiting):
            if arrives:
                run_task(world, message)
        world.broker.waiting.clear()
        world.broker.run(jobs.SWEEP, [])
