"""Stripe's own report is read exactly, or refused with where and why."""

import csv
from io import StringIO

import pytest

from saleor_paylink.providers.interface import (
    Moved,
    NoReport,
    Provider,
    ReportLine,
    ReportUnreadable,
)
from saleor_paylink.providers.stripe import StripeProvider
from saleor_paylink.providers.stripe.reports import KINDS, NEEDED, OTHERS
from tests.unit.providers.helpers import ATTEMPT, KEY, NOW, SHOP, at, money, open_session

CHARGE = {
    "balance_transaction_id": "txn_1",
    "created_utc": "2026-03-10 13:45:07",
    "currency": "eur",
    "gross": "12.34",
    "fee": "0.44",
    "reporting_category": "charge",
    "source_id": "ch_1",
    "payment_intent_id": "pi_1",
    "customer_facing_amount": "14.00",
    "customer_facing_currency": "usd",
}


def written(*rows: dict[str, str], mark: str = "", columns: list[str] | None = None) -> list[str]:
    """A report with these rows."""
    out = StringIO()
    names = columns or list(rows[0])
    writer = csv.DictWriter(out, names, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return (mark + out.getvalue()).splitlines(keepends=True)


def read(*rows: dict[str, str]) -> list[ReportLine]:
    return list(StripeProvider.read_report(written(*rows)))


def refused(lines: list[str]) -> str:
    with pytest.raises(ReportUnreadable) as refusal:
        list(StripeProvider.read_report(lines))
    return str(refusal.value)


def test_a_charge_is_what_the_customer_paid_and_what_was_settled_of_it():
    more = {
        "payment_metadata[saleor_paylink_attempt]": ATTEMPT,
        "payment_metadata[saleor_paylink_shop]": SHOP,
        "description": "Clay,\n“Co”",
    }
    assert read({**CHARGE, **more}) == [
        ReportLine(
            number=3,
            id="txn_1",
            kind=Moved.CHARGE,
            category="charge",
            reference="pi_1",
            also="ch_1",
            payment="pi_1",
            amount=money("14.00", "USD"),
            settled=money("12.34"),
            fee=money("0.44"),
            at=at(1_773_150_307),
            attempt_id=ATTEMPT,
            shop=SHOP,
        )
    ]


@pytest.mark.parametrize(
    ("category", "gross", "theirs", "kind", "reference", "settled", "amount"),
    [
        ("refund", "-5.00", "-6.00", Moved.REFUND, "x_1", "5.00", "6.00"),
        ("refund", "-5.00", "6.00", Moved.REFUND, "x_1", "5.00", "6.00"),
        ("refund_failure", "5.00", "6.00", Moved.REFUND_REVERSAL, "x_1", "5.00", "6.00"),
        ("dispute", "-5.00", "", Moved.DISPUTE, "x_1", "5.00", None),
        ("dispute_reversal", "5.00", "", Moved.DISPUTE_REVERSAL, "x_1", "5.00", None),
        ("charge_failure", "-5.00", "6.00", Moved.ADJUSTMENT, "pi_1", "-5.00", "-6.00"),
        ("partial_capture_reversal", "-5.00", "6.00", Moved.CHARGE, "pi_1", "-5.00", "-6.00"),
    ],
)
def test_amounts_have_the_direction_of_their_kind(
    category, gross, theirs, kind, reference, settled, amount
):
    row = {"reporting_category": category, "gross": gross, "customer_facing_amount": theirs}
    (line,) = read({**CHARGE, **row, "source_id": "x_1"})
    assert (line.kind, line.reference, line.payment) == (kind, reference, "pi_1")
    assert line.settled == money(settled)
    assert line.amount == (money(amount, "USD") if amount else None)


def test_a_charge_without_a_payment_intent_is_known_by_its_own_name():
    (line,) = read({**CHARGE, "payment_intent_id": ""})
    assert (line.reference, line.payment) == ("ch_1", "")


@pytest.mark.parametrize("category", sorted(OTHERS))
def test_what_happens_to_no_payment_has_no_kind(category):
    nothing = dict.fromkeys(("source_id", "payment_intent_id", "customer_facing_amount"), "")
    (line,) = read({**CHARGE, "reporting_category": category, **nothing})
    assert (line.kind, line.category, line.settled) == (None, category, money("12.34"))


def test_each_category_has_one_meaning():
    assert not OTHERS & KINDS.keys()


@pytest.mark.parametrize(
    ("time", "seconds"),
    [("2026-03-10 13:45:07", 7), ("2026-03-10T13:45:07Z", 7), ("2026-03-10 13:45", 0)],
)
def test_times_are_utc(time, seconds):
    (line,) = read({**CHARGE, "created_utc": time})
    assert line.at == at(1_773_150_300 + seconds)


@pytest.mark.parametrize(
    ("amount", "currency"), [("5000", "jpy"), ("-500.00", "jpy"), ("5.120", "kwd"), ("0.00", "eur")]
)
def test_amounts_are_read_as_they_are_written(amount, currency):
    (line,) = read({**CHARGE, "gross": amount, "currency": currency})
    assert line.settled == money(amount, currency.upper())


def test_the_mark_that_spreadsheets_put_first_is_overlooked():
    quoted = [
        '\ufeff"' + '","'.join(CHARGE) + '"\r\n',
        '"' + '","'.join(CHARGE.values()) + '"\r\n',
        "\r\n",
    ]
    assert [line.id for line in StripeProvider.read_report(quoted)] == ["txn_1"]
    assert len(list(StripeProvider.read_report(written(CHARGE, mark="\ufeff")))) == 1


@pytest.mark.parametrize("column", NEEDED)
def test_a_column_that_is_missing_is_named(column):
    columns = [each for each in CHARGE if each != column]
    assert refused(written(CHARGE, columns=columns)).startswith(
        f"The report has no column {column}. Choose it when you download"
    )


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([], "The file is empty."),
        (["\n"], "The file is empty."),
        (["\ufeff"], "The file is empty."),
        ([";".join(NEEDED) + "\n"], "The columns are not separated by commas: "),
        (["\t".join(NEEDED) + "\n"], "The columns are not separated by commas: "),
        ([",".join([*NEEDED, "fee"]) + "\n"], "The report has two columns fee."),
        (
            ["id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),Available On (UTC)\n"],
            "This is the export of balance transactions, which does not name payments. ",
        ),
        ([",".join(NEEDED) + "\n", "txn_1,2026"], "Line 2 has 2 columns, and the first line 10: "),
        ([",".join(NEEDED) + "\n", 'txn_1,"2026'], "Line 2 is no CSV: "),
        ([",".join(NEEDED) + "\n", 'txn_1,"20"26"\n'], "Line 2 is no CSV: "),
    ],
)
def test_a_file_that_is_no_report_is_refused(lines, why):
    assert refused(lines).startswith(why)


