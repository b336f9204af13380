"""Orphan money: for an attempt of this shop's that is not known here, or for an order that is
gone. It is booked and shown to a person; no order of the shop's is told of it."""

from urllib.parse import urlsplit

from django.db import transaction

from saleor_paylink.earnings.ledger import (
    Account,
    book_fees_of_returns,
    book_given_back,
    book_received,
)
from saleor_paylink.links import outcomes, payments
from saleor_paylink.links.channels import names_held
from saleor_paylink.links.exceptions import follow_returns, raise_exception
from saleor_paylink.models import ExceptionKind, LedgerEntry, LedgerKind
from saleor_paylink.providers.interface import Snapshot
from saleor_paylink.shop import current_shop


def shop_mark(channel: str) -> str:
    """What tells this shop from others that share a provider's account: the host of its public
    address."""
    return urlsplit(current_shop().page_url(channel, "")).netloc


@transaction.atomic
def apply(account: Account, snapshot: Snapshot) -> None:
    """Book what a session has brought, and what was given back of it. Safe to repeat.

    The lock of the order is held; without one, channels.names_held, since the account's channel
    was read.
    """
    received = snapshot.received
    if received is None:
        return
    entry = book_received(account, received)
    if entry is not None:
        raise_exception(
            entry,
            ExceptionKind.ORPHAN,
            received.amount,
            session=snapshot.reference,
            provider_url=received.provider_url or "",
            collection=None,
        )
    charge = payments.of(account.provider, received.reference)
    assert charge is not None  # noqa: S101
    for refund in snapshot.refunds:
        outcomes.follow(charge, refund, None)
        book_given_back(LedgerKind.REFUND, account, refund, charge.reference)
    for dispute in snapshot.disputes:
        book_given_back(LedgerKind.DISPUTE, account, dispute, charge.reference)
    book_fees_of_returns(account, snapshot)
    follow_returns(charge, None)


def leave_behind(entry: LedgerEntry) -> None:
    """The order of a movement that the shop was still to be told of is gone."""
    if entry.kind != LedgerKind.CHARGE:
        return
    with names_held():
        entry.refresh_from_db(fields=["channel"])
        raise_exception(
            entry,
            ExceptionKind.ORPHAN,
            entry.money,
            session=payments.session_of(entry),
            provider_url=entry.attempt.provider_url if entry.attempt else "",
            collection=None,
        )
