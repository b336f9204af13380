"""Plugins and apps are told of steps, and the order's metadata say the state."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import transaction
from django.db.models import Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from saleor_paylink import jobs
from saleor_paylink.links import altering, history, lifecycle, offers, sweeper, telling, visits
from saleor_paylink.links.changes import order_changed
from saleor_paylink.links.lifecycle import LinkTerms, create
from saleor_paylink.models import (
    LinkEventType,
    LinkStatus,
    PaymentAttempt,
    PaymentCollection,
    PaymentLink,
    PaymentLinkEvent,
)
from saleor_paylink.money import Money
from saleor_paylink.shop import Announcement, LinkNews
from sandbox.shop import listeners
from sandbox.shop.models import Channel, Order, OrderStatus, ProductVariant
from sandbox.shop.shop import SandboxShop
from sandbox.stripe import Simulator
from sandbox.stripe.server import Server
from tests.unit.links.helpers import CLERK, SLOW, Customer, deliver_all, offer
from tests.unit.links.moving import installed, put, take

SECRET = "sk_live_secret of buyer@example.com"
METADATA = listeners.METADATA_UPDATED
Make = Callable[..., Order]


class Heard:
    """Who listens, and what was heard so far."""

    def __init__(self) -> None:
        self.all: list[tuple[str, LinkNews | UUID]] = []

    def __call__(self, event: str, about: LinkNews | UUID) -> None:
        self.all.append((event, about))

    @property
    def steps(self) -> list[str]:
        return [news.announcement.value for news in self.news]

    @property
    def news(self) -> list[LinkNews]:
        return [about for _event, about in self.all if isinstance(about, LinkNews)]

    @property
    def of_metadata(self) -> int:
        return sum(event == METADATA for event, _about in self.all)

    def forget(self) -> None:
        self.all.clear()


@pytest.fixture
def heard() -> Iterator[Heard]:
    listener = Heard()
    listeners.listeners.append(listener)
    yield listener
    listeners.listeners.remove(listener)


def metadata(order: Order) -> dict[str, str]:
    said: dict[str, str] = Order.objects.values_list("metadata", flat=True).get(pk=order.pk)
    return said


def state(order: Order) -> tuple[str | None, str | None]:
    said = metadata(order)
    return said.get("paylink.status"), said.get("paylink.link")


def untold() -> int:
    return telling.to_do().count()


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message to the worker is lost."""
    later = jobs.later
    monkeypatch.setattr(
        jobs, "later", lambda task, *args: None if task == jobs.TELL else later(task, *args)
    )


# ---------------------------------------------------------------- what is told


def test_a_new_link_is_told_once_with_all_there_is_to_know(order: Order, heard: Heard) -> None:
    link = create(order.id, LinkTerms(amount=Decimal(10)), CLERK)

    (news,) = heard.news
    event = PaymentLinkEvent.objects.get(type=LinkEventType.CREATED)
    assert news == LinkNews(
        event_id=str(event.pk),
        announcement=Announcement.CREATED,
        at=event.at,
        link_id=link.pk,
        status="ACTIVE",
        order_id=order.id,
        order_number=str(order.number),
        channel="shop",
        amount=Money(Decimal(10), "USD"),
        expires_at=None,
    )
    assert [event for event, _about in heard.all] == [METADATA, "payment_link_created"]
    assert untold() == 0


def test_a_life_is_told_in_its_order(
    order: Order, heard: Heard, mailoutbox: list[object], simulator: Simulator
) -> None:
    link = create(order.id, LinkTerms(send=True), CLERK)
    customer = Customer(link)
    visits.seen(customer.token, "shop")
    simulator.pay(customer.session())
    deliver_all(simulator)

    assert heard.steps == ["created", "sent", "opened", "paid"]
    assert heard.news[-1].status == "PAID"
    assert heard.news[-1].amount == Money(Decimal(25), "USD")


