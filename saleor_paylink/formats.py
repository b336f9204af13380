"""Amounts and dates for people, in their language (by Babel)."""

from copy import copy
from datetime import datetime

from babel import Locale, UnknownLocaleError, dates
from babel.numbers import format_currency
from django.utils.timezone import localtime
from django.utils.translation import get_language

from saleor_paylink.money import Money, decimals


def locale_of(language: str | None) -> Locale:
    """The closest locale Babel knows to a language code such as "pt-br"; else English."""
    for code in (language or "", (language or "").split("-")[0]):
        try:
            return Locale.parse(code, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


def format_money(money: Money, language: str | None = None) -> str:
    """The exact amount, by default in the active language."""
    locale = locale_of(language or get_language())
    digits = decimals(money)
    # A copy: Babel shares its patterns between threads.
    pattern = copy(locale.currency_formats["standard"])
    pattern.frac_prec = (digits, digits)
    return str(
        format_currency(
            money.amount, money.currency, format=pattern, locale=locale, currency_digits=False
        )
    )


def format_time(moment: datetime, language: str | None = None) -> str:
    """Date, hour and minute in the site's time zone, with the zone named."""
    locale = locale_of(language or get_language())
    local = localtime(moment)
    clock = dates.format_time(local, "short", locale=locale)
    zone = dates.get_timezone_name(local, "short", locale=locale)
    return f"{dates.format_date(local, 'long', locale=locale)}, {clock} {zone}"
