"""What must be true after every step, compared with what was a step before."""

from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import DecimalField, F, Sum

from saleor_paylink.earnings import rollups
from saleor_paylink.models import (
    ExceptionKind,
    LedgerEntry,
    LedgerKind,
    LinkStatus,
    PaymentException,
    PaymentLink,
    TakingWindow,
)
from sandbox.shop.models import CLOSED, Order, OrderStatus
from tests.faults.books import held, taken_for, unheard
from tests.faults.reports import told_wrongly
from tests.faults.takings import STRIPE, booked_otherwise
from tests.faults.world import World

Complaints = Iterator[str]
CONFIRMED = (
    OrderStatus.UNFULFILLED,
    OrderStatus.PARTIALLY_FULFILLED,
    OrderStatus.FULFILLED,
)
CLOSED_FOR_GOOD = (LinkStatus.PAID, LinkStatus.PAID_MANUALLY, LinkStatus.REVOKED)
# All of an entry but its channel's name.
FIXED = [field.attname for field in LedgerEntry._meta.fields if field.attname != "channel"]
ITS_LINES = Sum(F("lines__unit_price") * F("lines__quantity"), output_field=DecimalField())


class Standing(NamedTuple):
    """An order as far as it matters here; `total` is what it costs by its lines."""

    number: int
    status: str
    total: Decimal

    def __str__(self) -> str:
        return f"#{self.number} ({self.status})"


def standings() -> dict[UUID, Standing]:
    """Every order as it is now."""
    rows = Order.objects.annotate(its_lines=ITS_LINES).values_list(
        "id", "number", "status", "its_lines", "shipping", "discount"
    )
    return {
        id: Standing(number, status, max((lines or 0) + shipping - discount, Decimal(0)))
        for id, number, status, lines, shipping, discount in rows
    }


class Watch:
    """Looks after each step."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._before: dict[UUID, Standing] = {}
        self._ledger: list[tuple[Any, ...]] = []
        self._closed: dict[UUID, str] = {}
        self._tabs = 0
        self._commits = -1
        self._questions = Random(world.seed)

    def look(self) -> None:
        """After a step; where nothing was written, nothing can have gone wrong."""
        if self._commits == self._world.commits:
            return
        self._commits = self._world.commits
        now = standings()
        entries = list(LedgerEntry.objects.order_by("pk"))
        ledger = [tuple(getattr(each, name) for name in FIXED) for each in entries]
        closed = dict(
            PaymentLink.objects.filter(status__in=CLOSED_FOR_GOOD).values_list("pk", "status")
        )
        for complaint in (
            *self._revived(now),
            *self._confirmed_unpaid(now),
            *self._rewritten(ledger),
            *self._summed_up_wrongly(),
            *told_wrongly(self._questions, entries),
            *booked_otherwise(self._world, entries),
            *self._charged_again(now),
            *self._sent_to_pay_when_closed(),
            *self._opened_again(closed),
        ):
            self._world.complain(complaint)
        self._note_where_history_ends()
        # What waits (again) has to be paid, or confirmed by hand once more.
        self._world.confirmed_by_hand -= {
            id for id, order in now.items() if order.status == OrderStatus.UNCONFIRMED
        }
        self._before, self._ledger, self._closed = now, ledger, closed
        self._tabs = len(self._world.tabs)

    def _revived(self, now: dict[UUID, Standing]) -> Complaints:
        for id, before in self._before.items():
            if before.status in CLOSED and id in now and now[id].status != before.status:
                yield f"{before} became {now[id]}"

    def _confirmed_unpaid(self, now: dict[UUID, Standing]) -> Complaints:
        by_hand = self._world.confirmed_by_hand
        for id, before in self._before.items():
            was_held = before.status == OrderStatus.UNCONFIRMED and id in now
            if was_held and now[id].status in CONFIRMED and id not in by_hand:
                # What others have written down in the shop is paid, heard of by paylink or not.
                taken = taken_for(id) + unheard(self._world, id)
                if taken < now[id].total or 0 < now[id].total <= taken == _mismatched(id):
                    yield f"{now[id]} was confirmed with {taken} of {now[id].total} paid"

    def _rewritten(self, ledger: list[tuple[Any, ...]]) -> Complaints:
        if ledger[: len(self._ledger)] != self._ledger:
            yield "the ledger was rewritten"

    def _summed_up_wrongly(self) -> Complaints:
        """Daily sums, with what is pending, are the ledger: also when a worker has just died."""
        yield from (f"daily sums: {each}" for each in rollups.differences())

    def _note_where_history_ends(self) -> None:
        """What was there before paylink looked for the first time is not looked for."""
        if self._world.history_ends is None:
            window = TakingWindow.objects.first()
            self._world.history_ends = window and window.after

    def _charged_again(self, now: dict[UUID, Standing]) -> Complaints:
        """A payment when all had been paid before is put in question in the moment in which it
        is booked."""
        charges = LedgerEntry.objects.filter(
            kind=LedgerKind.CHARGE, provider=STRIPE, order_id__in=now
        )
        for entry in charges.filter(pk__gt=self._ledger[-1][0] if self._ledger else 0):
            id = entry.order_id
            due = max(each[id].total for each in (now, self._before) if id in each)
            had = held(id, before=entry)
            seen = PaymentException.objects.filter(reference=entry.reference)
            if had >= due and not seen:
                yield f"{entry.reference} paid {now[id]} again: {had} of {due} were there"

    def _opened_again(self, closed: dict[UUID, str]) -> Complaints:
        """A link that was closed for good stays so. What was paid over it all the same shows."""
        for id, before in self._closed.items():
            if closed.get(id) not in (before, LinkStatus.PAID):
                yield f"link {id.hex[:4]} was {before} and is {closed.get(id, 'open again')}"

    def _sent_to_pay_when_closed(self) -> Complaints:
        """Nobody is sent to pay for an order that was over before, or by a link that was."""
        for tab in self._world.tabs[self._tabs :]:
            link = PaymentLink.objects.filter(pk=tab.link_id).first()
            before = link and self._before.get(link.order_id)
            if before and before.status in CLOSED:
                yield f"a customer was sent to pay {before}"
            if tab.link_id in self._closed:
                closed = f"a link that was {self._closed[tab.link_id]}"
                yield f"a customer was sent to session {tab.session[-4:]} by {closed}"


def _mismatched(order_id: UUID) -> Decimal:
    """What came in otherwise than it was asked for: alone it confirms nothing, unless staff
    keep it."""
    wrong = PaymentException.objects.filter(order_id=order_id, kind=ExceptionKind.MISMATCH).exclude(
        resolution="kept"
    )
    return wrong.aggregate(total=Sum("amount"))["total"] or Decimal(0)
