"""Saleor's own mutations that must not run while an order waits for its payment, and those that
paylink would not hear of."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from saleor.graphql.order.mutations.fulfillment_approve import FulfillmentApprove
from saleor.graphql.order.mutations.order_confirm import OrderConfirm
from saleor.graphql.order.mutations.order_discount_add import OrderDiscountAdd
from saleor.graphql.order.mutations.order_discount_delete import OrderDiscountDelete
from saleor.graphql.order.mutations.order_discount_update import OrderDiscountUpdate
from saleor.graphql.order.mutations.order_fulfill import OrderFulfill
from saleor.graphql.order.mutations.order_line_discount_remove import OrderLineDiscountRemove
from saleor.graphql.order.mutations.order_line_discount_update import OrderLineDiscountUpdate
from saleor.graphql.order.types import Fulfillment, Order
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
    """Have paylink hear of Saleor's mutations that change what is due and tell no plugin."""
    for mutation in (
        OrderDiscountAdd,
        OrderDiscountUpdate,
        OrderDiscountDelete,
        OrderLineDiscountUpdate,
        OrderLineDiscountRemove,
    ):
        _follow(mutation)


def _follow(mutation: Any) -> None:
    perform = mutation.perform_mutation.__func__

    def perform_mutation(cls: Any, root: Any, info: Any, /, **data: Any) -> Any:
        result = perform(cls, root, info, **data)
        if result.order is not None:
            after_commit(order_changed, result.order.node.pk)
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
