"""Why an order is in the earnings that somebody looks at, or why it is not. Reads only."""

import enum
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from saleor_paylink.earnings.movements import EFFECT, Line, Wanted, effect, lines
from saleor_paylink.earnings.takings import not_booked
from saleor_paylink.links.changes import BY_HAND
from saleor_paylink.links.dues import DIRECTION
from saleor_paylink.links.matching import match, of_no_record
from saleor_paylink.links.reading import current_link
from saleor_paylink.models import LedgerEntry, LedgerKind, LinkStatus
from saleor_paylink.money import Money, zero
from saleor_paylink.shop import OrderState, OrderView, ShopRow, current_shop

LONGEST_NUMBER = 18  # digits
# An order has few. What is beyond is looked up in the list of movements.
MOST_LINES = 100


class Because(enum.StrEnum):
    """What there is to be said of an order's money."""

    COUNTED = "COUNTED"
    """It is in these figures, with `money` net."""
    GIVEN_BACK = "GIVEN_BACK"
    """All that came in has gone back: it counts, and adds nothing."""
    BY_HAND = "BY_HAND"
    """Staff took `money` themselves: apart, and not in the figures."""
    OTHER_DAYS = "OTHER_DAYS"
    """`money` of it moved from `first` to `last`, outside these days."""
    OTHER_CHANNEL = "OTHER_CHANNEL"
    """It is in `channel`, and another is looked at."""
    OTHER_CURRENCY = "OTHER_CURRENCY"
    """`money` of it is in a currency that is not looked at."""
    NOT_TAKEN_IN = "NOT_TAKEN_IN"
    """The shop's books have `money` that others took, and the ledger does not know it yet."""
    BY_GIFT_CARD = "BY_GIFT_CARD"
    """A gift card paid `money`: nothing came in, because its sale brought that."""
    NO_RECORD = "NO_RECORD"
    """The shop says that it holds `money`, and its books do not say how that came in."""
    DRAFT = "DRAFT"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    NOTHING_TO_PAY = "NOTHING_TO_PAY"
    LINK_WAITING = "LINK_WAITING"
    LINK_PROCESSING = "LINK_PROCESSING"
    LINK_EXPIRED = "LINK_EXPIRED"
    LINK_CLOSED = "LINK_CLOSED"
    UNPAID = "UNPAID"
    """Nothing has come in, and there is no link to pay it over."""


@dataclass(frozen=True)
class Reason:
    because: Because
    money: Money | None = None
    first: date | None = None
    last: date | None = None
    channel: str | None = None


@dataclass(frozen=True)
class Explanation:
    """What is to be said of an order, the most telling first, and its movements, newest first."""

    order_id: UUID
    number: str
    reasons: Sequence[Reason]
    lines: Sequence[Line]


class NoSuchOrder(Exception):
    """The shop has no order of that number."""


class HiddenOrder(Exception):
    """It belongs to a channel that whoever asks may not see."""


def explain(number: str, wanted: Wanted, visible: Wanted) -> Explanation:
    """What is to be said of the order of that number to somebody who looks at what is `wanted`, of
    what is `visible` to them. Raises NoSuchOrder and HiddenOrder."""
    order = _find(number)
    if not visible.has_channel(order.channel):
        raise HiddenOrder
    booked = list(LedgerEntry.objects.filter(order_id=order.id).select_related("posting"))
    seen = sorted(filter(visible.has, booked), key=_moment, reverse=True)
    rows = _rows(order)
    reasons = [*_of_movements(seen, wanted), *_of_the_shop(order, rows)]
    return Explanation(
        order.id,
        order.number,
        reasons or [_why_nothing(order, booked, rows)],
        lines(seen[:MOST_LINES]),
    )


def _moment(entry: LedgerEntry) -> tuple[datetime, int]:
    return entry.occurred_at, entry.pk


def _find(number: str) -> OrderView:
    digits = number.strip().removeprefix("#")
    if not digits.isdecimal() or len(digits) > LONGEST_NUMBER:
        raise NoSuchOrder
    shop = current_shop()
    order_id = shop.matching_orders(digits).first()
    order = shop.order(order_id) if order_id is not None else None
    if order is None:
        raise NoSuchOrder
    return order


