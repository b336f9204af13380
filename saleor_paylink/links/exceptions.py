"""Exceptions: money that is booked truthfully and then needs a person."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from saleor_paylink import jobs
from saleor_paylink.conf import SettingInvalid
from saleor_paylink.links import history, payments
from saleor_paylink.links.questioned import Questioned
from saleor_paylink.models import (
    ExceptionKind,
    ExceptionResolution,
    LedgerEntry,
    LedgerKind,
    LinkEventType,
    PaymentAttempt,
    PaymentCollection,
    PaymentException,
    RefundRequest,
)
from saleor_paylink.money import Money, zero
from saleor_paylink.providers.interface import Received, Snapshot
from saleor_paylink.shop import CLOSED, Actor, OrderView, current_shop

# On these the order must not be confirmed.
HOLDING = (
    ExceptionKind.MISMATCH,
    ExceptionKind.LATE,
    ExceptionKind.DUPLICATE,
    ExceptionKind.ORPHAN,
)
# Of an excess: it is there, and nothing is to be done about it.
LET_STAND = (ExceptionResolution.KEPT, ExceptionResolution.DISMISSED)


def judge(
    attempt: PaymentAttempt,
    order: OrderView,
    asked: Money,
    snapshot: Snapshot,
    received: Received,
) -> ExceptionKind | None:
    """What, if anything, needs a person. `asked` is what its link asked for before it."""
    if not _is_what_was_asked(attempt, snapshot, received):
        return ExceptionKind.MISMATCH
    if order.state in CLOSED:
        return ExceptionKind.LATE
    if asked.amount <= 0:
        paid_twice = _other_charges(order, received).exists()
        return ExceptionKind.DUPLICATE if paid_twice else ExceptionKind.LATE
    return ExceptionKind.OVERPAID if received.amount > asked else None


def _is_what_was_asked(attempt: PaymentAttempt, snapshot: Snapshot, received: Received) -> bool:
    return (
        received.amount == attempt.money
        and snapshot.livemode == attempt.livemode
        and snapshot.attempt_id == str(attempt.id)
        and snapshot.reference == attempt.provider_reference
    )


def _other_charges(order: OrderView, received: Received) -> "QuerySet[LedgerEntry]":
    """Over links: what others have taken was known when the customer was asked to pay."""
    charges = LedgerEntry.objects.filter(
        order_id=order.id, kind=LedgerKind.CHARGE, attempt__isnull=False
    )
    return charges.exclude(reference=received.reference)


def raise_exception(
    charge: LedgerEntry,
    kind: ExceptionKind,
    amount: Money,
    *,
    session: str,
    provider_url: str,
    collection: PaymentCollection | None,
) -> None:
    """Put a payment where a person will see it, once per payment and kind. `amount` is what of
    it is in question. The order's lock is held, if it has an order (`collection`)."""
    exception, created = PaymentException.objects.get_or_create(
        provider=charge.provider,
        reference=charge.reference,
        kind=kind,
        defaults={
            "order_id": charge.order_id,
            "channel": charge.channel,
            "attempt": charge.attempt,
            "session_reference": session,
            "provider_url": provider_url,
            "amount": amount.amount,
            "currency": amount.currency,
            "next_check_at": None if _is_own(session, charge) else timezone.now(),
        },
    )
    if created:
        _record(LinkEventType.EXCEPTION_RAISED, exception, collection)
        if _is_refunded_by_itself(exception):
            request = payments.note_refund(charge, amount, None, exception=exception)
            jobs.later(jobs.MAKE_REFUND, str(request.pk))


def _is_own(session: str, charge: LedgerEntry) -> bool:
    """Whether the payment is looked at whenever its attempt is."""
    return charge.attempt is not None and charge.attempt.provider_reference == session


def _is_refunded_by_itself(exception: PaymentException) -> bool:
    settings = current_shop().channel_settings(exception.channel)
    try:
        return settings.active and str(exception.kind) in settings.automatic_refunds
    except SettingInvalid:
        # Booking the money must not fail for it: a person decides.
        return False


