"""The peer of the import: a loop over the rows of the shop's books, each by itself, and
`get_or_create` for each. It knows fewer of Saleor's rules, holds no channel's name, and books what
it finds first: it does less."""

import time

from saleor.payment.models import TransactionEvent

from saleor_paylink.models import LedgerEntry

KINDS = {
    "charge_success": "charge",
    "refund_success": "refund",
    "refund_reverse": "refund_reversal",
    "charge_back": "dispute",
}


def rows_a_second(sample: int) -> float:
    """Books the first rows of the transactions."""
    events = TransactionEvent.objects.filter(type__in=KINDS, include_in_calculations=True)
    ids = list(events.order_by("pk").values_list("pk", flat=True)[:sample])
    began = time.perf_counter()
    for id in ids:
        _book(TransactionEvent.objects.get(pk=id))
    seconds = time.perf_counter() - began
    assert LedgerEntry.objects.count() == len(ids), "the peer has not booked each row"
    return len(ids) / seconds


def _book(event: TransactionEvent) -> None:
    item = event.transaction
    LedgerEntry.objects.get_or_create(
        provider=item.app_identifier or "manual",
        kind=KINDS[event.type],
        reference=event.psp_reference or f"event:{event.pk}",
        defaults={
            "payment_reference": item.psp_reference or "",
            "order_id": item.order_id,
            "channel": item.order.channel.slug,
            "amount": abs(event.amount_value),
            "currency": event.currency,
            "occurred_at": event.created_at,
        },
    )
