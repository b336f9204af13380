"""The shop moves under the link: what closes, and what goes on."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest
from django.core import mail

from saleor_paylink.earnings.report import earnings
from saleor_paylink.links.bearer import RequestStatus, payment_request
from saleor_paylink.links.changes import order_changed
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.hold import refusal
from saleor_paylink.links.lifecycle import create, mark_paid, send
from saleor_paylink.links.reading import CollectionStatus, UnavailableReason
from saleor_paylink.links.settlement import settle
from saleor_paylink.links.sweeper import sweep
from saleor_paylink.links.terms import LinkTerms
from saleor_paylink.models import (
    AttemptStatus,
    LedgerEntry,
    LinkEventType,
    LinkStatus,
    MailDelivery,
    PaymentAttempt,
    PaymentCollection,
    PaymentException,
    PaymentLink,
)
from saleor_paylink.money import Money
from saleor_paylink.shop import OrderView
from sandbox.shop import orders
from sandbox.shop.models import Channel, Order
from sandbox.shop.shop import SandboxShop
from sandbox.stripe import Simulator
from tests.unit.links.helpers import CLERK, SLOW, Customer, status_of
from tests.unit.links.moving import (
    GATEWAY,
    SlowShop,
    changes,
    collection,
    edit,
    installed,
    move,
    put,
    said,
    shown,
    status_at_provider,
    take,
)

# ---------------------------------------------------------------- paid elsewhere


def test_another_gateways_money_for_all_of_it_closes_the_link(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()

    take(order, "25.00")

    assert PaymentLink.objects.get().status == LinkStatus.PAID_MANUALLY
    assert customer.page().status is RequestStatus.PAID_OUTSIDE
    assert status_at_provider(simulator, session) == "expired"
    assert status_of(order.id) == "unfulfilled"
    assert said(LinkEventType.REVOKED) == [
        "The payment link was closed. The order was paid in another way."
    ]


def test_another_gateways_money_is_in_the_earnings(customer: Customer, order: Order) -> None:
    take(order, "25.00")

    entry = LedgerEntry.objects.get()
    assert (entry.kind, entry.provider, entry.amount) == ("charge", GATEWAY, Decimal("25.000"))
    assert (entry.order_id, entry.attempt) == (order.id, None)
    (usd,) = earnings()
    assert (usd.gross.amount, usd.manual_gross.amount) == (Decimal("25.000"), Decimal("0.000"))
    assert not usd.fees_complete


def test_another_gateways_money_for_a_part_leaves_the_rest_to_pay(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()

    take(order, "10.00")

    assert PaymentLink.objects.get().status == LinkStatus.ACTIVE
    assert status_at_provider(simulator, session) == "expired"
    assert str(customer.page().amount_due.amount) == "15.000"
    assert status_of(order.id) == "unconfirmed"


@pytest.mark.parametrize(
    ("amount", "status", "order_status"),
    [
        ("25.00", LinkStatus.PAID_MANUALLY, "unfulfilled"),
        ("10.00", LinkStatus.ACTIVE, "unconfirmed"),
    ],
)
def test_a_manual_transaction_counts_as_taken_by_hand(
    customer: Customer,
    simulator: Simulator,
    order: Order,
    amount: str,
    status: LinkStatus,
    order_status: str,
) -> None:
    session = customer.session()

    take(order, amount, by_hand=True)

    assert PaymentLink.objects.get().status == status
    assert status_at_provider(simulator, session) == "expired"
    assert status_of(order.id) == order_status
    (usd,) = earnings()
    assert (usd.manual_gross.amount, usd.manual_count) == (Decimal(amount), 1)
    assert usd.gross.amount == 0


def test_what_staff_gave_back_of_it_is_due_again_and_counts_no_more(
    customer: Customer, order: Order
) -> None:
    take(order, "10.00", by_hand=True)
    for amount in ("-10.00", "10.00", "-6.00"):
        move(order.transactions.get(), amount)
        order_changed(order.id)

    entries = LedgerEntry.objects.order_by("id").values_list("kind", "amount")
    assert list(entries) == [
        ("manual", Decimal("10.000")),
        ("manual_returned", Decimal("10.000")),
        ("manual", Decimal("10.000")),
        ("manual_returned", Decimal("6.000")),
    ]
    (usd,) = earnings()
    assert usd.manual_gross.amount == Decimal("4.000")
    assert str(customer.page().amount_due.amount) == "21.000"


class DeafShop(SandboxShop):
    """Records nothing for now."""

    def record_manual_payment(self, *_what: object) -> None:
        raise ConnectionError


def test_money_taken_by_hand_that_the_shop_has_not_recorded_yet_was_not_given_back(
    link: PaymentLink, order: Order
) -> None:
    with installed(DeafShop()):
        mark_paid(order.id, CLERK)

        order_changed(order.id)

    assert [each.kind for each in LedgerEntry.objects.all()] == ["manual"]


def test_a_link_whose_time_is_over_asks_for_nothing_once_the_order_is_paid_elsewhere(
    customer: Customer, order: Order
) -> None:
    PaymentLink.objects.update(status=LinkStatus.EXPIRED)

    take(order, "25.00")

    assert PaymentLink.objects.get().status == LinkStatus.PAID_MANUALLY
    assert status_of(order.id) == "unfulfilled"


def test_the_link_of_a_rest_that_another_gateway_took_was_not_paid(
    order: Order, simulator: Simulator
) -> None:
    deposit = create(order.id, LinkTerms(amount=Decimal("10.00")), CLERK)
    simulator.pay(Customer(deposit).session())
    settle(PaymentAttempt.objects.get().id)
    rest = create(order.id, LinkTerms(), CLERK)

    take(order, "15.00")

    deposit.refresh_from_db()
    rest.refresh_from_db()
    assert (deposit.status, rest.status) == (LinkStatus.PAID, LinkStatus.PAID_MANUALLY)
    assert Customer(rest).page().status is RequestStatus.PAID_OUTSIDE
    assert collection(order).status is CollectionStatus.COLLECTED


class ReservingShop(SandboxShop):
    """Another gateway has authorised so much, or all that the order costs."""

    def __init__(self, amount: str | None = None) -> None:
        self.amount = amount

    def order(self, order_id: UUID, *, fresh: bool = False) -> OrderView | None:
        view = super().order(order_id, fresh=fresh)
        amount = self.amount and Money(Decimal(self.amount), "USD")
        return view and replace(view, reserved=amount or view.total)


def test_what_another_gateway_has_only_authorised_is_not_asked_for_and_not_called_paid(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()

    with installed(ReservingShop()):
        order_changed(order.id)
        page = customer.page()

    assert (page.status, str(page.amount_due.amount)) == (RequestStatus.PROCESSING, "0")
    assert status_at_provider(simulator, session) == "expired"
    assert PaymentLink.objects.get().status == LinkStatus.ACTIVE


def test_what_another_gateway_has_authorised_of_it_is_told_apart_from_what_was_paid(
    customer: Customer,
) -> None:
    with installed(ReservingShop("10")):
        page = customer.page()
        send(customer.link.pk, CLERK)

    amounts = (page.amount_paid, page.set_aside, page.amount_due)
    assert amounts == tuple(Money(Decimal(each), "USD") for each in ("0", "10", "15"))
    assert "Total: $25.00\nNot to be paid here: $10.00\nTo pay now: $15.00" in mail.outbox[-1].body


def test_nobody_is_mailed_that_nothing_is_to_be_paid(link: PaymentLink) -> None:
    with installed(ReservingShop()):
        send(link.pk, CLERK)

    assert mail.outbox == []
    assert MailDelivery.objects.get().error == "The link could no longer be paid."


def test_what_cannot_be_paid_over_the_link_does_not_hold_the_order(
    link: PaymentLink, order: Order
) -> None:
    with installed(ReservingShop()):
        assert refusal(order.id) is None
        orders.confirm_by_hand(order.id, None)
        order_changed(order.id)
        assert status_of(order.id) == "unfulfilled"

    order_changed(order.id)

    assert status_of(order.id) == "unconfirmed"


# ---------------------------------------------------------------- paid in the same second


def test_what_was_paid_before_an_edit_leaves_a_balance_due(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())

    edit(order, 3)

    assert PaymentAttempt.objects.get().status == AttemptStatus.PAID
    assert order.transactions.get().charged == Decimal("25.000")
    assert PaymentException.objects.count() == 0
    assert str(customer.page().amount_due.amount) == "12.500"
    assert status_of(order.id) == "unconfirmed"


def test_what_was_paid_before_an_edit_to_less_is_overpaid(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())

    edit(order, 1)

    assert order.transactions.get().charged == Decimal("25.000")
    assert [each.kind for each in PaymentException.objects.all()] == ["overpaid"]
    assert customer.page().status is RequestStatus.PAID
    assert status_of(order.id) == "unfulfilled"


def test_an_edit_while_money_is_on_its_way_leaves_a_balance_due(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session(SLOW)
    simulator.pay_later(session)
    settle(PaymentAttempt.objects.get().id)

    edit(order, 3)
    assert PaymentLink.objects.get().status == LinkStatus.PROCESSING
    simulator.complete_later(session, "succeeded")
    settle(PaymentAttempt.objects.get().id)

    assert PaymentLink.objects.get().status == LinkStatus.ACTIVE
    assert str(customer.page().amount_due.amount) == "12.500"
    assert status_of(order.id) == "unconfirmed"


# ---------------------------------------------------------------- closed by the shop


def test_an_order_that_expires_takes_its_link_along(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()

    put(order, status="expired")

    assert PaymentLink.objects.get().status == LinkStatus.EXPIRED
    assert customer.page().status is RequestStatus.EXPIRED
    assert status_at_provider(simulator, session) == "expired"
    assert collection(order).reason is UnavailableReason.EXPIRED


def test_an_order_that_is_returned_closes_its_link(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()

    put(order, status="returned")

    assert PaymentLink.objects.get().status == LinkStatus.REVOKED
    assert payment_request(customer.token) is None
    assert status_at_provider(simulator, session) == "expired"
    assert said(LinkEventType.REVOKED) == [
        "The payment link was closed. What had been delivered was returned."
    ]


def test_an_order_that_was_returned_is_not_payable_before_paylink_hears_of_it(
    customer: Customer, order: Order
) -> None:
    revision = customer.page().revision
    Order.objects.update(status="returned")

    with pytest.raises(LinkError) as caught:
        customer.begin(revision=revision)

    assert caught.value.code == LinkErrorCode.LINK_NOT_ACTIVE
    assert payment_request(customer.token) is None
    assert PaymentAttempt.objects.count() == 0


def test_money_for_what_was_returned_needs_a_person(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())

    put(order, status="returned")

    assert [each.kind for each in PaymentException.objects.all()] == ["late"]
    assert order.transactions.get().charged == Decimal("25.000")
    assert status_of(order.id) == "returned"


def test_a_paid_order_that_is_returned_keeps_its_paid_link(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())
    settle(PaymentAttempt.objects.get().id)

    put(order, status="returned")

    assert PaymentLink.objects.get().status == LinkStatus.PAID
    assert customer.page().status is RequestStatus.PAID
    assert PaymentException.objects.count() == 0


def test_an_order_that_is_deleted_closes_its_link(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()
    Order.objects.all().delete()

    order_changed(order.id)

    assert PaymentLink.objects.get().status == LinkStatus.REVOKED
    assert payment_request(customer.token) is None
    assert status_at_provider(simulator, session) == "expired"
    assert said(LinkEventType.REVOKED) == ["The payment link was closed. The order was deleted."]


def test_an_order_that_is_deleted_while_it_is_compared_closes_its_link(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()

    with installed(SlowShop(lambda: Order.objects.all().delete())):
        order_changed(order.id)

    assert PaymentLink.objects.get().status == LinkStatus.REVOKED
    assert status_at_provider(simulator, session) == "expired"


def test_a_cancelled_order_that_the_shop_revives_counts_as_rejected_no_more(
    customer: Customer, order: Order
) -> None:
    orders.cancel_by_hand(order.id, None)
    order_changed(order.id)

    put(order, status="unfulfilled")

    assert PaymentCollection.objects.get().rejected_at is None
    assert collection(order).status is CollectionStatus.OFFERED


# ---------------------------------------------------------------- the link goes on


def fulfill(order: Order) -> None:
    """Goods go out although the link waits; paylink hears of it."""
    line = order.lines.get()
    orders.fulfill(order.id, {line.pk: line.quantity}, None)
    order_changed(order.id)


def test_goods_that_went_out_unpaid_are_still_to_be_paid(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()

    fulfill(order)

    assert status_of(order.id) == "fulfilled"
    assert collection(order).status is CollectionStatus.AWAITING
    assert customer.page().status is RequestStatus.DUE
    assert status_at_provider(simulator, session) == "open"
    simulator.pay(session)
    settle(PaymentAttempt.objects.get().id)
    assert collection(order).status is CollectionStatus.COLLECTED
    assert (status_of(order.id), PaymentException.objects.count()) == ("fulfilled", 0)


@pytest.mark.parametrize("status", [LinkStatus.EXPIRED, LinkStatus.REVOKED])
def test_goods_that_went_out_get_no_new_link(
    link: PaymentLink, order: Order, status: LinkStatus
) -> None:
    fulfill(order)
    PaymentLink.objects.update(status=status)

    assert collection(order).status is CollectionStatus.UNAVAILABLE
    assert collection(order).reason is UnavailableReason.FULFILLED


def test_a_channel_that_is_renamed_keeps_its_links(
    customer: Customer, order: Order, channel: Channel
) -> None:
    Channel.objects.update(slug="shop-renamed")

    order_changed(order.id)

    customer.link.refresh_from_db()
    assert customer.link.channel == "shop-renamed"
    assert PaymentCollection.objects.get().channel == "shop-renamed"
    assert payment_request(customer.token, "shop") is None
    page = payment_request(customer.token, "shop-renamed")
    assert page is not None
    assert (page.status, next(each.id for each in page.methods)) == (
        RequestStatus.DUE,
        "stripe:card",
    )


def test_while_the_plugin_is_switched_off_nothing_can_be_paid_and_nothing_is_held(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()
    Channel.objects.update(plugin_active=False)

    order_changed(order.id)

    assert status_at_provider(simulator, session) == "expired"
    assert collection(order).reason is UnavailableReason.PLUGIN_INACTIVE
    assert refusal(order.id) is None
    orders.confirm_by_hand(order.id, None)
    order_changed(order.id)
    assert status_of(order.id) == "unfulfilled"


def test_a_plugin_that_is_switched_on_again_goes_on_where_it_was(
    customer: Customer, order: Order
) -> None:
    Channel.objects.update(plugin_active=False)
    order_changed(order.id)
    Channel.objects.update(plugin_active=True)

    order_changed(order.id)

    assert PaymentLink.objects.get().status == LinkStatus.ACTIVE
    assert customer.page().status is RequestStatus.DUE
    assert collection(order).status is CollectionStatus.AWAITING
    assert changes() == []


def test_another_address_of_the_customer_changes_where_mails_go_and_nothing_else(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()

    put(order, email="moved@example.com")
    send(customer.link.id, CLERK)

    assert [message.to for message in mail.outbox] == [["moved@example.com"]]
    assert status_at_provider(simulator, session) == "open"
    assert (changes(), shown(customer)) == ([], [])


def test_a_change_is_followed_by_the_sweeper_where_the_shop_did_not_tell(
    customer: Customer, order: Order
) -> None:
    orders.change_quantity(order.id, order.lines.get().pk, 3)

    sweep()

    assert len(changes()) == 1


def test_an_order_that_paylink_has_nothing_to_do_with_is_left_alone(
    make_order: Callable[..., Order],
) -> None:
    order = make_order()

    order_changed(order.id)

    assert PaymentCollection.objects.count() == 0
