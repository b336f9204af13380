"""Many orders, each like one that staff have made."""

import json
from collections.abc import Collection
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from saleor.order.models import Order, OrderLine, get_order_number

from benchmarks.road.rounds import Request, Wrong
from tests.saleor.client import authorization
from tests.saleor.orders import draft_of

STAFF = "cashier"
TWO_LINES = {"MUG": 1, "PLATE": 1}
THREE_LINES = {"MUG": 2, "PLATE": 1, "GIFT": 1}
TOTAL = "total { gross { amount } }"


def draft(channel: str, lines: dict[str, int]) -> Order:
    """A draft as staff leave it who have seen what it comes to; `lines`: quantities by SKU."""
    return draft_of(lines, channel, by=STAFF, seen=TOTAL)


def copies(original: Order, number: int) -> list[Order]:
    """That many more, which share nothing with each other."""
    lines = list(original.lines.all())
    return [_copy(original, lines) for _ in range(number)]


def _copy(original: Order, lines: Collection[OrderLine]) -> Order:
    made = Order.objects.get(pk=original.pk)
    made.pk, made.number, made._state.adding = uuid4(), get_order_number(), True
    made.billing_address = original.billing_address.get_copy()
    made.save(force_insert=True)
    copied = [OrderLine.objects.get(pk=line.pk) for line in lines]
    for line in copied:
        line.pk, line.order, line._state.adding = uuid4(), made, True
    OrderLine.objects.bulk_create(copied)
    return made


class Asking:
    """Makes requests to GraphQL of staff who are signed in."""

    def __init__(self) -> None:
        self._headers = authorization(STAFF)

    def __call__(self, document: str, **variables: object) -> Request:
        body = json.dumps({"query": document, "variables": variables}).encode()
        return Request("/graphql/", body, headers=self._headers)


def data_of(answer: HttpResponse) -> dict[str, Any]:
    """Raises Wrong unless it is an answer without any error."""
    said = json.loads(answer.content) if answer.status_code == 200 else {}
    if "data" not in said or "errors" in said:
        raise Wrong(f"GraphQL answered {answer.status_code}: {answer.content[:500]!r}")
    data: dict[str, Any] = said["data"]
    return data
