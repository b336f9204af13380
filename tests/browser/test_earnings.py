"""The page of earnings, as the shop's owner reads it.

The suite's shop is one for all tests: what a test has brought about is told from the rest by the
difference, by its order, or by a channel of its own.
"""

import csv
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from sandbox.client.graphql import Json
from tests.behaviour.world import World
from tests.browser.dashboard import Dashboard
from tests.browser.test_looks import assert_accessible_in_both_themes, tab_to

WIDTHS = (600, 1280)
PROVIDERS_FIGURES = ("gross", "refunded", "disputed", "fees", "net")


def number_of(world: World, order: str) -> str:
    number: str = world.person("cashier").order(order)["number"]
    return number


def figure(frame: Locator, name: str, currency: str = "USD") -> Decimal:
    words = frame.locator(f"#{name}-{currency}").inner_text()
    return Decimal("".join(each for each in words if each.isdigit() or each in ".-"))


def figures(frame: Locator) -> dict[str, Decimal]:
    expect(frame.locator("#net-USD")).to_be_visible()
    names = ("net", "gross", "refunded", "disputed", "fees", "count")
    return {name: figure(frame, name) for name in names}


def paid(world: World, **whose: Any) -> str:
    order = world.order(**whose)
    world.pay(world.link(order))
    return order


def marked(world: World) -> str:
    order = world.order()
    world.link(order)
    world.person("cashier").mark_paid(order)
    return order


def explain(frame: Locator, number: str) -> Locator:
    frame.get_by_label("Order number").fill(number)
    frame.get_by_role("button", name="Explain").click()
    return frame.locator(".answer")


def downloaded(dashboard: Dashboard, frame: Locator) -> list[dict[str, str]]:
    with dashboard.page.expect_download() as download:
        frame.get_by_role("button", name="Download CSV").click()
    text = Path(download.value.path()).read_text()
    return list(csv.DictReader(text.splitlines()))


def of_order(rows: list[dict[str, str]], number: str) -> list[tuple[str, str, str, str]]:
    return [
        (row["kind"], row["amount"], row["currency"], row["in_earnings"])
        for row in rows
        if row["order"] == number
    ]


# Figures


def test_a_paid_link_is_in_the_figures_to_the_cent_and_a_manual_mark_is_not(
    dashboard: Dashboard, world: World
) -> None:
    paid(world)
    before = figures(dashboard.open_earnings())
    was = world.person("cashier").earnings()["USD"]
    paid(world)
    marked(world)
    now = world.person("cashier").earnings()["USD"]

    frame = dashboard.open_earnings()
    after = figures(frame)

    gained = {name: after[name] - before[name] for name in after}
    fee = Decimal(str(now["fees"]["amount"])) - Decimal(str(was["fees"]["amount"]))
    assert gained == {
        "net": 25 - fee,
        "gross": 25,
        "refunded": 0,
        "disputed": 0,
        "fees": fee,
        "count": 1,
    }
    manual = now["manual"]
    expect(frame.locator("#earned-USD .by-hand")).to_have_text(
        f"By hand: ${manual['gross']['amount']:,.2f} in {manual['count']} "
        f"payment{'' if manual['count'] == 1 else 's'}. It is not in the figures above."
    )


def test_a_currency_has_a_block_of_its_own_and_the_digits_it_is_written_with(
    dashboard: Dashboard, world: World
) -> None:
    paid(world)
    paid(world, lines={"PLATE": 5}, channel="channel-jpy")
    frame = dashboard.open_earnings()
    expect(frame.locator("#gross-JPY")).to_have_text("¥150")
    frame.get_by_label("Currency").select_option("JPY")

    expect(frame.locator("#earned-USD")).to_have_count(0)
    expect(frame.locator("#gross-JPY")).to_have_text("¥150")
    frame.get_by_label("Currency").select_option("All currencies")
    expect(frame.locator("#earned-USD")).to_be_visible()


def test_a_channel_shows_its_own_money(dashboard: Dashboard, world: World) -> None:
    paid(world)
    paid(world, lines={"PLATE": 1}, channel="channel-eur")
    frame = dashboard.open_earnings()
    expect(frame.locator("#earned-USD")).to_be_visible()
    frame.get_by_label("Channel").select_option("channel-eur")

    expect(frame.locator("#earned-USD")).to_have_count(0)
    expect(frame.locator("#earned-EUR")).to_be_visible()


