"""The shop moves under the link: what was edited, cancelled or paid elsewhere."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from saleor_paylink import jobs
from saleor_paylink.earnings.ledger import book
from saleor_paylink.links import history
from saleor_paylink.links.dues import asked_for, unpaid
from saleor_paylink.links.lifecycle import close_manually, close_rejected, expire
from saleor_paylink.links.offers import lock, reread
from saleor_paylink.models import (
    LINK_IN_FORCE,
    AttemptStatus,
    ExceptionKind,
    LedgerEntry,
    LedgerKind,
    LinkEventType,
    LinkStatus,
    PaymentAttempt,
    PaymentCollection,
    PaymentException,
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
        _follow_channel(collection, order)
        manual = _book_manual(order)
        link = collection.links.filter(status__in=LINK_IN_FORCE).first()
        if order.state is OrderState.CANCELED:
            _close_cancelled(collection)
        elif order.state is OrderState.EXPIRED:
            if link is not None:
                expire(collection, link)
        elif unpaid(order).amount <= 0:
            _close_settled(collection, order, link, manual)
        elif link is not None:
            current_shop().hold(order.id)
            _notice_amount(collection, link, order)
        jobs.later(jobs.CLOSE_SESSIONS, str(order_id))


def _follow_channel(collection: PaymentCollection, order: OrderView) -> None:
    """A channel can be renamed; its settings and its pages go by the name."""
    if collection.channel != order.channel:
        collection.channel = order.channel
        collection.save(update_fields=["channel"])
        collection.links.update(channel=order.channel)


def _close_cancelled(collection: PaymentCollection) -> None:
    if collection.links.filter(status__in=(LinkStatus.PAID, LinkStatus.PAID_MANUALLY)).exists():
        # Paid before it was cancelled, in part or whole: only what is still open is closed.
        collection.links.filter(status__in=LINK_IN_FORCE).update(status=LinkStatus.REVOKED)
    elif collection.rejected_at is None:
        close_rejected(collection, None)


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
    if order.charged >= order.total and _may_go(collection):
        current_shop().release(order.id, None)


def _may_go(collection: PaymentCollection) -> bool:
    """Whether the order was held by a link, and by nothing that a person has to look at."""
    wrong = PaymentException.objects.filter(
        order_id=collection.order_id, kind=ExceptionKind.MISMATCH
    )
    return collection.links.exists() and not wrong.exists()


def _notice_amount(collection: PaymentCollection, link: PaymentLink, order: OrderView) -> None:
    """An open session of another amount is closed by CLOSE_SESSIONS; here it is written down."""
    due = asked_for(link, order)
    attempt = PaymentAttempt.objects.filter(link=link, status=AttemptStatus.OPEN).first()
    if attempt is not None and attempt.money != due:
        history.record(collection, LinkEventType.AMOUNT_CHANGED, link=link, money=due)
