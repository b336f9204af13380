"""Three years of a shop's business, the same ones whenever they are made: of each order what it was
paid with, and each movement of its money.

Made by the database itself, from the orders' numbers, into two tables of its own. The ledger and
the books of the shop are filled from these, and so hold the same money.
"""

from datetime import date

from django.db import connection

FIRST_DAY, LAST_DAY = date(2023, 1, 1), date(2025, 12, 31)
# Each with its currency, and how many of a hundred orders are in it.
CHANNELS = (("shop-us", "USD", 60), ("shop-eu", "EUR", 25), ("shop-uk", "GBP", 15))

APP = "app.payment.example"
GATEWAY = "example.payments.cards"

_TABLES = """
    CREATE UNLOGGED TABLE benchmark_order (
        n bigint PRIMARY KEY, id uuid, channel text, currency text, way text, total numeric(20, 3),
        at timestamptz
    );
    CREATE UNLOGGED TABLE benchmark_movement (
        n bigint, kind text, amount numeric(20, 3), at timestamptz, reference text
    );
"""


def _draw(what: int, below: int) -> str:
    """SQL of a number from 0 that depends on the order's, and on nothing else of its draws."""
    return f"mod(hashint8extended(n, {what}) & 2147483647, {below})::int"


# Of a thousand orders: 700 over a payment app, 200 over an older gateway, 25 marked as paid in
# either of Saleor's ways, and 50 that nobody has paid.
_ORDERS = f"""
    INSERT INTO benchmark_order
    SELECT n, md5('order ' || n)::uuid, channel, currency,
        CASE WHEN {_draw(1, 1000)} < 700 THEN 'app'
            WHEN {_draw(1, 1000)} < 900 THEN 'gateway'
            WHEN {_draw(1, 1000)} < 925 THEN 'item by hand'
            WHEN {_draw(1, 1000)} < 950 THEN 'payment by hand'
            ELSE 'none' END,
        (500 + {_draw(2, 50000)}) / 100.0,
        %(begin)s::timestamptz + {_draw(3, 1095)} * interval '1 day'
            + {_draw(4, 86400)} * interval '1 second'
    FROM generate_series(%(first)s, %(last)s) n
    JOIN unnest(%(channels)s::text[], %(currencies)s::text[], %(from)s::int[], %(to)s::int[])
        AS market (channel, currency, low, high)
        ON {_draw(5, 100)} >= low AND {_draw(5, 100)} < high
"""
# Of a thousand paid orders: 60 are refunded, half of them in part, and of those one in ten gets the
# refund back; 5 are disputed, and of 3 an app corrects what it has reported. What goes out
# does so within a month, and before the three years are over.
_LATER = f"least(at + (1 + {_draw(6, 30)}) * interval '1 day', %(end)s::timestamptz)"
_BY_HAND = "way IN ('item by hand', 'payment by hand')"
_REFUNDED = f"{_draw(7, 1000)} < 60"
_GIVEN_BACK = f"CASE WHEN {_draw(8, 2)} = 0 THEN total ELSE round(total / 2, 2) END"
_MOVEMENTS = f"""
    INSERT INTO benchmark_movement
    WITH paid AS (
        SELECT * FROM benchmark_order WHERE way <> 'none' AND n BETWEEN %(first)s AND %(last)s
    ),
    automated AS (SELECT * FROM paid WHERE NOT {_BY_HAND})
    SELECT n, CASE WHEN {_BY_HAND} THEN 'manual' ELSE 'charge' END, total, at, 'pay_' || n FROM paid
    UNION ALL
    SELECT n, 'manual_returned', {_GIVEN_BACK}, {_LATER}, 'back_' || n FROM paid
    WHERE {_BY_HAND} AND {_REFUNDED}
    UNION ALL
    SELECT n, 'fee', round(total * 0.015 + 0.25, 2), at, 'pay_' || n FROM paid WHERE way = 'app'
    UNION ALL
    SELECT n, 'refund', {_GIVEN_BACK}, {_LATER}, 'back_' || n FROM automated WHERE {_REFUNDED}
    UNION ALL
    SELECT n, 'refund_reversal', {_GIVEN_BACK}, {_LATER}, 'back_' || n FROM automated
    WHERE {_REFUNDED} AND {_draw(9, 1000)} < 100
    UNION ALL
    SELECT n, 'dispute', total, {_LATER}, 'dispute_' || n FROM automated
    WHERE way = 'app' AND {_draw(10, 1000)} < 5
    UNION ALL
    SELECT n, 'adjustment', -1.00, {_LATER}, 'less_' || n FROM automated
    WHERE way = 'app' AND {_draw(11, 1000)} < 3
"""


def make(first: int, last: int) -> None:
    """Make the orders of these numbers, and what their money did."""
    highs = [sum(share for *_, share in CHANNELS[: i + 1]) for i in range(len(CHANNELS))]
    asked = {
        "first": first,
        "last": last,
        "begin": f"{FIRST_DAY} 00:00:00+00",
        "end": f"{LAST_DAY} 23:59:59+00",
        "channels": [slug for slug, *_ in CHANNELS],
        "currencies": [currency for _, currency, _ in CHANNELS],
        "from": [0, *highs[:-1]],
        "to": highs,
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('benchmark_order')")
        if cursor.fetchone() == (None,):
            cursor.execute(_TABLES)
        for statement in (_ORDERS, _MOVEMENTS):
            cursor.execute(statement, asked)
        cursor.execute("ANALYZE benchmark_order, benchmark_movement")
