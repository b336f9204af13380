"""Saleor's own mutations that must not run while an order waits for its payment, and those that
paylink would not hear of."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from saleor.graphql.order.mutations.fulfillment_approve import FulfillmentApprove
from saleor.graphql.order.mutations.order_confirm import OrderConfirm
from saleor.graphql.order.mutations.order_discount_add import OrderDiscountAdd
from saleor.graphql.order.mutations.order_discount_delete import OrderDiscountDelete
from saleor.graphql.order.mutations.order_discount_update import OrderDiscountUpdate
from saleor.graphql.order.mutations.order_fulfill import OrderFulfill
from saleor.graphql.order.mutations.order_grant_refund_create import OrderGrantRefundCreate
from saleor.graphql.order.mutations.order_grant_refund_update import OrderGrantRefundUpdate
from saleor.graphql.order.mutations.order_line_discount_remove import OrderLineDiscountRemove
from saleor.graphql.order.mutations.order_line_discount_update import OrderLineDiscountUpdate
from saleor.graphql.order.types import Fulfillment, Order
from saleor.graphql.payment.mutations import (
    TransactionCreate,
    TransactionEventReport,
    TransactionInitialize,
    TransactionProcess,
    TransactionUpdate,
)
from saleor.graphql.tax.mutations import TaxExemptionManage
from saleor.order.error_codes import OrderErrorCode

from saleor_paylink.links.changes import order_changed
from saleor_paylink.links.hold import refusal
from saleor_paylink.saleor.guarding import after_commit


def guard_mutations() -> None:
    """Have Saleor's mutations refused by `links.hold.refusal`.

    Saleor has no hook before a mutation, so `perform_mutation` is wrapped: it runs after
    the permission check, and nothing has been changed by then.
    """
    _guard(OrderConfirm, "id", Order, lambda order: order)
    _guard(OrderFulfill, "order", Order, lambda order: order)
    _guard(FulfillmentApprove, "id", Fulfillment, lambda fulfillment: fulfillment.order)


def follow_mutations() -> None:
    """Have paylink hear of Saleor's mutations that change what is due, or let go of a held
    order, and tell no plugin."""
    for of_order in (
        OrderDiscountAdd,
        OrderDiscountUpdate,
        OrderDiscountDelete,
        OrderLineDiscountUpdate,
        OrderLineDiscountRemove,
        OrderGrantRefundCreate,
        OrderGrantRefundUpdate,
    ):
        _follow(of_order, lambda result: result.order and result.order.node.pk)
    for of_transaction in (
        TransactionCreate,
        TransactionUpdate,
        TransactionEventReport,
        TransactionInitialize,
        TransactionProcess,
    ):
        _follow(of_transaction, lambda result: result.transaction and result.transaction.order_id)
    # Of a checkout it finds nothing.
    _follow(TaxExemptionManage, lambda result: result.taxable_object.node.pk)


def _follow(mutation: Any, order_of: Callable[[Any], UUID | None]) -> None:
    perform = mutation.perform_mutation.__func__

    def perform_mutation(cls: Any, root: Any, info: Any, /, **data: Any) -> Any:
        result = perform(cls, root, info, **data)
        order_id = order_of(result)
        if order_id is not None:
            after_commit(order_changed, order_id)
        return result

    mutation.perform_mutation = classmethod(perform_mutation)


def _guard(mutation: Any, argument: str, kind: Any, order_of: Callable[[Any], Any]) -> None:
    perform = mutation.perform_mutation.__func__

    def perform_mutation(cls: Any, root: Any, info: Any, /, **data: Any) -> Any:
        node = cls.get_node_or_error(info, data.get(argument), field=argument, only_type=kind)
        if node is not None:
            order = order_of(node)
            cls.check_channel_permissions(info, [order.channel_id])
            reason = refusal(order.pk)
            if reason is not None:
                code = OrderErrorCode.INVALID.value
                raise ValidationError({argument: ValidationError(reason, code=code)})
        return perform(cls, root, info, **data)

    mutation.perform_mutation = classmethod(perform_mutation)
