"""What goes wrong, and who else is at work meanwhile, decided by the seed.

A process dies by `Killed`, which no `except Exception` of the program's may catch. It can die
wherever something becomes true outside of it: at a commit, at a call of the provider's, at a
message to the broker or to the mail server, each before and after. Where a process holds no
transaction others may come between, so that one thread plays every interleaving in which
processes can meet outside the database's locks.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random

# Shares of all steps, or of all places within a step.
DEADLY = 0.3
MEANWHILE = 0.02
# A call takes long: much can happen meanwhile.
MEANWHILE_CALLING = 0.1
MOST_MEANWHILE = 4
BROKER_DOWN = 0.02
MAIL_DOWN = 0.05
# How many places a process that is to die gets past at most; few steps have more.
LONGEST_LIFE = 10
# A process, and those that come between it.
MOST_AT_WORK = 3

STORMS = ("timeout_before", "timeout_after_commit", "error_500", "rate_limit_429", "conflict_409")


class Killed(BaseException):
    """The process died, at the place that is named."""


class Faults:
    """Nothing goes wrong outside of `life`, and nothing at all once it is `over`."""

    def __init__(self, random: Random, others: Callable[[], None], tally: "Counter[str]") -> None:
        self.over = False
        # The share of the provider's answers that are failures.
        self.storm = 0.0
        self._random = random
        self._others = others
        self._tally = tally
        # How many places each of those at work still gets past; None: it lives.
        self._lives: list[int | None] = []
        # Somebody who comes between for certain, and after how many of the places for that.
        self._rival: Callable[[], None] | None = None
        self._rival_waits = 0

    @contextmanager
    def life(self) -> Iterator[None]:
        """A process at work."""
        self._lives.append(self._random.randint(1, LONGEST_LIFE) if self.happens(DEADLY) else None)
        try:
            yield
        finally:
            self._lives.pop()

    @property
    def at_work(self) -> int:
        return len(self._lives)

    def happens(self, share: float) -> bool:
        return not self.over and self._random.random() < share

    def may_die(self, place: str) -> None:
        """A place where a process can die. A dead one does nothing more."""
        left = self._lives[-1] if self._lives else None
        if left is None:
            return
        self._lives[-1] = left - 1
        if left <= 1:
            raise Killed(place)

    @contextmanager
    def rival(self, at_work: Callable[[], None]) -> Iterator[None]:
        """Somebody who comes between, at one of the first places for that."""
        self._rival, self._rival_waits = at_work, self._random.randint(1, LONGEST_LIFE)
        try:
            yield
        finally:
            self._rival = None

    def meanwhile(self, share: float = MEANWHILE) -> None:
        """A place where no transaction is open: others may come between."""
        self._rival_waits -= 1
        if self._rival is not None and self._rival_waits <= 0:
            rival, self._rival = self._rival, None
            rival()
        if 0 < self.at_work < MOST_AT_WORK and self.happens(share):
            for _ in range(self._random.randint(1, MOST_MEANWHILE)):
                self._others()

    def of_provider(self) -> str | None:
        """What goes wrong with a request to the provider."""
        if not self._lives or not self.fails("provider failures", self.storm):
            return None
        return self._random.choice(STORMS)

    def fails(self, what: str, share: float) -> bool:
        """Whether something else fails, which is counted."""
        failed = self.happens(share)
        self._tally[what] += failed
        return failed
