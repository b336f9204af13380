"""How others than paylink take money in Saleor: payment apps, older gateways, staff."""

from datetime import datetime
from typing import Any

from saleor.app.models import App
from saleor.channel.models import Channel
from saleor.order.models import Order

from tests.saleor.client import Api
from tests.saleor.orders import global_id

CREATE = """mutation($id: ID!, $transaction: TransactionCreateInput!) {
    transactionCreate(id: $id, transaction: $transaction) {
        transaction { id } errors { field message code }
    }
}"""
UPDATE = """mutation($id: ID!, $transaction: TransactionUpdateInput!) {
    transactionUpdate(id: $id, transaction: $transaction) {
        transaction { id } errors { field message code }
    }
}"""
REPORT = """mutation(
    $id: ID!, $type: TransactionEventTypeEnum!, $amount: PositiveDecimal!, $psp: String!,
    $time: DateTime
) {
    transactionEventReport(
        id: $id, type: $type, amount: $amount, pspReference: $psp, time: $time
    ) {
        alreadyProcessed transaction { chargedAmount { amount } } errors { field message code }
    }
}"""
MARK_AS_PAID = "mutation($id: ID!) { orderMarkAsPaid(id: $id) { errors { field message code } } }"
REFUND = """mutation($id: ID!, $amount: PositiveDecimal!) {
    orderRefund(id: $id, amount: $amount) { errors { field message code } }
}"""


class PaymentApp:
    """An app as those that take payments: it makes a transaction and reports what happens."""

    def __init__(self, app: App, currency: str = "USD") -> None:
        self.api = Api(app)
        self.currency = currency

    def open(self, order: Order, **amounts: str) -> str:
        """A transaction; `amounts` are figures that it states, by their names in Saleor."""
        made = self.api.do(
            CREATE,
            id=global_id(order),
            transaction={"name": "Card", **figures(self.currency, **amounts)},
        )
        return str(made["transaction"]["id"])

    def update(self, item: str, **amounts: str) -> None:
        """State other figures."""
        self.api.do(UPDATE, id=item, transaction=figures(self.currency, **amounts))

    def report(
        self, item: str, type: str, amount: str, psp: str, time: datetime | None = None
    ) -> dict[str, Any]:
        """What has happened, at that time; None: now."""
        at = time and time.isoformat()
        return self.api.do(REPORT, id=item, type=type, amount=amount, psp=psp, time=at)


def figures(currency: str, **amounts: str) -> dict[str, dict[str, str]]:
    """Of a transaction, as its inputs take them."""
    return {name: {"amount": amount, "currency": currency} for name, amount in amounts.items()}


def mark_as_paid(order: Order, flow: str) -> None:
    channels = Channel.objects.filter(pk=order.channel_id)
    usual = channels.get().order_mark_as_paid_strategy
    channels.update(order_mark_as_paid_strategy=flow)
    try:
        Api("admin").do(MARK_AS_PAID, id=global_id(order))
    finally:
        channels.update(order_mark_as_paid_strategy=usual)
