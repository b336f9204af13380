"""Attempts that no customer's click has made."""

from uuid import uuid4

from saleor_paylink.models import PaymentAttempt, PaymentLink


def attempt_over(link: PaymentLink, **fields: object) -> PaymentAttempt:
    """A try to pay over the link what it was made for, by card; `fields` are otherwise."""
    usual: dict[str, object] = {
        "order_id": link.order_id,
        "provider": "stripe",
        "method": "stripe:card",
        "livemode": False,
        "amount": link.amount,
        "currency": link.currency,
        "token_seed": link.token_seed,
        "parameters": {},
        "idempotency_key": f"key {uuid4()}",
        "expires_at": link.created_at,
    }
    return PaymentAttempt.objects.create(link=link, **{**usual, **fields})
