"""The Shop protocol: all that paylink asks of a store.

Views come out of it, facts go into it. Two stores implement it: Saleor
(`saleor_paylink.saleor.shop`) and the sandbox (`sandbox.shop.shop`). Which one runs is
set once, when Django starts, by the host's AppConfig.
"""

import enum
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.db.models import QuerySet

from saleor_paylink.conf import ChannelSettings
from saleor_paylink.money import Money


class OrderState(enum.StrEnum):
    """Saleor's order statuses (saleor.order.OrderStatus), as far as collecting cares."""

    DRAFT = "draft"
    UNCONFIRMED = "unconfirmed"
    UNFULFILLED = "unfulfilled"
    PARTIALLY_FULFILLED = "partially fulfilled"
    FULFILLED = "fulfilled"
    RETURNED = "returned"
    CANCELED = "canceled"
    EXPIRED = "expired"


# Nothing is to be paid for these any more. What is owed for goods of which some came back, a
# person has to say.
CLOSED = (OrderState.CANCELED, OrderState.EXPIRED, OrderState.RETURNED)


@dataclass(frozen=True)
class NetPrices:
    """What an order's parts cost without tax, for a shop that shows prices so. `of_lines` has one
    piece and the whole quantity of each of its lines, in their order."""

    of_lines: Sequence[tuple[Money, Money]]
    subtotal: Money
    shipping: Money
    discount: Money


@dataclass(frozen=True)
class LineView:
    """One line of an order, with gross amounts for the whole quantity and one piece."""

    name: str
    variant: str | None
    quantity: int
    unit_price: Money
    total: Money
    thumbnail_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class OrderDues:
    """An order as far as it decides what is owed, and whether that can be collected. Amounts are
    gross unless they say otherwise."""

    id: UUID
    channel: str
    channel_id: str
    """The shop's own, which stays when the channel is renamed: a key of Shop.channels."""
    state: OrderState
    total: Money
    charged: Money
    """All money the shop holds for the order, automated and manual."""
    reserved: Money
    """Not to be asked for, although it is not charged: money authorised or on its way outside
    paylink, and refunds that staff have granted."""
    recorded: frozenset[str] = frozenset()
    """References of paylink's own records (charges, manual payments) that `charged` holds:
    both come from one and the same reading of them."""

    @property
    def currency(self) -> str:
        return str(self.total.currency)


@dataclass(frozen=True, kw_only=True)
class OrderView(OrderDues):
    """An order as it stands in the shop, whole."""

    number: str
    lines: Sequence[LineView]
    subtotal: Money
    shipping: Money
    discount: Money
    tax: Money
    email: str | None
    language: str
    customer_id: str | None = None
    manual: Money | None = None
    """The part of `charged` that staff say they took themselves; None: nothing."""
    by_gift_card: Money | None = None
    """The part of `charged` that gift cards paid, which brought nothing in; None: nothing."""
    returning: Money | None = None
    """What is asked to be given back and `charged` is less by already; None: nothing."""
    has_books: bool = True
    """Whether the shop's books have any record of the order: see ShopBooks."""
    net: NetPrices | None = None
    """None: the shop shows this order's prices with tax."""
    stale: bool = False
    """Edited since its totals were last calculated: ask again with `fresh`."""
    reminders_stopped: bool = False
    """Whether staff want its customer not to be reminded of paying."""


class ActorKind(enum.StrEnum):
    USER = "user"
    APP = "app"


@dataclass(frozen=True)
class Actor:
    """Who asked: a staff user or an app. None in its place: the customer or the system."""

    kind: ActorKind
    id: str
    name: str

    def as_data(self) -> dict[str, str]:
        """As JSON."""
        return {"kind": self.kind.value, "id": self.id, "name": self.name}

    @classmethod
    def from_data(cls, data: Mapping[str, str] | None) -> "Actor | None":
        """The inverse of `as_data`; None for nobody."""
        if data is None:
            return None
        return cls(ActorKind(data["kind"]), data["id"], data["name"])


@dataclass(frozen=True)
class Charge:
    """Money that a provider holds for an order.

    `reference` is the provider's own id of the payment and the key by which the shop
    records it once. `releases_order` is False for money that must not confirm the order
    although it may cover it (a mismatch, a duplicate, money for a closed link).
    """

    provider: str
    reference: str
    method: str
    amount: Money
    paid_at: datetime
    releases_order: bool
    provider_url: str | None = None


@dataclass(frozen=True)
class Refund:
    """Money that a provider gave back, or that came back to it again, `at` that moment.

    `reference` is the refund's own id; each is recorded once.
    """

    provider: str
    reference: str
    charge_reference: str
    amount: Money
    at: datetime


@dataclass(frozen=True)
class RefundAsked:
    """A refund that the shop asks for. `request` is what it calls that, `charge_reference` the
    payment's (empty: no provider holds this money)."""

    request: str
    order_id: UUID
    charge_reference: str
    amount: Money
    # Not for logs: its name may be an address.
    actor: Actor | None = field(default=None, repr=False)


@dataclass(frozen=True)
class ManualPayment:
    """Money that staff say they took themselves; `key` makes recording it safe to repeat."""

    key: str
    amount: Money
    reference: str
    note: str


