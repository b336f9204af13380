"""`manage.py paylink_ledger`: whether the books are right, and making their daily sums anew."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from saleor_paylink.earnings import rollups
from saleor_paylink.formats import format_money
from saleor_paylink.links import verification
from saleor_paylink.money import Money
from saleor_paylink.shop import current_shop


class Command(BaseCommand):
    help = "Verifies the ledger of money, and makes its daily sums anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="action")
        actions.add_parser(
            "verify",
            help="say what differs between ledger, daily sums and shop; changes nothing; "
            "exit status 1: something differs",
        )
        actions.add_parser("rebuild", help="make the daily sums anew from the ledger")

    def handle(self, *, action: str, **options: Any) -> None:
        actions = {"verify": self._verify, "rebuild": self._rebuild}
        with current_shop().writer():
            actions[action]()

    def _rebuild(self) -> None:
        rollups.rebuild()
        self.stdout.write("The daily sums are made anew.")

    def _verify(self) -> None:
        sums = self._compare_sums()
        compared = differing = moving = 0
        for verdict in verification.verdicts():
            compared += 1
            moving += verdict.moving
            if verdict.reason:
                differing += 1
                self.stdout.write(f"order {verdict.order.number}: {verdict.reason}")
        summary = f"{compared} orders compared, {differing} differ, {sums} daily sums differ."
        if moving:
            summary += f" Money of {moving} orders is on its way: verify again."
        if gone := verification.of_gone_orders():
            summary += f" The ledger has money of {gone} orders that are gone from the shop."
        if differing or sums:
            raise CommandError(summary)
        self.stdout.write(summary)

    def _compare_sums(self) -> int:
        found = rollups.differences()
        for each in found:
            summed, booked = (
                format_money(Money(amount, each.currency)) for amount in (each.summed, each.booked)
            )
            self.stdout.write(
                f"{each.day} {each.kind} of {each.provider} in {each.channel}: "
                f"the sum is {summed}, the ledger has {booked}."
            )
        if found:
            self.stdout.write("paylink_ledger rebuild makes them anew.")
        return len(found)
