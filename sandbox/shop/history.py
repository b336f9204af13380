"""A year of business behind a shop, for a person to look at: always the same one, up to today.

Orders, the shop's records of their money and paylink's ledger agree, as if all had been paid.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from saleor_paylink.earnings.ledger import MANUAL_PROVIDER, Account, Movement, book_many
from saleor_paylink.models import LedgerKind
from saleor_paylink.money import Money
from saleor_paylink.shop import Charge, ManualPayment, Refund
from sandbox.shop import orders, payments, refunds
from sandbox.shop.models import Channel, Order, ProductVariant

DAYS = 400
EVERY = (2, 5)  # days, from one order to the next
PIECES = (1, 9)
CHANNELS = ("default-channel", "default-channel", "default-channel", "channel-eur")
PROVIDER = "stripe"
# Of so many orders one is paid by hand, and one is given back.
BY_HAND, GIVEN_BACK = 6, 11
FEE = Decimal("0.029")
CENT = Decimal("0.01")


@transaction.atomic
def make_history() -> None:
    """Nothing where there are orders already."""
    if Order.objects.exists():
        return
    dice = random.Random(1)
    mug = ProductVariant.objects.get(sku="MUG")
    moved: list[Movement] = []
    at = timezone.now() - timedelta(days=DAYS)
    while (at := at + timedelta(days=dice.randint(*EVERY), minutes=dice.randint(0, 600))) < (
        timezone.now() - timedelta(hours=1)
    ):
        channel = Channel.objects.get(slug=dice.choice(CHANNELS))
        items = [(mug, dice.randint(*PIECES))]
        draft = orders.create_draft(channel, items, None, email="ada@example.com", created_at=at)
        order = orders.complete(draft.id, None)
        moved += _by_hand(order, at) if dice.randrange(BY_HAND) == 0 else _paid(order, at, dice)
    book_many(moved)


def _by_hand(order: Order, at: datetime) -> Iterator[Movement]:
    total, key = order.money(order.total), f"history-{order.number}"
    payments.record_manual_payment(order.id, ManualPayment(key, total, "till 7", ""), None)
    account = Account(MANUAL_PROVIDER, order.channel.slug, order.id)
    yield Movement(LedgerKind.MANUAL, account, total, key, at)


def _paid(order: Order, at: datetime, dice: random.Random) -> Iterator[Movement]:
    total, payment = order.money(order.total), f"pi_history{order.number}"
    account = Account(PROVIDER, order.channel.slug, order.id)
    payments.record_charge(order.id, Charge(PROVIDER, payment, "Card", total, at, True))
    fee = Money((total.amount * FEE).quantize(CENT), total.currency)
    yield Movement(LedgerKind.CHARGE, account, total, payment, at, payment)
    yield Movement(LedgerKind.FEE, account, fee, payment, at, payment)
    if dice.randrange(GIVEN_BACK) == 0:
        refund, later = f"re_history{order.number}", at + timedelta(minutes=50)
        refunds.record(order.id, Refund(PROVIDER, refund, payment, total, later))
        yield Movement(LedgerKind.REFUND, account, total, refund, later, payment)
