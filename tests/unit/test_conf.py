"""The settings of a channel."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from saleor_paylink.conf import ChannelSettings, SettingInvalid
from saleor_paylink.timetable import Timetable


@pytest.mark.parametrize("text", ["0", "-1", "3651", "1.5", "a day", "９", "9" * 5000])
def test_a_lifetime_that_is_no_number_of_days_is_refused(text: str) -> None:
    settings = ChannelSettings("shop", active=True, values={"link-lifetime-days": text})

    with pytest.raises(SettingInvalid) as caught:
        settings.validate()

    assert caught.value.setting == "link-lifetime-days"


@pytest.mark.parametrize(("text", "days"), [("1", 1), (" 30 ", 30), ("3650", 3650)])
def test_a_lifetime_is_a_number_of_days(text: str, days: int) -> None:
    settings = ChannelSettings("shop", active=True, values={"link-lifetime-days": text})

    assert settings.link_lifetime == timedelta(days=days)


def test_without_a_lifetime_links_do_not_expire() -> None:
    assert ChannelSettings("shop", active=True).link_lifetime is None


@pytest.mark.parametrize("text", ["overpaid", "duplicate, all", "Late", "duplicate;late"])
def test_what_is_no_money_to_refund_without_asking_is_refused(text: str) -> None:
    settings = ChannelSettings("shop", active=True, values={"automatic-refunds": text})

    with pytest.raises(SettingInvalid) as caught:
        settings.validate()

    assert caught.value.setting == "automatic-refunds"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [("", set()), ("late", {"late"}), (" late,  duplicate ", {"late", "duplicate"})],
)
def test_what_is_refunded_without_asking(text: str, kinds: set[str]) -> None:
    settings = ChannelSettings("shop", active=True, values={"automatic-refunds": text})

    assert settings.automatic_refunds == kinds


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("receipts", "sometimes"),
        ("reminder-days", "tomorrow"),
        ("reminder-hours", "20-9"),
        ("time-zone", "Berlin"),
    ],
)
def test_what_does_not_say_when_to_mail_is_refused(field: str, text: str) -> None:
    settings = ChannelSettings("shop", active=True, values={field: text})

    with pytest.raises(SettingInvalid) as caught:
        settings.validate()

    assert caught.value.setting == field


def test_customers_are_reminded_where_nothing_is_set() -> None:
    table = ChannelSettings("shop", active=True).timetable

    assert table == Timetable((1, 3), (1,), 9, 20, ZoneInfo("UTC"))


def test_customers_are_not_reminded_where_no_day_is_set() -> None:
    table = ChannelSettings("shop", active=True, values={"reminder-days": ""}).timetable

    assert (table.after, table.before) == ((), ())


def test_when_customers_are_reminded_is_set_for_a_channel() -> None:
    values = {"reminder-days": "2, -3", "reminder-hours": "10-18", "time-zone": "Asia/Tokyo"}
    table = ChannelSettings("shop", active=True, values=values).timetable

    assert table == Timetable((2,), (3,), 10, 18, ZoneInfo("Asia/Tokyo"))
