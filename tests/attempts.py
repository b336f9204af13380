"""Attempts, and money in question, that no customer's click has made."""

from uuid import uuid4

from django.utils import timezone

from saleor_paylink.models import (
    LedgerEntry,
    LedgerKind,
    PaymentAttempt,
    PaymentException,
    PaymentLink,
)


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


def money_in_question(reference: str, **fields: object) -> PaymentException:
    """A payment of 25 dollars that was booked and put in question; `fields` are otherwise."""
    usual: dict[str, object] = {
        "provider": "stripe",
        "reference": reference,
        "channel": "shop",
        "amount": "25.00",
        "currency": "USD",
    }
    exception = PaymentException.objects.create(**{**usual, **fields})
    LedgerEntry.objects.create(
        kind=LedgerKind.CHARGE,
        provider=exception.provider,
        reference=reference,
        payment_reference=reference,
        order_id=exception.order_id,
        channel=exception.channel,
        amount=exception.amount,
        currency=exception.currency,
        occurred_at=timezone.now(),
        booked_at=exception.raised_at,
    )
    return exception
