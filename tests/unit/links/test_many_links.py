"""Lists of very many links are read by their indexes: Postgres itself says so."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import product
from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

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
from saleor_paylink.models import (
    LedgerEntry,
    PaymentAttempt,
    PaymentCollection,
    PaymentException,
    PaymentLink,
)
from sandbox.shop.models import Channel, Order

ROWS = 20_000
PAGE = 100
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
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
    "not sent": LinkFilter(sent=False),
    "to be sent": LinkFilter(channels=["channel-1"], statuses=["active"], sent=False),
}
STATUS = """CASE WHEN c.id % 1000 = 0 THEN 'processing' WHEN c.id % 10 = 0 THEN 'active'
    WHEN c.id % 10 = 1 THEN 'expired' ELSE 'paid' END"""
MOMENT = "timestamptz '2026-01-01 00:00+00' - c.id % 5003 * interval '1 hour'"


def multiply(model: type[models.Model], source: str, **changes: str) -> None:
    """Copy the model's one row for each row of the SQL `source`, but for what `changes`."""
    fields = model._meta.concrete_fields
    columns = {field.column: f"template.{field.column}" for field in fields} | changes
    key = model._meta.pk.column
    if key not in changes:
        del columns[key]
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) "
            f"SELECT {', '.join(columns.values())} FROM {table} template, {source}"
        )
        cursor.execute(f"ANALYZE {table}")


@pytest.fixture
def many(db: None) -> None:
    """Links of a few years in twenty channels, most of them paid, with their payments."""
    nobody = "00000000-0000-4000-8000-000000000000"
    Order.objects.create(channel=Channel.objects.create(slug="channel-0", currency="USD"))
    collection = PaymentCollection.objects.create(order_id=nobody, channel="channel-0")
    of_order = {"order_id": nobody, "amount": 10, "currency": "USD", "status": "paid"}
    link = PaymentLink.objects.create(
        collection=collection, channel="channel-0", token_digest="", **of_order
    )
    attempt = PaymentAttempt.objects.create(
        link=link,
        provider="stripe",
        method="stripe:card",
        livemode=False,
        token_seed=link.token_seed,
        parameters={},
        expires_at=NEW_YEAR,
        **of_order,
    )
    LedgerEntry.objects.create(
        kind="charge",
        provider="stripe",
        order_id=nobody,
        channel="channel-0",
        attempt=attempt,
        amount=10,
        currency="USD",
        occurred_at=NEW_YEAR,
    )
    multiply(Order, f"generate_series(1, {ROWS}) n", id="gen_random_uuid()")
    multiply(PaymentCollection, "sandbox_shop_order o", order_id="o.id")
    multiply(
        PaymentLink,
        "saleor_paylink_paymentcollection c",
        id="gen_random_uuid()",
        collection_id="c.id",
        order_id="c.order_id",
        token_digest="c.id",
        channel="'channel-' || c.id % 20",
        amount="c.id % 997",
        status=STATUS,
        created_at=MOMENT,
        expires_at=f"CASE WHEN c.id % 3 = 0 THEN {MOMENT} END",
        first_opened_at=f"CASE WHEN c.id % 5 = 0 THEN {MOMENT} END",
        last_opened_at=f"CASE WHEN c.id % 5 = 0 THEN {MOMENT} END",
        last_sent_at=f"CASE WHEN c.id % 2 = 0 THEN {MOMENT} END",
    )
    multiply(
        PaymentAttempt,
        "saleor_paylink_paymentlink l",
        id="gen_random_uuid()",
        link_id="l.id",
        order_id="l.order_id",
        idempotency_key="l.id",
        provider_reference="'cs_' || l.id",
    )
    multiply(
        LedgerEntry,
        "saleor_paylink_paymentattempt a",
        attempt_id="a.id",
        order_id="a.order_id",
        reference="'pi_' || a.id",
        payment_reference="'pi_' || a.id",
    )


def plan_of(read: Callable[[], Any]) -> str:
    """How Postgres goes about the one query that is made."""
    with CaptureQueriesContext(connection) as made:
        read()
    (query,) = made.captured_queries
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + query["sql"])
        return "\n".join(line for (line,) in cursor.fetchall())


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


def test_no_filter_reads_the_whole_table(many: None) -> None:
    plans = {name: plan_of_page(NEWEST_FIRST, wanted) for name, wanted in FILTERS.items()}

    assert [name for name, plan in plans.items() if "Seq Scan" in plan] == []
    assert "Index Cond: ((channel)::text = 'channel-1'::text)" in plans["one channel"]
    assert "Index Cond: ((status)::text = 'processing'::text)" in plans["rare"]
    assert "Index Cond: ((created_at >= " in plans["a month"]


def test_no_search_reads_the_whole_table(many: None) -> None:
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
