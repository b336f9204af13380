"""The page of payment links: what is to be followed up, and what needs a person."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Route, expect

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


def soon() -> str:
    return (datetime.now(UTC) + timedelta(hours=1)).isoformat()


def search(dashboard: Dashboard, text: str, found: int, status: str = "") -> Locator:
    """The page of links with so many of them found."""
    frame = dashboard.open_links()
    if status:
        frame.get_by_label("Status").select_option(status)
    frame.get_by_role("searchbox").fill(text)
    words = f"{found} in all" if found else "Nothing found"
    expect(frame.get_by_text(words, exact=True)).to_be_visible()
    return frame


def numbers_in(frame: Locator) -> Locator:
    """The orders' numbers, from above."""
    return frame.locator("tbody button.link")


def test_links_are_searched_and_sent_together(dashboard: Dashboard, world: World) -> None:
    numbers = [linked(world, "joan@example.com") for _ in range(2)]
    frame = dashboard.open_links()
    frame.get_by_role("searchbox").fill("joan@")
    expect(frame.get_by_text("2 in all", exact=True)).to_be_visible()
    frame.get_by_label("Select all on this page").check()
    frame.get_by_role("button", name="Send 2 links").click()
    dashboard.links_frame.get_by_role("dialog").get_by_role("button", name="Send").click()

    expect(dashboard.toasts).to_contain_text("2 links are on their way")
    assert [len(world.mails.requests(number)) for number in numbers] == [1, 1]


def test_of_each_that_could_not_be_sent_it_is_said_why(dashboard: Dashboard, world: World) -> None:
    orders = [world.order(email="mary@example.com") for _ in range(2)]
    for order in orders:
        world.link(order)
    numbers = [number_of(world, order) for order in orders]
    frame = search(dashboard, "mary@", 2)
    frame.get_by_label("Select all on this page").check()
    world.person("cashier").reject(orders[0])
    frame.get_by_role("button", name="Send 2 links").click()
    dashboard.links_dialog.get_by_role("button", name="Send").click()

    expect(dashboard.toasts).to_contain_text("1 link is on its way")
    expect(frame.get_by_text("It was not done for 1 link")).to_be_visible()
    expect(frame.get_by_text(f"#{numbers[0]}: ")).to_be_visible()
    expect(frame.get_by_text(f"#{numbers[1]}: ")).to_have_count(0)
    assert [len(world.mails.requests(number)) for number in numbers] == [0, 1]


def test_orders_whose_link_was_closed_get_others_together_on_the_terms_that_were_said(
    dashboard: Dashboard, world: World
) -> None:
    orders = [world.order(email="edith@example.com") for _ in range(2)]
    for order in orders:
        old = world.link(order, amount="10.00", message="Mind the step.", expiresAt=soon())
        world.person("cashier").revoke_link(old["id"])
    frame = search(dashboard, "edith@", 2, status="Closed")
    frame.get_by_label("Select all on this page").check()
    frame.get_by_role("button", name="Create 2 new links").click()
    expect(dashboard.links_dialog).to_contain_text("for all that is still due")
    expect(dashboard.links_dialog).to_contain_text("The new links end as set for the channel.")
    dashboard.links_dialog.get_by_role("button", name="Create").click()

    expect(dashboard.toasts).to_contain_text("2 links are ready")
    for order in orders:
        seen = world.person("cashier").order(order)
        link = seen["paymentLink"]
        terms = (link["amountDue"]["amount"], link["message"], link["expiresAt"])
        assert (link["status"], terms) == ("ACTIVE", (25, None, None))
        assert world.mails.requests(seen["number"]) == []
    # The old ones are replaced now: there is nothing to be made for them again.
    expect(frame.locator("tbody").get_by_role("checkbox", disabled=True)).to_have_count(2)


def test_an_order_that_can_have_no_other_link_is_not_to_be_chosen(
    dashboard: Dashboard, world: World
) -> None:
    staff = world.person("cashier")
    kept, rejected = (world.order(email="agnes@example.com") for _ in range(2))
    staff.revoke_link(world.link(kept)["id"])
    world.link(rejected)
    staff.reject(rejected)
    frame = search(dashboard, "agnes@", 2, status="Closed")

    expect(frame.get_by_label(f"Select order #{number_of(world, rejected)}")).to_be_disabled()
    frame.get_by_label("Select all on this page").check()
    expect(frame.get_by_role("button", name="Create 1 new link")).to_be_visible()


