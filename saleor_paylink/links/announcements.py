"""Announcements: of which steps plugins and apps are told. `links.telling` tells them."""

from django.db.models import F

from saleor_paylink import jobs
from saleor_paylink.models import LinkEventType, LinkStatus, PaymentCollection, PaymentLink
from saleor_paylink.shop import Announcement

_OF_STEP = {
    LinkEventType.CREATED: Announcement.CREATED,
    LinkEventType.SENT: Announcement.SENT,
    LinkEventType.OPENED: Announcement.OPENED,
    LinkEventType.EXPIRED: Announcement.EXPIRED,
    LinkEventType.REJECTED: Announcement.REVOKED,
}
_OF_CLOSED = {
    LinkStatus.PAID: Announcement.PAID,
    LinkStatus.PAID_MANUALLY: Announcement.PAID,
    LinkStatus.REVOKED: Announcement.REVOKED,
}


def of(step: LinkEventType, link: PaymentLink | None) -> Announcement | None:
    """What is told of a step of a link, which is saved as the step has left it.

    A link is announced as paid once, when nothing more is asked for over it: neither a part of
    what is due, nor money that comes in later on, makes it paid.
    """
    if link is None:
        return None
    if step in (LinkEventType.REVOKED, LinkEventType.PAID_MANUALLY):
        return _OF_CLOSED.get(LinkStatus(link.status))
    if step == LinkEventType.PAID:
        is_news = link.status == LinkStatus.PAID and not _was_paid(link)
        return Announcement.PAID if is_news else None
    return _OF_STEP.get(step)


def _was_paid(link: PaymentLink) -> bool:
    return bool(link.events.filter(announcement=Announcement.PAID).exists())


def tell_later(collection_id: int) -> None:
    """Have others told, after commit, of what has happened to a collection or its links."""
    changed = PaymentCollection.objects.filter(pk=collection_id)
    changed.update(changes_made=F("changes_made") + 1)
    jobs.later(jobs.TELL, collection_id)
