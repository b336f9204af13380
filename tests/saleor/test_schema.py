"""Paylink's fields stand in Saleor's own schema."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import connections
from graphql.utils.schema_printer import print_schema
from saleor.celeryconf import app
from saleor.core.db.connection import restrict_writer
from saleor.graphql.api import schema
from saleor.graphql.webhook.subscription_query import SubscriptionQuery

from saleor_paylink import jobs
from saleor_paylink.saleor import join, versions
from saleor_paylink.saleor.schema import check_return_url
from saleor_paylink.shop import ManualPayment, current_shop
from tests.saleor.client import Api
from tests.saleor.orders import charge, completed, global_id, link_of, refund
from tests.unit.graphql.sdl import shapes

PUBLISHED = shapes((Path(__file__).parents[2] / "graphql" / "schema.graphql").read_text())
SERVED = shapes(print_schema(schema))


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_is_published_stands_in_saleors_schema(name: str) -> None:
    if name in ("Order", "Query", "Mutation"):
        assert {field: SERVED[name][field] for field in PUBLISHED[name]} == PUBLISHED[name]
    else:
        assert SERVED[name] == PUBLISHED[name]


def test_clients_find_the_fields(admin: Api) -> None:
    answer = admin.ask("""{ __schema { types { name fields { name type { name } } } } }""")

    types = {
        each["name"]: {field["name"]: field["type"]["name"] for field in each["fields"] or ()}
        for each in answer["data"]["__schema"]["types"]
    }
    assert set(types["Query"]) >= {*PUBLISHED["Query"], "order", "orders"}
    assert set(types["Mutation"]) >= {*PUBLISHED["Mutation"], "orderConfirm"}
    assert types["Order"]["paymentLink"] == "PaymentLink"
    assert types["Order"]["paymentCollection"] == "PaymentCollection"


def test_a_federation_gateway_finds_them_too() -> None:
    answer = Api(None).ask("{ _service { sdl } }")

    sdl = answer["data"]["_service"]["sdl"]
    assert "paymentLink: PaymentLink" in sdl
    assert "paymentLinkCreate(" in sdl


def test_a_webhook_may_subscribe_to_them() -> None:
    query = SubscriptionQuery(
        """subscription { event { ... on OrderUpdated { order {
          paymentCollection { status } paymentLink { url qrCode status }
        } } } }"""
    )

    assert query.is_valid


def test_a_schema_that_was_built_too_early_is_refused_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(join, "_joined", False)

    with pytest.raises(ImproperlyConfigured, match="schema was built before saleor_paylink"):
        join.join()


def test_joining_twice_changes_nothing() -> None:
    join.join()


@pytest.mark.parametrize("version", ["3.21.0", "3.22.67", "3.23.28", "3.24.0-a.0"])
def test_the_versions_it_was_made_for_are_accepted(version: str) -> None:
    versions.check(version)


@pytest.mark.parametrize("version", ["3.20.99", "3.25.0", "4.0.0"])
def test_another_version_is_refused_plainly(version: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=rf"3\.21 to 3\.24.*Saleor {version}"):
        versions.check(version)


def test_celery_knows_the_tasks_and_when_to_sweep() -> None:
    assert {
        jobs.PROCESS_EVENT,
        jobs.POST_TO_SHOP,
        jobs.CLOSE_SESSIONS,
        jobs.DELIVER_MAIL,
        jobs.SWEEP,
    } <= set(app.tasks)
    entry = app.conf.beat_schedule["saleor-paylink-sweep"]
    assert (entry["task"], entry["schedule"].total_seconds()) == (jobs.SWEEP, 60)


def test_an_operators_own_schedule_is_kept(settings_of_celery: dict[str, object]) -> None:
    settings_of_celery["saleor-paylink-sweep"] = "the operator's"

    join.schedule_sweep()

    assert settings_of_celery["saleor-paylink-sweep"] == "the operator's"


@pytest.fixture
def settings_of_celery(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    schedule: dict[str, object] = dict(settings.CELERY_BEAT_SCHEDULE)
    monkeypatch.setattr(settings, "CELERY_BEAT_SCHEDULE", schedule)
    return schedule


def test_the_fields_answer_in_a_query(admin: Api) -> None:
    order = completed()
    link = link_of(order)

    answer = admin.ask(
        """query($id: ID!) { order(id: $id) {
            paymentCollection { status links { id order { id } createdBy { id } } }
        } }""",
        id=global_id(order),
    )

    (shown,) = answer["data"]["order"]["paymentCollection"]["links"]
    assert answer["data"]["order"]["paymentCollection"]["status"] == "AWAITING"
    assert (shown["order"]["id"], shown["createdBy"]) == (global_id(order), None)
    assert link.order_id == order.pk


def test_the_shop_opens_the_writer_itself() -> None:
    order = completed()
    paid = charge("10")
    shop = current_shop()
    connection = connections["default"]
    connection._allow_writer = False
    try:
        with connection.execute_wrapper(restrict_writer):
            shop.order(order.pk, fresh=True)
            shop.channel_settings("default-channel")
            shop.name(shop.channel_settings("default-channel"))
            shop.mail_account("default-channel")
            shop.page_url("default-channel", "")
            shop.hold(order.pk)
            shop.record_charge(order.pk, paid)
            shop.record_refund(order.pk, refund(paid, "5"))
            amount = paid.amount
            shop.record_manual_payment(order.pk, ManualPayment("w", amount, "", ""), None)
            shop.release(order.pk, None)
            shop.add_note(order.pk, "Hello", None)
            shop.cancel(order.pk, None)
    finally:
        connection._allow_writer = True

    assert shop.order(order.pk).state == "canceled"


@pytest.mark.parametrize("url", ["https://storefront.example/done", "http://localhost:3000/"])
def test_a_storefronts_page_may_be_returned_to(url: str) -> None:
    check_return_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "javascript://storefront.example/%0aalert(1)",
        "/done",
        "",
        "http://[",
    ],
)
def test_any_other_page_may_not(url: str) -> None:
    with pytest.raises(ValidationError):
        check_return_url(url)
