"""Mails to customers, queued in the transaction of the change they tell of."""

from saleor_paylink import jobs
from saleor_paylink.models import LedgerEntry, MailDelivery, MailKind, PaymentLink
from saleor_paylink.shop import Actor


def queue_request(
    link: PaymentLink,
    *,
    key: str,
    actor: Actor | None,
    recipient: str | None = None,
    message: str | None = None,
) -> None:
    """Mail the link to the order's address, or to `recipient` this once.

    `key` makes it one mail however often it is asked for.
    """
    delivery, created = MailDelivery.objects.get_or_create(
        key=key,
        defaults={
            "kind": MailKind.REQUEST,
            "link": link,
            "recipient": recipient or "",
            "message": link.message if message is None else message,
            "actor": actor and actor.as_data(),
        },
    )
    if created:
        jobs.later(jobs.DELIVER_MAIL, delivery.pk)


def queue_receipt(link: PaymentLink, entry: LedgerEntry) -> None:
    """Mail the receipt of a payment, once."""
    delivery, created = MailDelivery.objects.get_or_create(
        key=f"receipt:{entry.provider}:{entry.reference}",
        defaults={"kind": MailKind.RECEIPT, "link": link, "entry": entry},
    )
    if created:
        jobs.later(jobs.DELIVER_MAIL, delivery.pk)
