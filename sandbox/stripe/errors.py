"""How the simulator says no."""

from typing import Any


class StripeError(Exception):
    """A refusal in the shape of https://docs.stripe.com/api/errors.

    `began` tells whether Stripe had begun to execute the request: only then is the answer kept
    under its idempotency key (https://docs.stripe.com/api/idempotent_requests).
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        decline_code: str | None = None,
        began: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.began = began
        details = {"code": code, "decline_code": decline_code, "param": param}
        self.body: dict[str, Any] = {
            "error": {
                "message": message,
                "type": type,
                **{name: value for name, value in details.items() if value is not None},
            }
        }


class NotPossible(Exception):
    """What a customer or a test asked for cannot be done to the object as it is now."""


class ConnectionLost(Exception):
    """The caller gets no answer; whether the work was done is for it to find out."""


def no_such(kind: str, id: str, param: str) -> StripeError:
    """The 404 for an id that this account does not have."""
    return StripeError(f"No such {kind}: '{id}'", status=404, code="resource_missing", param=param)


def not_simulated(what: str, param: str | None = None) -> StripeError:
    """The refusal of what Stripe knows and the simulator would get wrong if it took it."""
    return StripeError(f"SIMULATOR: {what} is not simulated.", param=param)
