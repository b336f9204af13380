"""Paylink's GraphQL in the sandbox shop, whose types are built upon the sandbox's kit."""

import pytest
from django.test import Client

import sandbox.shop.graphql.schema  # noqa: F401 - the layer cannot be imported without a kit
from saleor_paylink.links.lifecycle import LinkTerms, create
from saleor_paylink.models import PaymentLink
from sandbox.shop import orders
from sandbox.shop.models import Channel, Order, ProductVariant, User
from tests.unit.graphql.asking import Asking


@pytest.fixture
def channel(db: None) -> Channel:
    return Channel.objects.create(
        slug="shop",
        currency="USD",
        plugin_active=True,
        plugin_values={
            "stripe-secret-key": "sk_test_unit",
            "stripe-webhook-secret": "whsec_unit",
            "stripe-methods": "card",
        },
    )


@pytest.fixture
def customer(db: None) -> User:
    return User.objects.create(email="customer@example.com")


@pytest.fixture
def cashier(db: None) -> User:
    """Staff who may do everything with orders and payments."""
    return User.objects.create(
        email="cashier@example.com",
        is_staff=True,
        permissions=["MANAGE_ORDERS", "HANDLE_PAYMENTS"],
    )


@pytest.fixture
def order(channel: Channel, customer: User) -> Order:
    """The customer's: two mugs for 25 USD."""
    mug = ProductVariant.objects.create(
        sku="MUG", product_name="Mug", name="Blue", price="12.50", stock=10
    )
    draft = orders.create_draft(channel, [(mug, 2)], None, user=customer)
    return orders.complete(draft.id, None)


@pytest.fixture
def link(order: Order) -> PaymentLink:
    return create(order.id, LinkTerms(), None)


@pytest.fixture
def ask(client: Client) -> Asking:
    return Asking(client)
