"""Speaking GraphQL to a shop, as one person or as nobody."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from requests import Session

Json = dict[str, Any]
TIMEOUT_SECONDS = 60


class Denied(Exception):
    """The answer's top-level errors; `code` is the cause by name, as in PermissionDenied."""

    def __init__(self, errors: list[Json]) -> None:
        super().__init__(errors)
        first = errors[0]
        self.message: str = first["message"]
        self.code: str = first.get("extensions", {}).get("exception", {}).get("code", "")


class Refused(Exception):
    """A mutation's own errors, of which the first is told."""

    def __init__(self, errors: list[Json]) -> None:
        super().__init__(errors)
        first = errors[0]
        self.code: str = first["code"]
        self.field: str | None = first["field"]
        self.message: str = first["message"]


class GraphQL:
    """A shop's GraphQL endpoint. Amounts come back as exact decimals.

    `address` is where it is asked from, as a shop's proxy would say.
    """

    def __init__(self, url: str, token: str | None = None, address: str | None = None) -> None:
        self._url = url
        self._http = Session()
        self._http.trust_env = False
        if token is not None:
            self._http.headers["Authorization"] = f"Bearer {token}"
        if address is not None:
            self._http.headers["X-Forwarded-For"] = address

    def answer(self, query: str, variables: Mapping[str, Any] | None = None) -> Json:
        """`data` and, where there are any, `errors`. What the query cost is left out."""
        asked = {"query": query, "variables": variables or {}}
        response = self._http.post(self._url, json=asked, timeout=TIMEOUT_SECONDS)
        body: Json = response.json(parse_float=Decimal)
        body.pop("extensions", None)
        return body

    def ask(self, query: str, variables: Mapping[str, Any] | None = None) -> Json:
        """The data. Raises Denied where there are top-level errors."""
        body = self.answer(query, variables)
        if body.get("errors"):
            raise Denied(body["errors"])
        data: Json = body["data"]
        return data

    def change(self, mutation: str, variables: Mapping[str, Any]) -> Json:
        """What a document's one mutation answers. Raises Refused where it has errors, Denied."""
        (answer,) = self.ask(mutation, variables).values()
        if answer["errors"]:
            raise Refused(answer["errors"])
        done: Json = answer
        return done


def log_in(url: str, email: str, password: str, address: str | None = None) -> GraphQL:
    """The endpoint as seen by that user."""
    answer = GraphQL(url).change(
        """mutation ($email: String!, $password: String!) {
          tokenCreate(email: $email, password: $password) {
            token errors { field message code }
          }
        }""",
        {"email": email, "password": password},
    )
    return GraphQL(url, answer["token"], address)
