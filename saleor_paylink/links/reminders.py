"""Reminders: when a customer is reminded of a link, and whether there is a reason to.

A link is reminded of once it was mailed to the order's own address: who was given it otherwise
is not written to unasked. When is reckoned anew with every change that paylink hears of, and
whether is asked twice, with the order's lock held: when the mail is queued, and when it is sent.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from saleor_paylink.conf import SettingInvalid
from saleor_paylink.links.dues import asked_for
from saleor_paylink.links.locking import lock_known
from saleor_paylink.links.offers import available_methods
from saleor_paylink.links.tokens import token_of
from saleor_paylink.mail import outbox
from saleor_paylink.models import (
    ASKING,
    LinkEventType,
    LinkStatus,
    MailDelivery,
    MailKind,
    PaymentCollection,
    PaymentLink,
)
from saleor_paylink.shop import CLOSED, OrderView, current_shop
from saleor_paylink.timetable import BETWEEN_MAILS, Timetable

Status = MailDelivery.Status


def to_remind_of() -> "QuerySet[PaymentLink]":
    """Links whose next reminder is due."""
    return PaymentLink.objects.filter(
        status=LinkStatus.ACTIVE, next_reminder_at__lte=timezone.now()
    )


def remind(link_id: UUID) -> None:
    """Queue the reminder of a link if it is due, and reckon when the next one is.

    Must not run inside a transaction.
    """
    order_id = PaymentLink.objects.values_list("order_id", flat=True).get(pk=link_id)
    current_shop().order(order_id, fresh=True)
    with transaction.atomic():
        collection = lock_known(order_id)
        link = PaymentLink.objects.get(pk=link_id)
        order = current_shop().order(order_id)
        # It is edited this very moment: the sweeper comes again.
        if order is not None and order.stale:
            return
        plan(collection, link, order)
        if link.next_reminder_at is not None and link.next_reminder_at <= timezone.now():
            link.reminded_at = timezone.now()
            link.save(update_fields=["reminded_at"])
            outbox.queue_reminder(link, key=f"reminder:{link.id}:{link.reminded_at.isoformat()}")
            plan(collection, link, order)


def reckon(order_id: UUID) -> None:
    """Reckon anew when the order's customer is reminded: staff stop reminders, and let them go
    on, with the shop's own means. Safe to repeat; cheap where nothing is open.

    Must not run inside a transaction.
    """
    active = PaymentLink.objects.filter(order_id=order_id, status=LinkStatus.ACTIVE)
    if not active.exists():
        return
    current_shop().order(order_id, fresh=True)
    with transaction.atomic():
        collection = lock_known(order_id)
        order = current_shop().order(order_id)
        # It is edited this very moment: that is heard of, too.
        if order is not None and order.stale:
            return
        for link in active:
            plan(collection, link, order)


def plan(collection: PaymentCollection, link: PaymentLink, order: OrderView | None) -> None:
    """Reckon when the customer is reminded next, and write it down. The order's lock is held."""
    due = _next(collection, link, order)
    if due != link.next_reminder_at:
        link.next_reminder_at = due
        link.save(update_fields=["next_reminder_at"])


def _next(
    collection: PaymentCollection, link: PaymentLink, order: OrderView | None
) -> datetime | None:
    timetable = _timetable(link.channel)
    since = _mailed_first(link)
    if timetable is None or since is None or not _has_reason(collection, link, order):
        return None
    return timetable.next(
        since=since,
        until=link.expires_at,
        handled=link.reminded_at or since,
        last_mail=_last_mail(collection) or since,
    )


