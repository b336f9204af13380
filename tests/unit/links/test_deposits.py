"""Deposits, and the least that a provider takes: nothing is left that could not be paid."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.lifecycle import create
from saleor_paylink.links.reading import RequestStatus, UnavailableReason, collection_view
from saleor_paylink.links.settlement import settle
from saleor_paylink.links.terms import LinkTerms
from saleor_paylink.models import (
    LedgerEntry,
    LinkStatus,
    MailDelivery,
    PaymentAttempt,
    PaymentException,
    PaymentLink,
)
from sandbox.shop import orders
from sandbox.shop.models import Channel, Order, ProductVariant
from sandbox.stripe import Simulator
from tests.unit.links.helpers import CLERK, Customer, status_of


def deposit(order: Order, amount: str) -> PaymentLink:
    return create(order.id, LinkTerms(amount=Decimal(amount)), CLERK)


def refused(order: Order, amount: str | None) -> LinkError:
    """The refusal, after which there is no new link and the order is as it was."""
    requests = MailDelivery.objects.filter(kind="request")
    before = (status_of(order.id), PaymentLink.objects.count(), requests.count())
    with pytest.raises(LinkError) as caught:
        create(order.id, LinkTerms(amount=amount and Decimal(amount), send=True), CLERK)
    assert (status_of(order.id), PaymentLink.objects.count(), requests.count()) == before
    return caught.value


@pytest.fixture
def trifle(channel: Channel, stripe: object) -> Order:
    """An order of 0.30 USD, less than Stripe takes."""
    crumb = ProductVariant.objects.create(
        sku="CRUMB", product_name="Crumb", name="Single", price="0.30", stock=10
    )
    return orders.complete(orders.create_draft(channel, [(crumb, 1)], None).id, None)


@pytest.mark.parametrize("amount", ["0.50", "24.50", "25.00"])
def test_a_deposit_is_asked_for_that_leaves_nothing_or_enough(order: Order, amount: str) -> None:
    link = deposit(order, amount)

    assert Customer(link).page().amount_due.amount == Decimal(amount)


@pytest.mark.parametrize("amount", ["0.01", "0.49"])
def test_a_deposit_that_the_provider_would_not_take_is_refused(order: Order, amount: str) -> None:
    error = refused(order, amount)

    assert (error.code, error.field) == (LinkErrorCode.AMOUNT_TOO_SMALL, "amount")
    assert error.message == (
        f"${amount} cannot be paid online: the payment provider takes $0.50 or more."
    )


@pytest.mark.parametrize("amount", ["24.51", "24.99"])
def test_a_deposit_that_leaves_too_little_is_refused_with_amounts_that_work(
    order: Order, amount: str
) -> None:
    error = refused(order, amount)

    assert (error.code, error.field) == (LinkErrorCode.AMOUNT_TOO_LARGE, "amount")
    rest = Decimal("25.00") - Decimal(amount)
    assert error.message == (
        f"The rest of ${rest} could not be paid online: the payment provider takes $0.50 or more. "
        "Ask for all of $25.00, or for $24.50 at most."
    )
    # The amounts that are named do work.
    assert deposit(order, "24.50").requested_amount == Decimal("24.50")


def test_where_no_deposit_leaves_enough_all_is_to_be_asked_for(
    make_order: Callable[..., Order], mug: ProductVariant, stripe: object
) -> None:
    mug.price = Decimal("0.99")

    error = refused(make_order(quantity=1), "0.60")

    assert (error.code, error.field) == (LinkErrorCode.AMOUNT_TOO_LARGE, "amount")
    assert error.message.endswith("Ask for all of $0.99.")


def test_the_rest_is_measured_by_what_is_still_due(order: Order, simulator: Simulator) -> None:
    simulator.pay(Customer(deposit(order, "10.00")).session())
    settle(PaymentAttempt.objects.get().id)

    assert refused(order, "14.80").code == LinkErrorCode.AMOUNT_TOO_LARGE
    assert deposit(order, "14.50").requested_amount == Decimal("14.50")


def test_an_order_that_is_too_small_to_be_paid_online_gets_no_link(trifle: Order) -> None:
    error = refused(trifle, None)

    assert (error.code, error.field) == (LinkErrorCode.AMOUNT_TOO_SMALL, None)
    assert error.message == (
        "$0.30 cannot be paid online: the payment provider takes $0.50 or more."
    )


def test_collecting_so_little_is_not_offered(trifle: Order) -> None:
    view = collection_view(trifle.id)

    assert view is not None
    assert (view.methods, view.reason) == ([], UnavailableReason.NO_METHOD)


def test_what_was_edited_down_below_the_least_cannot_be_clicked(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    orders.discount(order.id, Decimal("24.70"))
    orders.refresh(order.id)

    assert customer.page().methods == []
    with pytest.raises(LinkError) as caught:
        customer.begin()

    assert caught.value.code == LinkErrorCode.AMOUNT_TOO_SMALL
    assert simulator.requests() == []
    assert not PaymentAttempt.objects.exists()


# ---------------------------------------------------------------- a deposit paid at the last moment


@pytest.fixture
def paid_unheard(order: Order, simulator: Simulator) -> PaymentLink:
    """A deposit of 10 USD whose link has expired and was just paid, which nobody has heard."""
    link = deposit(order, "10.00")
    simulator.pay(Customer(link).session())
    PaymentLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    return link


def test_a_second_deposit_is_not_asked_for_when_the_first_was_just_paid(
    order: Order, paid_unheard: PaymentLink
) -> None:
    error = refused(order, "10.00")

    assert (error.code, error.field) == (LinkErrorCode.AMOUNT_CHANGED, "amount")
    assert PaymentLink.objects.get().status == LinkStatus.PAID
    assert LedgerEntry.objects.get(kind="charge").amount == Decimal("10.000")


def test_a_link_for_all_that_is_due_asks_for_no_more_than_the_rest(
    order: Order, simulator: Simulator, paid_unheard: PaymentLink
) -> None:
    rest = Customer(create(order.id, LinkTerms(), CLERK))

    assert rest.page().amount_due.amount == Decimal("15.00")
    simulator.pay(rest.session())
    for attempt in PaymentAttempt.objects.all():
        settle(attempt.id)
    assert status_of(order.id) == "unfulfilled"
    assert not PaymentException.objects.exists()


def test_no_link_is_made_while_the_provider_cannot_say_what_was_paid_over_the_last(
    order: Order, simulator: Simulator, paid_unheard: PaymentLink
) -> None:
    session = PaymentAttempt.objects.get().provider_reference
    simulator.add_fault("POST", f".*/{session}/expire", "error_500", times=20)

    assert refused(order, None).code == LinkErrorCode.PROVIDER_ERROR
    assert Customer(paid_unheard).page().status is RequestStatus.EXPIRED


def test_no_link_is_made_while_money_is_on_its_way_over_the_last(
    order: Order, simulator: Simulator
) -> None:
    link = deposit(order, "10.00")
    simulator.pay_later(Customer(link).session("stripe:us_bank_account"))
    PaymentLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert refused(order, "10.00").code == LinkErrorCode.MONEY_IN_FLIGHT


def test_a_session_left_from_an_expired_link_is_closed_before_another_link_is_made(
    order: Order, simulator: Simulator
) -> None:
    session = Customer(deposit(order, "10.00")).session()
    PaymentLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    deposit(order, "10.00")

    assert simulator.session(session)[0]["status"] == "expired"


def test_asking_for_the_link_in_force_again_leaves_its_session_alone(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()

    again = create(order.id, LinkTerms(), CLERK)

    assert again.pk == customer.link.pk
    assert simulator.session(session)[0]["status"] == "open"
