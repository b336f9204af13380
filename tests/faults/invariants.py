"""What must be true: after every step, and of everything once it has healed.

Stripe, as the simulator tells of it, is the truth of money; the shop's tables are what its staff
see. Each function yields complaints, and so nothing where all is well.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Sum

from saleor_paylink.earnings.report import earnings
from saleor_paylink.links.dues import asked_for, unpaid
from saleor_paylink.links.settlement import REVERSAL_OF
from saleor_paylink.models import (
    ATTEMPT_UNRESOLVED,
    LINK_IN_FORCE,
    ExceptionKind,
    LedgerEntry,
    LedgerKind,
    LinkStatus,
    MailDelivery,
    PaymentAttempt,
    PaymentCollection,
    PaymentException,
    PaymentLink,
    ProviderEvent,
    ShopPosting,
)
from saleor_paylink.providers.stripe.checkout import ATTEMPT
from saleor_paylink.shop import current_shop
from sandbox.shop.models import (
    CLOSED,
    Order,
    OrderStatus,
    ProductVariant,
    TransactionEvent,
)
from tests.faults.world import World

Complaints = Iterator[str]
CONFIRMED = (
    OrderStatus.UNFULFILLED,
    OrderStatus.PARTIALLY_FULFILLED,
    OrderStatus.FULFILLED,
)
CENT = Decimal("0.01")
TOLD_AS = {
    LedgerKind.REFUND: TransactionEvent.Type.REFUND_SUCCESS,
    LedgerKind.REFUND_REVERSAL: TransactionEvent.Type.REFUND_REVERSE,
}


class Watch:
    """Compares what is with what was a step before."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._before: dict[UUID, Standing] = {}
        self._ledger: list[tuple[Any, ...]] = []
        self._tabs = 0

    def look(self) -> None:
        """After a step."""
        now = {order.id: Standing.of(order) for order in self._world.orders()}
        ledger = list(LedgerEntry.objects.order_by("pk").values_list())
        for complaint in (
            *self._revived(now),
            *self._confirmed_unpaid(now),
            *self._rewritten(ledger),
            *self._doubled(now),
            *self._sent_to_pay_when_closed(),
        ):
            self._world.complain(complaint)
        self._before, self._ledger, self._tabs = now, ledger, len(self._world.tabs)

    def _revived(self, now: dict[UUID, "Standing"]) -> Complaints:
        for id, before in self._before.items():
            if before.status in CLOSED and now[id].status != before.status:
                yield f"{before} became {now[id]}"

    def _confirmed_unpaid(self, now: dict[UUID, "Standing"]) -> Complaints:
        by_hand = self._world.confirmed_by_hand
        for id, before in self._before.items():
            was_held = before.status == OrderStatus.UNCONFIRMED
            if was_held and now[id].status in CONFIRMED and id not in by_hand:
                taken = taken_for(id)
                if taken < now[id].total or 0 < taken == _mismatched(id):
                    yield f"{now[id]} was confirmed with {taken} of {now[id].total} paid"

    def _rewritten(self, ledger: list[tuple[Any, ...]]) -> Complaints:
        if ledger[: len(self._ledger)] != self._ledger:
            yield "the ledger was rewritten"

    def _doubled(self, now: dict[UUID, "Standing"]) -> Complaints:
        """What a customer paid beyond what was due is recorded as an exception at once."""
        taken = LedgerEntry.objects.filter(kind__in=(LedgerKind.CHARGE, LedgerKind.MANUAL))
        for entry in taken.filter(pk__gt=self._ledger[-1][0] if self._ledger else 0):
            id = entry.order_id
            due = max(each[id].total for each in (now, self._before) if id in each)
            paid = taken.filter(order_id=id, kind=LedgerKind.CHARGE)
            seen = PaymentException.objects.filter(order_id=id).values("reference")
            if held(id) > due and paid and not paid.filter(reference__in=seen):
                yield f"{entry.kind} {entry.reference} overpaid {now[id]}: {held(id)} of {due}"

    def _sent_to_pay_when_closed(self) -> Complaints:
        """Nobody is sent to pay for an order that was over before."""
        before = {each.number: each for each in self._before.values()}
        for number, _session in self._world.tabs[self._tabs :]:
            if number in before and before[number].status in CLOSED:
                yield f"a customer was sent to pay {before[number]}"


class Standing(NamedTuple):
    """An order as far as it matters here; `total` is what it costs by its lines."""

    number: int
    status: str
    total: Decimal

    @classmethod
    def of(cls, order: Order) -> "Standing":
        lines = sum((line.unit_price * line.quantity for line in order.lines.all()), Decimal(0))
        total = max(lines + order.shipping - order.discount, Decimal(0))
        return cls(order.number, order.status, total)

    def __str__(self) -> str:
        return f"#{self.number} ({self.status})"


