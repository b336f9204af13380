"""What staff do with paylink: links, payments by hand, and money that needs a person."""

from datetime import datetime, timedelta
from decimal import Decimal

from saleor_paylink.links import altering, lifecycle, offers, resolving
from saleor_paylink.links.terms import LinkTerms
from saleor_paylink.models import (
    LINK_IN_FORCE,
    ExceptionResolution,
    LinkStatus,
    PaymentException,
)
from sandbox.shop.models import Order
from tests.faults.choosing import share
from tests.faults.picking import CLERK, done, link_of, name_of, order_in, token_of
from tests.faults.world import Act, World

DEPOSIT = 0.15
SHORT_LIFE = 0.15
LIVES = (timedelta(minutes=20), timedelta(days=2), None)
# Where there is nothing in question, staff may still click once more on what they have seen.
SEEN_BEFORE = 0.1


@share(1)
def skip(world: World) -> Act | None:
    order = order_in(world)
    return order and Act(f"staff skip #{order.number}", lambda: offers.skip(order.id, CLERK))


@share(12)
def create(world: World) -> Act | None:
    order = order_in(world)
    if order is None:
        return None
    terms = _terms(world, order)
    asked, end = terms.amount or "all", _told(terms.expires_at)
    return Act(
        f"staff ask for {asked} of #{order.number}, until {end}",
        lambda: lifecycle.create(order.id, terms, CLERK).pk.hex[:4],
    )


def _terms(world: World, order: Order) -> LinkTerms:
    chance = world.random.random
    deposit = (order.total / 2).quantize(Decimal("0.01")) if chance() < DEPOSIT else None
    life = LIVES[0] if chance() < SHORT_LIFE else None
    return LinkTerms(amount=deposit, expires_at=_end(world, life), send=bool(order.email))


def _end(world: World, life: timedelta | None) -> datetime | None:
    return life and world.time.now() + life


def _told(end: datetime | None) -> str:
    return f"{end:%d %H:%M}" if end else "further notice"


@share(2)
def send(world: World) -> Act | None:
    link = link_of(world)
    return link and Act(f"staff send {name_of(link)}", lambda: done(lifecycle.send(link.pk, CLERK)))


@share(3)
def extend(world: World) -> Act | None:
    link = link_of(world, world.random.choice((LINK_IN_FORCE, (LinkStatus.EXPIRED,))))
    end = _end(world, world.random.choice(LIVES))
    return link and Act(
        f"staff extend {name_of(link)} until {_told(end)}",
        lambda: altering.extend(link.pk, end, CLERK).status,
    )


@share(2)
def rotate(world: World) -> Act | None:
    def do() -> str:
        old = token_of(link)
        # Noted before it is done: a death after the commit must not hide it.
        world.old_tokens.append((old, link))
        return altering.rotate(link.pk, CLERK).status

    link = link_of(world)
    return link and Act(f"staff give {name_of(link)} another URL", do)


@share(2)
def revoke(world: World) -> Act | None:
    link = link_of(world)
    return link and Act(
        f"staff revoke {name_of(link)}", lambda: altering.revoke(link.pk, CLERK).status
    )


@share(1)
def sync(world: World) -> Act | None:
    link = link_of(world)
    return link and Act(f"staff sync {name_of(link)}", lambda: altering.sync(link.pk).status)


@share(2)
def mark_paid(world: World) -> Act | None:
    order = order_in(world)
    return order and Act(
        f"staff mark #{order.number} paid",
        lambda: lifecycle.mark_paid(order.id, CLERK),
        "payments by hand",
    )


@share(1)
def reject(world: World) -> Act | None:
    order = order_in(world)
    return order and Act(f"staff reject #{order.number}", lambda: lifecycle.reject(order.id, CLERK))


@share(5)
def resolve(world: World) -> Act | None:
    exceptions = PaymentException.objects.order_by("pk")
    if world.random.random() >= SEEN_BEFORE:
        exceptions = exceptions.filter(resolution="")
    found = list(exceptions)
    if not found:
        return None
    exception = world.random.choice(found)
    refunded, kept, dismissed = ExceptionResolution
    resolution = world.random.choice((refunded, refunded, kept, dismissed))
    told = f"staff find {exception.kind} payment {exception.reference[-4:]} is to be {resolution}"
    return Act(
        told,
        lambda: resolving.resolve(exception.pk, resolution, CLERK).resolution,
        f"exceptions {resolution}",
    )
