"""Money that needs a person: seen, booked as it is, and dealt with once."""

from collections.abc import Callable
from functools import partial

import pytest
import requests

from sandbox.client.customer import Browser
from sandbox.client.graphql import Denied, Json, Refused
from sandbox.client.staff import Staff
from sandbox.stage import STRIPE_SECRET_KEY
from sandbox.stripe.client import SimulatorClient
from tests.behaviour.test_races import at_once
from tests.behaviour.world import World, money

SESSIONS = "/v1/checkout/sessions"
REFUNDS = "/v1/refunds"
# What is not answered is repeated twice.
TRIES_OF_ONE_CALL = 3

Way = Callable[[World], str]


def pay_twice(world: World) -> str:
    """The page that was opened first is never heard of, until somebody pays there."""
    order = world.order()
    link = world.link(order)
    form = world.page(link).pay_form
    assert form is not None
    world.simulator.add_fault("POST", SESSIONS, "timeout_after_commit", times=TRIES_OF_ONE_CALL)
    Browser().submit(form)
    (first,) = world.sessions(link)
    # Nobody waits for ever for a page that nobody was sent to.
    with world.later(hours=23, minutes=5):
        world.sweep()
    world.pay(link)
    world.simulator.pay(first["id"])
    assert world.simulator.settle()
    return order


def pay_late(world: World) -> str:
    """The order is cancelled while the customer pays."""
    order = world.order()
    session = world.begin(world.link(order))
    world.simulator.configure_deliveries(mode="hold")
    world.simulator.pay(session)
    world.person("cashier").cancel(order)
    world.simulator.configure_deliveries()
    world.simulator.release_deliveries()
    assert world.simulator.settle()
    return order


def pay_less(world: World) -> str:
    """The provider has received another amount than it was to ask for."""
    order = world.order()
    world.simulator.pay(world.begin(world.link(order)), amount=2400)
    assert world.simulator.settle()
    return order


def pay_more(world: World) -> str:
    """Staff write down all of the order's total, although a deposit was paid."""
    order = world.order()
    world.pay(world.link(order, amount="10.00"))
    world.person("cashier").add_transaction(order, "25.00")
    return order


WAYS = {"DUPLICATE": pay_twice, "LATE": pay_late, "MISMATCH": pay_less, "OVERPAID": pay_more}
EVERY_WAY = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


def exception_of(world: World, order: str) -> Json:
    (found,) = world.person("cashier").exceptions(order)
    return found


def refunds_of(world: World, exception: Json) -> list[Json]:
    """What Stripe gave back of the payment."""
    answer = requests.get(
        world.stage.simulator_url + REFUNDS,
        {"payment_intent": exception["providerReference"]},
        auth=(STRIPE_SECRET_KEY, ""),
        timeout=60,
    )
    listed: list[Json] = answer.json()["data"]
    return listed


def resolve(world: World, order: str, resolution: str, person: str = "cashier") -> Json:
    exception = exception_of(world, order)
    resolved = world.person(person).resolve(exception["id"], resolution)
    assert world.simulator.settle()
    return resolved


# Seen


@pytest.mark.parametrize(
    ("kind", "amount", "charged", "status"),
    [
        ("DUPLICATE", "25.00", "50.00", "UNFULFILLED"),
        ("LATE", "25.00", "25.00", "CANCELED"),
        ("MISMATCH", "24.00", "24.00", "UNCONFIRMED"),
        ("OVERPAID", "10.00", "35.00", "UNFULFILLED"),
    ],
)
def test_it_is_booked_as_it_is_and_shown(
    world: World, cashier: Staff, kind: str, amount: str, charged: str, status: str
) -> None:
    order = WAYS[kind](world)

    exception = exception_of(world, order)
    assert (exception["kind"], exception["amount"]) == (kind, money(amount))
    assert (exception["resolution"], exception["resolvedAt"]) == (None, None)
    assert exception["message"]
    payment = exception["providerReference"]
    assert exception["providerUrl"] == f"https://dashboard.stripe.com/test/payments/{payment}"
    seen = cashier.order(order)
    assert (seen["totalCharged"], seen["status"]) == (money(charged), status)
    steps = [event["type"] for event in seen["paymentLink"]["events"]]
    assert steps.count("EXCEPTION_RAISED") == 1


