"""Payment pages' views for tests: two mugs in the channel "shop", 25 USD due."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from saleor_paylink.brand import Brand
from saleor_paylink.links.bearer import LastTry, PaymentRequestView, RequestStatus
from saleor_paylink.links.dues import revision_of
from saleor_paylink.links.receipts import Receipt
from saleor_paylink.models import PaymentLink
from saleor_paylink.money import Money
from saleor_paylink.providers.interface import Method, MethodKind
from saleor_paylink.shop import LineView, OrderState, OrderView

ORDER = UUID("6f1c2f2c-3a51-4d0c-9a37-3f8d2b1c0e55")
NOON = datetime(2026, 3, 7, 12, 0, tzinfo=UTC)
CARD = Method("stripe:card", "stripe", "Card")
KLARNA = Method("stripe:klarna", "stripe", "Klarna", MethodKind.LATER)


def money(amount: str, currency: str = "USD") -> Money:
    return Money(Decimal(amount), currency)


def mugs(currency: str = "USD", price: str = "25.00", **changes: Any) -> OrderView:
    """An order of two mugs that cost `price` together."""
    view = OrderView(
        id=ORDER,
        number="21",
        channel="shop",
        channel_id="1",
        state=OrderState.UNCONFIRMED,
        lines=[LineView("Mug", "Blue", 2, money("12.50", currency), money(price, currency))],
        subtotal=money(price, currency),
        shipping=money("0", currency),
        discount=money("0", currency),
        tax=money("0", currency),
        total=money(price, currency),
        charged=money("0", currency),
        reserved=money("0", currency),
        email="customer@example.com",
        language="en",
    )
    return replace(view, **changes)


def page(status: str = "due", order: OrderView | None = None, **changes: Any) -> PaymentRequestView:
    """The page's view of `order`, by default of two mugs that nothing has been paid of yet."""
    order = order or mugs()
    due = order.total if status == "due" else money("0", order.currency)
    view = PaymentRequestView(
        status=RequestStatus(status),
        link=PaymentLink(order_id=order.id, channel="shop", currency=order.currency),
        shop_name="The Mug Shop",
        brand=Brand(),
        order=order,
        amount_due=due,
        amount_paid=money("0", order.currency),
        set_aside=money("0", order.currency),
        revision=revision_of(order.id, due),
        methods=[CARD] if status == "due" else [],
        page_sources=["https://pay.example"],
        message="",
        expires_at=None,
        receipts=[],
        merchant=[],
        is_given_back=False,
        returned=money("0", order.currency),
        test_mode=False,
        last_try=None,
        changes=(),
    )
    return replace(view, **changes)


def tried(decline: str | None = "Your card was declined.", method: Method = CARD) -> LastTry:
    return LastTry(method.id, method.name, money("25.00"), NOON, decline)


def receipt(amount: str = "25.00", currency: str = "USD") -> Receipt:
    return Receipt("21-1", money(amount, currency), "Card", NOON, "pi_3PqXb2LkdIwHu7ix0aB1c2D3")
