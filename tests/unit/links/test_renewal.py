"""A fresh link in place of an expired one: mailed to the order's address, or nothing at all."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone

from saleor_paylink.links.altering import revoke
from saleor_paylink.links.bearer import RequestStatus
from saleor_paylink.links.lifecycle import create
from saleor_paylink.links.renewal import NOT_AGAIN_WITHIN, renew
from saleor_paylink.links.settlement import settle
from saleor_paylink.links.sweeper import sweep
from saleor_paylink.links.terms import LinkTerms
from saleor_paylink.links.tokens import pay_url
from saleor_paylink.models import (
    LinkStatus,
    MailDelivery,
    PaymentAttempt,
    PaymentLink,
    PaymentLinkEvent,
)
from sandbox.shop import orders
from sandbox.shop.models import Channel, Order
from sandbox.stripe import Simulator
from tests.unit.links.helpers import CLERK, SLOW, Customer, asked_of, status_of
from tests.unit.links.test_races import at_once

DAY = timedelta(days=1)


def run_out(link: PaymentLink, lived: timedelta = DAY) -> str:
    """The link's time is over, after it has lived so long; answers its token."""
    now = timezone.now()
    PaymentLink.objects.filter(pk=link.pk).update(created_at=now - lived, expires_at=now)
    return Customer(link).token


def fresh(link: PaymentLink) -> PaymentLink:
    """The link that was made in place of this one."""
    return PaymentLink.objects.exclude(pk=link.pk).get()


@pytest.fixture
def nothing_done(order: Order) -> Callable[[str], None]:
    """Renewing with a token does nothing at all."""

    def check(token: str) -> None:
        before = (
            list(PaymentLink.objects.order_by("pk").values()),
            PaymentLinkEvent.objects.count(),
            MailDelivery.objects.count(),
            status_of(order.id),
        )
        renew(token)
        assert before == (
            list(PaymentLink.objects.order_by("pk").values()),
            PaymentLinkEvent.objects.count(),
            MailDelivery.objects.count(),
            status_of(order.id),
        )
        assert mail.outbox == []

    return check


# ---------------------------------------------------------------- renewed


@pytest.mark.parametrize("is_written_down", [False, True])
def test_a_fresh_link_is_mailed_to_the_address_on_file_in_place_of_an_expired_one(
    link: PaymentLink, order: Order, is_written_down: bool
) -> None:
    token = run_out(link)
    if is_written_down:
        sweep()

    renew(token)

    (message,) = mail.outbox
    made = fresh(link)
    assert message.to == ["customer@example.com"]
    assert str(pay_url(made)) in message.body
    assert token not in message.body
    assert made.status == LinkStatus.ACTIVE
    assert Customer(made).page().status is RequestStatus.DUE
    assert PaymentLink.objects.get(pk=link.pk).status == LinkStatus.EXPIRED


def test_a_fresh_link_can_be_paid(link: PaymentLink, order: Order, simulator: Simulator) -> None:
    renew(run_out(link))

    simulator.pay(Customer(fresh(link)).session())
    settle(PaymentAttempt.objects.get().id)

    assert status_of(order.id) == "unfulfilled"


def test_a_fresh_link_has_the_deposit_and_the_words_of_the_one_before(order: Order) -> None:
    link = create(order.id, LinkTerms(amount=Decimal("10"), message="See you soon"), CLERK)

    renew(run_out(link))

    made = fresh(link)
    assert (made.requested_amount, made.message) == (Decimal("10"), "See you soon")
    assert "$10.00" in mail.outbox[0].subject
    assert "See you soon" in mail.outbox[0].body


def test_what_was_paid_of_a_deposit_is_not_asked_for_again(
    order: Order, simulator: Simulator
) -> None:
    link = create(order.id, LinkTerms(amount=Decimal("20")), CLERK)
    orders.change_quantity(order.id, order.lines.get().pk, 1)
    orders.refresh(order.id)
    simulator.pay(Customer(link).session())
    orders.change_quantity(order.id, order.lines.get().pk, 3)
    orders.refresh(order.id)
    settle(PaymentAttempt.objects.get().id)

    renew(run_out(link))

    # 20 were asked for, of which 12.50 have been paid.
    assert Customer(fresh(link)).page().amount_due.amount == Decimal("7.50")