def test_the_list_is_filtered_sorted_and_leads_to_the_order(
    dashboard: Dashboard, world: World
) -> None:
    paid, open_ = linked(world, "rosa@example.com"), linked(world, "rosa@example.com")
    frame = dashboard.open_links()
    frame.get_by_role("searchbox").fill(paid)
    expect(frame.get_by_text("1 in all", exact=True)).to_be_visible()
    frame.get_by_role("searchbox").fill("rosa@")
    expect(frame.get_by_text("2 in all", exact=True)).to_be_visible()
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
    expect(frame.get_by_text("2 in all", exact=True)).to_be_visible()
    boxes = frame.locator("tbody").get_by_role("checkbox")
    boxes.nth(0).focus()
    dashboard.page.keyboard.press("ArrowDown")
    dashboard.page.keyboard.press("Space")

    expect(frame.get_by_label(f"Select order #{numbers[0]}")).to_be_checked()
    expect(boxes.nth(1)).to_be_focused()


# What comes late, or not at all


def ask_twice(dashboard: Dashboard, world: World, email: str) -> tuple[Locator, str, Route]:
    """The answer to the second question is there, that to the first is held back."""
    paid, closed = (world.order(email=email) for _ in range(2))
    world.pay(world.link(paid))
    world.person("cashier").revoke_link(world.link(closed)["id"])
    frame = search(dashboard, email, 0)
    held = dashboard.hold_next("PaymentLinks")
    with dashboard.page.expect_request("**/graphql/"):
        frame.get_by_label("Status").select_option("Paid")
    frame.get_by_label("Status").select_option("Closed")
    number = f"#{number_of(world, closed)}"
    expect(numbers_in(frame)).to_have_text([number])
    (route,) = held
    return frame, number, route


def test_an_older_answer_does_not_replace_a_newer_one(dashboard: Dashboard, world: World) -> None:
    frame, number, older = ask_twice(dashboard, world, "hedy@example.com")

    dashboard.end_held(older, lambda route: route.continue_(), "requestfinished")

    assert numbers_in(frame).all_inner_texts() == [number]


def test_the_failure_of_an_older_question_is_not_told(dashboard: Dashboard, world: World) -> None:
    frame, number, older = ask_twice(dashboard, world, "lamarr@example.com")

    dashboard.end_held(older, lambda route: route.abort(), "requestfailed")

    assert numbers_in(frame).all_inner_texts() == [number]
    assert frame.get_by_role("button", name="Try again").count() == 0


DENIED = {"errors": [{"extensions": {"exception": {"code": "PermissionDenied"}}}]}
FAILURES = {
    "The shop cannot be reached.": lambda route: route.abort(),
    "You do not have the permission for this.": lambda route: route.fulfill(json=DENIED),
}


@pytest.mark.parametrize("words", FAILURES)
def test_a_search_that_fails_says_so_keeps_the_list_and_can_be_tried_again(
    dashboard: Dashboard, world: World, words: str
) -> None:
    email = f"chien{len(words)}@example.com"
    number = linked(world, email)
    frame = search(dashboard, email, 1)
    recover = dashboard.meddle("PaymentLinks", FAILURES[words])
    frame.get_by_role("searchbox").fill("nobody@")

    expect(frame.get_by_text(words)).to_be_visible()
    expect(numbers_in(frame)).to_have_text([f"#{number}"])

    recover()
    frame.get_by_role("button", name="Try again").click()
    expect(frame.get_by_text("Nothing found")).to_be_visible()
    expect(frame.get_by_text(words)).to_have_count(0)
    expect(frame.get_by_role("tabpanel")).to_be_focused()
    expect(frame.get_by_role("searchbox")).to_have_value("nobody@")


