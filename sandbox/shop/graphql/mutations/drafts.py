"""Making an order by hand."""

from typing import Any

import graphene
from django.core.exceptions import ValidationError

from sandbox.shop import hooks, models, orders
from sandbox.shop.graphql.access import actor, requestor, require_channel
from sandbox.shop.graphql.base import BaseInput, BaseMutation, non_null_list
from sandbox.shop.graphql.ids import find, order_pk
from sandbox.shop.graphql.mutations.common import (
    STAFF,
    AddressInput,
    MetadataInput,
    OrderError,
    OrderLineCreateInput,
    item_of,
    metadata_of,
    reread,
)
from sandbox.shop.graphql.scalars import LanguageCodeEnum
from sandbox.shop.graphql.types import Order


class DraftOrderCreateInput(BaseInput):
    channel_id = graphene.ID()
    user = graphene.ID()
    user_email = graphene.String()
    billing_address = AddressInput()
    shipping_address = AddressInput()
    language_code = LanguageCodeEnum()
    metadata = non_null_list(MetadataInput)
    lines = non_null_list(OrderLineCreateInput)


class DraftOrderCreate(BaseMutation):
    order = graphene.Field(Order)

    class Arguments:
        input = DraftOrderCreateInput(required=True)

    class Meta:
        description = "Creates a new draft order."
        error_type_class = OrderError
        permissions = STAFF

    @classmethod
    def perform_mutation(cls, root: Any, info: Any, /, *, input: Any) -> Any:
        if not input.get("channel_id"):
            raise ValidationError(
                {"channel_id": ValidationError("This field is required.", code="required")}
            )
        channel = find(models.Channel, input.channel_id, "Channel", "channel_id")
        require_channel(info, channel.slug)
        user = find(models.User, input.user, "User", "user") if input.get("user") else None
        order = orders.create_draft(
            channel,
            [item_of(line) for line in input.get("lines") or ()],
            requestor(info),
            user=user,
            email=input.get("user_email") or (user.email if user else ""),
            language=input.get("language_code") or "en",
            metadata=metadata_of(input.get("metadata")),
        )
        return cls(order=reread(order))


class DraftOrderComplete(BaseMutation):
    order = graphene.Field(Order)

    class Arguments:
        id = graphene.ID(required=True)

    class Meta:
        description = "Completes creating an order."
        error_type_class = OrderError
        permissions = STAFF

    @classmethod
    def perform_mutation(cls, root: Any, info: Any, /, *, id: str) -> Any:
        order = orders.complete(order_pk(info, id), requestor(info))
        hooks.order_completed(order.id, actor(info))
        return cls(order=reread(order))
