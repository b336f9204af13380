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
