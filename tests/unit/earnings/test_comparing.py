"""`manage.py paylink_ledger compare`: the ledger against the report that Stripe gives."""

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from saleor_paylink.earnings import comparison
from saleor_paylink.earnings.ledger import Account, book
from saleor_paylink.links.lifecycle import LinkTerms, create
from saleor_paylink.links.settlement import settle
from saleor_paylink.models import LedgerEntry, LedgerKind, PaymentAttempt
from saleor_paylink.money import Money
from saleor_paylink.providers.interface import Moved, ReportLine
from sandbox import clock
from sandbox.shop import orders
from sandbox.shop.models import Channel, Order, ProductVariant
from sandbox.stripe import Simulator
from tests.unit.links.helpers import CLERK, KEY, Customer

DAY = 24 * 3600
ANOTHERS = "0c7a7c9f-54c8-4b55-8a0b-1d2f3a4b5c6d"
Row = dict[str, str]
Rows = list[Row]
Compare = Callable[..., tuple[str, bool]]


@pytest.fixture
def compare(tmp_path: Path, simulator: Simulator) -> Compare:
    """Give the report to the command, once `change` has tampered with its rows: what that says,
    and whether it ended well."""

    def run(change: Callable[[Rows], Rows | None] = lambda rows: rows, *options: str):
        rows = list(csv.DictReader(StringIO(simulator.balance_report(KEY), newline="")))
        columns = list(rows[0]) if rows else []
        changed = change(rows)
        path = tmp_path / "report.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows if changed is None else changed)
        return told(str(path), *options)

    return run


def told(file: str, *options: str) -> tuple[str, bool]:
    out = StringIO()
    try:
        call_command("paylink_ledger", "compare", file, *options, stdout=out)
    except CommandError as error:
        return f"{out.getvalue()}{error}\n", False
    return out.getvalue(), True


def differences(said: str) -> list[str]:
    """What was found, without sums."""
    lines = said.splitlines()
    return [each for each in lines if each.startswith("line ") or "not in the report" in each]


def row_of(rows: Rows, category: str, reference: str = "") -> Row:
    """The first line of that category, and of that object or payment."""
    return next(
        row
        for row in rows
        if row["reporting_category"] == category
        and reference in ("", row["source_id"], row["payment_intent_id"])
    )


