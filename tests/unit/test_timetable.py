"""When customers may be reminded, by the clock of the shop."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from saleor_paylink.timetable import Timetable, read_days, read_hours, read_zone

BERLIN = ZoneInfo("Europe/Berlin")
TABLE = Timetable(after=(1, 3), before=(1,), opens=9, closes=20, zone=BERLIN)


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def next_after(
    since: str, until: str | None = None, handled: str | None = None, last: str | None = None
) -> datetime | None:
    return TABLE.next(
        since=at(since),
        until=at(until) if until else None,
        handled=at(handled or since),
        last_mail=at(last or since),
    )


def test_the_first_reminder_is_a_day_after_the_first_mail() -> None:
    assert next_after("2026-06-01 12:00") == at("2026-06-02 12:00")


def test_what_was_seen_to_is_not_due_again() -> None:
    moment = next_after("2026-06-01 12:00", handled="2026-06-02 12:00", last="2026-06-02 12:00")

    assert moment == at("2026-06-04 12:00")


def test_after_the_last_day_nobody_is_reminded() -> None:
    assert next_after("2026-06-01 12:00", handled="2026-06-04 12:00") is None


def test_the_last_reminder_is_a_day_before_the_link_ends() -> None:
    moment = next_after(
        "2026-06-01 12:00",
        until="2026-06-15 15:30",
        handled="2026-06-04 12:00",
        last="2026-06-04 12:00",
    )

    assert moment == at("2026-06-14 15:30")


def test_between_two_mails_lie_24_hours() -> None:
    moment = next_after("2026-06-01 12:00", last="2026-06-02 11:59")

    assert moment == at("2026-06-03 11:59")


@pytest.mark.parametrize(
    ("mailed", "reminded"),
    [
        ("2026-06-01 08:59", "2026-06-02 09:00"),
        ("2026-06-01 09:00", "2026-06-02 09:00"),
        ("2026-06-01 19:59", "2026-06-02 19:59"),
        ("2026-06-01 20:00", "2026-06-03 09:00"),
        ("2026-06-01 23:30", "2026-06-03 09:00"),
    ],
)
def test_nobody_is_reminded_at_night(mailed: str, reminded: str) -> None:
    assert next_after(mailed) == at(reminded)


def test_the_night_is_that_of_the_shops_time_zone() -> None:
    tokyo = Timetable((1,), (), 9, 20, ZoneInfo("Asia/Tokyo"))
    since = at("2026-06-01 12:00")  # 19:00 there.

    moment = tokyo.next(since=since, until=None, handled=since, last_mail=since)

    assert moment == since + timedelta(days=1)
    assert tokyo.by_day(since + timedelta(hours=1)) == at("2026-06-02 09:00", tokyo.zone)


def test_a_day_is_one_of_the_calendar_where_the_clock_is_put_forward() -> None:
    # On 29 March 2026, 02:00 is 03:00 there: 12:00 comes after 23 hours, a mail after 24.
    moment = next_after("2026-03-28 12:00")

    assert moment == at("2026-03-29 13:00")
    assert moment == datetime(2026, 3, 29, 11, 0, tzinfo=UTC)
    assert next_after("2026-03-28 12:00", last="2026-03-27 12:00") == at("2026-03-29 12:00")


def test_a_day_is_one_of_the_calendar_where_the_clock_is_put_back() -> None:
    # On 25 October 2026, 03:00 is 02:00 there.
    assert next_after("2026-10-24 12:00") == at("2026-10-25 12:00")
    assert next_after("2026-10-24 12:00") == datetime(2026, 10, 25, 11, 0, tzinfo=UTC)


def test_opening_time_is_that_of_the_clock_on_the_day() -> None:
    assert TABLE.by_day(at("2026-03-28 23:00")) == datetime(2026, 3, 29, 7, 0, tzinfo=UTC)
    assert TABLE.by_day(at("2026-03-27 23:00")) == datetime(2026, 3, 28, 8, 0, tzinfo=UTC)


def test_nobody_is_reminded_of_what_is_over_by_then() -> None:
    assert next_after("2026-06-01 22:00", until="2026-06-03 09:00") is None
    assert next_after("2026-06-01 22:00", until="2026-06-03 09:01") == at("2026-06-03 09:00")


def test_what_is_due_before_the_link_was_mailed_is_not_due() -> None:
    none = Timetable((), (7,), 9, 20, BERLIN)
    since, until = at("2026-06-01 12:00"), at("2026-06-05 12:00")

    assert none.next(since=since, until=until, handled=since, last_mail=since) is None


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("", ((), ())),
        ("1, 3, -1", ((1, 3), (1,))),
        ("+3 1 1", ((1, 3), ())),
        ("-1 -7", ((), (7, 1))),
        ("365", ((365,), ())),
    ],
)
def test_days_are_read(text: str, days: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    assert read_days(text) == days


@pytest.mark.parametrize("text", ["0", "366", "1.5", "a day", "１", "1;3", "--1"])
def test_what_are_no_days_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        read_days(text)


@pytest.mark.parametrize(("text", "hours"), [("9-20", (9, 20)), (" 0 – 24 ", (0, 24))])
def test_hours_are_read(text: str, hours: tuple[int, int]) -> None:
    assert read_hours(text) == hours


@pytest.mark.parametrize("text", ["", "9", "20-9", "9-9", "9-25", "9:30-20", "-1-5"])
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        read_hours(text)


@pytest.mark.parametrize(
    "name", ["", "Berlin", "Europe/", "../../etc/passwd", "/etc/passwd", "CEST"]
)
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        read_zone(name)
