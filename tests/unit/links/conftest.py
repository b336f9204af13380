"""A sandbox shop whose channel takes payments at a Stripe simulator over HTTP."""

from collections.abc import Callable, Iterator

import pytest

from saleor_paylink.links.lifecycle import LinkTerms, create
from saleor_paylink.models import PaymentLink
from sandbox.shop import orders
from sandbox.shop.models import Channel, Order, ProductVariant
from sandbox.stripe import Simulator
from sandbox.stripe.server import Server, serve
from tests.unit.links.helpers import CLERK, KEY, SECRET, Customer


@pytest.fixture
def stripe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server = serve()
    monkeypatch.setenv("PAYLINK_STRIPE_API_BASE", server.url)
    yield server
    server.close()


@pytest.fixture
def simulator(stripe: Server) -> Simulator:
    return stripe.simulator


@pytest.fixture
def channel(transactional_db: None) -> Channel:
    return Channel.objects.create(
        slug="shop",
        currency="USD",
        plugin_active=True,
        plugin_values={
            "stripe-secret-key": KEY,
            "stripe-webhook-secret": SECRET,
            "stripe-methods": "card us_bank_account",
        },
    )


@pytest.fixture
def mug(transactional_db: None) -> ProductVariant:
    return ProductVariant.objects.create(
        sku="MUG", product_name="Mug", name="Blue", price="12.50", stock=100
    )


@pytest.fixture
def make_order(channel: Channel, mug: ProductVariant) -> Callable[..., Order]:
    """A completed order of `quantity` mugs at 12.50 USD."""

    def make(quantity: int = 2, email: str = "customer@example.com") -> Order:
        draft = orders.create_draft(channel, [(mug, quantity)], None, email=email)
        return orders.complete(draft.id, None)

    return make


@pytest.fixture
def order(make_order: Callable[..., Order], stripe: Server) -> Order:
    """Two mugs, 25 USD, confirmed by the channel at once."""
    return make_order()


@pytest.fixture
def link(order: Order) -> PaymentLink:
    return create(order.id, LinkTerms(), CLERK)


@pytest.fixture
def customer(link: PaymentLink) -> Customer:
    return Customer(link)
