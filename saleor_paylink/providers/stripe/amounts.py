"""Exact amounts in Stripe's units, whose decimals are neither ISO's nor those of CLDR.

https://docs.stripe.com/currencies
"""

from decimal import Decimal

from saleor_paylink.money import (
    AmountNotRepresentable,
    Money,
    from_minor_units,
    to_minor_units,
)

ZERO_DECIMAL = frozenset(
    (
        "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA",
        "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
    )
)  # fmt: skip
THREE_DECIMAL = frozenset(("BHD", "JOD", "KWD", "OMR", "TND"))

# Sent with two decimals, of which only 00 can be charged.
WHOLE_UNITS_ONLY = frozenset(("ISK", "UGX"))

# Eight digits, in whatever unit.
MAXIMUM = 99_999_999


def to_units(money: Money) -> int:
    """What Stripe is to be sent. Raises AmountNotRepresentable for what it cannot charge."""
    if money.amount <= 0:
        raise AmountNotRepresentable(
            f"{money.amount} {money.currency} cannot be charged: it is not more than nothing."
        )
    exponent = _exponent(money.currency)
    units = to_minor_units(money, exponent, _step(money.currency))
    if units > MAXIMUM:
        raise AmountNotRepresentable(
            f"{money.amount} {money.currency} cannot be charged: "
            f"it is more than {Decimal(MAXIMUM).scaleb(-exponent)}."
        )
    return units


def from_units(units: int, currency: str) -> Money:
    """What Stripe has said, in a currency of either case."""
    return from_minor_units(units, currency, _exponent(currency.upper()))


def _exponent(currency: str) -> int:
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def _step(currency: str) -> int:
    if currency in WHOLE_UNITS_ONLY:
        return 100
    return 10 if currency in THREE_DECIMAL else 1


# https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts, for a currency that is
# settled as it is. Where Stripe converts, it holds the amount against the minimum of the other
# currency, and refuses what is too small itself.
_SMALLEST = {
    "AED": "2.00", "AUD": "0.50", "BGN": "1.00", "BRL": "0.50", "CAD": "0.50", "CHF": "0.50",
    "CZK": "15.00", "DKK": "2.50", "EUR": "0.50", "GBP": "0.30", "HKD": "4.00", "HUF": "175.00",
    "INR": "0.50", "JPY": "50", "MXN": "10.00", "MYR": "2.00", "NOK": "3.00", "NZD": "0.50",
    "PLN": "2.00", "RON": "2.00", "SEK": "3.00", "SGD": "0.50", "THB": "10.00", "USD": "0.50",
}  # fmt: skip


def smallest(currency: str) -> Money:
    """The least that Stripe is known to take in a currency; zero where it is not known."""
    return Money(Decimal(_SMALLEST.get(currency, "0")), currency)
