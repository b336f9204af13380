"""Settling an attempt: the only road by which money enters.

Webhook, return page, sweeper and staff all end here, in any order and any number of times.
The provider is asked first, outside any lock; what it says is applied under the order's
lock, and only ever forwards, so that an answer that was overtaken by a newer one does no
harm.
"""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from saleor_paylink import jobs
from saleor_paylink.earnings.ledger import Account, book_given_back, book_received, owe_shop
from saleor_paylink.links import announcements, history, orphans, outcomes, payments
from saleor_paylink.links.dues import asked_for
from saleor_paylink.links.exceptions import (
    HOLDING,
    follow_returns,
    has_doubtful,
    judge,
    raise_exception,
)
from saleor_paylink.links.offers import lock, reread
from saleor_paylink.mail import outbox
from saleor_paylink.models import (
    ATTEMPT_UNRESOLVED,
    LINK_IN_FORCE,
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
from saleor_paylink.providers import registry
from saleor_paylink.providers.interface import (
    GivenBack,
    Provider,
    ProviderError,
    Received,
    SessionStatus,
    Snapshot,
)
from saleor_paylink.shop import CLOSED, OrderView, current_shop

# A session can be paid in the moment in which the time of its link is over.
PAYABLE_TO_THE_END = (*LINK_IN_FORCE, LinkStatus.EXPIRED)
# When a paid attempt is looked at again: for its fee, and for money given back unheard.
LOOK_AGAIN_AFTER = timedelta(days=1)

STEP_OF = {
    LedgerKind.REFUND: LinkEventType.REFUNDED,
    LedgerKind.REFUND_REVERSAL: LinkEventType.REFUNDED,
    LedgerKind.DISPUTE: LinkEventType.DISPUTED,
    LedgerKind.DISPUTE_REVERSAL: LinkEventType.DISPUTED,
}


def provider_of(attempt: PaymentAttempt) -> Provider:
    """The attempt's provider, as `provider_for` gives it."""
    return provider_for(attempt.provider, attempt.order_id, attempt.link.channel)


def provider_for(name: str, order_id: UUID | None, channel: str) -> Provider:
    """A provider with the settings of the order's channel, active or not: money that is on
    its way arrives all the same. Raises ProviderError where the provider is gone."""
    # The order's, not the one that was written down: a channel can be renamed.
    order = current_shop().order(order_id) if order_id else None
    settings = current_shop().channel_settings(order.channel if order else channel)
    try:
        return registry.provider(name, settings)
    except KeyError:
        message = f"The provider {name} is not installed."
        raise ProviderError(message, permanent=True, code="configuration") from None


def settle(attempt_id: UUID) -> PaymentAttempt:
    """Ask the provider and apply what it says. Raises ProviderError if it cannot be asked.

    An attempt whose session was never confirmed to exist is returned as it is.
    """
    attempt = PaymentAttempt.objects.select_related("link").get(pk=attempt_id)
    if attempt.provider_reference is None:
        return attempt
    return apply(attempt.id, provider_of(attempt).fetch(attempt.provider_reference))


def settle_payment(charge: LedgerEntry) -> Snapshot:
    """Ask the provider about a payment that is booked, and apply what it says. Raises
    ProviderError if it cannot be asked."""
    provider = provider_for(charge.provider, charge.order_id, charge.channel)
    snapshot = provider.fetch(payments.session_of(charge))
    if charge.attempt_id is None:
        orphans.apply(Account(charge.provider, charge.channel, charge.order_id), snapshot)
    else:
        apply(charge.attempt_id, snapshot)
    return snapshot


def settle_for_visitor(link: PaymentLink, attempt_id: str) -> PaymentAttempt | None:
    """Settle an attempt that a returning customer names; None if it is none of the link's.

    The redirect proves nothing: it only says where to look.
    """
    try:
        attempt = link.attempts.filter(pk=UUID(attempt_id)).first()
    except ValueError:
        return None
    if attempt is None or attempt.status not in ATTEMPT_UNRESOLVED:
        return attempt
    return settle(attempt.id)


def apply(attempt_id: UUID, snapshot: Snapshot, *, canceled: bool = False) -> PaymentAttempt:
    """Make paylink's records agree with a snapshot. Safe to repeat, safe when overtaken.

    `canceled` says that it was we who closed the session.
    """
    attempt = PaymentAttempt.objects.get(pk=attempt_id)
    for last in (False, False, True):
        # Recalculated outside the lock, because the shop may have to ask others for it.
        order = current_shop().order(attempt.order_id, fresh=True)
        if order is None:
            return _apply_to_gone(attempt.order_id, attempt_id, snapshot, canceled)
        with transaction.atomic():
            collection = lock(order)
            order = reread(order)
            if last or not order.stale:
                return _apply(collection, attempt_id, order, snapshot, canceled)
    raise AssertionError("The last round returns.")


def _apply(
    collection: PaymentCollection,
    attempt_id: UUID,
    order: OrderView,
    snapshot: Snapshot,
    canceled: bool,
) -> PaymentAttempt:
    """Under the order's lock."""
    attempt = PaymentAttempt.objects.select_related("link").get(pk=attempt_id)
    if snapshot.received:
        _book_payment(collection, attempt, order, snapshot, snapshot.received)
    elif attempt.status in ATTEMPT_UNRESOLVED and _is_about(attempt, snapshot):
        _follow(collection, attempt, snapshot, canceled)
    charge = snapshot.received and payments.of(attempt.provider, snapshot.received.reference)
    if charge:
        _book_returns(collection, attempt, order, charge, snapshot)
    return attempt


def _apply_to_gone(
    order_id: UUID, attempt_id: UUID, snapshot: Snapshot, canceled: bool
) -> PaymentAttempt:
    """The order is gone from the shop: what comes in for it is nobody's."""
    with transaction.atomic():
        collection = PaymentCollection.objects.select_for_update().get(order_id=order_id)
        attempt = PaymentAttempt.objects.select_related("link").get(pk=attempt_id)
        if snapshot.received:
            account = Account(attempt.provider, collection.channel, order_id, attempt)
            orphans.apply(account, snapshot)
            if _is_about(attempt, snapshot) and attempt.status != AttemptStatus.PAID:
                _resolve(attempt, AttemptStatus.PAID)
        elif attempt.status in ATTEMPT_UNRESOLVED and _is_about(attempt, snapshot):
            _follow(collection, attempt, snapshot, canceled)
    return attempt


def _is_about(attempt: PaymentAttempt, snapshot: Snapshot) -> bool:
    """Whether it is the attempt's own session, and not another that bears its name."""
    return snapshot.reference == (attempt.provider_reference or "")


def _follow(
    collection: PaymentCollection, attempt: PaymentAttempt, snapshot: Snapshot, canceled: bool
) -> None:
    """Follow a session that has brought no money (yet)."""
    if snapshot.status is SessionStatus.PROCESSING:
        if attempt.status != AttemptStatus.PROCESSING:
            _resolve(attempt, AttemptStatus.PROCESSING)
            _move_link(attempt.link, LinkStatus.PROCESSING, when=PAYABLE_TO_THE_END)
            history.record(
                collection, LinkEventType.PROCESSING, link=attempt.link, money=attempt.money
            )
        return
    if snapshot.decline and snapshot.decline != attempt.failure_reason:
        attempt.failure_reason = snapshot.decline[:512]
        attempt.save(update_fields=["failure_reason"])
        reason = attempt.failure_reason
        history.record(collection, LinkEventType.ATTEMPT_FAILED, link=attempt.link, reason=reason)
    if snapshot.status is SessionStatus.FAILED:
        _resolve(attempt, AttemptStatus.FAILED)
    elif snapshot.status is SessionStatus.EXPIRED:
        _resolve(attempt, AttemptStatus.CANCELED if canceled else AttemptStatus.EXPIRED)
    if attempt.status not in ATTEMPT_UNRESOLVED:
        _move_link(attempt.link, LinkStatus.ACTIVE)


def _resolve(attempt: PaymentAttempt, status: AttemptStatus) -> None:
    attempt.status = status
    if status not in ATTEMPT_UNRESOLVED:
        attempt.resolved_at = timezone.now()
        # What was paid can be given back; of the rest nothing is to be heard any more.
        again = attempt.resolved_at + LOOK_AGAIN_AFTER if status == AttemptStatus.PAID else None
        attempt.next_check_at = again
    attempt.save(update_fields=["status", "resolved_at", "next_check_at"])


def _move_link(
    link: PaymentLink, status: LinkStatus, when: Collection[str] = LINK_IN_FORCE
) -> None:
    """Move a link that is in force; one that was closed meanwhile stays closed."""
    if link.status in when and link.status != status:
        link.status = status
        link.save(update_fields=["status"])
        announcements.tell_later(link.collection_id)


def _book_payment(
    collection: PaymentCollection,
    attempt: PaymentAttempt,
    order: OrderView,
    snapshot: Snapshot,
    received: Received,
) -> None:
    asked = asked_for(attempt.link, order)
    entry = book_received(_account(attempt, order), received)
    if entry is None:
        return
    wrong = judge(attempt, order, asked, snapshot, received)
    # Money in another currency cannot be added to the order's: a person has to decide.
    if received.amount.currency == order.currency:
        details = {"method": attempt.method, "provider_url": received.provider_url}
        releases = wrong not in HOLDING and not has_doubtful(order.id)
        _tell_shop(owe_shop(entry, releases_order=releases, **details))
    # The attempt's own session may be open still, and is closed as one that asks for too much.
    if _is_about(attempt, snapshot):
        attempt.provider_url = received.provider_url or ""
        attempt.save(update_fields=["provider_url"])
        _resolve(attempt, AttemptStatus.PAID)
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
    outbox.queue_receipt(attempt.link, entry)
    jobs.later(jobs.CLOSE_SESSIONS, str(order.id))


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
        _move_link(link, LinkStatus.ACTIVE)
    elif link.status in PAYABLE_TO_THE_END or is_revoked:
        link.status = LinkStatus.PAID
        link.save(update_fields=["status"])


def _book_returns(
    collection: PaymentCollection,
    attempt: PaymentAttempt,
    order: OrderView,
    charge: LedgerEntry,
    snapshot: Snapshot,
) -> None:
    for refund in snapshot.refunds:
        outcomes.follow(charge, refund, collection)
        _book_return(collection, attempt, order, charge, LedgerKind.REFUND, refund)
    for dispute in snapshot.disputes:
        _book_return(collection, attempt, order, charge, LedgerKind.DISPUTE, dispute)
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
