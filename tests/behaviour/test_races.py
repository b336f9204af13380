"""Many at once: what one of them may do, the others find done."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sandbox.client.customer import Browser
from sandbox.client.graphql import Refused
from sandbox.client.staff import Staff
from sandbox.stripe.client import SimulatorClient
from tests.behaviour.test_road import assert_paid
from tests.behaviour.world import World, money

T = TypeVar("T")
MANY = 6


def at_once(*actions: Callable[[], T]) -> list[T]:
    """What each of the actions answers, all begun together."""
    with ThreadPoolExecutor(len(actions)) as pool:
        begun = [pool.submit(action) for action in actions]
        return [each.result() for each in begun]


def test_links_created_at_once_are_one_link(world: World, cashier: Staff) -> None:
    order = world.order()

    links = at_once(*(lambda: cashier.create_link(order, send=True) for _ in range(MANY)))

    assert len({link["url"] for link in links}) == 1
    seen = cashier.order(order)
    assert len(seen["paymentCollection"]["links"]) == 1
    assert len(world.mails.requests(seen["number"])) == 1


def test_clicks_at_once_lead_to_one_session(world: World, cashier: Staff) -> None:
    order = world.order()
    link = world.link(order)
    form = world.page(link).pay_form
    assert form is not None

    answers = at_once(*(lambda: Browser().submit(form) for _ in range(MANY)))

    (session,) = world.sessions(link)
    went = {answer.location for answer in answers if answer.status == 303}
    assert went == {session["url"]}
    assert len(cashier.order(order)["paymentLink"]["attempts"]) == 1


def test_webhooks_and_return_pages_at_once_book_once(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    simulator.configure_deliveries(mode="hold", double=True, shuffle=True, seed=11)
    order = world.order()
    session = world.session(world.pay(world.link(order)))

    at_once(
        simulator.release_deliveries,
        world.sweep,
        *(lambda: Browser().open(session["success_url"]) for _ in range(MANY)),
    )
    assert simulator.settle()

    seen = cashier.order(order)
    assert_paid(seen, session, money("25.00"))
    assert len(world.mails.receipts(seen["number"])) == 1


def test_a_payment_and_a_mark_by_hand_at_once_are_never_both(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order()
    session = world.begin(world.link(order))

    outcomes = at_once(
        lambda: tried(lambda: simulator.pay(session)),
        lambda: tried(lambda: cashier.mark_paid(order)),
    )
    assert simulator.settle()

    seen = cashier.order(order)
    assert sorted(outcomes) == [False, True]
    assert (seen["isPaid"], seen["totalCharged"]) == (True, money("25.00"))
    assert len(seen["transactions"]) == 1


def tried(action: Callable[[], object]) -> bool:
    """Whether it could be done."""
    try:
        action()
    except (Refused, OSError):
        return False
    return True
