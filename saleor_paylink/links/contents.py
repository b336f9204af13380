"""What an order holds, kept in order to tell later what has changed.

A link keeps two snapshots: of when its customer was last given it, and of when paylink last
looked. A snapshot holds no personal data.
"""

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from saleor_paylink.formats import format_money
from saleor_paylink.models import PaymentLink
from saleor_paylink.money import Money, zero
from saleor_paylink.shop import OrderView

Data = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """So many pieces of one thing; `total` is for all of them."""

    name: str
    variant: str
    quantity: int
    total: Money

    @property
    def item(self) -> str:
        """Its name for people."""
        return f"{self.name} ({self.variant})" if self.variant else self.name


@dataclass(frozen=True)
class Contents:
    """What an order holds. Amounts are gross."""

    lines: tuple[Line, ...]
    shipping: Money
    discount: Money
    total: Money

    @classmethod
    def of(cls, order: OrderView) -> "Contents":
        """What the order holds now."""
        lines = (
            Line(each.name, each.variant or "", each.quantity, each.total) for each in order.lines
        )
        return cls(tuple(lines), order.shipping, order.discount, order.total)

    def as_data(self) -> dict[str, Any]:
        """As JSON: amounts are exact decimals in strings."""
        lines = [
            {
                "name": line.name,
                "variant": line.variant,
                "quantity": line.quantity,
                "total": _decimal(line.total),
            }
            for line in self.lines
        ]
        return {
            "currency": str(self.total.currency),
            "lines": lines,
            "shipping": _decimal(self.shipping),
            "discount": _decimal(self.discount),
            "total": _decimal(self.total),
        }

    @classmethod
    def from_data(cls, data: Data) -> "Contents | None":
        """The inverse of `as_data`; None where nothing was kept."""
        if not data:
            return None

        def money(amount: str) -> Money:
            return Money(Decimal(amount), data["currency"])

        return cls(
            lines=tuple(
                Line(line["name"], line["variant"], line["quantity"], money(line["total"]))
                for line in data["lines"]
            ),
            shipping=money(data["shipping"]),
            discount=money(data["discount"]),
            total=money(data["total"]),
        )


def remember_sent(link: PaymentLink, order: OrderView) -> None:
    """Keep what the order held when its customer was given the link."""
    link.contents_sent = Contents.of(order).as_data()
    link.save(update_fields=["contents_sent"])


def changes_since_sent(link: PaymentLink, order: OrderView) -> tuple["Change", ...]:
    """What has changed since the customer was given the link."""
    return differences(Contents.from_data(link.contents_sent), Contents.of(order))


class ChangeKind(enum.StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    QUANTITY = "quantity"
    PRICE = "price"
    SHIPPING = "shipping"
    DISCOUNT = "discount"
    TOTAL = "total"


@dataclass(frozen=True)
class Change:
    """One thing that is not as it was. `item` and the quantities are those of a line, and then
    `before` and `after` are what all its pieces cost."""

    kind: ChangeKind
    before: Money
    after: Money
    item: str = ""
    quantity_before: int = 0
    quantity_after: int = 0

    def as_data(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "kind": self.kind.value,
            "currency": str(self.after.currency),
            "before": _decimal(self.before),
            "after": _decimal(self.after),
            "item": self.item,
            "quantity_before": self.quantity_before,
            "quantity_after": self.quantity_after,
        }

    @classmethod
    def from_data(cls, data: Data) -> "Change":
        """The inverse of `as_data`."""
        return cls(
            ChangeKind(data["kind"]),
            Money(Decimal(data["before"]), data["currency"]),
            Money(Decimal(data["after"]), data["currency"]),
            data["item"],
            data["quantity_before"],
            data["quantity_after"],
        )

    def in_words(self) -> str:
        """What has changed, for people, in the language that is active."""
        return _phrases()[self.kind] % {
            "item": self.item,
            "quantity": self.quantity_after or self.quantity_before,
            "quantity_before": self.quantity_before,
            "before": format_money(self.before),
            "after": format_money(self.after),
        }


def _phrases() -> dict[ChangeKind, str]:
    return {
        ChangeKind.ADDED: _("%(quantity)s × %(item)s added (%(after)s)"),
        ChangeKind.REMOVED: _("%(quantity)s × %(item)s removed (%(before)s)"),
        ChangeKind.QUANTITY: _(
            "%(quantity)s × %(item)s instead of %(quantity_before)s "
            "(%(after)s instead of %(before)s)"
        ),
        ChangeKind.PRICE: _("%(quantity)s × %(item)s for %(after)s instead of %(before)s"),
        ChangeKind.SHIPPING: _("shipping %(after)s instead of %(before)s"),
        ChangeKind.DISCOUNT: _("discount %(after)s instead of %(before)s"),
        ChangeKind.TOTAL: _("total %(after)s instead of %(before)s"),
    }


def differences(before: Contents | None, after: Contents) -> tuple[Change, ...]:
    """What has changed, lines first; nothing where it is not known what was `before`.

    Lines are told apart by their names, because that is how people know them: lines of one
    name count as one, and a thing under another name is another thing.
    """
    if before is None:
        return ()
    amounts = (
        (ChangeKind.SHIPPING, before.shipping, after.shipping),
        (ChangeKind.DISCOUNT, before.discount, after.discount),
        (ChangeKind.TOTAL, before.total, after.total),
    )
    changed = (Change(*each) for each in amounts if each[1] != each[2])
    return (*_changed_lines(before.lines, after.lines), *changed)


def _changed_lines(before: Iterable[Line], after: Iterable[Line]) -> Iterator[Change]:
    old, new = _by_name(before), _by_name(after)
    for name in {**new, **old}:
        line = new.get(name) or old[name]
        none = replace(line, quantity=0, total=zero(line.total.currency))
        was, now = old.get(name, none), new.get(name, none)
        if was != now:
            kind = _kind(was, now)
            yield Change(kind, was.total, now.total, line.item, was.quantity, now.quantity)


def _kind(was: Line, now: Line) -> ChangeKind:
    if not was.quantity:
        return ChangeKind.ADDED
    if not now.quantity:
        return ChangeKind.REMOVED
    return ChangeKind.PRICE if was.quantity == now.quantity else ChangeKind.QUANTITY


def _by_name(lines: Iterable[Line]) -> dict[tuple[str, str], Line]:
    found: dict[tuple[str, str], Line] = {}
    for line in lines:
        key = (line.name, line.variant)
        same = found.get(key)
        found[key] = line if same is None else _together(same, line)
    return found


def _together(one: Line, other: Line) -> Line:
    quantity, total = one.quantity + other.quantity, one.total + other.total
    return Line(one.name, one.variant, quantity, total)


def _decimal(money: Money) -> str:
    return f"{money.amount:f}"
