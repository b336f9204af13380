"""What a customer is told of an order that was changed after the link was sent."""

from dataclasses import replace
from html import escape
from uuid import uuid4

import pytest

from saleor_paylink.links.contents import Change, ChangeKind
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.money import Money
from saleor_paylink.shop import LineView
from saleor_paylink.web.looks import changes_since_look, look_of
from saleor_paylink.web.pages import PayForm, request_page
from tests.unit.web.samples import CARD, money, mugs, page
from tests.unit.web.visitor import text

pytestmark = pytest.mark.django_db

MORE_MUGS = Change(ChangeKind.QUANTITY, money("12.50"), money("25.00"), "Mug (Blue)", 1, 2)
TOTAL = Change(ChangeKind.TOTAL, money("12.50"), money("25.00"))
STALE = LinkError(LinkErrorCode.AMOUNT_CHANGED, "The amount has changed.")
NOTICE = (
    "This order was changed after the link was sent 2 × Mug (Blue) instead of 1 "
    "($25.00 instead of $12.50) total $25.00 instead of $12.50"
)


def test_it_is_told_between_the_amount_and_the_order() -> None:
    response = request_page(page(changes=(MORE_MUGS, TOTAL)))

    assert f"$25.00 to pay {NOTICE} Your order" in text(response)


def test_nothing_is_told_of_an_order_that_was_not_changed() -> None:
    assert "changed" not in text(request_page(page()))


@pytest.mark.parametrize(
    "status", ["processing", "paid", "paid_outside", "refunded", "canceled", "expired"]
)
def test_nothing_is_told_where_nothing_is_to_be_paid(status: str) -> None:
    assert "changed" not in text(request_page(page(status, changes=(MORE_MUGS, TOTAL))))


def test_a_stale_click_shows_both_amounts_and_what_was_changed() -> None:
    before, now = page(order=mugs(price="12.50")), page(changes=(MORE_MUGS, TOTAL))

    response = request_page(now, STALE, PayForm(CARD.id, before.revision, "12.50"))

    assert response.status_code == 409
    assert text(response).startswith(
        "The Mug Shop The amount has changed. Before: $12.50 Now: $25.00 "
        f"Order #21 $25.00 to pay {NOTICE}"
    )


def test_a_stale_click_shows_which_lines_have_changed_since_the_customer_looked() -> None:
    before = page(order=mugs(price="12.50", lines=[LineView("Mug", "Blue", 1, *one_mug())]))
    form = PayForm(CARD.id, before.revision, "12.50", look_of(before.order))

    response = request_page(page(changes=(MORE_MUGS, TOTAL)), STALE, form)

    assert text(response).startswith(
        "The Mug Shop The amount has changed. Before: $12.50 Now: $25.00 2 × Mug (Blue) instead of "
        "1 ($25.00 instead of $12.50) total $25.00 instead of $12.50 Order #21 $25.00 to pay Your"
    )


@pytest.mark.parametrize("look", ["", "nonsense", "a:b:c", "\x00", "ü"])
def test_a_look_that_the_page_did_not_give_tells_nothing(look: str) -> None:
    form = PayForm(CARD.id, "", "", look)

    assert text(request_page(page(), STALE, form)).startswith(
        "The Mug Shop The amount has changed. Order #21 $25.00 to pay Your order"
    )


def test_a_look_at_another_order_tells_nothing() -> None:
    another = replace(mugs(price="12.50"), id=uuid4())

    assert changes_since_look(mugs(), look_of(mugs(price="12.50"))) != ()
    assert changes_since_look(mugs(), look_of(another)) == ()


def one_mug() -> tuple[Money, Money]:
    return money("12.50"), money("12.50")


def test_a_hostile_name_is_shown_as_it_is_and_never_run() -> None:
    name = "<script>alert(1)</script>{{ view }}%(after)s"
    added = Change(ChangeKind.ADDED, money("0"), money("1"), name, 0, 1)

    response = request_page(page(changes=(added,)))

    html = response.content.decode()
    assert "<script>" not in html
    assert f"1 × {escape(name)} added" in html
