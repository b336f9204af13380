"""Booking movements of money: each once, none ever changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from saleor_paylink.models import LedgerEntry, LedgerKind, PaymentAttempt, ShopPosting
from saleor_paylink.money import Money, to_minor_units
from saleor_paylink.providers.interface import GivenBack, Received, Snapshot
from saleor_paylink.shop import OrderView

MANUAL_PROVIDER = "manual"

# What the ledger keeps of any currency, as the shop does. Few have more (CLF, UYW): such an amount
# is refused, because a database would round it.
DECIMALS = 3
FEES = (LedgerKind.FEE, LedgerKind.FEE_CORRECTION)

REVERSAL_OF = {
    LedgerKind.REFUND: LedgerKind.REFUND_REVERSAL,
    LedgerKind.DISPUTE: LedgerKind.DISPUTE_REVERSAL,
}


@dataclass(frozen=True)
class Account:
    """Where a movement belongs. `order_id` is None for money of no order that is known here."""

    provider: str
    channel: str
    order_id: UUID | None
    attempt: PaymentAttempt | None = None


def manual_account(order: OrderView) -> Account:
    """Money that staff took for an order themselves."""
    return Account(MANUAL_PROVIDER, order.channel, order.id)


@dataclass(frozen=True)
class Movement:
    """What `book` is told of one. `reference` is the provider's id of the very movement,
    `payment` that of the payment which it belongs to."""

    kind: LedgerKind
    account: Account
    amount: Money
    reference: str
    occurred_at: datetime
    payment: str = ""


def book(
    kind: LedgerKind,
    account: Account,
    amount: Money,
    reference: str,
    occurred_at: datetime,
    payment: str = "",
) -> LedgerEntry | None:
    """Add a movement; None if this very movement is booked already.

    `reference` is the provider's id of the movement and, with provider and kind, what
    makes it this very one: a constraint refuses a second booking. `payment` is the
    provider's id of the payment which it belongs to. `occurred_at` is when it was settled.

    Raises AmountNotRepresentable for an amount with more than three decimals.
    """
    to_minor_units(amount, DECIMALS)
    entry, created = LedgerEntry.objects.get_or_create(
        provider=account.provider,
        kind=kind,
        reference=reference,
        defaults={
            "payment_reference": payment,
            "order_id": account.order_id,
            "channel": account.channel,
            "attempt": account.attempt,
            "amount": amount.amount,
            "currency": amount.currency,
            "occurred_at": occurred_at,
        },
    )
    return entry if created else None


_BOOK_MANY = """
    INSERT INTO saleor_paylink_ledgerentry (
        provider, kind, reference, payment_reference, order_id, channel, attempt_id,
        amount, currency, occurred_at, booked_at
    )
    SELECT *, %s FROM unnest(
        %s::text[], %s::text[], %s::text[], %s::text[], %s::uuid[], %s::text[], %s::uuid[],
        %s::numeric[], %s::text[], %s::timestamptz[]
    )
    ON CONFLICT (provider, kind, reference) DO NOTHING
