"""Exceptions: money that is booked truthfully and then needs a person."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

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
from saleor_paylink.shop import OrderState, OrderView


@dataclass(frozen=True)
class Finding:
    """What is wrong with a payment. `holds`: the order must not be confirmed on it."""

    kind: ExceptionKind
    message: str
    holds: bool = True


def judge(
    attempt: PaymentAttempt,
    order: OrderView,
    owed: Money,
    snapshot: Snapshot,
    received: Received,
) -> Finding | None:
    """What, if anything, needs a person. `owed` is what was due before this payment."""
    if not _is_what_was_asked(attempt, snapshot, received):
        return Finding(
            ExceptionKind.MISMATCH,
            _("The payment is not the one that was asked for. Compare it at the provider."),
        )
    if order.state in (OrderState.CANCELED, OrderState.EXPIRED):
        return Finding(ExceptionKind.LATE, _("The order was closed before this payment arrived."))
    if owed.amount <= 0:
        if _other_charges(order, received).exists():
            return Finding(ExceptionKind.DUPLICATE, _("The order had been paid already."))
        return Finding(ExceptionKind.LATE, _("Nothing was due any more when it arrived."))
    if received.amount > owed:
        return Finding(ExceptionKind.OVERPAID, _("More was paid than was due."), holds=False)
    return None


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
    collection: PaymentCollection, attempt: PaymentAttempt, received: Received, finding: Finding
) -> None:
    """Put the payment where a person will see it. Once per payment and kind."""
    _exception, created = PaymentException.objects.get_or_create(
        provider=attempt.provider,
        reference=received.reference,
        kind=finding.kind,
        defaults={
            "order_id": collection.order_id,
            "amount": received.amount.amount,
            "currency": received.amount.currency,
            "message": finding.message,
        },
    )
    if created:
        history.record(
            collection,
            LinkEventType.EXCEPTION_RAISED,
            link=attempt.link,
            reason=finding.message,
            money=received.amount,
        )
