"""Two at once, in real threads on Postgres."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection

from saleor_paylink.links.errors import LinkError, LinkErrorCode

Work = Callable[[], object]
# A thread that is waited for longer hangs for ever.
PATIENCE = 20.0
LOOK_EVERY = 0.01


class Racer:
    """One piece of work in a thread with a connection of its own."""

    def __init__(self, work: Work) -> None:
        self.result: object = None
        self.pid = 0
        self._work = work
        self._fault: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.connected = threading.Event()
        self.finished = threading.Event()

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        try:
            connection.ensure_connection()
            self.pid = connection.connection.info.backend_pid
            self.connected.set()
            self.result = self._work()
        except LinkError as refusal:
            self.result = refusal
        except BaseException as fault:
            self._fault = fault
        finally:
            self.connected.set()
            self.finished.set()
            connection.close()

    def join(self) -> object:
        """What the work returned, or the LinkError by which it was refused; raises all else."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "It hangs."
        if self._fault is not None:
            raise self._fault
        return self.result

    def is_waiting(self) -> bool:
        """Whether Postgres lets it wait for somebody's lock."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [self.pid])
            return bool(cursor.fetchone()[0])


def at_once(*works: Work) -> list[object]:
    """Run `works` in the same instant; what each returned, or the LinkError it was refused by."""
    barrier = threading.Barrier(len(works))

    def after_barrier(work: Work) -> Work:
        def run() -> object:
            barrier.wait(PATIENCE)
            return work()

        return run

    racers = [Racer(after_barrier(work)) for work in works]
    for racer in racers:
        racer.start()
    return [racer.join() for racer in racers]


def overtaken(first: Work, second: Work, *, before: str) -> list[object]:
    """Let `second` overtake `first`, as far as it is let: in the moment before the first
    statement that contains `before`, `second` runs until it is done or waits for a lock.

    Without a lock it would get through, and so find what `first` is about to change as it was.
    """
    reached, go_on = threading.Event(), threading.Event()

    def pause(run: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if before in sql and not reached.is_set():
            reached.set()
            assert go_on.wait(PATIENCE)
        return run(sql, *rest)

    def pausing() -> object:
        with connection.execute_wrapper(pause):
            return first()

    racers = Racer(pausing), Racer(second)
    racers[0].start()
    while not reached.wait(LOOK_EVERY):
        assert not racers[0].finished.is_set(), f"It has never come to {before}: {racers[0].join()}"
    racers[1].start()
    assert racers[1].connected.wait(PATIENCE)
    while not racers[1].finished.wait(LOOK_EVERY) and not racers[1].is_waiting():
        pass
    go_on.set()
    return [racer.join() for racer in racers]


def codes(results: list[object]) -> list[LinkErrorCode]:
    """Why who was refused."""
    return [each.code for each in results if isinstance(each, LinkError)]
