"""`manage.py paylink_reconcile`: what differs between the provider and the shop."""

from argparse import ArgumentParser
from datetime import date, datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from saleor_paylink.links import reconciliation
from saleor_paylink.models import PaymentAttempt, ProviderEvent
from saleor_paylink.providers.interface import ProviderError
from saleor_paylink.shop import current_shop


class Command(BaseCommand):
    help = (
        "Asks the payment providers about every payment attempt, and says what differs between "
        "them, paylink's records and the shop. Changes nothing without --heal. Exit status 1: "
        "something differs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--heal", action="store_true", help="bring them into agreement, then compare again"
        )
        parser.add_argument(
            "--since", type=date.fromisoformat, help="attempts made from this day on (YYYY-MM-DD)"
        )

    def handle(self, *, heal: bool, since: date | None, **options: Any) -> None:
        compared = differing = 0
        with current_shop().writer():
            unheard = sum(not self._is_heard(event, heal) for event in reconciliation.unheard())
            for attempt in reconciliation.attempts_since(_midnight(since)):
                compared += 1
                differing += not self._agrees(attempt, heal)
        summary = f"{compared} attempts compared, {differing} differ."
        if unheard:
            summary += f" {unheard} webhooks are not processed."
        if differing or unheard:
            raise CommandError(summary)
        self.stdout.write(summary)

    def _is_heard(self, event: ProviderEvent, heal: bool) -> bool:
        self.stdout.write(f"webhook {event.event_id} ({event.type}): {event.error or 'waits'}")
        return heal and reconciliation.hear(event)

    def _agrees(self, attempt: PaymentAttempt, heal: bool) -> bool:
        found = reconciliation.compare(attempt)
        self._say(found)
        if not (found and heal):
            return not found
        try:
            reconciliation.heal(attempt)
        except ProviderError as error:
            self.stdout.write(f"  not healed: {error.message}")
            return False
        attempt.refresh_from_db()
        left = reconciliation.compare(attempt)
        self.stdout.write("  healed" if not left else "  still differs:")
        self._say(left)
        return not left

    def _say(self, differences: list[reconciliation.Difference]) -> None:
        for each in differences:
            order = current_shop().order(each.attempt.order_id)
            name = f"order {order.number}" if order else f"order {each.attempt.order_id} (gone)"
            self.stdout.write(f"{name}, attempt {each.attempt.id}: {each.what}")


def _midnight(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None
