"""The shop moves under the link: what was edited, cancelled or paid elsewhere."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from saleor_paylink import jobs
from saleor_paylink.earnings.takings import book_rows
from saleor_paylink.links import history, reminders, telling
from saleor_paylink.links.channels import NamesChange, follow_names, follow_order
from saleor_paylink.links.contents import Contents, differences
from saleor_paylink.links.dues import asked_for, unpaid
from saleor_paylink.links.exceptions import doubtful, notice_overpaid
from saleor_paylink.links.history import ClosedBecause
from saleor_paylink.links.lifecycle import close_manually, close_rejected, expire
from saleor_paylink.links.locking import ROUNDS, lock, lock_known, must_follow
from saleor_paylink.links.reading import current_link
from saleor_paylink.models import (
    LINK_IN_FORCE,
    LedgerEntry,
    LedgerKind,
    LinkEventType,
    LinkStatus,
    PaymentCollection,
    PaymentLink,
)
from saleor_paylink.money import Money, zero
from saleor_paylink.shop import OrderState, OrderView, current_shop

# What they do to the money that staff took themselves.
BY_HAND = {LedgerKind.MANUAL: 1, LedgerKind.MANUAL_RETURNED: -1}
# While a link is in force. Afterwards ever more rarely, and not for ever: staff can still take
# money by hand.
COMPARE_EVERY = timedelta(minutes=10)
COMPARE_AT_LEAST_EVERY = timedelta(days=1)
COMPARE_FOR = timedelta(days=120)


def order_changed(order_id: UUID) -> None:
    """Bring the collection into agreement with the order. Safe to repeat; cheap where paylink
    has nothing to do with the order. To be called after the commit of the change."""
    known = PaymentCollection.objects.filter(order_id=order_id).exists()
    if known and _followed(order_id):
        telling.compare(order_id)


def _followed(order_id: UUID) -> bool:
    """Follow the order as it is, if it is one to follow. One that is edited all the while is not:
    its last edit is heard of in its turn, or found by the sweeper."""
    for _round in range(ROUNDS):
        # Recalculated outside the lock, because the shop may have to ask others for it.
        order = current_shop().order(order_id, fresh=True)
        if order is None:
            _close_deleted(order_id)
            return False
        if order.state is OrderState.DRAFT:
            return False
        try:
            if _followed_now(order):
                return True
        except NamesChange:
            follow_names()
    return False


@transaction.atomic
def _followed_now(order: OrderView) -> bool:
    """Unless it was edited meanwhile. Raises NamesChange."""
    collection = lock(order)
    found = current_shop().order(order.id)
    if must_follow(collection, found):
        raise NamesChange
    if found is None or found.stale:
        return False
    _follow(collection, found)
    return True


def _follow(collection: PaymentCollection, order: OrderView) -> None:
    follow_order(collection, order)
    manual = _take_in(order)
    if order.state is OrderState.CANCELED:
        _close_cancelled(collection)
    else:
        _take_back_rejection(collection)
        link = collection.links.filter(status__in=LINK_IN_FORCE).first()
        if unpaid(order).amount <= 0 and order.state is not OrderState.EXPIRED:
            _close_settled(collection, order, manual)
        elif link is not None:
            _adjust(collection, link, order)
    notice_overpaid(collection, order)
    if collection.compare_at is None:
        collection.compare_at = next_comparison(collection)
        collection.save(update_fields=["compare_at"])
    # Those that ask for what is not due any more: sessions.close_obsolete.
    jobs.later(jobs.CLOSE_SESSIONS, str(order.id))


def next_comparison(collection: PaymentCollection) -> datetime | None:
    """When the collection is to be compared with its order again, whatever the shop tells; None:
    never. The longer nothing has happened, the later."""
    now = timezone.now()
    if collection.links.filter(status__in=LINK_IN_FORCE).exists():
        return now + COMPARE_EVERY
    last_step: datetime | None = collection.events.aggregate(at=Max("at"))["at"]
    if last_step is None or last_step + COMPARE_FOR <= now:
        return None
    return now + min(max((now - last_step) / 4, COMPARE_EVERY), COMPARE_AT_LEAST_EVERY)


def _close_deleted(order_id: UUID) -> None:
    with transaction.atomic():
        collection = lock_known(order_id)
        for link in collection.links.filter(status__in=LINK_IN_FORCE):
            _close(collection, link, LinkStatus.REVOKED, ClosedBecause.DELETED)
        jobs.later(jobs.CLOSE_SESSIONS, str(order_id))


def _close(
    collection: PaymentCollection, link: PaymentLink, status: LinkStatus, why: ClosedBecause
) -> None:
    link.status = status
    link.save(update_fields=["status"])
    history.record(collection, LinkEventType.REVOKED, link=link, closed=why)


def _close_cancelled(collection: PaymentCollection) -> None:
    if collection.links.filter(status__in=(LinkStatus.PAID, LinkStatus.PAID_MANUALLY)).exists():
        # Paid before it was cancelled, in part or whole: only what is still open is closed.
        for link in collection.links.filter(status__in=LINK_IN_FORCE):
            _close(collection, link, LinkStatus.REVOKED, ClosedBecause.CANCELED)
    elif collection.rejected_at is None:
        close_rejected(collection, None)


def _take_back_rejection(collection: PaymentCollection) -> None:
    """Shops revive cancelled orders: Saleor does when another gateway takes money for one."""
    if collection.rejected_at is not None:
        collection.rejected_at = None
        collection.save(update_fields=["rejected_at"])


def _take_in(order: OrderView) -> Money:
    """Book what others have taken for the order, or given back, so far as it is not booked yet.
    Answers what staff took themselves. Raises NamesChange."""
    nothing = zero(order.currency)
    if not order.has_books:
        return nothing
    rows = current_shop().books().rows_of_orders([order.id]).get(order.id, ())
    if any(row.taking and row.taking.channel != order.channel for row in rows):
        raise NamesChange
    taken = book_rows(rows)
    here = [(LedgerKind(each.kind.value), each.amount) for each in taken]
    by_hand = [BY_HAND[kind] * amount for kind, amount in here if kind in BY_HAND]
    return max(sum((each for each in by_hand if each.currency == order.currency), nothing), nothing)


def _close_settled(collection: PaymentCollection, order: OrderView, manual: Money) -> None:
    """Nothing is due any more: say how that came about."""
    if manual.amount > 0:
        close_manually(collection, manual, None)
    else:
        link = current_link(order.id)
        # One whose time is over closes too: its customer need not ask for another.
        if link is not None and link.status in (*LINK_IN_FORCE, LinkStatus.EXPIRED):
            _close(collection, link, *_how_settled(link, order))
    if order.charged - doubtful(order) >= order.total and collection.links.exists():
        current_shop().release(order.id, None)


def _how_settled(link: PaymentLink, order: OrderView) -> tuple[LinkStatus, ClosedBecause]:
    if LedgerEntry.objects.filter(attempt__link=link, kind=LedgerKind.CHARGE).exists():
        return LinkStatus.PAID, ClosedBecause.NOTHING_DUE
    if order.total.amount > 0:
        return LinkStatus.PAID_MANUALLY, ClosedBecause.PAID_ELSEWHERE
    return LinkStatus.REVOKED, ClosedBecause.NOTHING_DUE


def _adjust(collection: PaymentCollection, link: PaymentLink, order: OrderView) -> None:
    """Something is still owed over a link in force."""
    if order.state is OrderState.EXPIRED:
        expire(collection, link)
    elif order.state is OrderState.RETURNED:
        _close(collection, link, LinkStatus.REVOKED, ClosedBecause.RETURNED)
    else:
        due = asked_for(link, order)
        # What cannot be paid over the link holds no order either.
        if due.amount > 0 and current_shop().channel_settings(order.channel).active:
            current_shop().hold(order.id)
        _notice(collection, link, order, due)
        reminders.plan(collection, link, order)


def _notice(collection: PaymentCollection, link: PaymentLink, order: OrderView, due: Money) -> None:
    """Write down what has changed. A session of another amount is closed by CLOSE_SESSIONS."""
    before, now = Contents.from_data(link.contents_noticed), Contents.of(order)
    due_before = link.money
    if (before, due_before) == (now, due):
        return
    link.contents_noticed = now.as_data()
    link.amount = due.amount
    link.save(update_fields=["contents_noticed", "amount"])
    data: dict[str, Any] = {}
    if changes := differences(before, now):
        data["changes"] = [change.as_data() for change in changes]
    if due_before != due:
        data["before"] = f"{due_before.amount:f}"
    if data:
        history.record(collection, LinkEventType.AMOUNT_CHANGED, link=link, money=due, **data)
