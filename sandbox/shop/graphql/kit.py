"""The kit that paylink's part of the schema is built with."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import graphene
from django.conf import settings
from django.core.exceptions import ValidationError

from saleor_paylink.graphql.host import Kit
from sandbox.shop import models
from sandbox.shop.graphql import access, ids, types
from sandbox.shop.graphql.base import BaseInput, BaseMutation, BaseObject, Error
from sandbox.shop.graphql.queries import all_orders
from sandbox.shop.graphql.scalars import DateRangeInput, DateTime, Money, PositiveDecimal


def make_kit() -> Kit:
    return Kit(
        base_mutation=BaseMutation,
        error=Error,
        base_object=BaseObject,
        base_enum=graphene.Enum.from_enum,
        base_input=BaseInput,
        money=Money,
        order=types.Order,
        user=types.User,
        positive_decimal=PositiveDecimal,
        datetime=DateTime,
        date_range_input=DateRangeInput,
        manage_orders=access.Permission.MANAGE_ORDERS,
        handle_payments=access.Permission.HANDLE_PAYMENTS,
        actor=access.actor,
        has_permission=access.has_permission,
        require_permissions=access.require_all,
        require_channel=access.require_channel,
        accessible_channels=access.accessible_channels,
        is_owner=access.is_owner,
        order_pk=ids.order_pk,
        order_id_of=_order_id_of,
        order_root=_order_root,
        user_root=_user_root,
        check_return_url=_check_return_url,
    )


def _order_id_of(root: models.Order) -> UUID:
    order_id: UUID = root.id
    return order_id


def _order_root(_info: Any, order_id: UUID) -> models.Order | None:
    found: models.Order | None = all_orders().filter(id=order_id).first()
    return found


def _user_root(_info: Any, pk: str) -> models.User | None:
    found: models.User | None = models.User.objects.filter(pk=pk).first()
    return found


def _check_return_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        raise ValidationError("This is not a URL.", code="invalid") from None
    if parts.scheme not in ("http", "https") or host not in settings.ALLOWED_CLIENT_HOSTS:
        raise ValidationError("This is no page of the shop's storefronts.", code="invalid")
