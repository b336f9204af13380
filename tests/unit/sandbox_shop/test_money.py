"""Money that paylink tells the shop of."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from saleor_paylink.money import Money
from saleor_paylink.shop import Actor, ActorKind, Charge, ManualPayment, Refund
from sandbox.shop import orders, payments
from sandbox.shop.models import Channel, Order, OrderStatus, ProductVariant, Transaction, User
from sandbox.shop.shop import SandboxShop

NOON = datetime(2030, 1, 2, 12, tzinfo=UTC)
CHARGE = Charge(
    provider="stripe",
    reference="pi_1",
    method="Card",
    amount=Money(Decimal(25), "USD"),
    paid_at=NOON,
    releases_order=True,
    provider_url="https://dashboard.stripe.example/pi_1",
)
REFUND = Refund(
    provider="stripe",
    reference="re_1",
    charge_reference="pi_1",
    amount=Money(Decimal(10), "USD"),
    at=NOON,
)
BY_HAND = ManualPayment(
    key="paylink-1", amount=Money(Decimal(25), "USD"), reference="till 3", note="cash"
)


def usd(amount: int) -> Money:
    return Money(Decimal(amount), "USD")


def status(order: Order) -> str:
    return Order.objects.get(pk=order.pk).status


def history(order: Order) -> list[str]:
    return list(order.events.values_list("type", flat=True))


class TestCharge:
    def test_is_recorded_with_what_the_provider_said(self, shop: SandboxShop, order: Order) -> None:
        shop.record_charge(order.id, CHARGE)
        taken = order.transactions.get()
        event = taken.events.get()
        assert (taken.name, taken.psp_reference, taken.charged) == ("Card", "pi_1", 25)
        assert taken.external_url == "https://dashboard.stripe.example/pi_1"
        assert (event.type, event.amount, event.created_at) == ("charge_success", 25, NOON)

    def test_counts_as_charged(self, shop: SandboxShop, order: Order) -> None:
        shop.record_charge(order.id, CHARGE)
        view = shop.order(order.id)
        assert (view.charged, view.total, view.manual) == (usd(25), usd(25), None)
        assert view.recorded == {"pi_1"}

    def test_is_recorded_once(self, shop: SandboxShop, order: Order) -> None:
        shop.record_charge(order.id, CHARGE)
        shop.record_charge(order.id, CHARGE)
        assert shop.order(order.id).charged == usd(25)
        assert history(order).count("order_fully_paid") == 1

    def test_of_another_provider_with_the_same_reference_is_another(
        self, shop: SandboxShop, order: Order
    ) -> None:
        shop.record_charge(order.id, CHARGE)
        shop.record_charge(order.id, replace(CHARGE, provider="mollie"))
        assert shop.order(order.id).charged == usd(50)

    def test_in_full_confirms_a_waiting_order(
        self, shop: SandboxShop, careful_order: Order
    ) -> None:
        shop.record_charge(careful_order.id, CHARGE)
        assert status(careful_order) == OrderStatus.UNFULFILLED
        assert history(careful_order)[-2:] == ["order_fully_paid", "confirmed"]

    def test_in_part_leaves_the_order_waiting(
        self, shop: SandboxShop, careful_order: Order
    ) -> None:
        shop.record_charge(careful_order.id, replace(CHARGE, amount=usd(24)))
        assert status(careful_order) == OrderStatus.UNCONFIRMED
        assert "order_fully_paid" not in history(careful_order)

    def test_in_two_parts_confirms_with_the_second(
        self, shop: SandboxShop, careful_order: Order
    ) -> None:
        shop.record_charge(careful_order.id, replace(CHARGE, amount=usd(10)))
        shop.record_charge(careful_order.id, replace(CHARGE, reference="pi_2", amount=usd(15)))
        assert status(careful_order) == OrderStatus.UNFULFILLED

    def test_that_releases_nothing_leaves_the_order_waiting(
        self, shop: SandboxShop, careful_order: Order
    ) -> None:
        shop.record_charge(careful_order.id, replace(CHARGE, releases_order=False))
        assert status(careful_order) == OrderStatus.UNCONFIRMED
        assert shop.order(careful_order.id).charged == usd(25)

    def test_is_measured_by_the_order_as_edited(
        self, shop: SandboxShop, careful_order: Order
    ) -> None:
        orders.change_quantity(careful_order.id, careful_order.lines.get().pk, 3)
        shop.record_charge(careful_order.id, CHARGE)
        assert status(careful_order) == OrderStatus.UNCONFIRMED
        assert shop.order(careful_order.id).total == Money(Decimal("37.50"), "USD")

    @pytest.mark.parametrize("closed", [OrderStatus.CANCELED, OrderStatus.EXPIRED])
    def test_never_revives_a_closed_order(
        self, shop: SandboxShop, order: Order, mug: ProductVariant, closed: OrderStatus
    ) -> None:
        orders.close(order, closed, None)
        shop.record_charge(order.id, CHARGE)
        mug.refresh_from_db()
        assert (status(order), mug.allocated) == (closed, 0)
        assert shop.order(order.id).charged == usd(25)


class TestRefund:
    def test_lowers_what_the_shop_holds(self, shop: SandboxShop, order: Order) -> None:
        shop.record_charge(order.id, CHARGE)
        shop.record_refund(order.id, REFUND)
        taken = order.transactions.get()
        assert (taken.charged, taken.refunded) == (15, 10)
        assert shop.order(order.id).charged == usd(15)
        assert shop.order(order.id).recorded == {"pi_1"}

    def test_is_recorded_once(self, shop: SandboxShop, order: Order) -> None:
        shop.record_charge(order.id, CHARGE)
        shop.record_refund(order.id, REFUND)
        shop.record_refund(order.id, REFUND)
        assert shop.order(order.id).charged == usd(15)

    def test_of_an_unknown_charge_is_refused(self, shop: SandboxShop, order: Order) -> None:
        with pytest.raises(Transaction.DoesNotExist):
            shop.record_refund(order.id, REFUND)
        assert shop.order(order.id).charged == usd(0)


class TestManualPayment:
    def test_counts_as_charged_by_hand(
        self, shop: SandboxShop, careful_order: Order, clerk: User
    ) -> None:
        actor = Actor(ActorKind.USER, str(clerk.pk), clerk.email)
        shop.record_manual_payment(careful_order.id, BY_HAND, actor)
        view = shop.order(careful_order.id)
        taken = careful_order.transactions.get()
        assert (view.charged, view.manual, view.recorded) == (usd(25), usd(25), {"paylink-1"})
        assert (taken.psp_reference, taken.user) == ("till 3", clerk)
        assert taken.events.get().message == "cash"

    def test_confirms_a_waiting_order(self, shop: SandboxShop, careful_order: Order) -> None:
        shop.record_manual_payment(careful_order.id, BY_HAND, None)
        assert status(careful_order) == OrderStatus.UNFULFILLED
        assert history(careful_order)[-2:] == ["order_marked_as_paid", "confirmed"]

    def test_is_measured_by_the_order_as_edited(
        self, shop: SandboxShop, careful_order: Order
    ) -> None:
        orders.change_quantity(careful_order.id, careful_order.lines.get().pk, 3)
        shop.record_manual_payment(careful_order.id, BY_HAND, None)
        assert status(careful_order) == OrderStatus.UNCONFIRMED
        assert shop.order(careful_order.id).total == Money(Decimal("37.50"), "USD")

    def test_is_recorded_once(self, shop: SandboxShop, order: Order) -> None:
        shop.record_manual_payment(order.id, BY_HAND, None)
        shop.record_manual_payment(order.id, BY_HAND, None)
        assert shop.order(order.id).charged == usd(25)

    def test_never_revives_a_cancelled_order(self, shop: SandboxShop, order: Order) -> None:
        orders.close(order, OrderStatus.CANCELED, None)
        shop.record_manual_payment(order.id, BY_HAND, None)
        assert status(order) == OrderStatus.CANCELED


class TestMarkAsPaid:
    def test_takes_all_that_is_owed_and_confirms_nothing(
        self, shop: SandboxShop, careful_order: Order
    ) -> None:
        orders.change_quantity(careful_order.id, careful_order.lines.get().pk, 4)
        payments.mark_as_paid(careful_order.id, "till 3", None)
        view = shop.order(careful_order.id)
        assert (view.charged, view.manual, view.recorded) == (usd(50), usd(50), frozenset())
        assert status(careful_order) == OrderStatus.UNCONFIRMED

    def test_is_refused_once_there_is_money(self, shop: SandboxShop, order: Order) -> None:
        shop.record_charge(order.id, replace(CHARGE, amount=usd(1)))
        with pytest.raises(ValidationError) as refused:
            payments.mark_as_paid(order.id, "", None)
        assert refused.value.error_dict["payment"][0].code == "payment_error"
        assert shop.order(order.id).charged == usd(1)


def at_once(times: int, call: Callable[[], None]) -> None:
    """Make the call in several threads that start together; their errors fail the test."""
    start = threading.Barrier(times)
    errors = []

    def run() -> None:
        start.wait()
        try:
            call()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    @pytest.fixture
    def order_id(self) -> UUID:
        channel = Channel.objects.create(slug="careful", currency="USD", auto_confirm=False)
        mug = ProductVariant.objects.create(sku="MUG", price="12.50", stock=10)
        return orders.complete(orders.create_draft(channel, [(mug, 2)], None).id, None).id

    def test_a_charge_is_recorded_once(self, shop: SandboxShop, order_id: UUID) -> None:
        at_once(8, lambda: shop.record_charge(order_id, CHARGE))
        order = Order.objects.get(id=order_id)
        assert order.transactions.count() == 1
        assert history(order).count("confirmed") == 1

    def test_a_refund_is_recorded_once(self, shop: SandboxShop, order_id: UUID) -> None:
        shop.record_charge(order_id, CHARGE)
        at_once(8, lambda: shop.record_refund(order_id, REFUND))
        assert shop.order(order_id).charged == usd(15)

    def test_a_manual_payment_is_recorded_once(self, shop: SandboxShop, order_id: UUID) -> None:
        at_once(8, lambda: shop.record_manual_payment(order_id, BY_HAND, None))
        assert shop.order(order_id).charged == usd(25)

    def test_goods_are_promised_to_no_more_than_there_are(self, order_id: UUID) -> None:
        mug = ProductVariant.objects.get()
        channel = Channel.objects.get()
        drafts = [orders.create_draft(channel, [(mug, 3)], None).id for _ in range(4)]
        refused = []

        def complete() -> None:
            try:
                orders.complete(drafts.pop(), None)
            except ValidationError as error:
                refused.append(error)

        at_once(4, complete)
        mug.refresh_from_db()
        assert (mug.allocated, len(refused)) == (8, 2)
