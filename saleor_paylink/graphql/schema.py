"""What the host mounts, by snake-case name: fields of its Query, its Mutation and its Order."""

from collections.abc import Callable
from typing import Any

import graphene

from saleor_paylink.graphql import inputs, mutations, queries
from saleor_paylink.graphql.connections import (
    PaymentExceptionCountableConnection,
    PaymentLinkCountableConnection,
    pages_of,
)
from saleor_paylink.graphql.enums import PaymentEarningsGranularityEnum
from saleor_paylink.graphql.host import kit
from saleor_paylink.graphql.types import (
    PaymentCollection,
    PaymentEarnings,
    PaymentLink,
    PaymentRequest,
    list_of,
)

Resolver = Callable[..., Any]

ORDER_FIELDS: dict[str, tuple[graphene.Field, Resolver]] = {
    "payment_collection": (
        graphene.Field(
            PaymentCollection,
            description="Collecting an automated payment for this order. "
            "Requires MANAGE_ORDERS; null for others.",
        ),
        queries.resolve_order_collection,
    ),
    "payment_link": (
        graphene.Field(
            PaymentLink,
            description="The link in force, or the newest one. "
            "Requires MANAGE_ORDERS, or the order's own customer; null for others.",
        ),
        queries.resolve_order_link,
    ),
}

QUERY_FIELDS: dict[str, tuple[graphene.Field, Resolver]] = {
    "payment_link": (
        graphene.Field(
            PaymentLink,
            description="The link with that id. Requires MANAGE_ORDERS; null for one of a channel "
            "that the caller may not see.",
            id=graphene.ID(required=True),
        ),
        queries.resolve_link,
    ),
    "payment_links": (
        pages_of(
            PaymentLinkCountableConnection,
            "Newest first by default. Requires MANAGE_ORDERS; only channels the caller may see.",
            filter=inputs.PaymentLinkFilterInput(),
            search=graphene.String(
                description="An order's number, a payment's reference, or part of a customer's "
                "email address."
            ),
            sort_by=inputs.PaymentLinkSortingInput(),
        ),
        queries.resolve_links,
    ),
    "payment_exceptions": (
        pages_of(
            PaymentExceptionCountableConnection,
            "Newest first. Requires MANAGE_ORDERS and HANDLE_PAYMENTS; only channels the caller "
            "may see.",
            resolved=graphene.Boolean(
                default_value=False,
                description="Those that somebody has dealt with, or else the open.",
            ),
        ),
        queries.resolve_exceptions,
    ),
    "payment_earnings": (
        list_of(
            PaymentEarnings,
            "One entry per currency, for the days of the range inclusive. "
            "Requires HANDLE_PAYMENTS.",
            channel=graphene.String(
                description="The channel's slug. Default: all that the caller may see."
            ),
            range=kit().date_range_input(required=True),
            granularity=PaymentEarningsGranularityEnum(
                # Its name: this is how it is introspected.
                default_value="DAY",
                description="How long each point of a series is.",
            ),
        ),
        queries.resolve_earnings,
    ),
    "payment_request": (
        graphene.Field(
            PaymentRequest,
            description="Public: what the bearer of a link may see. "
            "Null for any token that is not in force, whatever the cause.",
            token=graphene.String(required=True, description="The last part of the link's URL."),
        ),
        queries.resolve_request,
    ),
}

MUTATION_FIELDS: dict[str, graphene.Field] = {
    "payment_link_create": mutations.PaymentLinkCreate.Field(),
    "payment_link_skip": mutations.PaymentLinkSkip.Field(),
    "payment_link_send": mutations.PaymentLinkSend.Field(),
    "payment_link_extend": mutations.PaymentLinkExtend.Field(),
    "payment_link_rotate": mutations.PaymentLinkRotate.Field(),
    "payment_link_revoke": mutations.PaymentLinkRevoke.Field(),
    "payment_link_sync": mutations.PaymentLinkSync.Field(),
    "payment_link_mark_paid": mutations.PaymentLinkMarkPaid.Field(),
    "payment_link_reject": mutations.PaymentLinkReject.Field(),
    "payment_link_bulk_create": mutations.PaymentLinkBulkCreate.Field(),
    "payment_link_bulk_send": mutations.PaymentLinkBulkSend.Field(),
    "payment_exception_resolve": mutations.PaymentExceptionResolve.Field(),
    "payment_request_pay": mutations.PaymentRequestPay.Field(),
    "payment_request_renew": mutations.PaymentRequestRenew.Field(),
}
