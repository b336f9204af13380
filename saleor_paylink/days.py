"""Whole days of the site's time zone."""

from datetime import date, datetime, time, timedelta
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.utils import timezone

M = TypeVar("M", bound=Model)


def within(rows: "QuerySet[M]", field: str, start: date | None, end: date | None) -> "QuerySet[M]":
    """Those whose `field`, a time, lies on the days from `start` to `end` inclusive."""
    if start is not None:
        rows = rows.filter(**{f"{field}__gte": _midnight(start)})
    # The last of all days has no next one to end before.
    if end is not None and end < date.max:
        rows = rows.filter(**{f"{field}__lt": _midnight(end + timedelta(days=1))})
    return rows


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
