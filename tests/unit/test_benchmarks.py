"""The benchmarks run, and compare what is the same. How long anything takes is not looked at."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from benchmarks import __main__ as running
from benchmarks.earnings import export, ledger, plain, report, stage
from benchmarks.figures import Figure, Findings, table
from saleor_paylink.earnings import rollups
from saleor_paylink.models import DaySum, PendingEntry

ORDERS = 2000


@pytest.fixture
def history(transactional_db: None) -> Iterator[None]:
    stage.fill(ORDERS)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE benchmark_order, benchmark_movement")
        cursor.execute("DROP SCHEMA saleor CASCADE")


@pytest.mark.django_db(transaction=True)
def test_report_and_plain_sql_say_the_same_in_whatever_state_the_sums_are(history: None) -> None:
    assert DaySum.objects.exists()
    assert not PendingEntry.objects.exists()
    for asked in report.ALL_CASES:
        report.check_same(asked)
    stage.add(ORDERS + 1, ORDERS + 50)
    assert PendingEntry.objects.exists()
    report.check_same(report.ALL_BY_DAY)
    report.void_the_sums()
    report.check_same(report.ALL_BY_DAY)
    rollups.fold()
    assert rollups.differences() == []


@pytest.mark.django_db(transaction=True)
def test_a_movement_that_only_the_ledger_has_is_a_difference(history: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE saleor.payment_transactionevent SET amount_value = 1 WHERE id = 1")

    with pytest.raises(AssertionError, match="differ"):
        report.check_same(report.ALL_BY_DAY)


@pytest.mark.django_db(transaction=True)
def test_the_history_has_all_that_can_happen_to_money(history: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT kind FROM saleor_paylink_ledgerentry")
        kinds = {kind for (kind,) in cursor.fetchall()}
    everything = plain.sums(channels=None, start=None, end=None, unit=report.ALL_BY_MONTH.unit)

    assert kinds == {
        "charge", "fee", "refund", "refund_reversal", "dispute", "adjustment", "manual",
        "manual_returned",
    }  # fmt: skip
    assert {currency for currency, _day in everything} == {"USD", "EUR", "GBP"}


@pytest.mark.django_db(transaction=True)
def test_the_report_is_timed_in_the_database_and_around_it(history: None) -> None:
    database, whole_call = report.measured(report.A_YEAR)

    assert database.ours > 0
    assert database.peer is not None
    assert database.peer > 0
    assert whole_call.ours > database.ours


@pytest.mark.django_db(transaction=True)
def test_the_file_and_its_peer_have_all_movements(history: None) -> None:
    rows = ledger.count()

    assert export.rows_written("ours", report.LAST_DAY) == rows
    assert export.rows_written("peer", report.LAST_DAY) == rows


def test_a_figure_is_within_its_limits_or_says_that_it_is_not() -> None:
    fast = Figure("report", 20.0, "ms", 4000.0, "SQL", most=50, most_of_peer=0.01)
    slow = Figure("report", 60.0, "ms", 4000.0, "SQL", most=50, most_of_peer=0.01)
    many = Figure("import", 900.0, "rows/s", 100.0, "loop", most=1000, more_is_better=True)

    assert [each.holds for each in (fast, slow, many)] == [True, False, False]
    assert table([fast, slow]).splitlines()[2:] == [
        "| report | 20 ms | 4,000 ms | 1 : 200 | at most 50 ms, at most 1 : 100: held | SQL |",
        "| report | 60 ms | 4,000 ms | 1 : 66.7 | at most 50 ms, at most 1 : 100: **NOT HELD** "
        "| SQL |",
    ]


def test_a_limit_of_the_peer_is_not_held_where_there_was_no_peer() -> None:
    assert not Figure("report", 1.0, "ms", most_of_peer=2).holds


def test_findings_are_read_as_they_were_added(tmp_path: Path) -> None:
    findings = Findings(tmp_path / "findings")
    figure = Figure("report", 1.5, "ms", 3.0, "SQL", most=2)
    assert (findings.figures(), findings.notes()) == ([], [])

    findings.add(figure)
    findings.note("2 cores")
    findings.note("2 cores")

    assert (findings.figures(), findings.notes()) == ([figure], ["2 cores"])


def test_nothing_beside_something_is_no_ratio_that_ends_the_run() -> None:
    assert "| 0 : 1 |" in table([Figure("tasks", 0.0, "tasks", 2.0, "Saleor")])


@pytest.fixture
def readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where figures are published to. There is one part, and no Saleor."""
    path = tmp_path / "README.md"
    path.write_text(f"before\n{running.BEGIN}old\n{running.END}after\n")
    monkeypatch.setattr(running, "README", path)
    monkeypatch.setattr(running, "_has_saleor", lambda: False)
    return path


def finding(monkeypatch: pytest.MonkeyPatch, figure: Figure, status: int) -> None:
    def part(name: str, findings: Findings) -> int:
        findings.add(figure)
        return status

    monkeypatch.setattr(running, "_outside", part)


def test_what_is_found_is_published(readme: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finding(monkeypatch, Figure("report", 1.5, "ms", most=2), 0)

    running.main()

    said = readme.read_text()
    assert said.startswith(f"before\n{running.BEGIN}\n")
    assert said.endswith(f"at most 2 ms: held |  |\n\n{running.END}after\n")
    assert "not run, for want of a Saleor: benchmarks.importing, benchmarks.road" in said


@pytest.mark.parametrize(
    ("found", "status", "said"),
    [(2.5, 0, "**NOT HELD**"), (1.5, 1, "**benchmarks.earnings FAILED**")],
)
def test_a_limit_that_is_not_held_or_a_part_that_failed_fails_the_run_and_is_published(
    readme: Path, monkeypatch: pytest.MonkeyPatch, found: float, status: int, said: str
) -> None:
    finding(monkeypatch, Figure("report", found, "ms", most=2), status)

    with pytest.raises(SystemExit) as ended:
        running.main()

    assert ended.value.code == 1
    assert said in readme.read_text()
