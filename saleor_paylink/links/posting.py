"""Telling the shop of a movement of money, once."""

import logging
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from saleor_paylink import leases
from saleor_paylink.failures import log_failure
from saleor_paylink.links import orphans
from saleor_paylink.links.exceptions import has_doubtful
from saleor_paylink.models import LedgerEntry, LedgerKind, ShopPosting
from saleor_paylink.shop import Actor, Busy, Charge, ManualPayment, Refund, current_shop

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
    entry = posting.entry
    # Only money of an order is owed to the shop.
    assert entry.order_id is not None  # noqa: S101
    try:
        _tell(entry.order_id, posting)
    except Busy:
        logger.info("Somebody else is telling of ledger entry %s.", entry.pk)
        return
    except Exception as error:
        log_failure(logger, "The shop could not record ledger entry %s:", entry.pk)
        ShopPosting.objects.filter(pk=posting_id).update(error=type(error).__name__)
        if current_shop().order(entry.order_id) is not None:
            return
        # There is nobody left to tell but a person.
        orphans.leave_behind(entry)
    ShopPosting.objects.filter(pk=posting_id).update(posted_at=timezone.now(), error="")


def to_do() -> "QuerySet[ShopPosting]":
    """What the shop has not been told of."""
    return ShopPosting.objects.filter(posted_at__isnull=True)


def _tell(order_id: UUID, posting: ShopPosting) -> None:
    entry: LedgerEntry = posting.entry
    details = posting.details
    shop = current_shop()
    if entry.kind == LedgerKind.CHARGE:
        shop.record_charge(
            order_id,
            Charge(
                provider=entry.provider,
                reference=entry.reference,
                method=details["method"],
                amount=entry.money,
                paid_at=entry.occurred_at,
                # Doubtful money may have come in since it was booked.
                releases_order=posting.releases_order and not has_doubtful(order_id),
                provider_url=details.get("provider_url"),
            ),
        )
    elif entry.kind in (LedgerKind.REFUND, LedgerKind.REFUND_REVERSAL):
        refund = Refund(
            provider=entry.provider,
            reference=entry.reference,
            charge_reference=entry.payment_reference,
            amount=entry.money,
            at=entry.occurred_at,
        )
        made = entry.kind == LedgerKind.REFUND
        (shop.record_refund if made else shop.record_refund_reversal)(order_id, refund)
    elif entry.kind == LedgerKind.MANUAL:
        shop.record_manual_payment(
            order_id,
            ManualPayment(
                key=entry.reference,
                amount=entry.money,
                reference=details["reference"],
                note=details["note"],
            ),
            Actor.from_data(details["actor"]),
        )
