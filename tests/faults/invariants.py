"""What must be true: after every step, and of everything once it has healed.

Stripe, as the simulator tells of it, is the truth of money; the shop's tables are what its staff
see. Each function yields complaints, and so nothing where all is well.
"""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Sum

from saleor_paylink.earnings.report import earnings
from saleor_paylink.links.dues import asked_for
from saleor_paylink.models import (
    ATTEMPT_UNRESOLVED,
    LINK_IN_FORCE,
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
from saleor_paylink.shop import current_shop
from sandbox.shop.models import (
    CLOSED,
    Order,
    OrderStatus,
    ProductVariant,
    TransactionEvent,
)
from tests.faults.world import KEY, World

Complaints = Iterator[str]
CONFIRMED = (
    OrderStatus.UNFULFILLED,
    OrderStatus.PARTIALLY_FULFILLED,
    OrderStatus.FULFILLED,
)
CENT = Decimal("0.01")


class Watch:
    """Compares what is with what was a step before."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._statuses: dict[UUID, str] = {}
        self._totals: dict[UUID, Decimal] = {}
        self._ledger: list[tuple[Any, ...]] = []

    def look(self) -> None:
        """After a step."""
        orders = {order.id: order for order in self._world.orders()}
        ledger = list(LedgerEntry.objects.order_by("pk").values_list())
        for complaint in (
            *self._revived(orders),
            *self._confirmed_unpaid(orders),
            *self._rewritten(ledger),
            *self._doubled(orders),
        ):
            self._world.complain(complaint)
        self._statuses = {order.id: order.status for order in orders.values()}
        self._totals = {order.id: true_total(order) for order in orders.values()}
        self._ledger = ledger

    def _revived(self, orders: dict[UUID, Order]) -> Complaints:
        for id, before in self._statuses.items():
            if before in CLOSED and orders[id].status != before:
                yield f"#{orders[id].number} was {before} and became {orders[id].status}"

    def _confirmed_unpaid(self, orders: dict[UUID, Order]) -> Complaints:
        by_hand = self._world.confirmed_by_hand | _marked_paid()
        for order in orders.values():
            was_held = self._statuses.get(order.id) == OrderStatus.UNCONFIRMED
            if was_held and order.status in CONFIRMED and order.id not in by_hand:
                taken = taken_for(order.id)
                if taken < true_total(order):
                    yield f"#{order.number} was confirmed with {taken} of {true_total(order)} paid"

    def _rewritten(self, ledger: list[tuple[Any, ...]]) -> Complaints:
        if ledger[: len(self._ledger)] != self._ledger:
            yield "the ledger was rewritten"

    def _doubled(self, orders: dict[UUID, Order]) -> Complaints:
        """A charge beyond what was due must be recorded as an exception in the same breath."""
        for entry in LedgerEntry.objects.filter(kind=LedgerKind.CHARGE)[len(self._charges()) :]:
            order = orders[entry.order_id]
            due = max(true_total(order), self._totals.get(order.id, Decimal(0)))
            if (
                held(order.id) > due
                and not PaymentException.objects.filter(reference=entry.reference).exists()
            ):
                yield f"{entry.reference} overpaid #{order.number} ({held(order.id)} of {due}), unseen"

    def _charges(self) -> list[tuple[Any, ...]]:
        return [row for row in self._ledger if LedgerKind.CHARGE in row]


def _marked_paid() -> set[UUID]:
    return set(
        LedgerEntry.objects.filter(kind=LedgerKind.MANUAL).values_list("order_id", flat=True)
    )


def true_total(order: Order) -> Decimal:
    """What the order costs by its lines, whatever was last calculated."""
    lines = sum((line.unit_price * line.quantity for line in order.lines.all()), Decimal(0))
    return max(lines + order.shipping - order.discount, Decimal(0))


def taken_for(order_id: UUID) -> Decimal:
    """What came in for an order, by the ledger."""
    return _booked(order_id, LedgerKind.CHARGE) + _booked(order_id, LedgerKind.MANUAL)


def held(order_id: UUID) -> Decimal:
    """What is left of it."""
    return taken_for(order_id) - _booked(order_id, LedgerKind.REFUND)


def _booked(order_id: UUID, kind: LedgerKind) -> Decimal:
    entries = LedgerEntry.objects.filter(order_id=order_id, kind=kind)
    return entries.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def after_a_while(world: World) -> Complaints:
    """Once tasks and webhooks have had their chance, and sessions are still open."""
    for session in world.simulator.sessions():
        attempt = PaymentAttempt.objects.get(pk=session["client_reference_id"])
        order = current_shop().order(attempt.order_id, fresh=True)
        assert order is not None
        if session["status"] == "open":
            due = asked_for(attempt.link, order)
            if attempt.link.current_status not in LINK_IN_FORCE or due != attempt.money:
                yield f"#{order.number}: an open page asks for {attempt.money}, due are {due} over a link that is {attempt.link.current_status}"


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
        booked = LedgerEntry.objects.filter(kind=kind, provider="stripe")
        ledger = {(e.reference, str(e.order_id), e.amount, e.currency): e for e in booked}
        yield from (f"{kind} not booked: {each}" for each in truth if each not in ledger)
        yield from (f"{kind} booked, but not at Stripe: {e}" for e in ledger if e not in truth)


Movement = tuple[str, str, Decimal, str]


def provider_truth(world: World) -> dict[LedgerKind, set[Movement]]:
    """Every movement of money at Stripe: its id, its order, amount and currency."""
    intents = {
        intent["id"]: intent
        for intent in _all(world, "payment_intents", "data.latest_charge.balance_transaction")
        if intent["status"] == "succeeded"
    }
    orders = {str(a.pk): str(a.order_id) for a in PaymentAttempt.objects.all()}

    def movement(id: str, intent_id: str, cents: int) -> Movement:
        intent = intents[intent_id]
        order = orders[intent["metadata"]["saleor_paylink_attempt"]]
        return id, order, cents * CENT, intent["currency"].upper()

    return {
        LedgerKind.CHARGE: {movement(id, id, i["amount_received"]) for id, i in intents.items()},
        LedgerKind.FEE: {
            movement(id, id, i["latest_charge"]["balance_transaction"]["fee"])
            for id, i in intents.items()
        },
        LedgerKind.REFUND: {
            movement(r["id"], r["payment_intent"], r["amount"]) for r in _all(world, "refunds")
        },
        LedgerKind.DISPUTE: {
            movement(d["id"], d["payment_intent"], d["amount"]) for d in _all(world, "disputes")
        },
    }


def _all(world: World, path: str, *expand: str) -> list[dict[str, Any]]:
    params = (("limit", "100"), *(("expand[]", each) for each in expand))
    answer = world.simulator.request("GET", f"/v1/{path}", params, key=KEY)
    assert answer.status == 200, answer.body
    assert not answer.body["has_more"]
    return list(answer.body["data"])


def _ledger_and_shop(order: Order) -> Complaints:
    charged = sum((each.charged for each in order.transactions.all()), Decimal(0))
    if held(order.id) != charged:
        yield f"#{order.number}: the ledger holds {held(order.id)}, the shop {charged}"
    entries = LedgerEntry.objects.filter(order_id=order.id)
    charges = set(entries.filter(kind=LedgerKind.CHARGE).values_list("reference", flat=True))
    records = Counter(
        order.transactions.exclude(source="")
        .exclude(is_manual=True)
        .values_list("psp_reference", flat=True)
    )
    if records != Counter(charges):
        yield f"#{order.number}: the shop has {dict(records)}, the ledger {charges}"
    refunds = set(entries.filter(kind=LedgerKind.REFUND).values_list("reference", flat=True))
    given_back = Counter(
        TransactionEvent.objects.filter(
            transaction__order=order, type=TransactionEvent.Type.REFUND_SUCCESS
        ).values_list("psp_reference", flat=True)
    )
    if given_back != Counter(refunds):
        yield f"#{order.number}: the shop has refunds {dict(given_back)}, the ledger {refunds}"
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
        if link.status == LinkStatus.ACTIVE and view.due.amount <= 0:
            yield f"{name} is active, and nothing is due"
    # Without an exception, and with all its money still there, the order has been let go.
    paid_here = LedgerEntry.objects.filter(order_id=order.id, kind=LedgerKind.CHARGE).exists()
    strange = PaymentException.objects.filter(order_id=order.id).exists()
    if (
        order.status == OrderStatus.UNCONFIRMED
        and paid_here
        and not strange
        and view.due.amount <= 0
    ):
        yield f"#{order.number} is paid and still held"


def _earnings() -> Complaints:
    for row in earnings():
        sums = {
            kind: sum(
                (e.amount for e in LedgerEntry.objects.filter(currency=row.currency, kind=kind)),
                Decimal(0),
            )
            for kind in LedgerKind
        }
        gross = sums[LedgerKind.CHARGE]
        given = sums[LedgerKind.REFUND], sums[LedgerKind.DISPUTE], sums[LedgerKind.FEE]
        told = row.gross, row.refunded, row.disputed, row.fees, row.net, row.manual_gross
        expected = (gross, *given, gross - sum(given), sums[LedgerKind.MANUAL])
        if tuple(money.amount for money in told) != expected:
            yield f"earnings in {row.currency} are {told}, the sums are {expected}"


def _left_undone(world: World) -> Complaints:
    for attempt in PaymentAttempt.objects.filter(status__in=ATTEMPT_UNRESOLVED):
        yield f"attempt {attempt.pk.hex[:4]} is still {attempt.status}"
    done = (ProviderEvent.Status.PROCESSED,)
    for event in ProviderEvent.objects.exclude(status__in=done):
        yield f"event {event.event_id[-4:]} ({event.type}) is {event.status}: {event.error}"
    kept = set(ProviderEvent.objects.values_list("event_id", flat=True))
    yield from (f"event {each} was taken and not kept" for each in world.taken - kept)
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
