"""A shop with a channel that confirms orders itself, one that does not, and a mug to sell."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from sandbox.shop import orders
from sandbox.shop.auth import token_for
from sandbox.shop.models import Channel, Order, ProductVariant, User
from sandbox.shop.shop import SandboxShop


@pytest.fixture
def shop() -> SandboxShop:
    return SandboxShop()


@pytest.fixture
def channel(db: None) -> Channel:
    return Channel.objects.create(slug="usd", currency="USD", plugin_active=True)


@pytest.fixture
def careful_channel(db: None) -> Channel:
    return Channel.objects.create(slug="careful", currency="USD", auto_confirm=False)


@pytest.fixture
def mug(db: None) -> ProductVariant:
    return ProductVariant.objects.create(
        sku="MUG", product_name="Mug", name="Blue", price="12.50", stock=10
    )


@pytest.fixture
def clerk(db: None) -> User:
    return User.objects.create(
        email="clerk@example.com", is_staff=True, permissions=["MANAGE_ORDERS"]
    )


@pytest.fixture
def draft(channel: Channel, mug: ProductVariant) -> Order:
    """Two mugs for 25 USD."""
    return orders.create_draft(channel, [(mug, 2)], None, email="customer@example.com")


@pytest.fixture
def order(draft: Order) -> Order:
    """Two mugs for 25 USD, completed and confirmed by the channel."""
    return orders.complete(draft.id, None)


@pytest.fixture
def careful_order(careful_channel: Channel, mug: ProductVariant) -> Order:
    """Two mugs for 25 USD, completed and waiting to be confirmed."""
    draft = orders.create_draft(careful_channel, [(mug, 2)], None)
    return orders.complete(draft.id, None)


class Asking:
    """The shop's GraphQL, as asked over HTTP."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def post(self, query: str, user: User | None = None, **variables: Any) -> HttpResponse:
        headers = {"Authorization": f"Bearer {token_for(user)}"} if user else {}
        body = {"query": query, "variables": variables}
        return self._client.post("/graphql/", body, "application/json", headers=headers)

    def __call__(self, query: str, user: User | None = None, **variables: Any) -> Any:
        """The data of an answer that has no top-level errors."""
        answer = self.post(query, user, **variables).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def denied(self, query: str, user: User | None = None, **variables: Any) -> str:
        """The message of the one top-level error, which is PermissionDenied."""
        (error,) = self.post(query, user, **variables).json()["errors"]
        assert error["extensions"] == {"exception": {"code": "PermissionDenied"}}
        return str(error["message"])


@pytest.fixture
def ask(client: Client) -> Asking:
    return Asking(client)


@pytest.fixture
def foreigner(db: None) -> User:
    """Staff with every permission, in another channel."""
    return User.objects.create(
        email="foreigner@example.com",
        is_staff=True,
        permissions=["MANAGE_ORDERS", "HANDLE_PAYMENTS"],
        channels=["elsewhere"],
    )


@pytest.fixture
def outsider(db: None) -> User:
    """Staff without a permission for orders."""
    return User.objects.create(email="outsider@example.com", is_staff=True)


@pytest.fixture
def customer(db: None) -> User:
    return User.objects.create(email="customer@example.com")
