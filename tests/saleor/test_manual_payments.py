"""Money that staff took themselves."""

from collections import Counter
from decimal import Decimal

import pytest
from saleor.account.models import User
from saleor.order.models import Order
from saleor.payment.models import TransactionItem

from saleor_paylink.links.dues import outstanding
from saleor_paylink.money import Money
from saleor_paylink.saleor.actors import actor_of
from saleor_paylink.shop import ManualPayment, current_shop
from tests.saleor.orders import charge, held, history, items, money_state
from tests.saleor.recorder import hooks_of, mails_of

MARKED_AS_PAID = Counter(order_fully_paid=1, order_updated=1, order_confirmed=1)


def manual(amount: str = "30", key: str = "key-1", currency: str = "USD") -> ManualPayment:
    money = Money(Decimal(amount), currency)
    return ManualPayment(key=key, amount=money, reference="till 4", note="Paid in cash")


def test_it_confirms_the_order_and_is_known_as_saleors_own_mark_as_paid() -> None:
    order = held()
    cashier = User.objects.get(email="cashier@example.com")
    before = history(order)

    current_shop().record_manual_payment(order.pk, manual(key="a"), actor_of(cashier))

    assert money_state(order.pk) == ("unfulfilled", "full", Decimal(30))
    (item,) = items(order)
    assert (item.name, item.psp_reference) == ("Mark-as-paid transaction", "till 4")
    assert item.message == "Paid in cash"
    news = history(order) - before
    assert (news["order_marked_as_paid"], news["confirmed"]) == (1, 1)
    event = order.events.get(type="order_marked_as_paid")
    assert (event.user, event.parameters) == (cashier, {"transaction_reference": "till 4"})
    assert order.events.filter(type="confirmed").last().user == cashier


def test_it_is_recorded_and_told_once() -> None:
    order = held()
    payment = manual(key="b")

    for _time in range(3):
        current_shop().record_manual_payment(order.pk, payment, None)

    assert [item.charged_value for item in items(order)] == [Decimal(30)]
    assert hooks_of(order.pk) == MARKED_AS_PAID
    assert mails_of(order.number) == Counter()


def test_the_shop_counts_it_as_manual_and_as_ours() -> None:
    order = held()
    paid = charge("10")
    current_shop().record_charge(order.pk, paid)

    current_shop().record_manual_payment(order.pk, manual("20", key="c"), None)

    view = current_shop().order(order.pk)
    assert (view.manual, view.charged) == (Money("20", "USD"), Money("30", "USD"))
    assert view.recorded == {paid.reference, "c"}
    assert outstanding(view) == Money("0", "USD")


def test_it_works_where_saleors_own_refuses_because_of_a_failed_payment() -> None:
    order = held()
    TransactionItem.objects.create(order=order, currency="USD", app_identifier="another.app")

    current_shop().record_manual_payment(order.pk, manual(key="d"), None)

    assert money_state(order.pk) == ("unfulfilled", "full", Decimal(30))


@pytest.mark.parametrize("status", ["canceled", "expired"])
def test_it_does_not_revive_an_order(status: str) -> None:
    order = held()
    Order.objects.filter(pk=order.pk).update(status=status)

    current_shop().record_manual_payment(order.pk, manual(key=f"e-{status}"), None)

    assert money_state(order.pk) == (status, "full", Decimal(30))
    assert hooks_of(order.pk)["order_confirmed"] == 0