class Year:
    """Months of business on both sides' clocks."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.payments: list[str] = []

    def pass_days(self, days: int) -> None:
        self.simulator.advance(days * DAY)
        clock.put_forward(self.simulator.clock.now() - int(datetime.now(UTC).timestamp()))

    def settle(self, payment: str) -> None:
        """The shop hears of what became of a payment."""
        charge = LedgerEntry.objects.get(kind="charge", reference=payment)
        assert charge.attempt_id is not None
        settle(charge.attempt_id)

    def sell(self, order: Order) -> str:
        """The payment."""
        customer = Customer(create(order.id, LinkTerms(), CLERK))
        payment = str(self.simulator.pay(customer.session())["payment_intent"])
        self.payments.append(payment)
        settle(PaymentAttempt.objects.get(order_id=order.id).id)
        return payment


@pytest.fixture
def year(simulator: Simulator) -> Iterator[Year]:
    yield Year(simulator)
    clock.put_forward(0)


@pytest.fixture
def make_yen_order(transactional_db: None) -> Callable[[], Order]:
    kyoto = Channel.objects.create(
        slug="kyoto",
        currency="JPY",
        plugin_active=True,
        plugin_values={"stripe-secret-key": KEY, "stripe-webhook-secret": "whsec_kyoto"},
    )
    bowl = ProductVariant.objects.create(
        sku="BOWL", product_name="Bowl", name="Red", price="1500", stock=100
    )
    return lambda: orders.complete(orders.create_draft(kyoto, [(bowl, 2)], None).id, None)


@pytest.fixture
def history(
    year: Year, make_order: Callable[..., Order], make_yen_order: Callable[[], Order]
) -> Year:
    """A year in which everything has happened: two payments a month, of 25 USD and 3000 JPY."""
    simulator = year.simulator
    for month in range(12):
        dollars, yen = year.sell(make_order()), year.sell(make_yen_order())
        year.pass_days(10)
        if month % 3 == 0:
            refund = simulator.refund(dollars, 1000)
            year.settle(dollars)
            if month % 2 == 0:
                year.pass_days(3)
                simulator.fail_refund(refund["id"])
        if month % 4 == 1:
            simulator.dispute(yen)
            year.settle(yen)
            year.pass_days(3)
            simulator.close_dispute(yen, "won" if month % 8 == 1 else "lost")
        year.settle(dollars)
        year.settle(yen)
        year.pass_days(20)
    return year


@pytest.fixture
def months(year: Year, make_order: Callable[..., Order]) -> Year:
    """Three of them, with a payment of 25 USD each."""
    for _month in range(3):
        year.sell(make_order())
        year.pass_days(30)
    return year


ALL_WELL = [
    "JPY gross: report ¥36,000, ledger ¥36,000, difference ¥0",
    "JPY refunds: report ¥0, ledger ¥0, difference ¥0",
    "JPY disputes: report ¥3,000, ledger ¥3,000, difference ¥0",
    "JPY fees: report ¥5,340, ledger ¥5,340, difference ¥0",
    "JPY net: report ¥27,660, ledger ¥27,660, difference ¥0",
    "USD gross: report $300.00, ledger $300.00, difference $0.00",
    "USD refunds: report $20.00, ledger $20.00, difference $0.00",
    "USD disputes: report $0.00, ledger $0.00, difference $0.00",
    "USD fees: report $7.56, ledger $7.56, difference $0.00",
    "USD net: report $272.44, ledger $272.44, difference $0.00",
]


def test_a_years_report_agrees_with_the_ledger(history: Year, compare: Compare) -> None:
    before = LedgerEntry.objects.count()

    said, well = compare()

    assert differences(said) == []
    assert said.splitlines()[:-1] == ALL_WELL
    assert said.endswith(": 35 lines compared, 0 differences.\n")
    assert well
    assert LedgerEntry.objects.count() == before


def test_each_tampering_with_a_years_report_is_found_and_nothing_else(
    history: Year, compare: Compare
) -> None:
    payment = history.payments[4]
    where: dict[str, int] = {}

    def tamper(what: Callable[[Row], object]) -> Callable[[Rows], None]:
        def change(rows: Rows) -> None:
            row = row_of(rows, "charge", payment)
            where["line"] = rows.index(row) + 2
            what(row)

        return change

    more = {"customer_facing_amount": "25.01", "gross": "25.01"}
    assert differences(compare(tamper(lambda row: row.update(more)))[0]) == [
        f"line {where['line']}: Charge {payment} is $25.01 in the report, and booked as $25.00."
    ]
    said, well = compare(tamper(lambda row: row.update(fee="0.64")))
    assert differences(said) == [
        f"line {where['line']}: Fee {payment} is $0.64 in the report, and booked as $0.63."
    ]
    assert "USD fees: report $7.57, ledger $7.56, difference $0.01" in said
    assert not well
    other = {"customer_facing_currency": "eur", "currency": "eur"}
    assert differences(compare(tamper(lambda row: row.update(other)))[0]) == [
        f"line {where['line']}: Charge {payment} is €25.00 in the report, and booked as $25.00.",
        f"line {where['line']}: Fee {payment} is €0.63 in the report, and booked as €0.00.",
    ]


def test_a_movement_that_the_report_lacks_is_named(months: Year, compare: Compare) -> None:
    payment = months.payments[1]
    at = LedgerEntry.objects.get(kind="charge", reference=payment).occurred_at

    said, well = compare(lambda rows: [r for r in rows if r["payment_intent_id"] != payment])

    day = timezone.localtime(at).date()
    assert differences(said) == [f"Charge {payment} of $25.00, {day}, is not in the report."]
    assert "USD gross: report $50.00, ledger $75.00, difference -$25.00" in said
    assert "USD fees: report $1.26, ledger $1.89, difference -$0.63" in said
    assert "USD net: report $48.74, ledger $73.11, difference -$24.37" in said
    assert not well


def test_a_line_that_stands_there_twice_is_named(months: Year, compare: Compare) -> None:
    payment = months.payments[1]

    said, well = compare(lambda rows: [*rows, row_of(rows, "charge", payment)])

    assert differences(said) == [
        f"line 5: Charge {payment} of $25.00 stands in the report once more."
    ]
    assert "USD gross: report $100.00, ledger $75.00, difference $25.00" in said
    assert not well


def test_a_day_that_differs_is_told_and_is_no_difference_of_money(
    months: Year, compare: Compare
) -> None:
    payment = months.payments[1]
    at = LedgerEntry.objects.get(kind="charge", reference=payment).occurred_at
    line = 0

    def change(rows: Rows) -> None:
        nonlocal line
        row = row_of(rows, "charge", payment)
        line = rows.index(row) + 2
        row["created_utc"] = f"{at + timedelta(days=2):%Y-%m-%d %H:%M:%S}"

    said, well = compare(change)

    booked = timezone.localtime(at).date()
    assert differences(said) == [
        f"line {line}: Charge {payment} counts on {booked}, in the report "
        f"{booked + timedelta(days=2)}."
    ]
    assert said.endswith("0 differences. 1 movements count on another day.\n")
    assert well


def test_a_report_of_some_months_is_compared_with_these(months: Year, compare: Compare) -> None:
    """What was booked before and after is not looked for."""
    said, well = compare(lambda rows: rows[1:2])

    assert differences(said) == []
    assert "1 lines compared, 0 differences" in said
    assert well


# What must be booked, and what need not


@pytest.fixture
def sale(year: Year, order: Order) -> str:
    """A payment of 25 USD, booked."""
    return year.sell(order)


def test_money_of_paylinks_that_is_not_booked_is_named(
    order: Order, customer: Customer, simulator: Simulator, compare: Compare
) -> None:
    payment = simulator.pay(customer.session())["payment_intent"]

    said, well = compare()

    assert differences(said) == [
        f"line 2: Charge {payment} of $25.00 is not in the ledger.",
        f"line 2: Fee {payment} is $0.63 in the report, and booked as $0.00.",
    ]
    assert not well

    # As after a restored backup: the attempt is forgotten, the shop is named.
    PaymentAttempt.objects.all().delete()
    assert compare() == (said, False)


def foreign(rows: Rows) -> Row:
    """A line of a payment that has nothing to do with paylink."""
    return {
        **rows[0],
        "balance_transaction_id": "txn_foreign",
        "source_id": "ch_foreign",
        "charge_id": "ch_foreign",
        "payment_intent_id": "pi_foreign",
        **{name: "" for name in rows[0] if name.startswith("payment_metadata")},
    }


def test_other_business_of_the_account_is_counted_and_not_named(
    sale: str, compare: Compare
) -> None:
    """Also if it stands there twice."""
    said, well = compare(lambda rows: [*rows, foreign(rows), foreign(rows)])

    assert differences(said) == []
    assert "1 movements are of payments not known here.\n" in said
    assert "USD gross: report $25.00, ledger $25.00, difference $0.00" in said
    assert well


def test_other_business_is_named_if_that_is_asked_for(sale: str, compare: Compare) -> None:
    said, well = compare(lambda rows: [*rows, foreign(rows)], "--all")

    assert differences(said) == [
        "line 3: Charge pi_foreign of $25.00 is not in the ledger.",
        "line 3: Fee pi_foreign is $0.63 in the report, and booked as $0.00.",
    ]
    assert not well


def test_another_shops_payment_is_other_business(sale: str, compare: Compare) -> None:
    def change(rows: Rows) -> Rows:
        theirs = foreign(rows)
        theirs["payment_metadata[saleor_paylink_attempt]"] = ANOTHERS
        theirs["payment_metadata[saleor_paylink_shop]"] = "other.example"
        return [*rows, theirs]

    said, well = compare(change)

    assert (differences(said), well) == ([], True)


@pytest.mark.parametrize("reference", ["pi_foreign", "ch_foreign"])
def test_money_that_others_took_is_found_by_either_of_its_names(
    sale: str, compare: Compare, reference: str
) -> None:
    taken = Account("saleor.app.payment.stripe", "shop", None)
    usd, now = Money(Decimal(25), "USD"), timezone.now()
    book(LedgerKind.CHARGE, taken, usd, reference, now, reference)

    said, well = compare(lambda rows: [*rows, foreign(rows)])
    assert (differences(said), well) == ([], True)
    assert "not known here" not in said
    assert "USD gross: report $50.00, ledger $50.00, difference $0.00" in said

    more = {"gross": "26.00", "customer_facing_amount": "26.00"}
    said, well = compare(lambda rows: [*rows, {**foreign(rows), **more}])
    assert differences(said) == [
        "line 3: Charge pi_foreign is $26.00 in the report, and booked as $25.00."
    ]
    assert not well


def test_what_others_took_need_not_be_in_the_report(sale: str, compare: Compare) -> None:
    """It may be another account's."""
    at = LedgerEntry.objects.get(kind="charge").occurred_at
    taken = Account("saleor.app.payment.stripe", "shop", None)
    book(LedgerKind.CHARGE, taken, Money(Decimal(25), "USD"), "pi_app", at, "pi_app")

    assert compare()[1]