"""


def book_many(movements: Iterable[Movement]) -> int:
    """Add movements in one statement, some thousands at a time; how many of them are new.

    Those that are booked already stay as they are, also where somebody books them at this
    moment: it is safe to repeat, and to run twice at once. Raises AmountNotRepresentable, and
    then books none.
    """
    # All in one order: two at once wait for each other, and never in a circle.
    rows = sorted(map(_row, movements), key=lambda row: row[:3])
    if not rows:
        return 0
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_BOOK_MANY, [timezone.now(), *columns])
        return int(cursor.rowcount)


def _row(each: Movement) -> tuple[Any, ...]:
    to_minor_units(each.amount, DECIMALS)
    account = each.account
    return (
        account.provider,
        each.kind.value,
        each.reference,
        each.payment,
        account.order_id,
        account.channel,
        account.attempt and account.attempt.pk,
        each.amount.amount,
        each.amount.currency,
        each.occurred_at,
    )


def book_received(account: Account, received: Received) -> LedgerEntry | None:
    """Book a payment, and its fee once it is known; None if the payment is booked already."""
    payment, at = received.reference, received.paid_at
    entry = book(LedgerKind.CHARGE, account, received.amount, payment, at, payment)
    if received.fee is not None:
        fee = book(LedgerKind.FEE, account, received.fee, payment, at, payment)
        if fee is None:
            known = booked_fees(account.provider, payment).get(payment, [])
            _correct_fee(account, known, received.fee, payment, timezone.now(), payment)
    return entry


def book_fees_of_returns(account: Account, snapshot: Snapshot) -> None:
    """Book what the provider keeps for what was given back of a payment, or took away of it, and
    what that has become since. It is no matter whether the money itself came back, or was ever
    booked: the fee need not have.

    What cost nothing gets no entry: nobody waits for such a fee to become known, as for that of
    a payment.
    """
    assert snapshot.received is not None  # noqa: S101
    payment = snapshot.received.reference
    given_back = [*snapshot.refunds, *snapshot.disputes]
    booked = booked_fees(account.provider, payment) if given_back else {}
    for each in given_back:
        known = booked.get(each.reference, [])
        if each.fee is None:
            continue
        if known or each.fee.amount < 0:
            at = timezone.now() if known else each.at
            _correct_fee(account, known, each.fee, each.reference, at, payment)
        elif each.fee.amount:
            book(LedgerKind.FEE, account, each.fee, each.reference, each.at, payment)


def booked_fees(provider: str, payment: str) -> dict[str, list[LedgerEntry]]:
    """All entries about fees of a payment and of what was given back of it, by the reference of
    the movement that each is the fee of."""
    found: dict[str, list[LedgerEntry]] = {}
    for entry in LedgerEntry.objects.filter(
        provider=provider, kind__in=FEES, payment_reference=payment
    ).order_by("id"):
        found.setdefault(fee_of(entry), []).append(entry)
    return found


def fee_of(entry: LedgerEntry) -> str:
    """The reference of the movement that an entry about a fee is the fee of: a correction's own
    reference is that with a number."""
    if entry.kind == LedgerKind.FEE_CORRECTION:
        return entry.reference.rpartition("/")[0]
    return entry.reference


def _correct_fee(
    account: Account,
    booked: Sequence[LedgerEntry],
    fee: Money,
    reference: str,
    at: datetime,
    payment: str,
) -> None:
    """Book what a fee has become more or less. Providers do not say when it changed: it is when
    that is first seen. An answer that was overtaken by a newer one is corrected in its turn, when
    the payment is looked at again."""
    missing: dict[str, Decimal] = {}
    for entry in booked:
        missing[entry.currency] = missing.get(entry.currency, Decimal(0)) - entry.amount
    # Last: what was booked in another currency is taken back first.
    missing[fee.currency] = missing.pop(fee.currency, Decimal(0)) + fee.amount
    differences = [Money(amount, currency) for currency, amount in missing.items() if amount]
    # Who corrects it at the same moment calls these corrections the same.
    for number, difference in enumerate(differences, start=len(booked)):
        name = f"{reference}/{number}"
        book(LedgerKind.FEE_CORRECTION, account, difference, name, at, payment)


def book_given_back(
    kind: LedgerKind, account: Account, given_back: GivenBack, payment: str
) -> LedgerEntry | None:
    """Book money that left again, or that came back if its leaving had been booked."""
    if given_back.returned_at is None:
        at = given_back.at
    else:
        left = LedgerEntry.objects.filter(
            provider=account.provider, kind=kind, reference=given_back.reference
        )
        if not left.exists():
            return None
        kind, at = REVERSAL_OF[kind], given_back.returned_at
    return book(kind, account, given_back.amount, given_back.reference, at, payment)


def owe_shop(entry: LedgerEntry, *, releases_order: bool = False, **details: Any) -> ShopPosting:
    """Note that the shop is to be told of an entry, in the entry's own transaction."""
    return ShopPosting.objects.create(entry=entry, releases_order=releases_order, details=details)