class Announcement(enum.StrEnum):
    """What plugins and apps are told of a payment link: see docs/events.md."""

    CREATED = "created"
    SENT = "sent"
    OPENED = "opened"
    PAID = "paid"
    EXPIRED = "expired"
    REVOKED = "revoked"

    @property
    def event(self) -> str:
        """What plugins' hooks and apps' events of it are called."""
        return f"payment_link_{self.value}"


@dataclass(frozen=True)
class LinkNews:
    """A payment link as plugins and apps are told of it. It holds no URL, no token and nothing
    of the customer's.

    `event_id` names the step: whoever hears of it twice can tell by it. `amount` is what was
    paid where the step is a payment, else what the link asks for, with its currency's decimals.
    `status` is that of the link when it is told, in the words of GraphQL.
    """

    event_id: str
    announcement: Announcement
    at: datetime
    link_id: UUID
    status: str
    order_id: UUID
    order_number: str
    """Empty where the order is gone."""
    channel: str
    amount: Money
    expires_at: datetime | None


# Keys of an order's public metadata: the status of its collection and that of its link.
STATE_KEY = "paylink.status"
LINK_STATE_KEY = "paylink.link"


# In an order's private metadata: what staff write there keeps its customer from being reminded.
REMINDERS_KEY, REMINDERS_OFF = "paylink.reminders", "off"


@dataclass(frozen=True)
class MailServer:
    """An SMTP server that the shop mails its customers by."""

    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)
    use_tls: bool = False
    use_ssl: bool = False


@dataclass(frozen=True)
class MailAccount:
    """How the shop mails customers of one channel. `address`: the lines of the merchant's own.
    `server` None: Django's."""

    sender: str
    address: Sequence[str] = ()
    server: MailServer | None = None
    confirms_payment: bool = False
    """Whether the shop itself mails the customer once an order is paid in full."""


class TakingKind(enum.StrEnum):
    """What a taking did, in the words of LedgerKind."""

    CHARGE = "charge"
    REFUND = "refund"
    REFUND_REVERSAL = "refund_reversal"
    DISPUTE = "dispute"
    DISPUTE_REVERSAL = "dispute_reversal"
    ADJUSTMENT = "adjustment"
    MANUAL = "manual"
    MANUAL_RETURNED = "manual_returned"


@dataclass(frozen=True)
class Taking:
    """A movement of money that the shop has recorded itself, or others in it, and not paylink.

    `amount` is positive, but for an ADJUSTMENT. `reference` is the provider's id of the movement
    and `payment` that of the payment which it belongs to; empty where the shop does not know.
    `order_id` is None for money of a checkout that became no order.
    """

    kind: TakingKind
    provider: str
    reference: str
    payment: str
    amount: Money
    channel: str
    order_id: UUID | None
    at: datetime


@dataclass(frozen=True)
class ShopRow:
    """What one row of the shop's books comes to; several where it stands for several movements.

    `key` is the shop's own name of it: no other row ever has it, and the row never another.
    `taking` is None for a row that moved no money, and `problem` says, for operators, why one
    that did can never be booked. `in_figures` is whether OrderView's `charged` and `manual` hold
    it: shops can know of money that was given back, and not take it off those.
    """

    key: str
    taking: Taking | None = None
    problem: str = ""
    in_figures: bool = True


class ShopBooks(Protocol):
    """What the shop itself knows of money that others than paylink have taken.

    It is kept in records (of a payment), each with its lines (what happened to that). Records go
    by the name of their kind and a number of theirs, and lines by a number that grows, although
    lines of higher numbers may be seen before those of lower ones.
    """

    @property
    def kinds(self) -> Sequence[str]:
        """Of records."""

    def rows(self, kind: str, ids: Collection[int]) -> Sequence[ShopRow]:
        """All rows of these records, but for records that are not ready: money of a checkout that
        may yet become an order belongs to that."""

    def rows_of_orders(self, order_ids: Collection[UUID]) -> Mapping[UUID, Sequence[ShopRow]]:
        """All rows of the records of those of these orders that have any. What is read does not
        grow with their number."""

    def not_taken(self, kind: str, after: int, limit: int) -> Sequence[int]:
        """The first of the records after that one that have lines which are no TakenRow, ready or
        never to be."""

    def not_taken_since(self, kind: str, line: int, limit: int) -> Sequence[int]:
        """Records that are ready and have lines after that one which are no TakenRow."""

    def count_not_taken(self, kind: str) -> int:
        """How many records `not_taken` would go through."""

    def last_line(self, kind: str) -> int:
        """The highest number of a line; 0: there is none."""


class Busy(Exception):
    """It is recorded, and somebody else is telling others of it at this moment. Whether they come
    to an end is not known yet: repeat the call later."""


