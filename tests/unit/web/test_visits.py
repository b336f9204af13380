"""The page reports that somebody looks at it."""

from datetime import datetime

import pytest
from django.http import HttpResponse

from saleor_paylink.links.limits import SEEN, count
from saleor_paylink.models import LinkEventType, PaymentLink, PaymentLinkEvent
from saleor_paylink.web.served import SCRIPT
from tests.unit.web.visitor import Visitor

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile Safari/604.1"
CUBOT = "Mozilla/5.0 (Linux; Android 13; CUBOT NOTE 50) Chrome/126.0 Mobile Safari/537.36"
PROGRAMS = [
    "",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html) Chrome/126.0",
    "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/128.0.0.0 Safari/537.36",
    "Mozilla/5.0 AppleWebKit/537.36 BingPreview/1.0b",
    "Mozilla/5.0 (Linux; Android 11) Chrome-Lighthouse",
    "facebookexternalhit/1.1",
]
UNKNOWN = f"pay/{'A' * 43}/"


def opened(link: PaymentLink) -> tuple[datetime | None, datetime | None]:
    link.refresh_from_db()
    return link.first_opened_at, link.last_opened_at


def look(visitor: Visitor, page: str, agent: str = PHONE) -> HttpResponse:
    return visitor.ask("POST", f"{page}seen", HTTP_USER_AGENT=agent)


@pytest.mark.parametrize("agent", [PHONE, CUBOT])
def test_a_person_who_looks_at_the_page_is_a_visit(
    visitor: Visitor, page: str, link: PaymentLink, agent: str
) -> None:
    visitor.get(page)
    assert opened(link) == (None, None)

    answer = look(visitor, page, agent)

    assert (answer.status_code, answer.content) == (204, b"")
    first, last = opened(link)
    assert first is not None
    assert first == last


@pytest.mark.parametrize("agent", PROGRAMS)
def test_a_program_that_runs_the_script_is_none(
    visitor: Visitor, page: str, link: PaymentLink, agent: str
) -> None:
    answer = look(visitor, page, agent)

    assert answer.status_code == 204
    assert opened(link) == (None, None)
    assert not PaymentLinkEvent.objects.filter(type=LinkEventType.OPENED).exists()


@pytest.mark.parametrize("path", [UNKNOWN, "pay/short/", "pay/%00/"])
def test_the_answer_says_nothing_about_a_token(visitor: Visitor, page: str, path: str) -> None:
    real, unreal = look(visitor, page), look(visitor, path)

    assert (real.status_code, real.content) == (unreal.status_code, unreal.content)
    assert dict(real.headers) == dict(unreal.headers)


def test_a_link_of_another_channel_is_not_visited(
    visitor: Visitor, page: str, link: PaymentLink
) -> None:
    look(Visitor("elsewhere"), page)

    assert opened(link) == (None, None)


def test_one_report_too_many_counts_no_visit(
    visitor: Visitor, page: str, link: PaymentLink
) -> None:
    token = page.split("/")[1]
    for n in range(SEEN.per_token):
        count(SEEN, token, f"other {n}")

    assert look(visitor, page).status_code == 429
    assert opened(link) == (None, None)


def test_the_page_loads_the_script_that_reports(visitor: Visitor, page: str) -> None:
    source = f'<script src="/plugins/channel/shop/saleor.paylink/assets/{SCRIPT.name}" defer>'

    assert source in visitor.get(page).content.decode()
    answer = visitor.get(f"assets/{SCRIPT.name}")
    assert (answer.status_code, answer.content) == (200, SCRIPT.content)
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"


def test_a_preview_for_staff_reports_nothing_and_looks_the_same(
    visitor: Visitor, page: str
) -> None:
    shown, preview = visitor.get(page), visitor.get(f"{page}?preview")

    assert "<script" not in preview.content.decode()
    assert "script-src" not in preview.headers["Content-Security-Policy"]
    assert shown.content.partition(b"<body>")[2] == preview.content.partition(b"<body>")[2]


def test_a_page_of_no_link_has_no_script(visitor: Visitor, channel: object) -> None:
    answer = visitor.get(UNKNOWN)

    assert "<script" not in answer.content.decode()
    assert "script-src" not in answer.headers["Content-Security-Policy"]