def answer(net: float, gross: float, **others: Any) -> Json:
    """What the shop might say of dollars."""

    def money(amount: float) -> Json:
        return {"amount": amount, "currency": "USD"}

    sums = {
        "gross": money(gross),
        "refunded": money(0),
        "fees": money(gross - net),
        "net": money(net),
    }
    point = {"start": "2026-03-01", **sums, "manual": money(0), "paymentCount": 1}
    return {
        "currency": "USD",
        **sums,
        "disputed": money(0),
        "feesComplete": True,
        "paymentCount": 1,
        "manual": {"gross": money(0), "count": 0},
        "series": [point],
        **others,
    }


def answers(*given: list[Json]) -> Callable[[Route], None]:
    """One after the other, and the last one from then on."""
    waiting = list(given)

    def fulfill(route: Route) -> None:
        now = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        route.fulfill(json={"data": {"paymentEarnings": now}})

    return fulfill


def of_the_shops(dashboard: Dashboard, **more: Any) -> None:
    """Let it be a leap day in the shop."""
    setting = {"channels": ["x"], "today": "2024-02-29", "timeZone": "Pacific/Kiritimati"} | more
    dashboard.page.route("**/earnings/setting?*", lambda route: route.fulfill(json=setting))


@pytest.mark.parametrize(
    ("now", "then", "words"),
    [
        (150, [100], "$50.00 (50%) more net than before (Feb 16 – 22, 2024: $100.00)"),
        (99.9, [100.2], "$0.30 (0.3%) less net than before (Feb 16 – 22, 2024: $100.20)"),
        (100, [100], "As much net as before (Feb 16 – 22, 2024: $100.00)"),
        (998, [100], "$898.00 (898%) more net than before (Feb 16 – 22, 2024: $100.00)"),
        (1100, [100], "$1,000.00 more net than before (Feb 16 – 22, 2024: $100.00)"),
        (10, [-5], "$15.00 more net than before (Feb 16 – 22, 2024: -$5.00)"),
        (10, [0], "$10.00 more net than before (Feb 16 – 22, 2024: $0.00)"),
        (10, [], "Before that, nothing came in (Feb 16 – 22, 2024)."),
    ],
)
def test_what_is_compared_is_said_in_words_and_percent(
    dashboard: Dashboard, now: float, then: list[float], words: str
) -> None:
    of_the_shops(dashboard)
    frame = dashboard.open_earnings()
    expect(frame.get_by_label("Period")).to_be_visible()
    before = [answer(each, each) for each in then]
    dashboard.meddle("PaymentEarnings", answers([answer(now, now)], before))
    frame.get_by_label("Period").select_option("Last 7 days")

    expect(frame.locator(".compared")).to_have_text(words)


def test_a_day_that_is_not_over_is_held_against_no_whole_one(dashboard: Dashboard) -> None:
    of_the_shops(dashboard)
    frame = dashboard.open_earnings()
    expect(frame.get_by_label("Period")).to_be_visible()
    dashboard.meddle("PaymentEarnings", answers([answer(1, 1)], [answer(100, 100)]))
    frame.get_by_label("Period").select_option("Today")

    expect(frame.locator(".compared")).to_have_text(
        "The whole day to compare with (Feb 28, 2024) brought $100.00 net."
    )
    expect(frame.locator(".range")).to_have_text(
        "Feb 29, 2024, so far (time zone: Pacific/Kiritimati)"
    )


@pytest.mark.parametrize(
    ("today", "period", "beside"),
    [
        ("2024-04-01", "This week", "Mar 25, 2024"),
        ("2024-05-01", "This month", "Apr 1, 2024"),
        ("2024-01-01", "This year", "Jan 1, 2023"),
    ],
)
def test_the_first_day_of_a_period_is_beside_none_that_is_called_the_day_before(
    dashboard: Dashboard, today: str, period: str, beside: str
) -> None:
    of_the_shops(dashboard, today=today)
    frame = dashboard.open_earnings()
    frame.get_by_label("Period").select_option("All time")
    expect(frame.locator(".range")).to_contain_text("… –")
    dashboard.meddle("PaymentEarnings", answers([answer(1, 1)], [answer(100, 100)]))
    frame.get_by_label("Period").select_option(period)

    expect(frame.locator(".compared")).to_have_text(
        f"The whole day to compare with ({beside}) brought $100.00 net."
    )


