"""Refunds that staff ask for in the shop itself, of payments over a link."""

from dataclasses import dataclass

import pytest
import requests

from sandbox.client.graphql import Denied, Json
from sandbox.client.staff import Staff
from sandbox.stage import STRIPE_SECRET_KEY
from sandbox.stripe.client import SimulatorClient
from tests.behaviour.test_races import at_once
from tests.behaviour.world import World, money

REFUNDS = "/v1/refunds"
# What is not answered is repeated twice.
TRIES_OF_ONE_CALL = 3


@dataclass
class Payment:
    """An order of 25.00 USD that was paid over its link."""

    world: World
    order: str
    link: Json
    intent: str

    @property
    def transaction(self) -> Json:
        (found,) = self.world.person("cashier").transactions(self.order)
        return found

    @property
    def amounts(self) -> tuple[Json, Json, Json]:
        """What is charged, refunded, and on its way to the customer."""
        seen = self.transaction
        return seen["chargedAmount"], seen["refundedAmount"], seen["refundPendingAmount"]

    @property
    def steps(self) -> list[str]:
        """What has happened to it, oldest first."""
        return [event["type"] for event in reversed(self.transaction["events"])]

    @property
    def refunds(self) -> list[Json]:
        """What Stripe gave back of it."""
        answer = requests.get(
            self.world.stage.simulator_url + REFUNDS,
            {"payment_intent": self.intent},
            auth=(STRIPE_SECRET_KEY, ""),
            timeout=60,
        )
        listed: list[Json] = answer.json()["data"]
        return listed


@pytest.fixture
def payment(world: World) -> Payment:
    order = world.order()
    link = world.link(order)
    session = world.session(world.pay(link))
    return Payment(world, order, link, session["payment_intent"])


def test_it_is_made_at_the_provider_and_nothing_stays_in_flight(
    payment: Payment, cashier: Staff, simulator: SimulatorClient
) -> None:
    cashier.refund(payment.transaction["id"])

    assert simulator.settle()
    (made,) = payment.refunds
    assert made["amount"] == 2500
    assert payment.amounts == (money("0"), money("25.00"), money("0"))
    events = {event["type"]: event["pspReference"] for event in payment.transaction["events"]}
    assert events == {
        "CHARGE_SUCCESS": payment.intent,
        "REFUND_REQUEST": made["id"],
        "REFUND_SUCCESS": made["id"],
    }
    assert len(payment.steps) == 3


def test_the_customer_reads_of_it(
    payment: Payment, cashier: Staff, simulator: SimulatorClient
) -> None:
    cashier.refund(payment.transaction["id"])

    assert simulator.settle()
    assert payment.world.page(payment.link).heading == "Refunded"


def test_part_of_it_can_be_given_back(
    payment: Payment, cashier: Staff, simulator: SimulatorClient
) -> None:
    cashier.refund(payment.transaction["id"], "10.00")

    assert simulator.settle()
    assert [made["amount"] for made in payment.refunds] == [1000]
    assert payment.amounts == (money("15.00"), money("10.00"), money("0"))
    assert payment.transaction["actions"] == ["REFUND"]
    seen = cashier.order(payment.order)
    assert (seen["totalCharged"], seen["chargeStatus"]) == (money("15.00"), "PARTIAL")


def test_the_rest_can_be_given_back_afterwards(
    payment: Payment, cashier: Staff, simulator: SimulatorClient
) -> None:
    cashier.refund(payment.transaction["id"], "10.00")
    cashier.refund(payment.transaction["id"], "15.00")

    assert simulator.settle()
    assert sorted(made["amount"] for made in payment.refunds) == [1000, 1500]
    assert payment.amounts == (money("0"), money("25.00"), money("0"))


def test_the_button_is_there_while_something_is_left(
    payment: Payment, cashier: Staff, simulator: SimulatorClient
) -> None:
    before = payment.transaction["actions"]

    cashier.refund(payment.transaction["id"])

    assert simulator.settle()
    assert (before, payment.transaction["actions"]) == (["REFUND"], [])


def test_asked_for_again_it_is_refused_and_made_once(
    payment: Payment, cashier: Staff, simulator: SimulatorClient
) -> None:
    cashier.refund(payment.transaction["id"])
    cashier.refund(payment.transaction["id"])

    assert simulator.settle()
    assert [made["amount"] for made in payment.refunds] == [2500]
    assert payment.amounts == (money("0"), money("25.00"), money("0"))
    assert payment.steps.count("REFUND_FAILURE") == 1