class Shop(Protocol):
    """Every call may be repeated; those that change something say by what they are keyed.

    `hold`, `release`, `cancel` and `add_note` may be called inside a transaction and take
    effect with its commit. `record_*`, `refund_answered`, `announce` and `tell_state` are
    called outside one, because a shop tells others at once; the first two raise Busy.
    """

    def writer(self) -> AbstractContextManager[object]:
        """Leave to write to the database, for code that runs outside a mutation."""

    def order(self, order_id: UUID, *, fresh: bool = False) -> OrderView | None:
        """The order; `fresh` recalculates what edits have left stale first."""

    def dues(self, order_id: UUID) -> OrderDues | None:
        """What is owed for the order, recalculated; less to read than all of the order."""

    def orders(self, order_ids: Collection[UUID]) -> Sequence[OrderView]:
        """Those of these orders that there are, recalculated. What is read does not grow with
        their number, but for those that edits have left stale."""

    def known_orders(self) -> "QuerySet[Any]":
        """The values of the field `id` of all orders there are. To be asked within a query of
        paylink's own tables, or in parts by their order."""

    def matching_orders(self, search: str) -> "QuerySet[Any]":
        """The ids of the orders whose number is `search`; for what is no number, of those whose
        customer's address contains it, in whatever case. To be asked as `known_orders`."""

    def order_numbers(self, order_ids: Collection[UUID]) -> Mapping[UUID, str]:
        """The numbers of those of these orders that there are, and nothing else of them."""

    def channel_settings(self, channel: str) -> ChannelSettings:
        """Settings of the channel with that slug; inactive and empty if there is none."""

    def settings_of(self, channels: Collection[str]) -> Mapping[str, ChannelSettings]:
        """`channel_settings` of each of these channels, read at once."""

    def channels(self) -> Mapping[str, str]:
        """The slugs of all channels, by ids that never change."""

    def name(self, settings: ChannelSettings) -> str:
        """What customers of the channel whose settings these are know the shop by."""

    def mail_account(self, channel: str) -> MailAccount:
        """How the shop mails customers of the channel with that slug."""

    def picture_sources(self) -> Sequence[str]:
        """Where the shop keeps the pictures that lines' thumbnails lead to, if that is not its own
        address: origins, as a Content-Security-Policy names them."""

    def page_url(self, channel: str, path: str) -> str:
        """Absolute URL under which `path` of saleor_paylink.web.urls is served."""

    def hold(self, order_id: UUID) -> None:
        """Make an order that nothing has been fulfilled of UNCONFIRMED; else do nothing."""

    def release(self, order_id: UUID, actor: Actor | None) -> None:
        """Let a held order become what the shop's own rules make of it, paid or not."""

    def record_charge(self, order_id: UUID, charge: Charge) -> None:
        """Record provider money once (key: provider and reference).

        Confirms an UNCONFIRMED order that is now paid in full if `releases_order`;
        never revives a cancelled or expired one.
        """

    def record_refund(self, order_id: UUID, refund: Refund) -> None:
        """Record money given back (key: provider and reference) on its charge's record."""

    def record_refund_reversal(self, order_id: UUID, refund: Refund) -> None:
        """Record that a refund came back (key: provider and reference): it is charged again."""

    def refund_answered(
        self,
        order_id: UUID,
        shop_request: str,
        charge_reference: str,
        reference: str | None,
        error: str,
    ) -> None:
        """What became of a refund that the shop had asked for (key: `shop_request`).

        `error` is empty where the provider took it on: `reference` is the refund's, and that
        the money has moved is told by `record_refund`, days later for some ways to pay. Else
        `error` says, for people, why there was no refund; this may follow on having taken it on.
        """

    def unanswered_refunds(self, start: datetime, end: datetime) -> Sequence[RefundAsked]:
        """What was asked for between these moments, of money that paylink has recorded, and was
        not answered by `refund_answered` nor by the shop itself; oldest first."""

    def record_manual_payment(
        self, order_id: UUID, payment: ManualPayment, actor: Actor | None
    ) -> None:
        """Record hand-taken money once (key: `payment.key`) and confirm the order."""

    def cancel(self, order_id: UUID, actor: Actor | None) -> None:
        """Cancel the order and free its stock; nothing if it is cancelled already.

        Raises ValueError where goods are on their way already.
        """

    def add_note(self, order_id: UUID, message: str, actor: Actor | None) -> None:
        """A line in the order's history that staff can read; nothing if the order is gone."""

    def show_state(self, order_id: UUID, state: Mapping[str, str | None]) -> bool:
        """Have the order's public metadata say so, whatever else they hold: None takes a key
        away. Whether that was news; nothing if the order is gone."""

    def tell_state(self, order_id: UUID) -> None:
        """Tell others that the order's metadata have changed; nothing if the order is gone."""

    def books(self) -> ShopBooks:
        """The shop's own books of money."""

    def announce(self, news: LinkNews) -> None:
        """Tell plugins and apps of the channel. What one of them raises is logged, and keeps
        nobody else from being told."""


_shop: Shop | None = None


def install(shop: Shop) -> None:
    """Called once by the host's AppConfig.ready()."""
    global _shop
    _shop = shop


def current_shop() -> Shop:
    """The shop that paylink runs in. Raises RuntimeError before the host has installed one."""
    if _shop is None:
        raise RuntimeError(
            "No shop is installed: saleor_paylink runs inside Saleor or the sandbox."
        )
    return _shop
