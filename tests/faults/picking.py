"""Which order or link somebody turns to: one of the latest, and mostly one where there is
something to do."""

from collections.abc import Collection

from saleor_paylink.links import tokens
from saleor_paylink.models import LINK_IN_FORCE, LinkStatus, PaymentLink
from saleor_paylink.shop import Actor, ActorKind
from sandbox.shop.models import Order, OrderStatus
from tests.faults.world import World

CLERK = Actor(ActorKind.USER, "1", "clerk@example.com")
LATEST = 8
TO_BE_PAID = (OrderStatus.UNCONFIRMED, OrderStatus.UNFULFILLED)
MOSTLY = 0.85


def order_in(world: World, *statuses: OrderStatus) -> Order | None:
    """An order, if it is in one of these states."""
    orders = list(Order.objects.select_related("channel").order_by("-number")[:LATEST])
    if world.random.random() < MOSTLY:
        orders = [order for order in orders if order.status in TO_BE_PAID]
    order = world.random.choice(orders) if orders else None
    return order if order and (not statuses or order.status in statuses) else None


def link_of(world: World, statuses: Collection[LinkStatus] = LINK_IN_FORCE) -> PaymentLink | None:
    """A link, mostly one with one of these statuses."""
    links = list(PaymentLink.objects.order_by("-created_at")[:LATEST])
    if world.random.random() < MOSTLY:
        links = [link for link in links if link.current_status in statuses]
    return world.random.choice(links) if links else None


def name_of(link: PaymentLink) -> str:
    """How the story calls it."""
    order = Order.objects.filter(id=link.order_id).first()
    return f"link {link.pk.hex[:4]} of {f'#{order.number}' if order else 'an order that is gone'}"


def token_of(link: PaymentLink) -> str:
    token = tokens.token_of(link)
    assert token is not None
    return token


def done(_result: object) -> str:
    """What is told of an act whose result says nothing."""
    return "done"