def test_a_period_that_is_over_is_not_so_far(dashboard: Dashboard) -> None:
    of_the_shops(dashboard)
    dashboard.meddle("PaymentEarnings", answers([answer(1, 1)]))
    frame = dashboard.open_earnings()
    frame.get_by_label("Period").select_option("Last month")

    expect(frame.locator(".range")).to_have_text("Jan 1 – 31, 2024 (time zone: Pacific/Kiritimati)")


def test_fees_that_are_not_known_yet_are_said(dashboard: Dashboard) -> None:
    dashboard.meddle("PaymentEarnings", answers([answer(100, 100, feesComplete=False)]))
    frame = dashboard.open_earnings()

    expect(frame.get_by_text("Not all fees are known yet")).to_be_visible()


def test_all_time_has_no_days_before(dashboard: Dashboard, world: World) -> None:
    paid(world)
    frame = dashboard.open_earnings()
    frame.get_by_label("Period").select_option("All time")

    expect(frame.get_by_role("button", name="Show the movements").first).to_be_visible()
    expect(frame.locator(".compared")).to_have_count(0)


def ranges_asked(dashboard: Dashboard, frame: Locator, period: str) -> list[Any]:
    asked: list[Any] = []

    def note(route: Route) -> None:
        asked.append(route.request.post_data_json["variables"])
        route.fulfill(json={"data": {"paymentEarnings": [answer(1, 1)]}})

    stop = dashboard.meddle("PaymentEarnings", note)
    with dashboard.page.expect_event("requestfinished"):
        frame.get_by_label("Period").select_option(period)
    expect(frame.locator("#net-USD")).to_have_text("$1.00")
    stop()
    return [(each["range"]["gte"], each["range"]["lte"], each["granularity"]) for each in asked]


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("Today", [("2024-02-29", "2024-02-29", "DAY"), ("2024-02-28", "2024-02-28", "DAY")]),
        ("Yesterday", [("2024-02-28", "2024-02-28", "DAY"), ("2024-02-27", "2024-02-27", "DAY")]),
        ("This week", [("2024-02-26", "2024-02-29", "DAY"), ("2024-02-19", "2024-02-22", "DAY")]),
        ("Last 7 days", [("2024-02-23", "2024-02-29", "DAY"), ("2024-02-16", "2024-02-22", "DAY")]),
        (
            "Last 30 days",
            [("2024-01-31", "2024-02-29", "DAY"), ("2024-01-01", "2024-01-30", "DAY")],
        ),
        ("Last month", [("2024-01-01", "2024-01-31", "DAY"), ("2023-12-01", "2023-12-31", "DAY")]),
        ("This year", [("2024-01-01", "2024-02-29", "WEEK"), ("2023-01-01", "2023-02-28", "WEEK")]),
        (
            "Last year",
            [("2023-01-01", "2023-12-31", "MONTH"), ("2022-01-01", "2022-12-31", "MONTH")],
        ),
        (
            "Last 12 months",
            [("2023-03-01", "2024-02-29", "MONTH"), ("2022-03-01", "2023-02-28", "MONTH")],
        ),
        ("All time", [(None, None, "MONTH")]),
    ],
)
def test_each_period_is_of_the_shops_own_days_and_beside_the_same_days_before(
    dashboard: Dashboard, period: str, expected: list[Any]
) -> None:
    of_the_shops(dashboard)
    frame = dashboard.open_earnings()
    expect(frame.get_by_label("Period")).to_be_visible()

    assert ranges_asked(dashboard, frame, period) == expected


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("2023-03-31", [("2023-03-01", "2023-03-31"), ("2023-02-01", "2023-02-28")]),
        ("2024-01-01", [("2024-01-01", "2024-01-01"), ("2023-12-01", "2023-12-01")]),
        ("2024-04-15", [("2024-04-01", "2024-04-15"), ("2024-03-01", "2024-03-15")]),
    ],
)
def test_a_month_so_far_is_beside_as_much_of_the_month_before(
    dashboard: Dashboard, today: str, expected: list[Any]
) -> None:
    of_the_shops(dashboard, today=today)
    frame = dashboard.open_earnings()
    frame.get_by_label("Period").select_option("All time")
    expect(frame.locator(".range")).to_contain_text("… –")

    asked = ranges_asked(dashboard, frame, "This month")
    assert [each[:2] for each in asked] == expected


