"""Telling the shop of a movement of money, once."""

import logging
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from saleor_paylink.models import LedgerEntry, LedgerKind, ShopPosting
from saleor_paylink.shop import Actor, Charge, ManualPayment, Refund, current_shop

logger = logging.getLogger(__name__)

# Longer than the slowest shop: a teller that takes longer is taken for dead, and the shop's
# own key then keeps the movement from being recorded twice.
LEASE = timedelta(minutes=2)


def post(posting_id: int) -> None:
    """Tell the shop, unless it knows already or somebody is at it.

    Must not run inside a transaction: shops tell others of money at once. Whatever the
    shop raises is kept on the posting, and the sweeper tries again.
    """
    if not _take_lease(posting_id):
        return
    posting = ShopPosting.objects.select_related("entry__attempt").get(pk=posting_id)
    try:
        _tell(posting)
    except Exception as error:
        logger.exception("The shop could not record ledger entry %s.", posting.entry_id)
        ShopPosting.objects.filter(pk=posting_id).update(error=type(error).__name__)
        return
    ShopPosting.objects.filter(pk=posting_id).update(posted_at=timezone.now(), error="")


def _take_lease(posting_id: int) -> bool:
    now = timezone.now()
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    taken = ShopPosting.objects.filter(free, pk=posting_id, posted_at__isnull=True).update(
        leased_until=now + LEASE
    )
    return taken == 1


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
    elif entry.kind == LedgerKind.REFUND:
        shop.record_refund(
            entry.order_id,
            Refund(
                provider=entry.provider,
                reference=entry.reference,
                charge_reference=details["charge"],
                amount=entry.money,
                refunded_at=entry.occurred_at,
            ),
        )
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
