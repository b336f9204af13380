"""Booking what a session has brought, and what was given back of it, for an order that the shop
knows. The order's lock is held."""

from saleor_paylink import jobs
from saleor_paylink.earnings.ledger import (
    Account,
    book_fees_of_returns,
    book_given_back,
    book_received,
    owe_shop,
)
from saleor_paylink.links import history, outcomes
from saleor_paylink.links.dues import asked_for, unpaid
from saleor_paylink.links.exceptions import (
    HOLDING,
    follow_returns,
    has_doubtful,
    judge,
    raise_exception,
)
from saleor_paylink.links.following import PAYABLE_TO_THE_END, is_about, move_link, resolve_attempt
from saleor_paylink.mail import outbox
from saleor_paylink.models import (
    AttemptStatus,
    ExceptionKind,
    LedgerEntry,
    LedgerKind,
    LinkEventType,
    LinkStatus,
    PaymentAttempt,
    PaymentCollection,
    PaymentLink,
    ShopPosting,
)
from saleor_paylink.providers.interface import GivenBack, Received, Snapshot
from saleor_paylink.shop import CLOSED, OrderView

STEP_OF = {
    LedgerKind.REFUND: LinkEventType.REFUNDED,
    LedgerKind.REFUND_REVERSAL: LinkEventType.REFUNDED,
    LedgerKind.DISPUTE: LinkEventType.DISPUTED,
    LedgerKind.DISPUTE_REVERSAL: LinkEventType.DISPUTED,
}


def book_payment(
    collection: PaymentCollection,
    attempt: PaymentAttempt,
    order: OrderView,
    snapshot: Snapshot,
    received: Received,
) -> None:
    """Book a payment, judge it, and have the shop told and the customer sent a receipt; nothing
    if it is booked already."""
    asked, owed = asked_for(attempt.link, order), unpaid(order)
    entry = book_received(_account(attempt, order), received)
    if entry is None:
        return
    wrong = judge(attempt, order, asked, snapshot, received)
    releases = _owe_shop(entry, attempt, order, received, wrong)
    # The attempt's own session may be open still, and is closed as one that asks for too much.
    if is_about(attempt, snapshot):
        attempt.provider_url = received.provider_url or ""
        attempt.save(update_fields=["provider_url"])
        resolve_attempt(attempt, AttemptStatus.PAID)
    _close_paid(attempt.link, order)
    history.record(
        collection,
        LinkEventType.PAID,
        link=attempt.link,
        money=received.amount,
        reference=received.reference,
    )
    if wrong:
        raise_exception(
            entry,
            wrong,
            received.amount - asked if wrong is ExceptionKind.OVERPAID else received.amount,
            session=snapshot.reference,
            provider_url=received.provider_url or "",
            collection=collection,
        )
    completes = releases and owed.amount > 0 and unpaid(order).amount <= 0
    outbox.queue_receipt(attempt.link, entry, completes=completes)
    jobs.later(jobs.CLOSE_SESSIONS, str(order.id))


def _owe_shop(
    entry: LedgerEntry,
    attempt: PaymentAttempt,
    order: OrderView,
    received: Received,
    wrong: ExceptionKind | None,
) -> bool:
    """Have the shop told; whether it is to let go of the order for this money."""
    # Money in another currency cannot be added to the order's: a person has to decide.
    if received.amount.currency != order.currency:
        return False
    details = {"method": attempt.method, "provider_url": received.provider_url}
    releases = wrong not in HOLDING and not has_doubtful(order.id)
    _tell_shop(owe_shop(entry, releases_order=releases, **details))
    return releases


def _account(attempt: PaymentAttempt, order: OrderView) -> Account:
    return Account(attempt.provider, order.channel, order.id, attempt)


def _close_paid(link: PaymentLink, order: OrderView) -> None:
    """Nothing more is asked for over a link that was paid, or paid in the wrong currency."""
    foreign = LedgerEntry.objects.filter(attempt__link=link, kind=LedgerKind.CHARGE).exclude(
        currency=link.currency
    )
    # Staff gave up waiting, and the money came: other than for an order that is over.
    is_revoked = link.status == LinkStatus.REVOKED and order.state not in CLOSED
    if asked_for(link, order).amount > 0 and not foreign.exists():
        move_link(link, LinkStatus.ACTIVE)
    elif link.status in PAYABLE_TO_THE_END or is_revoked:
        link.status = LinkStatus.PAID
        link.save(update_fields=["status"])


def book_returns(
    collection: PaymentCollection,
    attempt: PaymentAttempt,
    order: OrderView,
    charge: LedgerEntry,
    snapshot: Snapshot,
) -> None:
    """Book what was given back of a payment, or came back after all, so far as it is not booked."""
    for refund in snapshot.refunds:
        outcomes.follow(charge, refund, collection)
        _book_return(collection, attempt, order, charge, LedgerKind.REFUND, refund)
    for dispute in snapshot.disputes:
        _book_return(collection, attempt, order, charge, LedgerKind.DISPUTE, dispute)
    book_fees_of_returns(_account(attempt, order), snapshot)
    if snapshot.refunds or snapshot.disputes:
        follow_returns(charge, collection)


def _book_return(
    collection: PaymentCollection,
    attempt: PaymentAttempt,
    order: OrderView,
    charge: LedgerEntry,
    kind: LedgerKind,
    given_back: GivenBack,
) -> None:
    entry = book_given_back(kind, _account(attempt, order), given_back, charge.reference)
    if entry is None:
        return
    told = entry.kind in (LedgerKind.REFUND, LedgerKind.REFUND_REVERSAL)
    if told and entry.currency == order.currency:
        _tell_shop(owe_shop(entry))
    history.record(
        collection,
        STEP_OF[LedgerKind(entry.kind)],
        link=attempt.link,
        money=given_back.amount,
        reference=given_back.reference,
        kind=LedgerKind(entry.kind),
    )


def _tell_shop(posting: ShopPosting) -> None:
    jobs.later(jobs.POST_TO_SHOP, posting.pk)
