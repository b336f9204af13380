"""Saleor's order as paylink sees it."""

from decimal import Decimal
from uuid import uuid4

from saleor.order.models import Order
from saleor.payment import ChargeStatus
from saleor.payment.models import Payment, TransactionItem

from saleor_paylink.money import Money
from saleor_paylink.shop import LineView, NetPrices, OrderState, current_shop
from tests.saleor.client import Api
from tests.saleor.orders import change_quantity, charge, completed, draft, global_id, held

# Paylink's own hooks, which look at an order afresh, are not called there.
UNTOUCHED = "channel-inactive"


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def test_an_order_with_all_that_a_customer_is_shown() -> None:
    order = completed(sku="MUG", quantity=2)

    view = current_shop().order(order.pk)

    assert (view.id, view.number, view.channel) == (order.pk, str(order.number), "default-channel")
    assert (view.state, view.email, view.language) == (
        OrderState.UNFULFILLED,
        "buyer@example.com",
        "en",
    )
    assert view.lines == [LineView("Mug", "Blue", 2, usd("12.50"), usd("25"))]
    assert (view.subtotal, view.shipping, view.discount, view.tax, view.total) == (
        usd("25"),
        usd("0"),
        usd("0"),
        usd("0"),
        usd("25"),
    )
    assert (view.charged, view.reserved) == (usd("0"), usd("0"))
    assert (view.customer_id, view.manual, view.recorded, view.stale) == (
        None,
        None,
        frozenset(),
        False,
    )


def test_discounts_are_shown_apart_and_everything_adds_up(admin: Api) -> None:
    order = held(sku="MUG", quantity=4)
    admin.do(
        """mutation($id: ID!) { orderDiscountAdd(
            orderId: $id, input: {valueType: PERCENTAGE, value: 10}
        ) { errors { field message } } }""",
        id=global_id(order),
    )

    view = current_shop().order(order.pk, fresh=True)

    assert view.lines == [LineView("Mug", "Blue", 4, usd("12.50"), usd("50"))]
    assert (view.subtotal, view.discount, view.total) == (usd("50"), usd("5"), usd("45"))


def test_what_was_taken_off_shipping_is_shown_as_discount() -> None:
    """Saleor takes a discount of the whole order off shipping, too, as a shipping voucher does."""
    order = completed(sku="MUG", quantity=2)
    Order.objects.filter(pk=order.pk).update(
        undiscounted_total_gross_amount="35.00",
        total_gross_amount="31.50",
        shipping_price_gross_amount="9.00",
        undiscounted_total_net_amount="35.00",
        total_net_amount="31.50",
        shipping_price_net_amount="9.00",
        display_gross_prices=False,
    )

    view = current_shop().order(order.pk)

    assert view.lines[0].total == usd("25")
    for shown in (view, view.net):
        assert (shown.subtotal, shown.shipping, shown.discount) == (
            usd("25"),
            usd("10"),
            usd("3.5"),
        )
    assert view.total == usd("31.5")


def test_prices_are_shown_without_tax_where_the_channel_shows_them_so() -> None:
    order = completed(sku="MUG", quantity=2)
    assert current_shop().order(order.pk).net is None
    order.lines.update(
        undiscounted_unit_price_net_amount="10.00", undiscounted_total_price_net_amount="20.00"
    )
    Order.objects.filter(pk=order.pk).update(
        display_gross_prices=False,
        undiscounted_total_net_amount="24.00",
        total_net_amount="22.00",
        shipping_price_net_amount="4.00",
    )

    view = current_shop().order(order.pk)

    assert view.net == NetPrices(
        of_lines=[(usd("10"), usd("20"))],
        subtotal=usd("20"),
        shipping=usd("4"),
        discount=usd("2"),
    )
    assert (view.total, view.tax) == (usd("25"), usd("3"))


def test_an_unknown_order_is_none() -> None:
    assert current_shop().order(uuid4()) is None


