"""What the frame of the earnings asks for: by whom it may be asked, and what is answered."""

import csv
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from asgiref.sync import async_to_sync
from django.http import HttpResponseBase, StreamingHttpResponse
from django.test import AsyncRequestFactory, RequestFactory
from graphene import Node

from saleor_paylink.earnings import exporting
from saleor_paylink.earnings.ledger import book_many
from saleor_paylink.earnings.rollups import fold
from saleor_paylink.links.lifecycle import mark_paid
from saleor_paylink.links.limits import Limit
from saleor_paylink.models import LedgerKind, PaymentLink
from saleor_paylink.web.dashboard import earnings
from saleor_paylink.web.dashboard.serve import serve_frames
from saleor_paylink.web.streaming import streamed
from saleor_paylink.web.views import FORM
from sandbox.shop import auth, extensions
from sandbox.shop.extensions import APP_PERMISSIONS, ROOT, SandboxDesk
from sandbox.shop.models import App, Channel, Order, User
from tests.unit.earnings.books import NOON, movement
from tests.unit.links.helpers import CLERK

pytestmark = pytest.mark.django_db
READS = ("setting", "providers", "movements", "why")
CALLS = (*READS, "export")


def staff(*permissions: str, channels: list[str] | None = None, **fields: Any) -> User:
    fields = {"email": "staff@example.com", "is_staff": True} | fields
    user: User = User.objects.create(permissions=list(permissions), channels=channels, **fields)
    return user


def session_of(user: User) -> str:
    return extensions._token(user, APP_PERMISSIONS, datetime.now(UTC))


def call(name: str, token: str, **asked: str) -> HttpResponseBase:
    """One of the five, as the frame calls it."""
    path = f"earnings/{name}"
    if name == "export":
        body = urlencode({"token": token, **asked})
        request = RequestFactory().post(f"{ROOT}{path}", body, content_type=FORM)
    else:
        asked = {"first": "25", "order": "1", "currency": "USD", **asked}
        headers = {"Authorization": f"Bearer {token}"}
        request = RequestFactory().get(f"{ROOT}{path}", asked, headers=headers)
    return serve_frames(request, path, SandboxDesk())


def answer(name: str, token: str, **asked: str) -> Any:
    response: Any = call(name, token, **asked)
    assert response.status_code == 200
    return json.loads(response.content)


def file(token: str, **asked: str) -> list[dict[str, str]]:
    response = call("export", token, **asked)
    assert isinstance(response, StreamingHttpResponse)
    return list(csv.DictReader(response.getvalue().decode().splitlines()))


@pytest.fixture
def two_channels() -> None:
    Channel.objects.create(slug="shop", currency="USD")
    Channel.objects.create(slug="other", currency="USD")
    book_many([movement("pi_1"), movement("pi_2", channel="other", at=NOON + timedelta(minutes=1))])


@pytest.fixture
def cashier() -> User:
    return staff("MANAGE_ORDERS", "HANDLE_PAYMENTS")


# Who may ask


@pytest.mark.parametrize("name", CALLS)
def test_without_a_session_nobody_is_answered(two_channels: None, name: str, cashier: User) -> None:
    app = App.objects.create(name="x", token="app-token", permissions=["HANDLE_PAYMENTS"])
    others = ["", "nonsense", "\x00", auth.token_for(cashier), app.token]

    assert {call(name, token).status_code for token in others} == {401}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(
    ("permissions", "status"),
    [((), 403), (("MANAGE_ORDERS",), 403), (("HANDLE_PAYMENTS",), 200)],
)
def test_the_permission_to_handle_payments_is_needed(
    two_channels: None, name: str, permissions: tuple[str, ...], status: int
) -> None:
    assert call(name, session_of(staff(*permissions))).status_code == status


@pytest.mark.parametrize("name", CALLS)
def test_a_customer_is_not_answered(two_channels: None, name: str) -> None:
    customer = staff("HANDLE_PAYMENTS", is_staff=False)

    assert call(name, session_of(customer)).status_code == 401


