"""The ready-made documents do what they are for, as they stand."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from sandbox.client.graphql import GraphQL
from tests.behaviour.scenes import Scene
from tests.behaviour.world import CARD, World, money

FOLDER = Path(__file__).parents[2] / "graphql" / "operations"
DOCUMENTS = sorted(path.stem for path in FOLDER.glob("*.graphql"))


class Script:
    """Somebody who has nothing but the documents."""

    def __init__(self, graphql: GraphQL) -> None:
        self._graphql = graphql
        self.done: set[str] = set()

    def run(self, name: str, **variables: object) -> Any:
        """What the one field of a document answers, without errors of any kind."""
        self.done.add(name)
        document = (FOLDER / f"{name}.graphql").read_text()
        (answer,) = self._graphql.ask(document, variables).values()
        if "mutation" in document:
            assert answer["errors"] == []
        return answer


@pytest.fixture(scope="module")
def dashboard(world: World) -> Script:
    return Script(world.person("cashier").graphql)


@pytest.fixture(scope="module")
def back_office(world: World) -> Script:
    return Script(world.person("back-office").graphql)


@pytest.fixture(scope="module")
def storefront(world: World) -> Script:
    return Script(world.person(None).graphql)


@pytest.fixture(scope="module")
def account_page(world: World) -> Script:
    return Script(world.person("customer").graphql)


def test_the_dashboard_collects_for_an_order(world: World, dashboard: Script) -> None:
    order = world.order()
    seen = dashboard.run("OrderPayment", id=order)
    assert (seen["paymentCollection"]["status"], seen["paymentLink"]) == ("OFFERED", None)

    terms = {"message": "Thank you.", "send": True}
    made = dashboard.run("PaymentLinkCreate", orderId=order, input=terms)["paymentLink"]
    dashboard.run("PaymentLinkSend", id=made["id"], input={"copyToMe": True})
    until = "2999-01-01T00:00:00+00:00"
    extended = dashboard.run("PaymentLinkExtend", id=made["id"], expiresAt=until)
    rotated = dashboard.run("PaymentLinkRotate", id=made["id"])["paymentLink"]
    dashboard.run("PaymentLinkSync", id=made["id"])

    assert extended["paymentLink"]["expiresAt"] == until
    assert rotated["url"] != made["url"]
    seen = dashboard.run("OrderPayment", id=order)["paymentLink"]
    assert seen["url"] == rotated["url"]
    without = dashboard.run("OrderPayment", id=order, qrCode=False)["paymentLink"]
    assert seen.keys() - without.keys() == {"qrCode"}
    by_id = dashboard.run("PaymentLink", id=made["id"])
    assert by_id.pop("order")["id"] == order
    assert by_id == seen
    told = [event["type"] for event in seen["events"]]
    assert told == ["CREATED", "SENT", "SENT", "EXTENDED", "ROTATED"]


def test_the_dashboard_ends_collecting_in_each_way(world: World, dashboard: Script) -> None:
    skipped, revoked, paid, rejected = (world.order() for _ in range(4))
    link = world.link(revoked)["id"]

    answer = dashboard.run("PaymentLinkSkip", orderId=skipped)
    assert answer["order"]["paymentCollection"]["status"] == "SKIPPED"
    answer = dashboard.run("PaymentLinkRevoke", id=link)
    assert answer["paymentLink"]["status"] == "REVOKED"
    answer = dashboard.run("PaymentLinkMarkPaid", orderId=paid, input={"reference": "till 7"})
    assert answer["order"]["paymentCollection"]["status"] == "SETTLED_MANUALLY"
    answer = dashboard.run("PaymentLinkReject", orderId=rejected, reason="Nobody called back.")
    assert answer["order"]["paymentCollection"]["status"] == "REJECTED"


def test_the_dashboard_stops_reminders_and_lets_them_go_on(world: World, dashboard: Script) -> None:
    order = world.order()
    world.link(order, send=True)

    stopped = dashboard.run("PaymentRemindersStop", orderId=order)
    assert stopped["item"] == {"privateMetafield": "off"}
    seen = dashboard.run("OrderPayment", id=order)
    assert (seen["reminders"], seen["paymentLink"]["nextReminderAt"]) == ("off", None)

    resumed = dashboard.run("PaymentRemindersResume", orderId=order)
    assert resumed["item"] == {"privateMetafield": None}
    seen = dashboard.run("OrderPayment", id=order)
    assert seen["reminders"] is None
    assert seen["paymentLink"]["nextReminderAt"] is not None


def test_a_back_office_collects_for_many_orders(world: World, back_office: Script) -> None:
    email = f"{uuid4().hex}@office.example.com"
    orders = [world.order(email=email), world.order(email=email)]

    made = back_office.run("PaymentLinkBulkCreate", orderIds=orders, input={"message": "Hello."})
    links = [result["paymentLink"] for result in made["results"]]
    assert [link["order"]["id"] for link in links] == orders
    sent = back_office.run("PaymentLinkBulkSend", ids=[link["id"] for link in links])

    assert (made["count"], sent["count"]) == (2, 2)
    listed = back_office.run(
        "PaymentLinks",
        first=3,
        search=email,
        filter={"sent": True, "statuses": ["ACTIVE"]},
        sortBy={"field": "CREATED_AT", "direction": "DESC"},
    )
    found = [edge["node"]["id"] for edge in listed["edges"]]
    assert found == [link["id"] for link in reversed(links)]


def test_a_back_office_adds_up_and_clears_up(world: World, back_office: Script) -> None:
    scene = Scene(world, with_exception=True)
    today = datetime.now(UTC).date()
    days = {"gte": str(today - timedelta(days=7)), "lte": str(today)}

    rows = back_office.run("PaymentEarnings", range=days, granularity="WEEK")
    (usd,) = [row for row in rows if row["currency"] == "USD"]
    assert sum(point["gross"]["amount"] for point in usd["series"]) == usd["gross"]["amount"]
    open_ones = back_office.run("PaymentExceptions", first=1)["edges"]
    assert open_ones[0]["node"]["id"] == scene.exception
    back_office.run("PaymentExceptionResolve", id=scene.exception, resolution="KEPT")
    kept = back_office.run("PaymentExceptions", first=1, resolved=True)["edges"]
    assert kept[0]["node"]["resolution"] == "KEPT"


def test_a_storefront_has_a_pay_page_of_its_own(world: World, storefront: Script) -> None:
    scene = Scene(world)

    request = storefront.run("PaymentRequest", token=scene.token)
    assert (request["status"], request["amountDue"]) == ("DUE", money("25.00"))
    paying = storefront.run(
        "PaymentRequestPay",
        token=scene.token,
        method=request["methods"][0]["id"],
        revision=request["revision"],
        returnUrl="http://localhost/thanks",
    )

    assert request["methods"][0]["id"] == CARD
    world.simulator.pay(paying["redirectUrl"].rsplit("/", 1)[1])
    assert world.simulator.settle()
    assert storefront.run("PaymentRequest", token=scene.token)["status"] == "PAID"


def test_a_storefront_asks_for_a_fresh_link(world: World, storefront: Script) -> None:
    scene = Scene(world)

    assert storefront.run("PaymentRequestRenew", token=scene.token) == {"ok": True, "errors": []}


def test_a_customer_finds_what_is_to_be_paid(world: World, account_page: Script) -> None:
    scene = Scene(world)

    seen = account_page.run("MyOrderPayment", id=scene.order)

    assert seen["paymentLink"]["url"] == scene.url


def test_each_document_was_run(
    dashboard: Script, back_office: Script, storefront: Script, account_page: Script
) -> None:
    scripts = (dashboard, back_office, storefront, account_page)
    assert sorted(set().union(*(script.done for script in scripts))) == DOCUMENTS
