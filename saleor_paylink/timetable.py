"""When a shop's customers may be reminded: reckoned in its time zone, and on its clock's hours.

A day is a day of the calendar there, also where the clock is put forward or back; between two
mails lie 24 hours that have really passed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# Nobody is written to more often.
BETWEEN_MAILS = timedelta(hours=24)
LONGEST = 365
DAYS = re.compile(r"[+-]?[0-9]{1,3}", re.ASCII)
HOURS = re.compile(r"([0-9]{1,2})\s*[-–]\s*([0-9]{1,2})", re.ASCII)


@dataclass(frozen=True)
class Timetable:
    """When a link is reminded of: so many days `after` it was first mailed, and so many days
    `before` it ends, from `opens` to `closes` (full hours, `closes` itself not) in `zone`."""

    after: tuple[int, ...]
    before: tuple[int, ...]
    opens: int
    closes: int
    zone: ZoneInfo

    def next(
        self, *, since: datetime, until: datetime | None, handled: datetime, last_mail: datetime
    ) -> datetime | None:
        """When to remind next of a link that was first mailed at `since` and ends at `until`.

        What was due up to `handled` has been seen to; `last_mail` is when the customer was last
        written to. None: not any more.
        """
        seen_to = max(since, handled)
        wanted = min((each for each in self._wanted(since, until) if each > seen_to), default=None)
        if wanted is None:
            return None
        # In UTC: Python would add hours of the wall's clock.
        moment = self.by_day(max(wanted, last_mail.astimezone(UTC) + BETWEEN_MAILS))
        return moment if until is None or moment < until else None

    def _wanted(self, since: datetime, until: datetime | None) -> Iterator[datetime]:
        for days in self.after:
            yield self._days_from(since, days)
        if until is not None:
            for days in self.before:
                yield self._days_from(until, -days)

    def _days_from(self, moment: datetime, days: int) -> datetime:
        local = moment.astimezone(self.zone)
        # Python adds to the wall's clock: the same hour on another day, whatever its offset.
        return (local + timedelta(days=days)).astimezone(UTC)

    def by_day(self, moment: datetime) -> datetime:
        """The first moment, not before this one, at which the shop writes to people."""
        local = moment.astimezone(self.zone)
        if local.hour < self.opens:
            return self._opening(local.date())
        if local.hour >= self.closes:
            return self._opening(local.date() + timedelta(days=1))
        return moment

    def _opening(self, day: date) -> datetime:
        return datetime.combine(day, time(self.opens), self.zone).astimezone(UTC)


def read_days(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """ "1, 3, -1" as the days after the first mail, and those before the end. Raises ValueError."""
    words = text.replace(",", " ").split()
    if not all(DAYS.fullmatch(word) and 1 <= abs(int(word)) <= LONGEST for word in words):
        raise ValueError
    days = sorted({int(word) for word in words})
    return tuple(day for day in days if day > 0), tuple(-day for day in days if day < 0)


def read_hours(text: str) -> tuple[int, int]:
    """ "9-20" as the first hour and the one that is too late. Raises ValueError."""
    found = HOURS.fullmatch(text.strip())
    opens, closes = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 0 <= opens < closes <= 24:
        raise ValueError
    return opens, closes


def read_zone(name: str) -> ZoneInfo:
    """The time zone of a name such as "Europe/Berlin". Raises ValueError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError from error