@pytest.mark.parametrize("name", CALLS)
def test_a_permission_that_the_token_does_not_hold_does_not_count(name: str, cashier: User) -> None:
    narrow = extensions._token(cashier, ("MANAGE_ORDERS",), datetime.now(UTC))

    assert call(name, narrow).status_code == 403


@pytest.mark.parametrize("name", CALLS)
def test_a_permission_that_was_taken_away_is_gone_at_once(name: str, cashier: User) -> None:
    token = session_of(cashier)
    User.objects.update(permissions=["MANAGE_ORDERS"])

    assert call(name, token).status_code == 403


@pytest.mark.parametrize("name", ["providers", "movements", "why", "export"])
def test_a_channel_that_they_may_not_see_cannot_be_asked_for(two_channels: None, name: str) -> None:
    token = session_of(staff("HANDLE_PAYMENTS", channels=["shop"]))

    response: Any = call(name, token, channel="other")

    assert (response.status_code, response.content) == (403, b"{}")
    assert call(name, token, channel="shop").status_code == 200


def test_without_a_channel_they_are_answered_of_those_that_they_may_see(two_channels: None) -> None:
    token = session_of(staff("HANDLE_PAYMENTS", channels=["shop"]))

    listed = answer("movements", token)

    assert answer("setting", token)["channels"] == ["shop"]
    assert [edge["node"]["reference"] for edge in listed["edges"]] == ["pi_1"]
    assert listed["totalCount"] == 1
    assert [each["paymentCount"] for each in answer("providers", token)["providers"]] == [1]
    assert [row["reference"] for row in file(token)] == ["pi_1"]


def test_who_may_see_no_channel_is_told_of_nothing(two_channels: None) -> None:
    token = session_of(staff("HANDLE_PAYMENTS", channels=[]))

    assert answer("setting", token)["channels"] == []
    assert answer("movements", token)["edges"] == []
    assert answer("providers", token) == {"providers": []}
    assert file(token) == []


def test_the_token_of_a_file_is_not_taken_from_the_url_or_another_body(
    two_channels: None, cashier: User
) -> None:
    token = session_of(cashier)
    path = "earnings/export"
    by_url = RequestFactory().post(f"{ROOT}{path}?token={token}", "", content_type=FORM)
    by_parts = RequestFactory().post(f"{ROOT}{path}", {"token": token})

    for request in (by_url, by_parts):
        assert serve_frames(request, path, SandboxDesk()).status_code == 401


@pytest.mark.parametrize(
    ("method", "name"), [("GET", "export"), *(("POST", each) for each in READS)]
)
def test_other_methods_are_refused(method: str, name: str) -> None:
    request = RequestFactory().generic(method, f"{ROOT}earnings/{name}")

    assert serve_frames(request, f"earnings/{name}", SandboxDesk()).status_code == 405


