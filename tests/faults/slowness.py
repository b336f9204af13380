"""Long transactions: a line of the shop's books has its number at once, and is seen only after
lines with higher numbers. Of such a line nobody is told."""

from functools import partial

from django.db import connection, transaction

from sandbox.shop.models import Channel, Checkout, Transaction, TransactionEvent
from tests.faults.choosing import share
from tests.faults.others import SOME
from tests.faults.world import UNSEEN_FOR, Act, Numbered, World

_NEXT = "SELECT nextval(pg_get_serial_sequence(%s, 'id'))"


@share(3)
def begin(world: World) -> Act:
    channel = world.random.choice(list(Channel.objects.order_by("pk")))
    return Act(
        f"a slow customer begins to pay {SOME} in {channel.slug}",
        lambda: f"line {take_number(world, channel).number}",
    )


@share(3)
def end(world: World) -> Act | None:
    if not world.uncommitted:
        return None
    line = world.random.choice(world.uncommitted)
    return Act(f"line {line.number} appears", partial(appear, world, line), "lines that were late")


def take_number(world: World, channel: Channel) -> Numbered:
    """A transaction has begun."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [TransactionEvent._meta.db_table])
        (number,) = cursor.fetchone()
    line = Numbered(number, channel.pk, SOME, world.time.now())
    world.uncommitted.append(line)
    return line


def appear(world: World, line: Numbered) -> str:
    """It is committed, if it has not taken too long."""
    world.uncommitted.remove(line)
    if world.time.now() - line.at > UNSEEN_FOR * 0.9:
        return "it was given up"
    with transaction.atomic():
        checkout = Checkout.objects.create(channel_id=line.channel_id)
        taken = Transaction(
            checkout=checkout, source="slow.gateway", charged=line.amount, created_at=line.at
        )
        world.checkout_channels[taken.pk] = line.channel_id
        taken.save()
        taken.events.create(
            pk=line.number,
            type=TransactionEvent.Type.CHARGE_SUCCESS,
            amount=line.amount,
            created_at=line.at,
        )
    return "done"
