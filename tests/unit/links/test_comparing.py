"""When collections are compared with their orders, whatever the shop has told."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from saleor_paylink.links.changes import next_comparison, order_changed
from saleor_paylink.links.lifecycle import create
from saleor_paylink.links.reading import CollectionStatus, collection_view
from saleor_paylink.links.sweeper import sweep
from saleor_paylink.links.terms import LinkTerms
from saleor_paylink.models import (
    LedgerEntry,
    LinkStatus,
    PaymentCollection,
    PaymentLink,
    PaymentLinkEvent,
)
from sandbox.shop import orders, payments
from sandbox.shop.models import Order
from tests.unit.links.helpers import CLERK, offer

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def expire_links() -> None:
    """The time of every link is over."""
    PaymentLink.objects.update(expires_at=timezone.now())
    sweep()


def nothing_happened_for(time: timedelta) -> None:
    PaymentLinkEvent.objects.update(at=timezone.now() - time)


def let_comparing_come() -> None:
    """Let the moment come at which the collection is to be compared again."""
    scheduled = PaymentCollection.objects.filter(compare_at__isnull=False)
    assert scheduled.update(compare_at=timezone.now()) == 1


def compare_at() -> datetime | None:
    return PaymentCollection.objects.get().compare_at


def test_a_link_in_force_is_compared_every_ten_minutes_however_old_it_is(
    link: PaymentLink,
) -> None:
    nothing_happened_for(365 * DAY)

    before = timezone.now()
    sweep()
    after = timezone.now()

    at = compare_at()
    assert at is not None
    assert before + 10 * MINUTE <= at <= after + 10 * MINUTE


@pytest.mark.parametrize(
    ("quiet", "until_then"),
    [
        (MINUTE, 10 * MINUTE),
        (2 * HOUR, 30 * MINUTE),
        (2 * DAY, 12 * HOUR),
        (119 * DAY, DAY),
    ],
)
def test_without_a_link_in_force_it_is_compared_ever_more_rarely(
    link: PaymentLink, quiet: timedelta, until_then: timedelta
) -> None:
    expire_links()
    nothing_happened_for(quiet)

    at = next_comparison(PaymentCollection.objects.get())

    assert at is not None
    assert abs(timezone.now() + until_then - at) < timedelta(seconds=5)


def test_after_120_quiet_days_it_is_compared_no_more(link: PaymentLink) -> None:
    expire_links()
    nothing_happened_for(120 * DAY)
    let_comparing_come()

    sweep()

    assert compare_at() is None


def test_what_was_compared_is_not_compared_again_before_its_time(
    link: PaymentLink, order: Order
) -> None:
    sweep()
    orders.cancel_by_hand(order.id, None)

    sweep()

    assert PaymentLink.objects.get().status == LinkStatus.ACTIVE


def test_money_that_staff_took_after_the_link_had_expired_is_found(
    link: PaymentLink, order: Order
) -> None:
    expire_links()
    payments.mark_as_paid(order.id, "cash", None)
    let_comparing_come()

    sweep()

    entry = LedgerEntry.objects.get()
    assert (entry.kind, entry.amount) == ("manual", Decimal("25.000"))
    assert PaymentLink.objects.get().status == LinkStatus.PAID_MANUALLY
    view = collection_view(order.id)
    assert view is not None
    assert view.status is CollectionStatus.SETTLED_MANUALLY


def test_money_that_staff_took_is_found_though_there_never_was_a_link(order: Order) -> None:
    offer(order)
    sweep()
    payments.mark_as_paid(order.id, "cash", None)
    let_comparing_come()

    sweep()

    entry = LedgerEntry.objects.get()
    assert (entry.kind, entry.amount) == ("manual", Decimal("25.000"))


def test_a_new_link_is_compared_at_once(link: PaymentLink, order: Order) -> None:
    expire_links()
    PaymentCollection.objects.update(compare_at=None)

    create(order.id, LinkTerms(), CLERK)

    at = compare_at()
    assert at is not None
    assert at <= timezone.now()


def test_an_order_that_moves_after_long_quiet_is_compared_again(
    link: PaymentLink, order: Order
) -> None:
    expire_links()
    nothing_happened_for(200 * DAY)
    PaymentCollection.objects.update(compare_at=None)
    payments.mark_as_paid(order.id, "cash", None)

    order_changed(order.id)

    assert compare_at() is not None


def test_a_word_that_tells_nothing_new_does_not_begin_comparing_again(
    link: PaymentLink, order: Order
) -> None:
    expire_links()
    nothing_happened_for(200 * DAY)
    PaymentCollection.objects.update(compare_at=None)

    order_changed(order.id)

    assert compare_at() is None
