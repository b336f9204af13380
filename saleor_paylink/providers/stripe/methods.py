"""The ways to pay that can be offered, by Stripe's own name for each.

Those that need nothing but a Checkout page. Where Stripe takes a method in few currencies,
they are listed: https://docs.stripe.com/payments/payment-methods/payment-method-support
"""

from collections.abc import Sequence
from dataclasses import dataclass

from saleor_paylink.providers.interface import Method

PROVIDER = "stripe"


@dataclass(frozen=True)
class _Kind:
    """`currencies` None: all that Stripe knows."""

    name: str
    currencies: frozenset[str] | None

    def takes(self, currency: str) -> bool:
        return self.currencies is None or currency in self.currencies


def _in(currencies: str, name: str) -> _Kind:
    return _Kind(name, frozenset(currencies.split()))


METHODS = {
    "card": _Kind("Card", None),
    "affirm": _in("CAD USD", "Affirm"),
    "afterpay_clearpay": _in("AUD CAD GBP NZD USD", "Afterpay / Clearpay"),
    "alipay": _in("AUD CAD CNY EUR GBP HKD JPY MYR NZD SGD USD", "Alipay"),
    "au_becs_debit": _in("AUD", "BECS Direct Debit"),
    "bacs_debit": _in("GBP", "Bacs Direct Debit"),
    "bancontact": _in("EUR", "Bancontact"),
    "blik": _in("PLN", "BLIK"),
    "boleto": _in("BRL", "Boleto"),
    "cashapp": _in("USD", "Cash App Pay"),
    "eps": _in("EUR", "EPS"),
    "fpx": _in("MYR", "FPX"),
    "grabpay": _in("MYR SGD", "GrabPay"),
    "ideal": _in("EUR", "iDEAL"),
    "klarna": _in("AUD CAD CHF CZK DKK EUR GBP NOK NZD PLN RON SEK USD", "Klarna"),
    "konbini": _in("JPY", "Konbini"),
    "oxxo": _in("MXN", "OXXO"),
    "p24": _in("EUR PLN", "Przelewy24"),
    "paynow": _in("SGD", "PayNow"),
    "paypal": _in("AUD CAD CHF CZK DKK EUR GBP HKD NOK NZD PLN SEK SGD USD", "PayPal"),
    "pix": _in("BRL", "Pix"),
    "promptpay": _in("THB", "PromptPay"),
    "sepa_debit": _in("EUR", "SEPA Direct Debit"),
    "us_bank_account": _in("USD", "US bank account"),
}


def offered(kinds: Sequence[str], currency: str) -> list[Method]:
    """Those of `kinds` that take the currency, in their order."""
    return [
        Method(f"{PROVIDER}:{kind}", PROVIDER, METHODS[kind].name)
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
