"""What staff do in the shop itself, which tells paylink of it, and sometimes does not."""

from decimal import Decimal
from functools import partial
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from sandbox.shop import hooks, orders, payments, refunds, stock
from sandbox.shop.models import (
    CLOSED,
    Channel,
    Order,
    OrderStatus,
    ProductVariant,
    Transaction,
)
from tests.faults.choosing import share
from tests.faults.picking import CLERK, MOSTLY, order_in
from tests.faults.world import Act, World

MOST_OPEN_ORDERS = 5
OPEN = (OrderStatus.DRAFT, OrderStatus.UNCONFIRMED)
TO_SHIP = (OrderStatus.UNCONFIRMED, OrderStatus.UNFULFILLED)


@share(16)
def draft(world: World) -> Act | None:
    def do() -> str:
        order = orders.create_draft(channel, items, None, email=email)
        if completes:
            _complete(world, order.id)
        return f"#{order.number}"

    if Order.objects.filter(status__in=OPEN).count() >= MOST_OPEN_ORDERS:
        return None
    chance = world.random.random
    channel = world.random.choice(list(Channel.objects.order_by("pk")))
    items = [(each, world.random.randint(1, 3)) for each in ProductVariant.objects.order_by("pk")]
    items = items[: world.random.randint(1, 2)]
    email = "customer@example.com" if chance() < MOSTLY else ""
    completes = chance() < MOSTLY
    what = "an order" if completes else "a draft"
    return Act(f"staff make {what} in {channel.slug}", do)


@share(2)
def complete(world: World) -> Act | None:
    drafts = list(Order.objects.filter(status=OrderStatus.DRAFT).order_by("number"))
    order = world.random.choice(drafts) if drafts else None
    return order and Act(f"staff complete #{order.number}", lambda: _complete(world, order.id))


def _complete(world: World, order_id: UUID) -> None:
    orders.complete(order_id, None)
    world.tell(partial(hooks.order_completed, order_id, CLERK))


@share(6)
def edit(world: World) -> Act | None:
    def do() -> None:
        orders.change_quantity(order.id, line.pk, quantity)
        world.tell(partial(hooks.order_changed, order.id))

    order = order_in(world, *TO_SHIP)
    if order is None:
        return None
    line = world.random.choice(list(order.lines.order_by("created_at", "pk")))
    quantity = world.random.randint(1, 4)
    return Act(f"staff make #{order.number} {quantity} of {line.sku}", do)


@share(2)
def discount(world: World) -> Act | None:
    def do() -> None:
        orders.discount(order.id, Decimal(amount))
        world.tell(partial(hooks.order_changed, order.id))

    order = order_in(world, OrderStatus.UNCONFIRMED)
    amount = world.random.choice((5, 5, 1000))
    return order and Act(f"staff take {amount} off #{order.number}", do)


@share(2)
def mark_paid(world: World) -> Act | None:
    def do() -> None:
        payments.mark_as_paid(order.id, "cash", None)
        world.tell(partial(hooks.order_changed, order.id))

    order = order_in(world, *TO_SHIP)
    return order and Act(f"staff mark #{order.number} paid in the shop", do)


@share(1)
def take_money(world: World) -> Act | None:
    """A manual transaction: it confirms an order in a channel that does so, whatever it is of."""

    def do() -> None:
        world.confirmed_by_hand.add(order.id)
        payments.add_by_hand(order.id, amount, "Bank", "", None)
        world.tell(partial(hooks.order_changed, order.id))

    order = order_in(world, *TO_SHIP)
    if order is None or order.total <= 0:
        return None
    amount = world.random.choice((Decimal(10), order.total))
    return Act(f"staff write down {amount} for #{order.number}", do)


@share(2)
def cancel(world: World) -> Act | None:
    def do() -> None:
        orders.cancel_by_hand(order.id, None)
        world.tell(partial(hooks.order_changed, order.id))

    order = order_in(world, *TO_SHIP)
    return order and Act(f"staff cancel #{order.number} in the shop", do)


@share(1)
def confirm(world: World) -> Act | None:
    def do() -> None:
        _ask(order.id)
        world.confirmed_by_hand.add(order.id)
        orders.confirm_by_hand(order.id, None)
        world.tell(partial(hooks.order_changed, order.id))

    order = order_in(world, OrderStatus.UNCONFIRMED)
    return order and Act(f"staff confirm #{order.number}", do)


@share(1)
def fulfill(world: World) -> Act | None:
    def do() -> None:
        _ask(order.id)
        world.confirmed_by_hand.add(order.id)
        orders.fulfill(order.id, quantities, None)
        world.tell(partial(hooks.order_changed, order.id))

    order = order_in(world, *TO_SHIP)
    quantities = {line.pk: line.allocated for line in order.lines.all()} if order else {}
    return order and Act(f"staff fulfil #{order.number}", do)


def _ask(order_id: UUID) -> None:
    """As the shop's own mutations ask before they confirm or fulfil."""
    reason = hooks.refusal(order_id)
    if reason is not None:
        raise ValidationError("The order waits for its payment.")


@share(2)
def refund(world: World) -> Act | None:
    def do() -> None:
        event = refunds.request(taken, amount, None)
        world.tell(partial(hooks.refund_requested, event, CLERK))

    ours = Transaction.objects.exclude(reference="").filter(is_manual=False)
    charges = list(ours.order_by("created_at"))
    if not charges:
        return None
    taken = world.random.choice(charges)
    amount = world.random.choice((None, Decimal(1)))
    told = f"staff ask the shop to refund {amount or 'all'} of payment {taken.reference[-4:]}"
    return Act(told, do, "refunds asked for in the shop")


@share(1)
def delete(world: World) -> Act | None:
    """As the shop deletes expired orders, and others do with what was never paid."""
    unpaid = Order.objects.filter(transactions=None)
    if world.random.random() < MOSTLY:
        unpaid = unpaid.filter(status__in=CLOSED)
    order = unpaid.order_by("-number").first()
    return order and Act(f"#{order.number} is deleted", lambda: _delete(order.id), "orders deleted")


@transaction.atomic
def _delete(order_id: UUID) -> None:
    order = orders.locked(order_id)
    if order.transactions.exists():
        raise ValidationError("There is money.")
    stock.free(order)
    order.delete()
