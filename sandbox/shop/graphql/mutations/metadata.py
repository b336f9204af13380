"""Private metadata of orders, by the shop's own mutations."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import graphene

from sandbox.shop import hooks, models, orders
from sandbox.shop.graphql.base import BaseMutation, Error, non_null_list
from sandbox.shop.graphql.ids import local_uuid, not_found
from sandbox.shop.graphql.mutations.common import STAFF, MetadataInput, metadata_of, reread
from sandbox.shop.graphql.scalars import enum_of
from sandbox.shop.graphql.types import ObjectWithMetadata

MetadataErrorCode = enum_of(
    "MetadataErrorCode", ["graphql_error", "invalid", "not_found", "required", "not_updated"]
)


class MetadataError(Error):
    code = MetadataErrorCode(required=True)


class UpdatePrivateMetadata(BaseMutation):
    item = graphene.Field(ObjectWithMetadata)

    class Arguments:
        id = graphene.ID(required=True)
        input = non_null_list(MetadataInput, required=True)

    class Meta:
        description = "Updates private metadata of an order."
        error_type_class = MetadataError
        permissions = STAFF

    @classmethod
    def perform_mutation(cls, root: Any, info: Any, /, *, id: str, input: list[Any]) -> Any:
        return cls(item=_write(id, metadata_of(input)))


class DeletePrivateMetadata(BaseMutation):
    item = graphene.Field(ObjectWithMetadata)

    class Arguments:
        id = graphene.ID(required=True)
        keys = non_null_list(graphene.String, required=True)

    class Meta:
        description = "Deletes private metadata of an order."
        error_type_class = MetadataError
        permissions = STAFF

    @classmethod
    def perform_mutation(cls, root: Any, info: Any, /, *, id: str, keys: list[str]) -> Any:
        return cls(item=_write(id, {}, keys))


def _write(global_id: str, written: Mapping[str, str], gone: Collection[str] = ()) -> models.Order:
    # As in Saleor, whose staff of one channel may write into the metadata of another's orders.
    order_id: UUID = local_uuid(global_id, "Order", "id")
    if not models.Order.objects.filter(id=order_id).exists():
        raise not_found(global_id, "id")
    order = orders.note_privately(order_id, written, gone)
    hooks.metadata_updated(order_id)
    return reread(order)
