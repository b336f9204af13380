"""The kit that paylink's part of the schema is built with."""

from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import graphene
from django.conf import settings
from django.core.exceptions import ValidationError
from graphql import GraphQLError

from saleor_paylink.graphql.host import Kit
from sandbox.shop import models
from sandbox.shop.graphql import access, ids, types
from sandbox.shop.graphql.base import (
    BaseInput,
    BaseMutation,
    BaseObject,
    CountableConnection,
    Error,
    Loader,
)
from sandbox.shop.graphql.queries import LONGEST_PAGE, all_orders
from sandbox.shop.graphql.scalars import (
    Date,
    DateRangeInput,
    DateTime,
    Money,
    OrderDirection,
    PositiveDecimal,
)


def make_kit() -> Kit:
    return Kit(
        base_mutation=BaseMutation,
        error=Error,
        base_object=BaseObject,
        base_enum=graphene.Enum.from_enum,
        base_input=BaseInput,
        base_connection=CountableConnection,
        base_loader=Loader,
        longest_page=LONGEST_PAGE,
        order_direction=OrderDirection,
        money=Money,
        order=types.Order,
        user=types.User,
        positive_decimal=PositiveDecimal,
        date=Date,
        datetime=DateTime,
        date_range_input=DateRangeInput,
        manage_orders=access.Permission.MANAGE_ORDERS,
        handle_payments=access.Permission.HANDLE_PAYMENTS,
        actor=access.actor,
        own_email=access.own_email,
        has_permission=access.has_permission,
        permission_denied=access.PermissionDenied,
        require_permissions=access.require_all,
        require_channel=access.require_channel,
        accessible_channels=access.accessible_channels,
        is_owner=access.is_owner,
        order_pk=ids.order_pk,
        channel_slugs=_channel_slugs,
        order_id_of=_order_id_of,
        order_root=_order_root,
        user_root=_user_root,
        check_return_url=_check_return_url,
    )


def _order_id_of(root: models.Order) -> UUID:
    order_id: UUID = root.id
    return order_id


def _channel_slugs(_info: Any, global_ids: Collection[str]) -> list[str]:
    try:
        pks = [ids.local_id(each, "Channel", "channels") for each in global_ids]
    except ValidationError as error:
        raise GraphQLError(error.messages[0]) from None
    found = models.Channel.objects.filter(pk__in=[pk for pk in pks if pk.isdecimal()])
    return list(found.values_list("slug", flat=True))


class OrderLoader(Loader):
    """Order id -> the order, None if there is none."""

    context_key = "order"

    def batch_load(self, keys: Sequence[UUID]) -> list[models.Order | None]:
        found = {order.id: order for order in all_orders().filter(id__in=keys)}
        return [found.get(key) for key in keys]


class UserLoader(Loader):
    """Primary key, as text -> the user, None if there is none."""

    context_key = "user"

    def batch_load(self, keys: Sequence[str]) -> list[models.User | None]:
        found = {str(user.pk): user for user in models.User.objects.filter(pk__in=keys)}
        return [found.get(key) for key in keys]


def _order_root(info: Any, order_id: UUID) -> Any:
    loader = OrderLoader(info.context)
    # After a mutation it might still hold the order as it was before.
    loader.clear(order_id)
    return loader.load(order_id)


def _user_root(info: Any, pk: str) -> Any:
    """As Saleor: shown to the user, and to those who manage users."""
    myself = access.is_owner(info, pk)
    visible = myself or access.has_permission(info, access.Permission.MANAGE_USERS)
    return UserLoader(info.context).load(pk) if visible else None


def _check_return_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        raise ValidationError("This is not a URL.", code="invalid") from None
    if parts.scheme not in ("http", "https") or host not in settings.ALLOWED_CLIENT_HOSTS:
        raise ValidationError("This is no page of the shop's storefronts.", code="invalid")