def test_payouts_and_the_like_are_counted(sale: str, compare: Compare) -> None:
    def change(rows: Rows) -> Rows:
        payout = {**foreign(rows), "reporting_category": "payout", "gross": "-24.37", "fee": "0.00"}
        fee = {**payout, "reporting_category": "fee", "source_id": "", "gross": "-2.00"}
        return [*rows, payout, {**payout, "balance_transaction_id": "txn_2"}, fee]

    said, well = compare(change)

    assert "Lines that are of no payment: 1 fee, 2 payout.\n" in said
    assert (differences(said), well) == ([], True)


def test_a_refund_that_came_back_before_it_was_heard_of_is_no_difference(
    sale: str, simulator: Simulator, compare: Compare
) -> None:
    refund = simulator.refund(sale, 1000)["id"]
    assert differences(compare()[0]) == [f"line 3: Refund {refund} of $10.00 is not in the ledger."]

    simulator.fail_refund(refund)

    said, well = compare()
    assert (differences(said), well) == ([], True)
    assert "USD refunds: report $0.00, ledger $0.00, difference $0.00" in said


def test_a_dispute_that_was_won_before_it_was_heard_of_leaves_its_fee(
    sale: str, simulator: Simulator, year: Year, compare: Compare
) -> None:
    dispute = simulator.dispute(sale)["id"]
    simulator.close_dispute(sale, "won")
    assert differences(compare()[0]) == [
        f"line 3: Fee {dispute} is $15.00 in the report, and booked as $0.00."
    ]

    year.settle(sale)

    assert differences(compare()[0]) == []