@pytest.mark.parametrize(
    ("currency", "amount"), [("USD", "1000.00"), ("JPY", "1000"), ("KWD", "1000.000")]
)
def test_every_amount_is_told_with_its_currencys_decimals(
    channel: Channel,
    mug: ProductVariant,
    stripe: Server,
    make_order: Make,
    heard: Heard,
    currency: str,
    amount: str,
) -> None:
    channel.currency, mug.price = currency, Decimal(500)
    channel.save()
    mug.save()
    link = create(make_order().id, LinkTerms(send=True), CLERK)
    visits.seen(Customer(link).token, "shop")
    stripe.simulator.pay(Customer(link).session())
    deliver_all(stripe.simulator)
    altering.revoke(create(make_order().id, LinkTerms(), CLERK).pk, CLERK)
    create(make_order().id, LinkTerms(), CLERK)
    PaymentLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    sweeper.sweep()

    said = {(news.announcement, str(news.amount.amount)) for news in heard.news}
    assert said == {(announcement, amount) for announcement in Announcement}


def test_a_second_visit_and_a_second_payment_are_not_told(
    customer: Customer, heard: Heard, simulator: Simulator
) -> None:
    simulator.pay(customer.session())
    deliver_all(simulator)
    heard.forget()

    visits.seen(customer.token, "shop")
    link = PaymentLink.objects.get()
    history.record(link.collection, LinkEventType.PAID, link=link)

    assert heard.steps == []


def test_a_part_of_what_is_due_does_not_make_a_link_paid(
    order: Order, customer: Customer, heard: Heard, simulator: Simulator
) -> None:
    session = customer.session()
    # Edited, and paylink has not heard of it yet.
    order.lines.update(quantity=4)
    Order.objects.update(stale=True)
    simulator.pay(session)
    deliver_all(simulator)

    assert PaymentLinkEvent.objects.filter(type=LinkEventType.PAID).count() == 1
    assert "paid" not in heard.steps
    assert state(order) == ("AWAITING", "ACTIVE")


def test_a_deposit_that_was_paid_is_a_paid_link(
    order: Order, heard: Heard, simulator: Simulator
) -> None:
    link = create(order.id, LinkTerms(amount=Decimal(10)), CLERK)
    simulator.pay(Customer(link).session())
    deliver_all(simulator)

    assert heard.steps == ["created", "opened", "paid"]
    assert heard.news[-1].amount == Money(Decimal(10), "USD")
    assert state(order) == ("AWAITING", "PAID")


@pytest.mark.parametrize(
    ("end", "told", "status"),
    [
        (lambda link: lifecycle.mark_paid(link.order_id, CLERK), "paid", "PAID_MANUALLY"),
        (lambda link: lifecycle.reject(link.order_id, CLERK), "revoked", "REVOKED"),
        (lambda link: altering.revoke(link.pk, CLERK), "revoked", "REVOKED"),
    ],
)
def test_what_staff_do_with_a_link_is_told(
    link: PaymentLink,
    heard: Heard,
    end: Callable[[PaymentLink], object],
    told: str,
    status: str,
) -> None:
    end(link)

    assert heard.steps == [told]
    assert heard.news[0].status == status


def test_an_order_that_was_paid_elsewhere_makes_its_link_a_paid_one(
    order: Order, link: PaymentLink, heard: Heard
) -> None:
    take(order, "25.00")

    assert heard.steps == ["paid"]
    assert heard.news[0].status == "PAID_MANUALLY"


def test_a_link_that_staff_gave_up_and_the_customer_paid_is_told_as_both(
    customer: Customer, heard: Heard, simulator: Simulator
) -> None:
    session = customer.session()
    heard.forget()
    PaymentLink.objects.update(status=LinkStatus.REVOKED)
    simulator.pay(session)
    deliver_all(simulator)

    assert heard.steps == ["paid"]


def test_a_link_whose_time_is_over_is_told(link: PaymentLink, heard: Heard) -> None:
    PaymentLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    sweeper.sweep()

    assert heard.steps == ["expired"]
    assert heard.news[0].status == "EXPIRED"


def test_a_link_of_an_order_that_is_gone_is_told_without_its_number(
    order: Order, link: PaymentLink, heard: Heard
) -> None:
    order.events.all().delete()
    order.lines.all().delete()
    Order.objects.filter(pk=order.pk).delete()

    order_changed(order.id)

    (news,) = heard.news
    assert (news.announcement, news.order_number) == (Announcement.REVOKED, "")
    assert heard.of_metadata == 0
    assert untold() == 0


