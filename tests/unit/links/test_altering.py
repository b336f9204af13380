"""Another end, another URL, no link at all; and asking the provider on demand."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone

from saleor_paylink.links import paying, sessions
from saleor_paylink.links.altering import extend, revoke, rotate, sync
from saleor_paylink.links.bearer import RequestStatus, payment_request
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.history import event_sentence
from saleor_paylink.links.hold import refusal
from saleor_paylink.links.lifecycle import create, mark_paid, reject, send
from saleor_paylink.links.reading import CollectionStatus, collection_view, current_link
from saleor_paylink.links.sessions import close_obsolete
from saleor_paylink.links.settlement import settle
from saleor_paylink.links.sweeper import sweep
from saleor_paylink.links.terms import LinkTerms
from saleor_paylink.links.tokens import pay_url
from saleor_paylink.models import (
    LedgerEntry,
    LinkEventType,
    LinkStatus,
    PaymentAttempt,
    PaymentCollection,
    PaymentException,
    PaymentLink,
)
from sandbox.shop import orders
from sandbox.shop.models import Channel, Order
from sandbox.stripe import Simulator
from tests.unit.links.helpers import CARD, CLERK, SLOW, Customer, asked_of, status_of
from tests.unit.links.moving import SlowShop, edit
from tests.unit.links.test_races import at_once, codes

IN_AN_HOUR = timedelta(hours=1)


def run_out(link: PaymentLink) -> None:
    """The link's time is over, and nobody has written that down."""
    PaymentLink.objects.filter(pk=link.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


def stored(link: PaymentLink) -> PaymentLink:
    return PaymentLink.objects.get(pk=link.pk)


def collection_status(order: Order) -> CollectionStatus:
    view = collection_view(order.id)
    assert view is not None
    return view.status


def history_of(link: PaymentLink) -> list[str]:
    return list(link.events.order_by("id").values_list("type", flat=True))


def refused(alter: Callable[[], object], link: PaymentLink) -> LinkErrorCode:
    """The refusal's code, after which the link and its timeline are as they were."""
    before = (vars(stored(link)) | {"_state": None}, history_of(link))
    with pytest.raises(LinkError) as caught:
        alter()
    assert (vars(stored(link)) | {"_state": None}, history_of(link)) == before
    return caught.value.code


def goes_down(simulator: Simulator) -> None:
    for method in ("GET", "POST"):
        simulator.add_fault(method, ".*", "error_500", times=1000)


def lifetime(channel: Channel, days: str) -> None:
    values = {**channel.plugin_values, "link-lifetime-days": days}
    Channel.objects.filter(pk=channel.pk).update(plugin_values=values)


# ---------------------------------------------------------------- expiry, judged when it is read


def test_a_link_whose_time_is_over_is_expired_before_anybody_has_written_it_down(
    customer: Customer, order: Order
) -> None:
    run_out(customer.link)

    link = stored(customer.link)
    assert (link.status, link.current_status) == (LinkStatus.ACTIVE, LinkStatus.EXPIRED)
    assert customer.page().status is RequestStatus.EXPIRED


def test_a_slow_payment_begun_in_the_last_moment_of_a_link_is_shown_as_on_its_way(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session(SLOW)
    simulator.pay_later(session)
    run_out(customer.link)
    PaymentLink.objects.update(status=LinkStatus.EXPIRED)

    settle(PaymentAttempt.objects.get().id)
    assert customer.page().status is RequestStatus.PROCESSING
    assert collection_status(order) is CollectionStatus.PROCESSING

    simulator.complete_later(session, "failed")
    settle(PaymentAttempt.objects.get().id)
    assert customer.page().status is RequestStatus.EXPIRED
    assert collection_status(order) is CollectionStatus.AWAITING


def test_the_page_of_an_expired_link_says_so_where_the_order_was_paid_over_another(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    run_out(customer.link)
    simulator.pay(Customer(create(order.id, LinkTerms(), CLERK)).session())
    settle(PaymentAttempt.objects.get().id)

    assert stored(customer.link).status == LinkStatus.EXPIRED
    assert customer.page().status is RequestStatus.PAID_OUTSIDE


# ---------------------------------------------------------------- extending


def test_an_extended_link_keeps_its_url_and_has_the_new_end(customer: Customer) -> None:
    url, until = pay_url(customer.link), timezone.now() + IN_AN_HOUR

    link = extend(customer.link.pk, until, CLERK)

    assert (pay_url(link), link.expires_at, link.status) == (url, until, LinkStatus.ACTIVE)
    assert stored(link).expires_at == until


def test_a_link_is_extended_by_the_channels_lifetime(customer: Customer, channel: Channel) -> None:
    lifetime(channel, "3")
    before = timezone.now()

    link = extend(customer.link.pk, None, CLERK)

    assert link.expires_at is not None
    assert timedelta(days=3) <= link.expires_at - before < timedelta(days=3, minutes=1)


def test_a_link_of_a_channel_without_a_lifetime_is_extended_for_ever(customer: Customer) -> None:
    run_out(customer.link)

    link = extend(customer.link.pk, None, CLERK)

    assert link.expires_at is None
    assert customer.page().status is RequestStatus.DUE


def test_a_link_is_not_extended_into_the_past(customer: Customer) -> None:
    code = refused(lambda: extend(customer.link.pk, timezone.now(), CLERK), customer.link)

    assert code == LinkErrorCode.EXPIRY_IN_PAST


def test_extending_leaves_the_session_that_is_open_alone(
    customer: Customer, simulator: Simulator
) -> None:
    session = customer.session()

    extend(customer.link.pk, timezone.now() + IN_AN_HOUR, CLERK)

    assert simulator.session(session)[0]["status"] == "open"
    assert customer.session() == session


def test_a_link_whose_money_is_on_its_way_is_extended_as_it_is(
    customer: Customer, simulator: Simulator
) -> None:
    simulator.pay_later(customer.session(SLOW))
    settle(PaymentAttempt.objects.get().id)
    until = timezone.now() + IN_AN_HOUR

    extend(customer.link.pk, until, CLERK)

    link = stored(customer.link)
    assert (link.status, link.expires_at) == (LinkStatus.PROCESSING, until)


@pytest.mark.parametrize("is_written_down", [False, True])
def test_an_expired_link_is_revived_at_the_same_url_with_a_clean_state(
    customer: Customer, simulator: Simulator, order: Order, is_written_down: bool
) -> None:
    url = pay_url(customer.link)
    run_out(customer.link)
    if is_written_down:
        sweep()
        assert stored(customer.link).status == LinkStatus.EXPIRED

    link = extend(customer.link.pk, timezone.now() + IN_AN_HOUR, CLERK)

    assert (pay_url(link), link.current_status) == (url, LinkStatus.ACTIVE)
    assert customer.page().status is RequestStatus.DUE
    assert history_of(link) == ["created", "expired", "extended"]
    simulator.pay(customer.session())
    settle(PaymentAttempt.objects.get().id)
    assert stored(link).status == LinkStatus.PAID
    assert status_of(order.id) == "unfulfilled"


def test_a_revived_link_holds_its_order_again(customer: Customer, order: Order) -> None:
    run_out(customer.link)
    Order.objects.filter(pk=order.pk).update(status="unfulfilled")

    extend(customer.link.pk, None, CLERK)

    assert status_of(order.id) == "unconfirmed"


def test_a_session_left_from_before_is_closed_when_its_link_is_revived(
    customer: Customer, simulator: Simulator
) -> None:
    session = customer.session()
    run_out(customer.link)

    extend(customer.link.pk, None, CLERK)

    assert simulator.session(session)[0]["status"] == "expired"
    assert customer.session() != session


def test_what_was_paid_in_the_last_moment_is_found_out_before_a_link_is_revived(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())
    run_out(customer.link)

    with pytest.raises(LinkError) as caught:
        extend(customer.link.pk, None, CLERK)

    assert caught.value.code == LinkErrorCode.ALREADY_PAID
    assert stored(customer.link).status == LinkStatus.PAID
    assert status_of(order.id) == "unfulfilled"


def test_a_link_is_not_revived_while_the_provider_cannot_say_what_was_paid_over_it(
    customer: Customer, simulator: Simulator
) -> None:
    customer.begin()
    run_out(customer.link)
    simulator.add_fault("POST", ".*/expire", "error_500", times=20)

    code = refused(lambda: extend(customer.link.pk, None, CLERK), customer.link)

    assert code == LinkErrorCode.PROVIDER_ERROR


def test_a_link_is_not_revived_beside_a_newer_one(customer: Customer, order: Order) -> None:
    run_out(customer.link)
    newer = create(order.id, LinkTerms(), CLERK)

    code = refused(lambda: extend(customer.link.pk, None, CLERK), customer.link)

    assert code == LinkErrorCode.LINK_NOT_ACTIVE
    assert stored(newer).status == LinkStatus.ACTIVE


def test_the_link_of_a_cancelled_order_is_not_revived(customer: Customer, order: Order) -> None:
    run_out(customer.link)
    orders.cancel_by_hand(order.id, None)

    code = refused(lambda: extend(customer.link.pk, None, CLERK), customer.link)

    assert code == LinkErrorCode.ORDER_NOT_COLLECTABLE
    assert status_of(order.id) == "canceled"


def test_a_link_that_nothing_is_due_over_is_not_revived(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    run_out(customer.link)
    simulator.pay(Customer(create(order.id, LinkTerms(), CLERK)).session())
    settle(PaymentAttempt.objects.get().id)

    code = refused(lambda: extend(customer.link.pk, None, CLERK), customer.link)

    assert code == LinkErrorCode.NOTHING_DUE
    assert status_of(order.id) == "unfulfilled"


def test_a_link_is_not_revived_where_no_method_is_left(
    customer: Customer, channel: Channel
) -> None:
    run_out(customer.link)
    Channel.objects.filter(pk=channel.pk).update(plugin_active=False)

    code = refused(lambda: extend(customer.link.pk, None, CLERK), customer.link)

    assert code == LinkErrorCode.NO_METHOD


def test_an_extension_is_told_with_its_end(customer: Customer) -> None:
    extend(customer.link.pk, None, CLERK)
    link = extend(customer.link.pk, datetime(2999, 3, 7, 12, tzinfo=UTC), CLERK)

    told = [event_sentence(each) for each in link.events.filter(type=LinkEventType.EXTENDED)]
    assert told == [
        "The payment link does not expire any more.",
        "The payment link can be paid until March 7, 2999, 12:00\N{NARROW NO-BREAK SPACE}PM UTC.",
    ]


def test_an_older_link_that_was_revived_is_the_one_that_is_waited_for_and_closed(
    customer: Customer, order: Order
) -> None:
    run_out(customer.link)
    revoke(create(order.id, LinkTerms(), CLERK).pk, CLERK)

    extend(customer.link.pk, None, CLERK)

    assert collection_status(order) is CollectionStatus.AWAITING
    current = current_link(order.id)
    assert current is not None
    assert current.pk == customer.link.pk
    mark_paid(order.id, CLERK)
    assert stored(customer.link).status == LinkStatus.PAID_MANUALLY


def test_marking_paid_closes_the_revived_link_and_not_the_newer_one_that_has_expired(
    customer: Customer, order: Order
) -> None:
    run_out(customer.link)
    newer = create(order.id, LinkTerms(), CLERK)
    run_out(newer)
    extend(customer.link.pk, None, CLERK)

    mark_paid(order.id, CLERK)

    assert stored(customer.link).status == LinkStatus.PAID_MANUALLY
    assert stored(newer).status == LinkStatus.EXPIRED


# ---------------------------------------------------------------- rotating


def test_a_rotated_link_has_another_url_and_the_old_one_is_dead(customer: Customer) -> None:
    old, revision = customer.token, customer.page().revision

    link = rotate(customer.link.pk, CLERK)

    assert link.pk == customer.link.pk
    assert Customer(link).token != old
    assert payment_request(old) is None
    with pytest.raises(LinkError) as caught:
        paying.begin(old, CARD, revision)
    assert caught.value.code == LinkErrorCode.NOT_FOUND
    assert not PaymentAttempt.objects.exists()
    assert Customer(link).page().status is RequestStatus.DUE
    assert history_of(link)[-1] == "rotated"


def test_a_mail_sent_after_rotating_holds_the_new_url(customer: Customer) -> None:
    old = customer.token
    link = rotate(customer.link.pk, CLERK)

    send(link.pk, CLERK)

    (message,) = mail.outbox
    assert str(pay_url(link)) in message.body
    assert old not in message.body


def test_the_session_that_was_opened_by_the_old_url_is_closed(
    customer: Customer, simulator: Simulator
) -> None:
    first = customer.session()

    link = rotate(customer.link.pk, CLERK)

    assert simulator.session(first)[0]["status"] == "expired"
    second = Customer(link).session()
    assert simulator.session(second)[0]["status"] == "open"
    assert Customer(link).token in simulator.session(second)[0]["success_url"]


def test_the_old_url_is_dead_although_its_session_could_not_be_closed(
    customer: Customer, simulator: Simulator
) -> None:
    session, old = customer.session(), customer.token
    simulator.add_fault("POST", ".*/expire", "error_500", times=20)

    link = rotate(customer.link.pk, CLERK)

    assert payment_request(old) is None
    assert simulator.session(session)[0]["status"] == "open"
    # Nobody gets into the old session by the new URL, nor a second one beside it.
    with pytest.raises(LinkError) as caught:
        Customer(link).begin()
    assert caught.value.code == LinkErrorCode.PROVIDER_ERROR
    assert asked_of(simulator) == 1


@pytest.mark.parametrize("apart", [timedelta(hours=-1), timedelta(hours=1)])
def test_a_session_is_of_the_url_that_opened_it_whatever_the_clocks_say(
    customer: Customer, simulator: Simulator, apart: timedelta
) -> None:
    first = customer.session()
    PaymentAttempt.objects.update(created_at=timezone.now() + apart)
    link = rotate(customer.link.pk, CLERK)
    second = Customer(link).session()
    PaymentAttempt.objects.filter(provider_reference=second).update(
        created_at=timezone.now() + apart
    )

    close_obsolete(link.order_id)
    sweep()

    assert simulator.session(first)[0]["status"] == "expired"
    assert simulator.session(second)[0]["status"] == "open"
    assert Customer(link).session() == second


def test_the_sweeper_closes_what_was_opened_by_an_old_url(
    customer: Customer, simulator: Simulator
) -> None:
    session = customer.session()
    PaymentAttempt.objects.update(next_check_at=timezone.now() + IN_AN_HOUR)
    PaymentCollection.objects.update(compare_at=timezone.now() + IN_AN_HOUR)
    # As a process leaves it that dies once it has rotated.
    PaymentLink.objects.update(token_seed=uuid.uuid4())

    sweep()

    assert simulator.session(session)[0]["status"] == "expired"


def test_a_session_of_an_old_url_that_was_not_closed_is_so_when_the_provider_is_back(
    customer: Customer, simulator: Simulator
) -> None:
    session = customer.session()
    # Nobody would ask the provider about it, or compare its order, for a while yet.
    PaymentAttempt.objects.update(next_check_at=timezone.now() + IN_AN_HOUR)
    PaymentCollection.objects.update(compare_at=timezone.now() + IN_AN_HOUR)
    simulator.add_fault("POST", ".*/expire", "error_500", times=20)
    rotate(customer.link.pk, CLERK)
    simulator.clear_faults()

    sweep()

    assert simulator.session(session)[0]["status"] == "expired"


def test_a_provider_that_is_down_is_asked_ever_more_rarely_to_close_a_session(
    customer: Customer, simulator: Simulator
) -> None:
    customer.begin()
    PaymentCollection.objects.update(compare_at=timezone.now() + IN_AN_HOUR)
    goes_down(simulator)
    rotate(customer.link.pk, CLERK)
    sweep()
    asked = len(simulator.requests())

    # The next one is due in a minute.
    sweep()
    assert len(simulator.requests()) == asked

    an_hour_ago = timezone.now() - IN_AN_HOUR
    PaymentAttempt.objects.update(closing_since=an_hour_ago, next_check_at=timezone.now())
    sweep()
    assert len(simulator.requests()) > asked
    wait = PaymentAttempt.objects.get().next_check_at - timezone.now()
    assert timedelta(minutes=14) < wait <= timedelta(minutes=15, seconds=10)


def test_how_old_a_session_is_does_not_keep_it_from_being_closed(
    customer: Customer, simulator: Simulator
) -> None:
    session = customer.session()
    PaymentAttempt.objects.update(created_at=timezone.now() - timedelta(hours=20))
    goes_down(simulator)
    rotate(customer.link.pk, CLERK)
    sweep()
    wait = PaymentAttempt.objects.get().next_check_at - timezone.now()
    assert timedelta(0) < wait <= timedelta(minutes=1)

    simulator.clear_faults()
    PaymentAttempt.objects.update(next_check_at=timezone.now())
    sweep()

    assert simulator.session(session)[0]["status"] == "expired"


def test_a_session_that_is_to_be_closed_a_second_time_is_so_as_soon_as_the_first(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()
    goes_down(simulator)
    edit(order, 3)
    assert PaymentAttempt.objects.get().closing_since is not None
    edit(order, 2)
    simulator.clear_faults()
    sweep()
    assert PaymentAttempt.objects.get().closing_since is None

    eight_hours_ago = timezone.now() - timedelta(hours=8)
    PaymentAttempt.objects.update(created_at=eight_hours_ago, next_check_at=timezone.now())
    goes_down(simulator)
    rotate(customer.link.pk, CLERK)
    sweep()

    wait = PaymentAttempt.objects.get().next_check_at - timezone.now()
    assert timedelta(0) < wait <= timedelta(minutes=1)
    assert simulator.session(session)[0]["status"] == "open"


def test_that_a_session_can_be_paid_again_does_not_undo_what_was_noted_since(
    customer: Customer,
    simulator: Simulator,
    order: Order,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    customer.begin()
    goes_down(simulator)
    edit(order, 3)
    orders.change_quantity(order.id, order.lines.get().pk, 2)
    noted_since = timezone.now() + IN_AN_HOUR

    def judged_meanwhile(_attempt: PaymentAttempt, _order: object) -> bool:
        PaymentAttempt.objects.update(closing_since=noted_since)
        return False

    monkeypatch.setattr(sessions, "is_obsolete", judged_meanwhile)
    close_obsolete(order.id)

    assert PaymentAttempt.objects.get().closing_since == noted_since


def test_what_was_paid_in_the_old_session_all_the_same_is_the_orders_money(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()
    simulator.add_fault("POST", ".*/expire", "error_500", times=20)
    link = rotate(customer.link.pk, CLERK)
    simulator.clear_faults()
    simulator.pay(session)

    with pytest.raises(LinkError) as caught:
        Customer(link).begin()

    assert caught.value.code == LinkErrorCode.ALREADY_PAID
    assert stored(link).status == LinkStatus.PAID
    assert status_of(order.id) == "unfulfilled"
    assert LedgerEntry.objects.filter(kind="charge").count() == 1
    assert not PaymentException.objects.exists()
    assert Customer(link).page().status is RequestStatus.PAID


def test_a_session_whose_opening_was_never_confirmed_is_not_handed_out_by_the_new_url(
    customer: Customer, simulator: Simulator
) -> None:
    simulator.add_fault("POST", "/v1/checkout/sessions", "timeout_after_commit", times=20)
    with pytest.raises(LinkError):
        customer.begin()
    link = rotate(customer.link.pk, CLERK)
    simulator.clear_faults()

    session = Customer(link).session()

    assert Customer(link).token in simulator.session(session)[0]["success_url"]
    assert [each["id"] for each in simulator.sessions() if each["status"] == "open"] == [session]


def test_an_expired_link_stays_expired_when_it_is_rotated(customer: Customer) -> None:
    old = customer.token
    run_out(customer.link)

    link = rotate(customer.link.pk, CLERK)

    assert link.current_status == LinkStatus.EXPIRED
    assert payment_request(old) is None
    assert Customer(link).page().status is RequestStatus.EXPIRED


def test_money_on_its_way_arrives_over_a_rotated_link(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session(SLOW)
    simulator.pay_later(session)
    settle(PaymentAttempt.objects.get().id)

    link = rotate(customer.link.pk, CLERK)

    assert link.status == LinkStatus.PROCESSING
    simulator.complete_later(session, "succeeded")
    settle(PaymentAttempt.objects.get().id)
    assert stored(link).status == LinkStatus.PAID
    assert status_of(order.id) == "unfulfilled"


def test_a_url_that_dies_while_its_click_is_looked_at_opens_no_session(
    customer: Customer, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, revision = customer.token, customer.page().revision
    slow = SlowShop(lambda: rotate(customer.link.pk, CLERK))
    monkeypatch.setattr("saleor_paylink.shop._shop", slow)

    with pytest.raises(LinkError) as caught:
        paying.begin(old, CARD, revision)

    assert caught.value.code == LinkErrorCode.NOT_FOUND
    assert not PaymentAttempt.objects.exists()
    assert simulator.requests() == []


@pytest.mark.parametrize("_round", range(3))
def test_rotating_and_paying_at_once_leave_no_open_session_of_the_old_url(
    customer: Customer, simulator: Simulator, _round: int
) -> None:
    old, revision = customer.token, customer.page().revision

    results = at_once(
        lambda: paying.begin(old, CARD, revision), lambda: rotate(customer.link.pk, CLERK)
    )

    assert set(codes(results)) <= {LinkErrorCode.NOT_FOUND}
    assert payment_request(old) is None
    assert [each for each in simulator.sessions() if each["status"] == "open"] == []


# ---------------------------------------------------------------- revoking


def test_a_revoked_link_is_gone_and_its_order_is_neither_confirmed_nor_on_hold(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session, token = customer.session(), customer.token

    link = revoke(customer.link.pk, CLERK)

    assert link.status == stored(link).status == LinkStatus.REVOKED
    assert simulator.session(session)[0]["status"] == "expired"
    assert payment_request(token) is None
    assert status_of(order.id) == "unconfirmed"
    assert refusal(order.id) is None
    assert collection_status(order) is CollectionStatus.OFFERED


def test_nothing_confirms_an_order_whose_link_was_revoked(customer: Customer, order: Order) -> None:
    revoke(customer.link.pk, CLERK)

    sync(customer.link.pk)
    sweep()

    assert status_of(order.id) == "unconfirmed"


def test_revoking_twice_is_harmless(customer: Customer) -> None:
    revoke(customer.link.pk, CLERK)
    revoke(customer.link.pk, CLERK)

    assert history_of(customer.link) == ["created", "revoked"]


def test_a_link_is_not_revoked_while_money_is_on_its_way(
    customer: Customer, simulator: Simulator
) -> None:
    simulator.pay_later(customer.session(SLOW))
    settle(PaymentAttempt.objects.get().id)

    code = refused(lambda: revoke(customer.link.pk, CLERK), customer.link)

    assert code == LinkErrorCode.MONEY_IN_FLIGHT
    assert customer.page().status is RequestStatus.PROCESSING


def test_a_link_that_was_paid_a_moment_ago_is_not_revoked(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())

    with pytest.raises(LinkError) as caught:
        revoke(customer.link.pk, CLERK)

    assert caught.value.code == LinkErrorCode.ALREADY_PAID
    assert stored(customer.link).status == LinkStatus.PAID
    assert status_of(order.id) == "unfulfilled"


def test_a_link_is_not_revoked_while_its_session_cannot_be_closed(
    customer: Customer, simulator: Simulator
) -> None:
    customer.begin()
    simulator.add_fault("POST", ".*/expire", "error_500", times=20)

    code = refused(lambda: revoke(customer.link.pk, CLERK), customer.link)

    assert code == LinkErrorCode.PROVIDER_ERROR
    assert customer.page().status is RequestStatus.DUE


def test_revoking_an_expired_link_leaves_the_session_of_its_successor_alone(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    run_out(customer.link)
    newer = Customer(create(order.id, LinkTerms(), CLERK))
    session = newer.session()

    revoke(customer.link.pk, CLERK)

    assert stored(customer.link).status == LinkStatus.REVOKED
    assert simulator.session(session)[0]["status"] == "open"
    assert collection_status(order) is CollectionStatus.AWAITING


def test_after_a_revoked_link_another_can_be_made_and_paid(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    revoke(customer.link.pk, CLERK)

    link = create(order.id, LinkTerms(), CLERK)

    assert link.pk != customer.link.pk
    simulator.pay(Customer(link).session())
    settle(PaymentAttempt.objects.get().id)
    assert status_of(order.id) == "unfulfilled"
    assert collection_status(order) is CollectionStatus.COLLECTED


@pytest.mark.parametrize(
    ("close", "status", "collection"),
    [
        (mark_paid, "unfulfilled", CollectionStatus.SETTLED_MANUALLY),
        (reject, "canceled", CollectionStatus.REJECTED),
    ],
)
def test_an_order_whose_link_was_revoked_is_marked_paid_or_rejected(
    customer: Customer,
    order: Order,
    close: Callable[..., None],
    status: str,
    collection: CollectionStatus,
) -> None:
    revoke(customer.link.pk, CLERK)

    close(order.id, CLERK)

    assert status_of(order.id) == status
    assert collection_status(order) is collection


def test_the_rest_of_a_deposit_is_waited_for_until_its_link_is_revoked(
    order: Order, simulator: Simulator
) -> None:
    simulator.pay(Customer(create(order.id, LinkTerms(amount=Decimal("10")), CLERK)).session())
    settle(PaymentAttempt.objects.get().id)
    rest = create(order.id, LinkTerms(), CLERK)
    assert collection_status(order) is CollectionStatus.AWAITING

    revoke(rest.pk, CLERK)

    assert collection_status(order) is CollectionStatus.OFFERED
    assert refusal(order.id) is None
    assert status_of(order.id) == "unconfirmed"


def test_money_that_could_not_be_heard_of_when_its_link_was_revoked_is_taken_all_the_same(
    customer: Customer, simulator: Simulator, order: Order, channel: Channel
) -> None:
    simulator.pay(customer.session())
    another_account = {**channel.plugin_values, "stripe-secret-key": "sk_test_another_account"}
    Channel.objects.filter(pk=channel.pk).update(plugin_values=another_account)
    PaymentAttempt.objects.update(expires_at=timezone.now())
    revoke(customer.link.pk, CLERK)
    Channel.objects.filter(pk=channel.pk).update(plugin_values=channel.plugin_values)

    sync(customer.link.pk)

    assert stored(customer.link).status == LinkStatus.PAID
    assert status_of(order.id) == "unfulfilled"
    assert collection_status(order) is CollectionStatus.COLLECTED
    assert not PaymentException.objects.exists()


# ---------------------------------------------------------------- closed for good


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (LinkStatus.PAID, LinkErrorCode.ALREADY_PAID),
        (LinkStatus.PAID_MANUALLY, LinkErrorCode.ALREADY_PAID),
        (LinkStatus.REVOKED, LinkErrorCode.LINK_NOT_ACTIVE),
    ],
)
@pytest.mark.parametrize(
    "alter", [lambda pk: extend(pk, None, CLERK), lambda pk: rotate(pk, CLERK)]
)
def test_a_link_that_is_closed_for_good_is_neither_extended_nor_rotated(
    customer: Customer, status: LinkStatus, code: LinkErrorCode, alter: Callable[..., object]
) -> None:
    PaymentLink.objects.update(status=status)

    assert refused(lambda: alter(customer.link.pk), customer.link) == code


# ---------------------------------------------------------------- asking the provider


def test_a_sync_settles_what_nobody_has_told_of(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())

    link = sync(customer.link.pk)

    assert link.status == LinkStatus.PAID
    assert status_of(order.id) == "unfulfilled"


def test_a_sync_hears_of_a_refund_made_at_the_provider(
    customer: Customer, simulator: Simulator
) -> None:
    session = customer.session()
    simulator.pay(session)
    sync(customer.link.pk)
    # So long ago that nobody looks at it any more.
    PaymentAttempt.objects.update(next_check_at=None)
    simulator.refund(str(simulator.session(session)[0]["payment_intent"]), 1000)

    sync(customer.link.pk)

    refund = LedgerEntry.objects.get(kind="refund")
    assert refund.amount == Decimal("10.000")


def test_a_sync_hears_of_what_the_shop_has_not_told(customer: Customer, order: Order) -> None:
    orders.cancel_by_hand(order.id, None)

    assert sync(customer.link.pk).status == LinkStatus.REVOKED


def test_a_sync_says_when_the_provider_could_not_be_asked(
    customer: Customer, simulator: Simulator
) -> None:
    session = customer.session()
    simulator.pay(session)
    simulator.add_fault("GET", f"/v1/checkout/sessions/{session}", "error_500", times=20)

    code = refused(lambda: sync(customer.link.pk), customer.link)

    assert code == LinkErrorCode.PROVIDER_ERROR
    assert not LedgerEntry.objects.exists()


def test_a_sync_does_not_ask_about_what_can_bring_no_news(
    customer: Customer, simulator: Simulator
) -> None:
    simulator.add_fault("POST", "/v1/checkout/sessions", "card_error_402")
    with pytest.raises(LinkError):
        customer.begin()
    asked = len(simulator.requests())

    sync(customer.link.pk)

    assert len(simulator.requests()) == asked


def test_a_sync_that_learns_that_there_never_was_a_session_is_told_enough(
    customer: Customer, simulator: Simulator
) -> None:
    simulator.add_fault("POST", "/v1/checkout/sessions", "error_500", times=20)
    with pytest.raises(LinkError):
        customer.begin()
    simulator.clear_faults()
    simulator.add_fault("POST", "/v1/checkout/sessions", "card_error_402")

    sync(customer.link.pk)

    assert PaymentAttempt.objects.get().status == "failed"
