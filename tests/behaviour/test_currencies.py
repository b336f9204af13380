"""Amounts are exact in every currency; what cannot be said exactly is refused."""

import pytest

from sandbox.client.customer import Browser
from sandbox.client.graphql import Refused
from sandbox.client.staff import Staff
from tests.behaviour.world import World, money


def test_yen_are_charged_without_decimals(world: World, cashier: Staff) -> None:
    order = world.order({"PLATE": 2}, channel="channel-jpy")
    link = world.link(order)

    session = world.session(world.pay(link))

    assert (session["amount_total"], session["currency"]) == (60, "jpy")
    seen = cashier.order(order)
    assert (seen["totalCharged"], seen["isPaid"]) == (money("60", "JPY"), True)
    assert "¥60" in world.page(link).text


def test_dinars_are_charged_with_three_decimals(world: World, cashier: Staff) -> None:
    order = world.order({"CRUMB": 2, "MUG": 1}, channel="channel-kwd")
    link = world.link(order)

    session = world.session(world.pay(link))

    assert (session["amount_total"], session["currency"]) == (12_750, "kwd")
    assert cashier.order(order)["totalCharged"] == money("12.750", "KWD")


def test_an_edit_to_an_amount_that_cannot_be_charged_is_refused_at_the_click(
    world: World, cashier: Staff, browser: Browser
) -> None:
    order = world.order({"CRUMB": 4}, channel="channel-kwd")
    link = world.link(order)
    assert link["amountDue"] == money("0.5", "KWD")
    cashier.change_quantity(order, 5)

    with world.unchanged(order):
        page = world.page(link)

    assert page.status == 200
    assert page.pay_form is None
    assert cashier.order(order)["paymentLink"]["amountDue"] == money("0.625", "KWD")


@pytest.mark.parametrize("amount", ["0.125", "0.3755"])
def test_a_deposit_that_cannot_be_charged_is_refused(
    world: World, cashier: Staff, amount: str
) -> None:
    order = world.order({"CRUMB": 4}, channel="channel-kwd")

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        cashier.create_link(order, amount=amount)

    assert (refusal.value.code, refusal.value.field) == ("AMOUNT_NOT_REPRESENTABLE", "amount")


def test_an_order_below_the_providers_minimum_gets_no_link(world: World, cashier: Staff) -> None:
    order = world.order({"PLATE": 1}, channel="channel-jpy")

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        cashier.create_link(order)

    assert (refusal.value.code, refusal.value.field) == ("AMOUNT_TOO_SMALL", None)
    assert "¥30" in refusal.value.message
    assert "¥50" in refusal.value.message
    assert cashier.order(order)["paymentCollection"]["methods"] == []


@pytest.mark.parametrize(
    ("amount", "code"),
    [("49", "AMOUNT_TOO_SMALL"), ("59", "AMOUNT_TOO_LARGE")],
)
def test_a_deposit_is_refused_that_is_too_small_or_leaves_too_little(
    world: World, cashier: Staff, amount: str, code: str
) -> None:
    order = world.order({"PLATE": 2}, channel="channel-jpy")

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        cashier.create_link(order, amount=amount)

    assert (refusal.value.code, refusal.value.field) == (code, "amount")


def test_the_greatest_deposit_that_is_named_can_be_asked_for(world: World, cashier: Staff) -> None:
    order = world.order({"PLATE": 4}, channel="channel-jpy")
    with pytest.raises(Refused) as refusal:
        cashier.create_link(order, amount="71")
    assert "¥70" in refusal.value.message

    world.pay(cashier.create_link(order, amount="70"))
    world.pay(cashier.create_link(order))

    seen = cashier.order(order)
    assert (seen["totalCharged"], seen["isPaid"]) == (money("120", "JPY"), True)


def test_an_amount_that_only_the_provider_knows_to_be_too_small_charges_nothing(
    world: World, cashier: Staff, browser: Browser
) -> None:
    order = world.order({"CRUMB": 4}, channel="channel-kwd")
    form = world.page(world.link(order, amount="0.040")).pay_form
    assert form is not None

    answer = browser.submit(form)

    assert answer.location is None
    assert "too small" in answer.text
    seen = cashier.order(order)
    assert (seen["status"], seen["isPaid"], seen["transactions"]) == ("UNCONFIRMED", False, [])
    assert [each["status"] for each in seen["paymentLink"]["attempts"]] == ["FAILED"]
