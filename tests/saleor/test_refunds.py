"""Money that was given back, as Saleor sees it."""

from collections import Counter
from decimal import Decimal

import pytest

from saleor_paylink.shop import current_shop
from tests.saleor import recorder
from tests.saleor.orders import charge, held, history, items, money_state, refund


def test_a_refund_is_booked_on_the_transaction_of_its_charge_once() -> None:
    order = held()
    paid = charge()
    current_shop().record_charge(order.pk, paid)
    back = refund(paid, "12.50")

    current_shop().record_refund(order.pk, back)
    current_shop().record_refund(order.pk, back)

    (item,) = items(order)
    assert (item.charged_value, item.refunded_value) == (Decimal("17.5"), Decimal("12.5"))
    assert [(event.type, event.psp_reference) for event in item.events.all()] == [
        ("charge_success", paid.reference),
        ("refund_success", back.reference),
    ]
    assert money_state(order.pk) == ("unfulfilled", "partial", Decimal("17.5"))


def test_a_refund_is_told_once_and_not_as_a_payment() -> None:
    order = held()
    paid = charge()
    current_shop().record_charge(order.pk, paid)
    recorder.reset()
    before = history(order)
    back = refund(paid, "12.50")

    for _time in range(3):
        current_shop().record_refund(order.pk, back)

    assert recorder.hooks_of(order.pk) == Counter(order_refunded=1, order_updated=1)
    assert recorder.mails_of(order.number) == Counter(order_refund_confirmation=1)
    assert history(order) - before == Counter()


def test_refunds_add_up_to_a_full_one() -> None:
    order = held()
    paid = charge()
    current_shop().record_charge(order.pk, paid)
    current_shop().record_refund(order.pk, refund(paid, "12.50"))

    current_shop().record_refund(order.pk, refund(paid, "17.50"))

    assert money_state(order.pk) == ("unfulfilled", "none", Decimal(0))
    assert recorder.hooks_of(order.pk)["order_fully_refunded"] == 1


def test_a_refund_whose_charge_is_not_recorded_yet_waits() -> None:
    order = held()
    paid = charge()

    with pytest.raises(LookupError):
        current_shop().record_refund(order.pk, refund(paid, "10"))

    assert items(order) == []
    assert money_state(order.pk) == ("unconfirmed", "none", Decimal(0))
    assert recorder.hooks_of(order.pk) == Counter()


def test_a_refund_that_comes_back_is_charged_again_and_nobody_is_thanked_again() -> None:
    order = held()
    paid = charge()
    current_shop().record_charge(order.pk, paid)
    back = refund(paid, "12.50")
    current_shop().record_refund(order.pk, back)
    recorder.reset()

    current_shop().record_refund_reversal(order.pk, back)
    current_shop().record_refund_reversal(order.pk, back)

    (item,) = items(order)
    assert (item.charged_value, item.refunded_value) == (Decimal(30), Decimal(0))
    assert money_state(order.pk) == ("unfulfilled", "full", Decimal(30))
    assert recorder.hooks_of(order.pk) == Counter(order_updated=1)
    assert recorder.mails_of(order.number) == Counter()


def test_a_refund_does_not_let_go_of_a_held_order() -> None:
    order = held()
    paid = charge("10")
    current_shop().record_charge(order.pk, paid)

    current_shop().record_refund(order.pk, refund(paid, "10"))

    assert money_state(order.pk) == ("unconfirmed", "none", Decimal(0))
