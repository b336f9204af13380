"""Failures on demand."""

import re
from dataclasses import dataclass

from sandbox.stripe.errors import StripeError

KINDS = (
    "timeout_before",
    "timeout_after_commit",
    "error_500",
    "rate_limit_429",
    "conflict_409",
    "card_error_402",
)


@dataclass
class Fault:
    """Something that goes wrong with the next `times` requests that it fits."""

    method: str
    path: re.Pattern[str]
    kind: str
    times: int


class Faults:
    """The failures that are still to come, first asked for first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, method: str, path: str, kind: str, times: int = 1) -> None:
        """`path` is a regular expression that has to fit the whole path."""
        if kind not in KINDS:
            raise ValueError(f"Unknown kind of fault: {kind}. Known: {', '.join(KINDS)}.")
        if times < 1:
            raise ValueError("A fault happens at least once.")
        self._faults.append(Fault(method.upper(), re.compile(path), kind, times))

    def take(self, method: str, path: str) -> str | None:
        """The kind of fault this request runs into, which is then used up by one."""
        for fault in self._faults:
            if fault.method == method and fault.path.fullmatch(path):
                fault.times -= 1
                if not fault.times:
                    self._faults.remove(fault)
                return fault.kind
        return None


def refuse_early(kind: str | None) -> None:
    """The refusals that Stripe makes before it looks at a request."""
    if kind == "rate_limit_429":
        raise StripeError(
            "Request rate limit exceeded. Learn more about rate limits here: "
            "https://stripe.com/docs/rate-limits.",
            status=429,
            code="rate_limit",
        )
    if kind == "conflict_409":
        raise StripeError(
            "This object cannot be accessed right now because another API request or Stripe "
            "process is currently accessing it.",
            status=409,
            code="lock_timeout",
        )


def fail_while_running(kind: str | None) -> None:
    """The failures of a request that had begun: they are kept under its idempotency key."""
    if kind == "error_500":
        raise StripeError("An unknown error occurred", status=500, type="api_error", began=True)
    if kind == "card_error_402":
        raise StripeError(
            "Your card was declined.",
            status=402,
            type="card_error",
            code="card_declined",
            decline_code="generic_decline",
            began=True,
        )