def test_the_month_before_is_beside_a_whole_one_however_long(dashboard: Dashboard) -> None:
    of_the_shops(dashboard, today="2023-03-10")
    frame = dashboard.open_earnings()
    expect(frame.locator(".range")).to_contain_text("Mar 1 – 10, 2023")

    asked = ranges_asked(dashboard, frame, "Last month")
    assert [each[:2] for each in asked] == [
        ("2023-02-01", "2023-02-28"),
        ("2023-01-01", "2023-01-31"),
    ]


def test_who_mixes_up_the_ends_of_a_range_is_shown_what_lies_between(
    dashboard: Dashboard, world: World
) -> None:
    paid(world)
    frame = dashboard.open_earnings()
    expect(frame.locator("#net-USD")).to_be_visible()
    frame.get_by_label("Period").select_option("Own range…")
    today = frame.get_by_label("To").input_value()
    frame.get_by_label("From").fill("2099-01-01")

    expect(frame.locator(".range")).to_contain_text("2099, so far")
    expect(frame.locator("#net-USD")).to_be_visible()
    assert frame.get_by_label("To").input_value() == today


def test_whoever_comes_back_from_an_order_finds_what_they_looked_at(
    dashboard: Dashboard, world: World
) -> None:
    paid(world, lines={"PLATE": 5}, channel="channel-jpy")
    frame = dashboard.open_earnings()
    frame.get_by_label("Period").select_option("Last 12 months")
    frame.get_by_label("Channel").select_option("channel-jpy")
    expect(frame.locator("#earned-USD")).to_have_count(0)
    frame.locator("#movements-JPY").click()
    frame.locator("#list tbody button").first.click()
    dashboard.page.wait_for_url("**/orders/**")
    dashboard.page.go_back()

    frame = dashboard.links_frame.locator("#root")
    expect(frame.get_by_label("Period")).to_have_value("twelve")
    expect(frame.get_by_label("Channel")).to_have_value("channel-jpy")
    expect(frame.locator("#earned-JPY")).to_be_visible()
    expect(frame.locator("#earned-USD")).to_have_count(0)


def test_a_channel_that_is_not_theirs_to_see_any_more_is_not_looked_at(
    dashboard: Dashboard, world: World
) -> None:
    paid(world, lines={"PLATE": 5}, channel="channel-jpy")
    frame = dashboard.open_earnings()
    frame.get_by_label("Channel").select_option("channel-eur")
    expect(frame.locator("#earned-JPY")).to_have_count(0)
    dashboard.log_in("foreigner")

    expect(dashboard.open_earnings().locator("#earned-JPY")).to_be_visible()


def test_figures_of_what_was_chosen_before_are_known_as_such(
    dashboard: Dashboard, world: World
) -> None:
    paid(world)
    frame = dashboard.open_earnings()
    expect(frame.locator("#net-USD")).to_be_visible()
    held = dashboard.hold_next("PaymentEarnings")
    with dashboard.page.expect_request("**/graphql/"):
        frame.get_by_label("Period").select_option("All time")
    expect(frame.locator(".answers")).to_have_attribute("aria-busy", "true")
    expect(frame.locator(".range")).to_have_text("Loading…")
    held[0].continue_()

    expect(frame.locator(".range")).to_contain_text("so far")
    expect(frame.locator(".answers")).not_to_have_attribute("aria-busy", "true")


def test_an_own_range_is_open_where_it_is_empty(dashboard: Dashboard, world: World) -> None:
    paid(world)
    frame = dashboard.open_earnings()
    expect(frame.locator("#net-USD")).to_be_visible()
    frame.get_by_label("Period").select_option("Own range…")
    frame.get_by_label("From").fill("2001-01-01")
    frame.get_by_label("To").fill("2001-12-31")
    expect(frame.get_by_role("heading", name="Nothing came in")).to_be_visible()
    frame.get_by_label("To").fill("")

    expect(frame.locator("#net-USD")).to_be_visible()


