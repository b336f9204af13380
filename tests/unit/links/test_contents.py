"""What an order holds, and what has changed about it."""

import json
from dataclasses import replace

import pytest

from saleor_paylink.links.contents import Change, Contents, differences
from saleor_paylink.shop import LineView
from tests.unit.web.samples import money, mugs

MUGS = LineView("Mug", "Blue", 2, money("12.50"), money("25.00"))
PLATE = LineView("Plate", None, 1, money("30.00"), money("30.00"))


def holding(*lines: LineView, **changes: object) -> Contents:
    """The contents of an order of these lines; its total is left as it is."""
    return Contents.of(mugs(lines=lines, **changes))


def said(before: Contents | None, after: Contents) -> list[str]:
    """What has changed, in words."""
    return [change.in_words() for change in differences(before, after)]


def test_nothing_has_changed_about_the_same_order() -> None:
    assert said(holding(MUGS, PLATE), holding(MUGS, PLATE)) == []


def test_nothing_is_said_of_what_is_not_known() -> None:
    assert Contents.from_data({}) is None
    assert said(None, holding(MUGS)) == []


def test_a_line_that_was_added_is_named_with_what_it_costs() -> None:
    assert said(holding(MUGS), holding(MUGS, PLATE)) == ["1 × Plate added ($30.00)"]


def test_a_line_that_was_removed_is_named_with_what_it_did_cost() -> None:
    assert said(holding(MUGS, PLATE), holding(PLATE)) == ["2 × Mug (Blue) removed ($25.00)"]


def test_another_quantity_is_told_with_both_costs() -> None:
    after = replace(MUGS, quantity=3, total=money("37.50"))

    assert said(holding(MUGS), holding(after)) == [
        "3 × Mug (Blue) instead of 2 ($37.50 instead of $25.00)"
    ]


def test_another_price_is_told_with_both_costs() -> None:
    after = replace(MUGS, unit_price=money("15.00"), total=money("30.00"))

    assert said(holding(MUGS), holding(after)) == ["2 × Mug (Blue) for $30.00 instead of $25.00"]


def test_shipping_discount_and_total_are_told_after_the_lines() -> None:
    after = holding(
        PLATE,
        MUGS,
        shipping=money("5.00"),
        discount=money("2.50"),
        total=money("57.50"),
    )

    assert said(holding(MUGS), after) == [
        "1 × Plate added ($30.00)",
        "shipping $5.00 instead of $0.00",
        "discount $2.50 instead of $0.00",
        "total $57.50 instead of $25.00",
    ]


def test_lines_in_another_order_are_no_change() -> None:
    assert said(holding(MUGS, PLATE), holding(PLATE, MUGS)) == []


def test_the_same_amounts_with_more_digits_are_no_change() -> None:
    after = replace(MUGS, total=money("25.000"))

    assert said(holding(MUGS), holding(after, total=money("25.000"))) == []


def test_equal_lines_count_as_one() -> None:
    twice = holding(MUGS, MUGS)

    assert said(twice, holding(MUGS, MUGS)) == []
    assert said(twice, holding(MUGS)) == ["2 × Mug (Blue) instead of 4 ($25.00 instead of $50.00)"]
    assert said(holding(), twice) == ["4 × Mug (Blue) added ($50.00)"]


def test_lines_of_one_name_are_told_apart_by_their_variant() -> None:
    green = replace(MUGS, variant="Green")

    assert said(holding(MUGS), holding(green)) == [
        "2 × Mug (Green) added ($25.00)",
        "2 × Mug (Blue) removed ($25.00)",
    ]


def test_a_thing_under_another_name_is_another_thing() -> None:
    # A customer knows things by their names; a swap at the same price must be seen.
    cups = replace(MUGS, name="Cup")

    assert said(holding(MUGS), holding(cups)) == [
        "2 × Cup (Blue) added ($25.00)",
        "2 × Mug (Blue) removed ($25.00)",
    ]


def test_what_was_kept_is_read_back_exactly() -> None:
    contents = holding(MUGS, PLATE, shipping=money("0.005"), discount=money("1E+1"))

    kept = json.loads(json.dumps(contents.as_data()))

    assert Contents.from_data(kept) == contents
    assert kept == {
        "currency": "USD",
        "lines": [
            {"name": "Mug", "variant": "Blue", "quantity": 2, "total": "25.00"},
            {"name": "Plate", "variant": "", "quantity": 1, "total": "30.00"},
        ],
        "shipping": "0.005",
        "discount": "10",
        "total": "25.00",
    }


def test_what_is_kept_holds_nothing_of_the_customer() -> None:
    kept = json.dumps(holding(MUGS, email="ada@example.com", customer_id="7f2c").as_data())

    assert "ada" not in kept
    assert "7f2c" not in kept


@pytest.mark.parametrize("change", differences(holding(MUGS), holding(PLATE, total=money("30"))))
def test_a_change_that_was_kept_is_read_back_exactly(change: Change) -> None:
    assert Change.from_data(json.loads(json.dumps(change.as_data()))) == change


def test_names_are_not_read_as_formats() -> None:
    odd = replace(PLATE, name="100%s {item} %(after)s")

    assert said(holding(), holding(odd)) == ["1 × 100%s {item} %(after)s added ($30.00)"]
