"""The itemized report of what moved in an account: "Balance change from activity".

https://docs.stripe.com/reports/report-types/balance (`balance_change_from_activity.itemized.3`),
with the columns that tell of payments and of their metadata. Amounts are in major units.
"""

import csv
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO

from sandbox.stripe.accounts import Account, Json
from sandbox.stripe.money import exponent

COLUMNS = (
    "balance_transaction_id", "created_utc", "created", "available_on_utc", "available_on",
    "currency", "gross", "fee", "net", "reporting_category", "source_id", "description",
    "customer_facing_amount", "customer_facing_currency", "charge_id", "payment_intent_id",
)  # fmt: skip


def itemized(account: Account) -> str:
    """As CSV, oldest first, with a column for each key of the payments' metadata."""
    intents = account.table("payment_intent")
    keys = sorted({key for intent in intents.values() for key in intent["metadata"]})
    out = StringIO()
    rows = csv.DictWriter(out, [*COLUMNS, *map(_metadata, keys)], lineterminator="\n")
    rows.writeheader()
    for booked in account.table("balance_transaction").values():
        rows.writerow(_row(account, booked))
    return out.getvalue()


def _metadata(key: str) -> str:
    return f"payment_metadata[{key}]"


def _row(account: Account, booked: Json) -> Json:
    source = _source(account, booked["source"])
    created, available = _time(booked["created"]), _time(booked["available_on"])
    intent = account.table("payment_intent")[source["payment_intent"]]
    return {
        "balance_transaction_id": booked["id"],
        "created_utc": created,
        "created": created,
        "available_on_utc": available,
        "available_on": available,
        "currency": booked["currency"],
        "gross": _major(booked["amount"], booked["currency"]),
        "fee": _major(booked["fee"], booked["currency"]),
        "net": _major(booked["net"], booked["currency"]),
        "reporting_category": booked["reporting_category"],
        "source_id": source["id"],
        "description": intent["description"] or "",
        **_customer_facing(source),
        "charge_id": source["id"] if source["object"] == "charge" else source["charge"],
        "payment_intent_id": intent["id"],
        **{_metadata(key): value for key, value in intent["metadata"].items()},
    }


def _source(account: Account, id: str) -> Json:
    kinds = ("charge", "refund", "dispute")
    return next(found for kind in kinds if (found := account.table(kind).get(id)))


def _customer_facing(source: Json) -> Json:
    """Stripe has these of charges and of refunds only."""
    if source["object"] == "dispute":
        return {}
    return {
        "customer_facing_amount": _major(source["amount"], source["currency"]),
        "customer_facing_currency": source["currency"],
    }


def _major(amount: int, currency: str) -> str:
    return f"{Decimal(amount).scaleb(-exponent(currency)):f}"


def _time(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}"
