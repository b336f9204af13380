"""The order's language comes first, then the browser's, then the site's."""

from typing import Any

import pytest

from sandbox.shop.models import Channel, Order
from tests.unit.links.helpers import Customer
from tests.unit.web.visitor import Visitor, text

UNKNOWN = f"pay/{'A' * 43}/"
POLISH = {"HTTP_ACCEPT_LANGUAGE": "sv, pl;q=0.8, de;q=0.5"}


def test_an_orders_page_is_in_the_orders_language_whatever_the_browser_asks_for(
    visitor: Visitor, customer: Customer
) -> None:
    Order.objects.update(language="de")

    assert "Ihre Bestellung" in text(visitor.ask("GET", f"pay/{customer.token}/", **POLISH))


def test_where_the_orders_language_is_not_spoken_the_browsers_is(
    visitor: Visitor, customer: Customer
) -> None:
    Order.objects.update(language="sv")

    assert "Do zapłaty: 25,00" in text(visitor.ask("GET", f"pay/{customer.token}/", **POLISH))


@pytest.mark.parametrize(
    ("asked_for", "site", "words"),
    [
        (POLISH, "en", "Tu nie ma nic do zapłaty"),
        ({}, "fr", "Rien à payer ici"),
        ({"HTTP_ACCEPT_LANGUAGE": "sv"}, "sv", "Nothing to pay here"),
        ({"HTTP_ACCEPT_LANGUAGE": ";;q=\x00,"}, "en", "Nothing to pay here"),
    ],
)
def test_a_page_of_no_order_is_in_the_browsers_language_or_the_sites(
    visitor: Visitor, settings: Any, asked_for: dict[str, str], site: str, words: str
) -> None:
    settings.LANGUAGE_CODE = site

    assert words in text(visitor.ask("GET", UNKNOWN, **asked_for))


def test_a_click_is_refused_in_the_language_of_the_page(
    visitor: Visitor, customer: Customer
) -> None:
    Order.objects.update(language="sv")

    answer = visitor.ask(
        "POST",
        f"pay/{customer.token}/",
        b"method=none&revision=",
        content_type="application/x-www-form-urlencoded",
        **POLISH,
    )

    assert answer.status_code == 409
    assert 'lang="pl"' in answer.content.decode()


def test_a_way_to_pay_is_named_in_the_orders_language_and_a_brand_as_it_is(
    visitor: Visitor, customer: Customer, channel: Channel
) -> None:
    channel.plugin_values["stripe-methods"] = "card klarna"
    channel.save()
    Order.objects.update(language="de")

    shown = text(visitor.ask("GET", f"pay/{customer.token}/", **POLISH))

    assert " Karte " in shown
    assert " Klarna " in shown
