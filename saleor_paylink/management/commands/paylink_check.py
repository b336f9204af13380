"""`manage.py paylink_check`: whether an installation works."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from saleor_paylink.operating.findings import Level, current_host
from saleor_paylink.shop import current_shop


class Command(BaseCommand):
    help = (
        "Looks at everything payment links need, one line each, with what to do. Changes nothing. "
        "Exit status 1: there is a failure; warnings leave it at 0."
    )

    def handle(self, **options: Any) -> None:
        counts = dict.fromkeys(Level, 0)
        with current_shop().writer():
            for finding in current_host().check():
                self.stdout.write(str(finding))
                counts[finding.level] += 1
        summary = f"{counts[Level.FAILURE]} failures, {counts[Level.WARNING]} warnings."
        if counts[Level.FAILURE]:
            raise CommandError(summary)
        self.stdout.write(summary)
