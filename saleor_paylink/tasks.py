"""Celery entry points, each one line into the domain. Their names are in `saleor_paylink.jobs`."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from celery import shared_task

from saleor_paylink import jobs
from saleor_paylink.failures import muted
from saleor_paylink.links import posting, refunds, sessions, sweeper, taking, telling, webhooks
from saleor_paylink.mail import delivery
from saleor_paylink.shop import current_shop

logger = logging.getLogger(__name__)


@contextmanager
def _at_work(task: str) -> Iterator[None]:
    """Leave to write. Celery logs whatever a task raises whole."""
    with muted(logger, "The task %s failed:", task), current_shop().writer():
        yield


@shared_task(name=jobs.PROCESS_EVENT)
def process_event(event_id: int) -> None:
    with _at_work(jobs.PROCESS_EVENT):
        webhooks.process(event_id)


@shared_task(name=jobs.POST_TO_SHOP)
def post_to_shop(posting_id: int) -> None:
    with _at_work(jobs.POST_TO_SHOP):
        posting.post(posting_id)


@shared_task(name=jobs.CLOSE_SESSIONS)
def close_sessions(order_id: str) -> None:
    with _at_work(jobs.CLOSE_SESSIONS):
        sessions.close_obsolete(UUID(order_id))


@shared_task(name=jobs.MAKE_REFUND)
def make_refund(request_id: str) -> None:
    with _at_work(jobs.MAKE_REFUND):
        refunds.make(UUID(request_id))


@shared_task(name=jobs.TELL)
def tell(collection_id: int) -> None:
    with _at_work(jobs.TELL):
        telling.tell(collection_id)


@shared_task(name=jobs.DELIVER_MAIL)
def deliver_mail(mail_id: int) -> None:
    with _at_work(jobs.DELIVER_MAIL):
        delivery.deliver(mail_id)


@shared_task(name=jobs.TAKE_IN)
def take_in(kind: str, record_id: int) -> None:
    with _at_work(jobs.TAKE_IN):
        taking.take_in(kind, [record_id])


@shared_task(name=jobs.SWEEP)
def sweep() -> None:
    with _at_work(jobs.SWEEP):
        sweeper.sweep()