def _of_movements(found: Sequence[LedgerEntry], wanted: Wanted) -> Iterator[Reason]:
    automated = [each for each in found if each.kind not in BY_HAND]
    counted = [each for each in automated if wanted.has(each)]
    held = _sums(effect(each) for each in counted if each.kind in DIRECTION)
    for currency, net in _sums(map(effect, counted)).items():
        left = held.get(currency, zero(currency))
        yield Reason(Because.COUNTED if left.amount > 0 else Because.GIVEN_BACK, net)
    if not counted:
        yield from _elsewhere(automated, wanted)
    for money in _sums(effect(each) for each in found if each.kind in BY_HAND).values():
        if money.amount:
            yield Reason(Because.BY_HAND, money)


def _elsewhere(found: Sequence[LedgerEntry], wanted: Wanted) -> Iterator[Reason]:
    """Why nothing of these is looked at. One reason for each is enough."""
    for channel in sorted({each.channel for each in found if not wanted.has_channel(each.channel)}):
        yield Reason(Because.OTHER_CHANNEL, channel=channel)
    found = [each for each in found if wanted.has_channel(each.channel)]
    others = [each for each in found if not wanted.has_currency(each.currency)]
    for money in _sums(map(effect, others)).values():
        yield Reason(Because.OTHER_CURRENCY, money)
    found = [each for each in found if wanted.has_currency(each.currency)]
    days = [timezone.localdate(each.occurred_at) for each in found]
    for money in _sums(map(effect, found)).values():
        yield Reason(Because.OTHER_DAYS, money, min(days), max(days))


def _rows(order: OrderView) -> Sequence[ShopRow]:
    if not order.has_books:
        return []
    return current_shop().books().rows_of_orders([order.id]).get(order.id, [])


def _of_the_shop(order: OrderView, rows: Sequence[ShopRow]) -> Iterator[Reason]:
    """What is in the shop's books, and the ledger has not heard of; and what never will be."""
    waiting = [(LedgerKind(each.kind.value), each.amount) for each in not_booked(rows)]
    automated = (EFFECT[kind] * money for kind, money in waiting if kind not in BY_HAND)
    by_hand = (EFFECT[kind] * money for kind, money in waiting if kind in BY_HAND)
    for because, moved in ((Because.NOT_TAKEN_IN, automated), (Because.BY_HAND, by_hand)):
        yield from (Reason(because, money) for money in _sums(moved).values() if money.amount)
    if order.by_gift_card is not None:
        yield Reason(Because.BY_GIFT_CARD, order.by_gift_card)


STATES = {
    OrderState.DRAFT: Because.DRAFT,
    OrderState.CANCELED: Because.CANCELED,
    OrderState.EXPIRED: Because.EXPIRED,
}
LINKS = {
    LinkStatus.ACTIVE: Because.LINK_WAITING,
    LinkStatus.PROCESSING: Because.LINK_PROCESSING,
    LinkStatus.EXPIRED: Because.LINK_EXPIRED,
    LinkStatus.REVOKED: Because.LINK_CLOSED,
}


def _why_nothing(
    order: OrderView, booked: Sequence[LedgerEntry], rows: Sequence[ShopRow]
) -> Reason:
    """Why nothing has come in for an order, or nothing that is known of."""
    automated, by_hand = of_no_record(match(order, booked, rows, taken_keys=()))
    if (automated + by_hand).amount > 0:
        return Reason(Because.NO_RECORD, automated + by_hand)
    return Reason(_what_it_waits_for(order))


def _what_it_waits_for(order: OrderView) -> Because:
    if order.state in STATES:
        return STATES[order.state]
    if order.total.amount <= 0:
        return Because.NOTHING_TO_PAY
    link = current_link(order.id)
    return Because.UNPAID if link is None else LINKS.get(link.current_status, Because.UNPAID)


def _sums(found: Iterable[Money]) -> dict[str, Money]:
    """By currency."""
    sums: dict[str, Money] = {}
    for each in found:
        sums[each.currency] = sums.get(each.currency, zero(each.currency)) + each
    return dict(sorted(sums.items()))
