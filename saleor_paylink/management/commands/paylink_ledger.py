"""`manage.py paylink_ledger`: whether the books are right, making their daily sums anew, and taking
in what the shop's own books hold."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from saleor_paylink.earnings import rollups
from saleor_paylink.formats import format_money
from saleor_paylink.links import taking, verification
from saleor_paylink.money import Money
from saleor_paylink.shop import current_shop


class Command(BaseCommand):
    help = (
        "Verifies the ledger of money, makes its daily sums anew, and takes in what the shop "
        "has recorded of money that others took."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="action")
        actions.add_parser(
            "verify",
            help="say what differs between ledger, daily sums and shop; changes nothing; "
            "exit status 1: something differs",
        )
        actions.add_parser("rebuild", help="make the daily sums anew from the ledger")
        actions.add_parser(
            "import",
            help="take in all charges and refunds that other gateways and apps, or staff, have "
            "ever recorded; may be interrupted and repeated; exit status 1: some of it could "
            "not be booked",
        )

    def handle(self, *, action: str, **options: Any) -> None:
        actions = {"verify": self._verify, "rebuild": self._rebuild, "import": self._import}
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

    def _import(self) -> None:
        all_records, done, booked, problems = taking.count_history(), 0, 0, 0
        for count, taken in taking.history():
            done += count
            booked += taken.booked
            problems += len(taken.problems)
            for row in taken.problems:
                self.stdout.write(f"{row.key} is not booked: {row.problem}.")
            self.stdout.write(f"{done} of {max(done, all_records)} records")
        self.stdout.write(f"{booked} movements were booked.")
        if problems:
            raise CommandError(f"{problems} rows could not be booked.")

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