def free_to_go(mail: MailDelivery) -> datetime | None:
    """From when a queued reminder may be sent: that may be now. None: not any more.

    Must not run inside a transaction. Where it may be sent now it is written down that this is
    tried: see saleor_paylink.mail.delivery.
    """
    current_shop().order(mail.link.order_id, fresh=True)
    with transaction.atomic():
        collection = lock_known(mail.link.order_id)
        link = PaymentLink.objects.get(pk=mail.link_id)
        order = current_shop().order(link.order_id)
        timetable, now = _timetable(link.channel), timezone.now()
        if timetable is None or not _has_reason(collection, link, order):
            return None
        # Rotated since it was queued.
        if _mailed_first(link) is None:
            return None
        other = _last_mail(collection, but=mail)
        if other is not None and other + BETWEEN_MAILS > now:
            return None
        moment = timetable.by_day(now)
        if link.expires_at is not None and link.expires_at <= moment:
            return None
        if moment <= now:
            MailDelivery.objects.filter(pk=mail.pk).update(begun_at=now)
        return moment


def stop(link: PaymentLink) -> None:
    """The customer wants no more reminders of this order. Safe to repeat."""
    with transaction.atomic():
        collection = lock_known(link.order_id)
        if collection.reminders_stopped_at is not None:
            return
        collection.reminders_stopped_at = timezone.now()
        collection.save(update_fields=["reminders_stopped_at"])
        collection.links.update(next_reminder_at=None)
        note = _("The customer asked for no more reminders of this payment.")
        current_shop().add_note(link.order_id, note, None)


def next_of(link: PaymentLink) -> datetime | None:
    """When the customer is reminded next, as staff are told; None: not at all."""
    return link.next_reminder_at if link.current_status == LinkStatus.ACTIVE else None


def _timetable(channel: str) -> Timetable | None:
    """None where nobody is reminded."""
    settings = current_shop().channel_settings(channel)
    try:
        return settings.timetable if settings.active else None
    except SettingInvalid:
        return None


def _has_reason(collection: PaymentCollection, link: PaymentLink, order: OrderView | None) -> bool:
    """Whether the customer can still pay over the link, and lets us say so."""
    if link.current_status != LinkStatus.ACTIVE or collection.reminders_stopped_at is not None:
        return False
    if order is None or not order.email or order.reminders_stopped or order.state in CLOSED:
        return False
    if token_of(link) is None:
        return False
    asked = asked_for(link, order)
    if asked.amount <= 0 or not available_methods(order, asked):
        return False
    return not _failed_last(link)


def _to_the_customer(link: PaymentLink) -> "QuerySet[MailDelivery]":
    """Mails that asked to pay over the link, to the order's own address."""
    return link.mails.filter(kind__in=ASKING, elsewhere=False)


def _mailed_first(link: PaymentLink) -> datetime | None:
    """When the customer was first mailed the URL that the link has now. A link is given another
    one because the one before may be in wrong hands: whose, staff decide by sending it."""
    requests = _to_the_customer(link).filter(kind=MailKind.REQUEST, status=Status.SENT)
    rotations = link.events.filter(type=LinkEventType.ROTATED)
    rotated: datetime | None = rotations.aggregate(at=Max("at"))["at"]
    if rotated is not None:
        requests = requests.filter(queued_at__gt=rotated)
    found: datetime | None = requests.order_by("sent_at").values_list("sent_at", flat=True).first()
    return found


def _failed_last(link: PaymentLink) -> bool:
    """Whether the last mail to the order's address was not taken: nor would the next one be."""
    known = _to_the_customer(link).filter(status__in=[Status.SENT, Status.FAILED])
    last = known.order_by("-queued_at", "-id").values_list("status", flat=True).first()
    return last == Status.FAILED


def _last_mail(collection: PaymentCollection, but: MailDelivery | None = None) -> datetime | None:
    """When the order's customer was last asked to pay, over whichever link, or will be."""
    mails = MailDelivery.objects.filter(
        link__collection=collection,
        kind__in=ASKING,
        status__in=[Status.QUEUED, Status.SENT],
    )
    if but is not None:
        mails = mails.exclude(pk=but.pk)
    times = [sent or queued for sent, queued in mails.values_list("sent_at", "queued_at")]
    return max(times, default=None)