@pytest.mark.parametrize("leaving", ["Enter", "Shift+Tab"])
def test_a_day_is_typed_key_by_key(dashboard: Dashboard, world: World, leaving: str) -> None:
    paid(world)
    frame = dashboard.open_earnings()
    frame.get_by_label("Period").select_option("Own range…")
    expect(frame.locator(".answers")).not_to_have_attribute("aria-busy", "true")
    keyboard = dashboard.page.keyboard
    frame.get_by_label("To").focus()
    keyboard.type("12152001")
    for _ in range(1 if leaving == "Enter" else 3):
        keyboard.press(leaving)

    expect(frame.locator(".range")).to_contain_text("Dec 15, 2001")
    expect(frame.get_by_label("To")).to_have_value("2001-12-15")
    expect(frame.get_by_label("To" if leaving == "Enter" else "From")).to_be_focused()


def test_what_is_clicked_on_after_typing_a_day_is_done_for_that_day(
    dashboard: Dashboard, world: World
) -> None:
    paid(world)
    frame = dashboard.open_earnings()
    frame.get_by_label("Period").select_option("Own range…")
    expect(frame.locator(".answers")).not_to_have_attribute("aria-busy", "true")
    frame.get_by_label("From").focus()
    dashboard.page.keyboard.type("12152001")

    with dashboard.page.expect_request("**/earnings/export") as asked:
        frame.get_by_role("button", name="Download CSV").click()

    assert "start=2001-12-15" in (asked.value.post_data or "")
    expect(frame.locator(".range")).to_contain_text("Dec 15, 2001")


# What they are made of


def test_the_table_says_what_the_bars_show_and_leads_to_the_movements(
    dashboard: Dashboard, world: World
) -> None:
    order = paid(world)
    number = number_of(world, order)
    frame = dashboard.open_earnings()
    frame.get_by_label("Period").select_option("Today")
    block = frame.locator("#earned-USD")
    bars = block.get_by_role("img", name="Bars of gross and net.")
    expect(bars).to_be_visible()
    block.get_by_text("As a table").click()
    (row,) = block.locator("tbody tr").all()
    cells = row.get_by_role("cell").all_inner_texts()
    assert (cells[0], cells[4]) == (
        block.locator("#gross-USD").inner_text(),
        block.locator("#net-USD").inner_text(),
    )
    row.get_by_role("button").click()

    listed = frame.locator("#list")
    expect(listed).to_be_focused()
    rows = listed.locator("tbody tr").filter(has_text=f"#{number}")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("Fee")
    expect(rows.nth(1)).to_contain_text("Payment")
    expect(rows.nth(1)).to_contain_text("$25.00")
    rows.nth(1).get_by_role("button", name=f"#{number}").click()
    dashboard.page.wait_for_url(f"**/orders/{order.replace('=', '%3D')}")


def of_each_currency(dashboard: Dashboard, *currencies: str) -> Locator:
    """The page of a shop in which ten of each came in."""

    def told(currency: str) -> Json:
        return json.loads(json.dumps(answer(10, 10)).replace("USD", currency))

    dashboard.meddle("PaymentEarnings", answers([told(each) for each in currencies]))
    return dashboard.open_earnings()


def test_what_came_in_of_each_currency_is_seen_at_once_and_leads_to_the_rest(
    dashboard: Dashboard,
) -> None:
    frame = of_each_currency(dashboard, "USD", "EUR", "KWD")
    expect(frame.locator(".overview")).to_have_text("Net$10.00€10.00KWD\xa010.000")
    frame.locator("#net-of-KWD").click()

    expect(frame.locator("#earned-KWD")).to_be_focused()
    expect(frame.locator("#earned-KWD")).to_be_in_viewport()


def test_one_currency_alone_needs_no_overview(dashboard: Dashboard) -> None:
    frame = of_each_currency(dashboard, "USD")
    expect(frame.locator("#net-USD")).to_be_visible()

    expect(frame.locator(".overview")).to_have_count(0)


def points(*starts: str, **amounts: float) -> list[Json]:
    (point,) = answer(amounts.get("net", 90), amounts.get("gross", 100))["series"]
    return [{**point, "start": start} for start in starts]


