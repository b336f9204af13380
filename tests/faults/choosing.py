"""Who does something next, each kind of act with its share.

A choice looks what can be done now, and says what somebody is about to do; None: nothing. What
is chosen may be overtaken by others before it is done, as in life.
"""

from collections.abc import Callable

from tests.faults.world import Act, World

Choice = Callable[[World], Act | None]
CHOICES: list[Choice] = []
SHARES: list[int] = []


def share(weight: int) -> Callable[[Choice], Choice]:
    """Let a choice be made `weight` times as often as one of weight 1."""

    def register(choice: Choice) -> Choice:
        CHOICES.append(choice)
        SHARES.append(weight)
        return choice

    return register


def choose(world: World) -> Act:
    """Somebody who can do something now."""
    while True:
        (choice,) = world.random.choices(CHOICES, SHARES)
        act = choice(world)
        if act is not None:
            return act
