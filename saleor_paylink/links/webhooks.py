"""Webhooks: verified, kept, answered; the work is done by a task afterwards.

What a webhook says is a doorbell and never the truth: it only says which attempt to settle.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from saleor_paylink import jobs
from saleor_paylink.failures import log_failure
from saleor_paylink.links.settlement import apply, provider_of, settle
from saleor_paylink.models import LedgerEntry, LedgerKind, PaymentAttempt, ProviderEvent
from saleor_paylink.providers import registry
from saleor_paylink.providers.interface import EventRef, ProviderError
from saleor_paylink.shop import current_shop

logger = logging.getLogger(__name__)

FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=6)


class UnknownProvider(Exception):
    """No such provider takes webhooks in this channel."""


def receive(provider: str, channel: str, headers: Mapping[str, str], body: bytes) -> None:
    """Verify a webhook and keep its events; what is kept cannot be lost.

    Raises UnknownProvider and providers.interface.BadSignature, and then keeps nothing.
    """
    settings = current_shop().channel_settings(channel)
    configured = {each.name: each for each in registry.configured_providers(settings)}
    if provider not in configured:
        raise UnknownProvider(provider)
    events = configured[provider].read_events(headers, body)
    with transaction.atomic():
        for event in events:
            _keep(provider, channel, event)


def _keep(provider: str, channel: str, event: EventRef) -> None:
    row, _created = ProviderEvent.objects.get_or_create(
        provider=provider,
        event_id=event.event_id,
        defaults={
            "channel": channel,
            "type": event.type[:128],
            "attempt_id": _uuid(event.attempt_id),
            "session_reference": event.session or "",
            "payment_reference": event.payment or "",
        },
    )
    # A failed event is never taken for done: a repeated delivery tries it again.
    if row.status in (ProviderEvent.Status.RECEIVED, ProviderEvent.Status.FAILED):
        jobs.later(jobs.PROCESS_EVENT, row.pk)


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
        attempt = _attempt_of(event)
        if attempt is not None:
            _settle(attempt, event)
            event.status = ProviderEvent.Status.PROCESSED
        elif event.attempt_id is None:
            event.status = ProviderEvent.Status.FOREIGN
        else:
            _fail(event, "Names an attempt that is not known here.")
    except Exception as error:
        if not isinstance(error, ProviderError):
            log_failure(logger, "Provider event %s failed:", event.event_id)
        _fail(event, getattr(error, "message", type(error).__name__))
    event.save(update_fields=["status", "error", "tries", "next_try_at"])


def _fail(event: ProviderEvent, reason: str) -> None:
    event.status = ProviderEvent.Status.FAILED
    event.error = reason[:512]
    event.next_try_at = timezone.now() + min(FIRST_RETRY * 2**event.tries, LONGEST_RETRY)
    event.tries += 1


def _attempt_of(event: ProviderEvent) -> PaymentAttempt | None:
    """By what we gave the provider to remember, else by the session, else by the payment."""
    attempts = PaymentAttempt.objects.select_related("link").filter(provider=event.provider)
    if event.attempt_id:
        return attempts.filter(pk=event.attempt_id).first()
    if event.session_reference:
        found = attempts.filter(provider_reference=event.session_reference).first()
        if found is not None:
            return found
    if event.payment_reference:
        entry = LedgerEntry.objects.filter(
            provider=event.provider, kind=LedgerKind.CHARGE, reference=event.payment_reference
        ).first()
        return entry.attempt if entry else None
    return None


def _settle(attempt: PaymentAttempt, event: ProviderEvent) -> None:
    session = event.session_reference
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
