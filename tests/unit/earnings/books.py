"""What tests book."""

from datetime import UTC, datetime
from decimal import Decimal

from saleor_paylink.earnings.ledger import Account, Movement
from saleor_paylink.models import LedgerKind
from saleor_paylink.money import Money

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def movement(
    reference: str,
    amount: str = "10.00",
    kind: LedgerKind = LedgerKind.CHARGE,
    *,
    currency: str = "USD",
    channel: str = "shop",
    provider: str = "stripe",
    at: datetime = NOON,
) -> Movement:
    """One of no order's."""
    money = Money(Decimal(amount), currency)
    return Movement(kind, Account(provider, channel, None), money, reference, at, reference)
