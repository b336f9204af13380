"""`manage.py paylink_ledger`: whether the books are right, making their daily sums anew, taking in
what the shop's own books hold, and comparing with a provider's own report."""

import sys
from argparse import ArgumentParser
from decimal import Decimal
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError

from saleor_paylink.earnings import comparison, rollups
from saleor_paylink.formats import format_money
from saleor_paylink.links import taking, verification
from saleor_paylink.money import Money
from saleor_paylink.providers.interface import NoReport, ReportUnreadable
from saleor_paylink.providers.registry import provider_classes
from saleor_paylink.shop import ShopRow, current_shop


class Command(BaseCommand):
    help = (
        "Verifies the ledger of money, makes its daily sums anew, takes in what the shop has "
        "recorded of money that others took, and compares it with a provider's own report."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="action")
        actions.add_parser(
            "verify",
            help="say what differs between ledger, daily sums and shop; changes nothing; "
            "exit status 1: something differs and is not explained",
        )
        actions.add_parser("rebuild", help="make the daily sums anew from the ledger")
        actions.add_parser(
            "import",
            help="take in all charges and refunds that other gateways and apps, or staff, have "
            "ever recorded; may be interrupted and repeated; exit status 1: some of it could "
            "not be taken in now, and can be later",
        )
        compare = actions.add_parser(
            "compare",
            help="compare the ledger with the report that the provider gives of an account; "
            "changes nothing; exit status 1: something differs",
        )
        compare.add_argument("file", help="the report as it was downloaded; - for the input")
        compare.add_argument("--provider", default="stripe", choices=provider_classes())
        compare.add_argument(
            "--all",
            action="store_true",
            dest="everything",
            help="payments that paylink does not know are differences, too",
        )

    def handle(self, *, action: str, **options: Any) -> None:
        actions = {"verify": self._verify, "rebuild": self._rebuild, "import": self._import}
        with current_shop().writer():
            if action == "compare":
                self._compare(options["file"], options["provider"], options["everything"])
            else:
                actions[action]()

    def _rebuild(self) -> None:
        rollups.rebuild()
        self.stdout.write("The daily sums are made anew.")

    def _verify(self) -> None:
        sums = self._compare_sums()
        orders = differing = moving = explained = 0
        for verdict in verification.verdicts():
            orders += 1
            moving += verdict.moving
            differing += bool(verdict.differs)
            explained += len(verdict.explained)
            for reason in verdict.differs:
                self.stdout.write(f"order {verdict.order.number}: {reason}")
            for reason in verdict.explained:
                self.stdout.write(f"order {verdict.order.number}, explained: {reason}")
        missing, unbookable = self._look_beside_orders()
        summary = f"{orders} orders compared, {differing} differ, {sums} daily sums differ."
        if missing:
            summary += f" {missing} rows of no order are not taken in."
        if explained or unbookable:
            summary += f" {explained + unbookable} differences are explained."
        if moving:
            summary += f" Money of {moving} orders is on its way: verify again."
        if gone := verification.of_gone_orders():
            summary += f" The ledger has money of {gone} orders that are gone from the shop."
        if differing or sums or missing:
            raise CommandError(summary)
        self.stdout.write(summary)

    def _look_beside_orders(self) -> tuple[int, int]:
        """How many rows of no order are not taken in, and how many never can be."""
        missing = unbookable = 0
        for row in verification.rows_of_no_order():
            if row.problem:
                unbookable += 1
                self.stdout.write(f"{row.key}, explained: {_never_booked(row)}")
            else:
                missing += 1
                self.stdout.write(f"{row.key}: Not taken in, which paylink_ledger import does.")
        return missing, unbookable

    def _import(self) -> None:
        all_records = taking.count_history()
        done = booked = unbookable = failed = 0
        for count, taken in taking.history():
            done += count
            booked += taken.booked
            unbookable += len(taken.unbookable)
            failed += len(taken.failed)
            for row in taken.unbookable:
                self.stdout.write(f"{row.key}: {_never_booked(row)}")
            for record, error in taken.failed.items():
                self.stdout.write(f"{record} could not be taken in ({error}).")
            self.stdout.write(f"{done} of {max(done, all_records)} records")
        self.stdout.write(f"{booked} movements were booked.")
        if unbookable:
            self.stdout.write(f"{unbookable} rows can never be booked.")
        if failed:
            raise CommandError(f"{failed} records could not be taken in: import them again.")

    def _compare_sums(self) -> int:
        found = rollups.differences()
        for each in found:
            self.stdout.write(
                f"{each.day} {each.figure} of {each.provider} in {each.channel}: "
                f"the sum is {_shown(each, each.summed)}, the ledger has "
                f"{_shown(each, each.booked)}."
            )
        if found:
            self.stdout.write("paylink_ledger rebuild makes them anew.")
        return len(found)

    def _compare(self, file: str, provider: str, everything: bool) -> None:
        try:
            with (
                _opened(file) as lines,
                comparison.compared(
                    provider, provider_classes()[provider].read_report(lines), everything=everything
                ) as found,
            ):
                self._tell(found)
        except NoReport:
            raise CommandError(f"{provider} gives no report that could be read.") from None
        except ReportUnreadable as error:
            raise CommandError(str(error)) from None
        except UnicodeDecodeError:
            raise CommandError(
                "The file is not UTF-8: give it as the provider made it, and not as a "
                "spreadsheet has saved it."
            ) from None

    def _tell(self, found: comparison.Comparison) -> None:
        differing = days = 0
        for each in found.differences():
            is_day = each.why is comparison.Why.DAY
            days, differing = days + is_day, differing + (not is_day)
            self.stdout.write(str(each))
        for sums in found.sums():
            self._tell_sums(sums)
        self._tell_besides(found.besides())
        summary = f"{found.lines} lines compared, {differing} differences."
        if found.first and found.last:
            summary = f"{found.first.isoformat()} to {found.last.isoformat()}: {summary}"
        if days:
            summary += f" {days} movements count on another day."
        if differing:
            raise CommandError(summary)
        self.stdout.write(summary)

    def _tell_sums(self, sums: comparison.Sums) -> None:
        for name in ("gross", "refunds", "disputes", "fees", "net"):
            reported, booked = getattr(sums.reported, name), getattr(sums.booked, name)
            self.stdout.write(
                f"{sums.currency} {name}: report {format_money(reported)}, "
                f"ledger {format_money(booked)}, difference {format_money(reported - booked)}"
            )

    def _tell_besides(self, besides: comparison.Besides) -> None:
        if besides.no_payments:
            counts = ", ".join(f"{count} {name}" for name, count in besides.no_payments.items())
            self.stdout.write(f"Lines that are of no payment: {counts}.")
        if besides.others:
            self.stdout.write(f"{besides.others} movements are of payments not known here.")
        for channel, count in besides.channels.items():
            self.stdout.write(
                f"The report has nothing of the channel {channel}, of which {count} movements "
                "are booked in its time: they were not looked for."
            )


def _opened(file: str) -> TextIO:
    path = sys.stdin.fileno() if file == "-" else file
    try:
        return open(path, encoding="utf-8", newline="", closefd=file != "-")
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from None


def _never_booked(row: ShopRow) -> str:
    return f"It can never be booked: {row.problem}."


def _shown(difference: rollups.Difference, value: Decimal) -> str:
    if difference.figure in rollups.AMOUNTS:
        return format_money(Money(value, difference.currency))
    return str(value)
