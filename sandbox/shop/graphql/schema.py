"""The shop's schema, with paylink's part mounted into it."""

from typing import Any

import graphene

from saleor_paylink.graphql import host
from sandbox.shop.graphql.apps import AppQueries
from sandbox.shop.graphql.kit import make_kit
from sandbox.shop.graphql.mutations.drafts import DraftOrderComplete, DraftOrderCreate
from sandbox.shop.graphql.mutations.edits import (
    OrderDiscountAdd,
    OrderLineDelete,
    OrderLinesCreate,
    OrderLineUpdate,
    OrderUpdate,
)
from sandbox.shop.graphql.mutations.lifecycle import (
    OrderCancel,
    OrderConfirm,
    OrderFulfill,
    OrderMarkAsPaid,
)
from sandbox.shop.graphql.mutations.login import CreateToken
from sandbox.shop.graphql.mutations.metadata import (
    DeletePrivateMetadata,
    UpdatePrivateMetadata,
)
from sandbox.shop.graphql.mutations.payments import TransactionCreate
from sandbox.shop.graphql.mutations.refunds import TransactionRequestAction
from sandbox.shop.graphql.queries import ShopQueries
from sandbox.shop.graphql.types import Order


class ShopMutations:
    token_create = CreateToken.Field()
    draft_order_create = DraftOrderCreate.Field()
    draft_order_complete = DraftOrderComplete.Field()
    order_confirm = OrderConfirm.Field()
    order_cancel = OrderCancel.Field()
    order_mark_as_paid = OrderMarkAsPaid.Field()
    order_fulfill = OrderFulfill.Field()
    order_update = OrderUpdate.Field()
    order_lines_create = OrderLinesCreate.Field()
    order_line_update = OrderLineUpdate.Field()
    order_line_delete = OrderLineDelete.Field()
    order_discount_add = OrderDiscountAdd.Field()
    update_private_metadata = UpdatePrivateMetadata.Field()
    delete_private_metadata = DeletePrivateMetadata.Field()
    transaction_create = TransactionCreate.Field()
    transaction_request_action = TransactionRequestAction.Field()


def build() -> graphene.Schema:
    host.install(make_kit())
    # Its classes are made of the kit, which has to be there first.
    from saleor_paylink.graphql import schema as paylink

    for name, (field, resolver) in paylink.ORDER_FIELDS.items():
        Order._meta.fields[name] = field
        setattr(Order, f"resolve_{name}", staticmethod(resolver))
    query = type(
        "Query", (ShopQueries, AppQueries, graphene.ObjectType), _resolved(paylink.QUERY_FIELDS)
    )
    mutation = type("Mutation", (ShopMutations, graphene.ObjectType), dict(paylink.MUTATION_FIELDS))
    return graphene.Schema(query=query, mutation=mutation)


def _resolved(fields: dict[str, tuple[Any, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, (field, resolver) in fields.items():
        members[name] = field
        members[f"resolve_{name}"] = staticmethod(resolver)
    return members


schema = build()
