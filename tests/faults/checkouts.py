"""Customers pay at a checkout, which becomes an order later, or is forgotten with their money."""

from sandbox.shop import gateways
from sandbox.shop.models import Channel, Checkout, ProductVariant
from tests.faults.choosing import share
from tests.faults.others import SOME
from tests.faults.world import Act, World

MOST_CHECKOUTS = 4


@share(3)
def pay_at_checkout(world: World) -> Act | None:
    if Checkout.objects.count() >= MOST_CHECKOUTS:
        return None
    channel = world.random.choice(list(Channel.objects.order_by("pk")))
    told = f"a customer pays {SOME} at a checkout in {channel.slug}"
    return Act(told, lambda: pay(world, channel), "paid at checkouts")


def pay(world: World, channel: Channel) -> None:
    """Money of a checkout that is no order yet."""
    checkout = Checkout.objects.create(channel=channel)
    taken = gateways.charge_checkout(checkout, SOME)
    world.checkout_channels[taken.pk] = channel.pk


@share(3)
def checkout_becomes_order(world: World) -> Act | None:
    checkout = _checkout(world)
    items = [(ProductVariant.objects.get(sku="MUG"), 1)]
    return checkout and Act(
        f"checkout {checkout.pk} becomes an order",
        lambda: f"#{gateways.complete_checkout(checkout, items).number}",
        "checkouts completed",
    )


@share(1)
def checkout_is_forgotten(world: World) -> Act | None:
    checkout = _checkout(world)
    return checkout and Act(
        f"the shop forgets checkout {checkout.pk}",
        lambda: str(checkout.delete()[0]),
        "checkouts forgotten",
    )


def _checkout(world: World) -> Checkout | None:
    found = list(Checkout.objects.order_by("pk"))
    return world.random.choice(found) if found else None
