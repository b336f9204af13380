"""The ways to pay that can be offered, by Stripe's own name for each.

Those that need nothing but a Checkout page. Where Stripe takes a method in few currencies,
they are listed: https://docs.stripe.com/payments/payment-methods/payment-method-support
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from django.utils.translation import gettext_lazy

from saleor_paylink.providers.interface import Method, MethodKind

PROVIDER = "stripe"


@dataclass(frozen=True)
class _Kind:
    """`currencies` None: all that Stripe knows."""

    name: str
    mark: MethodKind
    currencies: frozenset[str] | None

    def takes(self, currency: str) -> bool:
        return self.currencies is None or currency in self.currencies


def _(name: str) -> str:
    """A name that is no brand's: whoever is shown it reads it in their language."""
    return cast(str, gettext_lazy(name))


def _in(currencies: str, name: str, mark: MethodKind) -> _Kind:
    return _Kind(name, mark, frozenset(currencies.split()))


METHODS = {
    "card": _Kind(_("Card"), MethodKind.CARD, None),
    "affirm": _in("CAD USD", "Affirm", MethodKind.LATER),
    "afterpay_clearpay": _in("AUD CAD GBP NZD USD", "Afterpay / Clearpay", MethodKind.LATER),
    "alipay": _in("AUD CAD CNY EUR GBP HKD JPY MYR NZD SGD USD", "Alipay", MethodKind.WALLET),
    "au_becs_debit": _in("AUD", "BECS Direct Debit", MethodKind.DEBIT),
    "bacs_debit": _in("GBP", "Bacs Direct Debit", MethodKind.DEBIT),
    "bancontact": _in("EUR", "Bancontact", MethodKind.BANK),
    "blik": _in("PLN", "BLIK", MethodKind.BANK),
    "boleto": _in("BRL", "Boleto", MethodKind.CASH),
    "cashapp": _in("USD", "Cash App Pay", MethodKind.WALLET),
    "eps": _in("EUR", "EPS", MethodKind.BANK),
    "fpx": _in("MYR", "FPX", MethodKind.BANK),
    "grabpay": _in("MYR SGD", "GrabPay", MethodKind.WALLET),
    "ideal": _in("EUR", "iDEAL", MethodKind.BANK),
    "klarna": _in(
        "AUD CAD CHF CZK DKK EUR GBP NOK NZD PLN RON SEK USD", "Klarna", MethodKind.LATER
    ),
    "konbini": _in("JPY", "Konbini", MethodKind.CASH),
    "oxxo": _in("MXN", "OXXO", MethodKind.CASH),
    "p24": _in("EUR PLN", "Przelewy24", MethodKind.BANK),
    "paynow": _in("SGD", "PayNow", MethodKind.BANK),
    "paypal": _in(
        "AUD CAD CHF CZK DKK EUR GBP HKD NOK NZD PLN SEK SGD USD", "PayPal", MethodKind.WALLET
    ),
    "pix": _in("BRL", "Pix", MethodKind.BANK),
    "promptpay": _in("THB", "PromptPay", MethodKind.BANK),
    "sepa_debit": _in("EUR", _("SEPA Direct Debit"), MethodKind.DEBIT),
    "us_bank_account": _in("USD", _("US bank account"), MethodKind.DEBIT),
}


def offered(kinds: Sequence[str], currency: str) -> list[Method]:
    """Those of `kinds` that take the currency, in their order."""
    return [
        Method(f"{PROVIDER}:{kind}", PROVIDER, METHODS[kind].name, METHODS[kind].mark)
        for kind in kinds
        if METHODS[kind].takes(currency)
    ]


def kind_of(method: str) -> str:
    """Stripe's name of a method: "card" for "stripe:card"."""
    return method.partition(":")[2]


def name_of(method: str) -> str:
    """A method's name for people, also of one that paylink has never heard of."""
    kind = kind_of(method)
    return METHODS[kind].name if kind in METHODS else kind.replace("_", " ").capitalize()
