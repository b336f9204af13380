"""What staff are warned of before it defeats the link."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from saleor_paylink.links.lifecycle import send
from saleor_paylink.links.reading import CollectionWarning, collection_view
from saleor_paylink.models import LinkStatus, PaymentLink
from sandbox.shop import orders
from sandbox.shop.models import Order
from tests.unit.links.helpers import CLERK

EMAIL = "django.core.mail.backends.{}.EmailBackend"


def warnings(order: Order) -> list[CollectionWarning]:
    """What is warned of, beyond the test mode that all these tests are in."""
    view = collection_view(order.id)
    assert view is not None
    return [each for each in view.warnings if each is not CollectionWarning.TEST_MODE]


def change(order: Order) -> None:
    orders.change_quantity(order.id, order.lines.get().pk, 3)


def test_nothing_is_warned_of_where_all_is_well(link: PaymentLink, order: Order) -> None:
    assert warnings(order) == []


def test_an_order_that_was_changed_since_its_link_was_sent(link: PaymentLink, order: Order) -> None:
    change(order)

    assert warnings(order) == [CollectionWarning.ORDER_CHANGED_SINCE_SENT]


def test_sending_the_link_again_ends_the_warning(link: PaymentLink, order: Order) -> None:
    change(order)

    send(link.id, CLERK)

    assert warnings(order) == []


@pytest.mark.parametrize("status", [LinkStatus.EXPIRED, LinkStatus.REVOKED, LinkStatus.PAID])
def test_what_was_changed_does_not_matter_to_a_link_that_is_over(
    link: PaymentLink, order: Order, status: LinkStatus
) -> None:
    change(order)
    PaymentLink.objects.update(status=status)

    assert warnings(order) == []


@pytest.mark.parametrize(
    ("left", "warned"),
    [
        (timedelta(hours=23, minutes=59), [CollectionWarning.LINK_EXPIRES_SOON]),
        (timedelta(days=1, minutes=1), []),
        (timedelta(0), []),
    ],
)
def test_a_link_with_less_than_a_day_left(
    link: PaymentLink, order: Order, left: timedelta, warned: list[CollectionWarning]
) -> None:
    PaymentLink.objects.update(expires_at=timezone.now() + left)

    assert warnings(order) == warned


@pytest.mark.parametrize(
    ("backend", "host", "warned"),
    [
        ("", "", True),
        (EMAIL.format("console"), "mail.example.com", True),
        (EMAIL.format("dummy"), "mail.example.com", True),
        (EMAIL.format("filebased"), "mail.example.com", True),
        (EMAIL.format("smtp"), "", True),
        (EMAIL.format("smtp"), "mail.example.com", False),
        ("anymail.backends.mailgun.EmailBackend", "", False),
    ],
)
def test_a_host_without_a_mail_server(
    link: PaymentLink, order: Order, settings: Any, backend: str, host: str, warned: bool
) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = backend, host

    assert (CollectionWarning.EMAIL_NOT_CONFIGURED in warnings(order)) is warned
