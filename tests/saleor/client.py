"""Saleor's GraphQL API, asked in this process as one of the stage's people."""

import json
from typing import Any

from django.test import Client
from saleor.account.models import User
from saleor.app.models import App
from saleor.core.db.connection import allow_writer
from saleor.core.jwt import create_access_token

from sandbox.stage import PEOPLE


class Api:
    """Asks as the person of that key in PEOPLE, or as an app; None: as a visitor."""

    def __init__(self, who: str | App | None) -> None:
        self._http = Client()
        self._headers = authorization(who)

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer: `data` and, where there are any, `errors`."""
        answer = self._http.post(
            "/graphql/",
            json.dumps({"query": query, "variables": variables}),
            content_type="application/json",
            headers=self._headers,
        )
        return json.loads(answer.content)

    def do(self, mutation: str, **variables: Any) -> dict[str, Any]:
        """The result of the one mutation asked for, which has to succeed."""
        answer = self.ask(mutation, **variables)
        assert "errors" not in answer, answer["errors"]
        (result,) = answer["data"].values()
        assert not result["errors"], result["errors"]
        return result


def authorization(who: str | App | None) -> dict[str, str]:
    """The header by which somebody is known, as for Api."""
    if who is None:
        return {}
    with allow_writer():
        return {"Authorization": f"Bearer {_token(who)}"}


def _token(who: str | App) -> str:
    if isinstance(who, App):
        _stored, token = who.tokens.create(name="test")
        return str(token)
    return str(create_access_token(User.objects.get(email=PEOPLE[who].email)))
