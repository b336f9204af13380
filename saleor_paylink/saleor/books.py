"""Saleor's books of money as paylink reads them, and how it hears of what is new in them."""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import CharField, Exists, F, Max, OuterRef, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.db.models.signals import post_save
from django.utils import timezone
from saleor.core.db.connection import allow_writer, writer
from saleor.payment.models import Payment, Transaction, TransactionEvent, TransactionItem

from saleor_paylink import jobs
from saleor_paylink.failures import log_failure
from saleor_paylink.models import TakenRow
from saleor_paylink.saleor import records, takings
from saleor_paylink.shop import ShopRow

logger = logging.getLogger(__name__)

ITEMS, PAYMENTS = "transaction", "payment"
# How long money of a checkout waits for the order. Saleor makes that in the same breath, or when
# the customer comes back from the bank.
CHECKOUT_MAY_TAKE = timedelta(days=1)
# However often its record is changed meanwhile: longer, and who catches up would see it no more.
CHECKOUT_MAY_TAKE_AT_MOST = timedelta(days=2)


class SaleorBooks:
    """See saleor_paylink.shop.ShopBooks. Records are TransactionItems with their events, and
    Payments with their Transactions."""

    kinds: Sequence[str] = (ITEMS, PAYMENTS)

    @allow_writer()
    def rows(self, kind: str, ids: Collection[int]) -> Sequence[ShopRow]:
        found = _records(kind).filter(~_waits(kind), pk__in=ids)
        return _rows(kind, found)

    @allow_writer()
    def rows_of_orders(self, order_ids: Collection[UUID]) -> Mapping[UUID, Sequence[ShopRow]]:
        rows: dict[UUID, list[ShopRow]] = {}
        for kind in self.kinds:
            for record in _records(kind).filter(order_id__in=order_ids):
                rows.setdefault(record.order_id, []).extend(_rows_of(kind, record))
        return rows

    @allow_writer()
    def not_taken(self, kind: str, after: int, limit: int) -> Sequence[int]:
        # Some records at a time, by their numbers: a database that looked for what is not taken
        # among all of them would do so for each batch anew.
        ready = _ready(kind).order_by("pk").values_list("pk", flat=True)
        while ids := list(ready.filter(pk__gt=after)[:limit]):
            name = f"{_record_of_line(kind)}_id"
            lines = _lines_not_taken(kind).filter(**{f"{name}__in": ids}).order_by()
            if found := set(lines.values_list(name, flat=True)):
                return sorted(found)
            after = ids[-1]
        return []

    @allow_writer()
    def count_not_taken(self, kind: str) -> int:
        lines = _lines_not_taken(kind).filter(**{_record_of_line(kind): OuterRef("pk")})
        return int(_ready(kind).filter(Exists(lines)).count())

    @allow_writer()
    def not_taken_since(self, kind: str, line: int, limit: int) -> Sequence[int]:
        name = _record_of_line(kind)
        ready = _record_model(kind).objects.filter(_is_known() & ~_waits(kind), pk=OuterRef(name))
        lines = _lines_not_taken(kind).filter(Exists(_foreign(kind, ready)), pk__gt=line)
        found = lines.order_by("pk").values_list(f"{name}_id", flat=True)[:limit]
        return list(dict.fromkeys(found))

    @allow_writer()
    def last_line(self, kind: str) -> int:
        return int(_line_model(kind).objects.using(writer).aggregate(last=Max("pk"))["last"] or 0)


def _record_model(kind: str) -> Any:
    return TransactionItem if kind == ITEMS else Payment


def _line_model(kind: str) -> Any:
    return TransactionEvent if kind == ITEMS else Transaction


def _record_of_line(kind: str) -> str:
    return "transaction" if kind == ITEMS else "payment"


