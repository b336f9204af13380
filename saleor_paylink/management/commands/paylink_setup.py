"""`manage.py paylink_setup`: brings an installation into order, or undoes that."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from saleor_paylink.operating.findings import Level, current_host
from saleor_paylink.shop import current_shop


class Command(BaseCommand):
    help = (
        "Sets payment links up: has providers post their events here, switches the plugin on where "
        "a key waits for it, and shows it in the Dashboard. May be repeated, and leaves off what "
        "was switched off. Exit status 1: something could not be done."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--activate",
            action="append",
            default=[],
            metavar="CHANNEL",
            help="switch the plugin on in this channel, although it was switched off",
        )
        parser.add_argument(
            "--remove",
            action="store_true",
            help="switch the plugin off everywhere and take it out of the Dashboard",
        )

    def handle(self, *, activate: list[str], remove: bool, **options: Any) -> None:
        if activate and remove:
            raise CommandError("Give --activate or --remove, not both.")
        host = current_host()
        undone = 0
        with current_shop().writer():
            for finding in host.remove() if remove else host.set_up(activate):
                self.stdout.write(str(finding))
                undone += finding.level is Level.FAILURE
        if undone:
            raise CommandError(f"Left to do: {undone}.")
        self.stdout.write("Next: pip uninstall." if remove else "Next: manage.py paylink_check")