def test_bars_stand_between_round_amounts_and_above_their_own_days(dashboard: Dashboard) -> None:
    of_the_shops(dashboard)
    days = [f"2024-02-{day:02}" for day in range(1, 30)]
    given = answer(90, 1234.5, series=points(*days, net=-310, gross=1234.5))
    dashboard.meddle("PaymentEarnings", answers([given]))
    frame = dashboard.open_earnings()

    lines = ["$1.5K", "$1K", "$500", "$0", "-$500"]
    expect(frame.locator(".axis span")).to_have_text(lines)
    days_marked = [
        int(each.split()[1]) for each in frame.locator(".marks").inner_text().split("\n")
    ]
    assert days_marked == [1, 7, 13, 19, 25]
    for day, label in zip(days_marked[1:], frame.locator(".marks span").all()[1:], strict=True):
        bar = frame.locator(".bars g .ground").nth(day - 1).bounding_box()
        words = label.bounding_box()
        assert bar
        assert words
        assert words["x"] + words["width"] / 2 == pytest.approx(bar["x"] + bar["width"] / 2, abs=1)
    assert frame.locator(".bars title").first.text_content() == (
        "Feb 1, 2024\nNet: -$310.00\nGross: $1,234.50\nPayments: 1"
    )


def test_one_bar_alone_is_no_wall(dashboard: Dashboard) -> None:
    dashboard.meddle("PaymentEarnings", answers([answer(1, 1)]))
    frame = dashboard.open_earnings()
    bar, all_of_it = (frame.locator(each).first.bounding_box() for each in (".bars .net", ".bars"))

    assert bar
    assert all_of_it
    assert bar["width"] < all_of_it["width"] / 6


def test_two_providers_have_a_table_to_be_held_against_their_own_reports(
    dashboard: Dashboard,
) -> None:
    money = {name: {"amount": "7.50", "currency": "USD"} for name in PROVIDERS_FIGURES}
    given = [
        {"provider": each, "currency": currency, "paymentCount": 3, **money}
        for each, currency in (("adyen", "USD"), ("stripe", "USD"), ("stripe", "EUR"))
    ]
    dashboard.page.route(
        "**/earnings/providers?*", lambda route: route.fulfill(json={"providers": given})
    )
    frame = of_each_currency(dashboard, "USD", "EUR")
    block = frame.locator("#providers-USD")
    block.get_by_text("By payment provider").click()

    rows = [row.inner_text().split() for row in block.locator("tbody tr").all()]
    assert rows == [[name, *["$7.50"] * 5, "3"] for name in ("adyen", "stripe")]
    expect(frame.locator("#providers-EUR")).to_have_count(0)


def test_a_bar_that_is_clicked_shows_its_movements(dashboard: Dashboard, world: World) -> None:
    paid(world)
    frame = dashboard.open_earnings()
    frame.get_by_label("Period").select_option("Today")
    expect(frame.locator("#earned-USD .bars g")).to_have_count(1)
    frame.locator("#earned-USD .bars g").click()

    expect(frame.locator("#list tbody tr").first).to_be_visible()


def test_movements_are_turned_page_by_page(dashboard: Dashboard, world: World) -> None:
    for _time in range(13):
        paid(world)
    frame = dashboard.open_earnings()
    frame.locator("#movements-USD").click()
    listed = frame.locator("#list")
    expect(listed.locator("tbody tr")).to_have_count(25)
    newest = listed.locator("tbody code").first
    reference = newest.inner_text()
    listed.get_by_role("button", name="Next").click()
    expect(newest).not_to_have_text(reference)

    listed.get_by_role("button", name="Previous").click()
    expect(newest).to_have_text(reference)


def test_the_file_has_the_same_movements_exactly(dashboard: Dashboard, world: World) -> None:
    number, by_hand = number_of(world, paid(world)), number_of(world, marked(world))
    frame = dashboard.open_earnings()
    net = figures(frame)["net"]

    rows = downloaded(dashboard, frame)

    charge, fee = of_order(rows, number)
    assert charge == ("charge", "25.00", "USD", "yes")
    assert (fee[0], fee[2:]) == ("fee", ("USD", "yes"))
    assert of_order(rows, by_hand) == [("manual", "25.00", "USD", "no")]
    counted = [row for row in rows if row["in_earnings"] == "yes" and row["currency"] == "USD"]
    assert sum(Decimal(row["amount"]) for row in counted) == net


