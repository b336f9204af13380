"""Webhooks: verified, kept, answered; the work is done by a task afterwards.

What a webhook says is a doorbell and never the truth: it only says which attempt to settle.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from saleor_paylink import jobs
from saleor_paylink.earnings.ledger import Account
from saleor_paylink.failures import log_failure
from saleor_paylink.links import orphans, payments
from saleor_paylink.links.channels import name_here, names_held
from saleor_paylink.links.settlement import (
    apply,
    provider_for,
    provider_of,
    settle,
    settle_payment,
)
from saleor_paylink.models import PaymentAttempt, ProviderEvent
from saleor_paylink.providers import registry
from saleor_paylink.providers.interface import EventRef, Provider, ProviderError, Snapshot
from saleor_paylink.shop import current_shop

logger = logging.getLogger(__name__)

Status = ProviderEvent.Status
TO_BE_DONE = [Status.RECEIVED.value, Status.FAILED.value]

FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=6)


class UnknownProvider(Exception):
    """No such provider takes webhooks in this channel, or the plugin is inactive there."""


def receive(provider: str, channel: str, headers: Mapping[str, str], body: bytes) -> None:
    """Verify a webhook and keep its events; what is kept cannot be lost.

    Asks the database twice: for the channel's settings, and to keep. Raises UnknownProvider and
    providers.interface.BadSignature, and then keeps nothing.
    """
    settings = current_shop().channel_settings(channel)
    configured = {each.name: each for each in registry.configured_providers(settings)}
    if provider not in configured:
        raise UnknownProvider(provider)
    events = configured[provider].read_events(headers, body)
    for row in _keep(provider, channel, events):
        jobs.later(jobs.PROCESS_EVENT, row)


# One statement, so that they are kept together and need no transaction. Of two deliveries at once
# the second waits for the first, and then finds its row as it is by then.
_KEEP = """
    INSERT INTO saleor_paylink_providerevent AS kept (
        provider, channel, received_at, next_try_at, status, error, tries,
        event_id, type, attempt_id, shop, session_reference, payment_reference
    )
    SELECT %s, %s, %s, %s, %s, '', 0, * FROM unnest(
        %s::text[], %s::text[], %s::uuid[], %s::text[], %s::text[], %s::text[]
    )
    ON CONFLICT (provider, event_id) DO UPDATE SET status = kept.status
    WHERE kept.status = ANY(%s)
    RETURNING id
