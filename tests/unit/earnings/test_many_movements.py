"""Pages of very many movements are read by an index: Postgres itself says so."""

import re
from datetime import date

import pytest

from saleor_paylink.earnings.movements import NEWEST_FIRST, Wanted, entries
from saleor_paylink.links.listing import Position, page
from saleor_paylink.models import LedgerEntry
from tests.unit.earnings.books import NOON
from tests.unit.links.multitude import multiply, plan_of

ROWS = 20_000
PAGE = 25
# One in so many is of the small channel, whose money is as old as can be.
RARE = 1000
MIDDLE = Position(str(NOON), "0")
WANTED = {
    "a currency": Wanted(currency="USD"),
    "a month": Wanted(currency="USD", start=date(2026, 3, 1), end=date(2026, 3, 31)),
    "a large channel": Wanted(["large"], "USD"),
    "a small channel": Wanted(["small"], "USD"),
    "small channels": Wanted(["small", "none"], "USD"),
    "all channels": Wanted(["small", "large"], "USD"),
}


@pytest.fixture
def many(db: None) -> None:
    LedgerEntry.objects.create(
        kind="charge",
        provider="stripe",
        channel="large",
        amount=10,
        currency="USD",
        occurred_at=NOON,
    )
    multiply(
        LedgerEntry,
        f"generate_series(1, {ROWS}) n",
        reference="'pi_' || n",
        occurred_at=f"timestamptz '{NOON}' + (n - {ROWS} / 2) * interval '1 hour'",
        channel=f"CASE WHEN n <= {ROWS // RARE} THEN 'small' ELSE 'large' END",
    )


@pytest.mark.parametrize("name", WANTED)
@pytest.mark.parametrize("beyond", [None, MIDDLE])
def test_a_page_reads_hardly_more_than_it_shows(
    many: None, name: str, beyond: Position | None
) -> None:
    rows = entries(WANTED[name])

    plan = plan_of(lambda: page(rows, NEWEST_FIRST, PAGE, beyond), "ANALYZE, COSTS OFF")

    passed_over = [int(found) for found in re.findall(r"Rows Removed by Filter: (\d+)", plan)]
    assert "Seq Scan" not in plan
    assert sum(passed_over) <= PAGE
