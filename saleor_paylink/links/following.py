"""What a session's standing means for its attempt and its link. The order's lock is held."""

from collections.abc import Collection
from datetime import timedelta

from django.utils import timezone

from saleor_paylink.links import announcements, history
from saleor_paylink.mail import outbox
from saleor_paylink.models import (
    ATTEMPT_UNRESOLVED,
    LINK_IN_FORCE,
    AttemptStatus,
    LinkEventType,
    LinkStatus,
    PaymentAttempt,
    PaymentCollection,
    PaymentLink,
)
from saleor_paylink.providers.interface import SessionStatus, Snapshot

# A session can be paid in the moment in which the time of its link is over.
PAYABLE_TO_THE_END = (*LINK_IN_FORCE, LinkStatus.EXPIRED)
# When a paid attempt is looked at again: for its fee, and for money given back unheard.
LOOK_AGAIN_AFTER = timedelta(days=1)


def is_about(attempt: PaymentAttempt, snapshot: Snapshot) -> bool:
    """Whether it is the attempt's own session, and not another that bears its name."""
    return snapshot.reference == (attempt.provider_reference or "")


def follow(
    collection: PaymentCollection, attempt: PaymentAttempt, snapshot: Snapshot, canceled: bool
) -> None:
    """Follow a session that has brought no money (yet). `canceled`: it was we who closed it."""
    if snapshot.status is SessionStatus.PROCESSING:
        if attempt.status != AttemptStatus.PROCESSING:
            resolve_attempt(attempt, AttemptStatus.PROCESSING)
            move_link(attempt.link, LinkStatus.PROCESSING, when=PAYABLE_TO_THE_END)
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
        # The customer had done their part, by a method that takes its time: a card that is declined
        # leaves its session open.
        outbox.queue_failure(attempt)
        resolve_attempt(attempt, AttemptStatus.FAILED)
    elif snapshot.status is SessionStatus.EXPIRED:
        resolve_attempt(attempt, AttemptStatus.CANCELED if canceled else AttemptStatus.EXPIRED)
    if attempt.status not in ATTEMPT_UNRESOLVED:
        move_link(attempt.link, LinkStatus.ACTIVE)


def resolve_attempt(attempt: PaymentAttempt, status: AttemptStatus) -> None:
    """Move an attempt on, and say when its provider is to be asked again."""
    attempt.status = status
    if status not in ATTEMPT_UNRESOLVED:
        attempt.resolved_at = timezone.now()
        # What was paid can be given back; of the rest nothing is to be heard any more.
        again = attempt.resolved_at + LOOK_AGAIN_AFTER if status == AttemptStatus.PAID else None
        attempt.next_check_at = again
    attempt.save(update_fields=["status", "resolved_at", "next_check_at"])


def move_link(link: PaymentLink, status: LinkStatus, when: Collection[str] = LINK_IN_FORCE) -> None:
    """Move a link that is in force; one that was closed meanwhile stays closed."""
    if link.status in when and link.status != status:
        link.status = status
        link.save(update_fields=["status"])
        announcements.tell_later(link.collection_id)