def notice_overpaid(collection: PaymentCollection, order: OrderView) -> None:
    """Raise what the shop holds beyond the order's total, and no exception tells of yet: it has
    recorded money of its own on top of a payment, or an order that is paid was made cheaper.

    The newest payments are put in question; what is in question and no longer too much, for
    example because staff corrected what they had typed, is withdrawn. What is on its way back
    counts as gone. The order's lock is held. Safe to repeat.
    """
    # Asked for before the order is read again: a refund that the shop is told of in between then
    # counts as gone twice, which is put right next time, and not as held.
    going = _going_back(order)
    seen = current_shop().order(order.id)
    if seen is None:
        return
    order = seen
    excess = order.charged - going - order.total - _explained(order)
    if excess.amount < 0 and going.amount == 0:
        _withdraw(collection, zero(order.currency) - excess)
    charges = LedgerEntry.objects.filter(
        order_id=order.id, kind=LedgerKind.CHARGE, currency=order.currency, posting__isnull=False
    )
    for charge in charges.order_by("-occurred_at", "-pk"):
        in_question = min(excess, payments.left(charge) - _questioned(charge))
        if in_question.amount > 0:
            _question(charge, in_question, collection)
            excess -= in_question


def _going_back(order: OrderView) -> Money:
    """What of an order's money is given back, or promised to be, and the shop not told of."""
    untold = LedgerEntry.objects.filter(
        order_id=order.id,
        currency=order.currency,
        kind__in=(LedgerKind.REFUND, LedgerKind.REFUND_REVERSAL),
        posting__posted_at__isnull=True,
        posting__isnull=False,
    )
    promised = payments.promises().filter(order_id=order.id)
    return payments.total_of(promised, order.currency) - payments.balance(untold, order.currency)


def _withdraw(collection: PaymentCollection, too_much: Money) -> None:
    """Put so much less of the order's money in question."""
    questioned = PaymentException.objects.filter(
        order_id=collection.order_id,
        kind=ExceptionKind.OVERPAID,
        resolution="",
        currency=too_much.currency,
    )
    for exception in questioned.order_by("-pk"):
        before = in_question(exception)
        after = before - min(before, too_much)
        too_much -= before - after
        if after.amount == 0:
            close(exception, ExceptionResolution.DISMISSED, None, collection)
        _judge_anew(exception, after, let_stand=_too_much(exception) - before)


def _explained(order: OrderView) -> Money:
    """What of an order's money is known to be too much, or is not known to be its own."""
    exceptions = PaymentException.objects.filter(order_id=order.id, currency=order.currency)
    return _all_too_much(exceptions, order.currency)


def _questioned(charge: LedgerEntry) -> Money:
    return _all_too_much(_of(charge), charge.currency)


def _of(charge: LedgerEntry) -> "QuerySet[PaymentException]":
    return PaymentException.objects.filter(provider=charge.provider, reference=charge.reference)


def _all_too_much(exceptions: "QuerySet[PaymentException]", currency: str) -> Money:
    accepted = exceptions.filter(kind=ExceptionKind.MISMATCH, resolution=ExceptionResolution.KEPT)
    others = exceptions.exclude(pk__in=accepted)
    return sum((_too_much(each) for each in others), zero(currency))


def _too_much(exception: PaymentException) -> Money:
    """What was put in question, now or before, and is not on its way back."""
    let_stand = Money(exception.let_stand, exception.currency)
    left = exception.money + let_stand - Questioned.of([exception]).going(exception)
    return max(left, zero(exception.currency))


def in_question(exception: PaymentException, besides: RefundRequest | None = None) -> Money:
    """What of the money that was put in question is neither given back nor promised to be
    (`besides`: by other requests than this)."""
    return Questioned.of([exception]).in_question(exception, besides)


def _question(charge: LedgerEntry, amount: Money, collection: PaymentCollection) -> None:
    """Put `amount` of a payment in question as OVERPAID, besides what is already."""
    known = _of(charge).filter(kind=ExceptionKind.OVERPAID).first()
    if known is None:
        raise_exception(
            charge,
            ExceptionKind.OVERPAID,
            amount,
            session=payments.session_of(charge),
            provider_url=charge.attempt.provider_url if charge.attempt else "",
            collection=collection,
        )
        return
    if refunds_under_way(known).exists():
        # Once that has come to its end the order is looked at again.
        return
    # What people let stand is not to be asked about again.
    still = zero(charge.currency) if known.resolution in LET_STAND else in_question(known)
    _judge_anew(known, still + amount, let_stand=_too_much(known) - still)
    _open(known, collection)


