"""Why an order is in the earnings that somebody looks at, or is not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import call_command
from django.utils import timezone

from saleor_paylink.earnings.explaining import (
    Because,
    HiddenOrder,
    NoSuchOrder,
    Reason,
    explain,
)
from saleor_paylink.earnings.ledger import Account, Movement, book_many
from saleor_paylink.earnings.movements import Wanted
from saleor_paylink.links.altering import revoke
from saleor_paylink.links.lifecycle import mark_paid, reject
from saleor_paylink.models import LedgerEntry, LedgerKind, PaymentLink
from saleor_paylink.money import Money
from saleor_paylink.shop import OrderView
from sandbox.shop import orders
from sandbox.shop.models import Channel, Order, ProductVariant, TransactionEvent
from sandbox.shop.shop import SandboxShop
from sandbox.stripe import Simulator
from tests.unit.earnings.books import NOON
from tests.unit.links.helpers import CLERK, SLOW, Customer, deliver_all
from tests.unit.links.moving import GATEWAY, installed, move

EVERYTHING = Wanted()
DAY = date(2026, 3, 10)


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def reasons(order: Order, wanted: Wanted = EVERYTHING) -> list[Reason]:
    return list(explain(str(order.number), wanted, EVERYTHING).reasons)


def because(order: Order) -> list[Because]:
    return [each.because for each in reasons(order)]


def booked(order: Order, kind: LedgerKind, amount: str, channel: str = "shop") -> None:
    account = Account("stripe", channel, order.id)
    book_many([Movement(kind, account, usd(amount), f"{kind}-1", NOON, "pi_1")])


# In it


def test_what_it_brought_is_said_net(order: Order) -> None:
    booked(order, LedgerKind.CHARGE, "25.00")
    booked(order, LedgerKind.FEE, "0.63")

    found = explain(f"#{order.number} ", Wanted(start=DAY, end=DAY), EVERYTHING)

    assert (found.order_id, found.number) == (order.id, str(order.number))
    assert list(found.reasons) == [Reason(Because.COUNTED, usd("24.37"))]
    assert [(line.entry.kind, line.order_number) for line in found.lines] == [
        ("fee", str(order.number)),
        ("charge", str(order.number)),
    ]


def test_what_went_back_wholly_leaves_the_fee(order: Order) -> None:
    booked(order, LedgerKind.CHARGE, "25.00")
    booked(order, LedgerKind.FEE, "0.63")
    booked(order, LedgerKind.REFUND, "25.00")

    assert reasons(order) == [Reason(Because.GIVEN_BACK, usd("-0.63"))]


def test_what_went_back_in_part_still_counts(order: Order) -> None:
    booked(order, LedgerKind.CHARGE, "25.00")
    booked(order, LedgerKind.REFUND, "24.99")

    assert reasons(order) == [Reason(Because.COUNTED, usd("0.01"))]


# Elsewhere


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (
            Wanted(start=DAY + timedelta(days=1)),
            Reason(Because.OTHER_DAYS, usd("24.37"), DAY, DAY),
        ),
        (Wanted(end=DAY - timedelta(days=1)), Reason(Because.OTHER_DAYS, usd("24.37"), DAY, DAY)),
        (Wanted(channels=["other"]), Reason(Because.OTHER_CHANNEL, channel="shop")),
        (Wanted(currency="EUR"), Reason(Because.OTHER_CURRENCY, usd("24.37"))),
    ],
)
def test_what_is_not_looked_at_is_said(order: Order, wanted: Wanted, reason: Reason) -> None:
    booked(order, LedgerKind.CHARGE, "25.00")
    booked(order, LedgerKind.FEE, "0.63")

    assert reasons(order, wanted) == [reason]


def test_days_are_those_of_the_site(order: Order) -> None:
    booked(order, LedgerKind.CHARGE, "25.00")

    with timezone.override("Pacific/Kiritimati"):  # 14 hours ahead: noon is the next day there
        found = reasons(order, Wanted(end=DAY))

    assert found == [
        Reason(Because.OTHER_DAYS, usd("25.00"), DAY + timedelta(days=1), DAY + timedelta(days=1))
    ]


def test_money_that_staff_took_stands_apart(order: Order, link: PaymentLink) -> None:
    mark_paid(order.id, CLERK)

    assert reasons(order) == [Reason(Because.BY_HAND, usd("25.00"))]


def test_money_that_staff_took_in_the_shop_and_paylink_has_not_heard_of_does_too(
    order: Order,
) -> None:
    move(order.transactions.create(is_manual=True), "25.00")

    assert reasons(order) == [Reason(Because.BY_HAND, usd("25.00"))]


def test_what_another_app_took_is_said_to_be_not_taken_in_until_it_is(order: Order) -> None:
    taken = order.transactions.create(source=GATEWAY)
    move(taken, "20.00")
    move(taken, "-5.00")
    assert reasons(order) == [Reason(Because.NOT_TAKEN_IN, usd("15.00"))]
    assert not LedgerEntry.objects.exists()

    call_command("paylink_ledger", "import", stdout=StringIO())

    assert reasons(order) == [Reason(Because.COUNTED, usd("15.00"))]


def test_what_comes_in_after_the_import_is_said_apart(order: Order) -> None:
    taken = order.transactions.create(source=GATEWAY)
    move(taken, "20.00")
    call_command("paylink_ledger", "import", stdout=StringIO())
    move(taken, "5.00")

    assert reasons(order) == [
        Reason(Because.COUNTED, usd("20.00")),
        Reason(Because.NOT_TAKEN_IN, usd("5.00")),
    ]


def test_money_given_back_by_hand_that_the_shop_does_not_take_off_is_not_said_to_be_missing(
    order: Order,
) -> None:
    """The Dashboard's manual refund: Saleor goes on saying that all of it was charged."""
    move(order.transactions.create(source=GATEWAY), "25.00")
    refund = order.transactions.create(is_manual=True)
    refund.events.create(type=TransactionEvent.Type.REFUND_SUCCESS, amount=10)
    call_command("paylink_ledger", "import", stdout=StringIO())

    assert reasons(order) == [
        Reason(Because.COUNTED, usd("25.00")),
        Reason(Because.BY_HAND, usd("-10.00")),
    ]


