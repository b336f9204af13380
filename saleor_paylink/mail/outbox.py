"""Mails to customers, queued in the transaction of the change they tell of."""

from typing import Any

from django.conf import settings

from saleor_paylink import jobs
from saleor_paylink.models import LedgerEntry, MailDelivery, MailKind, PaymentLink
from saleor_paylink.shop import Actor

BACKENDS = "django.core.mail.backends"
SMTP = f"{BACKENDS}.smtp.EmailBackend"
# Where mails are written down and go no further.
NOWHERE = ("", *(f"{BACKENDS}.{name}.EmailBackend" for name in ("console", "dummy", "filebased")))


def is_configured() -> bool:
    """Whether the host names a mail server at all. Whether that one takes mails, only sending
    one can tell."""
    backend = settings.EMAIL_BACKEND
    return backend not in NOWHERE and (backend != SMTP or bool(settings.EMAIL_HOST))


def queue_request(
    link: PaymentLink,
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
    }
    _queue(key, kind=MailKind.REQUEST, recipient=recipient or "", **mail)
    if copy_to is not None:
        _queue(f"{key}:copy", kind=MailKind.COPY, recipient=copy_to, **mail)


def queue_receipt(link: PaymentLink, entry: LedgerEntry) -> None:
    """Mail the receipt of a payment, once."""
    key = f"receipt:{entry.provider}:{entry.reference}"
    _queue(key, kind=MailKind.RECEIPT, link=link, entry=entry)


def _queue(key: str, **mail: Any) -> None:
    delivery, created = MailDelivery.objects.get_or_create(key=key, defaults=mail)
    if created:
        jobs.later(jobs.DELIVER_MAIL, delivery.pk)