def test_who_asks_too_often_has_to_wait(
    two_channels: None, cashier: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("saleor_paylink.links.limits._counted", lambda *_of: False)

    for name in CALLS:
        response: Any = call(name, session_of(cashier))
        assert (response.status_code, response.content) == (429, b"{}")
        assert int(response.headers["Retry-After"]) > 0


def test_files_are_limited_apart_from_what_is_looked_at() -> None:
    assert Limit("earnings-export", per_token=30, per_address=120) == earnings.EXPORTING
    assert earnings.LOOKING.kind != earnings.EXPORTING.kind


# What can be asked


@pytest.mark.parametrize(
    "asked",
    [
        {"start": "yesterday"},
        {"end": "2026-13-01"},
        {"currency": "\x00"},
        {"channel": "x" * 256},
    ],
)
@pytest.mark.parametrize("name", ["providers", "movements", "why", "export"])
def test_what_cannot_be_meant_is_refused(cashier: User, name: str, asked: dict[str, str]) -> None:
    response: Any = call(name, session_of(cashier), **asked)

    assert (response.status_code, response.content) == (400, b"")


@pytest.mark.parametrize(
    "asked",
    [
        {"first": "0"},
        {"first": "101"},
        {"first": "-1"},
        {"first": "9" * 5000},
        {"first": "x"},
        {"last": ""},
        {"after": "nonsense"},
        {"after": "x" * 501},
        {"last": "5", "before": "WzEsIDJd"},
        # In the order of time there is an index for each currency, and none for all.
        {"currency": ""},
    ],
)
def test_a_page_that_cannot_be_is_refused(cashier: User, asked: dict[str, str]) -> None:
    assert call("movements", session_of(cashier), **asked).status_code == 400


def test_a_body_that_is_too_large_is_refused(cashier: User, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    assert call("export", session_of(cashier), channel="x" * 200).status_code == 400


# What is answered


def test_the_setting_is_the_shops(two_channels: None, cashier: User) -> None:
    assert answer("setting", session_of(cashier)) == {
        "channels": ["other", "shop"],
        "today": str(datetime.now(UTC).date()),
        "timeZone": "UTC",
    }


def test_each_provider_has_its_own_sums_and_manual_money_is_at_none(
    cashier: User, order: Order
) -> None:
    book_many(
        [
            movement("pi_1", "30.00"),
            movement("pi_1", "1.50", LedgerKind.FEE),
            movement("dp_1", "4.00", LedgerKind.DISPUTE),
            movement("psp_1", "20.00", provider="adyen"),
            movement("psp_1", "5.00", LedgerKind.REFUND, provider="adyen"),
            movement("pi_2", "7.00", currency="EUR"),
        ]
    )
    mark_paid(order.id, CLERK)

    (adyen, stripe) = answer("providers", session_of(cashier))["providers"]

    def amounts(sums: Any) -> list[str]:
        names = ("gross", "refunded", "disputed", "fees", "net")
        return [sums["provider"], *(sums[name]["amount"] for name in names)]

    assert amounts(adyen) == ["adyen", "20.00", "5.00", "0.00", "0.00", "15.00"]
    assert amounts(stripe) == ["stripe", "30.00", "0.00", "4.00", "1.50", "24.50"]
    assert (adyen["paymentCount"], stripe["paymentCount"]) == (1, 1)
    assert (adyen["currency"], stripe["net"]["currency"]) == ("USD", "USD")


def test_movements_come_in_pages_newest_first(cashier: User) -> None:
    book_many(movement(f"pi_{hour}", at=NOON + timedelta(hours=hour)) for hour in range(5))
    token = session_of(cashier)

    def references(page: Any) -> list[str]:
        return [edge["node"]["reference"] for edge in page["edges"]]

    one = answer("movements", token, first="2")
    two = answer("movements", token, first="2", after=one["pageInfo"]["endCursor"])
    three = answer("movements", token, first="2", after=two["pageInfo"]["endCursor"])
    back = answer("movements", token, last="2", before=three["pageInfo"]["startCursor"])

    assert [references(page) for page in (one, two, three)] == [
        ["pi_4", "pi_3"],
        ["pi_2", "pi_1"],
        ["pi_0"],
    ]
    assert back["edges"] == two["edges"]
    assert {page["totalCount"] for page in (one, two, three, back)} == {5}
    assert [
        (page["pageInfo"]["hasPreviousPage"], page["pageInfo"]["hasNextPage"])
        for page in (one, two, three, back)
    ] == [(False, True), (True, True), (True, False), (True, True)]


def test_a_movement_says_what_it_does_to_the_net_and_whose_it_is(
    cashier: User, order: Order
) -> None:
    kinds = [LedgerKind.CHARGE, LedgerKind.FEE]
    book_many(movement("pi_1", "25", kind, at=NOON) for kind in kinds)
    mark_paid(order.id, CLERK)

    listed = answer("movements", session_of(cashier))["edges"]

    shown = [
        (each["node"]["kind"], each["node"]["order"], each["node"]["amount"]) for each in listed
    ]
    named = {"id": Node.to_global_id("Order", order.id), "number": str(order.number)}
    assert shown == [
        ("manual", named, {"amount": "25.00", "currency": "USD"}),
        ("fee", None, {"amount": "-25.00", "currency": "USD"}),
        ("charge", None, {"amount": "25.00", "currency": "USD"}),
    ]


def test_a_page_of_movements_is_read_at_once(
    cashier: User, django_assert_num_queries: Any, order: Order
) -> None:
    token = session_of(cashier)
    mark_paid(order.id, CLERK)
    book_many(movement(f"pi_{number}") for number in range(50))
    fold()

    # Two counts of tries, who asks, the page, the orders' numbers, and how many there are.
    with django_assert_num_queries(6):
        answer("movements", token, first="50")


def test_why_an_order_is_not_in_it(cashier: User, link: PaymentLink, order: Order) -> None:
    asked = answer("why", session_of(cashier), order=str(order.number))

    assert asked == {
        "number": str(order.number),
        "orderId": Node.to_global_id("Order", order.id),
        "reasons": [
            {
                "because": "LINK_WAITING",
                "money": None,
                "first": None,
                "last": None,
                "channel": None,
            }
        ],
        "lines": [],
    }


def test_of_no_order_and_of_a_hidden_one_nothing_but_that_is_said(order: Order) -> None:
    token = session_of(staff("HANDLE_PAYMENTS", channels=["other"]))

    for number, because in ((str(order.number), "HIDDEN"), ("99999", "NO_SUCH_ORDER")):
        assert answer("why", token, order=number) == {
            "reasons": [{"because": because}],
            "lines": [],
        }


# The file


def test_a_file_is_to_be_kept_by_who_asked_for_it_alone(two_channels: None, cashier: User) -> None:
    response = call("export", session_of(cashier), start="2026-03-01")

    named = {
        name: response.headers[name]
        for name in ("Content-Type", "Content-Disposition", "Cache-Control")
    }
    assert named == {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="earnings-from-2026-03-01.csv"',
        "Cache-Control": "no-store",
    }
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"].startswith(
        "default-src 'none'; frame-ancestors 'self'"
    )


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ({}, "earnings.csv"),
        ({"end": "2026-03-31"}, "earnings-to-2026-03-31.csv"),
        (
            {"start": "2026-03-01", "end": "2026-03-31"},
            "earnings-from-2026-03-01-to-2026-03-31.csv",
        ),
    ],
)
def test_a_file_is_named_for_its_days(cashier: User, asked: dict[str, str], name: str) -> None:
    answered = call("export", session_of(cashier), **asked)

    assert answered.headers["Content-Disposition"] == f'attachment; filename="{name}"'


