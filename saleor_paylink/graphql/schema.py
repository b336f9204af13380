"""What the host mounts, by snake-case name: fields of its Query, its Mutation and its Order."""

from collections.abc import Callable
from typing import Any

import graphene

from saleor_paylink.graphql import mutations, queries
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
    "payment_earnings": (
        list_of(
            PaymentEarnings,
            "One entry per currency, for the days of the range inclusive. "
            "Requires HANDLE_PAYMENTS.",
            channel=graphene.String(
                description="The channel's slug. Default: all that the caller may see."
            ),
            range=kit().date_range_input(required=True),
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
    "payment_link_mark_paid": mutations.PaymentLinkMarkPaid.Field(),
    "payment_link_reject": mutations.PaymentLinkReject.Field(),
    "payment_request_pay": mutations.PaymentRequestPay.Field(),
}
