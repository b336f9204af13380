"""A person's decision on money that was put in question."""

from django.utils.translation import gettext as _

from saleor_paylink.links import exceptions, payments, refunds
from saleor_paylink.links.changes import order_changed
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.locking import Locked, locked
from saleor_paylink.links.questioned import Questioned
from saleor_paylink.models import (
    ExceptionResolution,
    PaymentException,
    RefundRequest,
)
from saleor_paylink.shop import Actor


def resolve(
    exception_id: int, resolution: ExceptionResolution, actor: Actor | None
) -> PaymentException:
    """Give the money in question back, keep it, or let the matter rest.

    REFUNDED has the provider give back what is left of it, once, however often and by however
    many it is asked; KEPT makes it the order's own; DISMISSED changes nothing but that nobody is
    asked about it any more. Must not run inside a transaction.

    Raises LinkError: INVALID for what was resolved otherwise, PROVIDER_ERROR where the provider
    made no refund (the money stays in question) or its answer is not known yet (it is asked
    again by itself).
    """
    if resolution == ExceptionResolution.REFUNDED:
        _refund(exception_id, actor)
    else:
        _note(exception_id, resolution, actor)
    exception = PaymentException.objects.get(pk=exception_id)
    if exception.order_id is not None:
        # The order may have waited for nothing else.
        order_changed(exception.order_id)
    return exception


def _locked(exception_id: int) -> Locked[PaymentException]:
    return locked(PaymentException.objects.select_related("attempt__link"), exception_id)


def _is_done(exception: PaymentException, resolution: ExceptionResolution) -> bool:
    if exception.resolution and exception.resolution != resolution:
        message = _("This was resolved already, in another way. Look at it again.")
        raise LinkError(LinkErrorCode.INVALID, message, "resolution")
    return exception.resolution == resolution


def _note(exception_id: int, resolution: ExceptionResolution, actor: Actor | None) -> None:
    with _locked(exception_id) as (exception, collection):
        if _is_done(exception, resolution):
            return
        if exceptions.refunds_under_way(exception).exists():
            message = _("This money is being refunded already. Wait for the result.")
            raise LinkError(LinkErrorCode.INVALID, message, "resolution")
        exceptions.close(exception, resolution, actor, collection)


def _refund(exception_id: int, actor: Actor | None) -> None:
    with _locked(exception_id) as (exception, _collection):
        if _is_done(exception, ExceptionResolution.REFUNDED):
            return
        under_way = exceptions.refunds_under_way(exception).first()
        request = under_way or _ask_for(exception, actor)
    try:
        request = refunds.carry_out(request)
    except LinkError:
        exception.refresh_from_db()
        # The provider had nothing left to give back, because it had done so.
        if exception.resolution != ExceptionResolution.REFUNDED:
            raise
    else:
        if request.status == RefundRequest.Status.REQUESTED:
            raise LinkError(
                LinkErrorCode.PROVIDER_ERROR,
                _(
                    "The payment provider has not confirmed the refund yet. It is asked again "
                    "by itself; there is nothing more to do."
                ),
            )


def _ask_for(exception: PaymentException, actor: Actor | None) -> RefundRequest:
    charge = payments.of(exception.provider, exception.reference)
    assert charge is not None  # noqa: S101
    amount = Questioned.of([exception]).refundable(exception)
    if amount.amount <= 0:
        message = _("It has been given back, or is on its way back. There is nothing to do.")
        raise LinkError(LinkErrorCode.INVALID, message, "resolution")
    return payments.note_refund(charge, amount, actor, exception=exception)
