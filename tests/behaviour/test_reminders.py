"""A customer who has not paid is reminded by mail, until there is no reason to."""

from collections.abc import Iterator

import pytest

from sandbox.client.customer import Browser
from sandbox.client.graphql import Json
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
    events = [event["type"] for event in cashier.order(order)["paymentLink"]["events"]]
    assert events[-1] == "REMINDED"


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