@pytest.mark.parametrize(
    ("column", "text", "why"),
    [
        ("gross", "12,34", "column gross: “12,34” is no amount with a point before its decimals."),
        ("gross", "1 234.00", "column gross: “1 234.00” is no amount"),
        ("gross", "", "column gross: “” is no amount"),
        ("gross", "1e3", "column gross: “1e3” is no amount"),
        ("gross", "NaN", "column gross: “NaN” is no amount"),
        ("gross", "١٢", "column gross: “١٢” is no amount"),
        ("fee", "?", "column fee: “?” is no amount"),
        ("customer_facing_amount", "x", "column customer_facing_amount: “x” is no amount"),
        ("currency", "euro", "column currency: “euro” is no currency."),
        ("customer_facing_currency", "", "column customer_facing_currency: “” is no currency."),
        ("created_utc", "10.03.2026", "column created_utc: “10.03.2026” is no time"),
        ("created_utc", "2026-02-30 00:00:00", "column created_utc: “2026-02-30 00:00:00” is no"),
        ("created_utc", "2026-03-10 13:45:07+02:00", "column created_utc: "),
        ("created_utc", "", "column created_utc: “” is no time"),
        (
            "reporting_category",
            "gift",
            "column reporting_category: “gift” is a category that is not known here.",
        ),
    ],
)
def test_what_cannot_be_understood_is_named_with_its_line_and_column(column, text, why):
    assert refused(written(CHARGE, {**CHARGE, column: text})).startswith(f"Line 3, {why}")


@pytest.mark.parametrize("column", ["balance_transaction_id", "source_id", "reporting_category"])
def test_what_a_line_cannot_do_without_is_named(column):
    assert refused(written(CHARGE, {**CHARGE, column: " "})) == f"Line 3 has no {column}."


def test_the_report_is_read_as_it_comes():
    """Not all of it at once."""

    def endless():
        yield from written(CHARGE)
        while True:
            yield ",".join(CHARGE.values()) + "\n"

    lines = StripeProvider.read_report(endless())
    assert [next(lines).number for _ in range(3)] == [2, 3, 4]


def test_the_simulators_report_is_read(provider, simulator):
    payment = simulator.pay(open_session(provider))["payment_intent"]
    simulator.advance(60)
    refund = simulator.refund(payment, 234)["id"]
    simulator.fail_refund(refund)
    dispute = simulator.dispute(payment)["id"]
    simulator.close_dispute(payment, "won")

    report = simulator.balance_report(KEY)

    lines = list(StripeProvider.read_report(StringIO(report, newline="")))
    assert [
        (each.kind, each.reference, each.amount or each.settled, each.fee) for each in lines
    ] == [
        (Moved.CHARGE, payment, money("12.34"), money("0.44")),
        (Moved.REFUND, refund, money("2.34"), money("0.00")),
        (Moved.REFUND_REVERSAL, refund, money("2.34"), money("0.00")),
        (Moved.DISPUTE, dispute, money("12.34"), money("15.00")),
        (Moved.DISPUTE_REVERSAL, dispute, money("12.34"), money("0.00")),
    ]
    assert [each.at for each in lines] == [at(NOW), *[at(NOW + 60)] * 4]
    assert {(each.payment, each.attempt_id, each.shop) for each in lines} == {
        (payment, ATTEMPT, SHOP)
    }


def test_a_provider_without_a_report_says_so():
    with pytest.raises(NoReport):
        Provider.read_report([])