# Given back


@pytest.mark.parametrize(
    ("kind", "back", "left", "status"),
    [
        ("DUPLICATE", 2500, "25.00", "UNFULFILLED"),
        ("LATE", 2500, "0", "CANCELED"),
        ("MISMATCH", 2400, "0", "UNCONFIRMED"),
        ("OVERPAID", 1000, "25.00", "UNFULFILLED"),
    ],
)
def test_it_is_given_back_and_the_order_stays_as_it_is(
    world: World, cashier: Staff, kind: str, back: int, left: str, status: str
) -> None:
    order = WAYS[kind](world)

    resolved = resolve(world, order, "REFUNDED")

    assert (resolved["resolution"], resolved["resolvedAt"] is None) == ("REFUNDED", False)
    assert [made["amount"] for made in refunds_of(world, resolved)] == [back]
    seen = cashier.order(order)
    assert (seen["totalCharged"], seen["status"]) == (money(left), status)
    # Nothing that was dealt with comes up again.
    with world.unchanged(order):
        world.sweep()


@EVERY_WAY
def test_it_is_given_back_once_though_it_is_clicked_twice(world: World, way: Way) -> None:
    order = way(world)

    for _click in range(2):
        resolved = resolve(world, order, "REFUNDED")

    assert len(refunds_of(world, resolved)) == 1


@EVERY_WAY
def test_two_staff_at_once_give_it_back_once(world: World, way: Way) -> None:
    exception = exception_of(world, way(world))
    staff = [world.person(each) for each in ("cashier", "admin") * 2]

    answers = at_once(*(partial(answer, each, exception, "REFUNDED") for each in staff))

    assert world.simulator.settle()
    # Whoever comes second may be told that it is under way.
    assert set(answers) <= {"REFUNDED", "PROVIDER_ERROR"}
    assert "REFUNDED" in answers
    assert len(refunds_of(world, exception)) == 1


def answer(staff: Staff, exception: Json, resolution: str) -> str:
    """How it was resolved, or the code of the refusal."""
    try:
        return str(staff.resolve(exception["id"], resolution)["resolution"])
    except Refused as refused:
        return refused.code


