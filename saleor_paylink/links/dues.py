"""What is owed for an order, and what of it a link asks for."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from saleor_paylink.models import LedgerEntry, LedgerKind, PaymentLink
from saleor_paylink.money import Money, zero
from saleor_paylink.shop import OrderDues, OrderView

# What the kinds of automated money do to what the shop has of a customer.
DIRECTION = {
    LedgerKind.CHARGE: 1,
    LedgerKind.ADJUSTMENT: 1,
    LedgerKind.REFUND: -1,
    LedgerKind.REFUND_REVERSAL: 1,
    LedgerKind.DISPUTE: -1,
    LedgerKind.DISPUTE_REVERSAL: 1,
}


@dataclass(frozen=True)
class Entry:
    """What matters here of a ledger entry. `owed_to_shop`: the shop is told of it."""

    kind: LedgerKind
    reference: str
    amount: Money
    link_id: UUID | None
    owed_to_shop: bool


@dataclass(frozen=True)
class Books:
    """The ledger of some orders, read at once. To be read after the orders themselves."""

    entries: Mapping[UUID, Sequence[Entry]]

    @classmethod
    def of(cls, order_ids: Iterable[UUID]) -> "Books":
        """The books of these orders: those of others cannot be asked for."""
        found: dict[Any, list[Entry]] = {order_id: [] for order_id in order_ids}
        rows = LedgerEntry.objects.filter(order_id__in=found).values_list(
            "order_id", "kind", "reference", "amount", "currency", "attempt__link", "posting"
        )
        for order_id, kind, reference, amount, currency, link_id, posting in rows:
            entry = Entry(
                LedgerKind(kind), reference, Money(amount, currency), link_id, posting is not None
            )
            found[order_id].append(entry)
        return cls(found)

    def unrecorded(self, order: OrderDues) -> Money:
        """What has come in that the shop had not recorded when `order` was read."""
        return _sum(
            order.currency,
            (
                entry.amount
                for entry in self.entries[order.id]
                if entry.kind in (LedgerKind.CHARGE, LedgerKind.MANUAL)
                and entry.owed_to_shop
                and entry.reference not in order.recorded
            ),
        )

    def collected(self, link: PaymentLink) -> Money:
        """What has been paid over the link, less what was given back."""
        return _sum(
            link.currency,
            (
                entry.amount * DIRECTION[entry.kind]
                for entry in self.entries[link.order_id]
                if entry.kind in DIRECTION and entry.link_id == link.pk
            ),
        )

    def has_paid(self, link: PaymentLink) -> bool:
        """Whether there has been a payment over the link, whatever became of its money."""
        return any(
            entry.kind is LedgerKind.CHARGE and entry.link_id == link.pk
            for entry in self.entries[link.order_id]
        )

    def returned(self, link: PaymentLink) -> Money:
        """What of the payments over the link has left the shop again."""
        brought = _sum(
            link.currency,
            (
                entry.amount
                for entry in self.entries[link.order_id]
                if entry.kind is LedgerKind.CHARGE and entry.link_id == link.pk
            ),
        )
        return brought - self.collected(link)

    def is_given_back(self, link: PaymentLink) -> bool:
        """Whether there was a payment over the link, and nothing is left of it."""
        return bool(self.returned(link).amount > 0 and self.collected(link).amount <= 0)


def _sum(currency: str, amounts: Iterable[Money]) -> Money:
    return sum((each for each in amounts if each.currency == currency), zero(currency))


# Each of these reads the books itself where it is not given them.


def outstanding(order: OrderDues, books: Books | None = None) -> Money:
    """What is to be asked for, gross: what is unpaid, less what is reserved elsewhere."""
    return max(unpaid(order, books) - order.reserved, zero(order.currency))


def set_aside(order: OrderDues, books: Books | None = None) -> Money:
    """What of the unpaid is not asked for: reserved elsewhere, or granted as a refund."""
    books = books or Books.of([order.id])
    return unpaid(order, books) - outstanding(order, books)


def unpaid(order: OrderDues, books: Books | None = None) -> Money:
    """What has not been paid, gross; never below zero.

    Money that paylink has booked but the shop had not recorded when `order` was read counts
    as paid: between the two a customer must not be asked twice. The order itself says what
    it has recorded, so that it does not matter what happens between reading it and here.
    """
    books = books or Books.of([order.id])
    booked = order.charged + books.unrecorded(order)
    return max(order.total - booked, zero(order.currency))


def collected(link: PaymentLink, books: Books | None = None) -> Money:
    """What has been paid over the link, less what was given back."""
    books = books or Books.of([link.order_id])
    return books.collected(link)


def asked_for(link: PaymentLink, order: OrderView, books: Books | None = None) -> Money:
    """What the customer would be charged now: all that is owed, or what is not paid yet of a
    deposit.

    A deposit after which too little to be paid online would be owed is not asked for by itself:
    orders are edited once their links are made.
    """
    books = books or Books.of([order.id])
    owed = outstanding(order, books)
    if link.requested_amount is None:
        return owed
    deposit = Money(link.requested_amount, link.currency) - collected(link, books)
    if deposit.amount <= 0:
        return zero(order.currency)
    leaves_enough = owed - deposit >= Money(link.least_rest, link.currency)
    return deposit if leaves_enough else owed


def revision_of(order_id: UUID, due: Money) -> str:
    """A word for what is due that changes whenever that does."""
    return hashlib.sha256(f"{order_id}:{due.amount:f}:{due.currency}".encode()).hexdigest()[:16]
