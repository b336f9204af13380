"""The Dashboard's frames in Saleor: where they are, and for whom they speak."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import graphene
import pytest
from django.http import HttpResponse
from django.test import Client
from saleor.account.models import User
from saleor.app.models import App, AppExtension
from saleor.app.types import AppType
from saleor.core.jwt import (
    create_access_token,
    create_access_token_for_app,
    create_access_token_for_app_extension,
    jwt_decode,
    jwt_encode,
)
from saleor.permission.enums import OrderPermissions, PaymentPermissions, get_permissions

from saleor_paylink.web.dashboard.documents import documents
from sandbox.stage import DOOR_ID, PEOPLE, PLUGIN_ID
from tests.saleor.orders import completed, global_id, link_of

ROOT = f"/plugins/{DOOR_ID}/dashboard"
BOTH = [OrderPermissions.MANAGE_ORDERS.value, PaymentPermissions.HANDLE_PAYMENTS.value]
MARK_PAID = """mutation($order: ID!) { paymentLinkMarkPaid(orderId: $order) {
    order { paymentCollection { status } } errors { code }
} }"""

Speak = Callable[[str], str]


def app_with(identifier: str, permissions: list[str]) -> App:
    app = App.objects.create(
        name="Payment links",
        identifier=identifier,
        type=AppType.THIRDPARTY,
        is_active=True,
        is_installed=True,
    )
    app.permissions.set(get_permissions(permissions))
    return app


@pytest.fixture
def app() -> Iterator[App]:
    made = app_with(PLUGIN_ID, BOTH)
    yield made
    made.delete()


@pytest.fixture
def widget(app: App) -> Speak:
    """The token that the Dashboard of that person hands to the widget."""
    extension = AppExtension.objects.create(
        app=app, label="Payment", url="/x", mount="order_details_widgets", target="popup"
    )
    extension.permissions.set(get_permissions([OrderPermissions.MANAGE_ORDERS.value]))

    def token(person: str) -> str:
        return create_access_token_for_app_extension(
            extension, extension.permissions.all(), user_of(person), app
        )

    return token


def user_of(person: str) -> User:
    return User.objects.get(email=PEOPLE[person].email)


def renew(token: str) -> HttpResponse:
    return Client().post(f"{ROOT}/session", headers={"Authorization": f"Bearer {token}"})


def renewed(token: str) -> str:
    answer: str = json.loads(renew(token).content)["token"]
    return answer


def document(name: str) -> str:
    """What the widget asks, by the name of the operation."""
    return documents("widget")[name]


def ask(token: str, query: str, **variables: Any) -> Any:
    answer = Client().post(
        "/graphql/",
        json.dumps({"query": query, "variables": variables}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    return json.loads(answer.content)


@pytest.mark.parametrize("path", ["", "/", "/widget", "/prompt", "/links", "/earnings"])
def test_the_frames_are_served_without_a_channel(path: str) -> None:
    response = Client().get(ROOT + path)

    assert response.status_code == 200
    assert "frame-ancestors 'self'" in response.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in response.headers
    assert f'"root": "{ROOT}/"' in response.content.decode()
    assert '"graphql": "/graphql/"' in response.content.decode()


@pytest.mark.parametrize("path", ["s", "/nothing", "/../webhooks/stripe"])
def test_nothing_else_is(path: str) -> None:
    assert Client().get(ROOT + path).status_code == 404


def test_their_scripts_are_in_the_wheel() -> None:
    page = Client().get(f"{ROOT}/widget").content.decode()
    script = page.partition('src="')[2].partition('"')[0]

    response = Client().get(script)
    assert (response.status_code, response.headers["Content-Type"]) == (
        200,
        "text/javascript; charset=utf-8",
    )


def test_the_widgets_token_may_not_mark_paid_and_its_successor_may(widget: Speak) -> None:
    order = completed()
    link_of(order)
    given = widget("cashier")
    refused = ask(given, MARK_PAID, order=global_id(order))
    assert refused["errors"][0]["extensions"]["exception"]["code"] == "PermissionDenied"

    done = ask(renewed(given), MARK_PAID, order=global_id(order))["data"]["paymentLinkMarkPaid"]

    assert done["errors"] == []
    assert done["order"]["paymentCollection"]["status"] == "SETTLED_MANUALLY"


def test_reminders_are_stopped_by_the_widgets_token(widget: Speak) -> None:
    order = completed()

    done = ask(widget("clerk"), document("PaymentRemindersStop"), orderId=global_id(order))

    assert done["data"]["updatePrivateMetadata"]["errors"] == []
    order.refresh_from_db()
    assert order.private_metadata == {"paylink.reminders": "off"}


@pytest.mark.parametrize("person", ["outsider", "customer"])
def test_who_may_not_manage_orders_stops_no_reminders(widget: Speak, person: str) -> None:
    order = completed()

    refused = ask(widget(person), document("PaymentRemindersStop"), orderId=global_id(order))

    assert refused["errors"][0]["extensions"]["exception"]["code"] == "PermissionDenied"
    order.refresh_from_db()
    assert order.private_metadata == {}


def test_who_may_not_handle_payments_may_not_by_another_token_either(widget: Speak) -> None:
    order = completed()
    link_of(order)

    refused = ask(renewed(widget("clerk")), MARK_PAID, order=global_id(order))

    assert refused["errors"][0]["extensions"]["exception"]["code"] == "PermissionDenied"


def test_another_channels_order_stays_closed(widget: Speak) -> None:
    order = completed()
    link_of(order)
    query = "query($id: ID!) { order(id: $id) { paymentCollection { status } } }"

    shown = ask(renewed(widget("foreigner")), query, id=global_id(order))

    assert shown["data"]["order"]["paymentCollection"] is None


def test_a_renewed_token_is_of_the_same_kind_and_remembers_since_when(widget: Speak) -> None:
    given = widget("cashier")
    once = renewed(given)
    twice = renewed(once)

    before, after = jwt_decode(given), jwt_decode(twice)
    same = ("type", "app", "user_id", "email", "iss", "owner", "token")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert after["paylink_since"] == before["iat"]
    assert json.loads(renew(given).content)["expiresIn"] == 300


def test_after_the_longest_session_the_dashboard_has_to_speak_again(widget: Speak) -> None:
    claims = jwt_decode(widget("cashier"))
    now = datetime.now(UTC)
    nearly = int((now - timedelta(hours=7, minutes=59)).timestamp())
    over = int((now - timedelta(hours=8)).timestamp())

    answers = [renew(jwt_encode({**claims, "paylink_since": at})) for at in (nearly, over)]

    assert [each.status_code for each in answers] == [200, 401]


def test_no_other_token_of_saleors_is_taken(app: App) -> None:
    cashier = user_of("cashier")
    other = app_with("somebody.else", BOTH)
    tokens = {
        "a user's": create_access_token(cashier),
        "another app's": create_access_token_for_app(other, cashier),
        "of another type": jwt_encode(
            {**jwt_decode(create_access_token_for_app(app, cashier)), "type": "access"}
        ),
        "forged": create_access_token_for_app(app, cashier)[:-3] + "AAA",
        "none": "",
    }
    other.delete()

    assert {name: renew(token).status_code for name, token in tokens.items()} == dict.fromkeys(
        tokens, 401
    )


def test_where_the_app_is_switched_off_or_gone_nobody_is_let_in(app: App, widget: Speak) -> None:
    token = widget("cashier")
    App.objects.filter(pk=app.pk).update(is_active=False)
    assert renew(token).status_code == 401

    App.objects.filter(pk=app.pk).update(is_active=True, removed_at=datetime.now(UTC))
    assert renew(token).status_code == 401


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"is_staff": False}, {"jwt_token_key": "another"}]
)
def test_a_user_who_is_let_go_or_logged_out_everywhere_is_not_let_in(
    widget: Speak, change: dict[str, Any]
) -> None:
    token = widget("cashier")
    users = User.objects.filter(email=PEOPLE["cashier"].email)
    before = users.values(*change).get()
    users.update(**change)

    assert renew(token).status_code == 401
    users.update(**before)


def test_a_token_that_has_run_out_is_not_renewed(widget: Speak) -> None:
    claims = jwt_decode(widget("cashier"))
    stale = jwt_encode({**claims, "exp": int((datetime.now(UTC)).timestamp()) - 1})

    assert renew(stale).status_code == 401


def test_the_app_of_the_token_is_ours(app: App, widget: Speak) -> None:
    assert jwt_decode(widget("cashier"))["app"] == graphene.Node.to_global_id("App", app.pk)


def switch_off(app: App) -> None:
    App.objects.filter(pk=app.pk).update(is_active=False)


def remove(app: App) -> None:
    App.objects.filter(pk=app.pk).update(removed_at=datetime.now(UTC))


def take_from_app(app: App) -> None:
    app.permissions.clear()


def take_from_user(_app: App) -> None:
    user_of("cashier").groups.clear()


@pytest.fixture
def groups() -> Iterator[None]:
    before = list(user_of("cashier").groups.all())
    yield
    user_of("cashier").groups.set(before)


@pytest.mark.usefixtures("groups")
@pytest.mark.parametrize("withdraw", [switch_off, remove, take_from_app, take_from_user])
def test_what_is_withdrawn_is_withdrawn_from_tokens_that_are_out(
    app: App, widget: Speak, withdraw: Callable[[App], None]
) -> None:
    order = completed()
    link = link_of(order)
    token = renewed(widget("cashier"))
    withdraw(app)

    answers = [
        ask(token, MARK_PAID, order=global_id(order)),
        ask(token, "{ paymentLinks(first: 1) { totalCount } }"),
        ask(token, "{ paymentExceptions(first: 1) { totalCount } }"),
    ]

    codes = [each["errors"][0]["extensions"]["exception"]["code"] for each in answers]
    assert codes == ["PermissionDenied"] * 3
    link.refresh_from_db()
    assert link.status == "active"
