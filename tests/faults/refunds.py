"""What must be true of refunds once all has healed: each that was asked for here is made once
or not at all, and whoever asked knows which."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from saleor_paylink.models import (
    ExceptionKind,
    ExceptionResolution,
    LedgerEntry,
    LedgerKind,
    PaymentException,
    RefundRequest,
)
from saleor_paylink.providers.stripe.snapshots import request_of
from sandbox.shop.models import Channel, Transaction, TransactionEvent
from tests.faults.takings import STRIPE
from tests.faults.truth import CENT, Truth

Complaints = Iterator[str]
Made = Mapping[str, Sequence[dict[str, Any]]]


def refunds_kept_their_word(truth: Truth) -> Complaints:
    made: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for refund in truth.refunds:
        made[request_of(refund) or ""].append(refund)
    requests = list(RefundRequest.objects.select_related("exception"))
    for unknown in made.keys() - {"", *(str(each.pk) for each in requests)}:
        yield f"a refund was made that nobody asked for: {unknown}"
    for request in requests:
        yield from _request(request, made[str(request.pk)])
        if request.shop_request:
            yield from _answer(request)
    for exception in PaymentException.objects.all():
        yield from _exception(exception, truth, made)
    for charge in LedgerEntry.objects.filter(kind=LedgerKind.CHARGE, provider=STRIPE):
        if truth.given_back(charge.reference) > truth.paid(charge.reference):
            yield f"more was refunded than paid: {charge.reference}"
    for asked in TransactionEvent.objects.filter(type=TransactionEvent.Type.REFUND_REQUEST):
        known = RefundRequest.objects.filter(shop_request=str(asked.pk)).exists()
        if not known and not TransactionEvent.objects.filter(answer_to=asked).exists():
            yield f"the shop waits for an answer to its request {asked.pk}"
    for taken in Transaction.objects.exclude(refund_pending=0):
        yield f"payment {taken.reference} is still being refunded in the shop"


def _request(request: RefundRequest, made: Sequence[dict[str, Any]]) -> Complaints:
    name = f"refund request {request.pk.hex[:4]} ({request.status})"
    ids = {each["id"] for each in made}
    if len(ids) > 1:
        yield f"{name} was carried out as {ids}"
    if any(each["amount"] * CENT != request.amount for each in made):
        yield f"{name} was for {request.amount}, made was {made}"
    if request.status == RefundRequest.Status.ACCEPTED and ids != {request.provider_reference}:
        yield f"{name} is {request.provider_reference}, made were {ids}"
    still_made = [each for each in made if each["status"] != "failed"]
    if request.status == RefundRequest.Status.REFUSED and still_made:
        yield f"{name} was made all the same"
    if request.ended_at is None:
        yield f"{name} has not come to an end: {request.error}"


def _answer(request: RefundRequest) -> Complaints:
    """The shop knows what became of its own request."""
    event = TransactionEvent.objects.get(pk=request.shop_request)
    failed = TransactionEvent.objects.filter(answer_to=event).exists()
    if request.status == RefundRequest.Status.REFUSED:
        # One that came back after the shop was told that it had left is told of as that.
        told = failed or event.psp_reference == request.provider_reference != ""
    else:
        told = not failed and event.psp_reference == request.provider_reference
    if not told:
        yield f"the shop was not told that its request {event.pk} was {request.status}"


def _exception(exception: PaymentException, truth: Truth, made: Made) -> Complaints:
    name = f"{exception.kind} payment {exception.reference}"
    payment = exception.reference
    gone = truth.given_back(payment) + truth.taken_back(payment)
    all_gone = gone >= truth.paid(payment)
    if (
        exception.resolution == ExceptionResolution.REFUNDED
        and truth.given_back(payment) < exception.amount
        and not all_gone
    ):
        yield f"{name} is resolved as refunded, and {exception.amount} of it are not"
    requests = [str(each.pk) for each in exception.refundrequest_set.all()]
    refunds = [each for id in requests for each in made.get(id, ())]
    given_back = sum(
        (each["amount"] * CENT for each in refunds if each["status"] == "succeeded"), Decimal(0)
    )
    # An overpaid order can be overpaid again: its exception grows.
    if exception.kind != ExceptionKind.OVERPAID and given_back > exception.amount:
        yield f"{name} of {exception.amount} was refunded {given_back}"
    by_themselves = Channel.objects.get(slug=exception.channel).plugin_values["automatic-refunds"]
    by_itself = str(exception.kind) in by_themselves.split()
    refused = exception.refundrequest_set.filter(status=RefundRequest.Status.REFUSED).exists()
    if by_itself and not exception.resolution and not refused:
        yield f"{name} was not refunded by itself"