def test_a_return_of_a_refund_that_is_not_booked_is_named(
    sale: str, simulator: Simulator, year: Year, compare: Compare
) -> None:
    refund = simulator.refund(sale, 1000)["id"]
    year.settle(sale)
    simulator.fail_refund(refund)

    assert differences(compare()[0]) == [
        f"line 4: Refund Reversal {refund} of $10.00 is not in the ledger."
    ]


def test_a_fee_that_was_corrected_agrees_as_it_was_and_as_it_is(
    sale: str, compare: Compare
) -> None:
    """The report may be older than the correction, or younger."""
    later, change = timezone.now() + timedelta(days=40), Money(Decimal("0.17"), "USD")
    account = Account("stripe", "shop", None)
    book(LedgerKind.FEE_CORRECTION, account, change, f"{sale}/1", later, sale)

    for fee, agrees in (("0.63", True), ("0.80", True), ("0.17", False), ("0.00", False)):
        assert compare(lambda rows, fee=fee: rows[0].update(fee=fee))[1] is agrees


def test_the_fee_of_the_first_line_was_booked_some_seconds_before_the_report_begins(
    sale: str, compare: Compare
) -> None:
    """Between a payment and its line in the balance lie seconds."""
    at = LedgerEntry.objects.get(kind="charge").occurred_at + timedelta(seconds=2)
    line = {"created_utc": f"{at:%Y-%m-%d %H:%M:%S}", "fee": "0.00"}

    assert differences(compare(lambda rows: rows[0].update(line))[0]) == [
        f"line 2: Fee {sale} is $0.00 in the report, and booked as $0.63."
    ]


