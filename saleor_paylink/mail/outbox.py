"""Mails to customers, queued in the transaction of the change they tell of: nothing that is wrong
with the shop's mail settings may undo that."""

import logging
from typing import Any

from django.conf import settings

from saleor_paylink import jobs
from saleor_paylink.conf import SettingInvalid
from saleor_paylink.failures import log_failure
from saleor_paylink.models import (
    LedgerEntry,
    LinkEventType,
    LinkStatus,
    MailDelivery,
    MailKind,
    PaymentAttempt,
    PaymentLink,
)
from saleor_paylink.shop import Actor, MailAccount, OrderView, current_shop

logger = logging.getLogger(__name__)

BACKENDS = "django.core.mail.backends"
SMTP = f"{BACKENDS}.smtp.EmailBackend"
# Where mails are written down and go no further.
NOWHERE = ("", *(f"{BACKENDS}.{name}.EmailBackend" for name in ("console", "dummy", "filebased")))


def is_configured(channel: str) -> bool:
    """Whether the shop names a mail server at all for the channel. Whether that one takes mails,
    only sending one can tell."""
    backend = settings.EMAIL_BACKEND
    if backend not in NOWHERE and (backend != SMTP or bool(settings.EMAIL_HOST)):
        return True
    account = account_of(channel)
    return account is not None and account.server is not None


def account_of(channel: str) -> MailAccount | None:
    """How the shop mails its customers there; None where what it is set to cannot be used."""
    try:
        return current_shop().mail_account(channel)
    except Exception:
        log_failure(logger, "The mail account of channel %s cannot be read:", channel)
        return None


def queue_request(
    link: PaymentLink,
    order: OrderView,
    *,
    key: str,
    actor: Actor | None,
    recipient: str | None = None,
    message: str | None = None,
    copy_to: str | None = None,
) -> None:
    """Mail the link to the order's address, or to `recipient` this once; and a copy of the mail
    to `copy_to`, which is another mail: whatever becomes of it, the link was sent or was not.

    `key` makes it one mail however often it is asked for.
    """
    mail = {
        "link": link,
        "message": link.message if message is None else message,
        "actor": actor and actor.as_data(),
        "replaces": _replaces_another(link),
    }
    elsewhere = (recipient or "").casefold() not in ("", (order.email or "").casefold())
    recipient = recipient or ""
    _queue(key, kind=MailKind.REQUEST, recipient=recipient, elsewhere=elsewhere, **mail)
    if copy_to is not None:
        _queue(f"{key}:copy", kind=MailKind.COPY, recipient=copy_to, **mail)


def _replaces_another(link: PaymentLink) -> bool:
    """Whether the customer was mailed a URL before that the link's present one takes the place
    of: the link got another one since, or is there because its forerunner was over."""
    if link.last_sent_at is not None:
        rotated = link.events.filter(type=LinkEventType.ROTATED, at__gte=link.last_sent_at)
        return bool(rotated.exists())
    over = [LinkStatus.EXPIRED, LinkStatus.REVOKED]
    before = PaymentLink.objects.filter(collection=link.collection_id, status__in=over)
    return before.exclude(pk=link.pk).filter(last_sent_at__isnull=False).exists()


def queue_reminder(link: PaymentLink, *, key: str) -> None:
    """Mail the link to the order's address once more, unless there is no reason to when the
    mail's turn comes."""
    _queue(key, kind=MailKind.REMINDER, link=link)


def queue_failure(attempt: PaymentAttempt) -> None:
    """Tell the customer, once, that a payment that was on its way did not succeed."""
    _queue(f"failure:{attempt.pk}", kind=MailKind.FAILURE, link=attempt.link, attempt=attempt)


def queue_receipt(link: PaymentLink, entry: LedgerEntry, *, completes: bool) -> None:
    """Mail the receipt of a payment, once, if the channel's settings say so. `completes`: by this
    payment the shop takes the order for paid, and confirms that to the customer if it ever does.
    """
    if _is_receipt_wanted(link.channel, completes):
        key = f"receipt:{entry.provider}:{entry.reference}"
        _queue(key, kind=MailKind.RECEIPT, link=link, entry=entry)


def _is_receipt_wanted(channel: str, completes: bool) -> bool:
    try:
        choice = current_shop().channel_settings(channel).receipts
    except SettingInvalid:
        return True
    if choice == "auto":
        account = account_of(channel) if completes else None
        return account is None or not account.confirms_payment
    return choice == "always"


def _queue(key: str, **mail: Any) -> None:
    delivery, created = MailDelivery.objects.get_or_create(key=key, defaults=mail)
    if created:
        jobs.later(jobs.DELIVER_MAIL, delivery.pk)
