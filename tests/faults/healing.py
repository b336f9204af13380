"""How everything gets well again: nobody dies any more, the provider answers, time passes.

Whether what is still under way arrives at all is left to the seed: either way the sweeper must
do it.
"""

from saleor_paylink import jobs
from tests.faults.actors import deliver, run_task
from tests.faults.invariants import Watch, after_a_while, healed
from tests.faults.world import World

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
# A lease and the sweeper's soonest check take minutes, an event that failed waits for six hours
# at most.
SOON = [3 * MINUTE] * 4 + [HOUR] * 2 + [2 * HOUR] * 2
# A session lives for a day, and money that was paid is looked at every week.
LATE = [12 * HOUR] * 4 + [4 * DAY] * 2


def heal(world: World, watch: Watch) -> None:
    """Let it heal, and look."""
    world.faults.over = True
    arrives = world.random.random() < 0.5
    world.story.append(f"-- it heals; what is under way {'arrives' if arrives else 'is lost'}")
    for session in world.sessions_processing():
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
            if arrives:
                deliver(world, letter)
        world.mailbag.clear()
        # What the sweeper asks for may be lost like the rest; it asks again.
        for message in list(world.broker.waiting):
            if arrives:
                run_task(world, message)
        world.broker.waiting.clear()
        world.broker.run(jobs.SWEEP, [])