def test_a_channel_of_another_account_is_said_not_to_be_compared(
    sale: str, compare: Compare
) -> None:
    charge = LedgerEntry.objects.get(kind="charge")
    one = Money(Decimal(1), "USD")
    other = Account("stripe", "other", None)
    book(LedgerKind.CHARGE, other, one, "pi_other", charge.occurred_at, "pi_other")

    later = f"{charge.occurred_at + timedelta(minutes=1):%Y-%m-%d %H:%M:%S}"
    said, well = compare(lambda rows: [*rows, {**foreign(rows), "created_utc": later}])
    assert "The report has nothing of the channel other, of which 1 movements are booked" in said
    assert (differences(said), well) == ([], True)

    # Of a report that is of none of them, all is missed.
    said, well = compare(lambda rows: [foreign(rows), {**foreign(rows), "created_utc": later}])
    assert len(differences(said)) == 2
    assert not well


def test_a_dispute_in_another_currency_is_not_held_against_the_customers(
    sale: str, simulator: Simulator, year: Year, compare: Compare
) -> None:
    """Stripe says of disputes only what they were settled as."""
    simulator.dispute(sale)
    year.settle(sale)

    def settled_in_euros(rows: Rows) -> None:
        row_of(rows, "dispute").update(currency="eur", gross="-21.00", fee="0.00")

    said, _well = compare(settled_in_euros)
    assert not any("Dispute" in each for each in differences(said))
    assert "USD disputes: report $25.00, ledger $25.00, difference $0.00" in said


def test_what_is_settled_in_another_currency_agrees_as_the_customer_saw_it(
    sale: str, compare: Compare
) -> None:
    said, _well = compare(lambda rows: rows[0].update(currency="eur", gross="22.00", fee="0.00"))

    assert not any("Charge" in each for each in differences(said))


def test_a_payment_captured_in_part_is_what_was_captured(sale: str, compare: Compare) -> None:
    taken = Account("saleor.app.payment.stripe", "shop", None)
    book(LedgerKind.CHARGE, taken, Money(Decimal(15), "USD"), "pi_foreign", timezone.now())

    def captured_in_part(rows: Rows) -> Rows:
        rest = {
            **foreign(rows),
            "balance_transaction_id": "txn_rest",
            "reporting_category": "partial_capture_reversal",
            "source_id": "re_rest",
            "gross": "-10.00",
            "customer_facing_amount": "-10.00",
            "fee": "0.00",
        }
        return [*rows, foreign(rows), rest]

    said, well = compare(captured_in_part)
    assert (differences(said), well) == ([], True)


# The file


def test_a_file_that_cannot_be_read_is_refused_whole(sale: str, compare: Compare) -> None:
    said, well = compare(lambda rows: [*rows, foreign(rows), {**rows[0], "gross": "much"}])

    assert said == ("Line 4, column gross: “much” is no amount with a point before its decimals.\n")
    assert not well


def test_a_file_that_is_not_there_is_said(transactional_db: None) -> None:
    said, well = told("/nowhere/report.csv")
    assert (said, well) == (
        "/nowhere/report.csv cannot be read: No such file or directory.\n",
        False,
    )


