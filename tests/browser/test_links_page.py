"""The page of payment links: what is to be followed up, and what needs a person."""

from playwright.sync_api import expect

from tests.behaviour.test_exceptions import exception_of, pay_late, pay_less, refunds_of
from tests.behaviour.world import World
from tests.browser.dashboard import Dashboard


def number_of(world: World, order: str) -> str:
    number: str = world.person("cashier").order(order)["number"]
    return number


def linked(world: World, email: str) -> str:
    """An order with a link; answers the order's number."""
    order = world.order(email=email)
    world.link(order)
    return number_of(world, order)


def test_links_are_searched_and_sent_together(dashboard: Dashboard, world: World) -> None:
    numbers = [linked(world, "joan@example.com") for _ in range(2)]
    frame = dashboard.open_links()
    frame.get_by_role("searchbox").fill("joan@")
    expect(frame.get_by_text("2 in all")).to_be_visible()
    frame.get_by_label("Select all on this page").check()
    frame.get_by_role("button", name="Send 2 links").click()
    dashboard.links_frame.get_by_role("dialog").get_by_role("button", name="Send").click()

    expect(dashboard.toasts).to_contain_text("2 links are on their way")
    assert [len(world.mails.requests(number)) for number in numbers] == [1, 1]


def test_what_could_not_be_sent_is_said(dashboard: Dashboard, world: World) -> None:
    order = world.order(email="mary@example.com")
    world.link(order)
    number = number_of(world, order)
    frame = dashboard.open_links()
    frame.get_by_role("searchbox").fill("mary@")
    expect(frame.get_by_text("1 in all")).to_be_visible()
    frame.get_by_label(f"Select order #{number}").check()
    world.person("cashier").reject(order)
    frame.get_by_role("button", name="Send 1 link").click()
    dashboard.links_frame.get_by_role("dialog").get_by_role("button", name="Send").click()

    expect(frame.get_by_text("It was not done for 1 link")).to_be_visible()
    expect(frame.get_by_text(f"#{number}: ")).to_be_visible()
    assert world.mails.requests(number) == []


def test_orders_whose_link_was_closed_get_others_together(
    dashboard: Dashboard, world: World
) -> None:
    orders = [world.order(email="edith@example.com") for _ in range(2)]
    for order in orders:
        world.person("cashier").revoke_link(world.link(order)["id"])
    frame = dashboard.open_links()
    frame.get_by_label("Status").select_option("Closed")
    frame.get_by_role("searchbox").fill("edith@")
    expect(frame.get_by_text("2 in all")).to_be_visible()
    frame.get_by_label("Select all on this page").check()
    frame.get_by_role("button", name="Create 2 new links").click()
    dashboard.links_frame.get_by_role("dialog").get_by_role("button", name="Create").click()

    expect(dashboard.toasts).to_contain_text("2 links are ready")
    for order in orders:
        seen = world.person("cashier").order(order)
        assert seen["paymentLink"]["status"] == "ACTIVE"
        assert world.mails.requests(seen["number"]) == []


def test_the_list_is_filtered_sorted_and_leads_to_the_order(
    dashboard: Dashboard, world: World
) -> None:
    paid, open_ = linked(world, "rosa@example.com"), linked(world, "rosa@example.com")
    frame = dashboard.open_links()
    frame.get_by_role("searchbox").fill(paid)
    expect(frame.get_by_text("1 in all")).to_be_visible()
    frame.get_by_role("searchbox").fill("rosa@")
    expect(frame.get_by_text("2 in all")).to_be_visible()
    numbers = frame.locator("tbody button.link")
    expect(numbers).to_have_text([f"#{open_}", f"#{paid}"])

    frame.get_by_role("button", name="Created").click()
    expect(numbers).to_have_text([f"#{paid}", f"#{open_}"])
    expect(frame.get_by_role("columnheader", name="Created")).to_have_attribute(
        "aria-sort", "ascending"
    )

    frame.get_by_label("Status").select_option("Paid")
    expect(frame.get_by_text("Nothing found")).to_be_visible()
    frame.get_by_label("Status").select_option("All")
    frame.get_by_role("button", name=f"#{open_}").click()
    expect(dashboard.page.get_by_role("heading", name=f"Order #{open_}")).to_be_visible()


def test_rows_are_walked_with_the_arrow_keys(dashboard: Dashboard, world: World) -> None:
    numbers = [linked(world, "lise@example.com") for _ in range(2)]
    frame = dashboard.open_links()
    frame.get_by_role("searchbox").fill("lise@")
    expect(frame.get_by_text("2 in all")).to_be_visible()
    boxes = frame.locator("tbody").get_by_role("checkbox")
    boxes.nth(0).focus()
    dashboard.page.keyboard.press("ArrowDown")
    dashboard.page.keyboard.press("Space")

    expect(frame.get_by_label(f"Select order #{numbers[0]}")).to_be_checked()
    expect(boxes.nth(1)).to_be_focused()


def test_exceptions_are_decided_after_a_question(dashboard: Dashboard, world: World) -> None:
    orders = {"Refund": pay_late(world), "Keep": pay_less(world), "Dismiss": pay_less(world)}
    exceptions = {name: exception_of(world, order) for name, order in orders.items()}
    frame = dashboard.open_links("tab=exceptions")
    for name, exception in exceptions.items():
        card = frame.get_by_role("article").filter(has_text=exception["providerReference"])
        card.get_by_role("button", name=name).click()
        dashboard.links_frame.get_by_role("dialog").get_by_role("button", name="Cancel").click()
        assert exception_of(world, orders[name])["resolution"] is None
        card.get_by_role("button", name=name).click()
        dashboard.links_frame.get_by_role("dialog").get_by_role("button", name=name).click()
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