def test_what_is_told_holds_no_secret(customer: Customer, heard: Heard) -> None:
    customer.begin()
    lifecycle.mark_paid(customer.link.order_id, CLERK)

    told = repr(heard.all)
    assert heard.steps == ["opened", "paid"]
    for secret in (customer.token, "customer@example.com", "clerk@example.com", "http"):
        assert secret not in told


# ---------------------------------------------------------------- when it is told


def test_nothing_is_told_of_what_was_rolled_back(link: PaymentLink, heard: Heard) -> None:
    with transaction.atomic():
        history.record(link.collection, LinkEventType.EXPIRED, link=link)
        transaction.set_rollback(True)

    assert heard.all == []
    assert untold() == 0


def test_nothing_is_told_before_the_commit(link: PaymentLink, heard: Heard) -> None:
    with transaction.atomic():
        history.record(link.collection, LinkEventType.EXPIRED, link=link)
        assert heard.steps == []

    assert heard.steps == ["expired"]


def test_what_a_lost_message_left_untold_the_sweeper_tells(
    order: Order, heard: Heard, no_worker: None
) -> None:
    create(order.id, LinkTerms(), CLERK)
    assert heard.all == []

    sweeper.sweep()
    sweeper.sweep()

    assert heard.steps == ["created"]
    assert heard.of_metadata == 1
    assert state(order) == ("AWAITING", "ACTIVE")


def test_who_dies_on_the_way_is_followed_by_another_who_tells_the_rest(
    order: Order, heard: Heard, no_worker: None, mailoutbox: list[object]
) -> None:
    create(order.id, LinkTerms(send=True), CLERK)
    collection = PaymentCollection.objects.get()

    class Mortal(SandboxShop):
        def announce(self, news: LinkNews) -> None:
            super().announce(news)
            if news.announcement is Announcement.SENT:
                raise KeyboardInterrupt

    with installed(Mortal()), pytest.raises(KeyboardInterrupt):
        telling.tell(collection.pk)
    sweeper.sweep()
    assert heard.steps == ["created", "sent"], "The lease of the dead is still his."
    PaymentCollection.objects.update(leased_until=timezone.now())

    sweeper.sweep()

    # Once too often, with the same id, and what was told before is not told again.
    assert heard.steps == ["created", "sent", "sent"]
    assert heard.news[1].event_id == heard.news[2].event_id
    assert untold() == 0


def test_who_dies_before_telling_of_the_metadata_is_followed_by_one_who_does(
    order: Order, heard: Heard, no_worker: None
) -> None:
    create(order.id, LinkTerms(), CLERK)

    class Mortal(SandboxShop):
        def tell_state(self, order_id: UUID) -> None:
            raise KeyboardInterrupt

    with installed(Mortal()), pytest.raises(KeyboardInterrupt):
        telling.tell(PaymentCollection.objects.get().pk)
    assert state(order) == ("AWAITING", "ACTIVE")
    PaymentCollection.objects.update(leased_until=None)

    sweeper.sweep()

    assert heard.of_metadata == 1


def test_what_happens_while_it_is_told_is_told_too(link: PaymentLink, heard: Heard) -> None:
    def renames_it(event: str, about: object) -> None:
        if event == "payment_link_expired":
            # Its own message finds somebody at it.
            history.record(link.collection, LinkEventType.SENT, link=link)

    listeners.listeners.append(renames_it)
    try:
        history.record(link.collection, LinkEventType.EXPIRED, link=link)
    finally:
        listeners.listeners.remove(renames_it)

    assert heard.steps == ["expired", "sent"]
    assert untold() == 0


