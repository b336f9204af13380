"""Refunds that are asked for here: by staff, by the channel's policy, or by the shop.

What is asked for is written down first. The provider is then asked outside any lock, as
often as it takes; what it did is booked by settling the payment, like every other refund.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from saleor_paylink import jobs, leases
from saleor_paylink.failures import log_failure
from saleor_paylink.formats import format_money
from saleor_paylink.links import exceptions, outcomes, payments
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.locking import Locked, lock_if_known, locked
from saleor_paylink.links.settlement import provider_for, settle_payment
from saleor_paylink.models import (
    LedgerEntry,
    LedgerKind,
    RefundRequest,
)
from saleor_paylink.money import AmountNotRepresentable, Money, zero
from saleor_paylink.providers.interface import ProviderError, Snapshot
from saleor_paylink.shop import Actor, Busy, RefundAsked, current_shop

logger = logging.getLogger(__name__)

Status = RefundRequest.Status
# When a request whose end is not known is looked at again: the older, the rarer.
SOONEST = timedelta(minutes=1)
LATEST = timedelta(hours=1)
# The shop tells of a request at once: what is not written down here by then got lost. How far
# back is looked is more than any pause of the sweeper.
LOST_AFTER = timedelta(minutes=2)
LOST_FOR = timedelta(days=30)


def request_for_shop(
    order_id: UUID, charge_reference: str, amount: Money, shop_request: str, actor: Actor | None
) -> RefundRequest:
    """Give back part of a payment, or all of it, because the shop asks for it.

    The provider is asked at once; must not run inside a transaction. Repeating it with the
    same `shop_request` gives the same request. A request that is REQUESTED still is one whose
    outcome is not known: it goes on by itself, and `Shop.refund_answered` tells how it ended.

    Raises LinkError: NOT_FOUND, INVALID or AMOUNT_… for what cannot be asked for, and then
    nothing was stored or asked, and the shop is not answered; PROVIDER_ERROR where the provider
    refused for good, and then nothing was refunded.
    """
    with transaction.atomic():
        lock_if_known(order_id)
        request = RefundRequest.objects.filter(shop_request=shop_request).first()
        if request is None:
            charge = _charge_of_shop(order_id, charge_reference, amount)
            _check(charge, amount)
            request = payments.note_refund(charge, amount, actor, shop_request=shop_request)
    return carry_out(request)


def lost() -> list[RefundAsked]:
    """What the shop has asked for and is not written down here: whoever was to tell has died."""
    now = timezone.now()
    asked = current_shop().unanswered_refunds(now - LOST_FOR, now - LOST_AFTER)
    requests = RefundRequest.objects.filter(shop_request__in=[each.request for each in asked])
    known = set(requests.values_list("shop_request", flat=True))
    return [each for each in asked if each.request not in known]


def refuse_lost(asked: RefundAsked) -> None:
    """Refuse what got lost, and have the shop told so. Safe to repeat.

    It is not made: whoever saw nothing happen may have given the money back in another way. It
    is written down as refused, so that whoever is merely late with it finds it so.
    """
    try:
        with transaction.atomic():
            lock_if_known(asked.order_id)
            if RefundRequest.objects.filter(shop_request=asked.request).exists():
                return
            charge = _charge_of_shop(asked.order_id, asked.charge_reference, asked.amount)
            request = payments.note_refund(
                charge, asked.amount, asked.actor, shop_request=asked.request
            )
            reason = _(
                "Nothing was refunded: the request got lost in a restart. "
                "Ask again if the money is still to go back."
            )
            outcomes.refuse(request, reason)
            jobs.later(jobs.MAKE_REFUND, str(request.pk))
    except LinkError as refused:
        # Nobody could make that one, however late.
        current_shop().refund_answered(
            asked.order_id, asked.request, asked.charge_reference, None, refused.message
        )


def _charge_of_shop(order_id: UUID, reference: str, amount: Money) -> LedgerEntry:
    """The payment that the shop speaks of. Raises LinkError for what is no refund of any."""
    charge = payments.find(order_id, reference)
    if charge is None:
        message = _("There is no such payment over a payment link.")
        raise LinkError(LinkErrorCode.NOT_FOUND, message)
    if amount.amount <= 0:
        raise LinkError(LinkErrorCode.AMOUNT_TOO_SMALL, _("Refund more than nothing."), "amount")
    return charge


def _check(charge: LedgerEntry, amount: Money) -> None:
    """Raises LinkError for what cannot be given back of a payment."""
    if amount.currency != charge.currency:
        message = _("The payment was made in %(currency)s.") % {"currency": charge.currency}
        raise LinkError(LinkErrorCode.INVALID, message, "amount")
    left = max(payments.left(charge), zero(charge.currency))
    if amount > left:
        message = _("Only %(amount)s are left of this payment.") % {"amount": format_money(left)}
        raise LinkError(LinkErrorCode.AMOUNT_TOO_LARGE, message, "amount")
    try:
        provider_for(charge.provider, charge.order_id, charge.channel).check_amount(amount)
    except AmountNotRepresentable as error:
        raise LinkError(LinkErrorCode.AMOUNT_NOT_REPRESENTABLE, str(error), "amount") from None
    except ProviderError as error:
        raise LinkError(LinkErrorCode.PROVIDER_ERROR, error.message) from None


def carry_out(request: RefundRequest) -> RefundRequest:
    """Go on with a request at once. Raises LinkError PROVIDER_ERROR where it was refused."""
    make(request.pk)
    request.refresh_from_db()
    if request.status == Status.REFUSED:
        raise LinkError(LinkErrorCode.PROVIDER_ERROR, request.error)
    return request


def to_do() -> "QuerySet[RefundRequest]":
    """Requests that have not come to an end."""
    return RefundRequest.objects.filter(ended_at__isnull=True)


def make(request_id: UUID) -> None:
    """Bring a request nearer to its end, unless it is there or somebody is at it.

    Must not run inside a transaction. What fails is kept on the request, and the sweeper tries
    again; asking the provider twice makes no second refund.
    """
    if not leases.take(to_do(), request_id):
        return
    request = RefundRequest.objects.get(pk=request_id)
    error = ""
    try:
        _bring_on(request)
    except ProviderError as failure:
        error = failure.message
    except Busy:
        logger.info("Somebody else is telling of refund request %s.", request.pk)
    except Exception as failure:
        log_failure(logger, "Refund request %s failed:", request.pk)
        error = type(failure).__name__
    if error:
        # Why a request was refused is not forgotten because the shop could not be told of it.
        undecided = to_do().filter(pk=request_id).exclude(status=Status.REFUSED)
        undecided.update(error=error[:512])
    to_do().filter(pk=request_id).update(leased_until=_next_look(request))


def _next_look(request: RefundRequest) -> datetime:
    now = timezone.now()
    return now + min(max((now - request.requested_at) / 4, SOONEST), LATEST)


def _bring_on(request: RefundRequest) -> None:
    if request.status == Status.REQUESTED:
        _ask(request)
        request.refresh_from_db()
    if request.answered_at is None:
        _answer(request)
    if request.status == Status.ACCEPTED:
        settle_payment(_charge_of(request))
    _end(request.pk)


def _charge_of(request: RefundRequest) -> LedgerEntry:
    charge = payments.of(request.provider, request.payment_reference)
    assert charge is not None  # noqa: S101
    return charge


def _locked(request_id: UUID) -> Locked[RefundRequest]:
    return locked(RefundRequest.objects.select_related("exception"), request_id)


def _ask(request: RefundRequest) -> None:
    """Have the provider make the refund. Raises ProviderError where that is not known."""
    payment, key = request.payment_reference, str(request.pk)
    try:
        provider = provider_for(request.provider, request.order_id, request.channel)
        # What was given back unheard, in the provider's own dashboard, must not be again.
        snapshot = settle_payment(_charge_of(request))
        made = provider.find_refund(payment, key) if request.asked_at else None
    except ProviderError as error:
        # Once it was asked, that we may not even look says nothing of what it did.
        if not error.permanent or request.asked_at:
            raise
        _refuse(request.pk, error.message)
        return
    if made is None:
        amount = _wanted(request.pk, snapshot)
        if amount is None:
            return
        try:
            made = provider.refund(payment, amount, key)
        except ProviderError as error:
            if not error.permanent:
                raise
            _refuse(request.pk, error.message)
            return
    _accept(request.pk, made)


def _wanted(request_id: UUID, snapshot: Snapshot) -> Money | None:
    """What the provider is to give back, noted as asked for; None, and refused, where that has
    become needless."""
    with _locked(request_id) as (request, _collection):
        if request.status != Status.REQUESTED:
            return None
        most = _may_be_given_back(request) - _returning_unasked(request, snapshot)
        exception = request.exception
        is_resolved = exception is not None and bool(exception.resolution)
        # An exception's refund is of what is still in question; the shop's is of what it says.
        if request.asked_at is None and exception is not None and not is_resolved:
            request.amount = min(request.money, max(most, zero(request.currency))).amount
        if is_resolved or request.amount <= 0 or most < request.money:
            request.refresh_from_db(fields=["amount"])
            outcomes.refuse(request, _("It has been given back in another way."))
            return None
        request.asked_at = request.asked_at or timezone.now()
        request.save(update_fields=["amount", "asked_at"])
        return request.money


def _may_be_given_back(request: RefundRequest) -> Money:
    left = payments.left(_charge_of(request), request)
    if request.exception is None:
        return left
    return min(left, exceptions.in_question(request.exception, request))


def _returning_unasked(request: RefundRequest, snapshot: Snapshot) -> Money:
    """What is on its way back and was not asked for here: in the provider's own dashboard."""
    ours = {
        str(pk)
        for pk in RefundRequest.objects.filter(
            provider=request.provider, payment_reference=request.payment_reference
        ).values_list("pk", flat=True)
    }
    others = (
        each.amount
        for each in snapshot.returning
        if each.request not in ours and each.amount.currency == request.currency
    )
    return sum(others, zero(request.currency))


