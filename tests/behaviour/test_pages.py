"""The customer's pages: safe to open, safe to show, honest."""

import base64
import hashlib
import re

from sandbox.client.customer import Browser, Page
from sandbox.client.staff import Staff
from tests.behaviour.world import World

HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">{{ 7|add:7 }}{% now "Y" %}'


def pages(world: World) -> dict[str, Page]:
    """A page of each kind that customers meet."""
    order = world.order()
    link = world.link(order)
    due = world.page(link)
    form = due.pay_form
    assert form is not None
    stale = Browser().submit(form, revision="stale")
    session = world.session(world.pay(link))
    return {
        "due": due,
        "stale": stale,
        "paid": world.page(link),
        "return": Browser().open(session["success_url"]),
        "neutral": Browser().open(world.stage.plugin_url("default-channel", "pay/unknown/")),
        "no such path": Browser().open(world.stage.plugin_url("default-channel", "unknown")),
    }


def policy_of(page: Page) -> dict[str, str]:
    """The Content-Security-Policy by directive."""
    directives = page.headers["content-security-policy"].split(";")
    pairs = [directive.strip().partition(" ") for directive in directives if directive.strip()]
    return {name: value for name, _, value in pairs}


def test_every_page_keeps_its_address_to_itself(world: World) -> None:
    for name, page in pages(world).items():
        assert page.headers["referrer-policy"] in ("no-referrer", "same-origin"), name
        assert "no-store" in page.headers["cache-control"], name
        assert "noindex" in page.headers["x-robots-tag"], name
        assert page.headers["x-content-type-options"] == "nosniff", name


def test_no_page_can_be_framed_or_run_a_foreign_script(world: World) -> None:
    for name, page in pages(world).items():
        policy = policy_of(page)
        assert policy["default-src"] == "'none'", name
        assert policy["frame-ancestors"] == "'none'", name
        assert policy.get("script-src", "'none'") in ("'none'", "'self'"), name
        assert policy.get("img-src", "'none'") in ("'none'", "'self'"), name
        assert policy["base-uri"] == "'none'", name
        assert "unsafe" not in page.headers["content-security-policy"], name


def test_no_page_can_be_read_across_origins(world: World) -> None:
    link = world.link(world.order())
    page = Browser().open(link["url"])

    assert "access-control-allow-origin" not in page.headers
    assert "set-cookie" not in page.headers


def test_pages_load_nothing_from_anywhere_else(world: World) -> None:
    for name, page in pages(world).items():
        for attribute in ('src="http', "src='http", 'src="//', 'rel="stylesheet" href="http'):
            assert attribute not in page.html, name


def test_a_page_has_one_script_of_its_own_and_none_that_is_written_into_it(world: World) -> None:
    page = world.page(world.link(world.order()))

    (script,) = page.scripts
    assert page.html.count("<script") == 1
    answer = Browser().open(script)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_the_one_style_sheet_is_written_into_the_page_and_named_in_its_policy(
    world: World,
) -> None:
    for name, page in pages(world).items():
        if page.status == 303:
            continue
        (sheet,) = re.findall("<style>(.*?)</style>", page.html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
        assert policy_of(page)["style-src"] == f"'sha256-{digest}'", name
        assert page.stylesheets == [], name


def test_what_staff_write_is_shown_and_not_run(world: World, cashier: Staff) -> None:
    link = world.link(world.order(), message=HOSTILE, send=True)

    page = world.page(link)

    assert HOSTILE in page.text
    assert "<script>" not in page.html
    assert "<img src=x" not in page.html


def test_what_staff_write_is_not_run_in_a_mail_either(world: World, cashier: Staff) -> None:
    order = world.order()
    world.link(order, message=HOSTILE, send=True)

    (mail,) = world.mails.requests(cashier.order(order)["number"])
    assert HOSTILE in mail["text"]
    assert "<script" not in mail["html"]
    assert "<img" not in mail["html"]


def test_a_hostile_shop_name_breaks_no_header_and_no_page(world: World, cashier: Staff) -> None:
    order = world.order()
    name = f"Shop\r\nBcc: victim@example.com {HOSTILE}"

    with world.settings("default-channel", values={"shop-name": name}):
        link = world.link(order, send=True)
        page = world.page(link)

    (mail,) = world.mails.requests(cashier.order(order)["number"])
    assert mail["to"] == ["buyer@example.com"]
    assert "Bcc" not in mail["headers"]
    assert "<script>" not in page.html
    assert "<script" not in mail["html"]


def test_the_page_is_in_the_orders_language(world: World) -> None:
    english = world.page(world.link(world.order()))

    assert '<html lang="en"' in english.html


def test_a_click_that_does_not_say_what_it_saw_opens_nothing(
    world: World, browser: Browser
) -> None:
    order = world.order()
    link = world.link(order)
    form = world.page(link).pay_form
    assert form is not None

    with world.unchanged(order):
        answers = [
            browser.post(form.url, fields)
            for fields in ({}, {"method": form.fields["method"]}, {"revision": ""})
        ]

    assert all(answer.location is None for answer in answers)


def test_a_page_wears_the_brand_of_its_channel(world: World) -> None:
    link = world.link(world.order())
    brand = {
        "logo-url": "https://cdn.shop.example/logo.svg",
        "brand-colour": "#7c3aed",
        "support-email": "help@shop.example",
        "shop-url": "https://shop.example/",
    }

    with world.settings("default-channel", values=brand):
        branded = world.page(link)

    assert policy_of(branded)["img-src"].endswith("https://cdn.shop.example")
    assert 'src="https://cdn.shop.example/logo.svg"' in branded.html
    assert "--fill:#7c3aed;--on-fill:#ffffff;" in branded.html
    assert "help@shop.example" in branded.text
    assert 'href="https://shop.example/"' in branded.html
    plain = world.page(link)
    assert "shop.example" not in plain.html
    assert "#7c3aed" not in plain.html


def test_the_preview_of_a_page_names_nothing_but_the_shop(world: World, cashier: Staff) -> None:
    order = world.order()
    link = world.link(order)

    with world.settings("default-channel", values={"shop-name": "Mug & Co"}):
        head = world.page(link).html.partition("<body>")[0]

    assert '<meta property="og:title" content="Mug &amp; Co">' in head
    assert "25.00" not in head
    assert f"#{cashier.order(order)['number']}" not in head


def test_what_changed_since_the_customer_looked_is_told_line_by_line(
    world: World, cashier: Staff
) -> None:
    order = world.order()
    form = world.page(world.link(order)).pay_form
    assert form is not None
    cashier.add(order, "PLATE", 1)

    answer = Browser().submit(form)

    assert answer.status == 409
    assert "1 × Plate (Large) added ($30.00)" in answer.text
    assert "This order was changed after the link was sent" not in answer.text
