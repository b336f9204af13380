"""The life of an order by the shop's own rules."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from sandbox.shop import orders
from sandbox.shop.models import Channel, Order, OrderStatus, ProductVariant, User


def codes(error: ValidationError) -> dict[str, list[str]]:
    return {field: [one.code for one in found] for field, found in error.error_dict.items()}


def history(order: Order) -> list[str]:
    return list(order.events.values_list("type", flat=True))


def test_a_draft_has_its_totals_and_promises_nothing(draft: Order, mug: ProductVariant) -> None:
    mug.refresh_from_db()
    assert (draft.status, draft.total, mug.allocated) == (OrderStatus.DRAFT, Decimal("25.00"), 0)


def test_orders_are_numbered_one_after_the_other(
    channel: Channel, mug: ProductVariant, draft: Order
) -> None:
    assert orders.create_draft(channel, [(mug, 1)], None).number == draft.number + 1


def test_a_channel_that_confirms_orders_confirms_a_completed_one(order: Order) -> None:
    assert order.status == OrderStatus.UNFULFILLED
    assert history(order) == ["draft_created", "placed_from_draft", "confirmed"]


def test_another_channel_leaves_a_completed_order_unconfirmed(careful_order: Order) -> None:
    assert careful_order.status == OrderStatus.UNCONFIRMED
    assert history(careful_order) == ["draft_created", "placed_from_draft"]


def test_completing_promises_the_goods(order: Order, mug: ProductVariant) -> None:
    mug.refresh_from_db()
    assert (mug.stock, mug.allocated) == (10, 2)


def test_completing_finds_the_customer_by_email(draft: Order) -> None:
    customer = User.objects.create(email="customer@example.com")
    assert orders.complete(draft.id, None).user == customer


def test_an_order_is_completed_once(order: Order, mug: ProductVariant) -> None:
    with pytest.raises(ValidationError) as refused:
        orders.complete(order.id, None)
    mug.refresh_from_db()
    assert codes(refused.value) == {"id": ["invalid"]}
    assert mug.allocated == 2


def test_a_draft_without_lines_is_not_completed(channel: Channel) -> None:
    empty = orders.create_draft(channel, [], None)
    with pytest.raises(ValidationError) as refused:
        orders.complete(empty.id, None)
    empty.refresh_from_db()
    assert codes(refused.value) == {"lines": ["required"]}
    assert empty.status == OrderStatus.DRAFT


def test_more_than_there_is_cannot_be_ordered(channel: Channel, mug: ProductVariant) -> None:
    greedy = orders.create_draft(channel, [(mug, 6), (mug, 5)], None)
    with pytest.raises(ValidationError) as refused:
        orders.complete(greedy.id, None)
    greedy.refresh_from_db()
    mug.refresh_from_db()
    assert codes(refused.value) == {"lines": ["insufficient_stock"]}
    assert (greedy.status, mug.allocated) == (OrderStatus.DRAFT, 0)


def test_confirming_by_hand_needs_no_payment(careful_order: Order, clerk: User) -> None:
    confirmed = orders.confirm_by_hand(careful_order.id, clerk)
    assert confirmed.status == OrderStatus.UNFULFILLED
    assert confirmed.events.latest("pk").user == clerk


def test_only_an_unconfirmed_order_is_confirmed(order: Order) -> None:
    with pytest.raises(ValidationError) as refused:
        orders.confirm_by_hand(order.id, None)
    assert codes(refused.value) == {"id": ["invalid"]}


def test_cancelling_gives_the_goods_back(order: Order, mug: ProductVariant) -> None:
    cancelled = orders.cancel_by_hand(order.id, None)
    mug.refresh_from_db()
    assert (cancelled.status, mug.stock, mug.allocated) == (OrderStatus.CANCELED, 10, 0)


@pytest.mark.parametrize("status", ["draft", "canceled", "expired"])
def test_what_is_no_open_order_is_not_cancelled(order: Order, status: str) -> None:
    Order.objects.filter(pk=order.pk).update(status=status)
    with pytest.raises(ValidationError) as refused:
        orders.cancel_by_hand(order.id, None)
    order.refresh_from_db()
    assert codes(refused.value) == {"order": ["cannot_cancel_order"]}
    assert order.status == status


def test_an_order_that_was_shipped_in_part_is_not_cancelled(order: Order) -> None:
    orders.fulfill(order.id, {order.lines.get().pk: 1}, None)
    with pytest.raises(ValidationError):
        orders.cancel_by_hand(order.id, None)


def test_shipping_takes_the_goods_out_of_stock(order: Order, mug: ProductVariant) -> None:
    line = order.lines.get()
    assert orders.fulfill(order.id, {line.pk: 1}, None).status == OrderStatus.PARTIALLY_FULFILLED
    assert orders.fulfill(order.id, {line.pk: 1}, None).status == OrderStatus.FULFILLED
    mug.refresh_from_db()
    assert (mug.stock, mug.allocated) == (8, 0)


@pytest.mark.parametrize(
    ("quantity", "code"), [(0, {"lines": ["zero_quantity"]}), (3, None), (-1, None)]
)
def test_only_what_is_open_can_be_shipped(
    order: Order, mug: ProductVariant, quantity: int, code: dict[str, list[str]] | None
) -> None:
    with pytest.raises(ValidationError) as refused:
        orders.fulfill(order.id, {order.lines.get().pk: quantity}, None)
    mug.refresh_from_db()
    assert code is None or codes(refused.value) == code
    assert (mug.stock, mug.allocated) == (10, 2)


def test_editing_leaves_the_old_total_until_it_is_asked_for(careful_order: Order) -> None:
    edited = orders.change_quantity(careful_order.id, careful_order.lines.get().pk, 3)
    assert (edited.stale, edited.total) == (True, Decimal("25.00"))
    fresh = orders.refresh(careful_order.id)
    assert (fresh.stale, fresh.total) == (False, Decimal("37.50"))


def test_editing_an_unconfirmed_order_promises_the_difference(
    careful_order: Order, mug: ProductVariant
) -> None:
    orders.change_quantity(careful_order.id, careful_order.lines.get().pk, 10)
    mug.refresh_from_db()
    assert mug.allocated == 10


def test_an_edit_beyond_the_stock_changes_nothing(
    careful_order: Order, mug: ProductVariant
) -> None:
    with pytest.raises(ValidationError) as refused:
        orders.change_quantity(careful_order.id, careful_order.lines.get().pk, 11)
    mug.refresh_from_db()
    assert codes(refused.value) == {"lines": ["insufficient_stock"]}
    assert (mug.allocated, careful_order.lines.get().quantity) == (2, 2)


def test_a_confirmed_order_is_not_edited(order: Order) -> None:
    with pytest.raises(ValidationError) as refused:
        orders.change_quantity(order.id, order.lines.get().pk, 1)
    assert codes(refused.value) == {"id": ["not_editable"]}
    assert order.lines.get().quantity == 2


def test_a_discount_is_taken_off_once(careful_order: Order) -> None:
    orders.discount(careful_order.id, Decimal(5))
    with pytest.raises(ValidationError) as refused:
        orders.discount(careful_order.id, Decimal(5))
    assert codes(refused.value) == {"order_id": ["cannot_discount"]}
    assert orders.refresh(careful_order.id).total == Decimal("20.00")


def test_prices_are_rounded_to_what_the_currency_knows(db: None) -> None:
    crumb = ProductVariant.objects.create(sku="C", price="0.125", stock=10)
    totals = {}
    for currency in ("USD", "JPY", "KWD"):
        channel = Channel.objects.create(slug=currency, currency=currency)
        totals[currency] = orders.create_draft(channel, [(crumb, 1)], None).total
    assert totals == {"USD": Decimal("0.13"), "JPY": Decimal(0), "KWD": Decimal("0.125")}


class TestExpiry:
    @pytest.fixture
    def overdue(self, careful_order: Order) -> Order:
        careful_order.channel.expire_after_minutes = 60
        careful_order.channel.save()
        careful_order.created_at = timezone.now() - timedelta(minutes=61)
        careful_order.save()
        return careful_order

    def test_what_waited_too_long_expires(self, overdue: Order, mug: ProductVariant) -> None:
        assert orders.expire_overdue() == [overdue.id]
        overdue.refresh_from_db()
        mug.refresh_from_db()
        assert (overdue.status, mug.allocated) == (OrderStatus.EXPIRED, 0)
        assert history(overdue)[-1] == "expired"

    def test_what_has_time_left_does_not(self, overdue: Order) -> None:
        overdue.created_at = timezone.now() - timedelta(minutes=59)
        overdue.save()
        assert orders.expire_overdue() == []

    def test_a_held_order_does_not(self, overdue: Order) -> None:
        overdue.held = True
        overdue.save()
        assert orders.expire_overdue() == []

    def test_an_order_with_money_does_not(self, overdue: Order) -> None:
        overdue.transactions.create(charged=1)
        assert orders.expire_overdue() == []

    def test_a_confirmed_order_does_not(self, overdue: Order) -> None:
        orders.confirm_by_hand(overdue.id, None)
        assert orders.expire_overdue() == []