def test_what_the_shop_has_no_record_of_is_said_also_after_an_import(order: Order) -> None:
    order.transactions.create(source=GATEWAY, charged=Decimal("20.00"))

    assert reasons(order) == [Reason(Because.NO_RECORD, usd("20.00"))]
    call_command("paylink_ledger", "import", stdout=StringIO())
    assert reasons(order) == [Reason(Because.NO_RECORD, usd("20.00"))]


class ShopWithGiftCards(SandboxShop):
    """Of what was charged for an order, 20.00 were paid with a gift card."""

    def order(self, order_id: UUID, *, fresh: bool = False) -> OrderView | None:
        order = super().order(order_id, fresh=fresh)
        return order and replace(order, by_gift_card=usd("20.00"))


def test_what_a_gift_card_paid_is_said_to_bring_nothing_in(order: Order) -> None:
    order.transactions.create(source="cards", charged=Decimal("20.00"))

    with installed(ShopWithGiftCards()):
        assert reasons(order) == [Reason(Because.BY_GIFT_CARD, usd("20.00"))]


# Nothing came in


def test_a_link_that_waits(order: Order, link: PaymentLink) -> None:
    assert because(order) == [Because.LINK_WAITING]


def test_a_link_that_expired(order: Order, link: PaymentLink) -> None:
    PaymentLink.objects.update(expires_at=timezone.now() - timedelta(days=1))

    assert because(order) == [Because.LINK_EXPIRED]


def test_a_link_that_was_closed(order: Order, link: PaymentLink) -> None:
    revoke(link.pk, CLERK)

    assert because(order) == [Because.LINK_CLOSED]


def test_money_on_its_way(order: Order, customer: Customer, simulator: Simulator) -> None:
    simulator.pay_later(customer.session(SLOW))
    deliver_all(simulator)

    assert because(order) == [Because.LINK_PROCESSING]


def test_no_link_at_all(order: Order) -> None:
    assert because(order) == [Because.UNPAID]


def test_a_draft(channel: Channel, mug: ProductVariant) -> None:
    assert because(orders.create_draft(channel, [(mug, 1)], None)) == [Because.DRAFT]


def test_a_rejected_order(order: Order, link: PaymentLink) -> None:
    reject(order.id, CLERK)

    assert because(order) == [Because.CANCELED]


def test_an_order_that_costs_nothing(
    channel: Channel, make_order: Callable[..., Order], mug: ProductVariant
) -> None:
    ProductVariant.objects.update(price=0)
    mug.refresh_from_db()

    assert because(make_order()) == [Because.NOTHING_TO_PAY]


# What may be known


@pytest.mark.parametrize(
    "number", ["", "#", "0", "99999", "9" * 18, "9" * 400, "-1", "x", "1 or 1"]
)
def test_there_is_no_such_order(order: Order, number: str) -> None:
    with pytest.raises(NoSuchOrder):
        explain(number, EVERYTHING, EVERYTHING)


def test_of_an_order_in_a_hidden_channel_nothing_else_is_told(order: Order) -> None:
    booked(order, LedgerKind.CHARGE, "25.00")

    with pytest.raises(HiddenOrder):
        explain(str(order.number), EVERYTHING, Wanted(channels=["other"]))


def test_a_movement_in_a_hidden_channel_is_not_told_of(order: Order) -> None:
    booked(order, LedgerKind.CHARGE, "25.00")
    booked(order, LedgerKind.FEE, "0.63", channel="secret")

    found = explain(str(order.number), EVERYTHING, Wanted(channels=["shop"]))

    assert [line.entry.channel for line in found.lines] == ["shop"]
    assert list(found.reasons) == [Reason(Because.COUNTED, usd("25.00"))]
