"""A customer who has not paid is reminded by mail, until there is no reason to."""

from collections.abc import Iterator

import pytest

from sandbox.client.customer import Browser
from sandbox.client.graphql import Denied, Json
from sandbox.client.staff import Staff
from tests.behaviour.world import World, token_of


@pytest.fixture(autouse=True)
def by_day_and_night(world: World) -> Iterator[None]:
    """Whatever hour these tests are run at."""
    with world.settings("default-channel", values={"reminder-hours": "0-24"}):
        yield


@pytest.fixture
def order(world: World) -> str:
    """One whose link was mailed."""
    order = world.order()
    world.link(order, send=True)
    return order


def reminders(world: World, order: str) -> list[Json]:
    return world.mails.reminders(world.person("cashier").order(order)["number"])


def next_reminder(cashier: Staff, link: Json) -> str | None:
    asked = "query($id: ID!) { paymentLink(id: $id) { nextReminderAt } }"
    found: str | None = cashier.graphql.ask(asked, {"id": link["id"]})["paymentLink"][
        "nextReminderAt"
    ]
    return found


def test_a_customer_is_reminded_once_a_day_later(world: World, cashier: Staff, order: str) -> None:
    link = cashier.order(order)["paymentLink"]
    assert next_reminder(cashier, link) is not None

    with world.later(days=1, minutes=5):
        world.sweep()
        world.sweep()

    (mail,) = reminders(world, order)
    assert mail["to"] == ["buyer@example.com"]
    assert link["url"] in mail["text"]
    assert f'href="{link["url"]}"' in mail["html"]
    assert not any(token_of(link) in value for value in mail["headers"].values())
    seen = cashier.order(order)
    assert [event["type"] for event in seen["paymentLink"]["events"]][-1] == "REMINDED"
    history = [event["message"] for event in seen["events"]]
    assert history.count("The customer was reminded of the payment link by mail.") == 1


def test_a_customer_who_has_paid_is_not_reminded(world: World, cashier: Staff, order: str) -> None:
    link = cashier.order(order)["paymentLink"]
    world.pay(link)

    with world.later(days=1, minutes=5):
        world.sweep()

    assert reminders(world, order) == []
    assert next_reminder(cashier, link) is None


def test_a_customer_who_wants_no_more_reminders_gets_none(
    world: World, cashier: Staff, order: str
) -> None:
    with world.later(days=1, minutes=5):
        world.sweep()
    (mail,) = reminders(world, order)
    stop = mail["headers"]["List-Unsubscribe"].strip(" <>")

    assert "Stop reminders" in Browser().open(stop).text
    assert next_reminder(cashier, cashier.order(order)["paymentLink"]) is not None
    answer = Browser().post(stop, {"List-Unsubscribe": "One-Click"})

    assert answer.status == 200
    assert "You get no more reminders" in answer.text
    assert next_reminder(cashier, cashier.order(order)["paymentLink"]) is None
    with world.later(days=4):
        world.sweep()
    assert len(reminders(world, order)) == 1


def test_nobody_is_reminded_once_staff_have_stopped_it(
    world: World, cashier: Staff, order: str
) -> None:
    world.person("clerk").stop_reminders(order)

    assert next_reminder(cashier, cashier.order(order)["paymentLink"]) is None
    with world.later(days=4):
        world.sweep()
    assert reminders(world, order) == []


@pytest.mark.parametrize("person", ["treasurer", "outsider", "customer", None])
def test_who_may_not_manage_orders_stops_no_reminders(
    world: World, cashier: Staff, order: str, person: str | None
) -> None:
    before = next_reminder(cashier, cashier.order(order)["paymentLink"])
    assert before is not None

    with world.unchanged(order), pytest.raises(Denied) as denied:
        world.person(person).stop_reminders(order)

    assert denied.value.code == "PermissionDenied"
    assert next_reminder(cashier, cashier.order(order)["paymentLink"]) == before


@pytest.mark.parametrize("person", ["treasurer", "outsider", "customer", None])
def test_who_may_not_manage_orders_is_not_told_of_a_stop(
    world: World, order: str, person: str | None
) -> None:
    asked = """query($id: ID!) {
      order(id: $id) { privateMetafield(key: "paylink.reminders") }
    }"""

    with pytest.raises(Denied):
        world.person(person).graphql.ask(asked, {"id": order})


def test_a_payment_that_fails_days_later_is_mailed_about(
    world: World, cashier: Staff, order: str
) -> None:
    seen = cashier.order(order)
    session = world.begin_slowly(seen["paymentLink"])
    world.simulator.pay_later(session)
    assert world.simulator.settle()
    assert world.mails.failures(seen["number"]) == []

    world.simulator.complete_later(session, "failed")
    assert world.simulator.settle()

    (mail,) = world.mails.failures(seen["number"])
    assert seen["paymentLink"]["url"] in mail["text"]
    assert world.mails.receipts(seen["number"]) == []
