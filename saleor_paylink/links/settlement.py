"""Settling an attempt: the only road by which money enters.

Webhook, return page, sweeper and staff all end here, in any order and any number of times.
The provider is asked first, outside any lock; what it says is applied under the order's
lock, and only ever forwards, so that an answer that was overtaken by a newer one does no
harm.
"""

from uuid import UUID

from django.db import transaction

from saleor_paylink.earnings.ledger import Account
from saleor_paylink.links import booking, following, orphans, payments
from saleor_paylink.links.channels import NamesChange, follow_names, names_held
from saleor_paylink.links.locking import ROUNDS, lock, lock_known, must_follow
from saleor_paylink.models import (
    ATTEMPT_UNRESOLVED,
    AttemptStatus,
    LedgerEntry,
    PaymentAttempt,
    PaymentCollection,
    PaymentLink,
)
from saleor_paylink.providers import registry
from saleor_paylink.providers.interface import (
    Provider,
    ProviderError,
    Snapshot,
)
from saleor_paylink.shop import OrderView, current_shop


def provider_of(attempt: PaymentAttempt) -> Provider:
    """The attempt's provider, as `provider_for` gives it."""
    return provider_for(attempt.provider, attempt.order_id, attempt.link.channel)


def provider_for(name: str, order_id: UUID | None, channel: str) -> Provider:
    """A provider with the settings of the order's channel, active or not: money that is on
    its way arrives all the same. Raises ProviderError where the provider is gone."""
    # The order's, not the one that was written down: a channel can be renamed.
    order = current_shop().order(order_id) if order_id else None
    settings = current_shop().channel_settings(order.channel if order else channel)
    try:
        return registry.provider(name, settings)
    except KeyError:
        message = f"The provider {name} is not installed."
        raise ProviderError(message, permanent=True, code="configuration") from None


def settle(attempt_id: UUID) -> PaymentAttempt:
    """Ask the provider and apply what it says. Raises ProviderError if it cannot be asked.

    An attempt whose session was never confirmed to exist is returned as it is.
    """
    attempt = PaymentAttempt.objects.select_related("link").get(pk=attempt_id)
    if attempt.provider_reference is None:
        return attempt
    return apply(attempt.id, provider_of(attempt).fetch(attempt.provider_reference))


def settle_payment(charge: LedgerEntry) -> Snapshot:
    """Ask the provider about a payment that is booked, and apply what it says. Raises
    ProviderError if it cannot be asked."""
    provider = provider_for(charge.provider, charge.order_id, charge.channel)
    snapshot = provider.fetch(payments.session_of(charge))
    if charge.attempt_id is None:
        with names_held():
            charge.refresh_from_db(fields=["channel"])
            orphans.apply(Account(charge.provider, charge.channel, charge.order_id), snapshot)
    else:
        apply(charge.attempt_id, snapshot)
    return snapshot


def settle_for_visitor(link: PaymentLink, attempt_id: str) -> PaymentAttempt | None:
    """Settle an attempt that a returning customer names; None if it is none of the link's.

    The redirect proves nothing: it only says where to look.
    """
    try:
        attempt = link.attempts.filter(pk=UUID(attempt_id)).first()
    except ValueError:
        return None
    if attempt is None or attempt.status not in ATTEMPT_UNRESOLVED:
        return attempt
    return settle(attempt.id)


def apply(attempt_id: UUID, snapshot: Snapshot, *, canceled: bool = False) -> PaymentAttempt:
    """Make paylink's records agree with a snapshot. Safe to repeat, safe when overtaken.

    `canceled` says that it was we who closed the session.
    """
    attempt = PaymentAttempt.objects.get(pk=attempt_id)
    for rounds_left in reversed(range(ROUNDS)):
        # Recalculated outside the lock, because the shop may have to ask others for it.
        order = current_shop().order(attempt.order_id, fresh=True)
        if order is None:
            break
        with transaction.atomic():
            collection = lock(order)
            order = current_shop().order(attempt.order_id)
            renamed = must_follow(collection, order)
            last = rounds_left == 0
            if order is not None and not renamed and (last or not order.stale):
                return _apply(collection, attempt_id, order, snapshot, canceled)
        if renamed and last:
            raise NamesChange
        if renamed:
            follow_names()
    return _apply_to_gone(attempt.order_id, attempt_id, snapshot, canceled)


def _apply(
    collection: PaymentCollection,
    attempt_id: UUID,
    order: OrderView,
    snapshot: Snapshot,
    canceled: bool,
) -> PaymentAttempt:
    """Under the order's lock."""
    attempt = PaymentAttempt.objects.select_related("link").get(pk=attempt_id)
    if snapshot.received:
        booking.book_payment(collection, attempt, order, snapshot, snapshot.received)
    elif attempt.status in ATTEMPT_UNRESOLVED and following.is_about(attempt, snapshot):
        following.follow(collection, attempt, snapshot, canceled)
    charge = snapshot.received and payments.of(attempt.provider, snapshot.received.reference)
    if charge:
        booking.book_returns(collection, attempt, order, charge, snapshot)
    return attempt


def _apply_to_gone(
    order_id: UUID, attempt_id: UUID, snapshot: Snapshot, canceled: bool
) -> PaymentAttempt:
    """The order is gone from the shop: what comes in for it is nobody's."""
    with transaction.atomic():
        collection = lock_known(order_id)
        attempt = PaymentAttempt.objects.select_related("link").get(pk=attempt_id)
        if snapshot.received:
            account = Account(attempt.provider, collection.channel, order_id, attempt)
            orphans.apply(account, snapshot)
            if following.is_about(attempt, snapshot) and attempt.status != AttemptStatus.PAID:
                following.resolve_attempt(attempt, AttemptStatus.PAID)
        elif attempt.status in ATTEMPT_UNRESOLVED and following.is_about(attempt, snapshot):
            following.follow(collection, attempt, snapshot, canceled)
    return attempt
