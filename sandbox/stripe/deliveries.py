"""Webhook deliveries: which event goes where, in what order, and how it went.

Pure bookkeeping: who sends asks `next` and reports with `record`. Delivered at least once, in any
order, and tried again when the answer is no 2xx (https://docs.stripe.com/webhooks).
"""

import hashlib
import hmac
import json
import random
from dataclasses import dataclass, field
from typing import Any

# Seconds, by the simulator's clock, before the second, third and fourth try.
BACK_OFF = (5, 60, 300)
MODES = ("live", "hold", "drop")

Json = dict[str, Any]


@dataclass(frozen=True)
class Endpoint:
    """Where events are posted to. `account` None takes those of every account, and "*" among
    `events` those of every type."""

    id: str
    url: str
    secret: str
    account: str | None
    api_version: str
    events: tuple[str, ...] = ("*",)

    def takes(self, account: str, event: Json) -> bool:
        """Whether an event of `account` is posted here."""
        of_account = self.account in (None, account)
        return of_account and ("*" in self.events or event["type"] in self.events)


@dataclass(eq=False)
class Delivery:
    """One event for one endpoint: held, queued, sending, delivered, failed or dropped."""

    event: Json
    endpoint: Endpoint
    state: str
    due: int
    attempts: list[Json] = field(default_factory=list)

    def payload(self) -> bytes:
        """The body to post."""
        return json.dumps(self.event, indent=2, ensure_ascii=False).encode()


def signature(payload: bytes, secret: str, timestamp: int) -> str:
    """A `Stripe-Signature` header (https://docs.stripe.com/webhooks#verify-manually)."""
    signed = str(timestamp).encode() + b"." + payload
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


class Deliveries:
    """All deliveries of a simulator, in the order in which they came to be."""

    def __init__(self) -> None:
        self.endpoints: list[Endpoint] = []
        self._all: list[Delivery] = []
        self._queue: list[Delivery] = []
        self.configure()

    def configure(
        self, mode: str = "live", double: bool = False, shuffle: bool = False, seed: int = 0
    ) -> None:
        """How events go out from now on; what is already held or queued stays so."""
        if mode not in MODES:
            raise ValueError(f"Unknown mode: {mode}. Known: {', '.join(MODES)}.")
        self._mode, self._double, self._shuffle = mode, double, shuffle
        self._random = random.Random(seed)

    def post(self, account: str, own: list[Endpoint], events: list[Json], now: int) -> None:
        """Take the events of one step of one account, to every endpoint that listens: those
        that were arranged, and the account's `own`."""
        state = {"live": "queued", "hold": "held", "drop": "dropped"}[self._mode]
        endpoints = [*self.endpoints, *own]
        made = []
        for event in events:
            listening = [each for each in endpoints if each.takes(account, event)]
            event["pending_webhooks"] = len(listening)
            made += [
                Delivery({**event, "api_version": endpoint.api_version}, endpoint, state, now)
                for endpoint in listening
                for _ in range(2 if self._double else 1)
            ]
        self._all += made
        if state == "queued":
            self._enqueue(made)

    def release(self) -> int:
        """Queue all that is held; answers how many they were."""
        held = [delivery for delivery in self._all if delivery.state == "held"]
        for delivery in held:
            delivery.state = "queued"
        self._enqueue(held)
        return len(held)

    def _enqueue(self, made: list[Delivery]) -> None:
        if self._shuffle:
            self._random.shuffle(made)
        self._queue += made

    def next(self, now: int) -> Delivery | None:
        """The delivery to send next, which then counts as being sent."""
        for delivery in self._queue:
            if delivery.due <= now:
                self._queue.remove(delivery)
                delivery.state = "sending"
                return delivery
        return None

    def record(self, delivery: Delivery, status: int | None, error: str | None, now: int) -> None:
        """How sending went: the HTTP status, or None and why there was none."""
        tries = len(delivery.attempts)
        if status is not None and 200 <= status < 300:
            delivery.state = "delivered"
        elif tries < len(BACK_OFF):
            delivery.state, delivery.due = "queued", now + BACK_OFF[tries]
            self._queue.append(delivery)
        else:
            delivery.state = "failed"
        delivery.attempts.append({"at": now, "status": status, "error": error})

    def settled(self, now: int) -> bool:
        """Whether nothing is being sent or due; a later retry and what is held do not count."""
        return not any(
            delivery.state == "sending" or (delivery.state == "queued" and delivery.due <= now)
            for delivery in self._all
        )

    def update_pending(self, event: Json) -> None:
        """Write into an event to how many endpoints it has not been delivered."""
        mine = [delivery for delivery in self._all if delivery.event["id"] == event["id"]]
        done = {delivery.endpoint.id for delivery in mine if delivery.state == "delivered"}
        event["pending_webhooks"] = len({delivery.endpoint.id for delivery in mine} - done)

    def log(self) -> list[Json]:
        """Every delivery with its attempts, oldest first; no payloads."""
        return [
            {
                "event": delivery.event["id"],
                "type": delivery.event["type"],
                "object": delivery.event["data"]["object"]["id"],
                "url": delivery.endpoint.url,
                "state": delivery.state,
                "due": delivery.due if delivery.state == "queued" else None,
                "attempts": [dict(attempt) for attempt in delivery.attempts],
            }
            for delivery in self._all
        ]
