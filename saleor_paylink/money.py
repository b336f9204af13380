"""Exact money: `prices.Money`, a Decimal with a currency, and never a float.

What a provider or a shop cannot represent is refused, never rounded: a debt that was
rounded is a debt that was guessed.
"""

from decimal import Decimal

from babel.numbers import get_currency_precision
from prices import Money

__all__ = [
    "AmountNotRepresentable",
    "Money",
    "decimals",
    "from_minor_units",
    "to_minor_units",
    "with_its_decimals",
    "zero",
]


class AmountNotRepresentable(ValueError):
    """An amount that cannot be said in the units asked for without changing it."""


def zero(currency: str) -> Money:
    """Nothing, in `currency` (ISO 4217, upper case)."""
    return Money(Decimal(0), currency)


def decimals(money: Money) -> int:
    """How many decimals the amount is said with: its currency's, by CLDR, and more where it has
    more. CLDR gives some currencies none that can well have them (ISK): a digit that is owed is
    never hidden, and then there are two at least."""
    usual = int(get_currency_precision(money.currency))
    exact = -int(money.amount.normalize().as_tuple().exponent)
    return usual if exact <= usual else max(exact, 2)


def with_its_decimals(money: Money) -> Money:
    """The same amount, however it was written: 25, 25.0 and 25.000 USD are all 25.00 USD."""
    step = Decimal(1).scaleb(-decimals(money))
    return Money(money.amount.quantize(step), money.currency)


def to_minor_units(money: Money, exponent: int, multiple_of: int = 1) -> int:
    """The amount in units of 10^-exponent, for example cents where the exponent is 2.

    `multiple_of` is the smallest step that may be charged, in those units. Raises
    AmountNotRepresentable where the amount is finer than that.
    """
    scaled = money.amount.scaleb(exponent)
    units = int(scaled)
    if units != scaled or units % multiple_of:
        raise AmountNotRepresentable(
            f"{money.amount} {money.currency} cannot be charged exactly: "
            f"it is not a multiple of {Decimal(multiple_of).scaleb(-exponent)}."
        )
    return units


def from_minor_units(units: int, currency: str, exponent: int) -> Money:
    """The inverse of `to_minor_units`: always exact."""
    return Money(Decimal(units).scaleb(-exponent), currency.upper())
