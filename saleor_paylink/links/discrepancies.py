"""Why ledger and shop do not agree on the money of an order, in words for the operator.

What `differs` is wrong, or money that the earnings lack. What is `explained` comes from how the
shop reckons, or from what money is in the middle of: the ledger is right, and nothing is to do.
"""

from collections.abc import Iterable, Iterator

from saleor_paylink.earnings.ledger import REVERSAL_OF
from saleor_paylink.formats import format_money
from saleor_paylink.links.dues import DIRECTION
from saleor_paylink.links.matching import Matching, Movement, of_no_record
from saleor_paylink.models import LedgerEntry, LedgerKind
from saleor_paylink.money import Money, zero

DISPUTES = (LedgerKind.DISPUTE, REVERSAL_OF[LedgerKind.DISPUTE])


def differs(matching: Matching) -> Iterator[str]:
    """All that is wrong with an order's money, a sentence for each reason."""
    yield from _not_taken(matching.not_taken)
    yield from _lost(matching.lost)
    yield from _of_no_row(matching.of_no_row)
    yield from _unrecorded(matching.unrecorded)
    by_itself, by_hand = of_no_record(matching)
    yield from _of_no_record(by_itself, "came in by itself")
    yield from _of_no_record(by_hand, "staff took by hand")


def explained(matching: Matching) -> Iterator[str]:
    """All that differs and is right, a sentence for each reason."""
    yield from _not_taken_off(matching)
    yield from _returning(matching.order.returning)
    yield from _known_otherwise(matching)
    yield from _disputed(matching)
    yield from _of_another_currency(matching)


def _not_taken(movements: Iterable[Movement]) -> Iterator[str]:
    if rows := _rows(movements):
        yield f"Not taken in, which paylink_ledger import does: {rows}."


def _lost(movements: Iterable[Movement]) -> Iterator[str]:
    if rows := _rows(movements):
        yield f"Taken in, and the ledger has nothing of it: {rows}."


def _of_no_row(entries: Iterable[LedgerEntry]) -> Iterator[str]:
    if found := _entries(entries):
        yield f"Booked as read in the shop's books, and not there: {found}."


def _unrecorded(entries: Iterable[LedgerEntry]) -> Iterator[str]:
    if found := _entries(entries):
        yield f"The shop was told of it, and has no record: {found}."


def _of_no_record(more: Money, of_what: str) -> Iterator[str]:
    if more.amount:
        size = format_money(Money(abs(more.amount), more.currency))
        than = "more" if more.amount > 0 else "less"
        yield f"The shop says that it holds {size} {than} that {of_what} than its records come to."


def _not_taken_off(matching: Matching) -> Iterator[str]:
    beside = (each for each in matching.movements if not each.row.in_figures)
    if rows := _rows(beside):
        yield f"Given back, and the shop does not take it off what it says was charged: {rows}."


def _returning(money: Money | None) -> Iterator[str]:
    if money is not None:
        yield (
            f"{format_money(money)} is asked to be given back: the shop takes it off already, and "
            "the ledger once it is gone."
        )


def _known_otherwise(matching: Matching) -> Iterator[str]:
    for movement, entry in matching.pairs:
        taking = movement.taking
        if (entry.kind, entry.provider) != (taking.kind.value, taking.provider):
            yield (
                f"{_row(movement)} of {taking.provider} was booked when it was known as "
                f"{entry.kind} of {entry.provider}, and stays that."
            )
        elif entry.order_id is None:
            yield f"{_row(movement)} was booked before the checkout became this order."


def _disputed(matching: Matching) -> Iterator[str]:
    nothing = zero(matching.order.currency)
    disputes = (each for each in matching.untold if each.kind in DISPUTES)
    moved = [DIRECTION[LedgerKind(each.kind)] * each.money for each in disputes]
    away = -1 * sum((each for each in moved if each.currency == nothing.currency), nothing)
    if away.amount:
        yield f"{format_money(away)} is disputed: the shop is not told, and holds it still."


def _of_another_currency(matching: Matching) -> Iterator[str]:
    currency = matching.order.currency
    if found := _entries(each for each in matching.untold if each.currency != currency):
        yield f"Of another currency than the order, and not told to the shop: {found}."


def _rows(movements: Iterable[Movement]) -> str:
    return ", ".join(map(_row, movements))


def _row(movement: Movement) -> str:
    taking = movement.taking
    return f"{movement.row.key} ({taking.kind.value} {format_money(taking.amount)})"


def _entries(entries: Iterable[LedgerEntry]) -> str:
    return ", ".join(
        f"{each.kind} {format_money(each.money)} of {each.provider} ({each.reference})"
        for each in entries
    )
