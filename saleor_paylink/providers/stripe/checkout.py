"""The Checkout Session that is asked for.

https://docs.stripe.com/api/checkout/sessions/create
"""

import re
from typing import Any

from saleor_paylink.providers.interface import CheckoutRequest
from saleor_paylink.providers.stripe.amounts import to_units
from saleor_paylink.providers.stripe.methods import kind_of

# The names say that an object is paylink's, the values which attempt it belongs to, and which of
# the shops, and of their channels, that may share a Stripe account.
ATTEMPT = "saleor_paylink_attempt"
SHOP = "saleor_paylink_shop"
CHANNEL = "saleor_paylink_channel_id"

# Stricter than Stripe, which refuses the whole session for an address it does not like; an
# address that is left out is typed by the customer.
_EMAIL = re.compile(
    r"[A-Za-z0-9_%+'-]+(?:\.[A-Za-z0-9_%+'-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}"
)
_LONGEST_EMAIL = 254
_LONGEST_DESCRIPTION = 1000

# Stripe's languages, and what others call some of them.
_LOCALES = (
    "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr", "fr-CA",
    "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR",
    "ro", "ru", "sk", "sl", "sv", "th", "tr", "vi", "zh", "zh-HK", "zh-TW",
)  # fmt: skip
_BY_CODE = {each.lower(): each for each in _LOCALES} | {
    "nn": "nb",
    "no": "nb",
    "tl": "fil",
    "zh-hant": "zh-TW",
    "zh-hant-hk": "zh-HK",
}


def parameters(request: CheckoutRequest) -> dict[str, Any]:
    """As JSON. Raises AmountNotRepresentable."""
    # Stripe does not copy a session's metadata to the payment, nor on to refunds.
    metadata = {ATTEMPT: request.attempt_id, SHOP: request.shop, CHANNEL: request.channel}
    description = request.description[:_LONGEST_DESCRIPTION]
    asked: dict[str, Any] = {
        "mode": "payment",
        "line_items": [_line(request, description)],
        "payment_method_types": [kind_of(request.method)],
        "client_reference_id": request.attempt_id,
        "metadata": metadata,
        "payment_intent_data": {
            "capture_method": "automatic",
            "description": description,
            "metadata": metadata,
        },
        # A string, for the library would write False. The customer pays in the order's currency,
        # whatever is switched on in the Stripe Dashboard.
        "adaptive_pricing": {"enabled": "false"},
        "locale": locale(request.language),
        "submit_type": "pay",
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
        "expires_at": int(request.expires_at.timestamp()),
    }
    if request.customer_email and is_email(request.customer_email):
        asked["customer_email"] = request.customer_email
    return asked


def _line(request: CheckoutRequest, description: str) -> dict[str, Any]:
    """One line for the amount due: an order's own lines cannot say what is left to pay."""
    price = {
        "currency": request.amount.currency.lower(),
        "unit_amount": to_units(request.amount),
        "product_data": {"name": description},
    }
    return {"quantity": 1, "price_data": price}


def is_email(text: str) -> bool:
    """Whether Stripe is sure to take it for an address."""
    return len(text) <= _LONGEST_EMAIL and _EMAIL.fullmatch(text) is not None


def locale(language: str) -> str:
    """The nearest language of Stripe's page to a code such as "pt-br"; the browser's if none."""
    steps = language.lower().replace("_", "-").split("-")
    if steps[0] == "es" and len(steps) > 1 and steps[-1] != "es":
        return "es-419"
    for length in range(len(steps), 0, -1):
        found = _BY_CODE.get("-".join(steps[:length]))
        if found:
            return found
    return "auto"
