"""Deposits, and the least that a provider takes: nothing is left that could not be paid."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from saleor_paylink.links.altering import extend
from saleor_paylink.links.bearer import RequestStatus
from saleor_paylink.links.changes import order_changed
from saleor_paylink.links.dues import asked_for
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.lifecycle import create
from saleor_paylink.links.locking import known_order
from saleor_paylink.links.reading import UnavailableReason, collection_view, links_due
from saleor_paylink.links.renewal import renew
from saleor_paylink.links.sessions import close_obsolete
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


# ---------------------------------------------------------------- an order edited after its deposit


@pytest.mark.parametrize(
    ("total", "asked"),
    [
        ("10.50", "10.00"),
        ("10.49", "10.49"),
        ("10.01", "10.01"),
        ("10.00", "10.00"),
        ("9.80", "9.80"),
    ],
)
def test_all_is_asked_for_where_a_deposit_would_leave_too_little_to_be_paid(
    order: Order, total: str, asked: str
) -> None:
    customer = Customer(deposit(order, "10.00"))

    edited_to(order, total)

    assert customer.page().amount_due.amount == Decimal(asked)
    assert PaymentLink.objects.get().amount == Decimal(asked)


def test_all_of_it_is_paid_and_settles_the_order(order: Order, simulator: Simulator) -> None:
    customer = Customer(deposit(order, "10.00"))
    edited_to(order, "10.30")

    session = customer.session()
    close_obsolete(order.id)
    simulator.pay(session)
    settle(PaymentAttempt.objects.get().id)

    assert LedgerEntry.objects.get(kind="charge").amount == Decimal("10.300")
    assert PaymentLink.objects.get().status == LinkStatus.PAID
    assert status_of(order.id) == "unfulfilled"
    assert not PaymentException.objects.exists()


def test_a_session_that_asks_for_the_deposit_alone_is_closed(
    order: Order, simulator: Simulator
) -> None:
    session = Customer(deposit(order, "10.00")).session()

    edited_to(order, "10.30")

    assert simulator.session(session)[0]["status"] == "expired"


def test_what_is_left_once_the_deposit_was_paid_is_not_asked_for_over_its_link(
    order: Order, simulator: Simulator
) -> None:
    link = deposit(order, "10.00")
    simulator.pay(Customer(link).session())
    settle(PaymentAttempt.objects.get().id)

    edited_to(order, "10.30")

    assert asked_for(PaymentLink.objects.get(), known_order(order.id)).amount == 0
    assert PaymentLink.objects.get().status == LinkStatus.PAID


@pytest.mark.parametrize("count", [1, 5])
def test_what_deposits_ask_for_is_known_without_asking_for_any_settings(
    make_order: Callable[..., Order], stripe: object, count: int
) -> None:
    links = [deposit(make_order(), "24.50") for _each in range(count)]
    views = {each.order_id: known_order(each.order_id) for each in links}

    # The ledger's entries.
    with CaptureQueriesContext(connection) as queries:
        due = links_due(links, views)

    assert [each.amount for each in due] == [Decimal("24.50")] * count
    assert len(queries) == 1


def test_an_extended_link_asks_for_all_where_its_deposit_would_leave_too_little(
    order: Order, simulator: Simulator
) -> None:
    link = deposit(order, "10.00")
    PaymentLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    edited_to(order, "10.30")

    extend(link.id, None, CLERK)

    assert Customer(link).page().amount_due.amount == Decimal("10.30")
    simulator.pay(Customer(link).session())


def test_so_does_the_fresh_link_of_a_renewal(order: Order, simulator: Simulator) -> None:
    link = deposit(order, "10.00")
    PaymentLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    edited_to(order, "10.30")

    renew(Customer(link).token)

    fresh = PaymentLink.objects.exclude(pk=link.pk).get()
    assert (fresh.requested_amount, fresh.amount) == (Decimal("10.00"), Decimal("10.30"))
    assert Customer(fresh).page().amount_due.amount == Decimal("10.30")
    assert "$10.30" in mail.outbox[0].subject
    simulator.pay(Customer(fresh).session())


def test_an_expired_link_that_asks_for_too_little_is_neither_extended_nor_renewed(
    order: Order,
) -> None:
    link = deposit(order, "10.00")
    PaymentLink.objects.update(
        expires_at=timezone.now() - timedelta(seconds=1), status=LinkStatus.EXPIRED
    )
    edited_to(order, "0.30")

    with pytest.raises(LinkError) as caught:
        extend(link.id, None, CLERK)
    renew(Customer(link).token)

    assert (caught.value.code, caught.value.field) == (LinkErrorCode.AMOUNT_TOO_SMALL, "id")
    assert PaymentLink.objects.get().status == LinkStatus.EXPIRED
    assert mail.outbox == []


def edited_to(order: Order, total: str) -> None:
    """Staff give a discount, and paylink hears of it."""
    orders.discount(order.id, Decimal("25.00") - Decimal(total))
    order_changed(order.id)


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
