"""Payment over Stripe Checkout: one hosted page, and one charge, for each session.

Facts about Stripe that this rests on: https://docs.stripe.com/api?api-version=2023-08-16
"""

from saleor_paylink.providers.stripe.provider import StripeProvider

__all__ = ["StripeProvider"]
