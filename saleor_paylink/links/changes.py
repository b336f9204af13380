"""The shop moves under the link: what was edited, cancelled or paid elsewhere."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from saleor_paylink import jobs
from saleor_paylink.earnings.ledger import book
from saleor_paylink.links import history
from saleor_paylink.links.dues import asked_for, outstanding
from saleor_paylink.links.lifecycle import close_manually, close_rejected, expire
from saleor_paylink.links.offers import lock, reread
from saleor_paylink.models import (
    LINK_IN_FORCE,
    AttemptStatus,
    LedgerEntry,
    LedgerKind,
    LinkEventType,
    LinkStatus,
    PaymentAttempt,
    PaymentCollection,
    PaymentLink,
)
from saleor_paylink.money import Money, zero
from saleor_paylink.shop import OrderState, OrderView, current_shop


def order_changed(order_id: UUID) -> None:
    """Bring the collection into agreement with the order. Safe to repeat; cheap where paylink
    has nothing to do with the order. To be called after the commit of the change."""
    if not PaymentCollection.objects.filter(order_id=order_id).exists():
        return
    order = current_shop().order(order_id, fresh=True)
    if order is None or order.state is OrderState.DRAFT:
        return
    with transaction.atomic():
        collection = lock(order)
        order = reread(order)
        manual = _book_manual(order)
        link = _unpaid_link(collection)
        if order.state is OrderState.CANCELED:
            if collection.rejected_at is None and not _was_paid(collection):
                close_rejected(collection, None)
        elif link is not None and order.state is OrderState.EXPIRED:
            expire(collection, link)
        elif outstanding(order).amount <= 0:
            _close_settled(collection, order, link, manual)
        elif link is not None:
            _notice_amount(collection, link, order)
        jobs.later(jobs.CLOSE_SESSIONS, str(order_id))


def _unpaid_link(collection: PaymentCollection) -> PaymentLink | None:
    return collection.links.filter(status__in=LINK_IN_FORCE).first()


def _was_paid(collection: PaymentCollection) -> bool:
    paid = (LinkStatus.PAID, LinkStatus.PAID_MANUALLY)
    return collection.links.filter(status__in=paid).exists()


def _book_manual(order: OrderView) -> Money:
    """Book what staff took through the shop itself, so far as it is not booked yet."""
    manual = order.manual or zero(order.currency)
    booked = sum(
        (
            entry.money
            for entry in LedgerEntry.objects.filter(order_id=order.id, kind=LedgerKind.MANUAL)
        ),
        zero(order.currency),
    )
    news = manual - booked
    if news.amount <= 0:
        return zero(order.currency)
    # Keyed by the sum reached, so that the same change is never booked twice.
    reference = f"shop-{order.id}-{manual.amount:f}"
    book(LedgerKind.MANUAL, order, news, reference, timezone.now())
    return news


def _close_settled(
    collection: PaymentCollection, order: OrderView, link: PaymentLink | None, manual: Money
) -> None:
    """Nothing is due any more: say how that came about."""
    if manual.amount > 0:
        close_manually(collection, manual, None)
    elif link is not None:
        paid_here = LedgerEntry.objects.filter(order_id=order.id, kind=LedgerKind.CHARGE)
        paid = order.total.amount > 0
        outside = LinkStatus.PAID_MANUALLY if paid else LinkStatus.REVOKED
        link.status = LinkStatus.PAID if paid_here.exists() else outside
        link.save(update_fields=["status"])
        history.record(collection, LinkEventType.REVOKED, link=link)
    if link is not None:
        # What the link held waits for nothing any more.
        current_shop().release(order.id, None)


def _notice_amount(collection: PaymentCollection, link: PaymentLink, order: OrderView) -> None:
    """An open session of another amount is closed by CLOSE_SESSIONS; here it is written down."""
    due = asked_for(link, order)
    attempt = PaymentAttempt.objects.filter(link=link, status=AttemptStatus.OPEN).first()
    if attempt is not None and attempt.money != due:
        history.record(collection, LinkEventType.AMOUNT_CHANGED, link=link, money=due)
