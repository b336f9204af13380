"""Resolvers of what can be read. They check for themselves who asks."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from promise import Promise

from saleor_paylink import models
from saleor_paylink.days import Unit
from saleor_paylink.earnings.report import Earnings, earnings
from saleor_paylink.graphql.access import manages, may_see, reads, request_of
from saleor_paylink.graphql.connections import Listing, Paging
from saleor_paylink.graphql.errors import refusals_of_a_query
from saleor_paylink.graphql.host import kit
from saleor_paylink.graphql.inputs import is_text, link_pk, text
from saleor_paylink.graphql.loaders import CollectionLoader, LinksLoader, OrderLoader, load
from saleor_paylink.links import bearer, reading
from saleor_paylink.links.listing import (
    LinkFilter,
    Sorting,
    link_sorting,
    payment_exceptions,
    payment_links,
    shown,
)
from saleor_paylink.links.reading import CollectionView
from saleor_paylink.shop import OrderView


@reads
def resolve_order_collection(root: Any, info: Any) -> "Promise[CollectionView] | None":
    if not kit().has_permission(info, kit().manage_orders):
        return None

    @reads
    def view_of(order: OrderView | None) -> "Promise[CollectionView] | None":
        if order is None or not manages(info, order.channel):
            return None
        return load(CollectionLoader, info, order.id)

    return load(OrderLoader, info, kit().order_id_of(root)).then(view_of)


def resolve_order_link(root: Any, info: Any) -> "Promise[models.PaymentLink | None]":
    @reads
    def visible(links: list[models.PaymentLink]) -> "Promise[models.PaymentLink] | None":
        link = reading.current_of(links)
        return link and may_see(info, link).then(lambda seen: link if seen else None)

    return load(LinksLoader, info, kit().order_id_of(root)).then(visible)


@reads
def resolve_link(_root: Any, info: Any, id: str) -> models.PaymentLink | None:
    kit().require_permissions(info, kit().manage_orders)
    with refusals_of_a_query():
        link = shown(models.PaymentLink.objects.filter(pk=link_pk(id, "id"))).first()
    return link if link is not None and manages(info, link.channel) else None


@reads
def resolve_links(
    _root: Any,
    info: Any,
    filter: dict[str, Any] | None = None,
    search: str | None = None,
    sort_by: dict[str, Any] | None = None,
    **paging: Any,
) -> Listing:
    kit().require_permissions(info, kit().manage_orders)
    with refusals_of_a_query():
        wanted = _link_filter(info, filter or {}, text(search, "search") or "")
    links, sorting = payment_links(wanted), _link_sorting(sort_by)
    return Listing(shown(links), sorting, Paging(info.field_name, **paging), counted=links)


def _link_filter(info: Any, given: dict[str, Any], search: str) -> LinkFilter:
    created = given.get("created") or {}
    return LinkFilter(
        channels=_visible_channels(info, given.get("channels")),
        statuses=given.get("statuses") or None,
        created_from=created.get("gte"),
        created_to=created.get("lte"),
        opened=given.get("opened"),
        sent=given.get("sent"),
        search=search.strip() or None,
    )


def _link_sorting(given: dict[str, Any] | None) -> Sorting:
    if given is None:
        return link_sorting("created_at", descending=True)
    descending = given["direction"] == kit().order_direction.DESC.value
    return link_sorting(given["field"], descending)


def _visible_channels(info: Any, wanted: list[str] | None) -> Collection[str] | None:
    """Slugs of those wanted, by their global ids, that the requestor may see; None: all."""
    accessible = kit().accessible_channels(info)
    if not wanted:
        return accessible
    slugs = kit().channel_slugs(info, wanted)
    return [slug for slug in slugs if accessible is None or slug in accessible]


@reads
def resolve_exceptions(_root: Any, info: Any, resolved: bool = False, **paging: Any) -> Listing:
    kit().require_permissions(info, kit().manage_orders, kit().handle_payments)
    found = payment_exceptions(kit().accessible_channels(info), resolved)
    newest_first = Sorting("raised_at", descending=True)
    return Listing(found, newest_first, Paging(info.field_name, **paging))


@reads
def resolve_earnings(
    _root: Any,
    info: Any,
    range: dict[str, date | None],
    channel: str | None = None,
    granularity: str | None = None,
) -> Sequence[Earnings]:
    kit().require_permissions(info, kit().handle_payments)
    return earnings(
        channels=_channels(info, channel),
        start=range.get("gte"),
        end=range.get("lte"),
        # In lower case, unless it is the default, which is told by its name.
        unit=Unit((granularity or Unit.DAY).lower()),
    )


def _channels(info: Any, channel: str | None) -> Collection[str] | None:
    """Slugs of those asked for, None for all. Raises PermissionDenied."""
    if channel is None:
        return kit().accessible_channels(info)
    kit().require_channel(info, channel)
    return [channel] if is_text(channel) else []


@reads
def resolve_request(_root: Any, _info: Any, token: str) -> bearer.PaymentRequestView | None:
    return request_of(token)
