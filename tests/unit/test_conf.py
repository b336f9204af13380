"""The settings of a channel."""

from datetime import timedelta

import pytest

from saleor_paylink.conf import ChannelSettings, SettingInvalid


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
