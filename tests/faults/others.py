"""Other apps and gateways take money for orders, and staff correct what they wrote down."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from sandbox.shop import gateways, hooks, payments
from sandbox.shop.models import App, OrderStatus, Transaction, TransactionEvent
from tests.faults.choosing import share
from tests.faults.picking import order_in
from tests.faults.world import Act, World

Kind = TransactionEvent.Type
NO_DRAFT = tuple(status for status in OrderStatus if status != OrderStatus.DRAFT)
SOME = Decimal(3)
LATEST = 8
MOST_AT_ONCE = 4
# An id that others have too.
ANOTHERS = "re_again"


@share(6)
def app_charges(world: World) -> Act | None:
    """In a channel that confirms orders itself it confirms one, whatever it is of."""

    def do() -> None:
        world.confirmed_by_hand.add(order.id)
        payments.add_by_app(order.id, amount, "Card", "", App.objects.get())
        world.tell(partial(hooks.order_changed, order.id))

    order = order_in(world, *NO_DRAFT)
    if order is None or order.total <= 0:
        return None
    amount = world.random.choice((SOME, order.total, order.total))
    return Act(f"an app takes {amount} for #{order.number}", do, "charges by apps")


@share(4)
def gateway_charges(world: World) -> Act | None:
    def do() -> None:
        with transaction.atomic():
            taken = order.transactions.create(source="a.gateway")
            gateways.report(taken, Kind.CHARGE_SUCCESS, SOME, psp_reference=reference)
        world.tell(partial(hooks.order_changed, order.id))

    order, reference = order_in(world, *NO_DRAFT), _reference(world)
    told = f"as {reference}" if reference else "and says not as what"
    return order and Act(f"a gateway takes {SOME} for #{order.number} {told}", do)


def _reference(world: World) -> str:
    return world.random.choice((f"re_{world.random.getrandbits(32):08x}", ANOTHERS, ANOTHERS, ""))


@share(8)
def more_is_reported(world: World) -> Act | None:
    """Of money that is not paylink's: more of it comes in, it is given back, that fails later, it
    is charged back, its figure is lowered."""
    taken = _of_others(world)
    return taken and _reports(world, taken, [_movement(world, taken)])


@share(2)
def much_is_reported_at_once(world: World) -> Act | None:
    taken = _of_others(world)
    if taken is None:
        return None
    count = world.random.randint(2, MOST_AT_ONCE)
    return _reports(world, taken, [_movement(world, taken) for _each in range(count)])


def _of_others(world: World) -> Transaction | None:
    found: QuerySet[Transaction] = Transaction.objects.filter(reference="")
    latest = list(found.order_by("-created_at")[:LATEST])
    return world.random.choice(latest) if latest else None


Movement = tuple[Kind, Decimal, str]


def _movement(world: World, taken: Transaction) -> Movement:
    pick = world.random.choice
    amount = pick((SOME, max(taken.charged, SOME)))
    kinds = [Kind.CHARGE_SUCCESS, Kind.REFUND_SUCCESS, Kind.REFUND_SUCCESS, Kind.CHARGE_BACK]
    reference = _reference(world)
    if taken.refunded > 0 and pick((True, False)):
        return Kind.REFUND_REVERSE, taken.refunded, reference
    kind = pick(kinds)
    lowered = kind == Kind.CHARGE_SUCCESS and pick((True, False))
    return kind, -amount if lowered else amount, reference


def _reports(world: World, taken: Transaction, movements: Sequence[Movement]) -> Act:
    told = ", ".join(f"{kind} of {amount}" for kind, amount, _reference in movements)
    who = "staff write down" if taken.is_manual else f"{taken.source or 'a gateway'} reports"
    number = taken.order.number if taken.order else None
    return Act(
        f"{who} {told} for {f'#{number}' if number else 'a checkout'}",
        _reporting(world, taken, movements),
        "reports of others' money",
    )


def _reporting(
    world: World, taken: Transaction, movements: Sequence[Movement]
) -> Callable[[], None]:
    def do() -> None:
        with transaction.atomic():
            current = Transaction.objects.get(pk=taken.pk)
            for kind, amount, reference in movements:
                # A shop refuses to be told of one a second time. At checkouts none is named: what
                # is booked of them without an order is found by its line.
                again = current.events.filter(type=kind, psp_reference=reference)
                if again.exists() or current.order is None:
                    reference = ""
                gateways.report(current, kind, amount, psp_reference=reference)
        if current.order is not None:
            world.tell(partial(hooks.order_changed, current.order.id))

    return do