def test_a_fresh_link_holds_its_order(link: PaymentLink, order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(status="unfulfilled")

    renew(run_out(link))

    assert status_of(order.id) == "unconfirmed"


@pytest.mark.parametrize(
    ("lived", "lives"),
    [
        (timedelta(days=4), timedelta(days=4)),
        (timedelta(minutes=30), timedelta(days=1)),
    ],
)
def test_a_fresh_link_lives_as_long_as_the_one_before_and_a_day_at_least(
    link: PaymentLink, lived: timedelta, lives: timedelta
) -> None:
    renew(run_out(link, lived))

    made = fresh(link)
    assert made.expires_at is not None
    assert abs(made.expires_at - made.created_at - lives) < timedelta(minutes=1)


def test_a_fresh_link_lives_as_long_as_its_channel_says(
    link: PaymentLink, channel: Channel
) -> None:
    values = {**channel.plugin_values, "link-lifetime-days": "3"}
    Channel.objects.filter(pk=channel.pk).update(plugin_values=values)

    renew(run_out(link, timedelta(days=30)))

    made = fresh(link)
    assert made.expires_at is not None
    assert abs(made.expires_at - made.created_at - timedelta(days=3)) < timedelta(minutes=1)


def test_the_session_left_from_before_is_closed_first(
    link: PaymentLink, simulator: Simulator
) -> None:
    session = Customer(link).session()

    renew(run_out(link))

    assert simulator.session(session)[0]["status"] == "expired"
    assert fresh(link).status == LinkStatus.ACTIVE


def test_a_link_is_renewed_by_the_one_that_expired_before_it(
    link: PaymentLink, order: Order
) -> None:
    first = run_out(link)
    renew(first)
    second = fresh(link)
    run_out(second)
    mail.outbox.clear()

    renew(first)

    assert PaymentLink.objects.count() == 3
    third = PaymentLink.objects.get(status=LinkStatus.ACTIVE)
    assert str(pay_url(third)) in mail.outbox[0].body


# ---------------------------------------------------------------- the link in force, mailed again


def test_where_another_link_is_in_force_that_one_is_mailed(link: PaymentLink, order: Order) -> None:
    token = run_out(link)
    other = create(order.id, LinkTerms(), CLERK)

    renew(token)

    assert PaymentLink.objects.count() == 2
    (message,) = mail.outbox
    assert message.to == ["customer@example.com"]
    assert str(pay_url(other)) in message.body


def test_asking_twice_sends_one_mail_and_later_another(link: PaymentLink) -> None:
    token = run_out(link)

    renew(token)
    renew(token)
    assert (PaymentLink.objects.count(), len(mail.outbox)) == (2, 1)

    MailDelivery.objects.update(queued_at=timezone.now() - NOT_AGAIN_WITHIN)
    renew(token)
    assert (PaymentLink.objects.count(), len(mail.outbox)) == (2, 2)
    assert str(pay_url(fresh(link))) in mail.outbox[1].body


def test_asking_many_times_at_once_makes_one_link_and_one_mail(link: PaymentLink) -> None:
    token = run_out(link)

    assert at_once(*[lambda: renew(token)] * 4) == [None] * 4

    assert PaymentLink.objects.count() == 2
    assert MailDelivery.objects.count() == 1


# ---------------------------------------------------------------- nothing at all


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "\x00" * 43, "ü" * 43, "a\ud800"])
def test_an_unknown_token_renews_nothing(
    link: PaymentLink, nothing_done: Callable[[str], None], token: str
) -> None:
    run_out(link)

    nothing_done(token)


