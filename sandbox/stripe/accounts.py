"""Accounts: who may ask, and what each of them has."""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from sandbox.stripe.clock import Clock
from sandbox.stripe.deliveries import Endpoint
from sandbox.stripe.errors import StripeError
from sandbox.stripe.idempotency import IdempotencyKeys
from sandbox.stripe.ids import Ids

API_VERSION = "2023-08-16"
KEY = re.compile(r"(sk|rk)_(test|live)_[A-Za-z0-9_]+")

# Stand-ins for a revoked key and for restricted keys that lack a permission.
INVALID_KEY = "sk_test_invalid"
NO_REFUNDS_KEY = "rk_test_norefund"
NO_WEBHOOKS_KEY = "rk_test_nowebhook"
LACKING = {
    NO_REFUNDS_KEY: ("/v1/refunds", "rak_charge_write"),
    NO_WEBHOOKS_KEY: ("/v1/webhook_endpoints", "rak_webhook_write"),
}

Json = dict[str, Any]


class Account:
    """One merchant's objects in one mode, test or live, and the events they gave rise to."""

    def __init__(self, clock: Clock, ids: Ids, livemode: bool, page_url: Callable[[str], str]):
        self.id = ids.new("acct", 16)
        self.clock = clock
        self.ids = ids
        self.livemode = livemode
        self.page_url = page_url
        self.tables: dict[str, dict[str, Json]] = {}
        self.line_items: dict[str, list[Json]] = {}
        self.intent_data: dict[str, Json] = {}
        self.delayed_method: dict[str, str] = {}
        self.slow_refunds: set[str] = set()
        self.idempotency = IdempotencyKeys()
        self.cause: Json = NO_REQUEST
        self.outbox: list[Json] = []
        self.endpoints: list[Endpoint] = []

    def table(self, kind: str) -> dict[str, Json]:
        """All objects of one kind by id, oldest first."""
        return self.tables.setdefault(kind, {})

    def add(self, item: Json) -> Json:
        """Keep a new object."""
        self.table(item["object"])[item["id"]] = item
        return item

    def emit(self, type: str, item: Json, previous: Json | None = None) -> None:
        """Record an event about `item` as it is now (https://docs.stripe.com/api/events)."""
        data: Json = {"object": deepcopy(item)}
        if previous is not None:
            data["previous_attributes"] = previous
        event = {
            "id": self.ids.new("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.clock.now(),
            "data": data,
            "livemode": self.livemode,
            "pending_webhooks": 0,
            "request": dict(self.cause),
            "type": type,
        }
        self.outbox.append(self.add(event))


NO_REQUEST: Json = {"id": None, "idempotency_key": None}


class Accounts:
    """The accounts by key. A key that is seen for the first time opens an account of its own."""

    def __init__(self, clock: Clock, ids: Ids, page_url: Callable[[str], str]) -> None:
        self._clock = clock
        self._ids = ids
        self._page_url = page_url
        self._by_key: dict[str, Account] = {}

    def __iter__(self) -> Iterator[Account]:
        return iter({account.id: account for account in self._by_key.values()}.values())

    def share(self, keys: list[str]) -> Account:
        """Let all these keys, which are of one mode and not yet used, open one account."""
        modes = {match[2] if (match := KEY.fullmatch(key)) else None for key in keys}
        if len(modes) != 1 or None in modes or any(key in self._by_key for key in keys):
            raise ValueError("Give unused keys, all test or all live.")
        account = self._open(keys[0])
        self._by_key.update(dict.fromkeys(keys, account))
        return account

    def of(self, key: str) -> Account:
        """The account that `key` opens."""
        if not KEY.fullmatch(key):
            raise ValueError("This is not a secret or a restricted key.")
        if key not in self._by_key:
            self._by_key[key] = self._open(key)
        return self._by_key[key]

    def authenticate(self, key: str, path: str) -> Account:
        """The account for a request (https://docs.stripe.com/api/authentication)."""
        if not key:
            raise StripeError(
                "You did not provide an API key. You need to provide your API key in the "
                "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
                "YOUR_SECRET_KEY').",
                status=401,
            )
        if not KEY.fullmatch(key) or key.startswith(INVALID_KEY):
            raise StripeError(f"Invalid API Key provided: {masked(key)}", status=401)
        account = self.of(key)
        for beginning, (closed, permission) in LACKING.items():
            if key.startswith(beginning) and path.startswith(closed):
                raise StripeError(
                    f"The provided key '{masked(key)}' does not have the required permissions for "
                    f"this endpoint on account '{account.id}'. Having the '{permission}' "
                    "permission would allow this request to continue.",
                    status=403,
                )
        return account

    def _open(self, key: str) -> Account:
        return Account(self._clock, self._ids, key.split("_")[1] == "live", self._page_url)


def masked(key: str) -> str:
    """A key as Stripe prints it: its kind and its last four characters."""
    return f"{key[:8]}{'*' * max(len(key) - 12, 4)}{key[-4:] if len(key) > 12 else ''}"
