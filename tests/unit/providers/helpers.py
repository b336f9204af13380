"""What the tests of providers share: settings, a request, and webhooks signed by hand."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from saleor_paylink.conf import ChannelSettings
from saleor_paylink.money import Money
from saleor_paylink.providers.interface import CheckoutRequest
from saleor_paylink.providers.stripe import StripeProvider
from sandbox.stripe.deliveries import signature

NOW = 1_700_000_000
KEY = "sk_test_shop_of_the_tests"
SECRET = "whsec_of_the_tests"
ATTEMPT = "5f0f1b52-6f1d-4a7b-9a35-6a3f0c1c9c11"
SHOP = "shop.example"
CHANNEL = "12"
EMAIL = "ada@customer.example"
SESSIONS = "/v1/checkout/sessions"


def stripe(**values: str) -> StripeProvider:
    """A provider with the usual settings, changed by `key`, `webhook_secret`, `methods`."""
    names = {"key": "stripe-secret-key", "webhook_secret": "stripe-webhook-secret"}
    usual = {"stripe-secret-key": KEY, "stripe-webhook-secret": SECRET}
    given = {names.get(name, f"stripe-{name}"): value for name, value in values.items()}
    return StripeProvider(ChannelSettings("default-channel", True, {**usual, **given}))


def money(amount: str, currency: str = "EUR") -> Money:
    return Money(Decimal(amount), currency)


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def request(**changes: Any) -> CheckoutRequest:
    """A card payment of 12.34 EUR."""
    usual: dict[str, Any] = {
        "attempt_id": ATTEMPT,
        "shop": SHOP,
        "channel": CHANNEL,
        "method": "stripe:card",
        "amount": money("12.34"),
        "description": "Clay & Co #7",
        "customer_email": EMAIL,
        "language": "en",
        "success_url": "https://shop.example/return?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://shop.example/pay/token/",
        "expires_at": at(NOW) + timedelta(hours=23),
    }
    return CheckoutRequest(**{**usual, **changes})


def open_session(provider: StripeProvider, **changes: Any) -> str:
    """Open a session as the domain does; its reference."""
    return provider.open(provider.prepare(request(**changes)), "key-1").reference


def signed(body: bytes, secret: str, timestamp: int) -> dict[str, str]:
    return {"Stripe-Signature": signature(body, secret, timestamp)}


def event(subject: dict[str, Any], **changes: Any) -> bytes:
    """The body of a webhook about `subject`."""
    usual = {
        "id": "evt_1",
        "object": "event",
        "type": "checkout.session.completed",
        "livemode": False,
        "data": {"object": subject},
    }
    return json.dumps({**usual, **changes}).encode()
