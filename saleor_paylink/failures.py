"""Writing down what went wrong."""

import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager


class Failed(Exception):
    """Something failed; the log says what and where. It holds nothing of what was worked on."""


def log_failure(logger: logging.Logger, what: str, *args: object) -> None:
    """Log `what` failed, and where the exception that is being handled came from.

    Not what the exception says: its text may hold an address, a token or a secret.
    """
    kind, _error, trace = sys.exc_info()
    lines = "".join(traceback.format_tb(trace))
    logger.error(what + " %s at:\n%s", *args, kind.__name__ if kind else "Nothing", lines)


@contextmanager
def muted(
    logger: logging.Logger, what: str, *args: object, of: type[Exception] = Exception
) -> Iterator[None]:
    """Log what fails, and raise Failed in its place: for where whatever is raised is logged
    whole by others. `of` limits it to exceptions of a kind."""
    try:
        yield
    except of:
        log_failure(logger, what, *args)
        raise Failed("See the log for what failed.") from None
