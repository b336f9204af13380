"""Requests that are compared: sent in turn, round after round, in this process.

The machine's own moods then meet all of them alike. Each is first sent a few times for nothing,
then a few times to count its queries, and only then timed.
"""

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connections
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.road import broker, plugins

WARM_UP = 10
COUNTED = 3


class Wrong(Exception):
    """An answer, or what came of it, is not what it has to be: nothing was measured."""


@dataclass(frozen=True)
class Request:
    """What is sent over HTTP."""

    path: str
    body: bytes = b""
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Variant:
    """One of those that are compared.

    `make` the request and `check` of the answer are not timed; `check` raises Wrong. `installed`
    are Saleor's plugins meanwhile.
    """

    make: Callable[[], Request]
    check: Callable[[HttpResponse], None]
    installed: Sequence[str]


class Cost(NamedTuple):
    """What a request costs the database, where beginning and committing a transaction count as
    well, and the broker."""

    queries: int
    tasks: int


class Series(NamedTuple):
    """What a variant has cost in each round, in milliseconds: `cpu` is this process's alone."""

    cost: Cost
    wall: list[float]
    cpu: list[float]


def sent(rounds: int) -> int:
    """How many requests of each variant `compare` makes."""
    return WARM_UP + COUNTED + rounds


def compare(variants: Mapping[str, Variant], rounds: int) -> dict[str, Series]:
    """Raises Wrong where an answer is not right, or a variant's cost is not always the same."""
    client, names = Client(raise_request_exception=False), list(variants)
    for _ in range(WARM_UP):
        for variant in variants.values():
            _send(client, variant)
    costs = {name: _cost(name, client, variant) for name, variant in variants.items()}
    found = {name: Series(costs[name], [], []) for name in names}
    for turn in range(rounds):
        # Nobody always comes first.
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            wall, cpu = _send(client, variants[name])
            found[name].wall.append(wall)
            found[name].cpu.append(cpu)
    plugins.use(plugins.WITH)
    return found


def _cost(name: str, client: Client, variant: Variant) -> Cost:
    """Counted apart: to look on takes time."""
    costs = set()
    for _ in range(COUNTED):
        request = _make(variant)
        with ExitStack() as stack:
            seen = [
                stack.enter_context(CaptureQueriesContext(connections[each]))
                for each in connections
            ]
            answer = ask(client, request)
        costs.add(Cost(sum(map(len, seen)), broker.waiting()))
        variant.check(answer)
    if len(costs) > 1:
        raise Wrong(f"{name} does not always cost the same: {sorted(costs)}")
    return costs.pop()


def _send(client: Client, variant: Variant) -> tuple[float, float]:
    """The milliseconds that it took, by the clock and of the processor."""
    request = _make(variant)
    wall, cpu = time.perf_counter(), time.process_time()
    answer = ask(client, request)
    took = time.perf_counter() - wall, time.process_time() - cpu
    variant.check(answer)
    return took[0] * 1000, took[1] * 1000


def _make(variant: Variant) -> Request:
    plugins.use(variant.installed)
    request = variant.make()
    broker.forget()
    # What one has left behind is not cleared away in another's time.
    gc.collect()
    return request


def ask(client: Client, request: Request) -> Any:
    """The answer to a request, through all of Django."""
    return client.generic(
        request.method,
        request.path,
        request.body,
        content_type="application/json",
        headers=dict(request.headers),
    )
