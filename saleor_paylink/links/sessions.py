"""Provider sessions: opening the one that an attempt stands for, and closing those that must
not be paid any more. No lock is held while a provider is asked."""

import logging
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from saleor_paylink.links.dues import asked_for
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.settlement import apply, provider_of
from saleor_paylink.models import (
    ATTEMPT_UNRESOLVED,
    LINK_IN_FORCE,
    AttemptStatus,
    PaymentAttempt,
)
from saleor_paylink.providers.interface import ProviderError, SessionStatus, Snapshot
from saleor_paylink.shop import OrderView, current_shop

logger = logging.getLogger(__name__)

# Providers keep an idempotency key for a day at least (docs.stripe.com/api/idempotent_requests);
# past that, repeating a call could open a second session.
REPEATABLE_FOR = timedelta(hours=23)


def ensure_open(attempt: PaymentAttempt) -> PaymentAttempt:
    """Open the attempt's session, or learn which one an earlier, lost call has opened.

    Raises ProviderError. A refusal that is final resolves the attempt as FAILED.
    """
    if attempt.provider_reference is not None:
        return attempt
    try:
        if attempt.created_at + REPEATABLE_FOR < timezone.now():
            message = "The provider never confirmed that the payment page was opened."
            raise ProviderError(message, permanent=True, code="lost")
        session = provider_of(attempt).open(attempt.parameters, attempt.idempotency_key)
    except ProviderError as error:
        if error.permanent:
            _fail(attempt, error)
        raise
    # The parameters hold the customer's address and have done their work.
    PaymentAttempt.objects.filter(pk=attempt.pk, provider_reference__isnull=True).update(
        provider_reference=session.reference, redirect_url=session.url, parameters={}
    )
    attempt.refresh_from_db()
    return attempt


def _fail(attempt: PaymentAttempt, error: ProviderError) -> None:
    refused = Snapshot(
        reference="",
        attempt_id=str(attempt.id),
        livemode=attempt.livemode,
        status=SessionStatus.FAILED,
        decline=error.message,
    )
    apply(attempt.id, refused)


def close(attempt: PaymentAttempt) -> PaymentAttempt:
    """Close the attempt's session at the provider and apply what it came to.

    It may turn out to be paid, or on its way. Raises ProviderError.
    """
    attempt = ensure_open(attempt)
    assert attempt.provider_reference is not None  # noqa: S101
    snapshot = provider_of(attempt).cancel(attempt.provider_reference)
    return apply(attempt.id, snapshot, canceled=True)


def unresolved(order_id: UUID) -> list[PaymentAttempt]:
    """The attempts of an order that may still bring money."""
    return list(
        PaymentAttempt.objects.filter(
            order_id=order_id, status__in=ATTEMPT_UNRESOLVED
        ).select_related("link")
    )


def close_all(order_id: UUID) -> None:
    """Close every session of an order, so that no money can come in any more.

    Raises LinkError MONEY_IN_FLIGHT where a payment is on its way, PROVIDER_ERROR where it
    could not be found out.
    """
    for attempt in unresolved(order_id):
        try:
            resolved = close(attempt)
        except ProviderError as error:
            attempt.refresh_from_db()
            if attempt.status not in ATTEMPT_UNRESOLVED:
                continue
            raise LinkError(
                LinkErrorCode.PROVIDER_ERROR,
                "The customer's payment page could not be closed at the payment provider, "
                f"so nothing was changed. Try again in a moment. ({error.message})",
            ) from error
        if resolved.status in ATTEMPT_UNRESOLVED:
            raise LinkError(
                LinkErrorCode.MONEY_IN_FLIGHT,
                "The customer is paying: a payment is on its way. Wait for its result.",
            )


def close_obsolete(order_id: UUID) -> None:
    """Close sessions that ask for what is not due any more. The sweeper calls again for what
    could not be closed."""
    open_ones = [each for each in unresolved(order_id) if each.status == AttemptStatus.OPEN]
    order = current_shop().order(order_id, fresh=True) if open_ones else None
    for attempt in open_ones:
        if order is not None and not is_obsolete(attempt, order):
            continue
        try:
            close(attempt)
        except ProviderError as error:
            logger.warning("Session of attempt %s was not closed: %s", attempt.id, error.code)


def is_obsolete(attempt: PaymentAttempt, order: OrderView) -> bool:
    """Whether nobody should pay this session: the link is closed or asks another amount."""
    link = attempt.link
    in_force = link.status in LINK_IN_FORCE and link.current_status in LINK_IN_FORCE
    return not in_force or asked_for(link, order) != attempt.money
