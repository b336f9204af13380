"""Who may do what. The rules and the words are Saleor's."""

import enum
from typing import Any

from saleor_paylink.shop import Actor, ActorKind
from sandbox.shop.models import App, User


class Permission(enum.Enum):
    MANAGE_ORDERS = "order.manage_orders"
    HANDLE_PAYMENTS = "payment.handle_payments"
    MANAGE_USERS = "account.manage_users"


class PermissionDenied(Exception):
    """Stands in the answer's top-level errors; its name is the error's code."""

    def __init__(self, *permissions: Permission, message: str = "") -> None:
        named = ", ".join(permission.name for permission in permissions)
        super().__init__(
            message or f"To access this path, you need one of the following permissions: {named}"
        )


def requestor(info: Any) -> User | None:
    """The user behind the request; None for an app or a visitor."""
    user: User | None = info.context.user
    return user


def _app(info: Any) -> App | None:
    app: App | None = info.context.app
    return app


def actor(info: Any) -> Actor | None:
    """The staff user or app behind the request."""
    app = _app(info)
    if app is not None:
        return Actor(ActorKind.APP, str(app.pk), app.name)
    user = requestor(info)
    if user is None or not user.is_staff:
        return None
    return Actor(ActorKind.USER, str(user.pk), user.email)


def own_email(info: Any) -> str | None:
    """The address of the user behind the request."""
    user = requestor(info)
    return user.email if user else None


def has_permission(info: Any, permission: Permission) -> bool:
    """Whether the requestor holds the permission."""
    asking = _app(info) or requestor(info)
    return asking is not None and asking.has_permission(permission.name)


def require_one_of(info: Any, *permissions: Permission) -> None:
    """Raises PermissionDenied for whoever holds none of them."""
    if not any(has_permission(info, permission) for permission in permissions):
        raise PermissionDenied(*permissions)


def require_all(info: Any, *permissions: Permission) -> None:
    """Raises PermissionDenied for whoever lacks one of them."""
    if not all(has_permission(info, permission) for permission in permissions):
        raise PermissionDenied(*permissions)


def require_channel(info: Any, slug: str) -> None:
    """Raises PermissionDenied for whoever may not see the channel."""
    accessible = accessible_channels(info)
    if accessible is not None and slug not in accessible:
        raise PermissionDenied(message="You don't have access to some objects' channel.")


def accessible_channels(info: Any) -> list[str] | None:
    """Slugs of the channels whose orders the requestor may see as staff; None: all."""
    if _app(info) is not None:
        return None
    user = requestor(info)
    return [] if user is None else user.staffed_channels


def is_owner(info: Any, customer_id: str | None) -> bool:
    """Whether the requestor is that very customer."""
    user = requestor(info)
    return user is not None and str(user.pk) == customer_id
