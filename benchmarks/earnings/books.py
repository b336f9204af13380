"""The history as Saleor keeps it: tables of the shape of Saleor's own, in a schema of their own.

They have the columns and the indexes that the plain SQL can use, by Saleor's names, and none of
the others: rows here are shorter than in a Saleor, and read faster.
"""

from django.db import connection

from benchmarks.history import APP, GATEWAY

_TABLES = """
    CREATE SCHEMA saleor;
    CREATE TABLE saleor.channel_channel (
        id int PRIMARY KEY, slug varchar(255) UNIQUE, currency_code varchar(3)
    );
    CREATE TABLE saleor.order_order (
        id uuid PRIMARY KEY, number int UNIQUE, created_at timestamptz, status varchar(32),
        channel_id int REFERENCES saleor.channel_channel, currency varchar(3),
        total_gross_amount numeric(20, 3)
    );
    CREATE INDEX ON saleor.order_order (channel_id);
    CREATE INDEX ON saleor.order_order (created_at);
    CREATE TABLE saleor.payment_transactionitem (
        id int PRIMARY KEY, created_at timestamptz, modified_at timestamptz, name varchar(512),
        psp_reference varchar(512), currency varchar(3), charged_value numeric(20, 3),
        order_id uuid REFERENCES saleor.order_order, app_id int, app_identifier varchar(256)
    );
    CREATE INDEX ON saleor.payment_transactionitem (order_id);
    CREATE INDEX ON saleor.payment_transactionitem (app_identifier);
    CREATE INDEX ON saleor.payment_transactionitem (created_at);
    CREATE TABLE saleor.payment_transactionevent (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, created_at timestamptz,
        psp_reference varchar(512), currency varchar(3), type varchar(128),
        amount_value numeric(20, 3), include_in_calculations bool,
        transaction_id int REFERENCES saleor.payment_transactionitem
    );
    CREATE INDEX ON saleor.payment_transactionevent (transaction_id);
    CREATE INDEX ON saleor.payment_transactionevent (created_at);
    CREATE INDEX ON saleor.payment_transactionevent (type);
    CREATE TABLE saleor.payment_payment (
        id int PRIMARY KEY, gateway varchar(255), is_active bool, created_at timestamptz,
        charge_status varchar(20), total numeric(20, 3), captured_amount numeric(20, 3),
        currency varchar(3), psp_reference varchar(512), order_id uuid REFERENCES saleor.order_order
    );
    CREATE INDEX ON saleor.payment_payment (order_id);
    CREATE INDEX ON saleor.payment_payment (psp_reference);
    CREATE TABLE saleor.payment_transaction (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, created_at timestamptz,
        token varchar(512), kind varchar(25), is_success bool, action_required bool,
        currency varchar(3), amount numeric(20, 3),
        payment_id int REFERENCES saleor.payment_payment
    );
    CREATE INDEX ON saleor.payment_transaction (payment_id);
"""
_FILL = """
    INSERT INTO saleor.channel_channel
    SELECT row_number() OVER (ORDER BY channel), channel, currency
    FROM benchmark_order GROUP BY channel, currency
    ON CONFLICT DO NOTHING;
    INSERT INTO saleor.order_order
    SELECT ordered.id, n, at, 'fulfilled', channel.id, currency, total
    FROM benchmark_order ordered JOIN saleor.channel_channel channel ON slug = channel
    WHERE n BETWEEN %(first)s AND %(last)s;
    INSERT INTO saleor.payment_transactionitem
    SELECT n, at, at, CASE WHEN way = 'app' THEN 'Card' ELSE 'Mark-as-paid transaction' END,
        'pay_' || n, currency, total, id, CASE WHEN way = 'app' THEN 1 END,
        CASE WHEN way = 'app' THEN %(app)s END
    FROM benchmark_order WHERE way IN ('app', 'item by hand') AND n BETWEEN %(first)s AND %(last)s;
    INSERT INTO saleor.payment_transactionevent (
        created_at, psp_reference, currency, type, amount_value, include_in_calculations,
        transaction_id
    )
    SELECT moved.at, reference, currency, name, amount, true, n
    FROM benchmark_movement moved JOIN benchmark_order USING (n) JOIN (VALUES
        ('charge', 'charge_success'), ('adjustment', 'charge_success'),
        ('manual', 'charge_success'), ('manual_returned', 'refund_success'),
        ('refund', 'refund_success'),
        ('refund_reversal', 'refund_reverse'), ('dispute', 'charge_back')
    ) AS event (kind, name) USING (kind)
    WHERE way IN ('app', 'item by hand') AND n BETWEEN %(first)s AND %(last)s
    ORDER BY moved.at;
    INSERT INTO saleor.payment_payment
    SELECT n, CASE WHEN way = 'gateway' THEN %(gateway)s ELSE 'manual' END, true, at,
        'fully-charged', total, total, currency, 'pay_' || n, id
    FROM benchmark_order
    WHERE way IN ('gateway', 'payment by hand') AND n BETWEEN %(first)s AND %(last)s;
    INSERT INTO saleor.payment_transaction (
        created_at, token, kind, is_success, action_required, currency, amount, payment_id
    )
    SELECT moved.at, reference, name, true, false, currency, amount, n
    FROM benchmark_movement moved JOIN benchmark_order USING (n) JOIN (VALUES
        ('charge', 'capture'), ('manual', 'external'), ('refund', 'refund'),
        ('manual_returned', 'refund'), ('refund_reversal', 'refund_reversed')
    ) AS line (kind, name) USING (kind)
    WHERE way IN ('gateway', 'payment by hand') AND n BETWEEN %(first)s AND %(last)s
    ORDER BY moved.at
"""


def fill(first: int, last: int) -> None:
    """Write down what has moved of the orders of these numbers."""
    asked = {"app": APP, "gateway": GATEWAY, "first": first, "last": last}
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace('saleor')")
        if cursor.fetchone() == (None,):
            cursor.execute(_TABLES)
        for statement in _FILL.split(";"):
            cursor.execute(statement, asked)
