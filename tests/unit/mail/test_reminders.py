"""Reminders: when customers get them, and what keeps them from it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from saleor_paylink import tasks
from saleor_paylink.links import altering, lifecycle, reminders
from saleor_paylink.links.changes import order_changed
from saleor_paylink.links.history import event_sentence
from saleor_paylink.links.sweeper import sweep
from saleor_paylink.links.terms import LinkTerms
from saleor_paylink.models import (
    LinkEventType,
    LinkStatus,
    MailDelivery,
    PaymentCollection,
    PaymentLink,
)
from saleor_paylink.shop import REMINDERS_KEY, current_shop
from sandbox.shop.models import Channel, Order
from tests.unit.links.helpers import CLERK
from tests.unit.links.racing import at_once, overtaken
from tests.unit.mail.conftest import NOON, Time
from tests.unit.mail.helpers import deliveries, set_value, steps, subjects

DAY = timedelta(days=1)
# As far as a test looks.
LATER = NOON + 5 * DAY


@pytest.fixture
def link(order: Order, time: Time) -> PaymentLink:
    """Mailed to the customer at noon."""
    return lifecycle.create(order.id, LinkTerms(send=True), CLERK)


def again(link: PaymentLink) -> PaymentLink:
    return PaymentLink.objects.get(pk=link.pk)


def reminded_at(time: Time, end: datetime = LATER) -> list[timedelta]:
    """How long after noon each reminder came, while the sweeper goes round until `end`."""
    found = []
    while time.now < end:
        before = len(mail.outbox)
        time.sweep_until(time.now + timedelta(hours=4))
        found += [time.now - NOON] * (len(mail.outbox) - before)
    return found


def test_a_customer_is_reminded_after_one_day_and_after_three(
    link: PaymentLink, time: Time
) -> None:
    assert reminded_at(time) == [DAY, 3 * DAY]
    assert subjects() == ["Pay", "Reminder", "Reminder"]
    assert steps(link) == ["created", "sent", "reminded", "reminded"]
    assert again(link).last_sent_at == NOON + 3 * DAY


def test_a_customer_is_reminded_a_day_before_the_link_ends(order: Order, time: Time) -> None:
    terms = LinkTerms(send=True, expires_at=NOON + 10 * DAY)
    lifecycle.create(order.id, terms, CLERK)

    assert reminded_at(time, NOON + 10 * DAY) == [DAY, 3 * DAY, 9 * DAY]


def test_staff_see_when_the_customer_is_reminded_next(link: PaymentLink, time: Time) -> None:
    assert reminders.next_of(again(link)) == NOON + DAY

    time.pass_by(days=1)
    sweep()

    assert reminders.next_of(again(link)) == NOON + 3 * DAY


def test_the_step_is_one_that_staff_can_read(link: PaymentLink, time: Time, order: Order) -> None:
    time.pass_by(days=1)
    sweep()

    step = link.events.get(type=LinkEventType.REMINDED)
    assert event_sentence(step) == "The customer was reminded of the payment link by mail."
    assert order.events.filter(message=event_sentence(step)).count() == 1


def test_nobody_is_reminded_of_a_link_that_was_not_mailed(order: Order, time: Time) -> None:
    link = lifecycle.create(order.id, LinkTerms(), CLERK)

    assert reminded_at(time) == []
    assert reminders.next_of(again(link)) is None


def test_nobody_is_reminded_of_a_link_that_was_mailed_elsewhere(order: Order, time: Time) -> None:
    link = lifecycle.create(order.id, LinkTerms(), CLERK)
    lifecycle.send(link.pk, CLERK, email="friend@example.com")

    assert reminded_at(time) == []


@pytest.mark.parametrize("days", ["", "  "])
def test_nobody_is_reminded_where_no_day_is_set(
    link: PaymentLink, channel: Channel, time: Time, days: str
) -> None:
    set_value(channel, reminder_days=days)

    assert reminded_at(time) == []
    assert reminders.next_of(again(link)) is None


def test_a_reminder_waits_for_the_morning_of_the_shop(
    order: Order, channel: Channel, time: Time
) -> None:
    set_value(channel, time_zone="America/Los_Angeles")  # Noon is 05:00 there.
    lifecycle.create(order.id, LinkTerms(send=True), CLERK)

    assert reminded_at(time) == [DAY + timedelta(hours=4), 3 * DAY + timedelta(hours=4)]


def test_a_reminder_that_was_held_up_does_not_come_at_night(link: PaymentLink, time: Time) -> None:
    time.pass_by(days=1)
    mail_id = queue_only(link)
    time.pass_by(hours=9)

    tasks.deliver_mail.delay(mail_id)
    sweep()

    assert subjects() == ["Pay"]
    time.pass_by(hours=12)
    sweep()
    assert subjects() == ["Pay", "Reminder"]


def queue_only(link: PaymentLink) -> int:
    """The reminder is queued, and nobody has come to send it yet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks.deliver_mail, "delay", lambda mail_id: None)
        reminders.remind(link.pk)
    mail_id = MailDelivery.objects.get(kind="reminder", status="queued").pk
    return int(mail_id)


