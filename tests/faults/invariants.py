"""What must be true of everything once it has healed.

Stripe, as the simulator tells of it, is the truth of money; the shop's tables are what its staff
see. Each function yields complaints, and so nothing where all is well.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from io import StringIO
from uuid import UUID

from django.core import mail
from django.utils import timezone

from saleor_paylink.earnings.comparison import Why, compared
from saleor_paylink.earnings.ledger import REVERSAL_OF
from saleor_paylink.links import verification
from saleor_paylink.links.dues import asked_for, unpaid
from saleor_paylink.links.sessions import is_of_old_url
from saleor_paylink.links.telling import state_of
from saleor_paylink.models import (
    ASKING,
    ATTEMPT_UNRESOLVED,
    LINK_IN_FORCE,
    LedgerEntry,
    LedgerKind,
    LinkStatus,
    MailDelivery,
    MailKind,
    PaymentAttempt,
    PaymentCollection,
    PaymentException,
    PaymentLink,
    PaymentLinkEvent,
    PendingEntry,
    ProviderEvent,
    ShopPosting,
    SumsZone,
)
from saleor_paylink.providers.stripe import StripeProvider
from saleor_paylink.shop import Announcement, current_shop
from saleor_paylink.timetable import BETWEEN_MAILS
from sandbox.shop.models import (
    CLOSED,
    Order,
    OrderStatus,
    ProductVariant,
    TransactionEvent,
)
from tests.faults.books import booked, by_hand, disputed_over_links, held
from tests.faults.figures import wrong_figures
from tests.faults.refunds import refunds_kept_their_word
from tests.faults.takings import BY_HAND, STRIPE, Row, booked_for_no_order, unheard
from tests.faults.truth import Truth, booked_movements
from tests.faults.world import KEY, World

Complaints = Iterator[str]
TOLD_AS = {
    LedgerKind.REFUND: TransactionEvent.Type.REFUND_SUCCESS,
    LedgerKind.REFUND_REVERSAL: TransactionEvent.Type.REFUND_REVERSE,
}


def after_a_while(world: World) -> Complaints:
    """Once all that failed has been tried again, and sessions are still open."""
    yield from _payable(world)
    truth = Truth(world)
    for kind, movements in truth.movements.items():
        missing = movements - booked_movements(kind)
        yield from (
            f"{kind} was heard of, not booked: {each}"
            for each in missing
            if truth.is_heard_of(each)
        )


def _payable(world: World) -> Complaints:
    """What customers could pay now is what is due, by the URL that they were given."""
    for session in world.simulator.sessions():
        attempt = PaymentAttempt.objects.filter(provider_reference=session["id"]).first()
        if attempt is None or session["status"] != "open":
            continue
        order = current_shop().order(attempt.order_id, fresh=True)
        if order is None:
            yield f"a page asks {attempt.money} for an order that is gone"
            continue
        due, status = asked_for(attempt.link, order), attempt.link.current_status
        if status not in LINK_IN_FORCE or due != attempt.money or is_of_old_url(attempt):
            yield f"#{order.number}, link {status}: a page asks {attempt.money}, due are {due}"


def healed(world: World, *, imported: bool) -> Complaints:
    """In the end; `imported`: all of what others had taken before, too."""
    truth = Truth(world)
    untaken, alone = unheard(world, imported=imported), booked_for_no_order(world)
    yield from _provider_and_ledger(truth)
    yield from _report_and_ledger(world)
    yield from refunds_kept_their_word(truth)
    known = set(PaymentCollection.objects.values_list("order_id", flat=True))
    for order in Order.objects.filter(id__in=known).order_by("number"):
        yield from _ledger_and_shop(order, [*untaken, *alone])
        yield from _too_much(order)
        yield from _standing(order)
    yield from wrong_figures(world, truth)
    yield from _verified(untaken, alone)
    yield from _left_undone(world)
    yield from _stock()


def _provider_and_ledger(truth: Truth) -> Complaints:
    for kind, movements in truth.movements.items():
        in_ledger = booked_movements(kind)
        if kind in REVERSAL_OF:
            # What came back before it was heard of need not be booked; if it is, then twice.
            reversed = booked_movements(REVERSAL_OF[kind])
            yield from (f"{kind} came back and never left: {each}" for each in reversed - in_ledger)
            in_ledger -= reversed
        missing = truth.must_be_booked(kind) - in_ledger
        yield from (f"{kind} not booked: {each}" for each in missing)
        yield from (f"{kind} booked, but not at Stripe: {each}" for each in in_ledger - movements)


def _report_and_ledger(world: World) -> Complaints:
    """What nobody has told of need not be booked, nor its fee; days differ by what was heard of
    late."""
    report = StringIO(world.simulator.balance_report(KEY), newline="")
    with compared("stripe", StripeProvider.read_report(report)) as found:
        differences = list(found.differences())
    unheard = {each.reference for each in differences if each.why is Why.NOT_BOOKED}
    for each in differences:
        if each.why is not Why.DAY and each.reference not in unheard:
            yield f"the report: {each}"


def _ledger_and_shop(order: Order, left: Sequence[Row]) -> Complaints:
    charged = sum((each.charged for each in order.transactions.all()), Decimal(0))
    unbooked = _moved(order.id, left)
    if held(order.id) + unbooked != charged:
        yield f"#{order.number}: the ledger holds {held(order.id)}, the shop {charged}"
    entries = LedgerEntry.objects.filter(order_id=order.id)
    charges = entries.filter(kind=LedgerKind.CHARGE, attempt__isnull=False)
    references = set(charges.values_list("reference", flat=True))
    records = order.transactions.exclude(reference="").exclude(is_manual=True)
    if Counter(records.values_list("psp_reference", flat=True)) != Counter(references):
        yield f"#{order.number}: the shop has {list(records)}, the ledger {references}"
    for kind, told in TOLD_AS.items():
        ours = entries.filter(kind=kind, provider=STRIPE)
        references = ours.values_list("reference", flat=True)
        events = TransactionEvent.objects.filter(transaction__order=order, type=told).exclude(
            transaction__reference=""
        )
        recorded = events.values_list("psp_reference", flat=True)
        if Counter(recorded) != Counter(references):
            yield f"#{order.number}: the shop has {kind} {list(recorded)}, not {list(references)}"
    manual = booked(order.id, LedgerKind.MANUAL) - booked(order.id, LedgerKind.MANUAL_RETURNED)
    if manual + _moved(order.id, left, by_hand=True) != by_hand(order.id):
        yield f"#{order.number}: {by_hand(order.id)} taken by hand, {manual} booked"


def _moved(order_id: UUID, left: Sequence[Row], *, by_hand: bool | None = None) -> Decimal:
    """What of an order these lines have moved: by hand, not, or either way."""
    return sum(
        (
            row.moved
            for row in left
            if row.order_id == order_id and by_hand in (None, row.kind in BY_HAND)
        ),
        Decimal(0),
    )


def _too_much(order: Order) -> Complaints:
    """What the shop holds beyond what the order costs, and paylink could give back, is or was
    put in question."""
    view = current_shop().order(order.id, fresh=True)
    assert view is not None
    excess = view.charged.amount - view.total.amount
    asked_about = sum(
        (
            each.amount + each.let_stand
            for each in PaymentException.objects.filter(order_id=order.id)
        ),
        Decimal(0),
    )
    paid_here = held(order.id, provider=STRIPE) - disputed_over_links(order.id)
    if min(excess, paid_here) > asked_about:
        yield f"#{order.number}: {excess} too much, {asked_about} in question"


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
    charges = LedgerEntry.objects.filter(kind=LedgerKind.CHARGE, provider=STRIPE)
    paid_here = charges.filter(order_id=order.id).exists()
    strange = PaymentException.objects.filter(order_id=order.id).exists()
    if (
        order.status == OrderStatus.UNCONFIRMED
        and paid_here
        and not strange
        and unpaid(view).amount <= 0
    ):
        yield f"#{order.number} is paid and still held"


def _verified(untaken: Sequence[Row], alone: Sequence[Row]) -> Complaints:
    """The operator's own look at the books finds what is left, and nothing else; what was booked
    before there was an order is explained."""
    for verdict in verification.verdicts():
        id, number = verdict.order.id, verdict.order.number
        is_left, is_alone = (
            any(row.order_id == id and row.moved for row in rows) for rows in (untaken, alone)
        )
        if is_left != bool(verdict.reason) or verdict.moving:
            yield f"#{number} {'differs' if is_left else 'agrees'}: told is {verdict}"
        if is_alone and not verdict.explained:
            yield f"#{number} has money that was booked before it, and that is not explained"
    if PendingEntry.objects.exists():
        yield "entries are in no daily sum"
    if SumsZone.objects.get().name != timezone.get_default_timezone_name():
        yield "daily sums are void"


def _left_undone(world: World) -> Complaints:
    for attempt in PaymentAttempt.objects.filter(status__in=ATTEMPT_UNRESOLVED):
        yield f"attempt {attempt.pk.hex[:4]} is still {attempt.status}"
    undone = (ProviderEvent.Status.RECEIVED, ProviderEvent.Status.FAILED)
    for event in ProviderEvent.objects.filter(status__in=undone):
        yield f"event {event.event_id[-4:]} ({event.type}) is {event.status}: {event.error}"
    kept = set(ProviderEvent.objects.values_list("event_id", flat=True))
    yield from (f"event {each} was taken and not kept" for each in set(world.taken) - kept)
    for posting in ShopPosting.objects.filter(posted_at__isnull=True):
        yield f"the shop was not told of entry {posting.entry_id}: {posting.error}"
    yield from _told(world)
    for each in MailDelivery.objects.filter(status=MailDelivery.Status.QUEUED):
        yield f"mail {each.key} is still to be sent"
    yield from _receipts()
    yield from _reminders()


def _told(world: World) -> Complaints:
    """Plugins were told of every step that is one for them, in its turn, and the orders' metadata
    say how things stand."""
    due = PaymentLinkEvent.objects.exclude(announcement="").order_by("id")
    first_told = list(dict.fromkeys(int(news.event_id) for news in world.announced))
    for event in due.filter(announced_at__isnull=True):
        yield f"step {event.pk} ({event.type}) is still to be announced"
    for event in due.exclude(pk__in=first_told):
        yield f"step {event.pk} ({event.type}) was announced to nobody"
    for collection in PaymentCollection.objects.all():
        # A mail is written down as sent by whoever sent it, while others are at the order.
        steps = due.filter(collection=collection).exclude(announcement=Announcement.SENT)
        ids = list(steps.values_list("pk", flat=True))
        told = [pk for pk in first_told if pk in ids]
        if told != ids:
            yield f"steps of one order were told as {told}, and happened as {ids}"
        order = current_shop().order(collection.order_id)
        if order is None:
            continue
        state = {key: said for key, said in state_of(order).items() if said is not None}
        metadata = Order.objects.values_list("metadata", flat=True).get(id=order.id)
        if metadata != state:
            yield f"#{order.number}: its metadata say {metadata}, it is {state}"


def _receipts() -> Complaints:
    """One for each payment of an order that there was when it was booked."""
    sent = MailDelivery.objects.filter(kind="receipt").values_list("entry__reference", flat=True)
    charges = LedgerEntry.objects.filter(kind=LedgerKind.CHARGE, posting__isnull=False)
    references = charges.values_list("reference", flat=True)
    if Counter(sent) != Counter(references):
        yield f"receipts {list(sent)} for charges {list(references)}"


def _reminders() -> Complaints:
    """None came twice, nor within a day of another mail that asked to pay."""
    unsubscribable = [each for each in mail.outbox if "List-Unsubscribe" in each.extra_headers]
    came = Counter(each.extra_headers["Message-ID"] for each in unsubscribable)
    yield from (f"a reminder came {times} times" for times in came.values() if times > 1)
    asked = MailDelivery.objects.filter(kind__in=ASKING, status=MailDelivery.Status.SENT)
    last: dict[UUID, datetime] = {}
    rows = asked.order_by("sent_at").values_list("link__order_id", "kind", "sent_at")
    for order_id, kind, sent_at in rows:
        before = last.get(order_id)
        if kind == MailKind.REMINDER and before and sent_at - before < BETWEEN_MAILS:
            yield f"a reminder came {sent_at - before} after another mail"
        last[order_id] = sent_at


def _stock() -> Complaints:
    for variant in ProductVariant.objects.all():
        promised = sum(line.allocated for line in variant.orderline_set.all())
        if promised != variant.allocated:
            yield f"{variant.sku}: {variant.allocated} promised, {promised} by the lines"
