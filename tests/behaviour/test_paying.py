"""The customer's side of paying: one session, for what is due, until the money is there."""

import pytest

from sandbox.client.customer import Browser
from sandbox.client.graphql import Json, Refused
from sandbox.client.staff import Staff
from sandbox.stripe.client import SimulatorClient
from tests.behaviour.world import World, money


def attempts_of(cashier: Staff, order: str) -> list[tuple[str, Json]]:
    """Status and amount of each attempt."""
    attempts = cashier.order(order)["paymentLink"]["attempts"]
    return [(each["status"], each["amount"]) for each in attempts]


def test_two_clicks_lead_to_one_session(world: World, cashier: Staff) -> None:
    order = world.order()
    link = world.link(order)

    assert world.begin(link) == world.begin(link)

    assert len(world.sessions(link)) == 1
    assert attempts_of(cashier, order) == [("OPEN", money("25.00"))]


def test_after_a_declined_card_the_same_link_is_paid(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order()
    link = world.link(order)
    simulator.decline(world.begin(link))
    assert simulator.settle()
    declined = cashier.order(order)
    assert (declined["status"], declined["transactions"]) == ("UNCONFIRMED", [])
    assert declined["paymentLink"]["status"] == "ACTIVE"
    assert declined["paymentLink"]["attempts"][0]["failureReason"]

    world.pay(link)

    paid = cashier.order(order)
    assert (paid["status"], paid["isPaid"], len(paid["transactions"])) == ("UNFULFILLED", True, 1)
    assert paid["paymentLink"]["url"] == link["url"]


def test_the_page_tells_of_a_declined_card_and_offers_another_try(
    world: World, simulator: SimulatorClient
) -> None:
    link = world.link(world.order())
    simulator.decline(world.begin(link))
    assert simulator.settle()

    page = world.page(link)

    assert "declined" in page.text.lower()
    assert page.pay_form is not None


def test_after_an_abandoned_session_the_same_link_is_paid(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order()
    link = world.link(order)
    simulator.expire(world.begin(link))
    assert simulator.settle()
    assert attempts_of(cashier, order) == [("EXPIRED", money("25.00"))]

    world.pay(link)

    assert cashier.order(order)["isPaid"] is True
    assert sorted(attempts_of(cashier, order), key=str) == [
        ("EXPIRED", money("25.00")),
        ("PAID", money("25.00")),
    ]


def test_a_slow_payment_is_processing_until_its_money_arrives(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order()
    link = world.link(order)
    session = world.begin_slowly(link)

    simulator.pay_later(session)
    assert simulator.settle()

    waiting = cashier.order(order)
    assert (waiting["status"], waiting["isPaid"]) == ("UNCONFIRMED", False)
    assert waiting["transactions"] == []
    assert waiting["paymentLink"]["status"] == "PROCESSING"
    assert waiting["paymentCollection"]["status"] == "PROCESSING"
    assert "CUSTOMER_IS_PAYING" in waiting["paymentCollection"]["warnings"]
    assert attempts_of(cashier, order) == [("PROCESSING", money("25.00"))]
    page = world.page(link)
    assert "on its way" in page.text
    assert page.pay_form is None

    simulator.complete_later(session, "succeeded")
    assert simulator.settle()

    paid = cashier.order(order)
    assert (paid["status"], paid["isPaid"]) == ("UNFULFILLED", True)
    assert (paid["paymentLink"]["status"], attempts_of(cashier, order)) == (
        "PAID",
        [("PAID", money("25.00"))],
    )


def test_a_slow_payment_that_fails_leaves_the_link_to_be_paid(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order()
    link = world.link(order)
    session = world.begin_slowly(link)
    simulator.pay_later(session)
    simulator.complete_later(session, "failed")
    assert simulator.settle()

    seen = cashier.order(order)
    assert (seen["status"], seen["isPaid"], seen["transactions"]) == ("UNCONFIRMED", False, [])
    assert seen["paymentLink"]["status"] == "ACTIVE"
    assert attempts_of(cashier, order) == [("FAILED", money("25.00"))]
    world.pay(link)
    assert cashier.order(order)["isPaid"] is True


def test_nothing_is_marked_paid_while_money_is_in_flight(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order()
    simulator.pay_later(world.begin_slowly(world.link(order)))
    assert simulator.settle()

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        cashier.mark_paid(order)

    assert refusal.value.code == "MONEY_IN_FLIGHT"


def test_nothing_is_rejected_while_money_is_in_flight(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order()
    simulator.pay_later(world.begin_slowly(world.link(order)))
    assert simulator.settle()

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        cashier.reject(order)

    assert refusal.value.code == "MONEY_IN_FLIGHT"


def test_an_edit_closes_the_open_session_and_the_page_shows_the_new_amount(
    world: World, cashier: Staff
) -> None:
    order = world.order()
    link = world.link(order)
    first = world.begin(link)

    cashier.change_quantity(order, 3)

    page = world.page(link)
    assert "$37.50" in page.text
    assert world.session(first)["status"] == "expired"
    assert attempts_of(cashier, order) == [("CANCELED", money("25.00"))]
    second = world.begin(link)
    assert world.session(second)["amount_total"] == 3750


def test_a_discount_closes_the_open_session_too(world: World, cashier: Staff) -> None:
    order = world.order()
    link = world.link(order)
    session = world.begin(link)

    cashier.discount(order, "5.00")

    assert world.session(session)["status"] == "expired"
    assert attempts_of(cashier, order) == [("CANCELED", money("25.00"))]
    assert "$20.00" in world.page(link).text


def test_a_page_from_before_an_edit_charges_nothing(
    world: World, cashier: Staff, browser: Browser
) -> None:
    order = world.order()
    stale = world.page(world.link(order)).pay_form
    assert stale is not None
    cashier.change_quantity(order, 3)

    with world.unchanged(order):
        answer = browser.submit(stale)

    assert answer.location is None
    assert "have not been charged" in answer.text
    assert "$37.50" in answer.text
    assert answer.pay_form is not None
    assert answer.pay_form.fields["revision"] != stale.fields["revision"]


def test_what_the_customer_sends_never_sets_the_amount(world: World, browser: Browser) -> None:
    link = world.link(world.order())

    session = world.begin(link, seen="1.00", amount="1", amount_total="1", currency="jpy")

    seen = world.session(session)
    assert (seen["amount_total"], seen["currency"]) == (2500, "usd")


def test_an_unknown_method_opens_nothing(world: World, browser: Browser) -> None:
    order = world.order()
    form = world.page(world.link(order)).pay_form
    assert form is not None

    with world.unchanged(order):
        answers = [
            browser.submit(form, method=method)
            for method in ("stripe:unknown", "unknown:card", "card", "", "x" * 10_000)
        ]

    assert all(answer.location is None for answer in answers)
    assert all("have not been charged" in answer.text or answer.pay_form for answer in answers)


def test_a_provider_that_is_down_charges_nothing_and_the_next_click_pays(
    world: World, cashier: Staff, browser: Browser
) -> None:
    order = world.order()
    link = world.link(order)
    form = world.page(link).pay_form
    assert form is not None

    with world.provider_down():
        answer = browser.submit(form)

    assert answer.location is None
    assert "have not been charged" in answer.text
    assert world.sessions(link) == []
    world.pay(link)
    assert cashier.order(order)["isPaid"] is True
    assert len(world.sessions(link)) == 1


def test_an_answer_that_was_lost_leads_to_the_same_session(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order()
    link = world.link(order)
    simulator.add_fault("POST", "/v1/checkout/sessions", "timeout_after_commit", times=1)

    world.pay(link)

    assert len(world.sessions(link)) == 1
    assert cashier.order(order)["totalCharged"] == money("25.00")