def test_the_file_has_what_is_looked_at_and_its_token_is_in_no_url(
    dashboard: Dashboard, world: World
) -> None:
    paid(world)
    paid(world, lines={"PLATE": 5}, channel="channel-jpy")
    frame = dashboard.open_earnings()
    expect(frame.locator("#earned-USD")).to_be_visible()
    frame.get_by_label("Channel").select_option("channel-jpy")
    expect(frame.locator("#earned-USD")).to_have_count(0)
    urls: list[str] = []
    dashboard.page.on("request", lambda request: urls.append(request.url))

    rows = downloaded(dashboard, frame)

    assert {row["channel"] for row in rows} == {"channel-jpy"}
    (asked,) = [url for url in urls if "/export" in url]
    assert asked.endswith("/dashboard/earnings/export")


def test_a_file_that_was_refused_is_said(dashboard: Dashboard, world: World) -> None:
    paid(world)
    frame = dashboard.open_earnings()
    expect(frame.locator("#earned-USD")).to_be_visible()
    dashboard.page.route("**/earnings/export", lambda route: route.fulfill(status=500))
    frame.get_by_role("button", name="Download CSV").click()

    expect(dashboard.toasts).to_contain_text("Something went wrong in the shop")
    expect(frame.locator("#earned-USD")).to_be_visible()


# Why an order is not in it


def test_an_order_is_explained(dashboard: Dashboard, world: World) -> None:
    waiting = world.order()
    world.link(waiting)
    cases = {
        number_of(world, waiting): "Its payment link has not been paid yet.",
        number_of(world, marked(world)): "$25.00 were taken by hand.",
        number_of(world, world.order()): "there is no link to pay it over",
        number_of(world, paid(world)): "It is in here: it brought $",
        "987654": "There is no order of this number.",
    }
    frame = dashboard.open_earnings()

    for number, words in cases.items():
        expect(explain(frame, number)).to_contain_text(words)


def test_an_order_outside_of_what_is_looked_at_is_explained(
    dashboard: Dashboard, world: World
) -> None:
    number = number_of(world, paid(world))
    frame = dashboard.open_earnings()
    expect(frame.locator("#earned-USD")).to_be_visible()
    frame.get_by_label("Channel").select_option("channel-jpy")
    expect(frame.locator("#earned-USD")).to_have_count(0)
    expect(explain(frame, number)).to_contain_text("belongs to the channel default-channel")
    frame.get_by_label("Channel").select_option("All channels")
    expect(frame.locator("#earned-USD")).to_be_visible()
    frame.get_by_label("Period").select_option("Last month")
    expect(frame.get_by_role("heading", name="Nothing came in")).to_be_visible()

    expect(explain(frame, number)).to_contain_text("moved outside this period")
    expect(frame.locator(".answer tbody tr")).to_have_count(2)


# Who may see it


def test_whoever_may_not_handle_payments_is_not_led_there_and_is_told_so(
    dashboard: Dashboard, world: World
) -> None:
    dashboard.open_earnings()
    address = dashboard.page.url
    dashboard.log_in("clerk")
    dashboard.page.goto(f"{dashboard.url}/orders")
    expect(dashboard.page.get_by_role("link", name="Payment links")).to_be_visible()
    expect(dashboard.page.get_by_role("link", name="Earnings")).to_have_count(0)
    dashboard.page.goto(address)
    frame = dashboard.links_frame.locator("#root")

    expect(frame.get_by_text("you need the permission to handle payments")).to_be_visible()
    expect(frame.get_by_role("button", name="Download CSV")).to_have_count(0)


def test_whoever_sees_one_channel_sees_its_money_alone(dashboard: Dashboard, world: World) -> None:
    hidden = number_of(world, paid(world))
    paid(world, lines={"PLATE": 5}, channel="channel-jpy")
    dashboard.log_in("foreigner")
    frame = dashboard.open_earnings()

    expect(frame.locator("#earned-JPY")).to_be_visible()
    expect(frame.locator("#earned-USD")).to_have_count(0)
    expect(frame.get_by_label("Channel")).to_have_count(0)
    assert {row["channel"] for row in downloaded(dashboard, frame)} == {"channel-jpy"}
    expect(explain(frame, hidden)).to_contain_text("a channel that you cannot see")