def _judge_anew(exception: PaymentException, amount: Money, *, let_stand: Money) -> None:
    """Both as they are now: what was given back before does not count any more."""
    exception.amount, exception.let_stand = amount.amount, let_stand.amount
    exception.raised_at = timezone.now()
    exception.save(update_fields=["amount", "let_stand", "raised_at"])


def refunds_under_way(exception: PaymentException) -> "QuerySet[RefundRequest]":
    """The refund that was asked for an exception and has not come to its end."""
    live = RefundRequest.objects.filter(exception=exception, ended_at__isnull=True)
    return live.exclude(status=RefundRequest.Status.REFUSED)


def _open(exception: PaymentException, collection: PaymentCollection | None) -> None:
    exception.resolution, exception.resolved_at = "", None
    exception.save(update_fields=["resolution", "resolved_at"])
    _record(LinkEventType.EXCEPTION_RAISED, exception, collection)


def close(
    exception: PaymentException,
    resolution: ExceptionResolution,
    actor: Actor | None,
    collection: PaymentCollection | None,
) -> None:
    """Write down how an exception was resolved. The order's lock is held, if it has an order."""
    exception.resolution, exception.resolved_at = resolution, timezone.now()
    exception.save(update_fields=["resolution", "resolved_at"])
    _record(LinkEventType.EXCEPTION_RESOLVED, exception, collection, actor, resolution=resolution)


def follow_returns(charge: LedgerEntry, collection: PaymentCollection | None) -> None:
    """Resolve what was refunded, wherever; open again what had been, where the refund did not
    succeed after all. The order's lock is held, if it has an order."""
    for exception in _of(charge).select_for_update():
        is_covered = _is_covered(exception, charge)
        is_promised = payments.promised(charge).filter(exception=exception).exists()
        if not exception.resolution and is_covered:
            close(exception, ExceptionResolution.REFUNDED, None, collection)
        elif exception.resolution == ExceptionResolution.REFUNDED and not (
            is_covered or is_promised
        ):
            _open(exception, collection)


def _is_covered(exception: PaymentException, charge: LedgerEntry) -> bool:
    """Whether the money in question was given back, or all that a bank had left of it."""
    returned = Questioned.of([exception]).returned(exception)
    if returned.amount <= 0:
        return False
    nothing_left = payments.balance(payments.movements(charge), charge.currency).amount <= 0
    return nothing_left or bool(returned >= exception.money)


def doubtful(order: OrderView) -> Money:
    """What of `order.charged` must not confirm the order: payments that are not what was asked
    for, as long as nobody has said that they are to be kept."""
    doubted = _doubted(order.id).filter(currency=order.currency)
    recorded = (each for each in doubted if each.reference in order.recorded)
    return sum((_charged_still(each) for each in recorded), zero(order.currency))


def _charged_still(exception: PaymentException) -> Money:
    """What of the money in question the shop holds, as far as it has been told."""
    left = exception.money - Questioned.of([exception]).returned(exception, as_told=True)
    return max(left, zero(exception.currency))


def has_doubtful(order_id: UUID) -> bool:
    """Whether an order is not to be confirmed by the sum of its payments alone."""
    return _doubted(order_id).exists()


def _doubted(order_id: UUID) -> "QuerySet[PaymentException]":
    wrong = PaymentException.objects.filter(order_id=order_id, kind=ExceptionKind.MISMATCH)
    return wrong.exclude(resolution=ExceptionResolution.KEPT)


def _record(
    step: LinkEventType,
    exception: PaymentException,
    collection: PaymentCollection | None,
    actor: Actor | None = None,
    **data: str,
) -> None:
    if collection is not None:
        history.record(
            collection,
            step,
            actor=actor,
            link=exception.attempt.link if exception.attempt else None,
            money=exception.money,
            exception=ExceptionKind(exception.kind),
            **data,
        )
