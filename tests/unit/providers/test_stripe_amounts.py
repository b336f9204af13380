"""Exact amounts: nothing is rounded on the way to Stripe, nor on the way back."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saleor_paylink.money import AmountNotRepresentable, Money
from saleor_paylink.providers.stripe.amounts import MAXIMUM, from_units, to_units
from sandbox.stripe.money import SUPPORTED
from tests.unit.providers.helpers import money, stripe

CURRENCIES = st.sampled_from(sorted(each.upper() for each in SUPPORTED))


@pytest.mark.parametrize(
    ("amount", "units"),
    [
        (money("5", "UGX"), 500),
        (money("1000.000", "ISK"), 100000),
        (money("500", "JPY"), 500),
        (money("5.120", "KWD"), 5120),
        (money("10.5", "RSD"), 1050),
        (money("10.55", "HUF"), 1055),
        (money("12.340", "EUR"), 1234),
        (money("0.01", "USD"), 1),
        (money("999999.99", "EUR"), 99_999_999),
        (money("99999999", "JPY"), 99_999_999),
        (money("99999.990", "BHD"), 99_999_990),
    ],
)
def test_an_amount_has_these_units_and_comes_back_the_same(amount, units):
    assert to_units(amount) == units
    assert from_units(units, amount.currency.lower()) == amount


@pytest.mark.parametrize(
    "amount",
    [
        money("5.50", "UGX"),
        money("1000.01", "ISK"),
        money("500.5", "JPY"),
        money("5.125", "KWD"),
        money("0.001", "TND"),
        money("10.505", "RSD"),
        money("12.345", "EUR"),
    ],
)
def test_an_amount_finer_than_can_be_charged_is_refused(amount):
    with pytest.raises(AmountNotRepresentable, match="cannot be charged exactly"):
        stripe().check_amount(amount)


@pytest.mark.parametrize("amount", [money("0"), money("-0.01"), money("-5", "JPY")])
def test_an_amount_of_nothing_or_less_is_refused(amount):
    with pytest.raises(AmountNotRepresentable, match="not more than nothing"):
        stripe().check_amount(amount)


@pytest.mark.parametrize(
    ("amount", "most"),
    [
        (money("1000000.00"), "999999.99"),
        (money("100000000", "JPY"), "99999999"),
        (money("100000.000", "KWD"), "99999.999"),
    ],
)
def test_an_amount_of_more_than_eight_digits_is_refused(amount, most):
    with pytest.raises(AmountNotRepresentable, match=f"it is more than {most}.$"):
        stripe().check_amount(amount)


@given(st.integers(1, MAXIMUM), CURRENCIES)
def test_what_stripe_said_comes_back_to_the_same_units_or_is_finer_than_can_be_charged(
    units, currency
):
    amount = from_units(units, currency)
    try:
        assert to_units(amount) == units
    except AmountNotRepresentable:
        assert units % {"ISK": 100, "UGX": 100}.get(currency, 10)


@given(st.decimals("0.001", 1_000_000, places=3), CURRENCIES)
def test_an_amount_is_charged_exactly_or_not_at_all(amount, currency):
    asked = Money(amount, currency)
    try:
        units = to_units(asked)
    except AmountNotRepresentable:
        return
    assert from_units(units, currency) == asked
    assert isinstance(from_units(units, currency).amount, Decimal)
