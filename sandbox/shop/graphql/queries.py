"""Reading orders: one by its unguessable id, as anybody may in Saleor, or a list as staff."""

from typing import Any

import graphene
from django.core.exceptions import ValidationError
from graphql import GraphQLError
from graphql_relay.utils import base64, unbase64

from sandbox.shop import models
from sandbox.shop.graphql.access import (
    Permission,
    accessible_channels,
    require_channel,
    require_one_of,
)
from sandbox.shop.graphql.ids import local_uuid
from sandbox.shop.graphql.types import Order, OrderCountableConnection, OrderCountableEdge

LONGEST_PAGE = 100


class ShopQueries:
    """What the shop itself lets its clients read. What is protected stands in the fields."""

    order = graphene.Field(Order, id=graphene.ID())
    orders = graphene.Field(
        OrderCountableConnection,
        channel=graphene.String(),
        first=graphene.Int(),
        after=graphene.String(),
        description="Newest first, without drafts. Requires MANAGE_ORDERS.",
    )

    @staticmethod
    def resolve_order(_root: Any, _info: Any, id: str | None = None) -> models.Order | None:
        try:
            uuid = local_uuid(id or "", "Order", "id")
        except ValidationError as error:
            if error.error_dict["id"][0].code == "not_found":
                return None
            raise GraphQLError(error.messages[0]) from None
        return all_orders().filter(id=uuid).first()

    @staticmethod
    def resolve_orders(
        _root: Any,
        info: Any,
        channel: str | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> OrderCountableConnection:
        require_one_of(info, Permission.MANAGE_ORDERS)
        if first is None or not 0 < first <= LONGEST_PAGE:
            raise GraphQLError(f"Give `first`, a number from 1 to {LONGEST_PAGE}.")
        if channel is not None:
            require_channel(info, channel)
        found = _visible(info, channel)
        rest = found.filter(number__lt=_number(after)) if after else found
        page = list(rest[: first + 1])
        edges = [
            OrderCountableEdge(node=order, cursor=base64(str(order.number)))
            for order in page[:first]
        ]
        return OrderCountableConnection(
            page_info=graphene.PageInfo(
                has_next_page=len(page) > first,
                has_previous_page=bool(after),
                start_cursor=edges[0].cursor if edges else None,
                end_cursor=edges[-1].cursor if edges else None,
            ),
            edges=edges,
            total_count=found.count(),
        )


def all_orders() -> Any:
    """Orders as the types read them."""
    return models.Order.objects.select_related("channel", "user")


def _visible(info: Any, channel: str | None) -> Any:
    found = all_orders().exclude(status=models.OrderStatus.DRAFT).order_by("-number")
    if channel is not None:
        return found.filter(channel__slug=channel)
    accessible = accessible_channels(info)
    return found if accessible is None else found.filter(channel__slug__in=accessible)


def _number(cursor: str) -> int:
    try:
        return int(unbase64(cursor))
    except ValueError:
        raise GraphQLError("Received cursor is invalid.") from None
