"""What staff change about a link that is there: another end, another URL, no link at all."""

import uuid
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from saleor_paylink.links import history, reminders
from saleor_paylink.links.changes import order_changed
from saleor_paylink.links.dues import asked_for
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.lifecycle import held, in_force
from saleor_paylink.links.locking import known_order, lock
from saleor_paylink.links.sessions import check, close_obsolete, is_left_over, no_session_open
from saleor_paylink.links.terms import check_payable, expiry
from saleor_paylink.links.tokens import derive, digest
from saleor_paylink.models import (
    ATTEMPT_UNRESOLVED,
    AttemptStatus,
    LinkEventType,
    LinkStatus,
    PaymentAttempt,
    PaymentCollection,
    PaymentLink,
)
from saleor_paylink.providers.interface import ProviderError
from saleor_paylink.shop import Actor, OrderView


def extend(link_id: UUID, expires_at: datetime | None, actor: Actor | None) -> PaymentLink:
    """Give the link another end, by default after its channel's lifetime from now.

    The URL stays the same. An expired link is in force again, and holds its order again.
    Raises LinkError.
    """
    order = known_order(PaymentLink.objects.get(pk=link_id).order_id)
    with no_session_open(order.id, is_left_over) as collection:
        other = in_force(collection)
        link = _alive(link_id)
        if link.status == LinkStatus.EXPIRED:
            _revive(collection, link, other, order)
        link.expires_at = expiry(link.channel, expires_at)
        link.save(update_fields=["status", "expires_at"])
        until = {"until": link.expires_at.isoformat()} if link.expires_at else {}
        history.record(collection, LinkEventType.EXTENDED, actor=actor, link=link, **until)
    reminders.remind(link_id)
    link.refresh_from_db()
    return link


def _alive(link_id: UUID) -> PaymentLink:
    """The link, unless it is closed for good. The order's lock is held. Raises LinkError."""
    link = PaymentLink.objects.get(pk=link_id)
    if link.status in (LinkStatus.PAID, LinkStatus.PAID_MANUALLY):
        message = _("This payment link has been paid. There is nothing to change about it.")
        raise LinkError(LinkErrorCode.ALREADY_PAID, message, "id")
    if link.status == LinkStatus.REVOKED:
        message = _("This payment link is closed. Create a new one.")
        raise LinkError(LinkErrorCode.LINK_NOT_ACTIVE, message, "id")
    return link


def _revive(
    collection: PaymentCollection,
    link: PaymentLink,
    other: PaymentLink | None,
    order: OrderView,
) -> None:
    """Put an expired link in force again; the caller saves it."""
    if other is not None:
        message = _("This order has got a newer payment link. Use that one.")
        raise LinkError(LinkErrorCode.LINK_NOT_ACTIVE, message, "id")
    order = held(order)
    try:
        check_payable(order, asked_for(link, order))
    except LinkError as refusal:
        raise LinkError(refusal.code, refusal.message, "id") from refusal
    link.status = LinkStatus.ACTIVE
    collection.compare_at = timezone.now()
    collection.save(update_fields=["compare_at"])


def rotate(link_id: UUID, actor: Actor | None) -> PaymentLink:
    """Give the link another URL: the one it had is dead at once. Raises LinkError.

    Sessions that were opened by the old one are closed, by the sweeper where the provider
    cannot be reached. What is paid in one of them all the same is the order's money.
    """
    order = known_order(PaymentLink.objects.get(pk=link_id).order_id)
    with transaction.atomic():
        collection = lock(order)
        link = _alive(link_id)
        link.token_seed = uuid.uuid4()
        link.token_digest = digest(derive(link.id, link.token_seed))
        link.next_reminder_at = None
        link.save(update_fields=["token_seed", "token_digest", "next_reminder_at"])
        history.record(collection, LinkEventType.ROTATED, actor=actor, link=link)
    close_obsolete(order.id)
    link.refresh_from_db()
    return link


def revoke(link_id: UUID, actor: Actor | None) -> PaymentLink:
    """Close the link for good. Its order is not confirmed by that, and waits for it no more.

    An open session is closed at the provider first. Harmless where it is closed so already.
    Raises LinkError, MONEY_IN_FLIGHT while a payment is on its way.
    """
    order_id = PaymentLink.objects.get(pk=link_id).order_id
    with no_session_open(order_id, lambda attempt: attempt.link_id == link_id) as collection:
        link = PaymentLink.objects.get(pk=link_id)
        if link.status != LinkStatus.REVOKED:
            link = _alive(link_id)
            link.status = LinkStatus.REVOKED
            link.save(update_fields=["status"])
            history.record(collection, LinkEventType.REVOKED, actor=actor, link=link)
    return link


def sync(link_id: UUID) -> PaymentLink:
    """Find out now what has become of the link: settle its attempts, compare its order.

    Raises LinkError: PROVIDER_ERROR where the provider could not tell of each of them, NOT_FOUND
    where the order is gone (and what was paid for it is written down all the same).
    """
    link = PaymentLink.objects.get(pk=link_id)
    told = [_told(attempt) for attempt in list(_with_news(link))]
    order_changed(link.order_id)
    if not all(told):
        raise LinkError(
            LinkErrorCode.PROVIDER_ERROR,
            _("The payment provider cannot be reached or refused. Try again in a moment."),
        )
    known_order(link.order_id)
    link.refresh_from_db()
    return link


def _with_news(link: PaymentLink) -> "QuerySet[PaymentAttempt]":
    """Attempts that the provider may have news of, oldest first."""
    unsettled = Q(status__in=(*ATTEMPT_UNRESOLVED, AttemptStatus.PAID))
    may_bring = unsettled | Q(next_check_at__isnull=False)
    return link.attempts.filter(may_bring).select_related("link").order_by("created_at")


def _told(attempt: PaymentAttempt) -> bool:
    """Settle the attempt; whether the provider told of it."""
    try:
        check(attempt)
    except ProviderError:
        # It may have told that there never was a session, or is none any more.
        return not _with_news(attempt.link).filter(pk=attempt.pk).exists()
    return True
