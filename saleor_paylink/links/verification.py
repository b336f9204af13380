"""Whether the ledger holds, order by order, what the shop says it holds: automated money, manual
money, and what is left of either.

Nothing here asks a provider: that is what saleor_paylink.links.reconciliation is for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef

from saleor_paylink.formats import format_money
from saleor_paylink.links import payments
from saleor_paylink.links.changes import BY_HAND
from saleor_paylink.links.dues import DIRECTION
from saleor_paylink.models import LedgerEntry, LedgerKind, ShopPosting
from saleor_paylink.money import Money, zero
from saleor_paylink.shop import OrderView, current_shop

BATCH = 500


@dataclass(frozen=True)
class Verdict:
    """What was found of one order: in words for the operator why it does not agree, None where it
    does; `moving` if that cannot be said, because money of it moves at this moment."""

    order: OrderView
    reason: str | None = None
    moving: bool = False


def verdicts() -> Iterator[Verdict]:
    """Of every order of the shop. Changes nothing; safe while money moves."""
    last: UUID | None = None
    orders = current_shop().known_orders().order_by("id")
    while ids := list((orders.filter(id__gt=last) if last else orders)[:BATCH]):
        last = ids[-1]
        seen = _look(ids)
        # Order and ledger are not read at one instant: what moved in between agrees by now.
        suspects = [each.order.id for each in seen if each.reason]
        again = {each.order.id: each for each in _look(suspects)} if suspects else {}
        for verdict in seen:
            yield _confirmed(verdict, again.get(verdict.order.id))


def _confirmed(verdict: Verdict, again: Verdict | None) -> Verdict:
    """What two looks at an order say."""
    if not verdict.reason:
        return verdict
    if again is None or again.reason not in (verdict.reason, None):
        return Verdict(verdict.order, moving=True)
    return again


def of_gone_orders() -> int:
    """How many orders the ledger knows that the shop does not: their money is nobody's there."""
    known = current_shop().known_orders().filter(id=OuterRef("order_id"))
    gone = LedgerEntry.objects.filter(~Exists(known), order_id__isnull=False)
    return gone.values("order_id").distinct().count()


def _look(ids: Sequence[UUID]) -> list[Verdict]:
    # The ledger is read after the orders: what the shop has recorded is booked by then.
    orders = current_shop().orders(ids)
    books: dict[UUID | None, list[LedgerEntry]] = {order_id: [] for order_id in ids}
    for entry in LedgerEntry.objects.filter(order_id__in=ids).select_related("posting"):
        books[entry.order_id].append(entry)
    returning = _returning(ids)
    return [_judge(order, books[order.id], returning) for order in orders]


def _returning(ids: Sequence[UUID]) -> Mapping[tuple[UUID | None, str], Money]:
    """What is asked to be given back of each order: shops may take it for gone already."""
    found: dict[tuple[UUID | None, str], Money] = {}
    for promise in payments.promises().filter(order_id__in=ids):
        key = (promise.order_id, promise.currency)
        found[key] = found.get(key, zero(promise.currency)) + promise.money
    return found


def _judge(
    order: OrderView,
    entries: Sequence[LedgerEntry],
    returning: Mapping[tuple[UUID | None, str], Money],
) -> Verdict:
    postings = filter(None, map(_posting, entries))
    untold = [each for each in postings if each.posted_at is None]
    failed = [each.error for each in untold if each.error]
    if failed:
        return Verdict(order, f"The shop could not be told of all its money ({failed[0]}).")
    if untold:
        return Verdict(order, moving=True)
    automated, manual = unbooked(order, entries)
    on_its_way = returning.get((order.id, order.currency), zero(order.currency))
    reasons = [*_about_automated(automated, on_its_way), *_about_manual(manual)]
    return Verdict(order, " ".join(reasons) or None)


def unbooked(order: OrderView, entries: Sequence[LedgerEntry]) -> tuple[Money, Money]:
    """What the shop holds more for an order (or less) than its entries say: of money that came in
    by itself, and of what staff took by hand."""
    known = [each for each in entries if each.currency == order.currency and _is_shops(each)]
    by_hand = order.manual or zero(order.currency)
    money = order.charged - (order.by_gift_card or zero(order.currency))
    automated = money - by_hand - _sum(known, DIRECTION, order.currency)
    return automated, by_hand - _sum(known, BY_HAND, order.currency)


def _about_automated(more: Money, on_its_way: Money) -> Iterator[str]:
    if more.amount > 0:
        yield (
            f"The shop holds {format_money(more)} that came in by itself and is not booked: "
            "money of other apps that was not taken in."
        )
    elif (more + on_its_way).amount < 0:
        less = format_money(-1 * (more + on_its_way))
        yield f"The shop holds {less} less that came in by itself than is booked."


def _about_manual(more: Money) -> Iterator[str]:
    if more.amount > 0:
        yield f"{format_money(more)} that staff took by hand is not booked."
    elif more.amount < 0:
        yield f"{format_money(-1 * more)} is booked as taken by hand, and not in the shop."


def _posting(entry: LedgerEntry) -> ShopPosting | None:
    return getattr(entry, "posting", None)


def _is_shops(entry: LedgerEntry) -> bool:
    """Whether the shop's figures hold it: it was told of it, or it was read from the shop. Of what
    is a link's own and was not to be told (a dispute) they know nothing."""
    return _posting(entry) is not None or entry.attempt_id is None


def _sum(entries: Sequence[LedgerEntry], signs: Mapping[LedgerKind, int], currency: str) -> Money:
    counted = (each for each in entries if each.kind in signs)
    return sum((signs[LedgerKind(each.kind)] * each.money for each in counted), zero(currency))
