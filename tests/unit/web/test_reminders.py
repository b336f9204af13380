"""Where a reminder's reader asks for no more of them."""

from uuid import uuid4

import pytest

from saleor_paylink.links import tokens
from saleor_paylink.models import PaymentCollection, PaymentLink
from sandbox.shop.models import Order
from tests.unit.web.visitor import Visitor


@pytest.fixture
def page(link: PaymentLink) -> str:
    """Its path."""
    return tokens.reminders_url(link).split("/saleor.paylink/")[1]


def is_stopped() -> bool:
    return PaymentCollection.objects.get().reminders_stopped_at is not None


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_at_the_page_stops_nothing(visitor: Visitor, page: str, method: str) -> None:
    answer = visitor.ask(method, page)

    assert answer.status_code == 200
    assert not is_stopped()


def test_the_page_asks_before_it_stops_anything(visitor: Visitor, page: str, order: Order) -> None:
    answer = visitor.get(page)

    said = answer.content.decode()
    assert '<form method="post"><button>Stop reminders</button></form>' in said
    # Who opens it later may have paid.
    assert f"Until order #{order.number} is paid" in said
    assert "form-action 'self';" in answer.headers["Content-Security-Policy"]


def test_the_button_stops_reminders(visitor: Visitor, page: str) -> None:
    answer = visitor.post(page)

    assert answer.status_code == 200
    assert "You get no more reminders" in answer.content.decode()
    assert is_stopped()


def test_a_mail_program_stops_reminders_with_one_click(visitor: Visitor, page: str) -> None:
    """RFC 8058, section 3.2: one POST, without a cookie, whose answer nobody reads."""
    answer = visitor.post(page, **{"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert is_stopped()


def test_who_made_up_the_address_learns_and_stops_nothing(
    visitor: Visitor, page: str, link: PaymentLink
) -> None:
    for path in (page[:-1] + "~", page.replace(str(link.pk), str(uuid4())), f"{page}x"):
        answer = visitor.post(path)

        assert answer.status_code == 404
    assert not is_stopped()


def test_the_address_of_one_channel_is_none_in_another(page: str, link: PaymentLink) -> None:
    assert tokens.find_marked(link.pk, page.split("/")[-1], "shop") == link
    assert tokens.find_marked(link.pk, page.split("/")[-1], "elsewhere") is None


def test_the_address_holds_no_token(page: str, link: PaymentLink) -> None:
    token = tokens.token_of(link)
    assert token is not None
    assert token not in page
    assert tokens.find_link(page.split("/")[-1]) is None
