"""Saleor's GraphQL as paylink builds upon it, and where paylink's fields are mounted."""

from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from graphene import Enum
from saleor.channel.models import Channel
from saleor.core.db.connection import allow_writer
from saleor.core.exceptions import PermissionDenied
from saleor.core.utils.url import validate_storefront_url
from saleor.graphql.account.dataloaders import UserByUserIdLoader
from saleor.graphql.account.types import User
from saleor.graphql.account.utils import get_user_accessible_channels
from saleor.graphql.core.connection import CountableConnection
from saleor.graphql.core.context import SyncWebhookControlContext, get_database_connection_name
from saleor.graphql.core.dataloaders import DataLoader
from saleor.graphql.core.enums import OrderDirection
from saleor.graphql.core.mutations import BaseMutation
from saleor.graphql.core.scalars import Date, DateTime, PositiveDecimal
from saleor.graphql.core.types import BaseInputObjectType, BaseObjectType, DateRangeInput, Money
from saleor.graphql.core.types.common import Error
from saleor.graphql.core.utils import from_global_id_or_error
from saleor.graphql.order.dataloaders import OrderByIdLoader
from saleor.graphql.order.schema import OrderMutations, OrderQueries
from saleor.graphql.order.types import Order
from saleor.graphql.utils import get_user_or_app_from_context
from saleor.permission.enums import AccountPermissions, OrderPermissions, PaymentPermissions

from saleor_paylink.graphql import host
from saleor_paylink.saleor import costs, reading
from saleor_paylink.saleor.actors import actor_of
from saleor_paylink.saleor.staff_sessions import still_holds
from saleor_paylink.shop import Actor


def mount() -> None:
    """Set paylink's fields where Saleor's schema will find them once it is built.

    They are plain fields: each resolver checks the permissions itself, because Saleor's
    PermissionsField does not where it is given a resolver.
    """
    host.install(_kit())
    # Its classes are built upon the kit.
    from saleor_paylink.graphql import schema

    for name, (field, resolver) in schema.QUERY_FIELDS.items():
        setattr(OrderQueries, name, field)
        setattr(OrderQueries, f"resolve_{name}", staticmethod(resolver))
    for name, field in schema.MUTATION_FIELDS.items():
        setattr(OrderMutations, name, field)
    for name, (field, resolver) in schema.ORDER_FIELDS.items():
        Order._meta.fields[name] = field
        setattr(Order, f"resolve_{name}", staticmethod(resolver))
    costs.declare()


def _kit() -> host.Kit:
    return host.Kit(
        base_mutation=Mutation,
        error=Error,
        base_object=BaseObjectType,
        base_enum=Enum.from_enum,
        base_input=BaseInputObjectType,
        base_connection=CountableConnection,
        base_loader=DataLoader,
        longest_page=settings.GRAPHQL_PAGINATION_LIMIT,  # type: ignore[misc]
        order_direction=OrderDirection,
        money=Money,
        order=Order,
        user=User,
        positive_decimal=PositiveDecimal,
        date=Date,
        datetime=DateTime,
        date_range_input=DateRangeInput,
        manage_orders=OrderPermissions.MANAGE_ORDERS,
        handle_payments=PaymentPermissions.HANDLE_PAYMENTS,
        actor=actor,
        own_email=own_email,
        has_permission=has_permission,
        permission_denied=PermissionDenied,
        require_permissions=require_permissions,
        require_channel=require_channel,
        accessible_channels=accessible_channels,
        is_owner=is_owner,
        order_pk=order_pk,
        channel_slugs=channel_slugs,
        order_id_of=lambda root: root.node.pk,
        order_root=order_root,
        user_root=user_root,
        check_return_url=check_return_url,
    )


def actor(info: Any) -> Actor | None:
    return actor_of(get_user_or_app_from_context(info.context))


def own_email(info: Any) -> str | None:
    user = None if info.context.app else info.context.user
    return user.email if user else None


class Mutation(BaseMutation):
    class Meta:
        abstract = True

    @classmethod
    def check_permissions(cls, context: Any, permissions: Any = None, **options: Any) -> bool:
        needed = permissions or cls._meta.permissions
        return super().check_permissions(context, permissions, **options) and (
            not needed or any(still_holds(context, each) for each in needed)
        )


def has_permission(info: Any, permission: Any) -> bool:
    requestor = get_user_or_app_from_context(info.context)
    return bool(
        requestor and requestor.has_perm(permission) and still_holds(info.context, permission)
    )


def require_permissions(info: Any, *permissions: Any) -> None:
    for permission in permissions:
        if not has_permission(info, permission):
            raise PermissionDenied(permissions=[permission])


def accessible_channels(info: Any) -> Collection[str] | None:
    # As in Saleor, apps see every channel.
    if info.context.app:
        return None
    return {channel.slug for channel in get_user_accessible_channels(info, info.context.user)}


def require_channel(info: Any, slug: str) -> None:
    accessible = accessible_channels(info)
    if accessible is not None and slug not in accessible:
        raise PermissionDenied(f"You do not have access to the {slug} channel.")


def is_owner(info: Any, customer_id: str | None) -> bool:
    user = info.context.user
    return bool(user and not info.context.app and str(user.pk) == customer_id)


def order_pk(info: Any, global_id: str, field: str = "orderId") -> UUID:
    order = BaseMutation.get_node_or_error(info, global_id, field=field, only_type=Order)
    if order is None:
        raise ValidationError({field: ValidationError("Give an order.", code="not_found")})
    BaseMutation.check_channel_permissions(info, [order.channel_id])
    pk: UUID = order.pk
    return pk


def channel_slugs(info: Any, global_ids: Collection[str]) -> Collection[str]:
    pks = [from_global_id_or_error(each, "Channel", raise_error=True)[1] for each in global_ids]
    channels = Channel.objects.using(get_database_connection_name(info.context))
    found = channels.filter(pk__in=[pk for pk in pks if pk.isdecimal()])
    return list(found.values_list("slug", flat=True))


def order_root(info: Any, order_id: UUID) -> Any:
    if info.context.allow_replica:
        loading = OrderByIdLoader(info.context).load(order_id)
        return loading.then(lambda order: order and SyncWebhookControlContext(node=order))
    # After a mutation: a loader might still hold the order as it was before.
    with allow_writer():
        order = reading.find(order_id)
    return order and SyncWebhookControlContext(node=order)


def user_root(info: Any, pk: str) -> Any:
    """Shown to the user and to those whom Saleor shows its staff, as in the order's history."""
    if not pk.isdecimal():
        return None
    requestor = get_user_or_app_from_context(info.context)
    visible = requestor and (
        requestor.has_perm(AccountPermissions.MANAGE_USERS)
        or requestor.has_perm(AccountPermissions.MANAGE_STAFF)
    )
    myself = not info.context.app and requestor and str(requestor.pk) == pk
    return UserByUserIdLoader(info.context).load(int(pk)) if visible or myself else None


def check_return_url(url: str) -> None:
    validate_storefront_url(url)
    # Saleor only looks at the host.
    if urlsplit(url).scheme not in ("http", "https"):
        raise ValidationError("Give an http or https URL.")
