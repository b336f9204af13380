"""What a page says to those that it is not meant for: previews, robots, whoever looks over a
shoulder."""

import re
from dataclasses import replace

import pytest

from saleor_paylink.brand import Brand
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.web.pages import request_page, unsure_page
from tests.unit.web.samples import mugs, page, receipt
from tests.unit.web.visitor import text

pytestmark = pytest.mark.django_db

STATES = ("due", "processing", "paid", "paid_outside", "refunded", "canceled", "expired")
SHOP = "The Mug Shop"
BRAND = Brand(
    logo_url="https://cdn.example/logo.svg",
    support_email="help@shop.example",
    support_phone="+48 22 123 45 67",
    terms_url="https://shop.example/terms?a=1&b=2",
    shop_url="https://shop.example/",
)


def head_of(html: str) -> str:
    return re.sub(r"<style>.*?</style>", "", html.partition("<body>")[0], flags=re.DOTALL)


@pytest.mark.parametrize("status", STATES)
def test_a_preview_card_names_the_shop_and_nothing_else(status: str) -> None:
    view = page(status, receipts=[receipt()] if status in ("paid", "refunded") else [])

    head = head_of(request_page(view).content.decode())

    card = dict(
        re.findall(r'<meta (?:property|name)="(og:\w+|description)" content="(.*?)">', head)
    )
    assert card == {
        "og:title": SHOP,
        "og:site_name": SHOP,
        "og:type": "website",
        "description": SHOP,
    }
    for private in ("21", "25.00", "Mug,", "customer", "example.com", "pi_"):
        assert private not in head


@pytest.mark.parametrize(
    ("status", "name"),
    [
        ("due", "Payment due"),
        ("processing", "Payment on its way"),
        ("paid", "Paid"),
        ("paid_outside", "Already paid"),
        ("refunded", "Refunded"),
        ("canceled", "Cancelled"),
        ("expired", "Link expired"),
    ],
)
def test_each_state_has_a_name_that_is_said_first(status: str, name: str) -> None:
    assert f"<title>{name} – {SHOP}</title>" in request_page(page(status)).content.decode()


def test_a_refused_click_says_so_first() -> None:
    refused = LinkError(LinkErrorCode.PROVIDER_ERROR, "It is down.")

    html = request_page(page(), refused).content.decode()

    assert f"<title>Not paid – {SHOP}</title>" in html
    assert '<div class="notice" role="alert" tabindex="-1" autofocus>' in html


@pytest.mark.parametrize("status", STATES)
def test_no_page_names_the_customers_address(status: str) -> None:
    order = mugs(email="ada.lovelace@mail.example.org")

    html = request_page(page(status, order)).content.decode()

    assert "lovelace" not in html
    assert "mail.example" not in html


@pytest.mark.parametrize(
    ("email", "masked"),
    [
        ("ada.lovelace@mail.example.org", "a•••@m•••.org"),
        ("a@b.de", "a•••@b•••.de"),
        ('"@"@example.com', '"•••@e•••.com'),
    ],
)
def test_whoever_asks_for_a_fresh_link_reads_a_masked_address(email: str, masked: str) -> None:
    assert f"it is sent to {masked}, the email" in text(
        request_page(page("expired", mugs(email=email)))
    )


def test_without_an_address_no_fresh_link_can_be_asked_for() -> None:
    response = request_page(page("expired", mugs(email=None)))

    assert b"<form" not in response.content
    assert "•" not in text(response)


def test_a_brand_is_shown_with_its_logo_and_where_to_ask() -> None:
    response = request_page(page(brand=BRAND))

    html = response.content.decode()
    assert f'<img src="https://cdn.example/logo.svg" alt="{SHOP}" width="160" height="40">' in html
    assert '<a href="mailto:help@shop.example?subject=Order%20%2321">' in html
    assert '<a href="tel:+48221234567">' in html
    assert '<a href="https://shop.example/terms?a=1&amp;b=2">' in html
    assert '<a href="https://shop.example/">' in html
    assert "img-src https://cdn.example;" in response.headers["Content-Security-Policy"]
    assert text(response).endswith(
        "Questions? Ask The Mug Shop: help@shop.example +48 22 123 45 67 Terms of sale "
        "Back to The Mug Shop"
    )


def test_a_shop_without_a_brand_has_no_footer() -> None:
    assert b"<footer" not in request_page(page()).content


def test_whoever_has_paid_is_led_back_to_the_shop_once() -> None:
    html = request_page(page("paid", brand=BRAND, receipts=[receipt()])).content.decode()

    assert html.count('href="https://shop.example/"') == 1


@pytest.mark.parametrize(
    ("show", "again"),
    [
        (lambda: request_page(page("processing")), True),
        (lambda: unsure_page(page()), True),
        (lambda: request_page(page()), False),
        (lambda: request_page(page("paid", receipts=[receipt()])), False),
    ],
)
def test_only_a_page_that_waits_looks_again_and_with_scripts_in_its_own_way(
    show: object, again: bool
) -> None:
    html = show().content.decode()  # type: ignore[operator]

    refresh = '<noscript><meta http-equiv="refresh" content="20"></noscript>'
    assert (refresh in html) is again
    assert ("data-look-again" in html) is again
    assert html.count('http-equiv="refresh"') == again


def test_no_template_looks_for_what_is_not_there(caplog: pytest.LogCaptureFixture) -> None:
    # Django logs each such name together with the exception that led to the page.
    caplog.set_level("DEBUG", "django.template")
    for status in STATES:
        view = page(status, receipts=[receipt()] if status in ("paid", "refunded") else [])
        request_page(view)
        request_page(replace(view, brand=BRAND), LinkError(LinkErrorCode.INVALID, "No."))
    unsure_page(page())

    assert caplog.messages == []
