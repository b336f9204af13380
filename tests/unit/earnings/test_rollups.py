"""Daily sums: with what is pending, they are the ledger at every instant."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from saleor_paylink.earnings import rollups
from saleor_paylink.earnings.ledger import book_many
from saleor_paylink.earnings.report import Earnings, earnings
from saleor_paylink.models import DaySum, LedgerEntry, LedgerKind, PendingEntry, SumsZone
from tests.unit.earnings.books import movement
from tests.unit.links.racing import PATIENCE, Racer, at_once


def in_kathmandu(**more: object) -> override_settings:
    return override_settings(TIME_ZONE="Asia/Kathmandu", **more)


def sums() -> list[tuple[str, Decimal, Decimal, int, int, int]]:
    rows = DaySum.objects.order_by("day").values_list(
        "day", "gross", "fees", "payments", "fees_known", "movements"
    )
    return [(str(day), *rest) for day, *rest in rows]


def only() -> Earnings:
    (row,) = earnings()
    return row


@pytest.mark.django_db
def test_what_is_booked_counts_before_and_after_it_is_folded() -> None:
    book_many([movement("pi_1", "10.00"), movement("pi_1", "0.40", LedgerKind.FEE)])
    before = only()

    rollups.fold()

    assert only() == before
    assert (before.gross.amount, before.fees.amount, before.fees_complete) == (
        Decimal(10),
        Decimal("0.4"),
        True,
    )
    assert sums() == [("2026-03-10", Decimal(10), Decimal("0.4"), 1, 1, 2)]
    assert not PendingEntry.objects.exists()


@pytest.mark.django_db
def test_folding_again_adds_what_is_new_and_nothing_twice() -> None:
    book_many([movement("pi_1", "10.00")])
    rollups.fold()
    rollups.fold()
    book_many([movement("pi_2", "5.00"), movement("pi_1")])

    assert only().gross.amount == 15
    rollups.fold()
    rollups.fold()

    assert sums() == [("2026-03-10", Decimal(15), 0, 2, 0, 2)]
    assert (only().gross.amount, only().payment_count) == (15, 2)


@pytest.mark.django_db
@pytest.mark.parametrize("order", [("charge", "fee"), ("fee", "charge")], ids=str)
@pytest.mark.parametrize("currency", ["USD", "EUR"])
@pytest.mark.parametrize("folded", range(4))
def test_a_fee_is_known_whichever_was_folded_first(
    order: tuple[str, str], currency: str, folded: int
) -> None:
    """Also where it is in another currency than the charge."""
    rollups.fold()
    for step, kind in enumerate(order):
        money = {"currency": currency} if kind == "fee" else {}
        book_many([movement("pi_1", kind=LedgerKind(kind), **money)])
        if folded & (step + 1):
            rollups.fold()

    usd = next(row for row in earnings() if row.currency == "USD")
    assert (usd.fees_complete, usd.payment_count) == (True, 1)
    assert rollups.differences() == []


@pytest.mark.django_db
def test_the_fee_of_another_payment_or_provider_is_not_its_own() -> None:
    book_many(
        [
            movement("pi_1"),
            movement("pi_2", kind=LedgerKind.FEE),
            movement("pi_1", kind=LedgerKind.FEE, provider="other"),
        ]
    )

    assert not only().fees_complete
    rollups.fold()
    assert not only().fees_complete


@pytest.mark.django_db
def test_a_folded_report_is_read_from_the_sums_in_one_query() -> None:
    book_many([movement(f"pi_{n}") for n in range(3)])
    rollups.fold()
    # What only a report shows that looks here.
    DaySum.objects.update(payments=7)

    with CaptureQueriesContext(connection) as made:
        assert only().payment_count == 7
    assert len(made.captured_queries) == 1


@pytest.mark.django_db
def test_a_report_with_pending_movements_does_not_read_the_whole_ledger() -> None:
    book_many([movement(f"pi_{n}") for n in range(3000)])
    rollups.fold()
    book_many([movement(f"new_{n}") for n in range(300)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE saleor_paylink_ledgerentry, saleor_paylink_pendingentry")
    with CaptureQueriesContext(connection) as made:
        assert only().payment_count == 3300

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {made.captured_queries[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "on saleor_paylink_ledgerentry" in plan
    assert "Seq Scan on saleor_paylink_ledgerentry" not in plan


@pytest.mark.django_db
def test_sums_of_another_time_zone_are_not_read_and_made_anew() -> None:
    late = datetime(2026, 3, 10, 18, 15, tzinfo=UTC)
    book_many([movement("pi_1", at=late)])
    rollups.fold()
    assert sums()[0][0] == "2026-03-10"

    with in_kathmandu():
        assert [str(p.start) for p in only().series() if p.payment_count] == ["2026-03-11"]
        assert sums()[0][0] == "2026-03-10"
        rollups.fold()
        assert sums() == [("2026-03-11", Decimal(10), 0, 1, 0, 1)]
        assert [str(p.start) for p in only().series() if p.payment_count] == ["2026-03-11"]
        assert earnings(end=date(2026, 3, 10)) == []
    assert [str(p.start) for p in only().series() if p.payment_count] == ["2026-03-10"]


@pytest.mark.django_db
def test_who_looks_from_another_time_zone_sees_the_days_of_that_one() -> None:
    book_many([movement("pi_1", at=datetime(2026, 3, 10, 18, 15, tzinfo=UTC))])
    rollups.fold()

    with timezone.override("Asia/Kathmandu"):
        assert earnings(end=date(2026, 3, 10)) == []
        assert only().gross.amount == 10
    assert len(earnings(end=date(2026, 3, 10))) == 1


@pytest.mark.django_db
def test_sums_follow_a_channel_that_is_renamed() -> None:
    book_many([movement("pi_1"), movement("pi_2", "5.00", channel="other")])
    rollups.fold()

    LedgerEntry.objects.filter(channel="shop").update(channel="other")

    def of(channel: str) -> list[Decimal]:
        return [row.gross.amount for row in earnings(channels=[channel])]

    assert (of("other"), of("shop")) == ([Decimal(15)], [])
    rollups.fold()
    assert (of("other"), of("shop")) == ([Decimal(15)], [])
    assert SumsZone.objects.get().name == "UTC"
    assert sums() == [("2026-03-10", Decimal(15), 0, 2, 0, 2)]


@pytest.mark.django_db
def test_an_update_that_renames_nothing_leaves_the_sums_good() -> None:
    book_many([movement("pi_1")])
    rollups.fold()

    LedgerEntry.objects.update(channel="shop")
    LedgerEntry.objects.filter(channel="none").update(channel="other")

    assert SumsZone.objects.get().name == "UTC"


@pytest.mark.django_db
def test_differences_are_named_and_rebuilding_mends_them() -> None:
    book_many([movement("pi_1", "10.00"), movement("pi_2", "5.00", LedgerKind.REFUND)])
    rollups.fold()
    DaySum.objects.update(gross=11, refunded=0)
    DaySum.objects.create(
        day="2026-03-11", channel="shop", currency="USD", provider="x", gross=0, refunded=0,
        disputed=0, fees=1, manual=0, payments=0, fees_known=0, manual_payments=0, movements=1,
    )  # fmt: skip

    found = [(str(d.day), d.figure, d.summed, d.booked) for d in rollups.differences()]

    assert found == [
        ("2026-03-10", "gross", Decimal(11), Decimal(10)),
        ("2026-03-10", "refunded", Decimal(0), Decimal(5)),
        ("2026-03-11", "fees", Decimal(1), Decimal(0)),
        ("2026-03-11", "movements", Decimal(1), Decimal(0)),
    ]
    rollups.rebuild()
    assert rollups.differences() == []
    assert only().net.amount == 5


@pytest.mark.django_db
@pytest.mark.parametrize("figure", rollups.FIGURES)
def test_each_figure_that_is_wrong_is_a_difference(figure: str) -> None:
    book_many([movement("pi_1")])
    rollups.fold()
    (right,) = DaySum.objects.values_list(figure, flat=True)
    DaySum.objects.update(**{figure: right + 1})

    found = [(each.figure, each.summed, each.booked) for each in rollups.differences()]

    assert found == [(figure, right + 1, right)]


@pytest.mark.django_db
def test_an_entry_that_is_both_summed_and_pending_is_a_difference() -> None:
    book_many([movement("pi_1")])
    rollups.fold()
    PendingEntry.objects.create(entry=LedgerEntry.objects.get())

    found = [(each.figure, each.summed, each.booked) for each in rollups.differences()]
    assert found == [("gross", 20, 10), ("payments", 2, 1), ("movements", 2, 1)]


# In threads


@pytest.fixture
def folded_once(transactional_db: None) -> None:
    book_many([movement("first")])
    rollups.fold()


def ends_meanwhile(racer: Racer) -> bool:
    racer.start()
    return racer.finished.wait(PATIENCE)


def test_nobody_who_books_waits_for_who_folds(folded_once: None) -> None:
    book_many([movement("pi_1")])

    with transaction.atomic():
        rollups.fold()
        booking = Racer(lambda: book_many([movement("pi_2")]))
        assert ends_meanwhile(booking)
    assert booking.join() == 1

    assert only().payment_count == 3
    assert rollups.differences() == []


def test_who_folds_waits_for_nobody_who_books(folded_once: None) -> None:
    with transaction.atomic():
        book_many([movement("pi_1")])
        folding = Racer(rollups.fold)
        assert ends_meanwhile(folding)
    folding.join()

    assert PendingEntry.objects.count() == 1
    rollups.fold()
    assert sums() == [("2026-03-10", Decimal(20), 0, 2, 0, 2)]


def test_who_comes_while_somebody_folds_goes_again(folded_once: None) -> None:
    book_many([movement("pi_1")])

    with transaction.atomic():
        rollups.fold()
        second = Racer(rollups.fold)
        assert ends_meanwhile(second)
    second.join()

    assert sums() == [("2026-03-10", Decimal(20), 0, 2, 0, 2)]


def test_a_fold_that_dies_has_done_nothing(folded_once: None) -> None:
    book_many([movement("pi_1")])

    with transaction.atomic():
        rollups.fold()
        # As when the process dies before the commit.
        transaction.set_rollback(True)

    assert sums() == [("2026-03-10", Decimal(10), 0, 1, 0, 1)]
    assert PendingEntry.objects.count() == 1
    assert only().payment_count == 2


def test_who_rebuilds_waits_for_who_renames_and_sums_under_the_new_name(folded_once: None) -> None:
    with transaction.atomic():
        LedgerEntry.objects.update(channel="boutique")
        folding, rebuilding = Racer(rollups.fold), Racer(rollups.rebuild)
        assert ends_meanwhile(folding)
        rebuilding.start()
        assert rebuilding.connected.wait(PATIENCE)
        while not rebuilding.is_waiting():
            assert not rebuilding.finished.is_set()
        # Others still see what is committed.
        looking = Racer(lambda: earnings(channels=["shop"]))
        assert ends_meanwhile(looking)
    for racer in (folding, rebuilding):
        racer.join()

    assert looking.join()
    assert DaySum.objects.get().channel == "boutique"
    assert rollups.differences() == []


def test_nothing_is_lost_or_doubled_while_many_book_and_fold_and_look(folded_once: None) -> None:
    rounds = 25

    def book_on(who: int) -> int:
        new = 0
        for number in range(rounds):
            # Every second one is booked by another, too.
            charge = f"pi_{number}_{who if number % 2 else who // 2}"
            new += book_many([movement(charge), movement(charge, "0.30", LedgerKind.FEE)])
        return new

    def fold_on() -> None:
        for _ in range(rounds):
            rollups.fold()

    def look_on() -> list[object]:
        wrong: list[object] = []
        for _ in range(rounds):
            wrong.extend(rollups.differences())
            row = only()
            if row.gross.amount != 10 * row.payment_count:
                wrong.append(row)
        return wrong

    bookers = [lambda who=who: book_on(who) for who in range(4)]
    *new, _f, _g, wrong = at_once(*bookers, fold_on, fold_on, look_on)

    assert wrong == []
    # Of odd rounds each has its own charge, of even ones two share one.
    payments = 4 * (rounds // 2) + 2 * (rounds - rounds // 2)
    assert sum(new) == 2 * payments  # type: ignore[arg-type]
    rollups.fold()
    assert not PendingEntry.objects.exists()
    assert rollups.differences() == []
    assert (only().payment_count, only().gross.amount) == (1 + payments, 10 * (1 + payments))
    assert only().fees.amount == Decimal("0.30") * payments


@pytest.mark.django_db
def test_the_fee_of_what_was_given_back_makes_no_payments_fee_known() -> None:
    book_many([movement("pi_1"), movement("dp_1", "15.00", LedgerKind.FEE)])
    book_many([movement("dp_1", "10.00", LedgerKind.DISPUTE)])

    for _ in ("pending", "folded"):
        row = only()
        assert (row.fees.amount, row.fees_complete) == (Decimal(15), False)
        rollups.fold()
    book_many([movement("pi_1", "1.00", LedgerKind.FEE)])
    row = only()
    assert (row.fees.amount, row.fees_complete) == (Decimal(16), True)
