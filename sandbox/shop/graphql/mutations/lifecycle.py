"""Confirming, cancelling, fulfilling and marking an order as paid."""

from collections import Counter
from typing import Any
from uuid import UUID

import graphene
from django.core.exceptions import ValidationError

from sandbox.shop import hooks, orders, payments
from sandbox.shop.graphql.access import requestor
from sandbox.shop.graphql.base import BaseInput, BaseMutation, non_null_list
from sandbox.shop.graphql.ids import local_uuid, order_pk
from sandbox.shop.graphql.mutations.common import STAFF, OrderError, reread
from sandbox.shop.graphql.types import Order


class OrderConfirm(BaseMutation):
    order = graphene.Field(Order)

    class Arguments:
        id = graphene.ID(required=True)

    class Meta:
        description = "Confirms an unconfirmed order by changing status to unfulfilled."
        error_type_class = OrderError
        permissions = STAFF

    @classmethod
    def perform_mutation(cls, root: Any, info: Any, /, *, id: str) -> Any:
        order_id = order_pk(info, id)
        _refuse_while_collecting(order_id, "id")
        return cls(order=reread(orders.confirm_by_hand(order_id, requestor(info))))


class OrderCancel(BaseMutation):
    order = graphene.Field(Order)

    class Arguments:
        id = graphene.ID(required=True)

    class Meta:
        description = "Cancel an order."
        error_type_class = OrderError
        permissions = STAFF

    @classmethod
    def perform_mutation(cls, root: Any, info: Any, /, *, id: str) -> Any:
        order = orders.cancel_by_hand(order_pk(info, id), requestor(info))
        hooks.order_changed(order.id)
        return cls(order=reread(order))


class OrderMarkAsPaid(BaseMutation):
    order = graphene.Field(Order)

    class Arguments:
        id = graphene.ID(required=True)
        transaction_reference = graphene.String()

    class Meta:
        description = "Mark order as manually paid."
        error_type_class = OrderError
        permissions = STAFF

    @classmethod
    def perform_mutation(
        cls, root: Any, info: Any, /, *, id: str, transaction_reference: str | None = None
    ) -> Any:
        order_id = order_pk(info, id)
        order = payments.mark_as_paid(order_id, transaction_reference or "", requestor(info))
        hooks.order_changed(order_id)
        return cls(order=reread(order))


class OrderFulfillStockInput(BaseInput):
    quantity = graphene.Int(required=True)
    warehouse = graphene.ID(required=True)


class OrderFulfillLineInput(BaseInput):
    order_line_id = graphene.ID()
    stocks = non_null_list(OrderFulfillStockInput, required=True)


class OrderFulfillInput(BaseInput):
    lines = non_null_list(OrderFulfillLineInput, required=True)


class OrderFulfill(BaseMutation):
    order = graphene.Field(Order)

    class Arguments:
        order = graphene.ID()
        input = OrderFulfillInput(required=True)

    class Meta:
        description = "Creates new fulfillments for an order. There is one warehouse of any id."
        error_type_class = OrderError
        permissions = STAFF

    @classmethod
    def perform_mutation(
        cls, root: Any, info: Any, /, *, input: Any, order: str | None = None
    ) -> Any:
        order_id = order_pk(info, order or "", "order")
        _refuse_while_collecting(order_id, "order")
        quantities: Counter[UUID] = Counter()
        for line in input.lines:
            line_id = local_uuid(line.get("order_line_id") or "", "OrderLine", "order_line_id")
            quantities[line_id] += sum(stock.quantity for stock in line.stocks)
        return cls(order=reread(orders.fulfill(order_id, quantities, requestor(info))))


def _refuse_while_collecting(order_id: UUID, field: str) -> None:
    reason = hooks.refusal(order_id)
    if reason is not None:
        raise ValidationError({field: ValidationError(reason, code="invalid")})
