"""Logging in, and what the endpoint says to those who ask it wrongly."""

from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from sandbox.shop.models import App, Order, User

LOG_IN = """mutation($email: String!, $password: String!) {
  tokenCreate(email: $email, password: $password) {
    token user { email isStaff } errors { field code }
  }
}"""


@pytest.fixture
def clerk(clerk: User) -> User:
    clerk.password = make_password("secret")
    clerk.save()
    return clerk


def test_a_token_speaks_for_its_user(ask: Any, client: Client, clerk: User) -> None:
    answer = ask(LOG_IN, email=clerk.email, password="secret")["tokenCreate"]
    assert answer["user"] == {"email": "clerk@example.com", "isStaff": True}
    assert answer["errors"] == []
    listed = client.post(
        "/graphql/",
        {"query": "{ orders(first: 1) { totalCount } }"},
        "application/json",
        headers={"Authorization": f"JWT {answer['token']}"},
    )
    assert listed.json() == {"data": {"orders": {"totalCount": 0}}}


@pytest.mark.parametrize(
    ("email", "password"), [("clerk@example.com", "wrong"), ("nobody@example.com", "secret")]
)
def test_wrong_credentials_get_no_token(ask: Any, clerk: User, email: str, password: str) -> None:
    assert ask(LOG_IN, email=email, password=password)["tokenCreate"] == {
        "token": None,
        "user": None,
        "errors": [{"field": "email", "code": "INVALID_CREDENTIALS"}],
    }


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer forged", "Basic Zm9v", "Bearer a:b:c"])
def test_a_token_that_is_not_ours_speaks_for_nobody(
    client: Client, clerk: User, header: str
) -> None:
    answer = client.post(
        "/graphql/",
        {"query": "{ orders(first: 1) { totalCount } }"},
        "application/json",
        headers={"Authorization": header},
    ).json()
    assert answer["data"] == {"orders": None}
    assert answer["errors"][0]["extensions"] == {"exception": {"code": "PermissionDenied"}}


@pytest.mark.parametrize("body", ["", "not json", "[]", "{}", '"text"', "7"])
def test_a_body_without_a_query_is_a_bad_request(client: Client, body: str) -> None:
    answer = client.post("/graphql/", body, "application/json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"] == "Unable to parse query."


@pytest.mark.parametrize("query", ["{", "{ noSuchField }"])
def test_a_query_that_cannot_be_run_is_a_bad_request(ask: Any, query: str) -> None:
    answer = ask.post(query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["exception"]["code"].startswith("GraphQL")


def test_only_posts_are_answered(client: Client) -> None:
    assert client.get("/graphql/?query={__typename}").status_code == 405


def test_a_fault_of_ours_is_not_told_to_clients(
    ask: Any, clerk: User, order: Order, caplog: pytest.LogCaptureFixture
) -> None:
    Order.objects.filter(pk=order.pk).update(metadata=["no mapping"])
    answer = ask.post("{ orders(first: 1) { edges { node { metadata { key } } } } }", clerk).json()
    (error,) = answer["errors"]
    assert error["message"] == "Internal Server Error"
    assert error["extensions"] == {"exception": {"code": "AttributeError"}}
    assert "A query failed unexpectedly" in caplog.text


def as_app(client: Client, token: str) -> Any:
    return client.post(
        "/graphql/",
        {"query": "{ orders(first: 1) { totalCount } }"},
        "application/json",
        headers={"Authorization": f"Bearer {token}"},
    ).json()


def test_an_apps_token_speaks_for_it(client: Client, db: None) -> None:
    App.objects.create(name="Collector", token="secret", permissions=["MANAGE_ORDERS"])

    assert as_app(client, "secret") == {"data": {"orders": {"totalCount": 0}}}


def test_an_app_without_the_permission_is_denied(client: Client, db: None) -> None:
    App.objects.create(name="Catalogue", token="secret", permissions=["MANAGE_PRODUCTS"])

    assert as_app(client, "secret")["data"] == {"orders": None}


def test_scripts_of_other_origins_may_ask(client: Client, db: None) -> None:
    origin = {"Origin": "https://storefront.example"}

    asked_first = client.options("/graphql/", headers=origin)
    answer = client.post("/graphql/", {"query": "{"}, "application/json", headers=origin)

    assert asked_first.status_code == 200
    assert asked_first["Access-Control-Allow-Headers"].split(", ")[1] == "Content-Type"
    for each in (asked_first, answer):
        assert each["Access-Control-Allow-Origin"] == "https://storefront.example"
        assert each["Vary"] == "Origin"


def test_whoever_has_no_origin_is_told_of_none(client: Client, db: None) -> None:
    answer = client.post("/graphql/", {"query": "{"}, "application/json")

    assert "Access-Control-Allow-Origin" not in answer
