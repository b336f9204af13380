"""How long things take.

Database time is what the server itself says that it took to plan and to run the very statements
that were issued: EXPLAIN (ANALYZE, TIMING OFF, SUMMARY) of them, caught on their way. Without
TIMING nothing is clocked within a statement, which would cost most where most rows are. It leaves
out the way to the client and back and what the client makes of the rows, which wall time has.
pg_stat_statements says the same and needs a library that the embedded server does not bring.

All is run once unmeasured: caches are warm, for both sides. Of the runs it is the median.
"""

import json
import statistics
import time
from collections.abc import Callable
from typing import Any

from django.db import connection

RUNS = 5
Statement = tuple[str, Any]


def database_ms(call: Callable[[], object], runs: int = RUNS) -> float:
    """Milliseconds that the server takes for all statements of the call."""
    statements = _statements(call)
    assert statements, "nothing was asked of the database"
    return statistics.median(sum(map(_server_ms, statements)) for _ in range(runs))


def wall_ms(call: Callable[[], object], runs: int = RUNS) -> float:
    """Milliseconds that go by from the call to its answer."""
    call()
    return statistics.median(_wall_ms(call) for _ in range(runs))


def _statements(call: Callable[[], object]) -> list[Statement]:
    found: list[Statement] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        call()
    return found


def _server_ms(statement: Statement) -> float:
    sql, params = statement
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, SUMMARY, FORMAT JSON) {sql}", params)
        (answer,) = cursor.fetchone()
    (plan,) = json.loads(answer) if isinstance(answer, str) else answer
    return float(plan["Planning Time"] + plan["Execution Time"])


def _wall_ms(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000
