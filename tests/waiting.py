"""Tasks that wait for a worker, as in production; elsewhere in tests they are done at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from celery import current_app
from django.test import override_settings


@contextmanager
def tasks_wait() -> Iterator[Callable[[], int]]:
    """Meanwhile tasks are queued and not done; how many there are since one asked last."""
    with override_settings(CELERY_TASK_ALWAYS_EAGER=False):
        try:
            yield current_app.control.purge
        finally:
            current_app.control.purge()
