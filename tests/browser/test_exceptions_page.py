"""Money that needs a person, as the page of payment links shows it."""

from playwright.sync_api import Locator, Route, expect

from sandbox.client.graphql import Json
from tests.behaviour.test_exceptions import (
    exception_of,
    pay_late,
    pay_less,
    pay_twice,
    refunds_of,
)
from tests.behaviour.world import World
from tests.browser.dashboard import Dashboard

NO_ACCESS = {"errors": [{"extensions": {"exception": {"code": "ExpiredSignatureError"}}}]}
RESOLVE = "mutation PaymentExceptionResolve"


def card_of(frame: Locator, exception: Json) -> Locator:
    return frame.get_by_role("article").filter(has_text=exception["providerReference"])


def test_exceptions_are_decided_after_a_question(dashboard: Dashboard, world: World) -> None:
    orders = {"Refund": pay_late(world), "Keep": pay_less(world), "Dismiss": pay_less(world)}
    exceptions = {name: exception_of(world, order) for name, order in orders.items()}
    frame = dashboard.open_links("tab=exceptions")
    for name, exception in exceptions.items():
        card = frame.get_by_role("article").filter(has_text=exception["providerReference"])
        card.get_by_role("button", name=name).click()
        dashboard.links_dialog.get_by_role("button", name="Cancel").click()
        assert exception_of(world, orders[name])["resolution"] is None
        card.get_by_role("button", name=name).click()
        dashboard.links_dialog.get_by_role("button", name=name).click()
        expect(card).to_have_count(0)
    assert world.simulator.settle()

    decided = {name: exception_of(world, order)["resolution"] for name, order in orders.items()}
    assert decided == {"Refund": "REFUNDED", "Keep": "KEPT", "Dismiss": "DISMISSED"}
    assert [len(refunds_of(world, each)) for each in exceptions.values()] == [1, 0, 0]
    frame.get_by_label("Show those that are decided").check()
    expect(frame.get_by_text("Refunded").first).to_be_visible()


def test_exceptions_are_seen_from_the_order_too(dashboard: Dashboard, world: World) -> None:
    dashboard.open_order(pay_less(world))
    expect(dashboard.widget.get_by_text("1 payment needs your attention")).to_be_visible()
    dashboard.widget.get_by_role("button", name="Decide what to do").click()

    frame = dashboard.links_frame
    expect(frame.get_by_role("tab", name="Exceptions")).to_have_attribute("aria-selected", "true")


def test_who_may_not_handle_payments_is_told_so(dashboard: Dashboard) -> None:
    dashboard.log_in("clerk")
    frame = dashboard.open_links("tab=exceptions")

    expect(frame.get_by_text("you need the permission to handle payments")).to_be_visible()


# What is in question still


def refund_in_part(world: World, exception: Json, amount: int) -> None:
    world.simulator.refund(exception["providerReference"], amount)
    assert world.simulator.settle()


def test_of_what_went_back_in_part_the_question_states_what_goes_back_now(
    dashboard: Dashboard, world: World
) -> None:
    exception = exception_of(world, pay_twice(world))
    refund_in_part(world, exception, 1000)
    card = card_of(dashboard.open_links("tab=exceptions"), exception)
    expect(card.get_by_role("heading")).to_contain_text("$15.00")
    expect(card).to_contain_text("$10.00 of $25.00 has gone back, or is on its way back.")
    card.get_by_role("button", name="Refund").click()
    expect(dashboard.links_dialog).to_contain_text("Refund $15.00?")
    expect(dashboard.links_dialog).to_contain_text("The customer gets $15.00 back")
    dashboard.links_dialog.get_by_role("button", name="Refund").click()

    expect(card).to_have_count(0)
    assert sorted(each["amount"] for each in refunds_of(world, exception)) == [1000, 1500]


