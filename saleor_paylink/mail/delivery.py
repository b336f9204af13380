"""Delivering queued mails, each by one worker at a time.

A worker can die between handing a mail over and writing that down. A reminder is then not sent
again: it may have arrived. Other mails are, with the same Message-ID: a second receipt is the
lesser evil than none, and many mail programs show the two as one.
"""

import logging
import smtplib
from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from saleor_paylink import leases
from saleor_paylink.failures import log_failure
from saleor_paylink.links import history, reminders
from saleor_paylink.links.contents import remember_sent
from saleor_paylink.links.dues import asked_for
from saleor_paylink.links.locking import lock_known
from saleor_paylink.links.tokens import token_of
from saleor_paylink.mail import messages, server
from saleor_paylink.models import (
    ASKING,
    LINK_IN_FORCE,
    LinkEventType,
    LinkStatus,
    MailDelivery,
    MailKind,
    PaymentLink,
)
from saleor_paylink.shop import CLOSED, Actor, OrderView, current_shop

logger = logging.getLogger(__name__)

Status = MailDelivery.Status

# A mail server that is down for longer than this will not be waited for.
GIVE_UP_AFTER = timedelta(days=1)
# From this code on a mail server means what it says for good.
PERMANENT = 500
# By these it says that it did not take the mail.
ANSWERS = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)
# What tells staff of the mail's fate.
STEP_OF = {MailKind.REQUEST: LinkEventType.SENT, MailKind.REMINDER: LinkEventType.REMINDED}
# Kept in the language of the code, and put into the reader's when it is read.
UNPAYABLE = _("The link could no longer be paid.")
# After a change of SECRET_KEY without its fallback.
UNKNOWN_URL = _("The link's address is not known any more. Give it a new one.")
NO_ADDRESS = _("The order has no email address.")
UNKNOWN = _("It is not known whether it was sent.")
UNKNOWN_ADDRESS = _("The mail server does not take mails to this address.")
REFUSED = _("The mail server refused the mail.")
UNREACHABLE = _("The mail server could not be reached for a day.")
UNWRITABLE = _("The mail could not be written.")


def deliver(mail_id: int) -> None:
    """Send a queued mail, unless somebody is at it. Failures are kept with their reason.

    A mail server that cannot be reached is tried again by the sweeper; one that refuses the
    mail is not.
    """
    if not leases.take(to_do(), mail_id):
        return
    mail = MailDelivery.objects.select_related("link__collection", "entry__attempt", "attempt").get(
        pk=mail_id
    )
    if mail.kind == MailKind.REMINDER:
        _deliver_reminder(mail)
    else:
        _deliver(mail)
    if mail.kind in ASKING and mail.status in (Status.SENT, Status.FAILED):
        reminders.remind(mail.link_id)


def _deliver_reminder(mail: MailDelivery) -> None:
    if mail.begun_at is not None:
        _finish(mail, Status.FAILED, UNKNOWN)
        return
    moment = reminders.free_to_go(mail)
    if moment is None:
        _finish(mail, Status.WITHDRAWN)
    elif moment > timezone.now():
        MailDelivery.objects.filter(pk=mail.pk).update(leased_until=moment)
    else:
        _deliver(mail)


def _deliver(mail: MailDelivery) -> None:
    try:
        order = current_shop().order(mail.link.order_id, fresh=True)
        status, reason = _hand_over(mail, order)
    except Exception as error:
        _note_failure(mail, error)
        return
    _finish(mail, status, reason, order)


def _hand_over(mail: MailDelivery, order: OrderView | None) -> tuple[str, str]:
    """Give the mail to the mail server, and say what has become of it and why."""
    if mail.kind == MailKind.FAILURE and not _is_still_to_be_paid(mail, order):
        return Status.WITHDRAWN, ""
    if mail.kind in (MailKind.REQUEST, MailKind.COPY) and not _is_payable(mail, order):
        return Status.FAILED, UNPAYABLE
    if mail.kind != MailKind.RECEIPT and token_of(mail.link) is None:
        return Status.FAILED, UNKNOWN_URL
    account = current_shop().mail_account(mail.link.channel)
    message = messages.compose(mail, order, account) if order else None
    if message is None:
        return Status.FAILED, NO_ADDRESS
    connection = server.connect(account)
    connection.open()
    try:
        mail.begun_at = timezone.now()
        connection.send_messages([message])
    finally:
        # A farewell that goes wrong takes back nothing.
        with suppress(OSError):
            connection.close()
    return Status.SENT, ""


