"""Work that one worker at a time may do, on rows with `leased_until`.

A lease that ran out means that whoever took it has died: another may try.
"""

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

# Longer than the work takes; a worker that takes longer is taken for dead, and what it does
# must bear being done twice.
LEASE = timedelta(minutes=2)


def free(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """Those that nobody is at."""
    now = timezone.now()
    return rows.filter(Q(leased_until__isnull=True) | Q(leased_until__lte=now))


def take(rows: "QuerySet[Any]", pk: object) -> bool:
    """Take the lease of one of `rows`; False if it is taken, or none of them."""
    return free(rows).filter(pk=pk).update(leased_until=timezone.now() + LEASE) == 1
