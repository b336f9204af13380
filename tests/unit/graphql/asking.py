"""Speaking GraphQL to the sandbox shop."""

from typing import Any

from django.http import HttpResponse
from django.test import Client
from graphene import Node

from sandbox.shop.auth import token_for
from sandbox.shop.models import User


class Asking:
    """The shop's GraphQL, as asked over HTTP."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def post(
        self, query: str, user: User | None, variables: dict[str, Any], language: str = "en"
    ) -> HttpResponse:
        headers = {"Accept-Language": language}
        if user:
            headers["Authorization"] = f"Bearer {token_for(user)}"
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

    def refusal(
        self, query: str, user: User | None = None, **variables: Any
    ) -> tuple[str, str | None]:
        """Code and field of the one error that the document's one mutation answers."""
        (answer,) = self(query, user, **variables).values()
        (error,) = answer["errors"]
        assert error["message"]
        return error["code"], error["field"]


def global_id(thing: Any) -> str:
    """As clients name an order or a link."""
    return str(Node.to_global_id(type(thing).__name__, thing.id))
