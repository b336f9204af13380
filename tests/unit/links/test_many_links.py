"""Lists of very many links are read by their indexes: Postgres itself says so."""

import re
from datetime import date
from itertools import product
from typing import Any

import pytest

from saleor_paylink.links.listing import (
    LinkFilter,
    Position,
    Sorting,
    link_sorting,
    page,
    payment_exceptions,
    payment_links,
    shown,
)
from saleor_paylink.models import PaymentException, PaymentLink
from tests.unit.links.multitude import make_links, make_payments, multiply, plan_of

ROWS = 20_000
PAGE = 100
EVERYTHING = LinkFilter()
NEWEST_FIRST = link_sorting("created_at", descending=True)
INDEXES = {
    "created_at": "paylink_link_by_creation",
    "amount": "paylink_link_by_amount",
    "last_opened_at": "paylink_link_by_opening",
    "expires_at": "paylink_link_by_expiry",
}
FILTERS = {
    "one channel": LinkFilter(channels=["channel-1"]),
    "some channels": LinkFilter(channels=["channel-1", "channel-2", "channel-3"]),
    "active": LinkFilter(statuses=["active"]),
    "expired": LinkFilter(statuses=["expired"]),
    "paid": LinkFilter(statuses=["paid"]),
    "rare": LinkFilter(statuses=["processing"]),
    "a month": LinkFilter(created_from=date(2025, 6, 1), created_to=date(2025, 6, 30)),
    "opened": LinkFilter(opened=True),
    "not opened": LinkFilter(opened=False),
    "not sent": LinkFilter(sent=False),
    "to be sent": LinkFilter(channels=["channel-1"], statuses=["active"], sent=False),
}
# So many are sorted no slower than they are found in their order: a month's links, no channel's.
FEW = ROWS // 30
# As Postgres writes them.
NEVER = "'1970-01-01 00:00:00+00'::timestamp with time zone"
LAST_OPENED = f"COALESCE(last_opened_at, {NEVER})"


def indexes_for(filter_name: str, field: str) -> list[str]:
    """One channel's links and those of a status lie apart in the order of all, and have an index
    of their own; but for amounts in a status, and for the status of nearly all."""
    own = {"one channel": ["channel"], "active": ["status"], "paid": ["status", "link"]}
    scopes = own.get(filter_name, ["link", "status", "channel"])
    if field == "amount":
        scopes = [scope for scope in scopes if scope != "status"] or ["link"]
    return [INDEXES[field].replace("_link_", f"_{scope}_") for scope in scopes]


def is_quick(plan: str, indexes: list[str]) -> bool:
    """Whether the links are read in their order by one of the indexes, or else are few."""
    sorted_rows = [int(rows) for rows in re.findall(r"Sort  \(cost=\S+ rows=(\d+)", plan)]
    if sorted_rows:
        return max(sorted_rows) <= FEW and "Seq Scan on saleor_paylink" not in plan
    return any(f"using {index} " in plan for index in indexes)


@pytest.fixture
def many(db: None) -> None:
    make_links(ROWS)


def the_middle(sorting: Sorting) -> Position:
    """As far from either end of a list as can be."""
    rows = PaymentLink.objects.annotate(sort_key=sorting.key).order_by("sort_key", "id")
    row: Any = rows[ROWS // 2]
    return Position(str(row.sort_key), str(row.id))


def plan_of_page(sorting: Sorting, wanted: LinkFilter = EVERYTHING, **where: Any) -> str:
    """The plan for a page of links, with orders of which there are as many."""
    return plan_of(lambda: page(shown(payment_links(wanted)), sorting, PAGE, **where))


def test_every_order_is_an_indexs_own_from_end_to_end(many: None) -> None:
    for field, index in INDEXES.items():
        for descending, backwards in product((False, True), repeat=2):
            sorting = link_sorting(field, descending)
            first = plan_of_page(sorting, backwards=backwards)
            later = plan_of_page(sorting, beyond=the_middle(sorting), backwards=backwards)
            assert f"using {index}" in first
            assert f"using {index}" in later
            assert "Index Cond: (ROW(" in later
            assert "Sort" not in first + later
            assert "Filter" not in first + later


def test_every_filter_is_quick_in_every_order(many: None) -> None:
    for (name, wanted), field, descending in product(FILTERS.items(), INDEXES, (False, True)):
        plan = plan_of_page(link_sorting(field, descending), wanted)
        assert is_quick(plan, indexes_for(name, field)), (name, field, descending, plan)


def test_a_filter_begins_where_its_links_begin(many: None) -> None:
    plans = {
        name: plan_of_page(NEWEST_FIRST, FILTERS[name])
        for name in ("one channel", "rare", "a month")
    }
    opened, unopened, active = (
        plan_of_page(link_sorting(field, descending=descending), FILTERS[name])
        for name, field, descending in (
            ("opened", "last_opened_at", False),
            ("not opened", "last_opened_at", True),
            ("active", "expires_at", False),
        )
    )

    assert "Index Cond: ((channel)::text = 'channel-1'::text)" in plans["one channel"]
    assert "Index Cond: ((status)::text = 'processing'::text)" in plans["rare"]
    assert "Index Cond: ((created_at >= " in plans["a month"]
    assert f"Index Cond: ({LAST_OPENED} > {NEVER})" in opened
    assert f"Index Cond: ({LAST_OPENED} = {NEVER})" in unopened
    assert "Index Cond: (((status)::text = 'active'::text) AND (COALESCE(expires_at, " in active
    assert "Filter" not in opened + unopened + active


def test_no_search_reads_the_whole_table(many: None) -> None:
    make_payments()

    for search in ("17", "ada@example.com", "pi_17", "cs_17"):
        links = payment_links(LinkFilter(search=search))
        listed = plan_of(lambda links=links: page(shown(links), NEWEST_FIRST, PAGE))
        counted = plan_of(lambda links=links: links.count())
        for plan in (listed, counted):
            assert "on saleor_paylink_paymentattempt" in plan
            assert "on saleor_paylink_ledgerentry" in plan
            # The sandbox's own orders have no such indexes; Saleor's are looked at there.
            assert "Seq Scan on saleor_paylink" not in plan


@pytest.mark.parametrize(
    ("resolved", "index"),
    [(False, "paylink_exception_open"), (True, "paylink_exception_resolved")],
)
def test_exceptions_are_read_by_their_time(db: None, resolved: bool, index: str) -> None:
    PaymentException.objects.create(
        kind="late", channel="c", provider="stripe", reference="", amount=10, currency="USD"
    )
    multiply(
        PaymentException,
        f"generate_series(1, {ROWS}) n",
        reference="n",
        raised_at="now() - n * interval '1 hour'",
        resolution="CASE WHEN n % 2 = 0 THEN '' ELSE 'kept' END",
        resolved_at="CASE WHEN n % 2 = 0 THEN NULL ELSE now() END",
    )
    newest_first = Sorting("raised_at", descending=True)

    plan = plan_of(lambda: page(payment_exceptions(None, resolved), newest_first, PAGE))

    assert f"using {index}" in plan
