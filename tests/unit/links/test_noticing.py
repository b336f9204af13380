"""What has changed about an order is written down for staff and shown to the customer."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from saleor_paylink.links.bearer import RequestStatus
from saleor_paylink.links.changes import order_changed
from saleor_paylink.links.lifecycle import create, send
from saleor_paylink.links.terms import LinkTerms
from saleor_paylink.models import LinkStatus, PaymentLink
from saleor_paylink.shop import OrderView
from sandbox.shop import orders
from sandbox.shop.models import Order
from sandbox.shop.shop import SandboxShop
from tests.unit.links.helpers import CLERK, Customer
from tests.unit.links.moving import changes, edit, installed, shown, take
from tests.unit.links.test_races import at_once

# ---------------------------------------------------------------- what is written down


def test_an_edit_is_written_down_with_both_amounts(link: PaymentLink, order: Order) -> None:
    edit(order, 3)

    assert changes() == [
        "The amount due changed from $25.00 to $37.50: 3 × Mug (Blue) instead of 2 "
        "($37.50 instead of $25.00); total $37.50 instead of $25.00."
    ]


def test_each_edit_is_written_down_once_however_often_it_is_told(
    link: PaymentLink, order: Order
) -> None:
    edit(order, 3)
    order_changed(order.id)
    edit(order, 1)
    order_changed(order.id)

    first, second = changes()
    assert first.startswith("The amount due changed from $25.00 to $37.50: 3 × Mug (Blue)")
    assert second.startswith("The amount due changed from $37.50 to $12.50: 1 × Mug (Blue)")


def test_an_edit_that_is_told_eight_times_at_once_is_written_down_once(
    link: PaymentLink, order: Order
) -> None:
    orders.change_quantity(order.id, order.lines.get().pk, 3)

    assert at_once(*[lambda: order_changed(order.id)] * 8) == [None] * 8

    assert len(changes()) == 1


def test_a_change_that_leaves_the_amount_is_told_so(order: Order) -> None:
    create(order.id, LinkTerms(amount=Decimal("10.00")), CLERK)

    edit(order, 3)

    assert changes() == [
        "The order was changed: 3 × Mug (Blue) instead of 2 ($37.50 instead of $25.00); "
        "total $37.50 instead of $25.00. $10.00 are due as before."
    ]


def test_money_from_elsewhere_is_told_without_any_change_of_the_order(
    link: PaymentLink, order: Order
) -> None:
    take(order, "10.00")

    assert changes() == ["The amount due changed from $25.00 to $15.00."]


def test_what_changes_nothing_is_not_written_down(link: PaymentLink, order: Order) -> None:
    orders.update(order.id, {"email": "other@example.com"}, {"note": "wrapped"})

    order_changed(order.id)

    assert changes() == []


def test_a_link_of_which_nothing_was_kept_begins_with_what_is_there(
    link: PaymentLink, order: Order
) -> None:
    PaymentLink.objects.update(contents_noticed={})
    order_changed(order.id)
    assert changes() == []

    edit(order, 3)

    assert len(changes()) == 1


class BusyShop(SandboxShop):
    """Staff edit the order just when its totals have been recalculated."""

    def __init__(self, *quantities: int) -> None:
        self._quantities = list(quantities)

    def order(self, order_id: UUID, *, fresh: bool = False) -> OrderView | None:
        view = super().order(order_id, fresh=fresh)
        if fresh and self._quantities:
            line = Order.objects.get(id=order_id).lines.get()
            orders.change_quantity(order_id, line.pk, self._quantities.pop(0))
        return view


def test_an_edit_in_between_is_waited_for(link: PaymentLink, order: Order) -> None:
    with installed(BusyShop(3, 4)):
        order_changed(order.id)

    (only,) = changes()
    assert only.startswith("The amount due changed from $25.00 to $50.00: 4 × Mug (Blue)")


def test_an_order_that_is_edited_all_the_while_is_judged_later(
    link: PaymentLink, order: Order
) -> None:
    # By its old total it would be paid in full.
    order.transactions.create(charged=Decimal("25.00"), source="another gateway")
    with installed(BusyShop(3, 4, 3, 4)):
        order_changed(order.id)
    assert (changes(), PaymentLink.objects.get().status) == ([], LinkStatus.ACTIVE)

    order_changed(order.id)

    assert len(changes()) == 1
    assert PaymentLink.objects.get().status == LinkStatus.ACTIVE


# ---------------------------------------------------------------- what the customer sees


def test_the_page_tells_what_changed_since_the_link_was_created(
    customer: Customer, order: Order
) -> None:
    assert shown(customer) == []

    edit(order, 3)
    edit(order, 1)

    assert shown(customer) == [
        "1 × Mug (Blue) instead of 2 ($12.50 instead of $25.00)",
        "total $12.50 instead of $25.00",
    ]


def test_a_change_that_was_taken_back_is_none(customer: Customer, order: Order) -> None:
    edit(order, 3)
    edit(order, 2)

    assert shown(customer) == []


def test_who_was_mailed_the_link_again_is_told_of_no_earlier_change(
    customer: Customer, order: Order
) -> None:
    edit(order, 3)

    send(customer.link.id, CLERK)

    assert shown(customer) == []
    edit(order, 4)
    assert shown(customer)[0] == "4 × Mug (Blue) instead of 3 ($50.00 instead of $37.50)"


def test_a_mail_that_did_not_go_out_tells_nobody(
    customer: Customer, order: Order, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    edit(order, 3)

    send(customer.link.id, CLERK)

    assert PaymentLink.objects.get().last_sent_at is None
    assert len(shown(customer)) == 2


def test_a_link_that_is_created_again_is_given_to_the_customer_again(
    customer: Customer, order: Order
) -> None:
    edit(order, 3)

    create(order.id, LinkTerms(), CLERK)

    assert shown(customer) == []


def test_what_changed_is_told_only_where_there_is_something_to_pay(
    customer: Customer, order: Order
) -> None:
    edit(order, 3)
    take(order, "37.50")

    assert customer.page().status is RequestStatus.PAID_OUTSIDE
    assert shown(customer) == []
