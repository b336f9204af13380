"""What the domain answers when it does not do what was asked."""

import enum


class LinkErrorCode(enum.StrEnum):
    """The codes of the GraphQL contract (`PaymentLinkErrorCode`)."""

    NOT_FOUND = "not_found"
    INVALID = "invalid"
    REQUIRED = "required"
    GRAPHQL_ERROR = "graphql_error"
    NO_METHOD = "no_method"
    NOTHING_DUE = "nothing_due"
    ORDER_NOT_COLLECTABLE = "order_not_collectable"
    ORDER_DRAFT = "order_draft"
    LINK_NOT_ACTIVE = "link_not_active"
    AMOUNT_CHANGED = "amount_changed"
    AMOUNT_TOO_LARGE = "amount_too_large"
    AMOUNT_TOO_SMALL = "amount_too_small"
    AMOUNT_NOT_REPRESENTABLE = "amount_not_representable"
    MONEY_IN_FLIGHT = "money_in_flight"
    ALREADY_PAID = "already_paid"
    METHOD_UNAVAILABLE = "method_unavailable"
    PROVIDER_ERROR = "provider_error"
    EMAIL_ERROR = "email_error"
    RATE_LIMITED = "rate_limited"
    EXPIRY_IN_PAST = "expiry_in_past"


class LinkError(Exception):
    """A refusal. Nothing has changed, except for truths learnt from a provider on the way.

    `message` says what to do and may be shown to whoever asked; `field` is the input at
    fault, as the GraphQL contract spells it.
    """

    def __init__(self, code: LinkErrorCode, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