def _is_payable(mail: MailDelivery, order: OrderView | None) -> bool:
    """Whether there is something to ask for: the order may have been paid elsewhere meanwhile."""
    if mail.link.current_status not in LINK_IN_FORCE:
        return False
    return order is None or bool(asked_for(mail.link, order).amount > 0)


def _is_still_to_be_paid(mail: MailDelivery, order: OrderView | None) -> bool:
    """Whether the customer has a way left to pay, be it that they ask for a fresh link."""
    is_open = mail.link.current_status in (LinkStatus.ACTIVE, LinkStatus.EXPIRED)
    if not is_open or order is None or order.state in CLOSED:
        return False
    return bool(asked_for(mail.link, order).amount > 0)


def to_do() -> "QuerySet[MailDelivery]":
    """Mails that have not been sent, and not been given up."""
    return MailDelivery.objects.filter(status=Status.QUEUED)


def _note_failure(mail: MailDelivery, error: Exception) -> None:
    # What a mail server says can hold the address; its class and code cannot.
    code = getattr(error, "smtp_code", None)
    mail.error = " ".join(str(part) for part in (type(error).__name__, code) if part)
    if isinstance(error, OSError):
        logger.warning("Mail %s was not sent: %s", mail.pk, mail.error)
    else:
        log_failure(logger, "Mail %s could not be written:", mail.pk)
    reason = _why_given_up(mail, error)
    if reason is not None:
        _finish(mail, Status.FAILED, reason)
    else:
        MailDelivery.objects.filter(pk=mail.pk).update(error=mail.error, begun_at=None)


def _why_given_up(mail: MailDelivery, error: Exception) -> str | None:
    """None: it is tried again."""
    if _is_for_good(error):
        is_address = isinstance(error, smtplib.SMTPRecipientsRefused)
        return UNKNOWN_ADDRESS if is_address else REFUSED
    may_have_gone = mail.begun_at and not isinstance(error, ANSWERS)
    if mail.kind == MailKind.REMINDER and may_have_gone:
        return UNKNOWN
    if mail.queued_at + GIVE_UP_AFTER < timezone.now():
        return UNREACHABLE if isinstance(error, OSError) else UNWRITABLE
    return None


def _is_for_good(error: Exception) -> bool:
    """Whether the mail server refuses this mail, and not only for now, as those do that let
    strangers wait (RFC 5321, 4.2.1)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _said in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError | smtplib.SMTPSenderRefused):
        return int(error.smtp_code) >= PERMANENT
    return False


def _finish(
    mail: MailDelivery, status: str, reason: str = "", order: OrderView | None = None
) -> None:
    """Write down what has become of a mail, with all that follows from it; `reason`, for people,
    why it failed; `order`, as it was when the mail was written."""
    mail.status = status
    mail.error = mail.error or reason if status == Status.FAILED else ""
    mail.sent_at = timezone.now() if status == Status.SENT else None
    mail.recipient = ""
    try:
        with transaction.atomic():
            lock_known(mail.link.order_id)
            _write_down(mail)
            _follow(mail, reason, order)
    except Exception:
        # A mail that has gone does not go again because its history could not be written.
        log_failure(logger, "What follows from mail %s could not be written down:", mail.pk)
        _write_down(mail)


def _write_down(mail: MailDelivery) -> None:
    mail.save(update_fields=["status", "error", "sent_at", "recipient"])


def _follow(mail: MailDelivery, reason: str, order: OrderView | None) -> None:
    if mail.kind not in STEP_OF or mail.status == Status.WITHDRAWN:
        return
    if mail.sent_at is not None:
        PaymentLink.objects.filter(pk=mail.link_id).update(last_sent_at=mail.sent_at)
        if order is not None:
            remember_sent(mail.link, order)
    _record(mail, reason)


def _record(mail: MailDelivery, reason: str) -> None:
    failed = mail.status == Status.FAILED
    step = LinkEventType.SEND_FAILED if failed else STEP_OF[MailKind(mail.kind)]
    details = {"reason": reason, "elsewhere": mail.elsewhere}
    actor = Actor.from_data(mail.actor)
    history.record(mail.link.collection, step, actor=actor, link=mail.link, **details)
