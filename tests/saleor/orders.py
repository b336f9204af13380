"""Orders for tests, made as staff make them, and what happened to them."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import graphene
from saleor.channel.models import Channel
from saleor.order.models import Order
from saleor.payment.models import TransactionItem
from saleor.product.models import ProductVariant

from saleor_paylink.links.lifecycle import LinkTerms, create
from saleor_paylink.models import PaymentLink
from saleor_paylink.money import Money
from saleor_paylink.shop import Charge, Refund, current_shop
from tests.saleor import recorder
from tests.saleor.client import Api
from tests.saleor.populate import ADDRESS

PAID_AT = datetime(2026, 5, 4, 12, tzinfo=UTC)
CREATE = """mutation($input: DraftOrderCreateInput!) {
    draftOrderCreate(input: $input) { order { id %s } errors { field message code } }
}"""
COMPLETE = """mutation($id: ID!) {
    draftOrderComplete(id: $id) { order { id status } errors { field message code } }
}"""
# What lists of orders are asked for, all of paylink's at once.
OF_AN_ORDER = """
  paymentCollection { status amountDue { amount } links { url } exceptions { id } }
  paymentLink {
    url qrCode nextReminderAt status amountDue { amount } attempts { id } events { message }
  }
"""


def draft(channel: str = "default-channel", sku: str = "PLATE", quantity: int = 1) -> Order:
    """A draft, by default of one plate for 30.00 USD."""
    return draft_of({sku: quantity}, channel)


def draft_of(lines: Mapping[str, int], channel: str, *, by: str = "admin", seen: str = "") -> Order:
    """A draft; `lines`: quantities by SKU; `seen`: what whoever makes it is shown of it."""
    made = Api(by).do(
        CREATE % seen,
        input={
            "channelId": graphene.Node.to_global_id(
                "Channel", Channel.objects.get(slug=channel).pk
            ),
            "userEmail": "buyer@example.com",
            "billingAddress": ADDRESS,
            "lines": [
                {
                    "variantId": graphene.Node.to_global_id(
                        "ProductVariant", ProductVariant.objects.get(sku=sku).pk
                    ),
                    "quantity": quantity,
                }
                for sku, quantity in lines.items()
            ],
        },
    )
    return Order.objects.get(pk=graphene.Node.from_global_id(made["order"]["id"])[1])


def completed(channel: str = "default-channel", sku: str = "PLATE", quantity: int = 1) -> Order:
    """A completed order, and nobody has heard of it yet."""
    order = draft(channel, sku, quantity)
    Api("admin").do(COMPLETE, id=global_id(order))
    recorder.reset()
    order.refresh_from_db()
    return order


def held(channel: str = "default-channel", **kwargs: object) -> Order:
    """A completed order on hold, and nobody has heard of it yet."""
    order = completed(channel, **kwargs)
    current_shop().hold(order.pk)
    recorder.reset()
    order.refresh_from_db()
    assert order.status == "unconfirmed"
    return order


def change_quantity(order: Order, quantity: int) -> None:
    """Edit the order's only line; nobody has heard of it yet."""
    Api("admin").do(
        """mutation($id: ID!, $quantity: Int!) {
            orderLineUpdate(id: $id, input: {quantity: $quantity}) { errors { field message } }
        }""",
        id=graphene.Node.to_global_id("OrderLine", order.lines.get().pk),
        quantity=quantity,
    )
    recorder.reset()


def link_of(order: Order) -> PaymentLink:
    """The order's payment link, created now."""
    return create(order.pk, LinkTerms(), None)


def global_id(order: Order) -> str:
    return graphene.Node.to_global_id("Order", order.pk)


def charge(
    amount: str = "30",
    *,
    releases: bool = True,
    reference: str | None = None,
    currency: str = "USD",
) -> Charge:
    return Charge(
        provider="stripe",
        reference=reference or f"pi_{uuid4().hex}",
        method="stripe:card",
        amount=Money(Decimal(amount), currency),
        paid_at=PAID_AT,
        releases_order=releases,
        provider_url="https://dashboard.stripe.com/test/payments/pi",
    )


def refund(of: Charge, amount: str, reference: str | None = None) -> Refund:
    return Refund(
        provider="stripe",
        reference=reference or f"re_{uuid4().hex}",
        charge_reference=of.reference,
        amount=Money(Decimal(amount), of.amount.currency),
        at=PAID_AT,
    )


def items(order: Order) -> list[TransactionItem]:
    return list(order.payment_transactions.order_by("pk"))


def history(order: Order) -> Counter[str]:
    """How often each kind of event stands in the order's history."""
    return Counter(order.events.values_list("type", flat=True))


def money_state(order_id: UUID) -> tuple[str, str, Decimal]:
    """Status, charge status and what was charged, as stored."""
    order = Order.objects.get(pk=order_id)
    return order.status, order.charge_status, order.total_charged_amount
