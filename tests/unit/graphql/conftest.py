"""Paylink's GraphQL in the sandbox shop, whose types are built upon the sandbox's kit."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from graphene import Node

import sandbox.shop.graphql.schema  # noqa: F401 - the layer cannot be imported without a kit
from saleor_paylink.links.lifecycle import LinkTerms, create
from saleor_paylink.models import PaymentLink
from sandbox.shop import orders
from sandbox.shop.auth import token_for
from sandbox.shop.models import Channel, Order, ProductVariant, User


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


class Asking:
    """The shop's GraphQL, as asked over HTTP."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def post(self, query: str, user: User | None, variables: dict[str, Any]) -> HttpResponse:
        headers = {"Authorization": f"Bearer {token_for(user)}"} if user else {}
        body = {"query": query, "variables": variables}
        return self._client.post("/graphql/", body, "application/json", headers=headers)

    def __call__(self, query: str, user: User | None = None, **variables: Any) -> Any:
        """The data of an answer that has no top-level errors."""
        answer = self.post(query, user, variables).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def denied(self, query: str, user: User | None = None, **variables: Any) -> None:
        """The one top-level error is PermissionDenied."""
        (error,) = self.post(query, user, variables).json()["errors"]
        assert error["extensions"] == {"exception": {"code": "PermissionDenied"}}


@pytest.fixture
def ask(client: Client) -> Asking:
    return Asking(client)


def global_id(thing: Any) -> str:
    """As clients name an order or a link."""
    return str(Node.to_global_id(type(thing).__name__, thing.pk))


@pytest.fixture
def refusal(ask: Asking) -> Callable[..., tuple[str, str | None]]:
    """Code and field of the one error that a document's one mutation answers."""

    def refused(query: str, user: User | None = None, **variables: Any) -> tuple[str, str | None]:
        (answer,) = ask(query, user, **variables).values()
        (error,) = answer["errors"]
        assert error["message"]
        return error["code"], error["field"]

    return refused
