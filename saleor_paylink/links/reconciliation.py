"""What differs between the provider, paylink's records and the shop, payment by payment.

Nothing here trusts that a webhook came or a task ran: the provider is asked for every session,
and its answer is held against what is booked, and that against what the shop has recorded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from saleor_paylink.earnings.ledger import FEES, REVERSAL_OF, fee_of
from saleor_paylink.formats import format_money
from saleor_paylink.links import payments, posting, sessions, webhooks
from saleor_paylink.links.changes import order_changed
from saleor_paylink.links.dues import DIRECTION
from saleor_paylink.links.settlement import provider_of
from saleor_paylink.models import (
    ATTEMPT_UNRESOLVED,
    LedgerEntry,
    LedgerKind,
    PaymentAttempt,
    ProviderEvent,
    ShopPosting,
)
from saleor_paylink.money import Money, zero
from saleor_paylink.providers.interface import GivenBack, ProviderError, SessionStatus, Snapshot
from saleor_paylink.shop import OrderView, current_shop

Movement = tuple[LedgerKind, str]

UNDONE = (ProviderEvent.Status.RECEIVED, ProviderEvent.Status.FAILED)
# What a session says that has not brought money and will bring none.
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


def unheard() -> Iterator[ProviderEvent]:
    """Webhooks that could not be processed so far, oldest first."""
    return ProviderEvent.objects.filter(status__in=UNDONE).order_by("pk").iterator()


def hear(event: ProviderEvent) -> bool:
    """Process a webhook again, however often that has failed; whether it is done now."""
    webhooks.process(event.pk)
    event.refresh_from_db()
    return event.status not in UNDONE


def _at_provider(attempt: PaymentAttempt) -> Iterator[str]:
    if attempt.provider_reference is None:
        if attempt.status in ATTEMPT_UNRESOLVED:
            yield "It was never confirmed that the provider opened the session."
        return
    try:
        provider = provider_of(attempt)
        snapshot = provider.fetch(attempt.provider_reference)
        others = [provider.fetch(session) for session in _other_sessions(attempt)]
    except ProviderError as error:
        yield f"The provider cannot be asked: {error.message}"
        return
    yield from _about_status(attempt, snapshot)
    yield from _about_movements(attempt, [snapshot, *others])


def _other_sessions(attempt: PaymentAttempt) -> set[str]:
    """Sessions besides the attempt's own that bore its name and were paid."""
    charges = LedgerEntry.objects.filter(attempt=attempt, kind=LedgerKind.CHARGE)
    paid = {payments.session_of(charge) for charge in charges}
    return paid - {attempt.provider_reference or "", ""}


def _about_status(attempt: PaymentAttempt, snapshot: Snapshot) -> Iterator[str]:
    unresolved = attempt.status in ATTEMPT_UNRESOLVED
    if snapshot.status is SessionStatus.OPEN and not unresolved:
        yield f"The session can still be paid, although the attempt is {attempt.status}."
    if snapshot.status is SessionStatus.PROCESSING and not unresolved:
        yield f"A payment is on its way, although the attempt is {attempt.status}."
    if snapshot.status in OVER and unresolved:
        yield f"The session is {snapshot.status}, the attempt still {attempt.status}."


def _about_movements(attempt: PaymentAttempt, snapshots: Sequence[Snapshot]) -> Iterator[str]:
    booked = _booked(attempt)
    moved: dict[Movement, Money] = {}
    for snapshot in snapshots:
        moved |= _movements(snapshot, booked)
    for (kind, reference), money in moved.items():
        known = booked.get((kind, reference))
        if known is None:
            yield f"{_named(kind, reference, money)} is not booked."
        elif known != money:
            yield f"{_named(kind, reference, money)} is booked as {format_money(known)}."
    for kind, reference in booked.keys() - moved.keys():
        money = booked[kind, reference]
        yield f"{_named(kind, reference, money)} is booked, and not known to the provider."


def _booked(attempt: PaymentAttempt) -> dict[Movement, Money]:
    """The movements of an attempt; a fee with its corrections."""
    booked: dict[Movement, Money] = {}
    for entry in LedgerEntry.objects.filter(attempt=attempt).order_by("id"):
        movement = (LedgerKind(entry.kind), entry.reference)
        if entry.kind in FEES:
            movement = (LedgerKind.FEE, fee_of(entry))
        known = booked.get(movement, zero(entry.currency))
        if known.currency == entry.currency:
            booked[movement] = known + entry.money
        elif known.amount == 0:
            # It has become one in another currency.
            booked[movement] = entry.money
    return booked


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
        fee, named = given_back.fee, (LedgerKind.FEE, given_back.reference)
        # What cost nothing has no entry.
        if fee is not None and (fee.amount or named in booked):
            moved[named] = fee
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
    automated = order.charged - (order.manual or zero(order.currency))
    # Shops may take what they asked to be refunded for gone while it is on its way.
    returning = payments.total_of(payments.promises().filter(order_id=order.id), order.currency)
    missing = _told(order) - returning - automated
    if missing.amount > 0:
        yield f"The shop holds {format_money(missing)} less for the order than it was told of."


def _told(order: OrderView) -> Money:
    """What the shop was told of an order's automated money; it may hold more, from others."""
    told = LedgerEntry.objects.filter(
        order_id=order.id,
        currency=order.currency,
        kind__in=DIRECTION,
        posting__posted_at__isnull=False,
    )
    return sum(
        (DIRECTION[LedgerKind(each.kind)] * each.money for each in told), zero(order.currency)
    )
