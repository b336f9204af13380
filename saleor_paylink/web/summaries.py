"""The order as its customer reads it: lines with pictures, and the sums below them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from saleor_paylink.brand import origin_of
from saleor_paylink.formats import format_money
from saleor_paylink.links.bearer import PaymentRequestView, RequestStatus
from saleor_paylink.money import Money
from saleor_paylink.shop import LineView, OrderView, current_shop

# So many lines are read at a glance. What is more can be unfolded, so that a long order does not
# push the Pay button away.
AT_ONCE = 5


@dataclass(frozen=True)
class Line:
    """One line, at the prices that the shop shows. `picture` is where its thumbnail lies, on the
    page's own host."""

    line: LineView
    unit_price: Money
    total: Money
    picture: str | None


@dataclass(frozen=True)
class Sum:
    """One of the sums. `note` is said below its label."""

    label: str
    amount: Money
    note: str = ""
    is_taken_off: bool = False
    is_total: bool = False


@dataclass(frozen=True)
class Summary:
    """The whole of it; `more` are the lines that need not be seen at once."""

    lines: Sequence[Line]
    more: Sequence[Line]
    sums: Sequence[Sum]

    @property
    def has_pictures(self) -> bool:
        return any(line.picture for line in (*self.lines, *self.more))


def summary_of(view: PaymentRequestView) -> Summary:
    """The order of a payment request, in the active language."""
    lines = _lines(view.order, origin_of(current_shop().page_url(view.link.channel, "")))
    # One line alone is not worth a click.
    at_once = AT_ONCE if len(lines) > AT_ONCE + 1 else len(lines)
    sums = (*_sums(view.order), *_dues(view))
    return Summary(lines[:at_once], lines[at_once:], sums)


def _lines(order: OrderView, own_host: str) -> list[Line]:
    gross = [(line.unit_price, line.total) for line in order.lines]
    prices = order.net.of_lines if order.net else gross
    return [
        Line(line, unit_price, total, _picture(line.thumbnail_url, own_host))
        for line, (unit_price, total) in zip(order.lines, prices, strict=True)
    ]


def _picture(url: str | None, own_host: str) -> str | None:
    """Without the host: pages may be reached by several names, and load no other's pictures."""
    if url is None or origin_of(url) != own_host:
        return None
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _sums(order: OrderView) -> Iterator[Sum]:
    shown = order.net or order
    yield Sum(_("Subtotal"), shown.subtotal, _("without tax") if order.net else "")
    if shown.discount.amount:
        yield Sum(_("Discount"), shown.discount, is_taken_off=True)
    yield Sum(_("Shipping"), shown.shipping)
    if order.net:
        yield Sum(_("Tax"), order.tax)
    included = _("including %(tax)s tax") % {"tax": format_money(order.tax)}
    has_tax = order.tax.amount and not order.net
    yield Sum(_("Total"), order.total, included if has_tax else "", is_total=True)


def _dues(view: PaymentRequestView) -> Iterator[Sum]:
    due, total = view.amount_due, view.order.total
    if view.status is not RequestStatus.DUE or due == total:
        return
    if view.amount_paid.amount:
        yield Sum(_("Already paid"), view.amount_paid, is_taken_off=True)
    if view.set_aside.amount:
        yield Sum(_("Not to be paid here"), view.set_aside, is_taken_off=True)
    later = total - view.amount_paid - view.set_aside - due
    if later.amount > 0:
        yield Sum(_("Due later"), later, is_taken_off=True)
    yield Sum(_("Due now"), due, is_total=True)
