"""What others log of requests names no token."""

import logging
from collections.abc import Iterator

import pytest
from django.test import RequestFactory

from sandbox.logbook import Logbook

TOKEN = "T0k_en-" * 6
PAGE = f"/plugins/channel/shop/saleor.paylink/pay/{TOKEN}/"
HIDDEN = "/plugins/channel/shop/saleor.paylink/pay/[…]/"


@pytest.fixture
def lines() -> Iterator[list[str]]:
    logbook = Logbook()
    yield logbook.lines
    logbook.close()


@pytest.mark.parametrize(
    ("logger", "message", "arguments", "written"),
    [
        ("django.request", "%s: %s", ("Not Found", PAGE), f"Not Found: {HIDDEN}"),
        (
            "django.server",
            '"%s" %s %s',
            (f"GET {PAGE}return?attempt=1 HTTP/1.1", "404", "12"),
            f'"GET {HIDDEN}return?attempt=1 HTTP/1.1" 404 12',
        ),
        (
            "uvicorn.access",
            '%s - "%s %s HTTP/%s" %d',
            ("192.0.2.7", "POST", PAGE, "1.1", 303),
            f'192.0.2.7 - "POST {HIDDEN} HTTP/1.1" 303',
        ),
    ],
)
def test_a_request_is_logged_without_its_token(
    lines: list[str], logger: str, message: str, arguments: tuple[object, ...], written: str
) -> None:
    logging.getLogger(logger).error(message, *arguments)

    assert written in lines[0]
    assert TOKEN not in lines[0]


@pytest.mark.parametrize("logger", ["django.request", "django.security.DisallowedHost"])
def test_the_request_itself_is_not_handed_on(lines: list[str], logger: str) -> None:
    request = RequestFactory().get(f"{PAGE}?a=b")

    logging.getLogger(logger).error("Refused.", extra={"request": request, "status_code": 400})

    assert TOKEN not in lines[0]
    assert "400" in lines[0]


def test_other_requests_are_logged_as_ever(lines: list[str]) -> None:
    request = RequestFactory().get("/pay/me/")

    logging.getLogger("django.request").error("%s: %s", "Gone", "/pay/me/", extra={"r": request})
    logging.getLogger("django.request").error("Nothing at all.", extra={"request": request})

    assert "Gone: /pay/me/" in lines[0]
    assert "'/pay/me/'" in lines[1]
