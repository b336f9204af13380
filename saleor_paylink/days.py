"""Whole days of the site's time zone, and what they add up to."""

import enum
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.utils import timezone

M = TypeVar("M", bound=Model)


class Unit(enum.StrEnum):
    """Weeks begin on Mondays (ISO 8601)."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def periods(first: date, last: date, unit: Unit, *, at_most: int) -> Sequence[date] | None:
    """The first day of each day, week or month that has a day from `first` to `last`; None if
    there are more than `at_most`."""
    if unit is Unit.MONTH:
        months = range(_month(first), _month(last) + 1)
        if len(months) > at_most:
            return None
        return [date(month // 12, month % 12 + 1, 1) for month in months]
    length = 7 if unit is Unit.WEEK else 1
    begin = first.toordinal() - (first.weekday() if unit is Unit.WEEK else 0)
    days = range(begin, last.toordinal() + 1, length)
    return None if len(days) > at_most else [date.fromordinal(day) for day in days]


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


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