@pytest.mark.parametrize("amount", [None, "20.00"])
def test_clicks_at_once_make_it_once(
    payment: Payment, cashier: Staff, simulator: SimulatorClient, amount: str | None
) -> None:
    transaction = payment.transaction["id"]

    at_once(*(lambda: cashier.refund(transaction, amount) for _ in range(4)))

    assert simulator.settle()
    payment.world.sweep()
    (made,) = payment.refunds
    assert made["amount"] == (2000 if amount else 2500)
    assert payment.steps.count("REFUND_SUCCESS") == 1
    assert payment.transaction["refundPendingAmount"] == money("0")


def test_refused_by_the_provider_it_says_so_and_can_be_asked_for_again(
    payment: Payment, cashier: Staff, simulator: SimulatorClient
) -> None:
    simulator.add_fault("POST", REFUNDS, "card_error_402")

    cashier.refund(payment.transaction["id"])

    assert payment.refunds == []
    assert payment.amounts == (money("25.00"), money("0"), money("0"))
    assert payment.steps == ["CHARGE_SUCCESS", "REFUND_REQUEST", "REFUND_FAILURE"]
    assert "declined" in payment.transaction["events"][0]["message"]
    assert payment.world.page(payment.link).heading != "Refunded"

    cashier.refund(payment.transaction["id"])

    assert simulator.settle()
    assert len(payment.refunds) == 1
    assert payment.amounts == (money("0"), money("25.00"), money("0"))


def test_an_answer_of_the_provider_that_was_lost_makes_no_second_refund(
    payment: Payment, cashier: Staff, simulator: SimulatorClient
) -> None:
    simulator.add_fault("POST", REFUNDS, "timeout_after_commit", times=TRIES_OF_ONE_CALL)

    cashier.refund(payment.transaction["id"])
    with payment.world.later(minutes=10):
        payment.world.sweep()

    assert simulator.settle()
    assert [made["amount"] for made in payment.refunds] == [2500]
    assert payment.amounts == (money("0"), money("25.00"), money("0"))
    assert payment.steps.count("REFUND_FAILURE") == 0


def test_a_provider_that_is_busy_is_asked_again_later(
    payment: Payment, cashier: Staff, simulator: SimulatorClient
) -> None:
    with payment.world.provider_down(REFUNDS):
        cashier.refund(payment.transaction["id"])
    assert payment.steps == ["CHARGE_SUCCESS", "REFUND_REQUEST"]

    with payment.world.later(minutes=10):
        payment.world.sweep()

    assert simulator.settle()
    assert [made["amount"] for made in payment.refunds] == [2500]
    assert payment.amounts == (money("0"), money("25.00"), money("0"))


def test_a_refund_that_comes_back_is_charged_again(
    payment: Payment, cashier: Staff, simulator: SimulatorClient
) -> None:
    cashier.refund(payment.transaction["id"], "10.00")
    assert simulator.settle()

    simulator.fail_refund(payment.refunds[0]["id"])

    assert simulator.settle()
    assert payment.amounts == (money("25.00"), money("0"), money("0"))
    assert payment.transaction["actions"] == ["REFUND"]


@pytest.mark.parametrize("person", ["clerk", "outsider", "foreigner", "customer", None])
def test_others_may_not_ask_for_it(payment: Payment, person: str | None) -> None:
    transaction = payment.transaction["id"]

    with payment.world.unchanged(payment.order), pytest.raises(Denied) as denied:
        payment.world.person(person).refund(transaction)

    assert denied.value.code == "PermissionDenied"
    assert payment.refunds == []
    assert payment.steps == ["CHARGE_SUCCESS"]


def test_money_that_staff_took_is_not_given_back_by_a_provider(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order()
    cashier.mark_paid(order)
    (by_hand,) = cashier.transactions(order)
    asked = len(simulator.requests())

    cashier.refund(by_hand["id"])

    (after,) = cashier.transactions(order)
    assert (by_hand["actions"], after["actions"]) == ([], [])
    assert after["chargedAmount"] == money("25.00")
    assert after["events"][0]["type"] == "REFUND_FAILURE"
    assert after["events"][0]["message"]
    assert len(simulator.requests()) == asked
