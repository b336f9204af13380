"""Celery entry points, each one line into the domain. Their names are in `saleor_paylink.jobs`."""

from uuid import UUID

from celery import shared_task

from saleor_paylink import jobs
from saleor_paylink.links import posting, sessions, sweeper, webhooks
from saleor_paylink.mail import delivery
from saleor_paylink.shop import current_shop


@shared_task(name=jobs.PROCESS_EVENT)
def process_event(event_id: int) -> None:
    with current_shop().writer():
        webhooks.process(event_id)


@shared_task(name=jobs.POST_TO_SHOP)
def post_to_shop(posting_id: int) -> None:
    with current_shop().writer():
        posting.post(posting_id)


@shared_task(name=jobs.CLOSE_SESSIONS)
def close_sessions(order_id: str) -> None:
    with current_shop().writer():
        sessions.close_obsolete(UUID(order_id))


@shared_task(name=jobs.DELIVER_MAIL)
def deliver_mail(mail_id: int) -> None:
    with current_shop().writer():
        delivery.deliver(mail_id)


@shared_task(name=jobs.SWEEP)
def sweep() -> None:
    with current_shop().writer():
        sweeper.sweep()
