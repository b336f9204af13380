"""The sweeper's place in Celery beat's schedule."""

from datetime import timedelta

from django.conf import settings

from saleor_paylink import jobs

SWEEP = "saleor-paylink-sweep"
SWEEP_EVERY = timedelta(minutes=1)


def schedule_sweep() -> None:
    """Have Celery beat sweep, unless the operator's settings say when. A sweep that was not
    begun before the next is due is dropped: they all do the same."""
    settings.CELERY_BEAT_SCHEDULE.setdefault(  # type: ignore[misc]
        SWEEP,
        {
            "task": jobs.SWEEP,
            "schedule": SWEEP_EVERY,
            "options": {"expires": SWEEP_EVERY.total_seconds()},
        },
    )
