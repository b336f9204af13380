"""A payment that was booked: what is left of it, and notes that some is to be given back."""

from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Sum

from saleor_paylink.links.dues import DIRECTION
from saleor_paylink.models import LedgerEntry, LedgerKind, PaymentException, RefundRequest
from saleor_paylink.money import Money
from saleor_paylink.shop import Actor


def find(order_id: UUID, reference: str) -> LedgerEntry | None:
    """The booking of an order's payment over a link, by the provider's id of it."""
    return LedgerEntry.objects.filter(
        kind=LedgerKind.CHARGE, order_id=order_id, reference=reference, attempt__isnull=False
    ).first()


def of(provider: str, reference: str) -> LedgerEntry | None:
    """The booking of a payment, whosever it is."""
    return LedgerEntry.objects.filter(
        kind=LedgerKind.CHARGE, provider=provider, reference=reference
    ).first()


def session_of(charge: LedgerEntry) -> str:
    """The session that the payment was made in; not always its attempt's own."""
    questioned = PaymentException.objects.filter(
        provider=charge.provider, reference=charge.reference
    )
    exception = questioned.exclude(session_reference="").first()
    if exception is not None:
        return exception.session_reference
    return (charge.attempt.provider_reference or "") if charge.attempt else ""


def movements(charge: LedgerEntry) -> "QuerySet[LedgerEntry]":
    """All that was booked of a payment, in its currency."""
    return LedgerEntry.objects.filter(
        provider=charge.provider, payment_reference=charge.reference, currency=charge.currency
    )


def balance(entries: "QuerySet[LedgerEntry]", currency: str) -> Money:
    """What movements of automated money come to: what came in, less what left again."""
    sums = dict(entries.values_list("kind").annotate(total=Sum("amount")))
    return Money(sum(sign * sums.get(kind, 0) for kind, sign in DIRECTION.items()), currency)


def left(charge: LedgerEntry, besides: RefundRequest | None = None) -> Money:
    """What can still be given back of a payment: what was neither given back, taken back by a
    bank, nor promised to be given back (`besides`: by other requests than this)."""
    others = promised(charge)
    if besides is not None:
        others = others.exclude(pk=besides.pk)
    return balance(movements(charge), charge.currency) - total_of(others, charge.currency)


def total_of(requests: "QuerySet[RefundRequest]", currency: str) -> Money:
    """What the requests in that currency come to."""
    asked = requests.filter(currency=currency).aggregate(total=Sum("amount"))["total"]
    return Money(asked or 0, currency)


def promised(payment: LedgerEntry | PaymentException) -> "QuerySet[RefundRequest]":
    """Requests that the provider may yet carry out: what they come to is not booked."""
    return promises().filter(provider=payment.provider, payment_reference=payment.reference)


def promises() -> "QuerySet[RefundRequest]":
    """As `promised`, of all payments."""
    booked = LedgerEntry.objects.filter(
        provider=OuterRef("provider"),
        kind=LedgerKind.REFUND,
        reference=OuterRef("provider_reference"),
    )
    live = RefundRequest.objects.exclude(status=RefundRequest.Status.REFUSED)
    return live.filter(~Exists(booked))


def note_refund(
    charge: LedgerEntry,
    amount: Money,
    actor: Actor | None,
    *,
    exception: PaymentException | None = None,
    shop_request: str = "",
) -> RefundRequest:
    """Write down that some of a payment is to be given back. The order's lock is held."""
    return RefundRequest.objects.create(
        provider=charge.provider,
        channel=charge.channel,
        order_id=charge.order_id,
        attempt=charge.attempt,
        exception=exception,
        shop_request=shop_request,
        payment_reference=charge.reference,
        amount=amount.amount,
        currency=amount.currency,
        actor=actor.as_data() if actor else None,
    )
