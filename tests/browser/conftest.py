"""The browser suite plays on a sandbox of its own, in a real Chromium: whoever looks at these
pages sees the very frames that Saleor's Dashboard shows."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from sandbox.client.starting import running
from sandbox.stage import Stage
from tests.behaviour.world import World
from tests.browser import chromium
from tests.browser.dashboard import Dashboard

WAIT = 20_000  # ms, for what comes by polling

expect.set_options(timeout=WAIT)


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    with running("sandbox", "--no-timers") as started:
        yield started


@pytest.fixture(scope="session")
def world(stage: Stage) -> World:
    return World(stage)


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    with sync_playwright() as driver:
        yield driver.chromium.launch(executable_path=chromium.path(), args=chromium.ARGUMENTS)


@pytest.fixture
def context(chrome: Browser) -> Iterator[BrowserContext]:
    """A profile of its own for each test."""
    context = chrome.new_context(viewport={"width": 1400, "height": 1000}, locale="en-US")
    context.set_default_timeout(WAIT)
    yield context
    context.close()


@pytest.fixture
def dashboard(context: BrowserContext, world: World) -> Iterator[Dashboard]:
    """The dashboard, as the cashier sees it. What went wrong in a frame's script fails the test."""
    shown = Dashboard(context.new_page(), world)
    yield shown
    assert shown.faults == []
