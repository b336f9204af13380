"""Takes the pictures of docs/images anew: python -m tests.browser.pictures docs/images"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from sandbox.client.starting import running
from tests.behaviour.test_exceptions import pay_late, pay_less
from tests.behaviour.world import World
from tests.browser import chromium, states
from tests.browser.dashboard import Dashboard

# Visits of what says that it is a program are not counted.
PERSON = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36"
AS_A_PERSON = "--disable-blink-features=AutomationControlled"
CUSTOMERS = ("ada", "grace", "joan", "mary", "rosa")
PHONE = {"width": 360, "height": 740}
ON_A_PHONE = ("changed", "declined", "processing", "paid", "expired")
ORDER, PAGE = {"width": 1280, "height": 900}, {"width": 1280, "height": 640}


class Artist:
    """Takes pictures of the sandbox's dashboard."""

    def __init__(self, chrome: Browser, world: World, folder: Path) -> None:
        self._chrome = chrome
        self._folder = folder
        self.world = world

    @contextmanager
    def dashboard(self, theme: str, size: dict[str, int]) -> Iterator[Dashboard]:
        context = self._chrome.new_context(
            viewport=size, device_scale_factor=1.5, locale="en-US", user_agent=PERSON
        )
        shown = Dashboard(context.new_page(), self.world)
        shown.choose("theme", theme)
        yield shown
        context.close()

    def take(self, page: Page, name: str) -> None:
        page.locator("#toasts").evaluate("toasts => toasts.replaceChildren()")
        page.screenshot(path=self._folder / f"{name}.png", animations="disabled")


def prompt_and_widget(artist: Artist, theme: str) -> None:
    with artist.dashboard(theme, ORDER) as dashboard:
        dashboard.finalize_draft()
        note = dashboard.popup.get_by_label("Note to the customer")
        note.fill("Thank you for calling us, Ada. Your mugs are packed already.")
        artist.take(dashboard.page, f"dashboard-prompt-{theme}")
        dashboard.popup.get_by_role("button", name="Create and send").click()
        expect(dashboard.widget.get_by_text("Waiting for payment")).to_be_visible()
        customer = dashboard.page.context.new_page()
        customer.goto(dashboard.link_address())
        customer.get_by_role("button", name="Pay").click()
        dashboard.page.bring_to_front()
        expect(dashboard.widget.get_by_text("The customer is paying now")).to_be_visible()
        artist.take(dashboard.page, f"dashboard-order-{theme}")
        dashboard.widget.get_by_role("button", name="Mark as paid…").click()
        artist.take(dashboard.page, f"dashboard-mark-paid-{theme}")


def work(world: World) -> None:
    """Orders in every state, for the lists to show."""
    for turn, name in enumerate(CUSTOMERS):
        order = world.order({"MUG": turn + 1, "PLATE": turn + 1}, email=f"{name}@example.com")
        link = world.link(order, send=turn % 2 == 0)
        if turn == 1:
            world.pay(link)
    pay_late(world)
    pay_less(world)


def lists(artist: Artist, theme: str) -> None:
    with artist.dashboard(theme, PAGE) as dashboard:
        frame = dashboard.open_links()
        frame.get_by_label("Status").select_option("All")
        expect(frame.locator("tbody").get_by_text("Paid").first).to_be_visible()
        for box in frame.locator("tbody").get_by_role("checkbox").all()[:4]:
            if box.is_enabled():
                box.check()
        artist.take(dashboard.page, f"dashboard-links-{theme}")
        frame.get_by_role("tab", name="Exceptions").click()
        expect(frame.get_by_role("article").first).to_be_visible()
        artist.take(dashboard.page, f"dashboard-exceptions-{theme}")


def earnings(artist: Artist, theme: str) -> None:
    with artist.dashboard(theme, ORDER) as dashboard:
        frame = dashboard.open_earnings()
        expect(frame.locator("#net-USD")).to_be_visible()
        frame.get_by_label("Currency").select_option("USD")
        frame.get_by_label("Period").select_option("Last 12 months")
        expect(frame.locator(".compared")).to_contain_text("net than before")
        expect(frame.locator(".bars g")).to_have_count(12)
        frame.locator("#movements-USD").click()
        expect(frame.locator("#list tbody tr").first).to_be_visible()
        artist.take(dashboard.page, f"dashboard-earnings-{theme}")


def payment_page(chrome: Browser, world: World, folder: Path) -> None:
    """What customers see: on a phone in some of the states, once in the dark, and on a desk."""
    looks = {state: (state, "light", PHONE) for state in ON_A_PHONE}
    looks |= {"dark": ("due", "dark", PHONE), "wide": ("due", "light", ORDER)}
    looks |= {"": ("due", "light", PHONE)}
    with states.branded(world):
        for name, (state, theme, size) in looks.items():
            context = chrome.new_context(
                viewport=size, device_scale_factor=1.5, locale="en-US", color_scheme=theme
            )
            states.with_logo(context)
            page = context.new_page()
            states.STATES[state][0](world, page)
            page.wait_for_load_state("networkidle")
            file = folder / f"pay-page{'-' if name else ''}{name}.png"
            page.screenshot(path=file, full_page=True, animations="disabled")
            context.close()


def main(folder: Path) -> None:
    arguments = [*chromium.ARGUMENTS, AS_A_PERSON]
    with sync_playwright() as driver:
        chrome = driver.chromium.launch(executable_path=chromium.path(), args=arguments)
        with running("sandbox", "--no-timers") as stage:
            artist = Artist(chrome, World(stage), folder)
            for theme in ("light", "dark"):
                prompt_and_widget(artist, theme)
            work(artist.world)
            for theme in ("light", "dark"):
                lists(artist, theme)
            payment_page(chrome, artist.world, folder)
        with running("sandbox", "--no-timers", "--history") as stage:
            artist = Artist(chrome, World(stage), folder)
            for theme in ("light", "dark"):
                earnings(artist, theme)
        chrome.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
