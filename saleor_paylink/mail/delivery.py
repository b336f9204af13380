"""Delivering queued mails, each by one worker at a time."""

import logging
import smtplib
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from saleor_paylink import leases
from saleor_paylink.failures import log_failure
from saleor_paylink.links import history
from saleor_paylink.links.contents import remember_sent
from saleor_paylink.mail import messages
from saleor_paylink.models import (
    LINK_IN_FORCE,
    LinkEventType,
    MailDelivery,
    MailKind,
    PaymentLink,
)
from saleor_paylink.shop import Actor, OrderView, current_shop

logger = logging.getLogger(__name__)

# A mail server that is down for longer than this will not be waited for.
GIVE_UP_AFTER = timedelta(days=1)


def deliver(mail_id: int) -> None:
    """Send a queued mail, unless somebody is at it. Failures are kept with their reason.

    A mail server that cannot be reached is tried again by the sweeper; one that refuses the
    mail is not.
    """
    if not leases.take(to_do(), mail_id):
        return
    mail = MailDelivery.objects.select_related("link__collection", "entry__attempt").get(pk=mail_id)
    if mail.kind != MailKind.RECEIPT and mail.link.current_status not in LINK_IN_FORCE:
        _finish(mail, "The link could no longer be paid.")
        return
    try:
        order = current_shop().order(mail.link.order_id, fresh=True)
        message = messages.compose(mail, order) if order else None
        if order is None or message is None:
            _finish(mail, "The order has no email address.")
            return
        message.send()
    except Exception as error:
        _note_failure(mail, error)
    else:
        _finish(mail, elsewhere=_goes_elsewhere(mail, order))
        if mail.kind == MailKind.REQUEST:
            remember_sent(mail.link, order)


def _goes_elsewhere(mail: MailDelivery, order: OrderView) -> bool:
    """Whether staff gave an address that is not the order's."""
    return mail.recipient.casefold() not in ("", (order.email or "").casefold())


def to_do() -> "QuerySet[MailDelivery]":
    """Mails that have not been sent, and not been given up."""
    return MailDelivery.objects.filter(status=MailDelivery.Status.QUEUED)


def _note_failure(mail: MailDelivery, error: Exception) -> None:
    # What a mail server says can hold the address; its class and code cannot.
    code = getattr(error, "smtp_code", None)
    reason = " ".join(str(part) for part in (type(error).__name__, code) if part)
    if isinstance(error, OSError):
        logger.warning("Mail %s was not sent: %s", mail.pk, reason)
    else:
        log_failure(logger, "Mail %s could not be written:", mail.pk)
    refused = isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError)
    if refused or mail.queued_at + GIVE_UP_AFTER < timezone.now():
        _finish(mail, reason)
    else:
        MailDelivery.objects.filter(pk=mail.pk).update(error=reason)


def _finish(mail: MailDelivery, error: str = "", *, elsewhere: bool = False) -> None:
    now = timezone.now()
    mail.status = MailDelivery.Status.FAILED if error else MailDelivery.Status.SENT
    mail.error = error
    mail.sent_at = None if error else now
    mail.recipient = ""
    mail.save(update_fields=["status", "error", "sent_at", "recipient"])
    if mail.kind == MailKind.REQUEST and not error:
        PaymentLink.objects.filter(pk=mail.link_id).update(last_sent_at=now)
    _record(mail, elsewhere)


def _record(mail: MailDelivery, elsewhere: bool) -> None:
    if mail.kind != MailKind.REQUEST:
        return
    actor = Actor.from_data(mail.actor)
    step = LinkEventType.SEND_FAILED if mail.error else LinkEventType.SENT
    details = {"reason": mail.error, "elsewhere": elsewhere}
    history.record(mail.link.collection, step, actor=actor, link=mail.link, **details)
