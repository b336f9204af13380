"""Visits: when a customer had the payment page before their eyes.

Opening the page has no effect, whoever does. A visit is what a browser reports once a person has
looked at the page, or a click on Pay that is let through.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from saleor_paylink.links import history
from saleor_paylink.links.locking import lock_known
from saleor_paylink.links.tokens import find_link
from saleor_paylink.models import LinkEventType, LinkStatus, PaymentCollection, PaymentLink

# Whoever looks again within this time is still at it: so often at most the time is written down.
ONE_VISIT = timedelta(minutes=10)


def seen(token: str, channel: str) -> None:
    """Somebody looks at the page of that token. Does nothing, and says nothing, where there is
    none. Must not run inside a transaction."""
    link = find_link(token, channel)
    # The page of a link that was closed for good is the neutral one.
    if link is None or link.status == LinkStatus.REVOKED:
        return
    if link.first_opened_at is not None:
        _again(link)
        return
    with transaction.atomic():
        count(lock_known(link.order_id), link)


def count(collection: PaymentCollection, link: PaymentLink) -> None:
    """The link's customer is here: the first time that is a step of its timeline. The order's
    lock is held."""
    now = timezone.now()
    unopened = PaymentLink.objects.filter(pk=link.pk, first_opened_at__isnull=True)
    if unopened.update(first_opened_at=now, last_opened_at=now):
        history.record(collection, LinkEventType.OPENED, link=link)
    else:
        _again(link)


def _again(link: PaymentLink) -> None:
    now = timezone.now()
    earlier = PaymentLink.objects.filter(pk=link.pk, last_opened_at__lte=now - ONE_VISIT)
    earlier.update(last_opened_at=now)
