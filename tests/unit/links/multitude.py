"""Very many links at once, and what Postgres says of how it reads them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from saleor_paylink.links import verification
from saleor_paylink.models import LedgerEntry, PaymentAttempt, PaymentCollection, PaymentLink
from sandbox.shop.models import Channel, Order

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
NOBODY = "00000000-0000-4000-8000-000000000000"
OF_NOBODY = {"order_id": NOBODY, "amount": 10, "currency": "USD"}


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


def _drawn(what: int, below: int) -> str:
    """SQL of a number from 0, the same for a collection each time; `what` draws independently."""
    return f"(hashint8extended(c.id, {what}) & 1048575) % {below}"


def _moment(what: int) -> str:
    """SQL of a time within a few years before NEW_YEAR."""
    return f"timestamptz '{NEW_YEAR}' - {_drawn(what, 1_000_000)} * interval '100 seconds'"


def _one_in(often: int, what: int) -> str:
    """SQL of such a time for one in so many, and of NULL for the others."""
    return f"CASE WHEN {_drawn(what, often)} = 0 THEN {_moment(what + 1)} END"


_STATUS = f"""CASE WHEN {_drawn(1, 1000)} = 0 THEN 'processing'
    WHEN {_drawn(2, 10)} = 0 THEN 'active' WHEN {_drawn(3, 10)} = 0 THEN 'expired'
    ELSE 'paid' END"""


def make_links(number: int) -> None:
    """So many links of a few years in twenty channels, most of them paid, each with an order.
    Their columns have nothing to do with one another."""
    Order.objects.create(channel=Channel.objects.create(slug="channel-0", currency="USD"))
    collection = PaymentCollection.objects.create(order_id=NOBODY, channel="channel-0")
    PaymentLink.objects.create(
        collection=collection, channel="channel-0", token_digest="", status="paid", **OF_NOBODY
    )
    multiply(Order, f"generate_series(1, {number}) n", id="gen_random_uuid()")
    multiply(PaymentCollection, "sandbox_shop_order o", order_id="o.id")
    multiply(
        PaymentLink,
        "saleor_paylink_paymentcollection c",
        id="gen_random_uuid()",
        collection_id="c.id",
        order_id="c.order_id",
        token_digest="c.id",
        channel=f"'channel-' || {_drawn(4, 20)}",
        amount=_drawn(5, 1000),
        status=_STATUS,
        created_at=_moment(6),
        expires_at=_one_in(3, 7),
        first_opened_at=_one_in(5, 9),
        last_opened_at=_one_in(5, 9),
        last_sent_at=_one_in(2, 11),
    )


def make_payments() -> None:
    """A payment over each of the links."""
    link = PaymentLink.objects.get(token_digest="")
    attempt = PaymentAttempt.objects.create(
        link=link,
        provider="stripe",
        method="stripe:card",
        livemode=False,
        token_seed=link.token_seed,
        parameters={},
        expires_at=NEW_YEAR,
        status="paid",
        **OF_NOBODY,
    )
    LedgerEntry.objects.create(
        kind="charge",
        provider="stripe",
        channel="channel-0",
        attempt=attempt,
        occurred_at=NEW_YEAR,
        **OF_NOBODY,
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


def queries_to_verify() -> int:
    """How many it takes to compare all orders' money, which has to agree."""
    with CaptureQueriesContext(connection) as made:
        assert not any(each.reason for each in verification.verdicts())
    return len(made)


def plan_of(read: Callable[[], Any], options: str = "COSTS") -> str:
    """How Postgres goes about the one query that is made; `options` are those of EXPLAIN."""
    with CaptureQueriesContext(connection) as made:
        read()
    (query,) = made.captured_queries
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN ({options}) {query['sql']}")
        return "\n".join(line for (line,) in cursor.fetchall())
