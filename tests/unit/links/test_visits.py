"""What counts as a visit, and what is written down of it."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from saleor_paylink.links import visits
from saleor_paylink.links.errors import LinkError
from saleor_paylink.models import LinkEventType, LinkStatus, PaymentLink, PaymentLinkEvent
from tests.unit.links.helpers import Customer
from tests.unit.links.moving import said
from tests.unit.links.racing import at_once


def moments(link: PaymentLink) -> tuple[datetime | None, datetime | None]:
    return PaymentLink.objects.values_list("first_opened_at", "last_opened_at").get(pk=link.pk)


def test_the_first_visit_is_a_step_and_the_next_is_none(customer: Customer) -> None:
    visits.seen(customer.token, "shop")
    visits.seen(customer.token, "shop")

    assert said(LinkEventType.OPENED) == ["The customer opened the payment link."]


def test_who_looks_again_at_once_is_still_at_the_same_visit(customer: Customer) -> None:
    visits.seen(customer.token, "shop")
    first = moments(customer.link)

    visits.seen(customer.token, "shop")

    assert moments(customer.link) == first


def test_a_later_visit_is_the_last(customer: Customer) -> None:
    earlier = timezone.now() - visits.ONE_VISIT
    PaymentLink.objects.update(first_opened_at=earlier, last_opened_at=earlier)

    visits.seen(customer.token, "shop")

    first, last = moments(customer.link)
    assert first == earlier
    assert last is not None
    assert last - earlier >= timedelta(minutes=10)
    assert said(LinkEventType.OPENED) == []


def test_a_click_on_pay_is_a_visit(customer: Customer) -> None:
    customer.begin()

    assert None not in moments(customer.link)
    assert said(LinkEventType.OPENED) == ["The customer opened the payment link."]


def test_a_click_that_is_refused_is_none(customer: Customer) -> None:
    with pytest.raises(LinkError):
        customer.begin(revision="of another page")

    assert moments(customer.link) == (None, None)
    assert said(LinkEventType.OPENED) == []


def test_looking_at_the_page_is_none(customer: Customer) -> None:
    customer.page()

    assert moments(customer.link) == (None, None)


@pytest.mark.parametrize("token", ["A" * 43, "short", ""])
def test_an_unknown_token_counts_nothing(customer: Customer, token: str) -> None:
    visits.seen(token, "shop")

    assert moments(customer.link) == (None, None)
    assert not PaymentLinkEvent.objects.filter(type=LinkEventType.OPENED).exists()


def test_the_neutral_page_of_a_closed_link_is_not_visited(customer: Customer) -> None:
    PaymentLink.objects.update(status=LinkStatus.REVOKED)

    visits.seen(customer.token, "shop")

    assert moments(customer.link) == (None, None)


def test_who_opens_it_in_the_same_moment_opens_it_once(customer: Customer) -> None:
    at_once(*[lambda: visits.seen(customer.token, "shop")] * 4)

    assert said(LinkEventType.OPENED) == ["The customer opened the payment link."]


def test_the_first_visit_comes_before_what_is_done_in_it(customer: Customer) -> None:
    customer.begin()

    types = list(customer.link.events.order_by("id").values_list("type", flat=True))
    assert types == ["created", "opened", "attempt_started"]


def test_what_is_undone_is_not_counted(customer: Customer) -> None:
    with transaction.atomic():
        visits.count(customer.link.collection, customer.link)
        transaction.set_rollback(True)

    assert moments(customer.link) == (None, None)
    assert said(LinkEventType.OPENED) == []
