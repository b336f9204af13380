"""Who may see what: the host says who asks, the rules are paylink's."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from promise import Promise

from saleor_paylink.graphql.host import kit
from saleor_paylink.graphql.inputs import exception_pk, link_pk
from saleor_paylink.graphql.loaders import OrderLoader, load
from saleor_paylink.links import bearer
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.models import PaymentException, PaymentLink
from saleor_paylink.shop import current_shop

T = TypeVar("T")


def reads(resolver: Callable[..., T]) -> Callable[..., T]:
    """For resolvers that read paylink's tables: they lie in the primary database, which hosts
    keep queries away from. What they answer must have been read by then: lists, no querysets."""

    @wraps(resolver)
    def reader(*args: Any, **kwargs: Any) -> T:
        with current_shop().writer():
            return resolver(*args, **kwargs)

    return reader


def manages(info: Any, channel: str) -> bool:
    """Whether the requestor manages the orders of a channel."""
    if not kit().has_permission(info, kit().manage_orders):
        return False
    channels = kit().accessible_channels(info)
    return channels is None or channel in channels


def may_see(info: Any, link: PaymentLink) -> "Promise[bool]":
    """Whether the requestor manages the link's order, or is the customer whose order it is."""
    if manages(info, link.channel):
        return Promise.resolve(True)
    return load(OrderLoader, info, link.order_id).then(
        lambda order: order is not None and kit().is_owner(info, order.customer_id)
    )


def managed_link(info: Any, global_id: str, field: str) -> PaymentLink:
    """The link with that id. Raises LinkError, and PermissionDenied for another channel's.

    That the requestor manages orders has been checked.
    """
    link = PaymentLink.objects.filter(pk=link_pk(global_id, field)).first()
    if link is None:
        message = _("There is no such payment link. Look it up at its order.")
        raise LinkError(LinkErrorCode.NOT_FOUND, message, field)
    kit().require_channel(info, link.channel)
    return link


def managed_exception(info: Any, global_id: str, field: str) -> PaymentException:
    """The exception with that id. Raises LinkError, and PermissionDenied for another channel's.

    That the requestor manages orders has been checked.
    """
    exception = PaymentException.objects.filter(pk=exception_pk(global_id, field)).first()
    if exception is None:
        message = _("There is no such exception. Look it up in the list of exceptions.")
        raise LinkError(LinkErrorCode.NOT_FOUND, message, field)
    kit().require_channel(info, exception.channel)
    return exception


def request_of(token: str) -> bearer.PaymentRequestView | None:
    """What the bearer of a token may see; None, whatever the cause, for any other token.

    As with the payment page, there is none while the plugin is switched off in the channel.
    """
    view = bearer.payment_request(token)
    if view is None or not current_shop().channel_settings(view.link.channel).active:
        return None
    return view
