"""Marking paid by hand, rejecting, and what the shop does by itself."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone

from saleor_paylink.earnings.report import earnings
from saleor_paylink.links.bearer import RequestStatus
from saleor_paylink.links.changes import order_changed
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.hold import refusal
from saleor_paylink.links.lifecycle import LinkTerms, create, mark_paid, reject
from saleor_paylink.links.reading import CollectionStatus, collection_view
from saleor_paylink.links.settlement import settle
from saleor_paylink.links.sweeper import sweep
from saleor_paylink.models import (
    LedgerEntry,
    LinkStatus,
    PaymentAttempt,
    PaymentCollection,
    PaymentException,
    PaymentLink,
)
from sandbox.shop import orders, payments
from sandbox.shop.models import Order, OrderEvent
from sandbox.stripe import Simulator
from tests.unit.links.helpers import CLERK, SLOW, Customer, offer, status_of
from tests.unit.links.moving import move


def collection_status(order: Order) -> CollectionStatus:
    view = collection_view(order.id)
    assert view is not None
    return view.status


def test_marking_paid_closes_the_session_and_the_link_and_confirms_the_order(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()

    mark_paid(order.id, CLERK, reference="till 7", note="paid in cash")

    assert simulator.session(session)[0]["status"] == "expired"
    assert PaymentLink.objects.get().status == LinkStatus.PAID_MANUALLY
    assert status_of(order.id) == "unfulfilled"
    assert order.transactions.get().charged == Decimal("25.000")
    assert collection_status(order) is CollectionStatus.SETTLED_MANUALLY
    assert customer.page().status is RequestStatus.PAID_OUTSIDE


def test_manual_money_is_listed_apart(customer: Customer, order: Order) -> None:
    mark_paid(order.id, CLERK)

    (usd,) = earnings()
    assert (str(usd.manual_gross.amount), usd.manual_count) == ("25.000", 1)
    assert (usd.gross.amount, usd.net.amount, usd.payment_count) == (0, 0, 0)


def test_marking_paid_twice_is_refused_and_books_once(customer: Customer, order: Order) -> None:
    mark_paid(order.id, CLERK)
    with pytest.raises(LinkError) as caught:
        mark_paid(order.id, CLERK)

    assert caught.value.code == LinkErrorCode.ALREADY_PAID
    assert LedgerEntry.objects.count() == 1
    assert order.transactions.count() == 1


def test_marking_paid_works_after_a_failed_attempt(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.decline(customer.session())
    settle(PaymentAttempt.objects.get().id)

    mark_paid(order.id, CLERK)

    assert status_of(order.id) == "unfulfilled"


def test_marking_paid_works_without_a_link(order: Order) -> None:
    offer(order)

    mark_paid(order.id, CLERK)

    assert collection_status(order) is CollectionStatus.SETTLED_MANUALLY


@pytest.mark.parametrize("close", [mark_paid, reject])
def test_nothing_is_closed_while_money_is_in_flight(
    customer: Customer, simulator: Simulator, order: Order, close: Callable[..., None]
) -> None:
    simulator.pay_later(customer.session(SLOW))

    with pytest.raises(LinkError) as caught:
        close(order.id, CLERK)

    assert caught.value.code == LinkErrorCode.MONEY_IN_FLIGHT
    assert status_of(order.id) == "unconfirmed"
    assert PaymentLink.objects.get().status == LinkStatus.PROCESSING
    assert LedgerEntry.objects.count() == 0


@pytest.mark.parametrize("close", [mark_paid, reject])
def test_money_that_came_in_before_is_found_out_first(
    customer: Customer, simulator: Simulator, order: Order, close: Callable[..., None]
) -> None:
    simulator.pay(customer.session())

    with pytest.raises(LinkError) as caught:
        close(order.id, CLERK)

    assert caught.value.code == LinkErrorCode.ALREADY_PAID
    assert PaymentLink.objects.get().status == LinkStatus.PAID
    assert status_of(order.id) == "unfulfilled"
    assert [e.kind for e in LedgerEntry.objects.order_by("id")] == ["charge", "fee"]


@pytest.mark.parametrize("close", [mark_paid, reject])
def test_nothing_is_closed_while_the_provider_does_not_answer(
    customer: Customer, simulator: Simulator, order: Order, close: Callable[..., None]
) -> None:
    customer.begin()
    simulator.add_fault("POST", ".*/expire", "error_500", times=20)

    with pytest.raises(LinkError) as caught:
        close(order.id, CLERK)

    assert caught.value.code == LinkErrorCode.PROVIDER_ERROR
    assert status_of(order.id) == "unconfirmed"
    assert PaymentLink.objects.get().status == LinkStatus.ACTIVE
    assert LedgerEntry.objects.count() == 0


def test_rejecting_cancels_the_order_and_frees_its_stock(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()

    reject(order.id, CLERK, reason="changed their mind")

    assert status_of(order.id) == "canceled"
    assert order.lines.get().allocated == 0
    assert PaymentLink.objects.get().status == LinkStatus.REVOKED
    assert collection_status(order) is CollectionStatus.REJECTED
    assert simulator.session(session)[0]["status"] == "expired"
    assert customer.page().status is RequestStatus.CANCELED
    notes = order.events.filter(type=OrderEvent.Type.NOTE_ADDED).values_list("message", flat=True)
    assert "The order was rejected. changed their mind" in notes


def test_rejecting_twice_is_harmless(customer: Customer, order: Order) -> None:
    reject(order.id, CLERK)
    reject(order.id, CLERK)

    assert status_of(order.id) == "canceled"


def test_the_hold_is_explained_until_the_money_is_there(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    assert "payment link" in str(refusal(order.id))

    simulator.pay(customer.session())
    settle(PaymentAttempt.objects.get().id)

    assert refusal(order.id) is None


def test_an_order_without_a_link_is_not_on_hold(order: Order) -> None:
    offer(order)

    assert refusal(order.id) is None


def test_a_cancelled_order_closes_its_link_and_session(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()
    orders.cancel_by_hand(order.id, None)

    order_changed(order.id)

    assert PaymentLink.objects.get().status == LinkStatus.REVOKED
    assert collection_status(order) is CollectionStatus.REJECTED
    assert simulator.session(session)[0]["status"] == "expired"


def test_an_order_marked_paid_in_the_shop_closes_its_link_as_paid_manually(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()
    payments.mark_as_paid(order.id, "cash", None)

    order_changed(order.id)
    order_changed(order.id)

    assert PaymentLink.objects.get().status == LinkStatus.PAID_MANUALLY
    assert status_of(order.id) == "unfulfilled"
    assert simulator.session(session)[0]["status"] == "expired"
    (usd,) = earnings()
    assert (str(usd.manual_gross.amount), usd.manual_count) == ("25.000", 1)
    assert usd.gross.amount == 0


def test_an_edit_closes_the_session_of_the_old_amount(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()
    orders.change_quantity(order.id, order.lines.get().pk, 3)

    order_changed(order.id)

    assert simulator.session(session)[0]["status"] == "expired"
    assert str(customer.page().amount_due.amount) == "37.500"
    assert PaymentLink.objects.get().status == LinkStatus.ACTIVE


def test_a_change_that_concerns_nobody_leaves_the_session_alone(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()

    order_changed(order.id)

    assert simulator.session(session)[0]["status"] == "open"
    assert mail.outbox == []


def test_an_order_that_nothing_is_due_for_any_more_is_let_go(
    customer: Customer, order: Order
) -> None:
    orders.discount(order.id, Decimal("25.00"))

    order_changed(order.id)

    assert PaymentLink.objects.get().status == LinkStatus.REVOKED
    assert status_of(order.id) == "unfulfilled"


def test_an_order_that_was_only_offered_is_not_touched_when_the_shop_marks_it_paid(
    order: Order,
) -> None:
    offer(order)
    Order.objects.filter(pk=order.pk).update(status="unconfirmed")
    payments.mark_as_paid(order.id, "cash", None)

    order_changed(order.id)

    assert status_of(order.id) == "unconfirmed"
    assert collection_status(order) is CollectionStatus.SETTLED_MANUALLY


def test_money_that_arrives_after_it_was_taken_by_hand_is_late(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()
    move(order.transactions.create(is_manual=True), "25.00")
    simulator.pay(session)

    settle(PaymentAttempt.objects.get().id)

    (exception,) = PaymentException.objects.all()
    assert (exception.kind, exception.amount) == ("late", Decimal("25.000"))
    assert order.transactions.count() == 2


def test_more_than_is_due_is_booked_as_it_is_and_shown(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()
    orders.change_quantity(order.id, order.lines.get().pk, 1)
    simulator.pay(session)
    orders.refresh(order.id)

    settle(PaymentAttempt.objects.get().id)

    (exception,) = PaymentException.objects.all()
    assert (exception.kind, exception.amount) == ("overpaid", Decimal("12.500"))
    assert order.transactions.get().charged == Decimal("25.000")
    assert status_of(order.id) == "unfulfilled"


def test_cancelling_after_a_deposit_closes_the_link_for_the_rest(
    order: Order, simulator: Simulator
) -> None:
    deposit = create(order.id, LinkTerms(amount=Decimal("10.00")), CLERK)
    simulator.pay(Customer(deposit).session())
    settle(PaymentAttempt.objects.get().id)
    rest = Customer(create(order.id, LinkTerms(), CLERK))
    session = rest.session()
    orders.cancel_by_hand(order.id, None)

    order_changed(order.id)

    assert PaymentLink.objects.get(pk=rest.link.pk).status == LinkStatus.REVOKED
    assert simulator.session(session)[0]["status"] == "expired"


def test_the_page_knows_what_became_of_money_paid_before_a_cancellation(
    order: Order, simulator: Simulator
) -> None:
    customer = Customer(create(order.id, LinkTerms(amount=Decimal("10.00")), CLERK))
    simulator.pay(customer.session())
    settle(PaymentAttempt.objects.get().id)
    orders.cancel_by_hand(order.id, None)
    order_changed(order.id)

    seen = customer.page()
    assert (seen.is_order_canceled, seen.is_given_back) == (True, False)
    assert [each.amount.amount for each in seen.receipts] == [Decimal("10.000")]

    simulator.refund(seen.receipts[0].reference)
    settle(PaymentAttempt.objects.get().id)
    assert customer.page().is_given_back is True


def test_a_cancelled_order_is_not_payable_before_paylink_hears_of_it(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    revision = customer.page().revision
    orders.cancel_by_hand(order.id, None)

    with pytest.raises(LinkError) as caught:
        customer.begin(revision=revision)

    assert caught.value.code == LinkErrorCode.LINK_NOT_ACTIVE
    assert PaymentAttempt.objects.count() == 0


def test_a_change_that_was_not_heard_of_is_found_by_the_sweeper(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()
    orders.cancel_by_hand(order.id, None)
    PaymentCollection.objects.update(compare_at=timezone.now())

    sweep()

    assert PaymentLink.objects.get().status == LinkStatus.REVOKED
    assert simulator.session(session)[0]["status"] == "expired"


def test_a_session_of_the_old_amount_that_could_not_be_closed_is_closed_by_the_sweeper(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()
    simulator.add_fault("POST", ".*/expire", "error_500", times=3)
    orders.change_quantity(order.id, order.lines.get().pk, 3)
    order_changed(order.id)
    assert simulator.session(session)[0]["status"] == "open"

    sweep()

    assert simulator.session(session)[0]["status"] == "expired"


def test_an_order_with_money_is_not_rejected(order: Order, simulator: Simulator) -> None:
    link = create(order.id, LinkTerms(amount=Decimal("10.00")), CLERK)
    simulator.pay(Customer(link).session())
    settle(PaymentAttempt.objects.get().id)

    with pytest.raises(LinkError) as caught:
        reject(order.id, CLERK)

    assert caught.value.code == LinkErrorCode.ALREADY_PAID
    assert status_of(order.id) == "unconfirmed"


def test_an_order_waits_for_the_rest_of_a_deposit(order: Order, simulator: Simulator) -> None:
    link = create(order.id, LinkTerms(amount=Decimal("10.00")), CLERK)
    simulator.pay(Customer(link).session())
    settle(PaymentAttempt.objects.get().id)

    assert "payment link" in str(refusal(order.id))


def test_an_order_edited_down_to_its_deposit_is_let_go(order: Order, simulator: Simulator) -> None:
    link = create(order.id, LinkTerms(amount=Decimal("12.50")), CLERK)
    simulator.pay(Customer(link).session())
    settle(PaymentAttempt.objects.get().id)
    orders.change_quantity(order.id, order.lines.get().pk, 1)

    order_changed(order.id)

    assert status_of(order.id) == "unfulfilled"


def test_a_mismatch_is_not_let_go_by_a_later_change(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session(), amount=2600)
    settle(PaymentAttempt.objects.get().id)

    order_changed(order.id)

    assert status_of(order.id) == "unconfirmed"