def test_after_a_hand_made_mail_nobody_is_reminded_for_24_hours(
    link: PaymentLink, time: Time
) -> None:
    time.pass_by(hours=8)
    lifecycle.send(link.pk, CLERK)

    # 24 hours later it is evening.
    assert reminded_at(time) == [timedelta(days=1, hours=24), 3 * DAY]
    assert subjects() == ["Pay", "Pay", "Reminder", "Reminder"]


def test_a_mail_that_staff_send_in_the_meantime_takes_the_reminders_place(
    link: PaymentLink, time: Time
) -> None:
    time.pass_by(days=1)
    mail_id = queue_only(link)
    lifecycle.send(link.pk, CLERK)

    tasks.deliver_mail.delay(mail_id)

    assert subjects() == ["Pay", "Pay"]
    assert deliveries()[1] == ("reminder", "withdrawn")
    assert steps(link) == ["created", "sent", "sent"]


def test_a_link_that_was_paid_is_not_reminded_of(
    link: PaymentLink, order: Order, time: Time
) -> None:
    lifecycle.mark_paid(order.id, CLERK)

    assert reminded_at(time) == []
    assert reminders.next_of(again(link)) is None


def test_what_happens_before_the_mail_is_sent_withdraws_it(
    link: PaymentLink, order: Order, time: Time
) -> None:
    time.pass_by(days=1)
    mail_id = queue_only(link)
    lifecycle.mark_paid(order.id, CLERK)

    tasks.deliver_mail.delay(mail_id)

    assert subjects() == ["Pay"]
    assert deliveries() == [("request", "sent"), ("reminder", "withdrawn")]
    assert LinkEventType.SEND_FAILED not in steps(link)


def process(link: PaymentLink) -> None:
    PaymentLink.objects.filter(pk=link.pk).update(status=LinkStatus.PROCESSING)


def cancel(link: PaymentLink) -> None:
    current_shop().cancel(link.order_id, None)
    order_changed(link.order_id)


def forget_address(link: PaymentLink) -> None:
    Order.objects.filter(id=link.order_id).update(email="")


def switch_off(link: PaymentLink) -> None:
    Channel.objects.update(plugin_active=False)


def stop_by_staff(link: PaymentLink) -> None:
    Order.objects.filter(id=link.order_id).update(private_metadata={REMINDERS_KEY: "off"})


def end(link: PaymentLink) -> None:
    PaymentLink.objects.filter(pk=link.pk).update(expires_at=timezone.now())


REASONS: dict[str, Callable[[PaymentLink], object]] = {
    "its payment is on its way": process,
    "its order was cancelled": cancel,
    "its order has no address": forget_address,
    "the plugin is off": switch_off,
    "staff stopped it": stop_by_staff,
    "the customer stopped it": reminders.stop,
    "it was revoked": lambda link: altering.revoke(link.pk, CLERK),
    "its time is over": end,
    "its URL was replaced": lambda link: altering.rotate(link.pk, CLERK),
}


@pytest.mark.parametrize("why", REASONS)
def test_a_link_is_not_reminded_of_because(why: str, link: PaymentLink, time: Time) -> None:
    REASONS[why](link)

    assert reminded_at(time, NOON + 2 * DAY) == []
    assert ("reminder", "sent") not in deliveries()


@pytest.mark.parametrize("why", REASONS)
def test_a_queued_reminder_is_not_sent_because(why: str, link: PaymentLink, time: Time) -> None:
    time.pass_by(days=1)
    mail_id = queue_only(link)
    REASONS[why](link)

    tasks.deliver_mail.delay(mail_id)

    assert subjects() == ["Pay"]
    assert deliveries() == [("request", "sent"), ("reminder", "withdrawn")]