@pytest.mark.parametrize("status", ["active", "processing", "paid", "paid_manually", "revoked"])
def test_a_link_that_is_not_expired_is_not_renewed(
    link: PaymentLink, nothing_done: Callable[[str], None], status: str
) -> None:
    PaymentLink.objects.update(status=status)

    nothing_done(Customer(link).token)


def test_a_link_is_not_renewed_in_another_channel(link: PaymentLink) -> None:
    token = run_out(link)

    renew(token, "other")

    assert PaymentLink.objects.count() == 1
    assert mail.outbox == []


@pytest.mark.parametrize("address", ["", "no address"])
def test_an_order_without_an_address_is_not_renewed(
    link: PaymentLink, order: Order, nothing_done: Callable[[str], None], address: str
) -> None:
    Order.objects.filter(pk=order.pk).update(email=address)

    nothing_done(run_out(link))


def test_nothing_is_renewed_while_the_plugin_is_switched_off(
    link: PaymentLink, channel: Channel, nothing_done: Callable[[str], None]
) -> None:
    Channel.objects.filter(pk=channel.pk).update(plugin_active=False)

    nothing_done(run_out(link))


def test_the_link_in_force_is_not_mailed_while_the_plugin_is_switched_off(
    link: PaymentLink, order: Order, channel: Channel, nothing_done: Callable[[str], None]
) -> None:
    token = run_out(link)
    create(order.id, LinkTerms(), CLERK)
    Channel.objects.filter(pk=channel.pk).update(plugin_active=False)

    nothing_done(token)


def test_a_link_whose_money_is_on_its_way_is_not_mailed(
    link: PaymentLink, order: Order, simulator: Simulator, nothing_done: Callable[[str], None]
) -> None:
    token = run_out(link)
    simulator.pay_later(Customer(create(order.id, LinkTerms(), CLERK)).session(SLOW))
    settle(PaymentAttempt.objects.get().id)

    nothing_done(token)


@pytest.mark.parametrize("discount", ["24.70", "25.00"])
def test_a_link_in_force_that_could_not_be_paid_is_not_mailed(
    link: PaymentLink, order: Order, nothing_done: Callable[[str], None], discount: str
) -> None:
    token = run_out(link)
    create(order.id, LinkTerms(), CLERK)
    orders.discount(order.id, Decimal(discount))
    orders.refresh(order.id)

    nothing_done(token)


def test_the_link_of_a_cancelled_order_is_not_renewed(
    link: PaymentLink, order: Order, nothing_done: Callable[[str], None]
) -> None:
    orders.cancel_by_hand(order.id, None)

    nothing_done(run_out(link))


def test_what_staff_have_revoked_is_not_opened_again_by_an_older_link(
    link: PaymentLink, order: Order, nothing_done: Callable[[str], None]
) -> None:
    token = run_out(link)
    revoke(create(order.id, LinkTerms(), CLERK).pk, CLERK)

    nothing_done(token)


def test_nothing_is_renewed_while_money_is_on_its_way(
    link: PaymentLink, simulator: Simulator
) -> None:
    simulator.pay_later(Customer(link).session(SLOW))

    renew(run_out(link))

    assert PaymentLink.objects.get().status == LinkStatus.PROCESSING
    assert mail.outbox == []


def test_a_link_that_was_paid_in_its_last_moment_is_found_paid_and_not_renewed(
    link: PaymentLink, simulator: Simulator, order: Order
) -> None:
    simulator.pay(Customer(link).session())

    renew(run_out(link))

    assert PaymentLink.objects.get().status == LinkStatus.PAID
    assert status_of(order.id) == "unfulfilled"
    assert [message.subject.split()[0] for message in mail.outbox] == ["Receipt"]


def test_nothing_is_renewed_while_the_provider_cannot_say_what_was_paid(
    link: PaymentLink, simulator: Simulator, nothing_done: Callable[[str], None]
) -> None:
    Customer(link).begin()
    simulator.add_fault("POST", ".*/expire", "error_500", times=20)

    nothing_done(run_out(link))
    assert asked_of(simulator) == 1