def test_a_draft_is_a_draft() -> None:
    assert current_shop().order(draft().pk).state is OrderState.DRAFT


def test_an_edited_order_is_stale_until_it_is_asked_for_afresh() -> None:
    order = held(UNTOUCHED)
    change_quantity(order, 3)

    before = current_shop().order(order.pk)
    after = current_shop().order(order.pk, fresh=True)

    assert (before.stale, before.total) == (True, usd("30"))
    assert (after.stale, after.total) == (False, usd("90"))
    assert current_shop().order(order.pk) == after


def test_what_is_owed_is_read_as_the_whole_order_is(admin: Api) -> None:
    order = held(UNTOUCHED)
    current_shop().record_charge(order.pk, charge("10", releases=False))
    TransactionItem.objects.create(order=order, currency="USD", authorized_value=5)
    change_quantity(order, 3)

    dues = current_shop().dues(order.pk)

    assert (dues.total, dues.charged, dues.reserved) == (usd("90"), usd("10"), usd("5"))
    view = current_shop().order(order.pk)
    assert vars(dues) == {name: getattr(view, name) for name in vars(dues)}


def test_what_is_owed_for_a_free_order_brings_its_status_up_to_date() -> None:
    order = held(sku="GIFT")
    Order.objects.filter(pk=order.pk).update(charge_status="none")

    dues = current_shop().dues(order.pk)

    assert (dues.total, dues.charged) == (usd("0"), usd("0"))
    order.refresh_from_db()
    assert order.charge_status == "full"


def test_nothing_is_owed_for_an_unknown_order() -> None:
    assert current_shop().dues(uuid4()) is None


def test_the_charge_status_follows_an_edit() -> None:
    order = held(UNTOUCHED)
    TransactionItem.objects.create(order=order, currency="USD", charged_value=30)
    current_shop().order(order.pk, fresh=True)
    assert Order.objects.get(pk=order.pk).charge_status == "full"
    change_quantity(order, 2)

    current_shop().order(order.pk, fresh=True)

    assert Order.objects.get(pk=order.pk).charge_status == "partial"


def test_money_on_its_way_elsewhere_is_reserved() -> None:
    order = completed()
    TransactionItem.objects.create(
        order=order,
        currency="USD",
        app_identifier="another.app",
        authorized_value=5,
        charge_pending_value=7,
    )

    view = current_shop().order(order.pk)

    assert (view.reserved, view.charged) == (usd("12"), usd("0"))


def test_a_legacy_payment_that_is_pending_is_reserved() -> None:
    order = completed()
    Payment.objects.create(
        order=order,
        gateway="legacy",
        currency="USD",
        total=Decimal(30),
        charge_status=ChargeStatus.PENDING,
    )

    assert current_shop().order(order.pk).reserved == usd("30")


def test_a_refund_that_staff_granted_is_not_asked_for_again() -> None:
    order = completed()
    order.granted_refunds.create(amount_value=Decimal(4), currency="USD")

    assert current_shop().order(order.pk).reserved == usd("4")


def test_manual_is_what_staff_took_and_not_what_apps_report(admin: Api) -> None:
    order = completed()
    for name, app, amount in [
        ("Bank transfer", None, 3),
        ("Mark-as-paid transaction", "an.app", 4),
        ("Card", "an.app", 8),
    ]:
        TransactionItem.objects.create(
            order=order, currency="USD", name=name, app_identifier=app, charged_value=amount
        )

    view = current_shop().order(order.pk)

    assert (view.manual, view.charged) == (usd("7"), usd("15"))


def test_saleors_own_mark_as_paid_is_manual(admin: Api) -> None:
    order = completed()

    admin.do(
        "mutation($id: ID!) { orderMarkAsPaid(id: $id) { errors { field message } } }",
        id=global_id(order),
    )

    view = current_shop().order(order.pk)
    assert (view.manual, view.charged, view.recorded) == (usd("30"), usd("30"), frozenset())
