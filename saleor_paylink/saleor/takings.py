"""What rows of Saleor's books say of money: which movement each is, or that it is none.

Saleor has two sets of books: transactions with events, which payment apps, staff and Saleor
itself write, and payments with transactions of the older gateways. The figures that Saleor makes
of them (saleor/payment/transaction_item_calculations.py, update_payment_charge_status in
saleor/payment/utils.py) are those that these movements add up to, but for what is said below.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from saleor.order.actions import MARK_AS_PAID_TRANSACTION_NAME
from saleor.payment import CustomPaymentChoices, TransactionEventType, TransactionKind
from saleor.payment.models import Payment, Transaction, TransactionEvent, TransactionItem

from saleor_paylink.earnings.ledger import MANUAL_PROVIDER
from saleor_paylink.money import Money
from saleor_paylink.saleor.records import is_ours
from saleor_paylink.shop import ShopRow, Taking, TakingKind

# Paying with a gift card brings nothing in: its sale did. From 3.23 on there is
# saleor.giftcard.const.GIFT_CARD_PAYMENT_GATEWAY_ID.
GIFT_CARDS = "saleor.io.gift-card-payment-gateway"

# All other types of events are requests, which nobody has answered yet; authorisations and their
# ends, which move nothing; what customers are asked to do; or texts.
EVENT_MOVES = {
    TransactionEventType.CHARGE_SUCCESS: TakingKind.CHARGE,
    TransactionEventType.CHARGE_BACK: TakingKind.DISPUTE,
    TransactionEventType.REFUND_SUCCESS: TakingKind.REFUND,
    TransactionEventType.REFUND_REVERSE: TakingKind.REFUND_REVERSAL,
}
# What takes back a success of the same reference that is not newer.
EVENT_UNDOES = {
    TransactionEventType.CHARGE_FAILURE: TransactionEventType.CHARGE_SUCCESS,
    TransactionEventType.REFUND_FAILURE: TransactionEventType.REFUND_SUCCESS,
}
EVENTS_TOLD = (*EVENT_MOVES, *EVENT_UNDOES)

# All other kinds are authorisations and their ends; what is still on its way, or failed (of a
# capture it is said that it failed after all); and CONFIRM, after which a capture is written.
TRANSACTION_MOVES = {
    TransactionKind.CAPTURE: TakingKind.CHARGE,
    TransactionKind.CAPTURE_FAILED: TakingKind.ADJUSTMENT,
    TransactionKind.REFUND: TakingKind.REFUND,
    TransactionKind.REFUND_REVERSED: TakingKind.REFUND_REVERSAL,
    # Mark as paid. Of another gateway it moves nothing in Saleor either.
    TransactionKind.EXTERNAL: TakingKind.CHARGE,
}

# Less than nothing of one is something of the other.
OPPOSITE = {
    TakingKind.REFUND: TakingKind.REFUND_REVERSAL,
    TakingKind.REFUND_REVERSAL: TakingKind.REFUND,
    TakingKind.DISPUTE: TakingKind.DISPUTE_REVERSAL,
}
OUTWARD = (TakingKind.REFUND, TakingKind.DISPUTE)

# What the rules below read of each. Whatever they read else costs a query for each.
ITEM_PARTS = ("name", "app__identifier", "app_identifier", "psp_reference", "currency", "order")
EVENT_PARTS = (
    "transaction", "include_in_calculations", "type", "psp_reference", "amount_value", "created_at",
)  # fmt: skip
PAYMENT_PARTS = ("gateway", "psp_reference", "currency", "order")
TRANSACTION_PARTS = (
    "payment", "kind", "is_success", "action_required", "amount", "token", "created_at",
)  # fmt: skip

NO_CHANNEL = "it belongs to no order and to no checkout, so that its channel is not known"


@dataclass(frozen=True)
class Record:
    """What all rows of a transaction, or of a payment, have in common. `provider` is None where
    staff took the money; `payment` is the provider's id of it. A `channel` of None is unknown."""

    provider: str | None
    payment: str
    currency: str
    channel: str | None
    order_id: UUID | None

    def row(
        self,
        key: str,
        kind: TakingKind,
        amount: Decimal,
        reference: str | None,
        at: datetime,
        *,
        in_figures: bool = True,
    ) -> ShopRow:
        """The row that moved so much; less than nothing the other way."""
        if amount == 0:
            return ShopRow(key)
        if self.channel is None:
            return ShopRow(key, problem=NO_CHANNEL)
        by_hand = self.provider is None
        kind, amount = _by_hand(kind, amount) if by_hand else _as_booked(kind, amount)
        # Every way by hand is one: what is no provider's id of a payment is unique to nobody.
        taking = Taking(
            kind=kind,
            provider=self.provider or MANUAL_PROVIDER,
            reference="" if by_hand else reference or "",
            payment=self.payment,
            amount=Money(amount, self.currency),
            channel=self.channel,
            order_id=self.order_id,
            at=at,
        )
        return ShopRow(key, taking, in_figures=in_figures)