def taken_for(order_id: UUID) -> Decimal:
    """What came in for an order, by the ledger."""
    return _booked(order_id, LedgerKind.CHARGE) + _booked(order_id, LedgerKind.MANUAL)


def _mismatched(order_id: UUID) -> Decimal:
    """What came in otherwise than it was asked for: alone it confirms nothing."""
    wrong = PaymentException.objects.filter(order_id=order_id, kind=ExceptionKind.MISMATCH)
    return wrong.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def held(order_id: UUID) -> Decimal:
    """What is left of it."""
    back = _booked(order_id, LedgerKind.REFUND) - _booked(order_id, LedgerKind.REFUND_REVERSAL)
    return taken_for(order_id) - back


def _booked(order_id: UUID, kind: LedgerKind) -> Decimal:
    entries = LedgerEntry.objects.filter(order_id=order_id, kind=kind)
    return entries.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def after_a_while(world: World) -> Complaints:
    """Once all that failed has been tried again, and sessions are still open."""
    for session in world.simulator.sessions():
        attempt = PaymentAttempt.objects.get(pk=session["client_reference_id"])
        order = current_shop().order(attempt.order_id, fresh=True)
        assert order is not None
        if session["status"] == "open":
            due = asked_for(attempt.link, order)
            if attempt.link.current_status not in LINK_IN_FORCE or due != attempt.money:
                status = attempt.link.current_status
                yield f"#{order.number}, link {status}: a page asks {attempt.money}, due are {due}"
    heard = {event["data"]["object"]["id"] for event in world.taken.values()}
    for kind, truth in provider_truth(world).items():
        missing = truth - _movements(kind)
        yield from (f"{kind} was heard of, not booked: {m}" for m in missing if m[0] in heard)


def healed(world: World) -> Complaints:
    """In the end."""
    yield from _provider_and_ledger(world)
    known = set(PaymentCollection.objects.values_list("order_id", flat=True))
    for order in world.orders():
        if order.id not in known:
            continue
        yield from _ledger_and_shop(order)
        yield from _standing(order)
    yield from _earnings()
    yield from _left_undone(world)
    yield from _stock()


def _provider_and_ledger(world: World) -> Complaints:
    for kind, truth in provider_truth(world).items():
        booked = _movements(kind)
        if kind in REVERSAL_OF:
            # What came back before it was heard of need not be booked; if it is, then twice.
            reversed = _movements(REVERSAL_OF[kind])
            yield from (f"{kind} came back and never left: {each}" for each in reversed - booked)
            booked -= reversed
        yield from (f"{kind} not booked: {each}" for each in truth - booked)
        yield from (f"{kind} booked, but not at Stripe: {each}" for each in booked - truth)


# Id, order, amount and currency.
Movement = tuple[str, str, Decimal, str]


def _movements(kind: LedgerKind) -> set[Movement]:
    booked = LedgerEntry.objects.filter(kind=kind, provider="stripe")
    return {(e.reference, str(e.order_id), e.amount, e.currency) for e in booked}


def provider_truth(world: World) -> dict[LedgerKind, set[Movement]]:
    """Every movement of money at Stripe that holds."""
    intents = {
        intent["id"]: intent
        for intent in world.listed("payment_intents", "data.latest_charge.balance_transaction")
        if intent["status"] == "succeeded"
    }
    refunds = [each for each in world.listed("refunds") if each["status"] == "succeeded"]
    disputes = [each for each in world.listed("disputes") if each["status"] != "won"]
    orders = {str(a.pk): str(a.order_id) for a in PaymentAttempt.objects.all()}

    def movement(id: str, intent_id: str, cents: int) -> Movement:
        intent = intents[intent_id]
        order = orders[intent["metadata"][ATTEMPT]]
        return id, order, cents * CENT, intent["currency"].upper()

    def back(each: dict[str, Any]) -> Movement:
        return movement(each["id"], each["payment_intent"], each["amount"])

    return {
        LedgerKind.CHARGE: {movement(id, id, i["amount_received"]) for id, i in intents.items()},
        LedgerKind.FEE: {
            movement(id, id, i["latest_charge"]["balance_transaction"]["fee"])
            for id, i in intents.items()
        },
        LedgerKind.REFUND: {back(refund) for refund in refunds},
        LedgerKind.DISPUTE: {back(dispute) for dispute in disputes},
    }


