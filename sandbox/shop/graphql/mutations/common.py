"""What the order mutations share."""

from typing import Any

import graphene
from django.core.exceptions import ValidationError

from sandbox.shop import models
from sandbox.shop.graphql.access import Permission
from sandbox.shop.graphql.base import BaseInput, Error
from sandbox.shop.graphql.ids import find
from sandbox.shop.graphql.queries import all_orders
from sandbox.shop.graphql.scalars import CountryCode, enum_of

STAFF = (Permission.MANAGE_ORDERS,)

OrderErrorCode = enum_of(
    "OrderErrorCode",
    [
        "cannot_cancel_order",
        "cannot_discount",
        "fulfill_order_line",
        "graphql_error",
        "insufficient_stock",
        "invalid",
        "not_editable",
        "not_found",
        "payment_error",
        "required",
        "zero_quantity",
    ],
)


class OrderError(Error):
    code = OrderErrorCode(required=True)


class MetadataInput(BaseInput):
    key = graphene.String(required=True)
    value = graphene.String(required=True)


class AddressInput(BaseInput):
    """Taken as Saleor takes it, and not kept: the sandbox ships nothing."""

    first_name = graphene.String()
    last_name = graphene.String()
    company_name = graphene.String()
    street_address_1 = graphene.String()
    street_address_2 = graphene.String()
    city = graphene.String()
    city_area = graphene.String()
    postal_code = graphene.String()
    country = CountryCode()
    country_area = graphene.String()
    phone = graphene.String()


class OrderLineCreateInput(BaseInput):
    quantity = graphene.Int(required=True)
    variant_id = graphene.ID(required=True)


def item_of(line: Any) -> tuple[models.ProductVariant, int]:
    """What is to be ordered, and how many of it. Raises ValidationError."""
    if line.quantity <= 0:
        raise ValidationError(
            {"lines": ValidationError("Ensure this value is greater than 0.", "zero_quantity")}
        )
    return find(models.ProductVariant, line.variant_id, "ProductVariant", "lines"), line.quantity


def reread(order: models.Order) -> models.Order:
    """The order as it stands after everybody who was told of the change has acted."""
    found: models.Order = all_orders().get(pk=order.pk)
    return found


def metadata_of(given: list[Any] | None) -> dict[str, str]:
    """Metadata input as stored."""
    return {item.key: item.value for item in given or ()}
