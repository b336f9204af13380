"""Every answer carries every header: the hosts add none."""

import pytest

from saleor_paylink.web.headers import content_security_policy
from saleor_paylink.web.served import SCRIPT
from saleor_paylink.web.styles import sheet_for, source_of
from sandbox.stripe.server import Server
from tests.unit.web.visitor import Visitor

NEVER_STORED = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


STYLED = {
    **NEVER_STORED,
    "Content-Security-Policy": NEVER_STORED["Content-Security-Policy"].replace(
        "default-src 'none'", f"default-src 'none'; style-src {source_of(sheet_for(None))}"
    ),
    "Content-Type": "text/html; charset=utf-8",
}


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "pay/unknown/"), ("GET", "nonsense"), ("POST", "webhooks/unknown")],
)
def test_every_page_has_the_same_headers(visitor: Visitor, method: str, path: str) -> None:
    assert dict(visitor.ask(method, path).headers) == STYLED


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        (
            "PUT",
            "pay/unknown/",
            {
                "Allow": "GET, HEAD, POST",
                "Content-Type": "text/html; charset=utf-8",
            },
        ),
        (
            "GET",
            f"assets/{SCRIPT.name}",
            {
                "Cache-Control": "public, max-age=31536000, immutable",
                "Content-Type": "text/javascript; charset=utf-8",
            },
        ),
    ],
)
def test_every_other_answer_has_them_too(
    visitor: Visitor, method: str, path: str, more: dict[str, str]
) -> None:
    assert dict(visitor.ask(method, path).headers) == {**NEVER_STORED, **more}


def test_the_pay_page_may_lead_to_the_providers_pages_alone_and_show_the_shops_pictures(
    visitor: Visitor, page: str, stripe: Server
) -> None:
    policy = STYLED["Content-Security-Policy"].replace(
        "form-action 'none'",
        f"img-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self' {stripe.url}",
    )

    assert dict(visitor.get(page).headers) == {**STYLED, "Content-Security-Policy": policy}


def test_a_redirect_has_them_too(visitor: Visitor, page: str) -> None:
    headers = dict(visitor.get(f"{page}return").headers)

    assert headers == {
        **NEVER_STORED,
        "Location": "./",
        "Content-Type": "text/html; charset=utf-8",
    }


def test_forms_lead_nowhere_unless_told() -> None:
    assert "form-action 'none';" in content_security_policy()
    assert "form-action 'self' https://pay.example;" in content_security_policy(
        ["'self'", "https://pay.example"]
    )


def test_only_a_page_that_is_watched_has_a_script() -> None:
    watched = content_security_policy(watched=True)

    assert "script-src" not in content_security_policy()
    assert "script-src 'self'; connect-src 'self'; " in watched
    assert "default-src 'none'" in watched


def test_the_style_sheet_and_the_script_are_small() -> None:
    assert len(sheet_for(None)) < 8000
    assert len(SCRIPT.content) < 4000
