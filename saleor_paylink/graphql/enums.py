"""The contract's enums, whole: also what no part of paylink says yet.

A value is its name in lower case, and so the very value that the domain uses.
"""

import enum
from typing import Any

from saleor_paylink.graphql.host import kit


def _enum(name: str, description: str, members: str) -> Any:
    values: Any = enum.StrEnum
    return kit().base_enum(
        values(name, [(member, member.lower()) for member in members.split()]),
        description=description,
    )


PaymentCollectionStatusEnum = _enum(
    "PaymentCollectionStatusEnum",
    "How far the automated payment of an order has got.",
    "UNAVAILABLE OFFERED SKIPPED AWAITING PROCESSING COLLECTED SETTLED_MANUALLY REJECTED",
)
PaymentCollectionReasonEnum = _enum(
    "PaymentCollectionReasonEnum",
    "Why no automated payment can be collected.",
    "DRAFT NO_METHOD NOTHING_DUE CANCELED EXPIRED FULFILLED PLUGIN_INACTIVE",
)
PaymentCollectionWarningEnum = _enum(
    "PaymentCollectionWarningEnum",
    "What could defeat the link before the customer pays.",
    """NO_CUSTOMER_EMAIL EMAIL_NOT_CONFIGURED TEST_MODE LINK_EXPIRES_SOON CUSTOMER_IS_PAYING
    ORDER_CHANGED_SINCE_SENT""",
)
PaymentLinkStatusEnum = _enum(
    "PaymentLinkStatusEnum",
    "What a payment link is good for.",
    "ACTIVE PROCESSING PAID PAID_MANUALLY EXPIRED REVOKED",
)
PaymentLinkSortField = _enum(
    "PaymentLinkSortField",
    "By what payment links are sorted. Links that never expire come after all that do, and those "
    "that nobody has opened before all that somebody has.",
    "CREATED_AT LAST_OPENED_AT AMOUNT EXPIRES_AT",
)
PaymentAttemptStatusEnum = _enum(
    "PaymentAttemptStatusEnum",
    "What has become of a customer's try to pay.",
    "OPEN PROCESSING PAID FAILED EXPIRED CANCELED",
)
PaymentLinkEventTypeEnum = _enum(
    "PaymentLinkEventTypeEnum",
    "A step in the life of a payment link.",
    """OFFERED SKIPPED CREATED SENT SEND_FAILED OPENED ATTEMPT_STARTED ATTEMPT_FAILED PROCESSING
    PAID PAID_MANUALLY AMOUNT_CHANGED EXTENDED ROTATED REVOKED EXPIRED REJECTED REMINDED REFUNDED
    DISPUTED EXCEPTION_RAISED EXCEPTION_RESOLVED""",
)
PaymentExceptionKindEnum = _enum(
    "PaymentExceptionKindEnum",
    "Why money needs a person.",
    "DUPLICATE LATE MISMATCH OVERPAID ORPHAN",
)
PaymentExceptionResolutionEnum = _enum(
    "PaymentExceptionResolutionEnum",
    "What is done about money that needs a person: REFUNDED gives back what is left of it, KEPT "
    "makes it the order's own, DISMISSED leaves all as it is.",
    "REFUNDED KEPT DISMISSED",
)
PaymentEarningsGranularityEnum = _enum(
    "PaymentEarningsGranularityEnum",
    "How long each point of a series is. Weeks begin on Mondays (ISO 8601).",
    "DAY WEEK MONTH",
)
PaymentRequestStatusEnum = _enum(
    "PaymentRequestStatusEnum",
    "What the customer has to do, or has done.",
    "DUE PROCESSING PAID PAID_OUTSIDE REFUNDED CANCELED EXPIRED",
)
PaymentLinkErrorCode = _enum(
    "PaymentLinkErrorCode",
    "Why nothing was done.",
    """NOT_FOUND INVALID REQUIRED GRAPHQL_ERROR NO_METHOD NOTHING_DUE ORDER_NOT_COLLECTABLE
    ORDER_DRAFT LINK_NOT_ACTIVE AMOUNT_CHANGED AMOUNT_TOO_LARGE AMOUNT_TOO_SMALL
    AMOUNT_NOT_REPRESENTABLE MONEY_IN_FLIGHT ALREADY_PAID METHOD_UNAVAILABLE PROVIDER_ERROR
    EMAIL_ERROR RATE_LIMITED EXPIRY_IN_PAST""",
)
