"""The simulator's time."""

import time
from collections.abc import Callable


class Clock:
    """Seconds since the epoch, from `source`, plus what a test has moved it on by."""

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._offset = 0

    def now(self) -> int:
        """The simulator's time: what its objects are dated with and expire by."""
        return int(self._source()) + self._offset

    def wall(self) -> int:
        """The time that is not moved on by `advance`.

        Webhooks are signed with it: their receiver measures a signature's age by its own clock,
        which nobody has moved.
        """
        return int(self._source())

    def advance(self, seconds: int) -> int:
        """Move on by `seconds`, never back; answers the new time."""
        if seconds < 0:
            raise ValueError("Time does not go back.")
        self._offset += seconds
        return self.now()

    def reset(self) -> None:
        """Forget all moves."""
        self._offset = 0
