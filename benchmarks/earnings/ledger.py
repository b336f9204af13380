"""The history as paylink keeps it."""

from django.db import connection

from benchmarks.history import APP, GATEWAY

_BOOK = """
    INSERT INTO saleor_paylink_ledgerentry (
        provider, kind, reference, payment_reference, order_id, channel, amount, currency,
        occurred_at, booked_at
    )
    SELECT CASE way WHEN 'app' THEN %(app)s WHEN 'gateway' THEN %(gateway)s ELSE 'manual' END,
        kind, reference, 'pay_' || n, id, channel, amount, currency, moved.at, moved.at
    FROM benchmark_movement moved JOIN benchmark_order USING (n)
    WHERE n BETWEEN %(first)s AND %(last)s
    ORDER BY moved.at
"""
# The file of movements says the orders' numbers, which it asks the shop for.
_ORDERS = """
    INSERT INTO sandbox_shop_channel (
        slug, currency, auto_confirm, plugin_active, plugin_values, confirms_payment
    )
    SELECT DISTINCT channel, currency, true, true, '{}'::jsonb, false FROM benchmark_order
    ON CONFLICT DO NOTHING;
    INSERT INTO sandbox_shop_order (
        id, status, channel_id, email, language, shipping, discount, subtotal, total, stale, held,
        metadata, private_metadata, created_at, updated_at
    )
    SELECT ordered.id, 'fulfilled', shop_channel.id, '', 'en', 0, 0, total, total, false, false,
        '{}', '{}', at, at
    FROM benchmark_order ordered JOIN sandbox_shop_channel shop_channel ON slug = channel
    WHERE n BETWEEN %(first)s AND %(last)s
"""


def book(first: int, last: int) -> None:
    """Book what has moved of the orders of these numbers: all of it is pending then."""
    asked = {"app": APP, "gateway": GATEWAY, "first": first, "last": last}
    with connection.cursor() as cursor:
        for statement in _ORDERS.split(";"):
            cursor.execute(statement, asked)
        cursor.execute(_BOOK, asked)


def count() -> int:
    """Of all movements."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM saleor_paylink_ledgerentry")
        return int(cursor.fetchone()[0])
