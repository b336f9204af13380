"""What it costs Saleor's database that paylink offers to collect what was just ordered."""

from collections.abc import Callable, Iterator

import graphene
import pytest
import saleor
from django.conf import settings
from django.db import connections
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from saleor.channel.models import Channel
from saleor.order.models import Order
from saleor.product.models import ProductVariant

from saleor_paylink.models import PaymentCollection
from tests.saleor.client import Api
from tests.saleor.orders import COMPLETE, draft, global_id
from tests.saleor.populate import ADDRESS

# What is owed is read, and the offer is written; both at once.
READ, WRITE = 1, 1
# Saleor reads the channel anew for each plugin that is set up for channels, active or not.
SALEORS = 1

CHECKOUT_CREATE = """mutation($input: CheckoutCreateInput!) {
    checkoutCreate(input: $input) { checkout { id } errors { field message code } }
}"""
CHECKOUT_COMPLETE = """mutation($id: ID!) {
    checkoutComplete(id: $id) { order { id isPaid } errors { field message code } }
}"""


@pytest.fixture(autouse=True)
def celery() -> Iterator[None]:
    """As in production: what is queued is done elsewhere."""
    with override_settings(CELERY_TASK_ALWAYS_EAGER=False):
        yield


def cost(make: Callable[[], Callable[[], object]]) -> int:
    """How many statements more than without paylink the second work takes that `make` prepares:
    Saleor keeps some of what it reads for the first."""
    without = [each for each in settings.PLUGINS if not each.startswith("saleor_paylink.")]
    with override_settings(PLUGINS=without):
        statements(make())
        before = statements(make())
    return statements(make()) - before


def statements(work: Callable[[], object]) -> int:
    with CaptureQueriesContext(connections["default"]) as made:
        work()
    return len(made)


def completing(*args: str) -> Callable[[], Callable[[], object]]:
    def make() -> Callable[[], object]:
        order_id = global_id(draft(*args))
        return lambda: Api("admin").do(COMPLETE, id=order_id)

    return make


def buying(sku: str) -> Callable[[], Callable[[], object]]:
    """What a customer does without staff."""

    def make() -> Callable[[], object]:
        variant = ProductVariant.objects.get(sku=sku)
        line = {"variantId": graphene.Node.to_global_id("ProductVariant", variant.pk)}
        basket = {
            "channel": "default-channel",
            "email": "buyer@example.com",
            "billingAddress": ADDRESS,
            "lines": [{**line, "quantity": 1}],
        }
        made = Api(None).do(CHECKOUT_CREATE, input=basket)
        return lambda: Api(None).do(CHECKOUT_COMPLETE, id=made["checkout"]["id"])

    return make


def newest() -> Order:
    return Order.objects.exclude(status="draft").latest("number")


@pytest.fixture
def unpaid_orders() -> Iterator[None]:
    rows = Channel.objects.filter(slug="default-channel")
    rows.update(allow_unpaid_orders=True)
    yield
    rows.update(allow_unpaid_orders=False)


def test_an_offer_takes_two_statements() -> None:
    assert cost(completing()) == READ + WRITE + SALEORS
    assert PaymentCollection.objects.get(order_id=newest().pk).prompt_pending


def test_an_amount_that_no_method_takes_takes_one() -> None:
    assert cost(completing("channel-kwd", "CRUMB")) == READ + SALEORS
    assert not PaymentCollection.objects.filter(order_id=newest().pk).exists()


@pytest.mark.parametrize("channel", ["channel-keyless", "channel-inactive"])
def test_where_nothing_can_be_collected_nothing_is_looked_at(channel: str) -> None:
    assert cost(completing(channel)) == SALEORS
    assert not PaymentCollection.objects.filter(order_id=newest().pk).exists()


@pytest.mark.usefixtures("unpaid_orders")
def test_what_a_customer_orders_costs_nothing() -> None:
    assert cost(buying("PLATE")) == SALEORS
    assert newest().charge_status == "none"


def test_what_a_customer_has_paid_at_once_takes_one_look() -> None:
    # Saleor 3.21 has us look once more.
    looks = 2 if saleor.__version__.startswith("3.21.") else 1
    assert cost(buying("GIFT")) == looks * READ + SALEORS
    assert newest().charge_status == "full"


def test_whoever_completes_a_draft_is_told_of_the_offer(admin: Api) -> None:
    done = admin.do(
        """mutation($id: ID!) { draftOrderComplete(id: $id) {
            order { paymentCollection { status promptPending amountDue { amount currency } } }
            errors { message }
        } }""",
        id=global_id(draft()),
    )

    assert done["order"]["paymentCollection"] == {
        "status": "OFFERED",
        "promptPending": True,
        "amountDue": {"amount": 30.0, "currency": "USD"},
    }
