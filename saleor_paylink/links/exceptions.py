"""Exceptions: money that is booked truthfully and then needs a person."""

from django.db.models import QuerySet

from saleor_paylink.links import history
from saleor_paylink.models import (
    ExceptionKind,
    LedgerEntry,
    LedgerKind,
    LinkEventType,
    PaymentAttempt,
    PaymentCollection,
    PaymentException,
)
from saleor_paylink.money import Money
from saleor_paylink.providers.interface import Received, Snapshot
from saleor_paylink.shop import CLOSED, OrderView

# On these the order must not be confirmed.
HOLDING = (
    ExceptionKind.MISMATCH,
    ExceptionKind.LATE,
    ExceptionKind.DUPLICATE,
    ExceptionKind.ORPHAN,
)


def judge(
    attempt: PaymentAttempt,
    order: OrderView,
    asked: Money,
    snapshot: Snapshot,
    received: Received,
) -> ExceptionKind | None:
    """What, if anything, needs a person. `asked` is what its link asked for before it."""
    if not _is_what_was_asked(attempt, snapshot, received):
        return ExceptionKind.MISMATCH
    if order.state in CLOSED:
        return ExceptionKind.LATE
    if asked.amount <= 0:
        paid_twice = _other_charges(order, received).exists()
        return ExceptionKind.DUPLICATE if paid_twice else ExceptionKind.LATE
    return ExceptionKind.OVERPAID if received.amount > asked else None


def _is_what_was_asked(attempt: PaymentAttempt, snapshot: Snapshot, received: Received) -> bool:
    return (
        received.amount == attempt.money
        and snapshot.livemode == attempt.livemode
        and snapshot.attempt_id == str(attempt.id)
        and snapshot.reference == attempt.provider_reference
    )


def _other_charges(order: OrderView, received: Received) -> "QuerySet[LedgerEntry]":
    charges = LedgerEntry.objects.filter(order_id=order.id, kind=LedgerKind.CHARGE)
    return charges.exclude(reference=received.reference)


def raise_exception(
    collection: PaymentCollection,
    attempt: PaymentAttempt,
    received: Received,
    kind: ExceptionKind,
) -> None:
    """Put the payment where a person will see it. Once per payment and kind."""
    _exception, created = PaymentException.objects.get_or_create(
        provider=attempt.provider,
        reference=received.reference,
        kind=kind,
        defaults={
            "order_id": collection.order_id,
            "channel": collection.channel,
            "attempt": attempt,
            "provider_url": received.provider_url or "",
            "amount": received.amount.amount,
            "currency": received.amount.currency,
        },
    )
    if created:
        history.record(
            collection,
            LinkEventType.EXCEPTION_RAISED,
            link=attempt.link,
            money=received.amount,
            exception=kind,
        )
