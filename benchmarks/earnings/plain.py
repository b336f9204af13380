"""The peer of the report: plain SQL over Saleor's books that says the same figures.

It groups by what it asks for and reads each row once; the planner may use all workers that it has
by default. Fees are no part of it, because Saleor's books know of none, nor is the net. It says
less than Saleor's rules ask for: it takes no event for said before, and no success for failed
later, of which this history has none. That is in its favour.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from saleor_paylink.days import Unit

_OF_ITEMS = """
    SELECT (event.created_at AT TIME ZONE 'UTC')::date AS day, event.currency, event.type AS kind,
        item.name = 'Mark-as-paid transaction' OR (
            item.app_id IS NULL AND coalesce(item.app_identifier, '') = ''
        ) AS by_hand,
        event.amount_value AS amount
    FROM saleor.payment_transactionevent event
    JOIN saleor.payment_transactionitem item ON item.id = event.transaction_id
    {orders}
    WHERE event.include_in_calculations
        AND event.type IN ('charge_success', 'refund_success', 'refund_reverse', 'charge_back')
        {days}
"""
_OF_PAYMENTS = """
    SELECT (line.created_at AT TIME ZONE 'UTC')::date, upper(line.currency), CASE line.kind
            WHEN 'refund' THEN 'refund_success'
            WHEN 'refund_reversed' THEN 'refund_reverse'
            ELSE 'charge_success' END,
        item.gateway = 'manual', line.amount
    FROM saleor.payment_transaction line
    JOIN saleor.payment_payment item ON item.id = line.payment_id
    {orders}
    WHERE line.is_success AND NOT line.action_required
        AND line.kind IN ('capture', 'external', 'refund', 'refund_reversed')
        {days}
"""
_OF_CHANNELS = """
    JOIN saleor.order_order ordered ON ordered.id = item.order_id
    JOIN saleor.channel_channel channel ON channel.id = ordered.channel_id
        AND channel.slug = ANY(%(channels)s)
"""
_REPORT = """
    SELECT currency, date_trunc(%(unit)s, day::timestamp)::date AS start,
        coalesce(sum(amount) FILTER (WHERE kind = 'charge_success' AND NOT by_hand), 0),
        coalesce(sum(CASE kind WHEN 'refund_success' THEN amount ELSE -amount END) FILTER (
            WHERE kind IN ('refund_success', 'refund_reverse') AND NOT by_hand), 0),
        coalesce(sum(amount) FILTER (WHERE kind = 'charge_back' AND NOT by_hand), 0),
        count(*) FILTER (WHERE kind = 'charge_success' AND amount > 0 AND NOT by_hand),
        coalesce(sum(CASE kind WHEN 'refund_success' THEN -amount ELSE amount END) FILTER (
            WHERE by_hand), 0),
        count(*) FILTER (WHERE kind = 'charge_success' AND by_hand)
    FROM ({items} UNION ALL {payments}) AS moved
    GROUP BY currency, start
"""


@dataclass(frozen=True)
class Sums:
    """What both the report and Saleor's books say of a currency and a day, week or month."""

    gross: Decimal
    refunded: Decimal
    disputed: Decimal
    payment_count: int
    manual_gross: Decimal
    manual_count: int


def sums(
    *, channels: list[str] | None, start: date | None, end: date | None, unit: Unit
) -> dict[tuple[str, date], Sums]:
    """By currency and first day, where anything moved."""
    asked: dict[str, Any] = {"channels": channels, "start": start, "end": end, "unit": unit.value}
    with connection.cursor() as cursor:
        cursor.execute(_statement(channels, start, end), asked)
        return {(currency, day): Sums(*row) for currency, day, *row in cursor.fetchall()}


def _statement(channels: list[str] | None, start: date | None, end: date | None) -> str:
    orders = _OF_CHANNELS if channels is not None else ""
    parts = [
        part.format(orders=orders, days=_days(f"{name}.created_at", start, end))
        for part, name in ((_OF_ITEMS, "event"), (_OF_PAYMENTS, "line"))
    ]
    return _REPORT.format(items=parts[0], payments=parts[1])


def _days(at: str, start: date | None, end: date | None) -> str:
    """In words that an index of the time itself can answer."""
    first = f"AND {at} >= %(start)s::timestamp AT TIME ZONE 'UTC'" if start else ""
    last = f"AND {at} < (%(end)s::date + 1)::timestamp AT TIME ZONE 'UTC'" if end else ""
    return f"{first} {last}"
