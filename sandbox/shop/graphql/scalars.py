"""Amounts, dates and languages, named and shaped as Saleor's."""

from datetime import date
from decimal import Decimal, DecimalException
from typing import Any

import graphene
from babel import Locale
from babel.numbers import get_currency_precision
from django.conf import settings
from graphql.language import ast

from saleor_paylink.money import Money as Amount


class PositiveDecimal(graphene.Float):
    """A decimal number that is not negative, with its digits as they were typed."""

    @staticmethod
    def parse_value(value: Any) -> Decimal | None:
        try:
            parsed = Decimal(str(value))
        except DecimalException:
            return None
        return parsed if parsed.is_finite() and parsed >= 0 else None

    @staticmethod
    def parse_literal(node: Any) -> Decimal | None:
        if isinstance(node, ast.FloatValue | ast.IntValue):
            return PositiveDecimal.parse_value(node.value)
        return None


class Date(graphene.Date):
    """A day, as in 2030-12-31."""

    @staticmethod
    def parse_value(value: Any) -> date | None:
        # As Saleor's: graphene 2 trips over it.
        return graphene.Date.parse_value(value) if value != "" else None


class DateTime(graphene.DateTime):
    """A moment, as in 2030-12-31T23:59:59+00:00."""


class DateRangeInput(graphene.InputObjectType):
    gte = Date()
    lte = Date()


class Money(graphene.ObjectType):
    """An amount in a currency."""

    currency = graphene.String(required=True)
    amount = graphene.Float(required=True)
    fractional_amount = graphene.Int(required=True)
    fraction_digits = graphene.Int(required=True)

    @staticmethod
    def resolve_amount(root: Amount, _info: Any) -> Decimal:
        amount: Decimal = root.quantize().amount
        return amount

    @staticmethod
    def resolve_fractional_amount(root: Amount, _info: Any) -> int:
        digits: int = get_currency_precision(root.currency)
        return int(root.quantize().amount.scaleb(digits))

    @staticmethod
    def resolve_fraction_digits(root: Amount, _info: Any) -> int:
        digits: int = get_currency_precision(root.currency)
        return digits


class TaxedMoney(graphene.ObjectType):
    """An amount without taxes, so that net and gross are equal."""

    currency = graphene.String(required=True)
    gross = graphene.Field(Money, required=True)
    net = graphene.Field(Money, required=True)
    tax = graphene.Field(Money, required=True)

    @staticmethod
    def resolve_gross(root: Amount, _info: Any) -> Amount:
        return root

    @staticmethod
    def resolve_net(root: Amount, _info: Any) -> Amount:
        return root

    @staticmethod
    def resolve_tax(root: Amount, _info: Any) -> Amount:
        return root - root


def enum_of(name: str, values: Any) -> Any:
    """A graphene enum whose values are Saleor's lower-case ones."""
    return graphene.Enum(
        name, [(value.upper().replace("-", "_").replace(" ", "_"), value) for value in values]
    )


class OrderDirection(graphene.Enum):
    ASC = ""
    DESC = "-"


LanguageCodeEnum = enum_of("LanguageCodeEnum", [code for code, _name in settings.LANGUAGES])
CountryCode = graphene.Enum(
    "CountryCode",
    [(c, c) for c in sorted(Locale("en").territories) if len(c) == 2 and c.isalpha()],
)
