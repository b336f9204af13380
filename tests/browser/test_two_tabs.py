"""Two people at the same order: what one does, the other sees, and cannot undo unawares."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.behaviour.world import World
from tests.browser.dashboard import Dashboard


@pytest.fixture
def order(world: World) -> str:
    order = world.order()
    world.link(order)
    return order


@pytest.fixture
def other(chrome: Browser, world: World, order: str) -> Iterator[Dashboard]:
    """The other's screen, with the order on it. A profile of its own."""
    context = chrome.new_context(viewport={"width": 1400, "height": 1000}, locale="en-US")
    shown = Dashboard(context.new_page(), world)
    shown.open_order(order)
    expect(shown.widget.get_by_text("Waiting for payment")).to_be_visible()
    yield shown
    assert shown.faults == []
    context.close()


def test_what_one_has_closed_the_other_sees_without_a_reload(
    dashboard: Dashboard, other: Dashboard, order: str
) -> None:
    dashboard.open_order(order)
    dashboard.widget.get_by_text("More actions").click()
    dashboard.widget.get_by_role("button", name="Close link…").click()
    dashboard.dialog.get_by_role("button", name="Close link").click()

    expect(other.widget.get_by_text("Not collected yet")).to_be_visible()
    expect(other.widget.get_by_role("button", name="Copy")).to_have_count(0)


def test_what_one_has_marked_as_paid_the_other_sees_without_a_reload(
    dashboard: Dashboard, other: Dashboard, order: str
) -> None:
    dashboard.open_order(order)
    dashboard.widget.get_by_role("button", name="Mark as paid…").click()
    dashboard.dialog.get_by_role("button", name="Mark as paid").click()

    expect(other.widget.get_by_text("Marked as paid", exact=True)).to_be_visible()
    expect(other.order_status).to_have_text("UNFULFILLED")
    expect(other.widget.get_by_role("button", name="Mark as paid")).to_have_count(0)


def test_a_question_that_is_out_of_date_is_refused_in_words(
    other: Dashboard, order: str, world: World
) -> None:
    other.widget.get_by_role("button", name="Send by email").click()
    world.person("admin").revoke_link(world.person("cashier").order(order)["paymentLink"]["id"])
    with world.unchanged(order):
        other.dialog.get_by_role("button", name="Send").click()

        expect(other.dialog.get_by_role("alert")).to_contain_text("can no longer be paid")


def test_what_is_paid_already_is_not_marked_as_paid_again(
    other: Dashboard, order: str, world: World
) -> None:
    other.widget.get_by_role("button", name="Mark as paid…").click()
    world.person("admin").mark_paid(order)
    with world.unchanged(order):
        other.dialog.get_by_role("button", name="Mark as paid").click()

        expect(other.dialog.get_by_role("alert")).to_contain_text("Nothing was booked")
