"""Template filters: amounts, times and directions for people."""

from datetime import datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from saleor_paylink.formats import format_money, format_time, locale_of
from saleor_paylink.money import Money

register = template.Library()


@register.filter
def money(amount: Money) -> SafeString:
    """The exact amount in the active language, whichever way the text around it runs."""
    return _isolated(format_money(amount))


@register.filter
def time(moment: datetime) -> SafeString:
    """Date and time in the active language, whichever way the text around it runs."""
    return _isolated(format_time(moment))


@register.filter
def subject(number: str) -> str:
    """What a customer's mail about the order of that number is called."""
    return _("Order #%(number)s") % {"number": number}


@register.filter
def direction(language: str) -> str:
    """Which way a language is written, as HTML's `dir`."""
    return str(locale_of(language).text_direction)


def _isolated(text: str) -> SafeString:
    return format_html("<bdi>{}</bdi>", text)
