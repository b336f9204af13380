"""What a payment provider does for paylink: facts in, facts out.

A provider talks to its own API and nothing else: no HTTP request objects, no Django
models, no decision about orders. The domain applies what it reports.
"""

import enum
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from saleor_paylink.conf import ChannelSettings, SettingField
from saleor_paylink.money import Money


class ProviderError(Exception):
    """The provider did not do what was asked.

    `permanent`: asking again the same way cannot help. `code` is the provider's own word
    for the cause, `message` may be shown to staff and holds no secret.
    """

    def __init__(self, message: str, *, permanent: bool, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.permanent = permanent
        self.code = code


class BadSignature(Exception):
    """A webhook that the provider did not send, or that is too old to be believed."""


class ReportUnreadable(Exception):
    """A provider's report that cannot be read as one; says where and why, for the operator."""


class NoReport(Exception):
    """The provider has no report that could be read."""


class MethodKind(enum.StrEnum):
    """What paying is like for the customer: each kind has a mark of its own, and some a hint."""

    CARD = "card"
    WALLET = "wallet"
    BANK = "bank"
    """From the customer's own bank, at once."""
    DEBIT = "debit"
    """By the bank, days later."""
    LATER = "later"
    CASH = "cash"
    """With a voucher, at a counter."""


@dataclass(frozen=True)
class Method:
    """A way to pay. `id` is stable and begins with the provider, as in "stripe:card". A `name` that
    is no brand's may be lazy: it is read in the language of whoever is shown it."""

    id: str
    provider: str
    name: str
    kind: MethodKind = MethodKind.CARD


@dataclass(frozen=True)
class CheckoutRequest:
    """One payment to be asked for. `attempt_id`, `shop`, the host of the shop's public address,
    and `channel`, the shop's unchanging id of its channel, are what the provider is given to
    remember."""

    attempt_id: str
    shop: str
    channel: str
    method: str
    amount: Money
    description: str
    customer_email: str | None
    language: str
    success_url: str
    cancel_url: str
    expires_at: datetime


@dataclass(frozen=True)
class Session:
    """A page at the provider where the customer can pay."""

    reference: str
    url: str


class SessionStatus(enum.StrEnum):
    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Received:
    """Money that the provider has received. `reference` names the payment, not the session.

    `fee` is None until the provider reports it; it may be in another currency than
    `amount` (the currency of settlement).
    """

    reference: str
    amount: Money
    paid_at: datetime
    fee: Money | None
    provider_url: str | None = None


@dataclass(frozen=True)
class GivenBack:
    """Money that left again: a refund that succeeded, or a dispute that took the money.

    `reference` is the provider's id of the refund or dispute. `returned_at` is when the money
    came back after all: the refund failed at the bank, the dispute was won. `request` is the
    id that a refund was asked for with; None for one that was made at the provider itself.

    `fee` is what the provider keeps for it by now, in the currency of settlement: below 0 where
    it has returned some of the payment's own; None where it does not say.
    """

    reference: str
    amount: Money
    at: datetime
    returned_at: datetime | None = None
    request: str | None = None
    fee: Money | None = None


@dataclass(frozen=True)
class Snapshot:
    """What the provider says of a session right now.

    `attempt_id`, `shop`, `channel` and `livemode` are what the provider stored, to be compared
    with what we stored. `decline` is the reason of the last failed try, for people. `returning` are
    refunds that are on their way still: they may come to nothing.
    """

    reference: str
    attempt_id: str | None
    livemode: bool
    status: SessionStatus
    received: Received | None = None
    decline: str | None = None
    shop: str | None = None
    channel: str | None = None
    refunds: Sequence[GivenBack] = ()
    returning: Sequence[GivenBack] = ()
    disputes: Sequence[GivenBack] = ()


@dataclass(frozen=True)
class EventRef:
    """A provider's hint that something happened: never more than a doorbell.

    `attempt_id` and `shop` are what we gave the provider to remember, `session` the session's
    reference and `payment` the payment's, each None where the event does not say. A payment
    that the event itself says to be none of paylink's is None, too.
    """

    event_id: str
    type: str
    attempt_id: str | None = None
    session: str | None = None
    payment: str | None = None
    shop: str | None = None


@dataclass(frozen=True)
class WebhookEndpoint:
    """An address that the provider posts events to. `missing` are those that are needed and that
    it does not post there."""

    url: str
    enabled: bool
    missing: Sequence[str] = ()


@dataclass(frozen=True)
class Ping:
    """A webhook that says nothing, signed as the provider signs."""

    headers: Mapping[str, str]
    body: bytes


class Moved(enum.StrEnum):
    """What a line of a report did to the money of a payment."""

    CHARGE = "charge"
    ADJUSTMENT = "adjustment"
    """More, or less, came in than had been said."""
    REFUND = "refund"
    REFUND_REVERSAL = "refund_reversal"
    DISPUTE = "dispute"
    DISPUTE_REVERSAL = "dispute_reversal"


@dataclass(frozen=True)
class ReportLine:
    """A line of the provider's own report of what moved in an account, not only paylink's money.

    `number` is its line in the file, `id` the provider's name of it, `category` the provider's
    word for what it is; `kind` is None where that is nothing that happens to a payment (a payout,
    a fee by itself). `reference` is the provider's id of the movement, `also` another by which
    others may have taken it down, `payment` that of its payment.

    Amounts are positive in the direction of their kind. `amount` is in the customer's currency,
    None where the report does not say it in that; `settled` and `fee` are in the currency of
    settlement. `attempt_id` and `shop` are what we gave the provider to remember, if the report
    has it.
    """

    number: int
    id: str
    kind: Moved | None
    category: str
    reference: str
    amount: Money | None
    settled: Money
    fee: Money
    at: datetime
    payment: str = ""
    also: str = ""
    attempt_id: str | None = None
    shop: str | None = None


class Provider(ABC):
    """A provider with one channel's settings. Made anew for each use; keeps no state.

    What is not abstract serves `manage.py paylink_setup`, `paylink_check` and `paylink_ledger`. A
    provider whose webhooks can only be registered by hand, or that gives no report, leaves it as
    it is.
    """

    name: ClassVar[str]
    fields: ClassVar[Sequence[SettingField]]
    webhook_field: ClassVar[str] = ""
    """The name of the setting that holds what `register_webhook` answers with."""

    def __init__(self, settings: ChannelSettings) -> None:
        self.settings = settings

    @abstractmethod
    def validate(self) -> None:
        """Raises conf.SettingInvalid for the first setting that cannot be used."""

    @property
    @abstractmethod
    def configured(self) -> bool:
        """Whether the settings suffice to take a payment and hear of it."""

    @property
    @abstractmethod
    def livemode(self) -> bool:
        """Whether real money moves with these settings."""

    @property
    @abstractmethod
    def page_sources(self) -> Sequence[str]:
        """Where its payment pages lie, as sources of a Content-Security-Policy."""

    @abstractmethod
    def methods(self, amount: Money) -> Sequence[Method]:
        """Methods that can take exactly this amount. Asks nobody over the network."""

    @abstractmethod
    def method_name(self, method: str) -> str:
        """A method's name for people, also of one that is no longer offered."""

    @abstractmethod
    def check_amount(self, amount: Money) -> None:
        """Raises money.AmountNotRepresentable where the provider would have to round."""

    @abstractmethod
    def prepare(self, request: CheckoutRequest) -> Mapping[str, Any]:
        """The parameters of the call that opens a session, as JSON values.

        They are stored before the call and never recomputed: a repeated call must be the
        same to the letter, or its idempotency key refuses it.
        """

    @abstractmethod
    def open(self, parameters: Mapping[str, Any], idempotency_key: str) -> Session:
        """Open a session, or get the one that this key has opened. Raises ProviderError."""

    @abstractmethod
    def fetch(self, reference: str) -> Snapshot:
        """What the provider says of the session. Raises ProviderError."""

    @abstractmethod
    def cancel(self, reference: str) -> Snapshot:
        """Close an open session so that nobody can pay it, and say what it came to.

        A session that was paid a moment before is not cancelled: the snapshot says so.
        Raises ProviderError where it could not be found out.
        """

    @abstractmethod
    def session_of(self, payment: str) -> str | None:
        """The reference of the session that a payment was made in; None if in none, or if there
        is no such payment. Raises ProviderError."""

    @abstractmethod
    def refund(self, payment: str, amount: Money, request_id: str) -> str:
        """Give back part of a payment, or all of it; the refund's id.

        The provider is told `request_id`; repeated within a day it makes no second refund.
        Whether the money has moved is said by the session's snapshot. Raises ProviderError; a
        permanent one means that no refund was made.
        """

    @abstractmethod
    def find_refund(self, payment: str, request_id: str) -> str | None:
        """The id of the refund that was made for a request, however long ago; None: none was.

        Raises ProviderError where that could not be found out.
        """

    @abstractmethod
    def smallest_amount(self, currency: str) -> Money:
        """The least that can be asked for in a currency; zero where there is no such limit.

        `methods` offers nothing for less.
        """

    @abstractmethod
    def read_events(self, headers: Mapping[str, str], body: bytes) -> Sequence[EventRef]:
        """The events of a webhook, in the order sent. Raises BadSignature."""

    @abstractmethod
    def check_access(self) -> None:
        """Ask for something that changes nothing. Raises ProviderError where that is refused."""

    @property
    def awaits_webhook(self) -> bool:
        """Whether all that is missing in the settings is the answer of `register_webhook`."""
        return False

    def webhook_endpoints(self) -> Sequence[WebhookEndpoint]:
        """All addresses that the account has events posted to. Raises ProviderError."""
        raise _by_hand()

    def register_webhook(self, url: str) -> str:
        """Have events posted to `url` from now on; what they are signed with.

        The provider says that only once. Raises ProviderError.
        """
        raise _by_hand()

    def ping(self) -> Ping | None:
        """A webhook to try our own endpoint with; None where only the provider can sign one."""
        return None

    @classmethod
    def read_report(cls, lines: Iterable[str]) -> Iterator[ReportLine]:
        """What the provider's report says, line by line, as it is read.

        `lines` are those of the file that a merchant downloads. Raises NoReport, and
        ReportUnreadable at the first line that cannot be understood exactly.
        """
        raise NoReport


def _by_hand() -> ProviderError:
    return ProviderError(
        "Webhooks of this provider are registered by hand.", permanent=True, code="by_hand"
    )
