"""What of the money that was put in question is still there: read for many exceptions at once."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import F

from saleor_paylink.links.dues import DIRECTION
from saleor_paylink.links.payments import promises
from saleor_paylink.models import LedgerEntry, LedgerKind, PaymentException, RefundRequest
from saleor_paylink.money import Money, zero

Row = TypeVar("Row")
# A payment, by its provider and the provider's id of it.
Payment = tuple[str, str]
RETURNS = (LedgerKind.REFUND, LedgerKind.REFUND_REVERSAL)


@dataclass(frozen=True)
class Movement:
    """Money that came in or left again. `is_told`: the shop has recorded it."""

    kind: LedgerKind
    reference: str
    amount: Money
    booked_at: datetime
    is_told: bool


@dataclass(frozen=True)
class Questioned:
    """The payments of some exceptions. `promised`: what the provider may yet give back of them,
    `requests`: all that was ever asked for."""

    movements: Mapping[Payment, Sequence[Movement]]
    promised: Mapping[Payment, Sequence[RefundRequest]]
    requests: Mapping[Payment, Sequence[RefundRequest]]

    @classmethod
    def of(cls, exceptions: Collection[PaymentException]) -> "Questioned":
        references = {each.reference for each in exceptions}
        requests = RefundRequest.objects.filter(payment_reference__in=references)
        return cls(
            _movements(references),
            _by_payment(promises().filter(payment_reference__in=references), _of_request),
            _by_payment(requests, _of_request),
        )

    def in_question(
        self, exception: PaymentException, besides: RefundRequest | None = None
    ) -> Money:
        """What is neither given back nor promised to be (`besides`: by other requests)."""
        left = exception.money - self.going(exception, besides)
        return max(left, zero(exception.currency))

    def refundable(self, exception: PaymentException) -> Money:
        """What a refund would give back now: what is in question, unless a bank has taken some
        of it back."""
        came = self._balance(exception, self.movements[_of(exception)])
        left = came - self._total(exception, self.promised[_of(exception)])
        return max(min(self.in_question(exception), left), zero(exception.currency))

    def going(self, exception: PaymentException, besides: RefundRequest | None = None) -> Money:
        """What was given back since it was put in question, or is promised to be."""
        promised = [
            each
            for each in self.promised[_of(exception)]
            if each.requested_at >= exception.raised_at and each != besides
        ]
        return self._total(exception, promised) + self.returned(exception)

    def returned(self, exception: PaymentException, *, as_told: bool = False) -> Money:
        """What was given back since it was put in question, but for what had been promised
        before. `as_told`: as far as the shop knows."""
        before = {
            each.provider_reference
            for each in self.requests[_of(exception)]
            if each.requested_at < exception.raised_at
        }
        returns = [
            each
            for each in self.movements[_of(exception)]
            if each.kind in RETURNS
            and each.booked_at >= exception.raised_at
            and each.reference not in before
            and (each.is_told or not as_told)
        ]
        return zero(exception.currency) - self._balance(exception, returns)

    def _balance(self, exception: PaymentException, movements: Iterable[Movement]) -> Money:
        moved = (each.amount * DIRECTION[each.kind] for each in movements)
        return _sum(exception, moved)

    def _total(self, exception: PaymentException, requests: Iterable[RefundRequest]) -> Money:
        return _sum(exception, (each.money for each in requests))


def _sum(exception: PaymentException, amounts: Iterable[Money]) -> Money:
    own = (each for each in amounts if each.currency == exception.currency)
    return sum(own, zero(exception.currency))


def _of(exception: PaymentException) -> Payment:
    return exception.provider, exception.reference


def _of_request(request: RefundRequest) -> Payment:
    return request.provider, request.payment_reference


def _by_payment(
    rows: Iterable[Row], payment_of: Callable[[Row], Payment]
) -> Mapping[Payment, Sequence[Row]]:
    found: defaultdict[Payment, list[Row]] = defaultdict(list)
    for row in rows:
        found[payment_of(row)].append(row)
    return found


def _movements(references: Collection[str]) -> Mapping[Payment, Sequence[Movement]]:
    booked = LedgerEntry.objects.filter(payment_reference__in=references, kind__in=DIRECTION)
    told = booked.annotate(told_at=F("posting__posted_at"))
    found: defaultdict[Payment, list[Movement]] = defaultdict(list)
    for entry in told:
        movement = Movement(
            LedgerKind(entry.kind),
            entry.reference,
            entry.money,
            entry.booked_at,
            entry.told_at is not None,
        )
        found[entry.provider, entry.payment_reference].append(movement)
    return found
