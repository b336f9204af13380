"""How everything gets well again: nobody dies any more, the provider answers, time passes.

Whether what is still under way arrives at all is left to the seed: either way the sweeper must
do it.
"""

from saleor_paylink import jobs
from tests.faults.actors import deliver, may_not_be_lost, run_task, sessions_processing
from tests.faults.invariants import Watch, after_a_while, healed
from tests.faults.world import World

MINUTE = 60
HOUR = 60 * MINUTE
# A lease, a webhook's first retry and the sweeper's soonest check are minutes; a session lives
# for a day, an idempotency key for 24 hours, and the rarest check is every six hours.
SOON = [3 * MINUTE] * 4 + [HOUR] * 3
LATE = [6 * HOUR] * 16


def heal(world: World, watch: Watch) -> None:
    """Let it heal, and look."""
    world.faults.over = True
    arrives = world.random.random() < 0.5
    world.story.append(f"-- it heals; what is under way {'arrives' if arrives else 'is lost'}")
    for session in sessions_processing(world):
        world.simulator.complete_later(session, world.random.choice(("succeeded", "failed")))
    _go_on(world, SOON, arrives)
    watch.look()
    for complaint in after_a_while(world):
        world.complain(complaint)
    _go_on(world, LATE, arrives)
    watch.look()
    for complaint in healed(world):
        world.complain(complaint)


def _go_on(world: World, pauses: list[int], arrives: bool) -> None:
    for pause in pauses:
        world.time.sleep(pause)
        world.collect_mail()
        for letter in list(world.mailbag):
            if arrives or may_not_be_lost(letter):
                deliver(world, letter)
        # What the sweeper asks for may be lost like the rest; it asks again.
        for message in list(world.broker.waiting):
            if arrives:
                run_task(world, message)
        world.broker.waiting.clear()
        world.broker.run(jobs.SWEEP, [])