"""


def _keep(provider: str, channel: str, events: Sequence[EventRef]) -> list[int]:
    """Keep what is not kept yet; the rows of those events that are to be processed.

    A failed event is never taken for done: a repeated delivery tries it again.
    """
    # One may stand there twice. All in one order: two at once never wait in a circle.
    rows = sorted({event.event_id: _row(event) for event in reversed(events)}.values())
    if not rows:
        return []
    columns = [list(column) for column in zip(*rows, strict=True)]
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            _KEEP, [provider, channel, now, now, Status.RECEIVED.value, *columns, TO_BE_DONE]
        )
        return [row for (row,) in cursor.fetchall()]


def _row(event: EventRef) -> tuple[Any, ...]:
    return (
        event.event_id,
        event.type[:128],
        _uuid(event.attempt_id),
        event.shop or "",
        event.session or "",
        event.payment or "",
    )


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def process(event_id: int) -> None:
    """Settle what an event points at. Safe to repeat.

    What fails is kept with its reason, and the sweeper tries again.
    """
    event = ProviderEvent.objects.get(pk=event_id)
    try:
        is_ours = _settle(event)
        event.status = Status.PROCESSED if is_ours else Status.FOREIGN
        event.error = ""
    except Exception as error:
        if not isinstance(error, ProviderError):
            log_failure(logger, "Provider event %s failed:", event.event_id)
        _fail(event, getattr(error, "message", type(error).__name__))
    event.save(update_fields=["status", "error", "tries", "next_try_at"])


def _fail(event: ProviderEvent, reason: str) -> None:
    event.status = Status.FAILED
    event.error = reason[:512]
    event.next_try_at = timezone.now() + min(FIRST_RETRY * 2**event.tries, LONGEST_RETRY)
    event.tries += 1


def _settle(event: ProviderEvent) -> bool:
    """Settle the payment that an event is about; False if it is none of this shop's.

    It may come before anything else is known of the payment: then its session tells whose it
    is. So nothing is lost of a refund that is heard of while its payment is being booked.
    """
    charge = payments.of(event.provider, event.payment_reference)
    if charge is not None:
        settle_payment(charge)
        return True
    attempt = _attempt_of(event)
    if attempt is None:
        return _settle_by_session(event)
    _settle_attempt(attempt, event.session_reference)
    if not _is_booked(event):
        # It may be the payment of a second session that bears our attempt's name.
        _settle_by_session(event)
    return True


def _is_booked(event: ProviderEvent) -> bool:
    """Whether all money that the event can be about is booked."""
    payment = event.payment_reference
    return not payment or payments.of(event.provider, payment) is not None


def _attempt_of(event: ProviderEvent) -> PaymentAttempt | None:
    """By what we gave the provider to remember, else by the session."""
    if event.attempt_id:
        return _known(event.provider, event.attempt_id)
    if event.session_reference:
        attempts = PaymentAttempt.objects.select_related("link").filter(provider=event.provider)
        return attempts.filter(provider_reference=event.session_reference).first()
    return None


def _known(provider: str, attempt_id: UUID) -> PaymentAttempt | None:
    attempts = PaymentAttempt.objects.select_related("link").filter(provider=provider)
    return attempts.filter(pk=attempt_id).first()


def _settle_attempt(attempt: PaymentAttempt, session: str) -> None:
    if session and attempt.provider_reference is None:
        # The answer that would have told us the reference was lost.
        PaymentAttempt.objects.filter(pk=attempt.pk, provider_reference__isnull=True).update(
            provider_reference=session, parameters={}
        )
    elif session and session != attempt.provider_reference:
        # A second session that bears our attempt's name: its money is booked as it is.
        apply(attempt.id, provider_of(attempt).fetch(session))
        return
    settle(attempt.id)


def _settle_by_session(event: ProviderEvent) -> bool:
    """Others may share the provider's account: only what bears this shop's mark is its own."""
    mark = orphans.shop_mark(event.channel)
    if event.shop != mark and (event.shop or event.session_reference):
        return False
    provider = provider_for(event.provider, None, event.channel)
    session = event.session_reference or _session_of(provider, event.payment_reference)
    snapshot = provider.fetch(session) if session else None
    if snapshot is None or snapshot.shop != mark:
        return False
    named = _uuid(snapshot.attempt_id)
    attempt = _known(event.provider, named) if named else None
    if attempt is not None:
        _settle_attempt(attempt, snapshot.reference)
    else:
        _book_orphan(event, snapshot)
    return True


def _book_orphan(event: ProviderEvent, snapshot: Snapshot) -> None:
    """In the channel that the session was opened in, if its keys reach the money: any channel that
    shares the account may hear of it first. Else in the one that has heard of it, whose keys do.
    Raises ProviderError where that could not be found out."""
    opened_in = _reached_by(event, snapshot)
    with names_held():
        # It may have another name by now.
        event.refresh_from_db(fields=["channel"])
        channel = (opened_in and name_here(opened_in)) or event.channel
        orphans.apply(Account(event.provider, channel, None), snapshot)


def _reached_by(event: ProviderEvent, snapshot: Snapshot) -> str | None:
    """The shop's id of the channel that the session was opened in; None where there is no such
    channel or it has other keys."""
    slug = current_shop().channels().get(snapshot.channel or "")
    if slug is None:
        return None
    try:
        if slug != event.channel:
            provider_for(event.provider, None, slug).fetch(snapshot.reference)
    except ProviderError as error:
        if not error.permanent:
            raise
        return None
    return snapshot.channel


def _session_of(provider: Provider, payment: str) -> str | None:
    return provider.session_of(payment) if payment else None
