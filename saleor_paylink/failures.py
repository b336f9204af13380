"""Writing down what went wrong."""

import logging
import sys
import traceback


def log_failure(logger: logging.Logger, what: str, *args: object) -> None:
    """Log `what` failed, and where the exception that is being handled came from.

    Not what the exception says: its text may hold an address, a token or a secret.
    """
    kind, _error, trace = sys.exc_info()
    lines = "".join(traceback.format_tb(trace))
    logger.error(what + " %s at:\n%s", *args, kind.__name__ if kind else "Nothing", lines)
