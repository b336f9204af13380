"""What became of refunds that were asked for: written down by whoever learns it first, under
the order's lock if the money has an order."""

from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from saleor_paylink import jobs
from saleor_paylink.links import exceptions
from saleor_paylink.models import (
    ExceptionResolution,
    LedgerEntry,
    LedgerKind,
    PaymentCollection,
    RefundRequest,
)
from saleor_paylink.providers.interface import GivenBack
from saleor_paylink.shop import Actor

Status = RefundRequest.Status


def accept(request: RefundRequest, reference: str, collection: PaymentCollection | None) -> None:
    """The provider has made the refund; the money may still be on its way."""
    request.status, request.provider_reference, request.error = Status.ACCEPTED, reference, ""
    request.save(update_fields=["status", "provider_reference", "error"])
    exception = request.exception
    if exception is not None and not exception.resolution:
        actor = Actor.from_data(request.actor)
        exceptions.close(exception, ExceptionResolution.REFUNDED, actor, collection)


def refuse(request: RefundRequest, reason: str) -> None:
    """There is no refund: the provider made none, or the money came back."""
    request.status, request.error = Status.REFUSED, reason[:512]
    request.save(update_fields=["status", "error"])


def follow(
    charge: LedgerEntry, given_back: GivenBack, collection: PaymentCollection | None
) -> None:
    """Follow a refund that has come to an end, if it was asked for here. To be called before
    the refund is booked."""
    request = _request_of(charge, given_back)
    if request is None or request.status == Status.REFUSED:
        return
    if given_back.returned_at is not None:
        _fail(request, given_back.reference)
    elif request.status == Status.REQUESTED:
        # The answer that would have told us was lost.
        accept(request, given_back.reference, collection)


def _request_of(charge: LedgerEntry, given_back: GivenBack) -> RefundRequest | None:
    requests = RefundRequest.objects.select_for_update(of=["self"]).select_related("exception")
    try:
        key = UUID(given_back.request or "")
    except ValueError:
        return None
    return requests.filter(
        pk=key, provider=charge.provider, payment_reference=charge.reference
    ).first()


def _fail(request: RefundRequest, reference: str) -> None:
    """The money came back. Whoever asked has to be told, unless its leaving was told of: then
    its return is, like that of every other refund."""
    refuse(request, _("The refund did not succeed: the customer's bank sent the money back."))
    booked = LedgerEntry.objects.filter(
        provider=request.provider, kind=LedgerKind.REFUND, reference=reference
    )
    done = timezone.now() if booked.exists() else None
    request.provider_reference, request.leased_until = reference, None
    request.answered_at = request.ended_at = done
    request.save(update_fields=["provider_reference", "leased_until", "answered_at", "ended_at"])
    if done is None:
        jobs.later(jobs.MAKE_REFUND, str(request.pk))