def test_a_file_has_what_was_filtered(two_channels: None, cashier: User) -> None:
    token = session_of(cashier)

    assert [row["reference"] for row in file(token)] == ["pi_1", "pi_2"]
    assert [row["reference"] for row in file(token, channel="other")] == ["pi_2"]
    assert file(token, currency="EUR") == []
    assert file(token, start="2026-03-11") == []


def test_a_file_is_made_while_it_is_sent(
    cashier: User, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(exporting, "LOT", 2)
    book_many(movement(f"pi_{hour}", at=NOON + timedelta(hours=hour)) for hour in range(4))
    response = call("export", session_of(cashier))
    assert isinstance(response, StreamingHttpResponse)
    pieces = iter(response)

    with django_assert_num_queries(0):
        next(pieces)  # the head
    next(pieces)
    with django_assert_num_queries(1):
        assert next(pieces).count(b"\r\n") == 2


class Made:
    """Pieces that are counted as they are made."""

    def __init__(self, most: int) -> None:
        self.count = 0
        self._most = most

    def __iter__(self) -> "Made":
        return self

    def __next__(self) -> str:
        if self.count == self._most:
            raise StopIteration
        self.count += 1
        return f"{self.count};"


def test_an_asgi_server_sends_each_piece_before_the_next_is_made() -> None:
    made = Made(3)
    response = streamed(AsyncRequestFactory().get("/"), made, "text/csv")
    assert response.is_async

    async def taken() -> list[tuple[bytes, int]]:
        content: AsyncIterator[bytes] = response.streaming_content  # type: ignore[assignment]
        return [(piece, made.count) async for piece in content]

    assert async_to_sync(taken)() == [(b"1;", 1), (b"2;", 2), (b"3;", 3)]
