"""Loaders: what each of many orders or links is asked for is read for all of them at once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from promise import Promise

from saleor_paylink import models
from saleor_paylink.graphql.host import kit
from saleor_paylink.links import reading
from saleor_paylink.links.dues import Books
from saleor_paylink.links.questioned import Questioned
from saleor_paylink.money import Money
from saleor_paylink.shop import OrderView, current_shop

BaseLoader: Any = kit().base_loader


def load(loader: Any, info: Any, key: Any) -> "Promise[Any]":
    """What a loader of this module has for a key.

    Only in a query may one field be answered with what was read for another: around a
    mutation it may hold no longer.
    """
    made = loader(info.context)
    made.cache = info.operation.operation == "query"
    return made.load(key)


class TableLoader(BaseLoader):
    """Reads paylink's own tables: as with `access.reads`, in the primary database."""

    def batch_load(self, keys: Sequence[Any]) -> list[Any]:
        with current_shop().writer():
            found = self.read(keys)
        return [found[key] for key in keys]

    def read(self, keys: Sequence[Any]) -> Mapping[Any, Any]:
        """What there is for each key."""
        raise NotImplementedError


class LinksLoader(TableLoader):
    """Order id -> its links, newest first."""

    context_key = "saleor_paylink.links"

    def read(self, keys: Sequence[UUID]) -> Mapping[UUID, list[models.PaymentLink]]:
        return reading.links_of(keys)


class ExceptionsLoader(TableLoader):
    """Order id -> its exceptions, oldest first."""

    context_key = "saleor_paylink.exceptions"

    def read(self, keys: Sequence[UUID]) -> Mapping[UUID, list[models.PaymentException]]:
        found: dict[Any, list[models.PaymentException]] = {key: [] for key in keys}
        for exception in models.PaymentException.objects.filter(order_id__in=keys).order_by("id"):
            found[exception.order_id].append(exception)
        return found


class StandingLoader(TableLoader):
    """Exception -> what of its money can be given back or kept now."""

    context_key = "saleor_paylink.standing"

    def read(
        self, keys: Sequence[models.PaymentException]
    ) -> Mapping[models.PaymentException, Money]:
        questioned = Questioned.of(keys)
        return {exception: questioned.refundable(exception) for exception in keys}


class AttemptsLoader(TableLoader):
    """Link -> its attempts, oldest first."""

    context_key = "saleor_paylink.attempts"

    def read(
        self, keys: Sequence[models.PaymentLink]
    ) -> Mapping[models.PaymentLink, list[models.PaymentAttempt]]:
        links = {link.pk: link for link in keys}
        found: dict[models.PaymentLink, list[models.PaymentAttempt]] = {link: [] for link in keys}
        attempts = models.PaymentAttempt.objects.filter(link__in=links)
        for attempt in attempts.order_by("created_at", "id"):
            attempt.link = links[attempt.link_id]
            found[attempt.link].append(attempt)
        return found


class EventsLoader(TableLoader):
    """Link -> its history, oldest first."""

    context_key = "saleor_paylink.events"

    def read(
        self, keys: Sequence[models.PaymentLink]
    ) -> Mapping[models.PaymentLink, list[models.PaymentLinkEvent]]:
        found: dict[Any, list[models.PaymentLinkEvent]] = {link.pk: [] for link in keys}
        events = models.PaymentLinkEvent.objects.filter(link__in=found)
        for event in events.order_by("at", "id"):
            found[event.link_id].append(event)
        return {link: found[link.pk] for link in keys}


class CollectedLoader(TableLoader):
    """Link -> what was paid over it, less what was given back."""

    context_key = "saleor_paylink.collected"

    def read(self, keys: Sequence[models.PaymentLink]) -> Mapping[models.PaymentLink, Money]:
        books = Books.of(link.order_id for link in keys)
        return {link: books.collected(link) for link in keys}


class OrderLoader(BaseLoader):
    """Order id -> the order, recalculated; None if there is no such order."""

    context_key = "saleor_paylink.order"

    def batch_load(self, keys: Sequence[UUID]) -> list[OrderView | None]:
        found = {order.id: order for order in current_shop().orders(keys)}
        return [found.get(key) for key in keys]


class CollectionLoader(BaseLoader):
    """Order id -> collecting for it; None if there is no such order."""

    context_key = "saleor_paylink.collection"

    def batch_load(self, keys: Sequence[UUID]) -> "Promise[list[reading.CollectionView | None]]":
        def views(orders: Mapping[UUID, OrderView]) -> list[reading.CollectionView | None]:
            with current_shop().writer():
                found = reading.collection_views(list(orders.values()))
            by_order = {view.order_id: view for view in found}
            return [by_order.get(key) for key in keys]

        return _orders(self, keys).then(views)


class DueLoader(BaseLoader):
    """Link -> what its customer would be charged now."""

    context_key = "saleor_paylink.due"

    def batch_load(self, keys: Sequence[models.PaymentLink]) -> "Promise[list[Money]]":
        def due(orders: Mapping[UUID, OrderView]) -> list[Money]:
            with current_shop().writer():
                return reading.links_due(keys, orders)

        return _orders(self, [link.order_id for link in keys]).then(due)


def _orders(loader: Any, order_ids: Iterable[UUID]) -> "Promise[dict[UUID, OrderView]]":
    orders = OrderLoader(loader.context)
    orders.cache = loader.cache
    return orders.load_many(order_ids).then(
        lambda found: {order.id: order for order in found if order is not None}
    )