def _by_hand(kind: TakingKind, amount: Decimal) -> tuple[TakingKind, Decimal]:
    comes_in = (amount > 0) != (kind in OUTWARD)
    return (TakingKind.MANUAL if comes_in else TakingKind.MANUAL_RETURNED), abs(amount)


def _as_booked(kind: TakingKind, amount: Decimal) -> tuple[TakingKind, Decimal]:
    """Apps that correct what they have reported report the difference."""
    if amount > 0 or kind is TakingKind.ADJUSTMENT:
        return kind, amount
    if kind is TakingKind.CHARGE:
        return TakingKind.ADJUSTMENT, amount
    return OPPOSITE[kind], -amount


def is_manual(item: TransactionItem) -> bool:
    """Made by Mark as paid, whoever asked for it; or by nobody but staff.

    Saleor writes down the app that makes a transaction, and its own gateways leave a name. One
    without either was written by staff (transactionCreate), by an import of orders
    (orderBulkCreate), by an app before Saleor 3.13, or by a local app that is gone: nobody vouches
    that such money came in by itself.
    """
    if item.name == MARK_AS_PAID_TRANSACTION_NAME:
        return True
    return item.app_id is None and not item.app_identifier


def event_key(event: TransactionEvent) -> str:
    return f"event:{event.pk}"


def transaction_key(row: Transaction) -> str:
    return f"transaction:{row.pk}"


def rows_of_item(
    item: TransactionItem, events: Iterable[TransactionEvent], channel: str | None
) -> Sequence[ShopRow]:
    """The rows of a transaction: one for each event that counts in Saleor, and more for some."""
    told = [each for each in events if each.include_in_calculations and each.type in EVENTS_TOLD]
    told.sort(key=lambda event: event.pk)
    if is_ours(item) or item.app_identifier == GIFT_CARDS:
        return [ShopRow(event_key(event)) for event in told]
    record = Record(
        provider=None if is_manual(item) else _owner(item),
        payment=item.psp_reference or "",
        currency=item.currency.upper(),
        channel=channel,
        order_id=item.order_id,
    )
    return [row for event in told for row in _rows_of_event(record, event, told)]


def _owner(item: TransactionItem) -> str:
    """The app or gateway. Never the name of a provider of our own: those have neither."""
    name = item.app_identifier or (item.app.identifier if item.app else "")
    if not name:
        return f"app:{item.app_id}"
    return _foreign(name)


def _foreign(name: str) -> str:
    marked = name if "." in name or ":" in name else f"app:{name}"
    return marked[:255]


