"""The order as its customer reads it: with pictures, and with prices as the shop shows them."""

import re

import pytest

from saleor_paylink.shop import LineView, NetPrices
from saleor_paylink.web.pages import request_page
from saleor_paylink.web.summaries import AT_ONCE
from tests.unit.web.samples import money, mugs, page
from tests.unit.web.visitor import text

pytestmark = pytest.mark.django_db

HOST = "http://shop.test"


def pictured(url: str | None) -> LineView:
    return LineView("Mug", "Blue", 2, money("12.50"), money("25.00"), url)


def shown(url: str | None) -> tuple[list[str], str]:
    """The pictures that the page shows, and its policy."""
    response = request_page(page(order=mugs(lines=[pictured(url)])))
    pictures = re.findall(r'<img src="([^"]*)"', response.content.decode())
    return pictures, response.headers["Content-Security-Policy"]


@pytest.fixture(autouse=True)
def host(settings: object) -> None:
    settings.PUBLIC_URL = HOST  # type: ignore[attr-defined]


def test_a_picture_of_the_shops_own_is_shown_without_naming_its_host() -> None:
    pictures, policy = shown(f"{HOST}/thumbnail/UHJvZHVjdE1lZGlhOjE=/256/?v=1&w=2")

    assert pictures == ["/thumbnail/UHJvZHVjdE1lZGlhOjE=/256/?v=1&amp;w=2"]
    assert "img-src 'self';" in policy


@pytest.mark.parametrize(
    "url",
    [
        None,
        "https://shop.test/mug.png",
        "http://cdn.shop.test/mug.png",
        "http://shop.test.evil.example/mug.png",
        "http://shop.test@evil.example/mug.png",
        "/mug.png",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
    ],
)
def test_no_other_host_is_asked_for_pictures(url: str | None) -> None:
    pictures, policy = shown(url)

    assert pictures == []
    assert "img-src" not in policy


def test_pictures_have_a_size_and_say_nothing_that_the_name_does_not() -> None:
    view = page(order=mugs(lines=[pictured(f"{HOST}/thumbnail/mug/")]))

    (picture,) = re.findall(r"<img [^>]*>", request_page(view).content.decode())

    assert picture == (
        '<img src="/thumbnail/mug/" alt="" width="56" height="56" loading="lazy" decoding="async">'
    )


def test_a_shop_that_shows_prices_without_tax_adds_it_below() -> None:
    order = mugs(
        lines=[LineView("Mug", "Blue", 2, money("12.30"), money("24.60"))],
        subtotal=money("24.60"),
        discount=money("2.46"),
        shipping=money("6.15"),
        tax=money("5.29"),
        total=money("28.29"),
        net=NetPrices(
            of_lines=[(money("10.00"), money("20.00"))],
            subtotal=money("20.00"),
            shipping=money("5.00"),
            discount=money("2.00"),
        ),
    )

    assert (
        "Mug Blue 2 × $10.00 $20.00 Subtotal without tax $20.00 Discount −$2.00 Shipping $5.00 "
        "Tax $5.29 Total $28.29 Payment method"
    ) in text(request_page(page(order=order)))


@pytest.mark.parametrize(
    ("lines", "words"),
    [(AT_ONCE + 1, ""), (AT_ONCE + 2, "2 more items"), (AT_ONCE + 30, "30 more items")],
)
def test_what_is_more_than_is_read_at_a_glance_can_be_unfolded(lines: int, words: str) -> None:
    html = request_page(page(order=mugs(lines=[pictured(None)] * lines))).content.decode()

    assert html.count("<li>") == lines
    assert re.findall("<summary>(.*)</summary>", html) == ([words] if words else [])
