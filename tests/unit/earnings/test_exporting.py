"""The file of movements: every one of them, exact, safe to be opened, and of any length."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from saleor_paylink.earnings import exporting
from saleor_paylink.earnings.exporting import COLUMNS, csv_of
from saleor_paylink.earnings.ledger import Account, Movement, book_many
from saleor_paylink.earnings.movements import Wanted
from saleor_paylink.earnings.report import earnings
from saleor_paylink.models import LedgerKind
from saleor_paylink.money import Money
from sandbox.shop.models import Order
from tests.unit.earnings.books import NOON, movement

pytestmark = pytest.mark.django_db


def rows(wanted: Wanted = Wanted()) -> list[dict[str, str]]:  # noqa: B008
    return list(csv.DictReader("".join(csv_of(wanted)).splitlines()))


@pytest.fixture
def lots_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "LOT", 2)


def hourly(count: int, **others: str) -> Iterator[Movement]:
    return (
        movement(f"pi_{number}", at=NOON + timedelta(hours=number), **others)  # type: ignore[arg-type]
        for number in range(count)
    )


def test_a_row_says_all_of_a_movement_exactly() -> None:
    book_many([movement("pi_1", "1234.5", at=NOON)])

    text = "".join(csv_of(Wanted()))

    assert text == (
        "time,kind,order,channel,provider,reference,payment,amount,currency,in_earnings\r\n"
        "2026-03-10T12:00:00+00:00,charge,,shop,stripe,pi_1,pi_1,1234.50,USD,yes\r\n"
    )


def test_a_movement_of_an_order_names_it_by_its_number(order: Order) -> None:
    account = Account("stripe", "shop", order.id)
    money = Money(Decimal(25), "USD")
    book_many([Movement(LedgerKind.CHARGE, account, money, "pi_1", NOON, "pi_1")])

    assert [row["order"] for row in rows()] == [str(order.number)]


def test_times_are_of_the_sites_time_zone() -> None:
    book_many([movement("pi_1", at=datetime(2026, 7, 1, 23, 30, tzinfo=UTC))])

    with timezone.override("Europe/Berlin"):
        found = rows(Wanted(start=date(2026, 7, 2), end=date(2026, 7, 2)))

    assert [row["time"] for row in found] == ["2026-07-02T01:30:00+02:00"]


def test_amounts_have_the_digits_of_their_currency() -> None:
    book_many(
        [
            movement("a", "150", currency="JPY"),
            movement("b", "1", currency="KWD"),
            movement("c", "0.1"),
            movement("d", "0.125"),
        ]
    )

    assert [(row["currency"], row["amount"]) for row in rows()] == [
        ("JPY", "150"),
        ("KWD", "1.000"),
        ("USD", "0.10"),
        ("USD", "0.125"),
    ]


def test_the_rows_in_the_earnings_add_up_to_the_net_of_the_report() -> None:
    kinds = {
        LedgerKind.CHARGE: "100.00",
        LedgerKind.ADJUSTMENT: "-0.50",
        LedgerKind.FEE: "3.20",
        LedgerKind.FEE_CORRECTION: "-0.20",
        LedgerKind.REFUND: "20.00",
        LedgerKind.REFUND_REVERSAL: "5.00",
        LedgerKind.DISPUTE: "30.00",
        LedgerKind.DISPUTE_REVERSAL: "1.25",
        LedgerKind.MANUAL: "999.00",
        LedgerKind.MANUAL_RETURNED: "99.00",
    }
    book_many([movement(kind, amount, kind) for kind, amount in kinds.items()])

    found = rows()
    (report,) = earnings()

    def total(answer: str) -> Decimal:
        return sum(Decimal(each["amount"]) for each in found if each["in_earnings"] == answer)  # type: ignore[return-value]

    assert len(found) == len(kinds)
    assert (total("yes"), total("no")) == (Decimal("52.75"), Decimal("900.00"))
    assert (report.net.amount, report.manual_gross.amount) == (total("yes"), total("no"))


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_nothing_that_others_have_named_is_run_by_a_spreadsheet(first: str) -> None:
    evil = f'{first}HYPERLINK("https://evil.example")'
    book_many([movement(evil, channel=evil, provider=evil)])

    (_head, row) = list(csv.reader("".join(csv_of(Wanted())).splitlines(keepends=True)))

    named = dict(zip(COLUMNS, row, strict=True))
    assert {named[each] for each in ("channel", "provider", "reference", "payment")} == {f"'{evil}"}


def test_an_amount_that_was_taken_off_stays_a_number() -> None:
    book_many([movement("re_1", "5.00", LedgerKind.REFUND)])

    assert [row["amount"] for row in rows()] == ["-5.00"]


def test_names_of_any_language_are_kept() -> None:
    book_many([movement("pi_1", provider="Płatności 支払い, „x”")])

    assert [row["provider"] for row in rows()] == ["Płatności 支払い, „x”"]


@pytest.mark.parametrize(
    ("wanted", "references"),
    [
        (Wanted(), ["eur", "first", "other", "last"]),
        (Wanted(channels=["shop"]), ["eur", "first", "last"]),
        (Wanted(channels=[]), []),
        (Wanted(currency="USD"), ["first", "other", "last"]),
        (Wanted(start=date(2026, 3, 11)), ["other", "last"]),
        (Wanted(end=date(2026, 3, 10)), ["eur", "first"]),
        (Wanted(start=date(2026, 3, 11), end=date(2026, 3, 11)), ["other"]),
    ],
)
def test_only_what_is_wanted_is_in_it(wanted: Wanted, references: list[str]) -> None:
    book_many(
        [
            movement("first"),
            movement("other", channel="other", at=NOON + timedelta(days=1)),
            movement("last", at=NOON + timedelta(days=2)),
            movement("eur", currency="EUR"),
        ]
    )

    assert [row["reference"] for row in rows(wanted)] == references


# Of any length


@pytest.mark.usefixtures("lots_of_two")
def test_every_row_is_there_once_however_many_lots_there_are() -> None:
    book_many([*hourly(5), *(movement(f"at_once_{number}") for number in range(4))])

    found = [row["reference"] for row in rows()]

    at_once = [f"at_once_{number}" for number in range(4)]
    assert sorted(found[:5]) == sorted(["pi_0", *at_once])
    assert found[5:] == ["pi_1", "pi_2", "pi_3", "pi_4"]


@pytest.mark.usefixtures("lots_of_two")
def test_a_lot_is_read_when_the_one_before_has_been_taken() -> None:
    book_many(hourly(5))
    pieces = csv_of(Wanted())
    next(pieces)  # the head

    for lot in (["pi_0", "pi_1"], ["pi_2", "pi_3"], ["pi_4"]):
        with CaptureQueriesContext(connection) as asked:
            piece = next(pieces)
        read = [each["sql"] for each in asked if "LIMIT 3" in each["sql"]]
        assert len(read) == 1
        assert [line.split(",")[5] for line in piece.splitlines()] == lot
    assert next(pieces, None) is None


@pytest.mark.usefixtures("lots_of_two")
def test_what_is_booked_meanwhile_is_in_the_next_file() -> None:
    book_many(hourly(3))
    pieces = csv_of(Wanted())
    begun = [next(pieces), next(pieces)]
    book_many([movement("late", at=NOON + timedelta(days=1))])

    assert "late" not in "".join([*begun, *pieces])
    assert "late" in "".join(csv_of(Wanted()))


def test_without_a_movement_there_is_the_head_alone() -> None:
    assert "".join(csv_of(Wanted())) == ",".join(COLUMNS) + "\r\n"
