"""The page in a real browser: Chromium, where there is one."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from saleor_paylink.models import PaymentLink

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
PHONE = "Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/126.0.0.0 Mobile Safari/537.36"
PATIENCE = 60

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="There is no Chromium."),
    pytest.mark.urls("tests.unit.web.visitor"),
]


def show(url: str, folder: Path, *flags: str) -> str:
    """Let Chromium show the page for ten seconds of its time; what it holds then."""
    command = [
        str(CHROMIUM),
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        f"--user-data-dir={folder}",
        "--virtual-time-budget=10000",
        *flags,
        "--dump-dom",
        url,
    ]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE, check=True
    ).stdout


# As a person's browser: it does not say that a program drives it.
A_PERSON = (f"--user-agent={PHONE}", "--disable-blink-features=AutomationControlled")


@pytest.fixture
def url(settings: Any, request: pytest.FixtureRequest, page: str) -> str:
    # Django's test server cannot do without.
    settings.STATIC_URL, settings.MEDIA_URL = "/static/", "/media/"
    server = request.getfixturevalue("live_server")
    return f"{server.url}/plugins/channel/shop/saleor.paylink/{page}"


def test_a_page_before_somebodys_eyes_is_a_visit(
    url: str, link: PaymentLink, tmp_path: Path
) -> None:
    assert "25.00" in show(url, tmp_path, *A_PERSON)

    link.refresh_from_db()
    assert link.first_opened_at is not None
    assert link.events.filter(type="opened").count() == 1


@pytest.mark.parametrize(("query", "flags"), [("", ()), ("?preview", A_PERSON)])
def test_a_program_and_a_preview_are_none(
    url: str, link: PaymentLink, tmp_path: Path, query: str, flags: tuple[str, ...]
) -> None:
    assert "25.00" in show(url + query, tmp_path, *flags)

    link.refresh_from_db()
    assert link.first_opened_at is None
