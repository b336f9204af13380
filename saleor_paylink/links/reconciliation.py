"""What differs between the provider, paylink's records and the shop, payment by payment.

Nothing here trusts that a webhook came or a task ran: the provider is asked for every session,
and its answer is held against what is booked, and that against what the shop has recorded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from saleor_paylink.formats import format_money
from saleor_paylink.links import posting, sessions
from saleor_paylink.links.changes import order_changed
from saleor_paylink.links.dues import DIRECTION
from saleor_paylink.links.settlement import REVERSAL_OF, provider_of
from saleor_paylink.models import (
    ATTEMPT_UNRESOLVED,
    LedgerEntry,
    LedgerKind,
    PaymentAttempt,
    ShopPosting,
)
from saleor_paylink.money import Money, zero
from saleor_paylink.providers.interface import GivenBack, ProviderError, SessionStatus, Snapshot
from saleor_paylink.shop import OrderView, current_shop

Movement = tuple[LedgerKind, str]

# What a session says that has not brought money, and attempts to which that corresponds.
OVER = (SessionStatus.FAILED, SessionStatus.EXPIRED)


@dataclass(frozen=True)
class Difference:
    """One thing that does not agree, in words for the operator. It holds no personal data."""

    attempt: PaymentAttempt
    what: str


def attempts_since(start: datetime | None) -> Iterator[PaymentAttempt]:
    """Every attempt made since then, oldest first; None: every one."""
    attempts = PaymentAttempt.objects.select_related("link").order_by("created_at", "id")
    if start is not None:
        attempts = attempts.filter(created_at__gte=start)
    return attempts.iterator(chunk_size=500)


def compare(attempt: PaymentAttempt) -> list[Difference]:
    """What does not agree about one attempt; empty if all is well. Changes nothing."""
    return [Difference(attempt, what) for what in (*_at_provider(attempt), *_in_shop(attempt))]


def heal(attempt: PaymentAttempt) -> None:
    """Do again whatever brings the three into agreement. Safe to repeat.

    Raises ProviderError where the provider cannot be asked.
    """
    sessions.check(attempt)
    untold = posting.to_do().filter(entry__attempt=attempt).order_by("entry_id")
    # A lease is the sweeper's means to find out who died; a person who asks need not wait.
    untold.update(leased_until=None)
    for each in untold:
        posting.post(each.pk)
    order_changed(attempt.order_id)
    sessions.close_obsolete(attempt.order_id)


def _at_provider(attempt: PaymentAttempt) -> Iterator[str]:
    if attempt.provider_reference is None:
        if attempt.status in ATTEMPT_UNRESOLVED:
            yield "It was never confirmed that the provider opened the session."
        return
    try:
        snapshot = provider_of(attempt).fetch(attempt.provider_reference)
    except ProviderError as error:
        yield f"The provider cannot be asked: {error.message}"
        return
    yield from _about_status(attempt, snapshot)
    yield from _about_movements(attempt, snapshot)


def _about_status(attempt: PaymentAttempt, snapshot: Snapshot) -> Iterator[str]:
    unresolved = attempt.status in ATTEMPT_UNRESOLVED
    if snapshot.status is SessionStatus.OPEN and not unresolved:
        yield f"The session can still be paid, although the attempt is {attempt.status}."
    if snapshot.status is SessionStatus.PROCESSING and not unresolved:
        yield f"A payment is on its way, although the attempt is {attempt.status}."
    if snapshot.status in OVER and unresolved:
        yield f"The session is {snapshot.status}, the attempt still {attempt.status}."


def _about_movements(attempt: PaymentAttempt, snapshot: Snapshot) -> Iterator[str]:
    booked = {
        (LedgerKind(entry.kind), entry.reference): entry.money
        for entry in LedgerEntry.objects.filter(attempt=attempt)
    }
    moved = _movements(snapshot, booked)
    for (kind, reference), money in moved.items():
        known = booked.get((kind, reference))
        if known is None:
            yield f"{_named(kind, reference, money)} is not booked."
        elif known != money:
            yield f"{_named(kind, reference, money)} is booked as {format_money(known)}."
    for kind, reference in booked.keys() - moved.keys():
        money = booked[kind, reference]
        yield f"{_named(kind, reference, money)} is booked, and not known to the provider."


def _movements(snapshot: Snapshot, booked: dict[Movement, Money]) -> dict[Movement, Money]:
    """What has to be booked of a session."""
    moved: dict[Movement, Money] = {}
    received = snapshot.received
    if received is not None:
        moved[LedgerKind.CHARGE, received.reference] = received.amount
        if received.fee is not None:
            moved[LedgerKind.FEE, received.reference] = received.fee
    for kind, given_back in _given_back(snapshot):
        leaving = (kind, given_back.reference)
        if given_back.returned_at is None or leaving in booked:
            moved[leaving] = given_back.amount
        if given_back.returned_at is not None and leaving in booked:
            moved[REVERSAL_OF[kind], given_back.reference] = given_back.amount
    return moved


def _given_back(snapshot: Snapshot) -> Iterator[tuple[LedgerKind, GivenBack]]:
    yield from ((LedgerKind.REFUND, each) for each in snapshot.refunds)
    yield from ((LedgerKind.DISPUTE, each) for each in snapshot.disputes)


def _named(kind: LedgerKind, reference: str, money: Money) -> str:
    return f"{kind.label} {reference} of {format_money(money)}"


def _in_shop(attempt: PaymentAttempt) -> Iterator[str]:
    for untold in ShopPosting.objects.filter(
        entry__attempt=attempt, posted_at__isnull=True
    ).select_related("entry"):
        entry = untold.entry
        named = _named(LedgerKind(entry.kind), entry.reference, entry.money)
        yield f"{named}: the shop has not been told{untold.error and f' ({untold.error})'}."
    charges = LedgerEntry.objects.filter(
        attempt=attempt, kind=LedgerKind.CHARGE, posting__posted_at__isnull=False
    )
    order = current_shop().order(attempt.order_id, fresh=True) if charges else None
    if order is None:
        return
    for entry in charges:
        if entry.reference not in order.recorded:
            named = _named(LedgerKind.CHARGE, entry.reference, entry.money)
            yield f"{named}: the shop was told, and has no record of it."
    missing = _told(order) - order.charged
    if missing.amount > 0:
        yield f"The shop holds {format_money(missing)} less for the order than it was told of."


def _told(order: OrderView) -> Money:
    """What the shop was told of an order's money; it may hold more, from others."""
    directions = {**DIRECTION, LedgerKind.MANUAL: 1}
    told = LedgerEntry.objects.filter(
        order_id=order.id, currency=order.currency, posting__posted_at__isnull=False
    )
    return sum(
        (directions[LedgerKind(each.kind)] * each.money for each in told), zero(order.currency)
    )
