"""Who may see and do what: everybody else gets a clear answer, and nothing changes."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.client.graphql import Denied, Json
from sandbox.client.staff import MONEY, Staff
from tests.behaviour.world import World, token_of

# A foreigner is staff with every permission, in another channel.
OTHERS = [None, "customer", "stranger", "outsider", "foreigner"]

ACTIONS: dict[str, Callable[[Staff, str, Json], Any]] = {
    "create": lambda staff, order, link: staff.create_link(order),
    "skip": lambda staff, order, link: staff.skip(order),
    "send": lambda staff, order, link: staff.send_link(link["id"]),
    "extend": lambda staff, order, link: staff.extend_link(link["id"]),
    "rotate": lambda staff, order, link: staff.rotate_link(link["id"]),
    "revoke": lambda staff, order, link: staff.revoke_link(link["id"]),
    "sync": lambda staff, order, link: staff.sync_link(link["id"]),
    "mark paid": lambda staff, order, link: staff.mark_paid(order),
    "reject": lambda staff, order, link: staff.reject(order),
}


@pytest.mark.parametrize("person", OTHERS)
@pytest.mark.parametrize("action", list(ACTIONS))
def test_others_may_not_touch_a_collection(world: World, person: str | None, action: str) -> None:
    order = world.order()
    link = world.link(order)
    somebody = world.person(person)

    with world.unchanged(order), pytest.raises(Denied) as denial:
        ACTIONS[action](somebody, order, link)

    assert denial.value.code == "PermissionDenied"


@pytest.mark.parametrize("person", OTHERS)
def test_others_make_no_link_where_there_is_none(world: World, person: str | None) -> None:
    order = world.order()

    with world.unchanged(order), pytest.raises(Denied) as denial:
        world.person(person).create_link(order)

    assert denial.value.code == "PermissionDenied"


def test_the_orders_own_customer_makes_no_link(world: World) -> None:
    order = world.order(user="customer")

    with world.unchanged(order), pytest.raises(Denied) as denial:
        world.person("customer").create_link(order)

    assert denial.value.code == "PermissionDenied"


def test_marking_paid_needs_leave_to_handle_payments(world: World) -> None:
    order = world.order()
    world.link(order)

    with world.unchanged(order), pytest.raises(Denied) as denial:
        world.person("clerk").mark_paid(order)

    assert denial.value.code == "PermissionDenied"


def test_a_clerk_collects_and_rejects(world: World) -> None:
    clerk = world.person("clerk")
    skipped, rejected = world.order(), world.order()

    clerk.skip(skipped)
    link = clerk.create_link(rejected)
    clerk.send_link(link["id"])
    clerk.reject(rejected)

    assert clerk.order(skipped)["paymentCollection"]["status"] == "SKIPPED"
    assert clerk.order(rejected)["paymentCollection"]["status"] == "REJECTED"


def test_a_clerk_alters_a_link(world: World) -> None:
    clerk = world.person("clerk")
    link = world.link(world.order())

    assert clerk.extend_link(link["id"])["status"] == "ACTIVE"
    assert clerk.rotate_link(link["id"])["url"] != link["url"]
    assert clerk.sync_link(link["id"])["status"] == "ACTIVE"
    assert clerk.revoke_link(link["id"])["status"] == "REVOKED"


@pytest.mark.parametrize("person", [None, "customer", "stranger", "outsider", "clerk"])
def test_earnings_need_leave_to_handle_payments(world: World, person: str | None) -> None:
    with pytest.raises(Denied) as denial:
        world.person(person).earnings()

    assert denial.value.code == "PermissionDenied"


def test_earnings_of_another_channel_are_denied(world: World) -> None:
    with pytest.raises(Denied) as denial:
        world.person("foreigner").earnings("default-channel")

    assert denial.value.code == "PermissionDenied"


def test_earnings_of_all_channels_are_of_those_one_may_see(world: World) -> None:
    world.pay(world.link(world.order()))
    world.pay(world.link(world.order({"PLATE": 2}, channel="channel-jpy")))

    assert set(world.person("foreigner").earnings()) == {"JPY"}
    assert {"JPY", "USD"} <= set(world.person("cashier").earnings())


def glance(person: Staff, order: str) -> Json:
    """What somebody sees of an order's collection."""
    seen: Json = person.graphql.ask(
        f"""query ($id: ID!) {{
          order(id: $id) {{
            paymentCollection {{ status }} paymentLink {{ id url status amountDue {MONEY} }}
          }}
        }}""",
        {"id": order},
    )["order"]
    return seen


@pytest.mark.parametrize("person", [None, "stranger", "outsider", "foreigner"])
def test_others_see_neither_collection_nor_link(world: World, person: str | None) -> None:
    order = world.order(user="customer")
    world.link(order)

    assert glance(world.person(person), order) == {"paymentCollection": None, "paymentLink": None}


def test_the_orders_own_customer_sees_the_link(world: World) -> None:
    order = world.order(user="customer")
    link = world.link(order)

    seen = glance(world.person("customer"), order)

    assert seen["paymentCollection"] is None
    assert (seen["paymentLink"]["url"], seen["paymentLink"]["status"]) == (link["url"], "ACTIVE")


def test_a_customer_does_not_see_the_link_of_another(world: World) -> None:
    order = world.order(user="stranger")
    world.link(order)

    assert glance(world.person("customer"), order)["paymentLink"] is None


@pytest.mark.parametrize("person", ["admin", "cashier", "clerk"])
def test_staff_who_manage_orders_see_the_link(world: World, person: str) -> None:
    order = world.order()
    link = world.link(order)

    seen = glance(world.person(person), order)

    assert seen["paymentCollection"] == {"status": "AWAITING"}
    assert seen["paymentLink"]["url"] == link["url"]


def test_a_foreigner_collects_in_the_channel_that_is_hers(world: World) -> None:
    order = world.order({"PLATE": 2}, channel="channel-jpy")

    link = world.person("foreigner").create_link(order)

    assert link["status"] == "ACTIVE"


def test_the_secret_of_a_link_is_in_no_history(world: World, cashier: Staff) -> None:
    order = world.order()
    link = cashier.create_link(order, send=True)
    world.pay(link)

    seen = cashier.order(order)
    public = world.person(None).graphql.ask(
        "query ($id: ID!) { order(id: $id) { metadata { key value } } }", {"id": order}
    )
    for place in (seen["events"], seen["transactions"], seen["paymentLink"]["events"], public):
        assert token_of(link) not in str(place)
