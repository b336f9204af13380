"""Many links made or sent at once: a bad one does not undo a good one."""

import base64
from typing import Any

from sandbox.client.graphql import Json
from sandbox.client.staff import Staff
from tests.behaviour.world import World, global_id

MOST = 100


def outcomes(answer: Json) -> list[Any]:
    """For each result its link's id, or else code and field of its one error."""
    found: list[Any] = []
    for result in answer["results"]:
        if result["paymentLink"] is not None:
            assert result["errors"] == []
            found.append(result["paymentLink"]["id"])
        else:
            (error,) = result["errors"]
            assert error["message"]
            found.append((error["code"], error["field"]))
    assert answer["errors"] == []
    return found


def current(world: World, order: str) -> str | None:
    """The id of the order's link; None if it has none."""
    link = world.person("cashier").order(order)["paymentLink"]
    return link and str(link["id"])


def asked(world: World, order: str) -> int:
    """How often the order's customer was asked to pay."""
    return len(world.mails.requests(world.person("cashier").order(order)["number"]))


def test_links_are_made_of_those_that_can_be_collected(world: World, cashier: Staff) -> None:
    good, held = world.order(), world.order()
    draft, free = cashier.draft({"MUG": 1}), world.order({"GIFT": 1})
    link = world.link(held)["id"]

    answer = cashier.create_links(
        [free, good, global_id("Order"), draft, held, "nonsense", global_id("PaymentLink")]
    )

    made = current(world, good)
    assert made is not None
    assert outcomes(answer) == [
        ("NOTHING_DUE", "orderIds"),
        made,
        ("NOT_FOUND", "orderIds"),
        ("ORDER_DRAFT", "orderIds"),
        link,
        ("GRAPHQL_ERROR", "orderIds"),
        ("GRAPHQL_ERROR", "orderIds"),
    ]
    assert answer["count"] == 2
    assert (current(world, draft), current(world, free)) == (None, None)


def test_the_terms_hold_for_each(world: World, cashier: Staff) -> None:
    small, large = world.order({"MUG": 1}), world.order({"PLATE": 1})

    answer = cashier.create_links([small, large], amount="20", message="Hello.", send=True)

    assert outcomes(answer) == [("AMOUNT_TOO_LARGE", "amount"), current(world, large)]
    assert answer["results"][1]["paymentLink"]["message"] == "Hello."
    assert (asked(world, small), asked(world, large)) == (0, 1)


def test_terms_that_nobody_could_keep_make_no_link_at_all(world: World, cashier: Staff) -> None:
    orders = [world.order(), world.order()]

    answer = cashier.create_links(orders, message="a\x00b")

    assert (answer["results"], answer["count"]) == ([], 0)
    assert [(error["code"], error["field"]) for error in answer["errors"]] == [
        ("INVALID", "message")
    ]
    assert [current(world, order) for order in orders] == [None, None]


def test_an_order_that_is_repeated_gets_one_link_and_one_mail(world: World, cashier: Staff) -> None:
    order = world.order()

    answer = cashier.create_links([order, order], send=True)

    link = current(world, order)
    assert outcomes(answer) == [link, link]
    assert answer["count"] == 1
    assert asked(world, order) == 1


def test_links_are_sent_that_can_be(world: World, cashier: Staff) -> None:
    good, paid, nobody = world.order(), world.order(), world.order(email="")
    links = [world.link(order)["id"] for order in (good, paid, nobody)]
    cashier.mark_paid(paid)

    answer = cashier.send_links([*links, global_id("PaymentLink"), good, ""])

    assert outcomes(answer) == [
        links[0],
        ("LINK_NOT_ACTIVE", "ids"),
        ("EMAIL_ERROR", "ids"),
        ("NOT_FOUND", "ids"),
        ("GRAPHQL_ERROR", "ids"),
        ("GRAPHQL_ERROR", "ids"),
    ]
    assert answer["count"] == 1
    assert [asked(world, order) for order in (good, paid, nobody)] == [1, 0, 0]


def test_a_link_that_is_repeated_is_sent_once(world: World, cashier: Staff) -> None:
    order = world.order()
    link = world.link(order)["id"]
    # The same id, written otherwise.
    shouted = global_id("PaymentLink", base64.b64decode(link).decode().partition(":")[2].upper())

    answer = cashier.send_links([link, shouted, link])

    assert outcomes(answer) == [link] * 3
    assert answer["count"] == 1
    assert asked(world, order) == 1


def test_too_many_are_refused_whole(world: World, cashier: Staff) -> None:
    order = world.order()

    made = cashier.create_links([order] * (MOST + 1))
    assert current(world, order) is None
    sent = cashier.send_links([world.link(order)["id"]] * (MOST + 1))
    assert asked(world, order) == 0

    for answer, field in ((made, "orderIds"), (sent, "ids")):
        (error,) = answer["errors"]
        assert (error["code"], error["field"]) == ("INVALID", field)
        assert error["message"] == "Give at most 100 at once."
        assert (answer["results"], answer["count"]) == ([], 0)


def test_as_many_as_are_let_through_are_done(world: World, cashier: Staff) -> None:
    order = world.order()

    answer = cashier.create_links([order] * MOST)

    assert outcomes(answer) == [current(world, order)] * MOST


def test_none_at_all_is_nothing(cashier: Staff) -> None:
    empty = {"results": [], "count": 0, "errors": []}

    assert cashier.create_links([]) == empty
    assert cashier.send_links([]) == empty


def test_what_lies_in_another_channel_is_not_there(world: World, cashier: Staff) -> None:
    foreigner = world.person("foreigner")
    hers, other = world.order({"PLATE": 2}, channel="channel-jpy"), world.order()
    link = world.link(other)["id"]

    with world.unchanged(other):
        made = foreigner.create_links([other, hers])
        sent = foreigner.send_links([link, current(world, hers) or ""])

    mine = current(world, hers)
    assert outcomes(made) == [("NOT_FOUND", "orderIds"), mine]
    assert outcomes(sent) == [("NOT_FOUND", "ids"), mine]
    assert (made["count"], sent["count"]) == (1, 1)


def test_each_is_written_down_with_who_did_it(world: World, cashier: Staff) -> None:
    order = world.order()

    world.person("back-office").create_links([order], send=True)

    events = cashier.order(order)["paymentLink"]["events"]
    assert [(event["type"], event["actor"]) for event in events] == [
        ("CREATED", "Back office"),
        ("SENT", "Back office"),
    ]