def test_a_listener_that_raises_harms_nobody(
    customer: Customer, heard: Heard, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    def raises(event: str, about: object) -> None:
        raise RuntimeError(SECRET)

    listeners.listeners.insert(0, raises)
    try:
        simulator.pay(customer.session())
        deliver_all(simulator)
    finally:
        listeners.listeners.remove(raises)

    assert heard.steps == ["opened", "paid"]
    assert PaymentLink.objects.get().status == LinkStatus.PAID
    assert "A listener to payment_link_paid failed: RuntimeError" in caplog.text
    assert "sk_live_secret" not in caplog.text
    assert "buyer@example.com" not in caplog.text


def test_one_order_that_cannot_be_told_of_keeps_no_other_waiting(
    make_order: Make, stripe: object, heard: Heard, no_worker: None
) -> None:
    broken, sound = make_order(), make_order()
    for each in (broken, sound):
        create(each.id, LinkTerms(), CLERK)

    class Broken(SandboxShop):
        def show_state(self, order_id: UUID, state: object) -> bool:
            if order_id == broken.id:
                raise RuntimeError
            return super().show_state(order_id, state)  # type: ignore[arg-type]

    with installed(Broken()):
        sweeper.sweep()

    assert [news.order_id for news in heard.news] == [sound.id]
    assert untold() == 1


# ---------------------------------------------------------------- the metadata


def test_the_metadata_follow_the_link_and_keep_what_others_write(
    order: Order, simulator: Simulator
) -> None:
    put(order, metadata={"theirs": "kept", "paylink.link": "made up"})
    link = create(order.id, LinkTerms(), CLERK)
    assert metadata(order) == {
        "theirs": "kept",
        "paylink.status": "AWAITING",
        "paylink.link": "ACTIVE",
    }

    simulator.pay(Customer(link).session())
    deliver_all(simulator)

    assert metadata(order) == {
        "theirs": "kept",
        "paylink.status": "COLLECTED",
        "paylink.link": "PAID",
    }


def test_an_order_without_a_link_has_no_link_state(make_order: Make, stripe: object) -> None:
    order = make_order()
    offer(order)
    put(order, metadata={**metadata(order), "paylink.link": "ACTIVE"})
    offers.skip(order.id, CLERK)

    assert metadata(order) == {"paylink.status": "SKIPPED"}


def test_a_payment_on_its_way_is_shown_and_one_that_failed_is_not(
    order: Order, customer: Customer, heard: Heard, simulator: Simulator
) -> None:
    session = customer.session(SLOW)
    simulator.pay_later(session)
    deliver_all(simulator)
    assert state(order) == ("PROCESSING", "PROCESSING")

    simulator.complete_later(session, "failed")
    deliver_all(simulator)

    assert state(order) == ("AWAITING", "ACTIVE")
    assert heard.steps == ["opened"]


def test_a_failure_that_was_written_down_before_is_shown_too(
    order: Order, customer: Customer, simulator: Simulator
) -> None:
    for _try in range(2):
        session = customer.session(SLOW)
        simulator.pay_later(session)
        deliver_all(simulator)
        simulator.complete_later(session, "failed")
        # Nothing is written down of a reason that is known already.
        known = PaymentAttempt.objects.exclude(failure_reason="").values("failure_reason")[:1]
        PaymentAttempt.objects.filter(provider_reference=session, failure_reason="").update(
            failure_reason=Coalesce(Subquery(known), Value(""))
        )
        deliver_all(simulator)

    assert PaymentLinkEvent.objects.filter(type=LinkEventType.ATTEMPT_FAILED).count() == 1
    assert state(order) == ("AWAITING", "ACTIVE")


def test_a_step_that_changes_no_state_touches_no_metadata(
    order: Order, link: PaymentLink, heard: Heard
) -> None:
    before = Order.objects.get(pk=order.pk)

    altering.rotate(link.pk, CLERK)

    assert heard.all == []
    assert Order.objects.get(pk=order.pk).updated_at == before.updated_at
    assert untold() == 0


def test_what_the_shop_did_without_a_step_is_shown(
    make_order: Make, stripe: object, heard: Heard
) -> None:
    order = make_order()
    offer(order)
    assert state(order) == ("OFFERED", None)
    heard.forget()
    steps = PaymentLinkEvent.objects.count()

    put(order, status=OrderStatus.FULFILLED)

    assert PaymentLinkEvent.objects.count() == steps
    assert state(order) == ("UNAVAILABLE", None)
    assert heard.of_metadata == 1


def test_nothing_is_queued_where_the_state_is_what_was_told(
    order: Order, link: PaymentLink
) -> None:
    before = PaymentCollection.objects.get().changes_made

    order_changed(order.id)

    assert PaymentCollection.objects.get().changes_made == before


def test_what_staff_wrote_over_it_is_put_right_with_the_next_step(
    order: Order, link: PaymentLink
) -> None:
    put(order, metadata={"paylink.status": "COLLECTED"})

    visits.seen(Customer(link).token, "shop")

    assert state(order) == ("AWAITING", "ACTIVE")
