"""What paylink's fields cost, in the map by which Saleor refuses queries that cost too much.

A field that the map does not name costs nothing, however often it is asked for.
"""

from typing import Any

from saleor.graphql.query_cost_map import COST_MAP

ONCE = {"complexity": 1}
PER_ROW = {"complexity": 1, "multipliers": ["first", "last"]}
COSTS: dict[str, dict[str, dict[str, Any]]] = {
    "Query": {
        "paymentEarnings": ONCE,
        "paymentExceptions": PER_ROW,
        "paymentLink": ONCE,
        "paymentLinks": PER_ROW,
        "paymentRequest": ONCE,
    },
    "Order": {"paymentCollection": ONCE, "paymentLink": ONCE},
    "PaymentCollection": {"exceptions": ONCE, "links": ONCE},
    "PaymentEarnings": {"series": ONCE},
    "PaymentException": {"order": ONCE},
    "PaymentLink": {
        "amountDue": ONCE,
        "amountPaid": ONCE,
        "attempts": ONCE,
        "createdBy": ONCE,
        "events": ONCE,
        # Drawing it takes as long as reading a row.
        "qrCode": ONCE,
        "order": ONCE,
    },
}


def declare() -> None:
    """Add them to Saleor's map. Saleor answers nothing at all while its map names a field that
    its schema does not have: to be called with `schema.mount`."""
    for type_name, fields in COSTS.items():
        COST_MAP.setdefault(type_name, {}).update(fields)
