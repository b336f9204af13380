"""The frames' pages, their files and their headers."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from saleor_paylink.web.dashboard import assets
from saleor_paylink.web.dashboard.origins import Origins, dashboard_origins, origins
from saleor_paylink.web.dashboard.texts import texts_in
from tests.unit.web.dashboard.staff import ask, body

PUBLISHED = Path(__file__).parents[4] / "graphql" / "operations"
FRAMES = ("widget", "prompt", "links", "earnings")
SETTLED = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
NO_PAGE = {
    **SETTLED,
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


@pytest.mark.parametrize("name", ["", "widget", "prompt", "links"])
def test_a_frame_runs_its_own_script_alone_and_only_the_dashboard_may_show_it(
    settings: Any, name: str
) -> None:
    settings.PAYLINK_DASHBOARD_URL = "https://dashboard.example/"
    response = ask("GET", f"{name}?orderId=x")

    (nonce,) = set(re.findall('nonce="([^"]+)"', response.content.decode()))
    assert dict(response.headers) == {
        **SETTLED,
        "Cache-Control": "no-store",
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
            "img-src data:; connect-src 'self'; form-action 'none'; base-uri 'none'; "
            "frame-ancestors 'self' https://dashboard.example"
        ),
    }


def test_the_earnings_may_besides_send_a_form_to_the_shop_that_answers_with_a_file() -> None:
    policy = ask("GET", "earnings").headers["Content-Security-Policy"].split("; ")
    others = ask("GET", "links").headers["Content-Security-Policy"].split("; ")

    def plain(parts: list[str]) -> set[str]:
        return {each for each in parts if "nonce" not in each}

    assert plain(policy) - plain(others) == {"form-action 'self'", "frame-src 'self'"}
    assert plain(others) - plain(policy) == {"form-action 'none'"}


def test_no_two_frames_have_the_same_nonce() -> None:
    policies = {ask("GET", "widget").headers["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3


@pytest.mark.parametrize("name", FRAMES)
def test_whatever_a_frame_names_is_there_to_be_kept_for_ever(name: str) -> None:
    page = ask("GET", name).content.decode()
    named = re.findall(r'(?:href|src)="/plugins/saleor\.paylink\.door/dashboard/([^"]+)"', page)

    assert [path.rpartition("/")[2] for path in named] == ["frames.css", f"{name}.js"]
    for path in named:
        response = ask("GET", path)
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_every_import_of_a_script_is_there() -> None:
    wanted = {
        name
        for content in assets.FILES.values()
        for name in re.findall(r'from "\./([^"]+)"', content.decode())
    }
    assert wanted <= assets.FILES.keys()
    assert ask("GET", f"assets/{assets.VERSION}/api.js").headers["Content-Type"] == (
        "text/javascript; charset=utf-8"
    )


@pytest.mark.parametrize(
    "path",
    ["nothing", "assets/0123456789ab/api.js", f"assets/{assets.VERSION}/views.py", "widget/"],
)
def test_what_is_not_there_is_not_told_about(path: str) -> None:
    response = ask("GET", path)

    assert (response.status_code, response.content) == (404, b"")
    assert dict(response.headers) == {**NO_PAGE, "Content-Type": "text/plain"}


@pytest.mark.parametrize(("method", "path"), [("POST", "widget"), ("GET", "session")])
def test_other_methods_are_refused(method: str, path: str) -> None:
    response = ask(method, path)

    assert response.status_code == 405
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def boot_of(name: str) -> Any:
    page = ask("GET", name).content.decode()
    found = re.search('<script id="boot" type="application/json">(.*?)</script>', page, re.S)
    assert found is not None
    return json.loads(found[1])


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_brings_the_published_documents_that_it_runs(name: str) -> None:
    boot = boot_of(name)
    published = {
        operation: (PUBLISHED / f"{operation}.graphql").read_text()
        for operation in boot["documents"]
    }
    assert boot["documents"] == published
    assert (boot["graphql"], boot["root"]) == (
        "/graphql/",
        "/plugins/saleor.paylink.door/dashboard/",
    )


def test_every_document_that_a_script_runs_is_brought() -> None:
    scripts = b"".join(assets.FILES.values()).decode()
    run = set(re.findall(r'"(Payment\w+|OrderPayment)"', scripts))

    assert run == {each for name in FRAMES for each in boot_of(name)["documents"]}


# Texts


def test_every_text_that_a_script_says_is_there_and_no_other() -> None:
    """Names that are put together, such as `status.${state}`, stand for all that begin so."""
    texts = texts_in("en")["texts"]
    scripts = b"".join(content for name, content in assets.FILES.items()).decode()
    said = set(re.findall(r'[\s(!=?:]"([A-Za-z.]+)"', scripts)) & texts.keys()
    asked = set(re.findall(r'\bt\("([\w.]+)"', scripts))
    begun = tuple(re.findall(r"`([\w.]+\.)\$\{", scripts))

    assert asked <= texts.keys()
    page = {"title", "loading", "noscript"}
    unsaid = {each for each in texts if each not in said | page and not each.startswith(begun)}
    assert unsaid == set()


def test_texts_come_in_the_closest_language_there_is() -> None:
    english = texts_in("en")

    assert (english["lang"], english["dir"]) == ("en", "ltr")
    assert body(ask("GET", "texts/en")) == english
    assert body(ask("GET", "texts/xx-nonsense")) == english
    assert body(ask("GET", "texts/en-GB")) == english


def test_a_text_that_counts_has_a_form_for_each_plural_of_its_language() -> None:
    assert texts_in("en")["texts"]["list.send"] == {
        "one": "Send {count} link",
        "other": "Send {count} links",
    }
    assert texts_in("pl")["texts"]["list.send"].keys() == {"one", "few", "many"}


# Where the Dashboard is


def test_the_dashboard_is_where_the_setting_says(settings: Any) -> None:
    settings.PAYLINK_DASHBOARD_URL = "https://a.example/dashboard/, http://localhost:9000"
    settings.ALLOWED_CLIENT_HOSTS = ["shop.example"]

    assert dashboard_origins() == ["'self'", "https://a.example", "http://localhost:9000"]


def test_else_it_is_at_a_host_that_may_be_a_client(settings: Any) -> None:
    settings.ALLOWED_CLIENT_HOSTS = ["shop.example", ".corp.example", "localhost", "*", "a b; x"]

    assert dashboard_origins() == [
        "'self'",
        "https://shop.example:*",
        "https://corp.example:*",
        "https://*.corp.example:*",
        "http://localhost:*",
        "https://localhost:*",
    ]


def test_where_nobody_is_named_only_our_own_origin_may(settings: Any) -> None:
    settings.ALLOWED_CLIENT_HOSTS = ["*"]

    assert dashboard_origins() == ["'self'"]


@pytest.mark.parametrize(
    "url",
    [
        "dashboard.example",
        "javascript:alert(1)",
        "https://a.example;script-src *",
        "//a",
        "*",
        "https://*",
        "https://[::1",
        "https://",
    ],
)
def test_what_is_no_url_opens_the_frames_to_nobody(settings: Any, url: str) -> None:
    settings.PAYLINK_DASHBOARD_URL = f"{url}, https://a.example"
    settings.ALLOWED_CLIENT_HOSTS = ["shop.example"]

    assert origins() == Origins("PAYLINK_DASHBOARD_URL", ("https://a.example",), complete=False)
    assert dashboard_origins() == ["'self'", "https://a.example"]


def test_a_setting_without_a_single_url_leaves_a_frame_that_our_own_origin_shows(
    settings: Any,
) -> None:
    settings.PAYLINK_DASHBOARD_URL = "dashboard.example"
    settings.ALLOWED_CLIENT_HOSTS = ["shop.example"]

    response = ask("GET", "widget")

    assert response.status_code == 200
    policy = response.headers["Content-Security-Policy"].split("; ")
    assert [each for each in policy if each.startswith("frame-ancestors")] == [
        "frame-ancestors 'self'"
    ]
