"""Lists of links and of exceptions for staff: what is in them, in which order, and their pages.

Each order has an index of its own (see saleor_paylink.models), and so have a channel's links and
those of a status in it, where they would lie far apart. A page begins where the one before ended:
the last page of a million links is as near as the first.
"""

import base64
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, Expression, F, Func, Model, Q, QuerySet, Value
from django.db.models.lookups import Exact, GreaterThan, LessThan, LessThanOrEqual
from django.utils import timezone

from saleor_paylink.days import within
from saleor_paylink.models import (
    EXPIRY,
    LAST_OPENED,
    NOT_OPENED,
    LedgerEntry,
    LinkStatus,
    PaymentAttempt,
    PaymentException,
    PaymentLink,
)
from saleor_paylink.shop import current_shop

LONGEST_SEARCH = 255
LONGEST_CURSOR = 500
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class LinkFilter:
    """Which links; what is None is not asked for. `channels` are slugs, `search` is an order's
    number, a payment's reference, or (with something in it that is no digit) part of a customer's
    address."""

    channels: Collection[str] | None = None
    statuses: Collection[str] | None = None
    created_from: date | None = None
    created_to: date | None = None
    opened: bool | None = None
    sent: bool | None = None
    search: str | None = None


def payment_links(wanted: LinkFilter) -> "QuerySet[PaymentLink]":
    """The links that the filter lets through, in no order yet."""
    links = within(PaymentLink.objects.all(), "created_at", wanted.created_from, wanted.created_to)
    if wanted.channels is not None:
        links = links.filter(channel__in=wanted.channels)
    if wanted.statuses is not None:
        links = links.filter(_has_one_of(wanted.statuses))
    if wanted.opened is not None:
        # By what lists are sorted by: so that an index begins where the one end and the other.
        opened = GreaterThan(LAST_OPENED, NOT_OPENED)
        links = links.filter(opened if wanted.opened else Exact(LAST_OPENED, NOT_OPENED))
    if wanted.sent is not None:
        links = links.filter(last_sent_at__isnull=not wanted.sent)
    if wanted.search is not None:
        links = links.filter(pk__in=_matching(wanted.search))
    return links


def shown(links: "QuerySet[PaymentLink]") -> "QuerySet[PaymentLink]":
    """Those of these links that can be shown: shops delete orders, and tell nobody.

    For a few links at a time. To count them without is much faster, and hardly less true.
    """
    return links.filter(order_id__in=current_shop().known_orders())


def _has_one_of(statuses: Collection[str]) -> Q:
    """As PaymentLink.current_status: a link expires when its time is over, whoever notices."""
    now = Value(timezone.now())
    active = Q(status=LinkStatus.ACTIVE)
    expired, others = LinkStatus.EXPIRED in statuses, set(statuses) - {LinkStatus.ACTIVE}
    if (LinkStatus.ACTIVE in statuses) == expired:
        return Q(status__in=statuses)
    if expired:
        return Q(status__in=others) | active & Q(LessThanOrEqual(EXPIRY, now))
    in_force = active & Q(GreaterThan(EXPIRY, now))
    return Q(status__in=others) | in_force if others else in_force


def _matching(search: str) -> "QuerySet[Any, Any]":
    """The ids of the links. Each way by itself: indexes serve no alternatives across tables."""
    if len(search) > LONGEST_SEARCH:
        return PaymentLink.objects.none().values("pk")
    number = search.strip().removeprefix("#")  # as it is shown, and copied
    orders = current_shop().matching_orders(number if number.isdecimal() else search)
    by_order = PaymentLink.objects.filter(order_id__in=orders).values("pk")
    by_session = PaymentAttempt.objects.filter(provider_reference=search).values("link")
    entries = LedgerEntry.objects.filter(payment_reference=search, attempt__isnull=False)
    return by_order.union(by_session, entries.values("attempt__link"))


def payment_exceptions(
    channels: Collection[str] | None, resolved: bool
) -> "QuerySet[PaymentException]":
    """The exceptions of these channels (slugs; None: all) that are resolved, or that are open."""
    found = PaymentException.objects.all()
    if channels is not None:
        found = found.filter(channel__in=channels)
    return found.exclude(resolution="") if resolved else found.filter(resolution="")


@dataclass(frozen=True)
class Sorting:
    """By what a list is sorted; equals stand by their ids. `key` is never null, and an index
    has it, followed by the id."""

    field: str
    descending: bool = False
    never_null: Expression | None = None

    @property
    def key(self) -> Expression | F:
        return F(self.field) if self.never_null is None else self.never_null


def link_sorting(field: str, descending: bool) -> Sorting:
    """By `created_at`, `amount`, `last_opened_at` (never is before all) or `expires_at` (never
    is after all)."""
    never_null = {"last_opened_at": LAST_OPENED, "expires_at": EXPIRY}
    return Sorting(field, descending, never_null.get(field))


class NotAPosition(ValueError):
    """It stands for no place in such a list."""


@dataclass(frozen=True)
class Position:
    """Where a row stands in a list, as text, so that it can be given to a client."""

    key: str
    id: str

    @property
    def cursor(self) -> str:
        """The same as one word."""
        return base64.b64encode(json.dumps([self.key, self.id]).encode()).decode()

    @classmethod
    def at(cls, cursor: str) -> "Position":
        """The inverse. Raises NotAPosition for what was never a cursor."""
        if len(cursor) > LONGEST_CURSOR:
            raise NotAPosition(cursor)
        try:
            parts = json.loads(base64.b64decode(cursor, validate=True))
        except ValueError as error:
            raise NotAPosition(cursor) from error
        if not isinstance(parts, list) or [type(part) for part in parts] != [str, str]:
            raise NotAPosition(cursor)
        return cls(*parts)


@dataclass(frozen=True)
class Page(Generic[M]):
    """Rows of a list, each with its position, and whether there are more in the direction in
    which it was read."""

    rows: Sequence[tuple[Position, M]]
    has_more: bool


def page(
    rows: "QuerySet[M]",
    sorting: Sorting,
    limit: int,
    beyond: Position | None = None,
    *,
    backwards: bool = False,
) -> Page[M]:
    """So many rows after the position `beyond`; `backwards`: before it, or the last ones.

    Raises NotAPosition for one of another list.
    """
    descending = sorting.descending != backwards
    if beyond is not None:
        rows = rows.filter(_is_beyond(rows.model, sorting, beyond, descending))
    in_order = rows.annotate(sort_key=sorting.key).order_by(
        *(("-sort_key", "-id") if descending else ("sort_key", "id"))
    )
    found = list(in_order[: limit + 1])
    shown = found[:limit]
    if backwards:
        shown.reverse()
    return Page([(_position(row), row) for row in shown], len(found) > limit)


def _position(row: Any) -> Position:
    return Position(str(row.sort_key), str(row.pk))


def _is_beyond(
    model: type[Model], sorting: Sorting, position: Position, descending: bool
) -> Expression:
    """One comparison of rows, in which an index finds its beginning."""
    field: Any = model._meta.get_field(sorting.field)
    id_field: Any = model._meta.get_field("id")
    try:
        key, id = field.clean(position.key, None), id_field.clean(position.id, None)
    except ValidationError as error:
        raise NotAPosition(position) from error
    compare = LessThan if descending else GreaterThan
    return compare(
        _row(sorting.key, F("id")),
        _row(Value(key, field), Value(id, id_field)),
    )


def _row(*parts: Expression | F) -> Func:
    return Func(*parts, function="ROW", output_field=BooleanField())
