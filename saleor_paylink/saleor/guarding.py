"""Calls that must never disturb Saleor: what they raise is written down and goes no further."""

import logging
from collections.abc import Callable
from functools import partial

from django.db import transaction
from saleor.core.db.connection import allow_writer

from saleor_paylink.failures import log_failure
from saleor_paylink.shop import Busy

logger = logging.getLogger(__name__)


def guarded(job: Callable[..., object], *args: object, **kwargs: object) -> None:
    """Run `job` with leave to write; what it raises is logged."""
    try:
        with allow_writer():
            job(*args, **kwargs)
    except Busy:
        logger.info("%s: somebody else is telling of it.", getattr(job, "__qualname__", job))
    except Exception:
        log_failure(logger, "%s failed:", getattr(job, "__qualname__", job))


def after_commit(job: Callable[..., object], *args: object, **kwargs: object) -> None:
    """Run `job`, guarded, once the present transaction is committed; now if there is none."""
    transaction.on_commit(partial(guarded, job, *args, **kwargs))
