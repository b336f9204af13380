"""The report of what moved in an account, as the merchant downloads it."""

import csv
from io import StringIO

import pytest
import requests

from tests.unit.stripe_simulator.conftest import NOW


def rows(control, key):
    report = control.balance_report(key)
    return list(csv.DictReader(StringIO(report, newline="")))


def test_it_has_each_balance_transaction_in_major_units_and_utc(api, control):
    asked = {"payment_intent_data[metadata][order]": "7", "payment_intent_data[description]": "a,b"}
    payment = control.pay(api.create_with(asked).json()["id"])["payment_intent"]
    control.advance(3600)
    refund = control.refund(payment, 234)["id"]
    control.fail_refund(refund)
    dispute = control.dispute(payment)["id"]
    control.close_dispute(payment, "won")

    found = rows(control, api.key)

    (charge,) = api.get("/v1/charges").json()["data"]
    names = (
        "created_utc", "reporting_category", "source_id", "gross", "fee", "net", "currency",
        "customer_facing_amount", "payment_intent_id", "charge_id",
    )  # fmt: skip
    first, later = "2023-11-14 22:13:20", "2023-11-14 23:13:20"
    both = (payment, charge["id"])
    assert NOW == 1_700_000_000
    assert [tuple(row[name] for name in names) for row in found] == [
        (first, "charge", charge["id"], "12.34", "0.44", "11.90", "eur", "12.34", *both),
        (later, "refund", refund, "-2.34", "0.00", "-2.34", "eur", "2.34", *both),
        (later, "refund_failure", refund, "2.34", "0.00", "2.34", "eur", "2.34", *both),
        (later, "dispute", dispute, "-12.34", "15.00", "-27.34", "eur", "", *both),
        (later, "dispute_reversal", dispute, "12.34", "0.00", "12.34", "eur", "", *both),
    ]
    assert {row["payment_metadata[order]"] for row in found} == {"7"}
    assert {row["description"] for row in found} == {"a,b"}
    assert len({row["balance_transaction_id"] for row in found}) == 5


def test_it_is_of_one_account(api, control):
    control.pay(api.create().json()["id"])
    assert rows(control, "sk_test_another") == []


def test_it_is_given_for_a_key_only(control):
    with pytest.raises(requests.HTTPError):
        control.balance_report("nobody")
