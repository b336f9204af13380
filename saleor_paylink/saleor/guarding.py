"""Calls that must never disturb Saleor: what they raise is written down and goes no further."""

import logging
import traceback
from collections.abc import Callable
from functools import partial

from django.db import transaction
from saleor.core.db.connection import allow_writer

logger = logging.getLogger(__name__)


def guarded(job: Callable[..., object], *args: object, **kwargs: object) -> None:
    """Run `job`; log where it failed, but not what the failure said.

    The text of an exception may hold an address or a token; the lines it passed do not.
    """
    try:
        with allow_writer():
            job(*args, **kwargs)
    except Exception as error:
        logger.error(
            "%s failed with %s:\n%s",
            getattr(job, "__qualname__", job),
            type(error).__name__,
            "".join(traceback.format_tb(error.__traceback__)),
        )


def after_commit(job: Callable[..., object], *args: object, **kwargs: object) -> None:
    """Run `job`, guarded, once the present transaction is committed; now if there is none."""
    transaction.on_commit(partial(guarded, job, *args, **kwargs))
