"""Provider sessions: opening the one that an attempt stands for, and closing those that must
not be paid any more. No lock is held while a provider is asked."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from saleor_paylink.formats import format_time
from saleor_paylink.links.channels import follow_names
from saleor_paylink.links.dues import asked_for
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.locking import ROUNDS, known_order, lock, must_follow
from saleor_paylink.links.settlement import apply, provider_of, settle
from saleor_paylink.models import (
    ATTEMPT_UNRESOLVED,
    LINK_IN_FORCE,
    AttemptStatus,
    PaymentAttempt,
    PaymentCollection,
    PaymentLink,
)
from saleor_paylink.providers.interface import ProviderError, SessionStatus, Snapshot
from saleor_paylink.shop import CLOSED, OrderView, current_shop

logger = logging.getLogger(__name__)

ASK_AGAIN_AFTER = timedelta(hours=6)
# Stripe takes 30 minutes to 24 hours (docs.stripe.com/api/checkout/sessions/create); the
# margins are for clocks that differ and calls that are repeated.
SHORTEST_SESSION = timedelta(minutes=35)
LONGEST_SESSION = timedelta(hours=23, minutes=30)
# A session this near its end is not shown to anybody.
LEFT_TO_PAY = timedelta(minutes=5)
# Providers keep an idempotency key for a day at least (docs.stripe.com/api/idempotent_requests);
# past that, repeating a call could open a second session.
REPEATABLE_FOR = timedelta(hours=23)


def session_end(link: PaymentLink) -> datetime:
    """When a session that is opened now ends: with its link, as far as the provider allows."""
    now = timezone.now()
    latest = now + LONGEST_SESSION
    if link.expires_at is None:
        return latest
    return min(latest, max(link.expires_at, now + SHORTEST_SESSION))


def ensure_open(attempt: PaymentAttempt) -> PaymentAttempt:
    """Open the attempt's session, or learn which one an earlier, lost call has opened.

    Raises ProviderError. A refusal that is final resolves the attempt as FAILED.
    """
    if attempt.provider_reference is not None:
        return attempt
    try:
        if not attempt.parameters or attempt.created_at + REPEATABLE_FOR < timezone.now():
            message = _("The provider never confirmed that the payment page was opened.")
            raise ProviderError(message, permanent=True, code="lost")
        session = provider_of(attempt).open(attempt.parameters, attempt.idempotency_key)
    except ProviderError as error:
        if error.permanent:
            _fail(attempt, error)
            PaymentAttempt.objects.filter(pk=attempt.pk).update(parameters={})
        raise
    # The parameters hold the customer's address and the token, and have done their work.
    PaymentAttempt.objects.filter(pk=attempt.pk, provider_reference__isnull=True).update(
        provider_reference=session.reference, redirect_url=session.url, parameters={}
    )
    attempt.refresh_from_db()
    return attempt


def _fail(attempt: PaymentAttempt, error: ProviderError) -> PaymentAttempt:
    refused = Snapshot(
        reference=attempt.provider_reference or "",
        attempt_id=str(attempt.id),
        livemode=attempt.livemode,
        status=SessionStatus.FAILED,
        decline=error.message,
    )
    return apply(attempt.id, refused)


def check(attempt: PaymentAttempt) -> PaymentAttempt:
    """Settle the attempt. Raises ProviderError."""
    attempt = ensure_open(attempt)
    return _unless_lost(attempt, lambda: settle(attempt.id))


def close(attempt: PaymentAttempt) -> PaymentAttempt:
    """Close the attempt's session at the provider and apply what it came to.

    It may turn out to be paid, or on its way. Raises ProviderError.
    """
    attempt = ensure_open(attempt)
    return _unless_lost(attempt, lambda: _cancel(attempt))


def _cancel(attempt: PaymentAttempt) -> PaymentAttempt:
    snapshot = provider_of(attempt).cancel(attempt.provider_reference or "")
    return apply(attempt.id, snapshot, canceled=True)


def _unless_lost(attempt: PaymentAttempt, ask: Callable[[], PaymentAttempt]) -> PaymentAttempt:
    """What asking came to. A session that is over by its own time, and of which the provider
    does not tell (any more: the key was changed), must not block its order for ever. Money that
    was on its way is waited for all the same."""
    try:
        return ask()
    except ProviderError as error:
        now = timezone.now()
        over = attempt.expires_at <= now and attempt.status == AttemptStatus.OPEN
        if not (over and error.permanent):
            raise
        failed = _fail(attempt, error)
        # It may have been paid unheard. The sweeper goes on asking: the key may come back.
        PaymentAttempt.objects.filter(pk=attempt.pk).update(next_check_at=now + ASK_AGAIN_AFTER)
        return failed


def unresolved(order_id: UUID) -> list[PaymentAttempt]:
    """The attempts of an order that may still bring money."""
    return list(
        PaymentAttempt.objects.filter(
            order_id=order_id, status__in=ATTEMPT_UNRESOLVED
        ).select_related("link")
    )


@contextmanager
def no_session_open(
    order_id: UUID, of: Callable[[PaymentAttempt], bool] = lambda _attempt: True
) -> Iterator[PaymentCollection]:
    """The order's lock, at a moment when none of its attempts can bring money any more; `of`
    says which are meant, by default all. What they came to has been applied.

    Raises LinkError MONEY_IN_FLIGHT where a payment is on its way, PROVIDER_ERROR where it
    could not be found out.
    """
    for rounds_left in reversed(range(ROUNDS)):
        _close_all([attempt for attempt in unresolved(order_id) if of(attempt)])
        # Not within: recalculating takes the shop's own locks, and they come after ours.
        order = known_order(order_id)
        with transaction.atomic():
            collection = lock(order)
            renamed = rounds_left > 0 and must_follow(collection, order)
            # A customer may have clicked Pay between the two steps.
            if not renamed and not any(of(attempt) for attempt in unresolved(order_id)):
                yield collection
                return
        if renamed:
            follow_names()
    message = _("The customer is paying right now. Wait for the result.")
    raise LinkError(LinkErrorCode.MONEY_IN_FLIGHT, message)


def is_left_over(attempt: PaymentAttempt) -> bool:
    """Whether its link cannot be paid over any more."""
    return attempt.link.current_status not in LINK_IN_FORCE


def _close_all(attempts: Sequence[PaymentAttempt]) -> None:
    for attempt in attempts:
        try:
            resolved = close(attempt)
        except ProviderError as error:
            attempt.refresh_from_db()
            if attempt.status not in ATTEMPT_UNRESOLVED:
                continue
            raise _not_closed(attempt, error) from error
        if resolved.status in ATTEMPT_UNRESOLVED:
            raise LinkError(
                LinkErrorCode.MONEY_IN_FLIGHT,
                _("The customer is paying: a payment is on its way. Wait for its result."),
            )


def _not_closed(attempt: PaymentAttempt, error: ProviderError) -> LinkError:
    if error.permanent:
        advice = _("It closes by itself on %(time)s.") % {"time": format_time(attempt.expires_at)}
    else:
        advice = _("Try again in a moment.")
    reason = _(
        "The customer's payment page could not be closed at the payment provider, so nothing "
        "was changed. %(advice)s (%(error)s)"
    )
    return LinkError(
        LinkErrorCode.PROVIDER_ERROR, reason % {"advice": advice, "error": error.message}
    )


def close_obsolete(order_id: UUID) -> None:
    """Close sessions that ask for what is not due any more. The sweeper calls again for what
    could not be closed."""
    open_ones = [each for each in unresolved(order_id) if each.status == AttemptStatus.OPEN]
    order = current_shop().order(order_id, fresh=True) if open_ones else None
    for attempt in open_ones:
        if order is not None and not is_obsolete(attempt, order):
            _note_payable(attempt)
            continue
        _note_closing(attempt)
        try:
            close(attempt)
        except ProviderError as error:
            logger.warning("Session of attempt %s was not closed: %s", attempt.id, error.code)


def _note_closing(attempt: PaymentAttempt) -> None:
    """Have the sweeper ask again at once, and then ever more rarely, unless it does already."""
    now = timezone.now()
    PaymentAttempt.objects.filter(
        pk=attempt.pk, status=AttemptStatus.OPEN, closing_since__isnull=True
    ).update(closing_since=now, next_check_at=now)


def _note_payable(attempt: PaymentAttempt) -> None:
    """It need not be closed any more, as had been noted: should it have to be again, that will be
    as urgent as the first time. What was noted since is left."""
    if attempt.closing_since is not None:
        PaymentAttempt.objects.filter(pk=attempt.pk, closing_since=attempt.closing_since).update(
            closing_since=None
        )


def is_obsolete(attempt: PaymentAttempt, order: OrderView) -> bool:
    """Whether nobody should pay this session: the link is closed, asks another amount or has
    got another URL, or the plugin was switched off in its channel."""
    if order.state in CLOSED or is_left_over(attempt) or is_of_old_url(attempt):
        return True
    if not current_shop().channel_settings(order.channel).active:
        return True
    return bool(asked_for(attempt.link, order) != attempt.money)


def is_of_old_url(attempt: PaymentAttempt) -> bool:
    """Whether it was opened by a URL that its link had before."""
    return attempt.token_seed != attempt.link.token_seed