def test_what_has_changed_since_it_was_asked_about_is_not_refunded(
    dashboard: Dashboard, world: World
) -> None:
    order = pay_late(world)
    exception = exception_of(world, order)
    card = card_of(dashboard.open_links("tab=exceptions"), exception)
    card.get_by_role("button", name="Refund").click()
    expect(dashboard.links_dialog).to_contain_text("Refund $25.00?")
    refund_in_part(world, exception, 1000)
    dashboard.links_dialog.get_by_role("button", name="Refund").click()

    expect(dashboard.links_dialog.get_by_role("alert")).to_contain_text("$15.00 is in question now")
    assert exception_of(world, order)["resolution"] is None
    assert len(refunds_of(world, exception)) == 1
    dashboard.links_dialog.get_by_role("button", name="Cancel").click()
    expect(card.get_by_role("heading")).to_contain_text("$15.00")


def test_what_others_have_decided_meanwhile_is_not_decided_again(
    dashboard: Dashboard, world: World
) -> None:
    order = pay_late(world)
    exception = exception_of(world, order)
    card = card_of(dashboard.open_links("tab=exceptions"), exception)
    card.get_by_role("button", name="Refund").click()
    world.person("admin").resolve(exception["id"], "KEPT")
    dashboard.links_dialog.get_by_role("button", name="Refund").click()

    expect(dashboard.links_dialog.get_by_role("alert")).to_contain_text("decided already")
    assert exception_of(world, order)["resolution"] == "KEPT"
    assert refunds_of(world, exception) == []


def test_there_is_no_refund_of_what_is_on_its_way_back(dashboard: Dashboard, world: World) -> None:
    exception = exception_of(world, pay_late(world))
    world.simulator.dispute(exception["providerReference"])
    assert world.simulator.settle()
    card = card_of(dashboard.open_links("tab=exceptions"), exception)

    expect(card.get_by_role("button", name="Dismiss")).to_be_visible()
    expect(card.get_by_role("button", name="Refund")).to_have_count(0)


# What comes late, or not at all


def test_the_answer_to_an_older_question_does_not_replace_a_newer_one(
    dashboard: Dashboard, world: World
) -> None:
    order = pay_late(world)
    world.person("cashier").resolve(exception_of(world, order)["id"], "DISMISSED")
    waiting, decided = exception_of(world, pay_less(world)), exception_of(world, order)
    frame = dashboard.open_links("tab=exceptions")
    expect(card_of(frame, waiting)).to_be_visible()
    held = dashboard.hold_next("PaymentExceptions")
    with dashboard.page.expect_request("**/graphql/"):
        frame.get_by_label("Show those that are decided").check()
    with dashboard.page.expect_event("requestfinished"):
        frame.get_by_label("Show those that are decided").uncheck()
    (older,) = held
    dashboard.end_held(older, lambda route: route.continue_(), "requestfinished")

    assert (card_of(frame, waiting).count(), card_of(frame, decided).count()) == (1, 0)


def test_how_many_wait_is_said_while_those_that_are_decided_are_shown(
    dashboard: Dashboard, world: World
) -> None:
    pay_less(world)
    frame = dashboard.open_links("tab=exceptions")
    number = frame.get_by_role("tab", name="Exceptions").locator(".count")
    expect(number).to_be_visible()
    before = number.inner_text()
    frame.get_by_label("Show those that are decided").check()
    expect(frame.get_by_role("article").get_by_role("button", name="Refund")).to_have_count(0)
    frame.get_by_role("tab", name="Links").click()

    expect(number).to_have_text(before)


def test_without_access_no_button_moves_money(dashboard: Dashboard, world: World) -> None:
    order = pay_late(world)
    exception = exception_of(world, order)
    frame = dashboard.open_links("tab=exceptions")
    card = card_of(frame, exception)
    card.get_by_role("button", name="Refund").click()
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.post_data or "")
        route.fulfill(json=NO_ACCESS)

    dashboard.page.route("**/graphql/", refuse)
    refund = dashboard.links_dialog.get_by_role("button", name="Refund")
    for _time in range(2):
        refund.click()
        expect(dashboard.links_dialog.get_by_role("alert")).to_contain_text("access has run out")
    dashboard.links_dialog.get_by_role("button", name="Cancel").click()

    expect(frame).to_contain_text("Your access has run out. Reload the page to go on.")
    expect(frame.get_by_role("button")).to_have_count(0)
    assert not any(RESOLVE in each for each in asked)
    assert exception_of(world, order)["resolution"] is None
    assert refunds_of(world, exception) == []
