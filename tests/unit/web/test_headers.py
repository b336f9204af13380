"""Every answer carries every header: the hosts add none."""

import pytest

from saleor_paylink.web.headers import content_security_policy
from saleor_paylink.web.served import STYLES, VISIT
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
        "default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
}


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("GET", "pay/unknown/", {"Content-Type": "text/html; charset=utf-8"}),
        ("GET", "nonsense", {"Content-Type": "text/html; charset=utf-8"}),
        ("POST", "webhooks/unknown", {"Content-Type": "text/html; charset=utf-8"}),
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
            f"assets/{STYLES.name}",
            {
                "Cache-Control": "public, max-age=31536000, immutable",
                "Content-Type": "text/css; charset=utf-8",
            },
        ),
    ],
)
def test_every_answer_has_the_same_headers(
    visitor: Visitor, method: str, path: str, more: dict[str, str]
) -> None:
    assert dict(visitor.ask(method, path).headers) == {**NEVER_STORED, **more}


def test_the_pay_page_may_lead_to_the_providers_pages_alone(
    visitor: Visitor, page: str, stripe: Server
) -> None:
    policy = NEVER_STORED["Content-Security-Policy"].replace(
        "form-action 'none'",
        f"script-src 'self'; connect-src 'self'; form-action 'self' {stripe.url}",
    )

    assert dict(visitor.get(page).headers) == {
        **NEVER_STORED,
        "Content-Security-Policy": policy,
        "Content-Type": "text/html; charset=utf-8",
    }


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
    assert len(STYLES.content) < 6000
    assert len(VISIT.content) < 1500