def _rows_of_event(
    record: Record, event: TransactionEvent, told: Sequence[TransactionEvent]
) -> Iterator[ShopRow]:
    key, reference, at = event_key(event), event.psp_reference, event.created_at
    kind = EVENT_MOVES.get(event.type)
    if kind is None or _is_said_before(event, told):
        yield ShopRow(key)
        return
    if event.type == TransactionEventType.REFUND_SUCCESS and reference is None:
        yield from _rows_of_refund_figure(record, event, told)
        return
    payment = reference if kind is TakingKind.CHARGE and reference else record.payment
    record = replace(record, payment=payment)
    # A refund that nobody has named lowers no charge of Saleor's.
    felt = bool(reference) or event.type != TransactionEventType.REFUND_SUCCESS
    yield record.row(key, kind, event.amount_value, reference, at, in_figures=felt)
    failure = _failure_of(event, told)
    if failure is not None:
        back = TakingKind.ADJUSTMENT if kind is TakingKind.CHARGE else kind
        amount = -event.amount_value
        yield record.row(f"{key}/failed", back, amount, reference, failure.created_at)


def _is_said_before(event: TransactionEvent, told: Sequence[TransactionEvent]) -> bool:
    """Saleor counts one event of a type and reference, and refuses to be told of it again."""
    return bool(event.psp_reference) and any(
        (each.type, each.psp_reference) == (event.type, event.psp_reference)
        for each in told
        if each.pk < event.pk
    )


def _failure_of(
    event: TransactionEvent, told: Sequence[TransactionEvent]
) -> TransactionEvent | None:
    """What says that the success of a charge or refund did not last."""
    failures = [
        each
        for each in told
        if EVENT_UNDOES.get(each.type) == event.type
        and event.psp_reference
        and each.psp_reference == event.psp_reference
        and each.created_at >= event.created_at
    ]
    return min(failures, key=lambda each: each.created_at, default=None)


def _rows_of_refund_figure(
    record: Record, event: TransactionEvent, told: Sequence[TransactionEvent]
) -> Iterator[ShopRow]:
    """What transactionCreate and transactionUpdate make of `amountRefunded`.

    They state figures of a whole transaction, of which the charged one is net already: it is
    lowered by itself, and the refund must not lower it again. A transaction that was never
    charged (the Dashboard's manual refund) gives back money that came in elsewhere.
    """
    key, amount, at = event_key(event), event.amount_value, event.created_at
    charged = any(
        each.type == TransactionEventType.CHARGE_SUCCESS and each.amount_value for each in told
    )
    if charged and record.provider is None:
        yield ShopRow(key)
        return
    yield record.row(key, TakingKind.REFUND, amount, None, at, in_figures=charged)
    if charged:
        yield record.row(f"{key}/net", TakingKind.ADJUSTMENT, amount, None, at)


def rows_of_payment(
    payment: Payment, transactions: Iterable[Transaction], channel: str | None
) -> Sequence[ShopRow]:
    """The rows of a payment: one for each of its transactions that succeeded."""
    by_hand = payment.gateway == CustomPaymentChoices.MANUAL
    record = Record(
        provider=None if by_hand else _foreign(payment.gateway),
        payment=payment.psp_reference or "",
        # Saleor's own Stripe gateway writes it in lower case.
        currency=payment.currency.upper(),
        channel=channel,
        order_id=payment.order_id,
    )
    done = [each for each in transactions if is_done(each)]
    done.sort(key=lambda row: row.pk)
    return [_row_of_transaction(record, row, done) for row in done]


def is_done(row: Transaction) -> bool:
    """Whether the gateway says that it happened, and not that the customer has to do more."""
    return bool(row.kind in TRANSACTION_MOVES and row.is_success and not row.action_required)


def _row_of_transaction(record: Record, row: Transaction, done: Sequence[Transaction]) -> ShopRow:
    key, kind, amount = transaction_key(row), TRANSACTION_MOVES[row.kind], row.amount
    if row.kind == TransactionKind.EXTERNAL and record.provider is not None:
        return ShopRow(key)
    if row.kind == TransactionKind.CAPTURE_FAILED:
        captured = (each.kind == TransactionKind.CAPTURE for each in done if each.pk < row.pk)
        amount = -amount if any(captured) else Decimal(0)
    return record.row(key, kind, amount, row.token, row.created_at)