# How it looks


def test_it_is_accessible_with_all_that_it_can_show(dashboard: Dashboard, world: World) -> None:
    number = number_of(world, paid(world))
    marked(world)
    frame = dashboard.open_earnings()
    frame.get_by_label("Period").select_option("Own range…")
    frame.locator("#movements-USD").click()
    expect(frame.locator("#list tbody tr").first).to_be_visible()
    expect(explain(frame, number)).to_contain_text("It is in here")

    assert_accessible_in_both_themes(dashboard, "earnings")


def test_a_shop_in_which_nothing_came_in_is_told_how_it_does(dashboard: Dashboard) -> None:
    dashboard.meddle("PaymentEarnings", answers([]))
    frame = dashboard.open_earnings()
    expect(frame.get_by_text("Nothing has come in yet")).to_be_visible()

    assert_accessible_in_both_themes(dashboard, "earnings")


def test_what_cannot_be_asked_is_said_and_tried_again(dashboard: Dashboard, world: World) -> None:
    paid(world)
    stop = dashboard.meddle("PaymentEarnings", lambda route: route.abort())
    frame = dashboard.open_earnings()
    again = frame.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    assert_accessible_in_both_themes(dashboard, "earnings")
    stop()
    again.click()

    expect(frame.locator("#earned-USD")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_off(dashboard: Dashboard, world: World, width: int) -> None:
    paid(world)
    frame = dashboard.open_earnings()
    frame.locator("#movements-USD").click()
    expect(frame.locator("#list tbody tr").first).to_be_visible()
    shown = frame_of(dashboard.page)
    around = 1400 - int(shown.evaluate("innerWidth"))
    dashboard.page.set_viewport_size({"width": width + around, "height": 1000})

    shown.wait_for_function(f"innerWidth === {width}")
    assert shown.evaluate("document.documentElement.scrollWidth") == width


def frame_of(page: Page) -> Any:
    (shown,) = [each for each in page.frames if "/dashboard/earnings" in each.url]
    return shown


def test_from_a_period_to_its_movements_by_keyboard_alone(
    dashboard: Dashboard, world: World
) -> None:
    paid(world)
    frame = dashboard.open_earnings()
    expect(frame.locator("#earned-USD")).to_be_visible()
    tab_to(dashboard.page, frame.locator("#table-USD summary"))
    dashboard.page.keyboard.press("Enter")
    tab_to(dashboard.page, frame.locator("#table-USD tbody button").first)
    dashboard.page.keyboard.press("Enter")

    expect(frame.locator("#list")).to_be_focused()
    expect(frame.locator("#list tbody tr").first).to_be_visible()


def test_where_one_writes_to_the_left_an_amount_stays_in_one_piece(dashboard: Dashboard) -> None:
    """As it is to be seen: a sign before its digits, and letters of a currency in their order."""
    dashboard.meddle("PaymentEarnings", answers([answer(-310, 10)]))
    dashboard.choose("locale", "ar")
    frame = dashboard.open_earnings()
    net = frame.locator("#net-USD")
    expect(net).to_be_visible()
    seen = net.evaluate(
        """element => {
          const text = element.firstChild;
          const range = document.createRange();
          const places = [...text.data].map((sign, index) => {
            range.setStart(text, index);
            range.setEnd(text, index + 1);
            return [range.getBoundingClientRect().left, sign];
          });
          return places.filter(([, sign]) => /[-\\d.US$]/.test(sign))
            .sort(([one], [other]) => one - other).map(([, sign]) => sign).join("");
        }"""
    )

    assert seen == "US$-310.00"


def test_amounts_and_days_are_in_the_dashboards_language(
    dashboard: Dashboard, world: World
) -> None:
    paid(world)
    dashboard.choose("locale", "de")
    frame = dashboard.open_earnings()
    frame.get_by_label("Zeitraum").select_option("Letzte 12 Monate")

    expect(frame.locator("#gross-USD")).to_contain_text(",00\xa0$")
