"""Global ids, as in base64 of "Order:<uuid>"."""

from typing import Any
from uuid import UUID

import graphene
from django.core.exceptions import ValidationError

from sandbox.shop.graphql.access import require_channel
from sandbox.shop.models import Order


def local_id(global_id: str, type_name: str, field: str) -> str:
    """The id within its type. Raises ValidationError with code graphql_error."""
    try:
        found, local = graphene.Node.from_global_id(global_id)
    except ValueError:
        found, local = "", ""
    if found != type_name or not local:
        raise ValidationError(
            {
                field: ValidationError(
                    f"Invalid ID: {global_id}. Expected: {type_name}.", code="graphql_error"
                )
            }
        )
    return str(local)


def local_uuid(global_id: str, type_name: str, field: str) -> UUID:
    """As `local_id`, for types whose ids are UUIDs."""
    try:
        return UUID(local_id(global_id, type_name, field))
    except ValueError:
        raise not_found(global_id, field) from None


def find(model: Any, global_id: str, type_name: str, field: str) -> Any:
    """The row with that global id. Raises ValidationError."""
    local = local_id(global_id, type_name, field)
    try:
        found = model.objects.filter(pk=local).first()
    except (ValueError, ValidationError):
        found = None
    if found is None:
        raise not_found(global_id, field)
    return found


def order_pk(info: Any, global_id: str, field: str = "id") -> UUID:
    """The UUID of an order in a channel of the requestor's.

    Raises ValidationError and PermissionDenied.
    """
    uuid = local_uuid(global_id, "Order", field)
    order = Order.objects.select_related("channel").filter(id=uuid).first()
    if order is None:
        raise not_found(global_id, field)
    require_channel(info, order.channel.slug)
    return uuid


def not_found(global_id: str, field: str) -> ValidationError:
    """The refusal of an id that names nothing."""
    message = f"Couldn't resolve to a node: {global_id}"
    return ValidationError({field: ValidationError(message, code="not_found")})
