"""Editing an order that has been made."""

from typing import Any

import graphene

from sandbox.shop import hooks, models, orders
from sandbox.shop.graphql.access import require_channel
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
from sandbox.shop.graphql.scalars import LanguageCodeEnum, PositiveDecimal, enum_of
from sandbox.shop.graphql.types import Order, OrderLine

DiscountValueTypeEnum = enum_of("DiscountValueTypeEnum", ["fixed"])


class OrderUpdateInput(BaseInput):
    billing_address = AddressInput()
    shipping_address = AddressInput()
    user_email = graphene.String()
    language_code = LanguageCodeEnum()
    metadata = non_null_list(MetadataInput)


class OrderUpdate(BaseMutation):
    order = graphene.Field(Order)

    class Arguments:
        id = graphene.ID()
        input = OrderUpdateInput(required=True)

    class Meta:
        description = "Updates an order."
        error_type_class = OrderError
        permissions = STAFF

    @classmethod
    def perform_mutation(cls, root: Any, info: Any, /, *, input: Any, id: str | None = None) -> Any:
        order_id = order_pk(info, id or "")
        changes: dict[str, Any] = {}
        if "user_email" in input:
            changes["email"] = input.user_email or ""
        if input.get("language_code"):
            changes["language"] = input.language_code
        order = orders.update(order_id, changes, metadata_of(input.get("metadata")))
        hooks.order_changed(order_id)
        return cls(order=reread(order))


class OrderLineInput(BaseInput):
    quantity = graphene.Int(required=True)


class OrderLineUpdate(BaseMutation):
    order = graphene.Field(Order)
    order_line = graphene.Field(OrderLine)

    class Arguments:
        id = graphene.ID(required=True)
        input = OrderLineInput(required=True)

    class Meta:
        description = "Updates an order line of an order."
        error_type_class = OrderError
        permissions = STAFF

    @classmethod
    def perform_mutation(cls, root: Any, info: Any, /, *, id: str, input: Any) -> Any:
        line = find(models.OrderLine, id, "OrderLine", "id")
        require_channel(info, line.order.channel.slug)
        order = reread(orders.change_quantity(line.order.id, line.pk, input.quantity))
        hooks.order_changed(order.id)
        return cls(order=reread(order), order_line=order.lines.get(pk=line.pk))


class OrderLinesCreate(BaseMutation):
    order = graphene.Field(Order)

    class Arguments:
        id = graphene.ID(required=True)
        input = non_null_list(OrderLineCreateInput, required=True)

    class Meta:
        description = "Creates order lines for an order."
        error_type_class = OrderError
        permissions = STAFF

    @classmethod
    def perform_mutation(cls, root: Any, info: Any, /, *, id: str, input: Any) -> Any:
        order_id = order_pk(info, id)
        for variant, quantity in [item_of(line) for line in input]:
            orders.add_line(order_id, variant, quantity)
        hooks.order_changed(order_id)
        return cls(order=reread(models.Order.objects.get(id=order_id)))


class OrderLineDelete(BaseMutation):
    order = graphene.Field(Order)

    class Arguments:
        id = graphene.ID(required=True)

    class Meta:
        description = "Deletes an order line from an order."
        error_type_class = OrderError
        permissions = STAFF

    @classmethod
    def perform_mutation(cls, root: Any, info: Any, /, *, id: str) -> Any:
        line = find(models.OrderLine, id, "OrderLine", "id")
        require_channel(info, line.order.channel.slug)
        order = orders.remove_line(line.order.id, line.pk)
        hooks.order_changed(order.id)
        return cls(order=reread(order))


class OrderDiscountCommonInput(BaseInput):
    value_type = DiscountValueTypeEnum(required=True)
    value = PositiveDecimal(required=True)
    reason = graphene.String()


class OrderDiscountAdd(BaseMutation):
    order = graphene.Field(Order)

    class Arguments:
        order_id = graphene.ID(required=True)
        input = OrderDiscountCommonInput(required=True)

    class Meta:
        description = "Adds discount to the order."
        error_type_class = OrderError
        permissions = STAFF

    @classmethod
    def perform_mutation(cls, root: Any, info: Any, /, *, order_id: str, input: Any) -> Any:
        order = orders.discount(order_pk(info, order_id, "order_id"), input.value)
        hooks.order_changed(order.id)
        return cls(order=reread(order))