def test_when_the_last_page_has_become_empty_there_are_others(
    dashboard: Dashboard, world: World
) -> None:
    dashboard.rewrite_module("paging", ("LENGTH = 25", "LENGTH = 1"))
    old, new = (world.order(email="sofja@example.com") for _ in range(2))
    for order in (old, new):
        world.link(order)
    frame = search(dashboard, "sofja@", 2)
    frame.get_by_role("button", name="Next").click()
    expect(numbers_in(frame)).to_have_text([f"#{number_of(world, old)}"])
    frame.get_by_label("Select all on this page").check()
    world.person("cashier").reject(old)
    frame.get_by_role("button", name="Send 1 link").click()
    dashboard.links_dialog.get_by_role("button", name="Send").click()

    expect(numbers_in(frame)).to_have_text([f"#{number_of(world, new)}"])


# What is shown


def test_the_list_is_sorted_by_each_column_that_can_be(dashboard: Dashboard, world: World) -> None:
    small, large = (world.order({"MUG": mugs}, email="emmy@example.com") for mugs in (1, 2))
    world.link(small)
    world.begin(world.link(large, expiresAt=soon()))  # a click on Pay is a visit
    numbers = [f"#{number_of(world, order)}" for order in (small, large)]
    frame = search(dashboard, "emmy@", 2)
    ascending = {
        "Amount": numbers,
        "Created": numbers,
        "Last opened": numbers,  # never is before all
        "Expires": numbers[::-1],  # never is after all
    }
    for column, expected in ascending.items():
        head = frame.get_by_role("columnheader", name=column)
        for direction, order in {"descending": expected[::-1], "ascending": expected}.items():
            head.get_by_role("button").click()

            expect(head).to_have_attribute("aria-sort", direction)
            expect(numbers_in(frame)).to_have_text(order)


def test_each_status_shows_the_amount_that_counts(dashboard: Dashboard, world: World) -> None:
    cashier = world.person("cashier")

    def order() -> str:
        return world.order(email="maryam@example.com")

    world.link(order(), amount="10.00")
    world.pay(world.link(order(), amount="9.00"))
    refunded = order()
    world.pay(world.link(refunded))
    cashier.refund(cashier.transactions(refunded)[0]["id"], "5.00")
    cashier.revoke_link(world.link(order(), amount="8.00")["id"])
    by_hand, rejected = order(), order()
    world.link(by_hand)
    cashier.mark_paid(by_hand)
    world.link(rejected)
    cashier.reject(rejected)
    assert world.simulator.settle()

    frame = search(dashboard, "maryam@", 6, status="All")
    cells = frame.locator("tbody td.number")
    expect(cells).to_have_text(["–", "–", "$25.00", "$20.00", "$9.00", "$10.00"])


def test_an_expired_link_shows_what_is_owed_still(dashboard: Dashboard, world: World) -> None:
    world.link(world.order(email="valentina@example.com"), expiresAt=soon())
    with world.later(hours=2):
        frame = search(dashboard, "valentina@", 1, status="Expired")

        expect(frame.locator("tbody td.number")).to_have_text(["$25.00"])


def test_amounts_and_times_of_the_list_are_in_the_dashboards_language(
    dashboard: Dashboard, world: World
) -> None:
    order = world.order(email="marie@example.com")
    world.link(order, expiresAt="2099-12-24T12:00:00Z")
    dashboard.choose("locale", "de")
    frame = dashboard.open_links()
    frame.get_by_role("searchbox").fill("marie@")

    expect(numbers_in(frame)).to_have_text([f"#{number_of(world, order)}"])
    expect(frame.locator("tbody td.number")).to_have_text(["25,00\xa0$"])
    expires = frame.locator("tbody time").last
    expect(expires).to_have_text("in 73 Jahren")
    expect(expires).to_have_attribute("title", "24.12.2099, 12:00")


@pytest.mark.parametrize("width", [600, 1280])
def test_who_it_is_for_and_how_much_is_seen_without_scrolling(
    dashboard: Dashboard, world: World, width: int
) -> None:
    email = f"somebody-with-a-very-long-name-at-{width}@example.com"
    world.link(world.order(email=email))
    dashboard.page.set_viewport_size({"width": width, "height": 900})
    frame = search(dashboard, email, 1)

    expect(frame.get_by_text(email)).to_be_in_viewport(ratio=1)
    expect(frame.locator("tbody td.number")).to_be_in_viewport(ratio=1)
