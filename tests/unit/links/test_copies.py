"""The copy of a mail for whoever sent it: another mail, whatever becomes of the customer's."""

import pytest
from django.core import mail
from django.utils import timezone

from saleor_paylink.links.altering import revoke
from saleor_paylink.links.lifecycle import send
from saleor_paylink.links.sweeper import sweep
from saleor_paylink.models import LinkEventType, MailDelivery, PaymentLink
from tests.unit.links.helpers import CLERK

COPY_TO = "clerk@example.com"


def sent_since(link: PaymentLink) -> int:
    return link.events.filter(type=LinkEventType.SENT).count()


@pytest.fixture
def lost(link: PaymentLink) -> MailDelivery:
    """The customer's mail could not be sent, and the copy of it was."""
    send(link.pk, CLERK, email="wrong@example.com", copy_to=COPY_TO)
    PaymentLink.objects.filter(pk=link.pk).update(last_sent_at=None)
    link.events.filter(type=LinkEventType.SENT).delete()
    mail.outbox.clear()
    MailDelivery.objects.filter(kind="request").update(status="failed")
    copy = MailDelivery.objects.get(kind="copy")
    copy.status, copy.recipient, copy.leased_until = "queued", COPY_TO, timezone.now()
    copy.save()
    return copy


def test_a_copy_does_not_make_the_link_sent(link: PaymentLink, lost: MailDelivery) -> None:
    sweep()

    (message,) = mail.outbox
    assert message.to == [COPY_TO]
    link.refresh_from_db()
    assert (link.last_sent_at, sent_since(link)) == (None, 0)


def test_an_address_is_forgotten_once_the_copy_is_sent(
    link: PaymentLink, lost: MailDelivery
) -> None:
    sweep()

    lost.refresh_from_db()
    assert (lost.status, lost.recipient) == ("sent", "")


def test_of_a_link_that_can_no_longer_be_paid_no_copy_is_sent(
    link: PaymentLink, lost: MailDelivery
) -> None:
    revoke(link.pk, CLERK)

    sweep()

    lost.refresh_from_db()
    assert (lost.status, mail.outbox) == ("failed", [])
