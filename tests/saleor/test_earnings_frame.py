"""What the frame of the earnings asks for in Saleor: by Saleor's own permissions and channels."""

import csv
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from asgiref.sync import async_to_sync
from django.http import HttpResponse, StreamingHttpResponse
from django.test import AsyncClient, Client
from saleor.account.models import User
from saleor.app.models import App
from saleor.core.db.connection import allow_writer
from saleor.core.jwt import create_access_token, create_access_token_for_app
from saleor.order.models import Order

from saleor_paylink.links.lifecycle import mark_paid
from sandbox.stage import DOOR_ID, PEOPLE, PLUGIN_ID
from tests.saleor.orders import completed, global_id, link_of
from tests.saleor.test_frames import BOTH, app_with, renewed

ROOT = f"/plugins/{DOOR_ID}/dashboard/earnings"
FORM = "application/x-www-form-urlencoded"

Speak = Callable[[str], str]


@pytest.fixture
def app() -> Iterator[App]:
    made = app_with(PLUGIN_ID, BOTH)
    yield made
    made.delete()


@pytest.fixture
def session(app: App) -> Speak:
    """The token of a session, as the frame of that person has it."""
    return lambda person: renewed(create_access_token_for_app(app, user_of(person)))


def user_of(person: str) -> User:
    return User.objects.get(email=PEOPLE[person].email)


def read(name: str, token: str, **asked: str) -> HttpResponse:
    asked = {"first": "25", "order": "1", **asked}
    return Client().get(f"{ROOT}/{name}", asked, headers={"Authorization": f"Bearer {token}"})


def export(token: str, **asked: str) -> Any:
    return Client().post(f"{ROOT}/export", urlencode({"token": token, **asked}), content_type=FORM)


def by_hand() -> Order:
    """An order of the default channel that staff have marked as paid."""
    order = completed()
    link_of(order)
    with allow_writer():
        mark_paid(order.pk, None)
    return order


def of_order(rows: list[dict[str, str]], order: Order) -> list[tuple[str, Decimal, str]]:
    return [
        (row["kind"], Decimal(row["amount"]), row["in_earnings"])
        for row in rows
        if row["order"] == str(order.number)
    ]


def test_whoever_handles_payments_is_shown_movements_a_file_and_why(session: Speak) -> None:
    order = by_hand()
    token = session("cashier")

    listed = json.loads(read("movements", token).content)
    (node,) = [
        edge["node"]
        for edge in listed["edges"]
        if edge["node"]["order"] and edge["node"]["order"]["number"] == str(order.number)
    ]
    why = json.loads(read("why", token, order=str(order.number)).content)
    answer = export(token)

    assert (node["kind"], node["order"]["id"]) == ("manual", global_id(order))
    assert Decimal(node["amount"]["amount"]) == order.total_gross_amount
    assert (why["orderId"], [each["because"] for each in why["reasons"]]) == (
        global_id(order),
        ["BY_HAND"],
    )
    assert isinstance(answer, StreamingHttpResponse)
    rows = list(csv.DictReader(answer.getvalue().decode().splitlines()))
    assert of_order(rows, order) == [("manual", order.total_gross_amount, "no")]


def test_under_asgi_as_saleor_is_run_the_file_comes_in_pieces(session: Speak) -> None:
    order, token = by_hand(), session("cashier")

    async def taken() -> bytes:
        body = urlencode({"token": token})
        answer: Any = await AsyncClient().post(f"{ROOT}/export", body, content_type=FORM)
        assert answer.is_async
        return b"".join([piece async for piece in answer.streaming_content])

    rows = list(csv.DictReader(async_to_sync(taken)().decode().splitlines()))
    assert of_order(rows, order) == [("manual", order.total_gross_amount, "no")]


def test_the_setting_names_the_channels_that_a_person_may_see(session: Speak) -> None:
    everybodys = json.loads(read("setting", session("cashier")).content)
    foreigners = json.loads(read("setting", session("foreigner")).content)

    assert "default-channel" in everybodys["channels"]
    assert foreigners["channels"] == ["channel-jpy"]


def test_another_channels_money_stays_hidden(session: Speak) -> None:
    order = by_hand()
    token = session("foreigner")

    listed = json.loads(read("movements", token).content)
    why = json.loads(read("why", token, order=str(order.number)).content)
    rows = list(csv.DictReader(export(token).getvalue().decode().splitlines()))

    assert {edge["node"]["channel"] for edge in listed["edges"]} <= {"channel-jpy"}
    assert why == {"reasons": [{"because": "HIDDEN"}], "lines": []}
    assert of_order(rows, order) == []
    assert read("movements", token, channel="default-channel").status_code == 403
    assert export(token, channel="default-channel").status_code == 403


@pytest.mark.parametrize("name", ["setting", "movements", "why"])
def test_who_may_not_handle_payments_is_refused(session: Speak, name: str) -> None:
    assert read(name, session("clerk")).status_code == 403
    assert export(session("clerk")).status_code == 403


def test_no_other_token_is_taken_though_saleors_graphql_would(app: App) -> None:
    other = app_with("somebody.else", BOTH)
    tokens = [
        "",
        "nonsense",
        create_access_token(user_of("cashier")),
        create_access_token_for_app(other, user_of("cashier")),
    ]
    other.delete()

    assert {read("movements", token).status_code for token in tokens} == {401}
    assert {export(token).status_code for token in tokens} == {401}


def test_a_user_who_is_let_go_is_refused_at_once(session: Speak) -> None:
    token = session("cashier")
    users = User.objects.filter(email=PEOPLE["cashier"].email)
    users.update(is_active=False)

    statuses = (read("movements", token).status_code, export(token).status_code)

    users.update(is_active=True)
    assert statuses == (401, 401)
