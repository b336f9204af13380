"""Idempotency keys: https://docs.stripe.com/api/idempotent_requests."""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from sandbox.stripe.errors import StripeError

KEPT_FOR = 24 * 3600
LONGEST_KEY = 255

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Answer:
    """What a request is answered with."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class _Entry:
    path: str
    params: Pairs
    created: int
    answer: Answer | None = None


class IdempotencyKeys:
    """The keys that one account has used in the last 24 hours."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}

    def begin(self, key: str, path: str, params: Pairs, now: int) -> Answer | None:
        """The answer to replay, or None when the request is to run.

        Raises StripeError when the key was used for something else, or is being used right now.
        """
        if len(key) > LONGEST_KEY:
            raise StripeError(f"Idempotency keys may be at most {LONGEST_KEY} characters long.")
        entry = self._entries.get(key)
        if entry is None or entry.created + KEPT_FOR <= now:
            self._entries[key] = _Entry(path, params, now)
            return None
        self._check_same(key, entry, path, params)
        if entry.answer is None:
            raise StripeError(
                "There is currently another in-progress request using this Idempotent Key (that "
                "probably means you submitted twice, and the other request is still going "
                f"through): {key}. Please try again later.",
                status=409,
                code="idempotency_key_in_use",
                type="idempotency_error",
            )
        return deepcopy(entry.answer)

    def finish(self, key: str, answer: Answer) -> None:
        """Keep the first answer, whatever it is, for the requests that follow."""
        self._entries[key].answer = deepcopy(answer)

    def forget(self, key: str) -> None:
        """Let the key be used anew: the request was refused before anything began."""
        del self._entries[key]

    @staticmethod
    def _check_same(key: str, entry: _Entry, path: str, params: Pairs) -> None:
        other = f"Try using a key other than '{key}' if you meant to execute a different request."
        if entry.path != path:
            raise StripeError(
                "Keys for idempotent requests can only be used for the same endpoint they were "
                f"first used for ('{path}' vs '{entry.path}'). {other}",
                type="idempotency_error",
            )
        if sorted(entry.params) != sorted(params):
            raise StripeError(
                "Keys for idempotent requests can only be used with the same parameters they were "
                f"first used with. {other}",
                type="idempotency_error",
            )
