"""Visits: when a customer had the payment page before their eyes.

Opening the page has no effect, whoever does. A visit is what a browser reports once a person has
looked at the page, or the customer's click on Pay.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from saleor_paylink.links import history
from saleor_paylink.links.tokens import find_link
from saleor_paylink.models import LinkEventType, LinkStatus, PaymentCollection, PaymentLink

# Whoever looks again within this time is still at it: so often at most the time is written down.
ONE_VISIT = timedelta(minutes=10)


def seen(token: str, channel: str) -> None:
    """Somebody looks at the page of that token. Does nothing, and says nothing, where there is
    none. Must not run inside a transaction."""
    link = find_link(token, channel)
    # The page of a link that was closed for good is the neutral one.
    if link is not None and link.status != LinkStatus.REVOKED:
        count(link)


def count(link: PaymentLink) -> None:
    """The link's customer is here. The first time is a step of its timeline. Must not run inside
    a transaction."""
    if link.first_opened_at is None:
        _first(link)
        return
    now = timezone.now()
    earlier = PaymentLink.objects.filter(pk=link.pk, last_opened_at__lte=now - ONE_VISIT)
    earlier.update(last_opened_at=now)


@transaction.atomic
def _first(link: PaymentLink) -> None:
    collection = PaymentCollection.objects.select_for_update().get(pk=link.collection_id)
    now = timezone.now()
    unopened = PaymentLink.objects.filter(pk=link.pk, first_opened_at__isnull=True)
    if unopened.update(first_opened_at=now, last_opened_at=now):
        history.record(collection, LinkEventType.OPENED, link=link)
