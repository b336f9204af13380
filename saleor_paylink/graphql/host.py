"""The kit that a host hands to the GraphQL layer.

A schema holds one type of a name, so Money, Order, User and the like must be the host's
own classes, and a mutation the host's own kind of mutation: with its permissions, error
list and writer rules. The host calls `install` before it imports
`saleor_paylink.graphql.schema`, whose classes are built upon the kit.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from saleor_paylink.shop import Actor


@dataclass(frozen=True)
class Kit:
    """What `graphql/` takes from its host. `info` is always graphene's ResolveInfo; its context
    has the request's META and headers, as Django's requests do.

    `base_mutation` keeps Saleor's contract (saleor.graphql.core.mutations.BaseMutation):
    Meta takes description, error_type_class and permissions (a tuple, any of which
    suffices); `perform_mutation(cls, root, info, /, **data)` may raise Django's
    ValidationError, whose codes become the codes of the `errors` list.
    """

    base_mutation: type
    error: type
    """Base of an error type: has `field` and `message`."""
    base_object: type
    base_enum: Callable[..., Any]
    """Makes a graphene enum of a Python enum; takes a `description`."""
    base_input: type
    base_connection: type
    """Base of a connection type, Meta takes `node`: has pageInfo, edges and totalCount, and calls
    the `total_count` that it resolves from."""
    base_loader: type
    """Base of a data loader (promise.dataloader.DataLoader), of which there is one of each
    `context_key` in a request: made of, and keeping, the request's `context`."""
    longest_page: int
    """How many rows may be asked for at once."""
    order_direction: Any
    """An enum with ASC and DESC."""
    money: type
    order: type
    user: type
    positive_decimal: type
    date: type
    datetime: type
    date_range_input: type

    manage_orders: Any
    handle_payments: Any

    actor: Callable[[Any], Actor | None]
    """The staff user or app behind `info`; None for customers and visitors."""
    own_email: Callable[[Any], str | None]
    """The address of the user behind `info`; None for apps and visitors."""
    has_permission: Callable[[Any, Any], bool]
    """Whether the requestor behind `info` holds a permission of the kit."""
    permission_denied: type[Exception]
    """The host's PermissionDenied."""
    require_permissions: Callable[..., None]
    """(info, *permissions): raises PermissionDenied unless all are held."""
    require_channel: Callable[[Any, str], None]
    """(info, slug): raises PermissionDenied where a staff user may not see the channel."""
    accessible_channels: Callable[[Any], Collection[str] | None]
    """Slugs of the channels whose orders the requestor may see as staff; None: all channels."""
    is_owner: Callable[[Any, str | None], bool]
    """(info, customer id): whether the requestor is that very customer."""
    order_pk: Callable[..., UUID]
    """(info, global id, field): the order's UUID, after the channel check.

    Raises ValidationError with code NOT_FOUND or GRAPHQL_ERROR for that field, and
    PermissionDenied.
    """
    channel_slugs: Callable[[Any, Collection[str]], Collection[str]]
    """(info, global ids): the slugs of those channels that there are. Raises GraphQLError."""
    order_id_of: Callable[[Any], UUID]
    """The UUID of the root that a resolver on Order receives."""
    order_root: Callable[[Any, UUID], Any]
    """(info, UUID): what a field of type Order resolves to (may be a promise)."""
    user_root: Callable[[Any, str], Any]
    """(info, pk): what a field of type User resolves to, or None."""
    check_return_url: Callable[[str], None]
    """Raises Django's ValidationError for a URL that is no page of the shop's storefronts."""


_kit: Kit | None = None


def install(kit: Kit) -> None:
    global _kit
    _kit = kit


def kit() -> Kit:
    if _kit is None:
        raise RuntimeError("The host has not installed its GraphQL kit.")
    return _kit
