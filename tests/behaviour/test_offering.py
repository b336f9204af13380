"""The offer after a draft was completed, and the operator's answer."""

import pytest

from sandbox.client.graphql import Refused
from sandbox.client.staff import Staff
from tests.behaviour.world import MUGS, World, money


def collection_of(cashier: Staff, order: str) -> tuple[str, str | None, bool]:
    seen = cashier.order(order)["paymentCollection"]
    return seen["status"], seen["reason"], seen["promptPending"]


def test_a_draft_is_not_collected(cashier: Staff) -> None:
    draft = cashier.draft(MUGS)

    assert collection_of(cashier, draft) == ("UNAVAILABLE", "DRAFT", False)
    with pytest.raises(Refused) as refusal:
        cashier.create_link(draft)
    assert refusal.value.code == "ORDER_DRAFT"
    assert cashier.order(draft)["status"] == "DRAFT"
    assert cashier.order(draft)["paymentLink"] is None


def test_skipping_answers_the_prompt_and_leaves_the_order_as_it_was(
    world: World, cashier: Staff
) -> None:
    order = world.order()

    cashier.skip(order)

    seen = cashier.order(order)
    assert collection_of(cashier, order) == ("SKIPPED", None, False)
    assert (seen["status"], seen["paymentLink"]) == ("UNFULFILLED", None)


def test_skipping_twice_is_skipping_once(world: World, cashier: Staff) -> None:
    order = world.order()
    cashier.skip(order)

    with world.unchanged(order):
        cashier.skip(order)


def test_skipping_after_a_link_was_made_has_no_effect(world: World, cashier: Staff) -> None:
    order = world.order()
    cashier.create_link(order)

    with world.unchanged(order):
        cashier.skip(order)


def test_a_skipped_order_can_be_collected_later(world: World, cashier: Staff) -> None:
    order = world.order()
    cashier.skip(order)

    link = cashier.create_link(order)
    assert collection_of(cashier, order) == ("AWAITING", None, False)
    world.pay(link)

    assert collection_of(cashier, order) == ("COLLECTED", None, False)
    assert cashier.order(order)["status"] == "UNFULFILLED"


@pytest.mark.parametrize(
    ("channel", "lines", "due", "reason", "code"),
    [
        ("default-channel", {"GIFT": 1}, money("0"), "NOTHING_DUE", "NOTHING_DUE"),
        ("channel-keyless", MUGS, money("25.00"), "NO_METHOD", "NO_METHOD"),
        ("channel-inactive", MUGS, money("25.00"), "PLUGIN_INACTIVE", "NO_METHOD"),
        (
            "channel-kwd",
            {"CRUMB": 1},
            money("0.125", "KWD"),
            "NO_METHOD",
            "AMOUNT_NOT_REPRESENTABLE",
        ),
    ],
)
def test_where_nothing_can_be_collected_the_order_is_made_as_without_paylink(
    world: World,
    cashier: Staff,
    channel: str,
    lines: dict[str, int],
    due: dict[str, object],
    reason: str,
    code: str,
) -> None:
    order = world.order(lines, channel=channel)

    assert collection_of(cashier, order) == ("UNAVAILABLE", reason, False)
    assert cashier.order(order)["paymentCollection"]["amountDue"] == due
    assert cashier.order(order)["paymentCollection"]["methods"] == []
    assert cashier.order(order)["status"] == "UNFULFILLED"
    with world.unchanged(order), pytest.raises(Refused) as refusal:
        cashier.create_link(order)
    assert refusal.value.code == code


def test_a_fulfilled_order_is_not_offered(world: World, cashier: Staff) -> None:
    order = world.order()
    world.hand_over(order)

    assert collection_of(cashier, order) == ("UNAVAILABLE", "FULFILLED", False)


def test_a_cancelled_order_is_not_offered(world: World, cashier: Staff) -> None:
    order = world.order(channel="channel-keyless")
    cashier.cancel(order)

    assert collection_of(cashier, order) == ("UNAVAILABLE", "CANCELED", False)
    with world.unchanged(order), pytest.raises(Refused) as refusal:
        cashier.create_link(order)
    assert refusal.value.code == "ORDER_NOT_COLLECTABLE"


def test_more_paid_than_due_is_nothing_due(world: World, cashier: Staff) -> None:
    order = world.order()
    world.pay(cashier.create_link(order, amount="20.00"))
    cashier.change_quantity(order, 1)

    assert cashier.order(order)["paymentCollection"]["amountDue"] == money("0")
    with world.unchanged(order), pytest.raises(Refused) as refusal:
        cashier.create_link(order)
    assert refusal.value.code == "NOTHING_DUE"
