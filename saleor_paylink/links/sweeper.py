"""The sweeper: heals what a crash, a lost webhook or a provider's outage has left undone.

Everything here was begun elsewhere; each step is safe to repeat and to run twice at once.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from saleor_paylink import leases
from saleor_paylink.earnings import rollups
from saleor_paylink.failures import log_failure
from saleor_paylink.links import (
    limits,
    payments,
    posting,
    refunds,
    reminders,
    sessions,
    telling,
    webhooks,
)
from saleor_paylink.links.changes import next_comparison, order_changed
from saleor_paylink.links.channels import follow_names
from saleor_paylink.links.lifecycle import expire
from saleor_paylink.links.locking import lock_known
from saleor_paylink.links.settlement import settle_payment
from saleor_paylink.mail import delivery
from saleor_paylink.models import (
    ATTEMPT_UNRESOLVED,
    LINK_IN_FORCE,
    AttemptStatus,
    LinkStatus,
    PaymentAttempt,
    PaymentCollection,
    PaymentException,
    PaymentLink,
    ProviderEvent,
)
from saleor_paylink.providers.interface import ProviderError

logger = logging.getLogger(__name__)

BATCH = 100
# So that what fails every time does not keep the others from their turn.
LONGEST_UNTRIED = F("leased_until").asc(nulls_first=True)
# Some four days. What failed for so long stays visible as failed and waits for a person.
MOST_TRIES = 24
SOONEST_CHECK = timedelta(minutes=1)
LATEST_CHECK = timedelta(hours=6)
# Refunds and disputes that were not heard of. Disputes come within 120 days
# (https://docs.stripe.com/disputes/how-disputes-work).
WATCH_EVERY = timedelta(days=7)
WATCH_FOR = timedelta(days=120)


def sweep() -> None:
    """Do all that is due now. One thing that fails does not keep the others waiting."""
    # First: settings are found by the names of channels.
    _try(follow_names)
    _try(rollups.fold)
    _each(webhooks.process, _ids(_events_to_process()))
    _each(_expire, _ids(_links_over()))
    _each(posting.post, _ids(leases.free(posting.to_do()).order_by(LONGEST_UNTRIED, "entry_id")))
    _each(telling.tell, _ids(leases.free(telling.to_do()).order_by(LONGEST_UNTRIED, "id")))
    _each(reminders.remind, _ids(reminders.to_remind_of().order_by("next_reminder_at")))
    _each(delivery.deliver, _ids(leases.free(delivery.to_do()).order_by(LONGEST_UNTRIED, "id")))
    # Last what asks providers: one that does not answer keeps nothing else waiting.
    _try(_refuse_lost)
    _each(refunds.make, _ids(leases.free(refunds.to_do()).order_by(LONGEST_UNTRIED, "id")))
    _each(_check, _ids(_attempts_to_check()))
    _each(_watch, _ids(_exceptions_to_check()))
    _each(_compare, _ids(_collections_to_compare()))
    _each(sessions.close_obsolete, _orders_with_dead_urls())
    _each(limits.forget, limits.windows_over())


def _each(work: Callable[[Any], object], ids: Iterable[object]) -> None:
    for each in ids:
        _try(work, each)


def _try(work: Callable[..., object], *of: object) -> None:
    try:
        work(*of)
    except Exception:
        log_failure(logger, "Sweeping %s of %s failed:", work.__name__, ", ".join(map(str, of)))


def _ids(rows: "QuerySet[Any]") -> list[object]:
    return list(rows.values_list("pk", flat=True)[:BATCH])


def _events_to_process() -> "QuerySet[ProviderEvent]":
    undone = (ProviderEvent.Status.RECEIVED, ProviderEvent.Status.FAILED)
    return ProviderEvent.objects.filter(
        status__in=undone, tries__lt=MOST_TRIES, next_try_at__lte=timezone.now()
    ).order_by("next_try_at")


def _links_over() -> "QuerySet[PaymentLink]":
    return PaymentLink.objects.filter(
        status=LinkStatus.ACTIVE, expires_at__lte=timezone.now()
    ).order_by("expires_at")


def _expire(link_id: UUID) -> None:
    with transaction.atomic():
        order_id = PaymentLink.objects.values_list("order_id", flat=True).get(pk=link_id)
        collection = lock_known(order_id)
        link = PaymentLink.objects.get(pk=link_id)
        if link.status == LinkStatus.ACTIVE and link.current_status == LinkStatus.EXPIRED:
            expire(collection, link)


def _refuse_lost() -> None:
    _each(refunds.refuse_lost, refunds.lost())


def _attempts_to_check() -> "QuerySet[PaymentAttempt]":
    return PaymentAttempt.objects.filter(next_check_at__lte=timezone.now()).order_by(
        "next_check_at"
    )


def _check(attempt_id: UUID) -> None:
    attempt = PaymentAttempt.objects.select_related("link").get(pk=attempt_id)
    PaymentAttempt.objects.filter(pk=attempt.pk).update(next_check_at=_next_check(attempt))
    try:
        if sessions.check(attempt).status == AttemptStatus.OPEN:
            sessions.close_obsolete(attempt.order_id)
    except ProviderError as error:
        logger.warning("Attempt %s could not be checked: %s", attempt.id, error.code)


def _next_check(attempt: PaymentAttempt) -> datetime | None:
    """The older an attempt, the rarer its news; webhooks bring them at once anyway. One that is
    to be closed brings none, and is the more urgent the newer that is."""
    if attempt.status in ATTEMPT_UNRESOLVED:
        now, since = timezone.now(), attempt.closing_since or attempt.created_at
        return now + min(max((now - since) / 4, SOONEST_CHECK), LATEST_CHECK)
    return _next_watch(attempt.created_at)


def _next_watch(since: datetime) -> datetime | None:
    now = timezone.now()
    return now + WATCH_EVERY if now - since < WATCH_FOR else None


def _exceptions_to_check() -> "QuerySet[PaymentException]":
    return PaymentException.objects.filter(next_check_at__lte=timezone.now()).order_by(
        "next_check_at"
    )


def _watch(exception_id: int) -> None:
    """Refunds and disputes of a payment that is not looked at with its attempt."""
    exception = PaymentException.objects.get(pk=exception_id)
    next_time = _next_watch(exception.raised_at)
    PaymentException.objects.filter(pk=exception_id).update(next_check_at=next_time)
    charge = payments.of(exception.provider, exception.reference)
    assert charge is not None  # noqa: S101
    try:
        settle_payment(charge)
    except ProviderError as error:
        logger.warning("Payment of exception %s was not checked: %s", exception_id, error.code)


def _collections_to_compare() -> "QuerySet[PaymentCollection]":
    return PaymentCollection.objects.filter(compare_at__lte=timezone.now()).order_by("compare_at")


def _compare(collection_id: int) -> None:
    """The shop may have moved without being heard."""
    collection = PaymentCollection.objects.get(pk=collection_id)
    next_time = next_comparison(collection)
    PaymentCollection.objects.filter(pk=collection_id).update(compare_at=next_time)
    order_changed(collection.order_id)


def _orders_with_dead_urls() -> list[object]:
    """Orders with a session whose link was closed, or has got another URL since, and which
    nobody has asked the provider to close yet: afterwards it is checked like others."""
    dead = ~Q(link__status__in=LINK_IN_FORCE) | ~Q(token_seed=F("link__token_seed"))
    sessions_left = PaymentAttempt.objects.filter(
        dead, status=AttemptStatus.OPEN, closing_since__isnull=True
    )
    return list(sessions_left.values_list("order_id", flat=True).distinct()[:BATCH])