@pytest.mark.parametrize("content", ["\ufeffid,Währung\n".encode("utf-16"), b"id,W\xe4hrung\n"])
def test_a_file_in_another_encoding_is_refused(
    transactional_db: None, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "report.csv"
    path.write_bytes(content)
    assert told(str(path))[0].startswith("The file is not UTF-8")


def test_a_report_without_lines_says_that_nothing_was_compared(
    transactional_db: None, tmp_path: Path, simulator: Simulator
) -> None:
    path = tmp_path / "report.csv"
    path.write_text(simulator.balance_report(KEY))
    assert told(str(path)) == ("0 lines compared, 0 differences.\n", True)


def test_the_input_is_read_for_a_dash(
    sale: str, simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.csv"
    path.write_text(simulator.balance_report(KEY))
    with path.open() as file:
        monkeypatch.setattr("sys.stdin", file)
        said, well = told("-")
    assert said.endswith("1 lines compared, 0 differences.\n")
    assert well


# Many lines


def report_lines(count: int) -> Iterator[ReportLine]:
    at, dollar = datetime(2026, 3, 10, tzinfo=UTC), Money(Decimal(1), "USD")
    for n in range(count):
        yield ReportLine(
            number=n + 2,
            id=f"txn_{n}",
            kind=Moved.CHARGE,
            category="charge",
            reference=f"pi_{n}",
            amount=dollar,
            settled=dollar,
            fee=Money(Decimal(0), "USD"),
            at=at,
            payment=f"pi_{n}",
        )


def test_a_report_is_never_in_memory_as_a_whole(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of lines, and of what is found, no more than a batch at a time."""
    monkeypatch.setattr(comparison, "BATCH", 3)
    with comparison.compared("stripe", report_lines(10), everything=True) as found:
        assert found.lines == 10
        assert [each.reference for each in found.differences()] == [f"pi_{n}" for n in range(10)]
        # Once more, and all of it again.
        assert len(list(found.differences())) == 10
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_temp.paylink_line')")
        assert cursor.fetchone() == (None,)


def test_days_are_those_of_the_site(sale: str, compare: Compare) -> None:
    def change(rows: Rows) -> None:
        rows[0]["created_utc"] = "2026-03-10 20:30:00"

    with override_settings(TIME_ZONE="Asia/Kathmandu"):
        said, _well = compare(change)
    assert "in the report 2026-03-11." in said


@pytest.mark.parametrize(("time", "is_told"), [("18:10:00", False), ("17:30:00", True)])
def test_moments_about_midnight_are_no_two_days(
    simulator: Simulator, compare: Compare, sale: str, time: str, is_told: bool
) -> None:
    """Between a payment and its line in the balance lie seconds, hardly ever an hour."""
    after = datetime(2026, 3, 10, 18, 40, tzinfo=UTC)  # 00:25 of the next day in Kathmandu
    account = Account("saleor.app.payment.stripe", "shop", None)
    book(LedgerKind.CHARGE, account, Money(Decimal(25), "USD"), "pi_foreign", after)

    before = {"created_utc": f"2026-03-10 {time}"}
    with override_settings(TIME_ZONE="Asia/Kathmandu"):
        said, well = compare(lambda rows: [{**foreign(rows), **before}, *rows])

    day = "Charge pi_foreign counts on 2026-03-11, in the report 2026-03-10."
    assert differences(said) == ([f"line 2: {day}"] if is_told else [])
    assert well


def test_two_days_of_utc_may_be_one_of_the_sites(sale: str, compare: Compare) -> None:
    before = {"created_utc": "2026-03-10 22:00:00"}
    account = Account("saleor.app.payment.stripe", "shop", None)
    after = datetime(2026, 3, 11, 1, tzinfo=UTC)
    book(LedgerKind.CHARGE, account, Money(Decimal(25), "USD"), "pi_foreign", after)

    with override_settings(TIME_ZONE="Asia/Kathmandu"):
        said, _well = compare(lambda rows: [{**foreign(rows), **before}, *rows])

    assert differences(said) == []
