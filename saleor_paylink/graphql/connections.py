"""Lists in pages, with Saleor's arguments and Saleor's words where they are wrong."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import graphene
from django.db.models import QuerySet
from graphql import GraphQLError

from saleor_paylink.graphql.host import kit
from saleor_paylink.graphql.types import PaymentException, PaymentLink
from saleor_paylink.links.listing import NotAPosition, Page, Position, Sorting, page
from saleor_paylink.shop import current_shop

HOST = kit()
BaseConnection: Any = HOST.base_connection


class PaymentLinkCountableConnection(BaseConnection):
    """From a Listing of models.PaymentLink."""

    class Meta:
        node = PaymentLink
        description = "Payment links, in pages."


class PaymentExceptionCountableConnection(BaseConnection):
    """From a Listing of models.PaymentException."""

    class Meta:
        node = PaymentException
        description = "Money that needs a person, in pages."


def pages_of(connection: Any, description: str, **arguments: Any) -> graphene.Field:
    """A field that lists `connection` in pages."""
    at_most = f"At most {HOST.longest_page}."
    return graphene.Field(
        connection,
        description=description,
        **arguments,
        before=graphene.String(description="Those before this cursor; with `last`."),
        after=graphene.String(description="Those after this cursor; with `first`."),
        first=graphene.Int(description=f"So many from the beginning. {at_most}"),
        last=graphene.Int(description=f"So many from the end. {at_most}"),
    )


@dataclass(frozen=True)
class Paging:
    """Which part of a list is asked for. Raises GraphQLError for what cannot be meant."""

    field: str
    first: int | None = None
    last: int | None = None
    after: str | None = None
    before: str | None = None

    def __post_init__(self) -> None:
        for name, count in (("first", self.first), ("last", self.last)):
            self._check_count(name, count or 0)
        if self.first and self.last:
            raise GraphQLError("Argument `last` cannot be combined with `first`.")
        if self.first and self.before:
            raise GraphQLError("Argument `first` cannot be combined with `before`.")
        if self.last and self.after:
            raise GraphQLError("Argument `last` cannot be combined with `after`.")

    def _check_count(self, name: str, count: int) -> None:
        if count < 0:
            raise GraphQLError(f"Argument `{name}` must be a non-negative integer.")
        if count > HOST.longest_page:
            raise GraphQLError(
                f"Requesting {count} records on the `{self.field}` connection exceeds the "
                f"`{name}` limit of {HOST.longest_page} records."
            )

    @property
    def count(self) -> int:
        """How many rows; 0 where that was not said."""
        return self.first or self.last or 0

    @property
    def cursor(self) -> str | None:
        """Where the page before this one ended; None for the first one."""
        return self.after or self.before or None


@dataclass(frozen=True)
class Edge:
    node: Any
    cursor: str


class Listing:
    """What a connection resolves from. Nothing is read that is not asked for.

    `counted` are the rows for the total, where other ones are quicker to count.
    """

    def __init__(
        self,
        rows: "QuerySet[Any]",
        sorting: Sorting,
        paging: Paging,
        counted: "QuerySet[Any] | None" = None,
    ) -> None:
        self._rows = rows
        self._counted = rows if counted is None else counted
        self._sorting = sorting
        self._paging = paging

    def total_count(self) -> int:
        with current_shop().writer():
            return self._counted.count()

    @cached_property
    def edges(self) -> list[Edge]:
        return [Edge(row, position.cursor) for position, row in self._page.rows]

    @property
    def page_info(self) -> graphene.PageInfo:
        if not self._paging.count:
            return graphene.PageInfo(has_next_page=False, has_previous_page=False)
        ahead, behind = self._page.has_more, self._paging.cursor is not None
        return graphene.PageInfo(
            has_next_page=behind if self._paging.last else ahead,
            has_previous_page=ahead if self._paging.last else behind,
            start_cursor=self.edges[0].cursor if self.edges else None,
            end_cursor=self.edges[-1].cursor if self.edges else None,
        )

    @cached_property
    def _page(self) -> Page[Any]:
        paging = self._paging
        if not paging.count:
            raise GraphQLError(
                "You must provide a `first` or `last` value to properly paginate the "
                f"`{paging.field}` connection."
            )
        try:
            beyond = Position.at(paging.cursor) if paging.cursor else None
            with current_shop().writer():
                return page(
                    self._rows, self._sorting, paging.count, beyond, backwards=bool(paging.last)
                )
        except NotAPosition:
            raise GraphQLError("Received cursor is invalid.") from None
