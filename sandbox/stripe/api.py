"""Stripe's paths, and what each request goes through on its way to a handler."""

import re
from dataclasses import dataclass

from sandbox.stripe import checkout, endpoints, payments
from sandbox.stripe.accounts import API_VERSION, Account
from sandbox.stripe.errors import StripeError
from sandbox.stripe.faults import fail_while_running
from sandbox.stripe.idempotency import Answer, Pairs
from sandbox.stripe.lookup import (
    Handler,
    check_expand,
    list_events,
    list_line_items,
    listing,
    render,
    retrieve,
)
from sandbox.stripe.openapi import RequestRules

SESSIONS = "/v1/checkout/sessions"
ENDPOINTS = "/v1/webhook_endpoints"


@dataclass(frozen=True)
class Route:
    """Who answers, and with what kind of object: with one, or with a list of `many`."""

    kind: str
    handler: Handler
    many: bool = False


def _one(kind: str, param: str) -> Route:
    return Route(kind, retrieve(kind, param))


def _many(kind: str, url: str, *equal: str) -> Route:
    return Route(kind, listing(kind, url, *equal), many=True)


ROUTES: dict[tuple[str, str], Route] = {
    ("POST", SESSIONS): Route("checkout.session", checkout.create),
    ("GET", SESSIONS): _many("checkout.session", SESSIONS, "payment_intent"),
    ("GET", f"{SESSIONS}/{{session}}"): _one("checkout.session", "session"),
    ("POST", f"{SESSIONS}/{{session}}/expire"): Route("checkout.session", checkout.expire_asked),
    ("GET", f"{SESSIONS}/{{session}}/line_items"): Route("item", list_line_items, many=True),
    ("GET", "/v1/payment_intents"): _many("payment_intent", "/v1/payment_intents"),
    ("GET", "/v1/payment_intents/{intent}"): _one("payment_intent", "intent"),
    ("GET", "/v1/charges"): _many("charge", "/v1/charges", "payment_intent"),
    ("GET", "/v1/charges/{charge}"): _one("charge", "charge"),
    ("GET", "/v1/balance_transactions/{id}"): _one("balance_transaction", "id"),
    ("POST", "/v1/refunds"): Route("refund", payments.create_refund),
    ("GET", "/v1/refunds"): _many("refund", "/v1/refunds", "charge", "payment_intent"),
    ("GET", "/v1/refunds/{refund}"): _one("refund", "refund"),
    ("GET", "/v1/disputes"): _many("dispute", "/v1/disputes", "charge", "payment_intent"),
    ("GET", "/v1/disputes/{dispute}"): _one("dispute", "dispute"),
    ("GET", "/v1/events"): Route("event", list_events, many=True),
    ("GET", "/v1/events/{id}"): _one("event", "id"),
    ("POST", ENDPOINTS): Route("webhook_endpoint", endpoints.create),
    ("GET", ENDPOINTS): _many("webhook_endpoint", ENDPOINTS),
}


@dataclass(frozen=True)
class Asked:
    """A request as it was sent, `params` as in its form or its query string."""

    method: str
    path: str
    params: Pairs
    key: str
    idempotency_key: str | None
    version: str | None


@dataclass(frozen=True)
class Call:
    """A request that found its way: the template it fits, and the ids in its path."""

    method: str
    path: str
    template: str
    ids: dict[str, str]


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))


PATTERNS = {route: _pattern(route[1]) for route in ROUTES}


def find(method: str, path: str) -> Call:
    """The call that a method and a path make; raises the 404 for a path Stripe does not have."""
    for (route_method, template), pattern in PATTERNS.items():
        match = pattern.fullmatch(path) if route_method == method else None
        if match:
            return Call(method, path, template, match.groupdict())
    raise StripeError(
        f"Unrecognized request URL ({method}: {path}). SIMULATOR: only a part of Stripe is here.",
        status=404,
    )


def check_version(version: str | None) -> None:
    """Refuse every API version but the one whose shapes the simulator has."""
    if version not in (None, API_VERSION):
        raise StripeError(
            f"SIMULATOR: only the Stripe API version {API_VERSION} is simulated, not {version}."
        )


def run(
    call: Call, account: Account, params: Pairs, rules: RequestRules, fault: str | None
) -> tuple[Answer, bool]:
    """The answer to a call, and whether it is to be kept under the call's idempotency key."""
    route = ROUTES[call.method, call.template]
    try:
        fail_while_running(fault)
        values = rules.read(call.method, call.template, params)
        expand = values.pop("expand", [])
        # Before the work: what cannot be expanded is refused, and then nothing may be saved.
        check_expand(route.kind, route.many, expand)
        answer = route.handler(account, call.ids, values)
        return Answer(200, render(account, answer, route.many, expand)), True
    except StripeError as refusal:
        return Answer(refusal.status, refusal.body), refusal.began
