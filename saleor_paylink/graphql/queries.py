"""Resolvers of what can be read. They check for themselves who asks."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from saleor_paylink import models
from saleor_paylink.earnings.report import Earnings, earnings
from saleor_paylink.graphql.access import manages, may_see, reads, request_of
from saleor_paylink.graphql.host import kit
from saleor_paylink.graphql.inputs import is_text
from saleor_paylink.graphql.types import PaymentCollection
from saleor_paylink.links import reading
from saleor_paylink.shop import current_shop


@reads
def resolve_order_collection(root: Any, info: Any) -> PaymentCollection | None:
    order = current_shop().order(kit().order_id_of(root))
    if order is None or not manages(info, order.channel):
        return None
    view = reading.collection_view(order.id)
    if view is None:
        return None
    exceptions = models.PaymentException.objects.filter(order_id=order.id).order_by("id")
    # The view's attributes are the type's fields.
    return PaymentCollection(exceptions=list(exceptions), **vars(view))


@reads
def resolve_order_link(root: Any, info: Any) -> models.PaymentLink | None:
    link = reading.current_link(kit().order_id_of(root))
    return link if link is not None and may_see(info, link) else None


@reads
def resolve_earnings(
    _root: Any, info: Any, range: dict[str, date | None], channel: str | None = None
) -> Sequence[Earnings]:
    kit().require_permissions(info, kit().handle_payments)
    return earnings(channels=_channels(info, channel), start=range.get("gte"), end=range.get("lte"))


def _channels(info: Any, channel: str | None) -> Collection[str] | None:
    """Slugs of those asked for, None for all. Raises PermissionDenied."""
    if channel is None:
        return kit().accessible_channels(info)
    kit().require_channel(info, channel)
    return [channel] if is_text(channel) else []


@reads
def resolve_request(_root: Any, _info: Any, token: str) -> reading.PaymentRequestView | None:
    return request_of(token)