def _waits(kind: str) -> Q:
    """Records of a checkout that may yet become an order."""
    now = timezone.now()
    moved = {
        _record_of_line(kind): OuterRef("pk"),
        "created_at__gt": now - CHECKOUT_MAY_TAKE_AT_MOST,
    }
    of_checkout = Q(order__isnull=True, checkout__isnull=False)
    touched = Q(modified_at__gt=now - CHECKOUT_MAY_TAKE)
    return of_checkout & touched & Q(Exists(_lines(kind).filter(**moved)))


def _is_known() -> Q:
    """Records whose channel is."""
    return Q(order__isnull=False) | Q(checkout__isnull=False)


def _foreign(kind: str, found: "QuerySet[Any]") -> "QuerySet[Any]":
    """Those that are not paylink's own."""
    return found.exclude(app_identifier=records.OWNER) if kind == ITEMS else found


def _lines(kind: str) -> "QuerySet[Any]":
    """The lines that can have moved money."""
    if kind == ITEMS:
        events = TransactionEvent.objects.using(writer)
        return events.filter(include_in_calculations=True, type__in=takings.EVENTS_TOLD)
    transactions = Transaction.objects.using(writer)
    return transactions.filter(
        is_success=True, action_required=False, kind__in=takings.TRANSACTION_MOVES
    )


def _lines_not_taken(kind: str) -> "QuerySet[Any]":
    name = "event:" if kind == ITEMS else "transaction:"
    key = Concat(Value(name), Cast(OuterRef("pk"), CharField()))
    return _lines(kind).filter(~Exists(TakenRow.objects.filter(key=key)))


def _ready(kind: str) -> "QuerySet[Any]":
    found = _record_model(kind).objects.using(writer)
    return _foreign(kind, found).filter(~_waits(kind))


def _records(kind: str) -> "QuerySet[Any]":
    """With all that their rows are made of, and nothing else: an import reads a million of them."""
    name = "events" if kind == ITEMS else "transactions"
    parts = takings.EVENT_PARTS if kind == ITEMS else takings.TRANSACTION_PARTS
    lines = _lines(kind).only(*parts)
    found = (
        _record_model(kind)
        .objects.using(writer)
        .only(*(takings.ITEM_PARTS if kind == ITEMS else takings.PAYMENT_PARTS))
        .prefetch_related(Prefetch(name, lines, to_attr="told"))
    )
    found = found.annotate(
        order_channel=F("order__channel__slug"), checkout_channel=F("checkout__channel__slug")
    )
    return found.select_related("app") if kind == ITEMS else found


def _rows(kind: str, found: Iterable[Any]) -> list[ShopRow]:
    return [row for record in found for row in _rows_of(kind, record)]


def _rows_of(kind: str, record: Any) -> Sequence[ShopRow]:
    rows_of = takings.rows_of_item if kind == ITEMS else takings.rows_of_payment
    return rows_of(record, record.told, record.order_channel or record.checkout_channel)


def listen() -> None:
    """Have what is written in Saleor's books taken in once it is committed.

    Saleor calls no hook for all of it, and sends no signal where it writes many rows at once;
    but after all that changes what was charged or refunded it saves the transaction.
    What is written without either (orderBulkCreate, other plugins) is found by the sweeper.
    """
    post_save.connect(_item_saved, sender=TransactionItem, dispatch_uid="saleor_paylink_item")
    post_save.connect(_line_saved, sender=Transaction, dispatch_uid="saleor_paylink_line")


def _item_saved(instance: TransactionItem, update_fields: Any = None, **kwargs: object) -> None:
    if "charged_value" in (update_fields or ()) and not records.is_ours(instance):
        _take_in(ITEMS, instance.pk)


def _line_saved(instance: Transaction, created: bool, **kwargs: object) -> None:
    if created and takings.is_done(instance):
        _take_in(PAYMENTS, instance.payment_id)


def _take_in(kind: str, record_id: int) -> None:
    try:
        jobs.later(jobs.TAKE_IN, kind, record_id)
    except Exception:
        log_failure(logger, "What %s %s has brought is not taken in yet:", kind, record_id)