def test_a_refund_whose_answer_was_lost_is_not_made_twice(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = pay_late(world)
    exception = exception_of(world, order)
    simulator.add_fault("POST", REFUNDS, "timeout_after_commit", times=TRIES_OF_ONE_CALL)
    cashier_said = answer(cashier, exception, "REFUNDED")
    assert simulator.settle()

    with world.later(minutes=10):
        world.sweep()
    resolved = resolve(world, order, "REFUNDED")

    assert cashier_said in ("PROVIDER_ERROR", "REFUNDED")
    assert resolved["resolution"] == "REFUNDED"
    assert len(refunds_of(world, exception)) == 1


def test_a_refund_that_is_refused_leaves_it_open_and_says_why(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = pay_late(world)
    exception = exception_of(world, order)
    simulator.add_fault("POST", REFUNDS, "card_error_402")

    with world.unchanged(order), pytest.raises(Refused) as refused:
        cashier.resolve(exception["id"], "REFUNDED")

    assert refused.value.code == "PROVIDER_ERROR"
    assert "Your card was declined." in refused.value.message
    assert refunds_of(world, exception) == []

    assert resolve(world, order, "REFUNDED")["resolution"] == "REFUNDED"
    assert len(refunds_of(world, exception)) == 1


def test_a_refund_that_comes_back_is_a_question_again(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = pay_late(world)
    resolved = resolve(world, order, "REFUNDED")

    simulator.fail_refund(refunds_of(world, resolved)[0]["id"])
    assert simulator.settle()

    assert exception_of(world, order)["resolution"] is None
    assert cashier.order(order)["totalCharged"] == money("25.00")
    assert cashier.order(order)["status"] == "CANCELED"


def test_what_is_given_back_in_the_providers_dashboard_is_resolved_by_itself(
    world: World, simulator: SimulatorClient
) -> None:
    order = pay_twice(world)

    simulator.refund(exception_of(world, order)["providerReference"])
    assert simulator.settle()

    assert exception_of(world, order)["resolution"] == "REFUNDED"


def test_what_is_given_back_in_the_shop_is_resolved_by_itself(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = pay_late(world)
    (taken,) = cashier.transactions(order)

    cashier.refund(taken["id"])
    assert simulator.settle()

    resolved = exception_of(world, order)
    assert resolved["resolution"] == "REFUNDED"
    assert len(refunds_of(world, resolved)) == 1


# Kept, or left alone


@pytest.mark.parametrize("resolution", ["KEPT", "DISMISSED"])
@EVERY_WAY
def test_what_is_not_given_back_stays_where_it_is(
    world: World, cashier: Staff, way: Way, resolution: str
) -> None:
    order = way(world)
    before = cashier.order(order)

    for _click in range(2):
        resolved = resolve(world, order, resolution)

    assert resolved["resolution"] == resolution
    assert refunds_of(world, resolved) == []
    after = cashier.order(order)
    assert (after["totalCharged"], after["status"]) == (before["totalCharged"], before["status"])


def test_another_amount_that_is_kept_confirms_the_order_it_pays(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order()
    simulator.pay(world.begin(world.link(order)), amount=2600)
    assert simulator.settle()
    assert cashier.order(order)["status"] == "UNCONFIRMED"

    resolve(world, order, "KEPT")

    assert cashier.order(order)["status"] == "UNFULFILLED"


def test_who_decides_otherwise_afterwards_is_refused(world: World, cashier: Staff) -> None:
    order = pay_late(world)
    resolved = resolve(world, order, "KEPT")

    with world.unchanged(order), pytest.raises(Refused) as refused:
        cashier.resolve(resolved["id"], "REFUNDED")

    assert refused.value.code == "INVALID"
    assert refunds_of(world, resolved) == []


# By the channel's policy


@pytest.mark.parametrize("way", [pay_twice, pay_late])
def test_a_policy_gives_it_back_by_itself_once(
    world: World, cashier: Staff, simulator: SimulatorClient, way: Way
) -> None:
    with world.settings("default-channel", values={"automatic-refunds": "duplicate, late"}):
        order = way(world)
        world.sweep()

    resolved = exception_of(world, order)
    assert resolved["resolution"] == "REFUNDED"
    assert [made["amount"] for made in refunds_of(world, resolved)] == [2500]
    steps = {each["type"]: each["actor"] for each in cashier.order(order)["paymentLink"]["events"]}
    assert steps["EXCEPTION_RESOLVED"] is None


@pytest.mark.parametrize("way", [pay_less, pay_more])
def test_a_policy_leaves_other_money_to_a_person(world: World, way: Way) -> None:
    with world.settings("default-channel", values={"automatic-refunds": "duplicate, late"}):
        order = way(world)
        world.sweep()

    exception = exception_of(world, order)
    assert exception["resolution"] is None
    assert refunds_of(world, exception) == []


# By whom


@pytest.mark.parametrize("person", ["clerk", "outsider", "foreigner", "customer", None])
def test_only_who_handles_payments_of_the_channel_decides(world: World, person: str | None) -> None:
    order = pay_late(world)
    exception = exception_of(world, order)

    with world.unchanged(order), pytest.raises(Denied):
        world.person(person).resolve(exception["id"], "REFUNDED")

    assert refunds_of(world, exception) == []
