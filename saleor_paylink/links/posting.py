"""Telling the shop of a movement of money, once."""

import logging

from django.db.models import QuerySet
from django.utils import timezone

from saleor_paylink import leases
from saleor_paylink.failures import log_failure
from saleor_paylink.models import LedgerEntry, LedgerKind, ShopPosting
from saleor_paylink.shop import Actor, Charge, ManualPayment, Refund, current_shop

logger = logging.getLogger(__name__)


def post(posting_id: int) -> None:
    """Tell the shop, unless it knows already or somebody is at it.

    Must not run inside a transaction: shops tell others of money at once. Whatever the
    shop raises is kept on the posting, and the sweeper tries again; should two try at once,
    the shop's own key keeps the movement from being recorded twice.
    """
    if not leases.take(to_do(), posting_id):
        return
    posting = ShopPosting.objects.select_related("entry__attempt").get(pk=posting_id)
    try:
        _tell(posting)
    except Exception as error:
        log_failure(logger, "The shop could not record ledger entry %s:", posting.entry_id)
        ShopPosting.objects.filter(pk=posting_id).update(error=type(error).__name__)
        return
    ShopPosting.objects.filter(pk=posting_id).update(posted_at=timezone.now(), error="")


def to_do() -> "QuerySet[ShopPosting]":
    """What the shop has not been told of."""
    return ShopPosting.objects.filter(posted_at__isnull=True)


def _tell(posting: ShopPosting) -> None:
    entry: LedgerEntry = posting.entry
    details = posting.details
    shop = current_shop()
    if entry.kind == LedgerKind.CHARGE:
        shop.record_charge(
            entry.order_id,
            Charge(
                provider=entry.provider,
                reference=entry.reference,
                method=details["method"],
                amount=entry.money,
                paid_at=entry.occurred_at,
                releases_order=posting.releases_order,
                provider_url=details.get("provider_url"),
            ),
        )
    elif entry.kind in (LedgerKind.REFUND, LedgerKind.REFUND_REVERSAL):
        refund = Refund(
            provider=entry.provider,
            reference=entry.reference,
            charge_reference=details["charge"],
            amount=entry.money,
            at=entry.occurred_at,
        )
        made = entry.kind == LedgerKind.REFUND
        (shop.record_refund if made else shop.record_refund_reversal)(entry.order_id, refund)
    elif entry.kind == LedgerKind.MANUAL:
        shop.record_manual_payment(
            entry.order_id,
            ManualPayment(
                key=entry.reference,
                amount=entry.money,
                reference=details["reference"],
                note=details["note"],
            ),
            Actor.from_data(details["actor"]),
        )
