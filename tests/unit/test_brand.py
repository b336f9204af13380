"""What a merchant sets of their brand: usable, or refused by name."""

import pytest

from saleor_paylink.brand import FIELDS, Brand, validate
from saleor_paylink.colours import Colour
from saleor_paylink.conf import SettingInvalid

GOOD = {
    "logo-url": "https://cdn.shop.example:8443/logo.svg?v=2",
    "brand-colour": "#7c3aed",
    "support-email": "help@shop.example",
    "support-phone": "+48 (22) 123-45-67",
    "terms-url": "https://shop.example/terms",
    "shop-url": "https://shop.example",
}


def test_a_brand_is_what_the_fields_hold() -> None:
    validate(GOOD)

    assert Brand.of(GOOD) == Brand(
        logo_url="https://cdn.shop.example:8443/logo.svg?v=2",
        colour=Colour(124, 58, 237),
        support_email="help@shop.example",
        support_phone="+48 (22) 123-45-67",
        terms_url="https://shop.example/terms",
        shop_url="https://shop.example",
    )
    assert {field.name for field in FIELDS} == set(GOOD)


@pytest.mark.parametrize("values", [{}, dict.fromkeys(GOOD, ""), dict.fromkeys(GOOD, "  ")])
def test_nothing_need_be_set(values: dict[str, str]) -> None:
    validate(values)

    assert Brand.of(values) == Brand()


@pytest.mark.parametrize("name", ["logo-url", "terms-url", "shop-url"])
@pytest.mark.parametrize(
    "value",
    [
        "shop.example/logo.png",
        "//shop.example/logo.png",
        "/logo.png",
        "http://shop.example/logo.png",
        "javascript:alert(1)//https://",
        "data:image/png;base64,AAAA",
        "https://",
        "https:///logo.png",
        "https://user:word@shop.example/logo.png",
        "https://shop.example; script-src *",
        "https://shop.example,evil.example/",
        "https://shop.example/a b",
        "https://*.example/logo.png",
        "https://[::1]/logo.png",
        "https://[/logo.png",
        "https://shop.example:port/",
        "https://żółw.example/logo.png",
        f"https://shop.example/{'a' * 2000}",
    ],
)
def test_an_address_that_is_none_is_refused_and_not_shown(name: str, value: str) -> None:
    values = {**GOOD, name: value}

    with pytest.raises(SettingInvalid) as caught:
        validate(values)

    assert caught.value.setting == name
    assert caught.value.message.startswith("Give a whole address that begins with https://")
    shown = Brand.of(values)
    assert (shown.logo_url, shown.terms_url, shown.shop_url).count(None) == 1
    assert shown.support_email == "help@shop.example"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("brand-colour", "purple", "Give a colour as # and six digits from 0 to f"),
        ("brand-colour", "#12345", "Give a colour as # and six digits from 0 to f"),
        ("support-email", "help", "Give one email address"),
        ("support-email", "a@b.example, c@d.example", "Give one email address"),
        ("support-email", "a@b.example?bcc=c@d.example", "Give one email address"),
        ("support-phone", "call us", "Give one telephone number"),
        ("support-phone", "1", "Give one telephone number"),
    ],
)
def test_other_values_that_cannot_be_used_are_refused_by_name(
    name: str, value: str, message: str
) -> None:
    with pytest.raises(SettingInvalid) as caught:
        validate({**GOOD, name: value})

    assert caught.value.setting == name
    assert caught.value.message.startswith(message)
    assert Brand.of({name: value}) == Brand()


def test_only_on_the_machine_itself_may_an_address_be_plain() -> None:
    assert Brand.of({"logo-url": "http://127.0.0.1:8000/logo.png"}).logo_source == (
        "http://127.0.0.1:8000"
    )


def test_a_logo_opens_the_policy_for_its_own_origin_alone() -> None:
    brand = Brand.of({"logo-url": "HTTPS://CDN.Shop.example:8443/logo.svg?v=2#a"})

    assert brand.logo_source == "https://cdn.shop.example:8443"
    assert Brand().logo_source is None


def test_a_number_is_dialled_without_what_makes_it_easy_to_read() -> None:
    assert Brand.of(GOOD).dialled == "+48221234567"