def _ledger_and_shop(order: Order) -> Complaints:
    charged = sum((each.charged for each in order.transactions.all()), Decimal(0))
    if held(order.id) != charged:
        yield f"#{order.number}: the ledger holds {held(order.id)}, the shop {charged}"
    entries = LedgerEntry.objects.filter(order_id=order.id)
    charges = set(entries.filter(kind=LedgerKind.CHARGE).values_list("reference", flat=True))
    records = order.transactions.exclude(source="").exclude(is_manual=True)
    if Counter(records.values_list("psp_reference", flat=True)) != Counter(charges):
        yield f"#{order.number}: the shop has {list(records)}, the ledger {charges}"
    for kind, told in TOLD_AS.items():
        booked = entries.filter(kind=kind).values_list("reference", flat=True)
        events = TransactionEvent.objects.filter(transaction__order=order, type=told)
        recorded = events.values_list("psp_reference", flat=True)
        if Counter(recorded) != Counter(booked):
            yield f"#{order.number}: the shop has {kind} {list(recorded)}, booked {list(booked)}"
    manual = sum((e.amount for e in entries.filter(kind=LedgerKind.MANUAL)), Decimal(0))
    by_hand = sum((t.charged for t in order.transactions.filter(is_manual=True)), Decimal(0))
    if manual != by_hand:
        yield f"#{order.number}: {by_hand} taken by hand, {manual} booked"


def _standing(order: Order) -> Complaints:
    """An order and its links agree, and a paid order does not wait for ever."""
    links = PaymentLink.objects.filter(order_id=order.id)
    view = current_shop().order(order.id, fresh=True)
    assert view is not None
    for link in links:
        name = f"#{order.number}, link {link.pk.hex[:4]}"
        if link.status == LinkStatus.PROCESSING:
            yield f"{name} is still processing"
        if link.status == LinkStatus.ACTIVE and order.status in CLOSED:
            yield f"{name} is active, the order {order.status}"
        if link.status == LinkStatus.ACTIVE and unpaid(view).amount <= 0:
            yield f"{name} is active, and nothing is due"
    # Without an exception, and with all its money still there, the order has been let go.
    paid_here = LedgerEntry.objects.filter(order_id=order.id, kind=LedgerKind.CHARGE).exists()
    strange = PaymentException.objects.filter(order_id=order.id).exists()
    if (
        order.status == OrderStatus.UNCONFIRMED
        and paid_here
        and not strange
        and unpaid(view).amount <= 0
    ):
        yield f"#{order.number} is paid and still held"


def _earnings() -> Complaints:
    for row in earnings():
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for entry in LedgerEntry.objects.filter(currency=row.currency):
            sums[entry.kind] += entry.amount
        gross, fees, manual = sums["charge"], sums["fee"], sums["manual"]
        refunded = sums["refund"] - sums["refund_reversal"]
        disputed = sums["dispute"] - sums["dispute_reversal"]
        expected = (gross, refunded, disputed, fees, gross - refunded - disputed - fees, manual)
        told = row.gross, row.refunded, row.disputed, row.fees, row.net, row.manual_gross
        if tuple(money.amount for money in told) != expected:
            yield f"earnings in {row.currency} are {told}, the sums are {expected}"


def _left_undone(world: World) -> Complaints:
    for attempt in PaymentAttempt.objects.filter(status__in=ATTEMPT_UNRESOLVED):
        yield f"attempt {attempt.pk.hex[:4]} is still {attempt.status}"
    done = (ProviderEvent.Status.PROCESSED,)
    for event in ProviderEvent.objects.exclude(status__in=done):
        yield f"event {event.event_id[-4:]} ({event.type}) is {event.status}: {event.error}"
    kept = set(ProviderEvent.objects.values_list("event_id", flat=True))
    yield from (f"event {each} was taken and not kept" for each in set(world.taken) - kept)
    for posting in ShopPosting.objects.filter(posted_at__isnull=True):
        yield f"the shop was not told of entry {posting.entry_id}: {posting.error}"
    for mail in MailDelivery.objects.filter(status=MailDelivery.Status.QUEUED):
        yield f"mail {mail.key} is still to be sent"
    receipts = Counter(
        MailDelivery.objects.filter(kind="receipt").values_list("entry__reference", flat=True)
    )
    charges = LedgerEntry.objects.filter(kind=LedgerKind.CHARGE).values_list("reference", flat=True)
    if receipts != Counter(charges):
        yield f"receipts {receipts} for charges {list(charges)}"


def _stock() -> Complaints:
    for variant in ProductVariant.objects.all():
        promised = sum(line.allocated for line in variant.orderline_set.all())
        if promised != variant.allocated:
            yield f"{variant.sku}: {variant.allocated} promised, {promised} by the lines"