def _accept(request_id: UUID, reference: str) -> None:
    with _locked(request_id) as (request, collection):
        if request.status == Status.REQUESTED:
            outcomes.accept(request, reference, collection)


def _refuse(request_id: UUID, reason: str) -> None:
    with _locked(request_id) as (request, _collection):
        if request.status == Status.REQUESTED:
            outcomes.refuse(request, reason)


def _answer(request: RefundRequest) -> None:
    """Tell the shop what became of a request of its own."""
    if request.shop_request and request.order_id:
        current_shop().refund_answered(
            request.order_id,
            request.shop_request,
            request.payment_reference,
            request.provider_reference or None,
            request.error if request.status == Status.REFUSED else "",
        )
    # Unless it has failed meanwhile: then that is still to be told.
    answered = RefundRequest.objects.filter(pk=request.pk, status=request.status)
    answered.update(answered_at=timezone.now())


def _end(request_id: UUID) -> None:
    with _locked(request_id) as (request, _collection):
        booked = LedgerEntry.objects.filter(
            provider=request.provider, kind=LedgerKind.REFUND, reference=request.provider_reference
        )
        is_over = request.status == Status.REFUSED or booked.exists()
        if is_over and request.answered_at is not None:
            request.ended_at = timezone.now()
            request.save(update_fields=["ended_at"])
