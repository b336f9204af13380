"""The history in Saleor's own tables, with all of their columns and indexes.

A row of each is made by Saleor's model, and then copied for each of the history's, with what is
different: so the columns of any version have what Saleor gives them.
"""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.models import Model
from saleor.app.models import App
from saleor.channel.models import Channel
from saleor.order.models import Order
from saleor.payment.models import Payment, Transaction, TransactionEvent, TransactionItem

from benchmarks.history import APP, CHANNELS, GATEWAY

# What looks orders up by their texts: nobody asks that here, and filling it takes longer than all.
_SEARCHED = """
    SELECT format('DROP INDEX %I', indexname) FROM pg_indexes
    WHERE tablename = 'order_order' AND indexdef LIKE '%USING gin%'
"""
_ITEMS = "way IN ('app', 'item by hand')"
_PAYMENTS = "way IN ('gateway', 'payment by hand')"
_EVENTS = """(VALUES
    ('charge', 'charge_success'), ('adjustment', 'charge_success'), ('manual', 'charge_success'),
    ('refund', 'refund_success'), ('manual_returned', 'refund_success'),
    ('refund_reversal', 'refund_reverse'), ('dispute', 'charge_back')
) AS event (kind, name)"""
_LINES = """(VALUES
    ('charge', 'capture'), ('manual', 'external'), ('refund', 'refund'),
    ('manual_returned', 'refund'), ('refund_reversal', 'refund_reversed')
) AS line (kind, name)"""
# Tables of paylink's that an import fills.
_OURS = ("ledgerentry", "pendingentry", "daysum", "sumszone", "takenrow")


class Books:
    """Made once for an empty Saleor."""

    def __init__(self) -> None:
        self._app = App.objects.create(name="Payments", identifier=APP, is_active=True)
        for slug, currency, _share in CHANNELS:
            Channel.objects.create(
                name=slug, slug=slug, currency_code=currency, default_country="US", is_active=True
            )
        channel = Channel.objects.get(slug=CHANNELS[0][0])
        order = Order.objects.create(channel=channel, currency="USD", lines_count=0)
        item = TransactionItem.objects.create(order=order, currency="USD")
        event = TransactionEvent.objects.create(
            transaction=item, currency="USD", include_in_calculations=True
        )
        payment = Payment.objects.create(order=order, currency="USD", gateway=GATEWAY)
        line = Transaction.objects.create(
            payment=payment, currency="USD", is_success=True, gateway_response={}
        )
        self._samples: Mapping[type[Model], Model] = {
            type(each): each for each in (order, item, event, payment, line)
        }
        for sample in self._samples.values():
            # With what the database itself has put into it.
            sample.refresh_from_db()
        with connection.cursor() as cursor:
            cursor.execute(_SEARCHED)
            for (statement,) in cursor.fetchall():
                cursor.execute(statement)

    def fill(self, first: int, last: int) -> None:
        """Write down what has moved of the orders of these numbers, which the history has."""
        orders = f"benchmark_order ordered WHERE n BETWEEN {first} AND {last}"
        moved = "benchmark_movement moved JOIN benchmark_order ordered USING (n)"
        these = f"n BETWEEN {first} AND {last} ORDER BY moved.at"
        self._copy(
            Order,
            orders,
            id="ordered.id",
            number="1000000 + n",
            status="'fulfilled'",
            created_at="at",
            updated_at="at",
            channel_id="(SELECT id FROM channel_channel WHERE slug = channel)",
            currency="ordered.currency",
            total_gross_amount="total",
            total_net_amount="total",
            total_charged_amount="total",
        )
        self._copy(
            TransactionItem,
            f"{orders} AND {_ITEMS}",
            id="1000000 + n",
            token="md5('item ' || n)::uuid",
            name="CASE way WHEN 'app' THEN 'Card' ELSE 'Mark-as-paid transaction' END",
            psp_reference="'pay_' || n",
            currency="ordered.currency",
            charged_value="total",
            order_id="ordered.id",
            app_id=f"CASE way WHEN 'app' THEN {self._app.pk} END",
            app_identifier=f"CASE way WHEN 'app' THEN '{APP}' END",
            created_at="at",
            modified_at="at",
        )
        self._copy(
            TransactionEvent,
            f"{moved} JOIN {_EVENTS} USING (kind) WHERE {_ITEMS} AND {these}",
            id="nextval(pg_get_serial_sequence('payment_transactionevent', 'id'))",
            created_at="moved.at",
            psp_reference="reference",
            currency="ordered.currency",
            type="event.name",
            amount_value="amount",
            transaction_id="1000000 + n",
        )
        self._copy(
            Payment,
            f"{orders} AND {_PAYMENTS}",
            id="1000000 + n",
            gateway=f"CASE way WHEN 'gateway' THEN '{GATEWAY}' ELSE 'manual' END",
            psp_reference="'pay_' || n",
            currency="ordered.currency",
            total="ordered.total",
            captured_amount="ordered.total",
            order_id="ordered.id",
            created_at="at",
            modified_at="at",
        )
        self._copy(
            Transaction,
            f"{moved} JOIN {_LINES} USING (kind) WHERE {_PAYMENTS} AND {these}",
            id="nextval(pg_get_serial_sequence('payment_transaction', 'id'))",
            created_at="moved.at",
            token="reference",
            kind="line.name",
            currency="ordered.currency",
            amount="moved.amount",
            payment_id="1000000 + n",
        )
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")

    def _copy(self, model: type[Model], source: str, **different: str) -> None:
        """Insert the sample of that model once for each row of the source."""
        sample = self._samples[model]
        fields = {str(field.column): field for field in model._meta.concrete_fields}
        selected = [different.get(column, "%s") for column in fields]
        values: list[Any] = [
            field.get_db_prep_save(field.value_from_object(sample), connection)
            for column, field in fields.items()
            if column not in different
        ]
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {model._meta.db_table} ({', '.join(fields)}) "
                f"SELECT {', '.join(selected)} FROM {source}",
                values,
            )


def lines() -> int:
    """How many there are in Saleor's books."""
    return int(TransactionEvent.objects.count() + Transaction.objects.count())


def forget_ledger() -> None:
    """As if nothing had been taken in yet."""
    tables = ", ".join(f"saleor_paylink_{name}" for name in _OURS)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables} CASCADE")


def differences() -> list[tuple[Any, ...]]:
    """Kinds and currencies of which another number or sum is booked than the history has; fees are
    in no books of Saleor's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, currency, count(*), sum(amount) FROM benchmark_movement"
            " JOIN benchmark_order USING (n) WHERE kind <> 'fee' GROUP BY kind, currency"
        )
        moved = set(cursor.fetchall())
        cursor.execute(
            "SELECT kind, currency, count(*), sum(amount) FROM saleor_paylink_ledgerentry"
            " GROUP BY kind, currency"
        )
        return sorted(moved ^ set(cursor.fetchall()))


def ledger() -> tuple[int, str]:
    """How many movements are booked, and a digest of all that they say."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), md5(string_agg(said, '|' ORDER BY said)) FROM ("
            " SELECT concat_ws(',', provider, kind, reference, payment_reference, order_id,"
            " channel, amount, currency, occurred_at) AS said FROM saleor_paylink_ledgerentry"
            ") AS entry"
        )
        booked, digest = cursor.fetchone()
        return int(booked), str(digest)
