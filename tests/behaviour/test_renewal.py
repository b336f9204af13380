"""A customer asks for a fresh link in place of an expired one. Whatever comes of it, the answer
is the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.client.customer import Browser, Page
from sandbox.client.graphql import Json
from sandbox.client.staff import Staff
from sandbox.stripe.client import SimulatorClient
from tests.behaviour.storefront import Storefront
from tests.behaviour.world import World, money, token_of

ANSWER = (
    "If this payment link can be renewed, a fresh one has been sent to the email address that "
    "the shop has."
)
UNKNOWN = "A" * 43


def in_an_hour() -> str:
    return (datetime.now(UTC) + timedelta(hours=1)).isoformat()


def ask(link: Json) -> Page:
    """Ask for a fresh link, whatever the page of the link offers."""
    return Browser().post(f"{link['url']}renew", {})


def requests(world: World, order: str) -> list[Json]:
    return world.mails.requests(world.person("cashier").order(order)["number"])


@contextmanager
def nothing_comes_of(world: World, order: str) -> Iterator[None]:
    """Meanwhile links are asked for in vain: nothing is mailed, and the order is as it was."""
    with world.unchanged(order):
        yield
    assert requests(world, order) == []


@pytest.fixture(scope="module")
def answer(world: World) -> Page:
    """What those are told who have made up a token."""
    return Browser().post(world.stage.plugin_url("default-channel", f"pay/{UNKNOWN}/renew"), {})


# ---------------------------------------------------------------- renewed


def test_the_page_of_an_expired_link_offers_a_fresh_one_that_is_mailed_and_can_be_paid(
    world: World, cashier: Staff, browser: Browser, answer: Page
) -> None:
    order = world.order()
    link = world.link(order, expiresAt=in_an_hour(), message="See you soon")

    with world.later(hours=2):
        form = world.page(link).renewal_form
        assert form is not None
        assert form.method == "post"
        page = browser.submit(form)

    assert (page.status, page.html) == (200, answer.html)
    assert ANSWER in page.text
    fresh = cashier.order(order)["paymentLink"]
    (mail,) = requests(world, order)
    assert mail["to"] == ["buyer@example.com"]
    assert fresh["url"] in mail["text"]
    assert token_of(link) not in mail["text"]
    assert "See you soon" in mail["text"]
    assert fresh["id"] != link["id"]
    assert (fresh["status"], fresh["amountDue"]) == ("ACTIVE", money("25.00"))
    world.pay(fresh)
    seen = cashier.order(order)
    assert (seen["status"], seen["isPaid"]) == ("UNFULFILLED", True)


def test_a_storefront_renews_a_link_the_same_way(world: World, cashier: Staff) -> None:
    order = world.order()
    link = world.link(order, expiresAt=in_an_hour())

    with world.later(hours=2):
        told = Storefront(world.stage).renew(token_of(link))

    assert told == {"ok": True, "errors": []}
    (mail,) = requests(world, order)
    assert cashier.order(order)["paymentLink"]["url"] in mail["text"]


def test_a_deposit_is_renewed_as_a_deposit(world: World, cashier: Staff) -> None:
    order = world.order()
    link = world.link(order, amount="10.00", expiresAt=in_an_hour())

    with world.later(hours=2):
        ask(link)

    fresh = cashier.order(order)["paymentLink"]
    assert (fresh["requestedAmount"], fresh["amountDue"]) == (money("10.00"), money("10.00"))


def test_a_fresh_link_does_not_expire_before_a_mail_is_read(world: World, cashier: Staff) -> None:
    order = world.order()
    link = world.link(order, expiresAt=in_an_hour())

    with world.later(hours=2):
        ask(link)

    ends = datetime.fromisoformat(cashier.order(order)["paymentLink"]["expiresAt"])
    in_26_hours = datetime.now(UTC) + timedelta(hours=26)
    assert abs(ends - in_26_hours) < timedelta(minutes=10)


def test_a_fresh_link_goes_to_the_address_that_the_order_has_now(
    world: World, cashier: Staff
) -> None:
    order = world.order(email="wrong@example.com")
    link = world.link(order, expiresAt=in_an_hour())
    cashier.change_email(order, "right@example.com")

    with world.later(hours=2):
        ask(link)

    (mail,) = requests(world, order)
    assert mail["to"] == ["right@example.com"]


def test_where_another_link_is_in_force_that_one_is_mailed(
    world: World, cashier: Staff, answer: Page
) -> None:
    order = world.order()
    link = world.link(order, expiresAt=in_an_hour())

    with world.later(hours=2):
        other = world.link(order)
        page = ask(link)

    assert page.html == answer.html
    (mail,) = requests(world, order)
    assert other["url"] in mail["text"]
    assert len(cashier.order(order)["paymentCollection"]["links"]) == 2


def test_asking_twice_makes_one_link_and_one_mail(world: World, cashier: Staff) -> None:
    order = world.order()
    link = world.link(order, expiresAt=in_an_hour())

    with world.later(hours=2):
        ask(link)
        ask(link)

    assert len(requests(world, order)) == 1
    assert len(cashier.order(order)["paymentCollection"]["links"]) == 2


# ---------------------------------------------------------------- the same answer, and nothing


def test_an_unknown_token_gets_the_same_answer(world: World, answer: Page) -> None:
    assert answer.status == 200
    assert ANSWER in answer.text
    assert Storefront(world.stage).renew(UNKNOWN) == {"ok": True, "errors": []}
    assert Storefront(world.stage).renew("") == {"ok": True, "errors": []}


def test_a_link_in_force_is_not_renewed(world: World, answer: Page) -> None:
    order = world.order()
    link = world.link(order)

    with nothing_comes_of(world, order):
        assert ask(link).html == answer.html

    assert world.page(link).renewal_form is None


def test_a_paid_link_is_not_renewed(world: World, answer: Page) -> None:
    order = world.order()
    link = world.link(order, expiresAt=in_an_hour())
    world.pay(link)

    with nothing_comes_of(world, order), world.later(hours=2):
        assert ask(link).html == answer.html


def test_a_revoked_link_is_not_renewed(world: World, cashier: Staff, answer: Page) -> None:
    order = world.order()
    link = world.link(order, expiresAt=in_an_hour())
    cashier.revoke_link(link["id"])

    with nothing_comes_of(world, order), world.later(hours=2):
        assert ask(link).html == answer.html


def test_an_old_url_of_a_rotated_link_renews_nothing(
    world: World, cashier: Staff, answer: Page
) -> None:
    order = world.order()
    link = world.link(order, expiresAt=in_an_hour())
    cashier.rotate_link(link["id"])

    with nothing_comes_of(world, order), world.later(hours=2):
        assert ask(link).html == answer.html


def test_what_staff_have_closed_is_not_opened_again_by_an_older_link(
    world: World, cashier: Staff, answer: Page
) -> None:
    order = world.order()
    link = world.link(order, expiresAt=in_an_hour())
    with world.later(hours=2):
        cashier.revoke_link(world.link(order)["id"])

    with nothing_comes_of(world, order), world.later(hours=2):
        assert ask(link).html == answer.html


@pytest.mark.parametrize("close", [Staff.mark_paid, Staff.reject])
def test_a_settled_or_rejected_order_is_not_asked_for_again(
    world: World, cashier: Staff, answer: Page, close: object
) -> None:
    order = world.order()
    link = world.link(order, expiresAt=in_an_hour())
    with world.later(hours=2):
        world.sweep()
        close(cashier, order)

    with nothing_comes_of(world, order), world.later(hours=2):
        assert ask(link).html == answer.html


def test_an_order_without_an_address_gets_no_fresh_link(
    world: World, cashier: Staff, answer: Page
) -> None:
    order = world.order(email="")
    link = world.link(order, expiresAt=in_an_hour())

    with nothing_comes_of(world, order), world.later(hours=2):
        assert ask(link).html == answer.html

    assert len(cashier.order(order)["paymentCollection"]["links"]) == 1


def test_nothing_is_renewed_while_the_plugin_is_switched_off(world: World) -> None:
    order = world.order()
    link = world.link(order, expiresAt=in_an_hour())

    with (
        nothing_comes_of(world, order),
        world.later(hours=2),
        world.settings("default-channel", active=False),
    ):
        assert Storefront(world.stage).renew(token_of(link)) == {"ok": True, "errors": []}


def test_a_payment_on_its_way_is_not_asked_for_again(
    world: World, simulator: SimulatorClient, answer: Page
) -> None:
    order = world.order()
    link = world.link(order, expiresAt=in_an_hour())
    session = world.begin_slowly(link)
    simulator.pay_later(session)
    assert simulator.settle()

    with nothing_comes_of(world, order), world.later(hours=2):
        assert "on its way" in world.page(link).text
        assert ask(link).html == answer.html


def test_a_payment_that_nobody_has_heard_of_is_found_and_not_asked_for_again(
    world: World, cashier: Staff, simulator: SimulatorClient, answer: Page
) -> None:
    simulator.configure_deliveries(mode="drop")
    order = world.order()
    link = world.link(order, expiresAt=in_an_hour())
    world.pay(link)

    with world.later(hours=2):
        assert ask(link).html == answer.html

    seen = cashier.order(order)
    assert requests(world, order) == []
    assert (seen["status"], seen["totalCharged"]) == ("UNFULFILLED", money("25.00"))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_at_where_links_are_renewed_has_no_effect(world: World, method: str) -> None:
    order = world.order()
    link = world.link(order, expiresAt=in_an_hour())

    with nothing_comes_of(world, order), world.later(hours=2):
        known = Browser().open(f"{link['url']}renew", method)
        url = world.stage.plugin_url("default-channel", f"pay/{UNKNOWN}/renew")
        unknown = Browser().open(url, method)

    assert (known.status, known.html) == (unknown.status, unknown.html) == (405, "")