def test_the_new_url_of_a_link_is_reminded_of_once_staff_have_sent_it(
    link: PaymentLink, time: Time
) -> None:
    """The old one may have been mailed to a wrong address: no reminder may send the new one after
    it."""
    time.pass_by(hours=1)
    altering.rotate(link.pk, CLERK)
    assert reminders.next_of(again(link)) is None
    time.sweep_until(NOON + 2 * DAY)
    assert subjects() == ["Pay"]

    sent_at = time.now
    lifecycle.send(link.pk, CLERK)

    assert reminders.next_of(again(link)) == sent_at + DAY


def test_what_staff_say_of_reminders_shows_as_soon_as_it_is_heard_of(
    link: PaymentLink, time: Time
) -> None:
    stop_by_staff(link)
    reminders.reckon(link.order_id)
    assert reminders.next_of(again(link)) is None

    Order.objects.update(private_metadata={})
    reminders.reckon(link.order_id)
    assert reminders.next_of(again(link)) == NOON + DAY


def test_an_order_without_an_open_link_is_looked_for_and_no_more(
    link: PaymentLink, time: Time
) -> None:
    altering.revoke(link.pk, CLERK)

    with CaptureQueriesContext(connection) as made:
        reminders.reckon(link.order_id)

    assert len(made) == 1


def test_once_staff_let_it_go_on_the_customer_is_reminded_again(
    link: PaymentLink, time: Time
) -> None:
    stop_by_staff(link)
    time.sweep_until(NOON + 2 * DAY)
    assert reminders.next_of(again(link)) is None

    Order.objects.update(private_metadata={})
    time.pass_by(minutes=15)
    sweep()
    time.sweep_until(NOON + 4 * DAY)

    # What was due meanwhile, and then what is due after three days.
    assert subjects() == ["Pay", "Reminder", "Reminder"]


def test_the_customer_stops_all_reminders_of_the_order(
    link: PaymentLink, order: Order, time: Time
) -> None:
    reminders.stop(link)
    reminders.stop(link)

    assert PaymentCollection.objects.get().reminders_stopped_at == NOON
    notes = order.events.filter(message__contains="no more reminders")
    assert notes.count() == 1
    assert reminders.next_of(again(link)) is None
    altering.revoke(link.pk, CLERK)
    lifecycle.create(order.id, LinkTerms(send=True), CLERK)
    assert reminded_at(time) == []


def test_the_next_reminder_follows_a_new_end(link: PaymentLink, time: Time) -> None:
    time.sweep_until(NOON + 4 * DAY)
    assert reminders.next_of(again(link)) is None

    extended = altering.extend(link.pk, NOON + 10 * DAY, CLERK)

    assert reminders.next_of(extended) == NOON + 9 * DAY


def test_the_next_reminder_follows_the_settings(
    link: PaymentLink, channel: Channel, time: Time
) -> None:
    set_value(channel, reminder_days="2")
    time.pass_by(minutes=15)
    sweep()

    assert reminders.next_of(again(link)) == NOON + 2 * DAY


def test_what_the_sweeper_missed_is_made_up_for_once(link: PaymentLink, time: Time) -> None:
    time.pass_by(days=8)

    sweep()
    sweep()

    assert subjects() == ["Pay", "Reminder"]
    assert reminders.next_of(again(link)) is None


def test_two_sweepers_remind_once(link: PaymentLink, time: Time) -> None:
    time.pass_by(days=1)

    at_once(sweep, sweep)

    assert subjects() == ["Pay", "Reminder"]
    assert deliveries() == [("request", "sent"), ("reminder", "sent")]


def test_a_sweeper_that_is_overtaken_by_another_reminds_nobody(
    link: PaymentLink, time: Time
) -> None:
    time.pass_by(days=1)

    def a_moment_later() -> None:
        time.pass_by(seconds=1)
        reminders.remind(link.pk)

    overtaken(
        lambda: reminders.remind(link.pk),
        a_moment_later,
        before='INSERT INTO "saleor_paylink_maildelivery"',
    )

    assert deliveries() == [("request", "sent"), ("reminder", "sent")]
    assert subjects() == ["Pay", "Reminder"]


def test_a_reminder_that_is_overtaken_by_the_payment_finds_it(
    link: PaymentLink, order: Order, time: Time
) -> None:
    time.pass_by(days=1)
    mail_id = queue_only(link)

    overtaken(
        lambda: tasks.deliver_mail(mail_id),
        lambda: lifecycle.mark_paid(order.id, CLERK),
        before="FOR UPDATE",
    )

    assert subjects() == ["Pay"]
