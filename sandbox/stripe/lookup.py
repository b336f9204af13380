"""Reading: one object, lists of them, and their expansion.

https://docs.stripe.com/api/pagination and https://docs.stripe.com/api/expanding_objects
"""

from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

from sandbox.stripe.accounts import Account, Json
from sandbox.stripe.errors import StripeError, no_such

DEEPEST = 4
# What can be expanded to what; None where Stripe may have an object and the simulator has null.
EXPANDABLE: dict[str, dict[str, str | None]] = {
    "charge": {
        "balance_transaction": "balance_transaction",
        "customer": None,
        "failure_balance_transaction": "balance_transaction",
        "invoice": None,
        "payment_intent": "payment_intent",
        "refunds": None,
    },
    "checkout.session": {
        "customer": None,
        "invoice": None,
        "line_items": None,
        "payment_intent": "payment_intent",
        "payment_link": None,
    },
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "payment_intent": {"customer": None, "invoice": None, "latest_charge": "charge"},
    "refund": {
        "balance_transaction": "balance_transaction",
        "charge": "charge",
        "failure_balance_transaction": "balance_transaction",
        "payment_intent": "payment_intent",
    },
}

Handler = Callable[[Account, dict[str, str], Json], Json]


def retrieve(kind: str, param: str) -> Handler:
    """The handler that answers with one object of `kind`, named by the path's `param`."""

    def handler(account: Account, ids: dict[str, str], params: Json) -> Json:
        item = account.table(kind).get(ids[param])
        if item is None:
            raise no_such(kind, ids[param], param)
        return item

    return handler


def listing(kind: str, url: str, *equal: str) -> Handler:
    """The handler that lists objects of `kind`, filtered by creation and by fields in `equal`."""

    def handler(account: Account, ids: dict[str, str], params: Json) -> Json:
        items = [
            item
            for item in account.table(kind).values()
            if _created_within(item, params.get("created"))
            and all(item[name] == params[name] for name in equal if name in params)
        ]
        return page(items, url, params)

    return handler


def list_line_items(account: Account, ids: dict[str, str], params: Json) -> Json:
    """GET /v1/checkout/sessions/{session}/line_items, in the order of their making."""
    session = retrieve("checkout.session", "session")(account, ids, {})
    url = f"/v1/checkout/sessions/{session['id']}/line_items"
    return page(list(reversed(account.line_items[session["id"]])), url, params)


def list_events(account: Account, ids: dict[str, str], params: Json) -> Json:
    """GET /v1/events; `delivery_success` tells apart what every endpoint has taken."""
    types = {params["type"]} if "type" in params else set(params.get("types", []))
    items = [
        event
        for event in account.table("event").values()
        if (not types or event["type"] in types)
        and _created_within(event, params.get("created"))
        and params.get("delivery_success", not event["pending_webhooks"])
        == (not event["pending_webhooks"])
    ]
    return page(items, "/v1/events", params)


def _created_within(item: Json, bounds: Any) -> bool:
    if bounds is None:
        return True
    if isinstance(bounds, int):
        return bool(item["created"] == bounds)
    tests = {
        "gt": int.__gt__, "gte": int.__ge__, "lt": int.__lt__, "lte": int.__le__,
    }  # fmt: skip
    return all(tests[name](item["created"], bound) for name, bound in bounds.items())


def page(oldest_first: list[Json], url: str, params: Json) -> Json:
    """One page of a list, newest first."""
    items = list(reversed(oldest_first))
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise StripeError(
            "Invalid limit: must be between 1 and 100",
            code="parameter_invalid_integer",
            param="limit",
        )
    backwards = "ending_before" in params
    if "starting_after" in params:
        items = items[_position(items, params, "starting_after") + 1 :]
    if backwards:
        items = items[: _position(items, params, "ending_before")]
    data = items[-limit:] if backwards else items[:limit]
    return {"object": "list", "data": data, "has_more": len(items) > limit, "url": url}


def _position(items: list[Json], params: Json, name: str) -> int:
    for position, item in enumerate(items):
        if item["id"] == params[name]:
            return position
    raise no_such("object", params[name], name)


def check_expand(kind: str, many: bool, paths: list[str]) -> None:
    """Refuse paths that objects of `kind`, or a list of them, cannot be expanded by."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > DEEPEST:
            raise StripeError(
                f"You cannot expand more than {DEEPEST} levels of a property: {path}",
                param="expand",
            )
        if many and steps.pop(0) != "data":
            raise StripeError(
                f"This property cannot be expanded ({path}). You may want to try expanding "
                f"'data.{path}' instead.",
                param="expand",
            )
        at: str | None = kind
        for step in steps:
            if step not in EXPANDABLE.get(at or "", {}):
                raise StripeError(f"This property cannot be expanded ({path}).", param="expand")
            at = EXPANDABLE[at or ""][step]


def render(account: Account, answer: Json, many: bool, paths: Iterable[str]) -> Json:
    """A copy of `answer` in which each of `paths`, such as `latest_charge`, is expanded."""
    answer = deepcopy(answer)
    for path in paths:
        steps = path.split(".")
        for item in answer["data"] if many else [answer]:
            _expand(account, item, steps[1:] if many else steps)
    return answer


def _expand(account: Account, item: Json, steps: list[str]) -> None:
    if not steps:
        return
    name, *deeper = steps
    if name == "line_items":
        lines = account.line_items[item["id"]]
        item[name] = page(lines[::-1], f"/v1/checkout/sessions/{item['id']}/line_items", {})
    elif name == "refunds":
        refunds = [r for r in account.table("refund").values() if r["charge"] == item["id"]]
        item[name] = page(refunds, f"/v1/charges/{item['id']}/refunds", {})
    elif isinstance(item.get(name), str):
        kind = EXPANDABLE[item["object"]][name]
        item[name] = deepcopy(account.table(kind or "")[item[name]])
    if isinstance(item.get(name), dict):
        _expand(account, item[name], deeper)
