"""Which way to pay is suggested, before and after one has failed."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.web.choices import Choice, choices, suggested
from saleor_paylink.web.pages import PayForm, request_page
from tests.unit.web.samples import CARD, KLARNA, page, tried
from tests.unit.web.visitor import text

pytestmark = pytest.mark.django_db

DOWN = LinkError(LinkErrorCode.PROVIDER_ERROR, "The provider is down.")
OTHER = replace(CARD, id="mollie:ideal", provider="mollie", name="iDEAL")
BOTH = page(methods=[CARD, KLARNA])
DECLINED = replace(BOTH, last_try=tried())


def ticked(offered: Sequence[Choice]) -> list[str]:
    return [each.method.id for each in offered if each.is_chosen]


def test_the_first_is_ticked() -> None:
    assert ticked(choices(BOTH)) == [CARD.id]
    assert suggested(choices(BOTH)) is None


def test_a_method_that_is_not_offered_is_never_ticked() -> None:
    assert ticked(choices(BOTH, DOWN, "stripe:nonsense")) == [CARD.id]
    assert choices(page(methods=[])) == []


def test_after_a_decline_another_is_suggested_and_the_declined_one_says_so() -> None:
    offered = choices(DECLINED)

    assert ticked(offered) == [KLARNA.id]
    assert suggested(offered) == KLARNA
    assert [each.has_failed for each in offered] == [True, False]
    words = text(request_page(DECLINED))
    assert "You can try Card again, or pay by Klarna: it is chosen for you below." in words
    assert "Card Did not succeed last time. Klarna" in words


def test_after_a_decline_of_the_only_method_it_can_be_tried_again() -> None:
    only = page(last_try=tried())

    assert ticked(choices(only)) == [CARD.id]
    assert suggested(choices(only)) is None
    assert "Your card was declined. You can try again. Order #21" in text(request_page(only))


def test_while_a_provider_is_down_a_method_of_another_is_suggested() -> None:
    view = page(methods=[CARD, KLARNA, OTHER])

    offered = choices(view, DOWN, CARD.id)

    assert ticked(offered) == [OTHER.id]
    assert [each.has_failed for each in offered] == [True, False, False]
    form = PayForm(CARD.id, view.revision, "25.00")
    assert text(request_page(view, DOWN, form)).startswith(
        "The Mug Shop The provider is down. You can also pay by iDEAL: it is chosen for you below."
    )


def test_while_the_only_provider_is_down_the_choice_is_kept() -> None:
    offered = choices(BOTH, DOWN, KLARNA.id)

    assert ticked(offered) == [KLARNA.id]
    assert suggested(offered) is None
    form = PayForm(KLARNA.id, BOTH.revision, "25.00")
    assert text(request_page(BOTH, DOWN, form)).startswith(
        "The Mug Shop The provider is down. If that does not help, choose another way to pay "
        "below. Order #21"
    )


def test_a_click_on_a_changed_amount_fails_no_method() -> None:
    changed = LinkError(LinkErrorCode.AMOUNT_CHANGED, "It has changed.")

    offered = choices(DECLINED, changed, CARD.id)

    assert ticked(offered) == [CARD.id]
    assert [each.has_failed for each in offered] == [False, False]
