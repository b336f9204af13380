"""Amounts for people: exact, in their language."""

from decimal import Decimal

import pytest

from saleor_paylink.formats import format_money, locale_of
from saleor_paylink.money import Money, with_its_decimals


@pytest.mark.parametrize(
    ("amount", "currency", "language", "shown"),
    [
        ("25", "USD", "en", "$25.00"),
        ("1234567.5", "USD", "en", "$1,234,567.50"),
        ("25", "JPY", "en", "¥25"),
        ("5.125", "KWD", "en", "KWD5.125"),
        ("10.50", "RSD", "en", "RSD10.50"),
        ("10", "ISK", "en", "ISK10"),
        ("0.125", "USD", "en", "$0.125"),
        ("1234.5", "EUR", "de", "1.234,50\xa0€"),
        ("1234.5", "EUR", "pt-br", "€\xa01.234,50"),
        ("25", "USD", "xx-yy", "$25.00"),
    ],
)
def test_no_digit_that_is_owed_is_hidden(
    amount: str, currency: str, language: str, shown: str
) -> None:
    assert format_money(Money(Decimal(amount), currency), language) == shown


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("30", "USD", "30.00"),
        ("30.000", "USD", "30.00"),
        ("30.005", "USD", "30.005"),
        ("1E+2", "USD", "100.00"),
        ("30.000", "JPY", "30"),
        ("30", "KWD", "30.000"),
        ("0", "ISK", "0"),
        ("10.5", "ISK", "10.50"),
    ],
)
def test_an_amount_is_written_in_one_way_and_stays_the_same(
    amount: str, currency: str, written: str
) -> None:
    money = Money(Decimal(amount), currency)

    assert with_its_decimals(money) == money
    assert str(with_its_decimals(money).amount) == written


@pytest.mark.parametrize(
    ("language", "locale"),
    [("pl", "pl"), ("en-us", "en_US"), ("zh-hans", "zh_Hans"), ("de-xx", "de"), ("", "en")],
)
def test_the_closest_language_is_taken(language: str, locale: str) -> None:
    assert str(locale_of(language)) == locale


def test_showing_one_amount_does_not_change_how_the_next_is_shown() -> None:
    format_money(Money(Decimal("0.125"), "USD"), "en")

    assert format_money(Money(Decimal("25"), "USD"), "en") == "$25.00"
