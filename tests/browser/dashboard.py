"""The sandbox's dashboard, as somebody sits before it."""

import json
from collections.abc import Callable, Iterable

from playwright.sync_api import ConsoleMessage, Frame, FrameLocator, Locator, Page, Route

from tests.behaviour.world import World

# What is refused is said in the network's log, too; those are not faults of a script.
NO_FAULT = "Failed to load resource"
FRAMES = "**/static/frames.js"
WIDGET = "**/widget.js"
GRAPHQL = "**/graphql/"
HOST = "**/static/dashboard.js"


class Dashboard:
    """One tab. An order is its global id."""

    def __init__(self, page: Page, world: World) -> None:
        self.page = page
        self.world = world
        self.url = world.stage.dashboard_url
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and NO_FAULT not in message.text:
            self.faults.append(message.text)

    def finalize_draft(self) -> None:
        """Make a draft of two mugs and a plate, 55 dollars, and finalize it."""
        self.page.goto(f"{self.url}/orders")
        self.page.get_by_role("button", name="Create draft order").click()
        self.page.get_by_role("button", name="Finalize").click()

    def open_order(self, order: str) -> None:
        self.page.goto(f"{self.url}/orders/{order}")

    def open_links(self, query: str = "") -> Locator:
        """The page of payment links: what is to be seen in it."""
        self.page.goto(f"{self.url}/orders")
        self.page.get_by_role("link", name="Payment links").click()
        if query:
            self.page.goto(f"{self.page.url}?{query}")
        return self.links_frame.locator("#root")

    def open_earnings(self) -> Locator:
        """The page of earnings: what is to be seen in it."""
        self.page.goto(f"{self.url}/orders")
        self.page.get_by_role("link", name="Earnings").click()
        return self.links_frame.locator("#root")

    @property
    def links_frame(self) -> FrameLocator:
        return self.page.frame_locator("main iframe")

    @property
    def order(self) -> str:
        """The order whose page is shown."""
        return self.page.url.rsplit("/", 1)[1].partition("?")[0].replace("%3D", "=")

    @property
    def widget_frame(self) -> FrameLocator:
        return self.page.frame_locator("aside iframe")

    @property
    def widget(self) -> Locator:
        """What is to be seen in it."""
        return self.widget_frame.locator("#root")

    @property
    def popup(self) -> FrameLocator:
        return self.page.frame_locator("#popup-frame iframe")

    @property
    def dialog(self) -> Locator:
        """The question that stands over the widget."""
        return self.widget_frame.get_by_role("dialog")

    @property
    def links_dialog(self) -> Locator:
        """The question that stands over the page of payment links."""
        return self.links_frame.get_by_role("dialog")

    @property
    def toasts(self) -> Locator:
        return self.page.locator("#toasts")

    @property
    def order_status(self) -> Locator:
        return self.page.locator("#order-status")

    def frame(self, name: str) -> Frame:
        """The frame of that name: widget, prompt or links."""
        (found,) = [each for each in self.page.frames if f"/dashboard/{name}?" in each.url]
        return found

    def look_again(self, name: str) -> None:
        """Let that frame look at once, as it does for who comes back to the page."""
        self.frame(name).evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    def open_menus_popup(self) -> None:
        self.page.get_by_label("More actions").click()
        self.page.get_by_role("button", name="Collect payment").click()

    def link_address(self) -> str:
        return self.widget.get_by_role("textbox", name="Payment link").input_value()

    def log_in(self, person: str) -> None:
        cookie = {"name": "person", "value": person, "url": self.url}
        self.page.context.add_cookies([cookie])

    def choose(self, name: str, value: str) -> None:
        """The theme or the locale, in the dashboard's own corner."""
        self.page.goto(self.url)
        self.page.select_option(f"#{name}", value)

    def choose_behind(self, name: str, value: str) -> None:
        """The same while a popup lies over that corner."""
        self.page.evaluate(
            """([name, value]) => {
              const select = document.getElementById(name);
              select.value = value;
              select.dispatchEvent(new Event("change"));
            }""",
            [name, value],
        )

    def meddle(self, operation: str, do: Callable[[Route], None]) -> Callable[[], None]:
        """Have `do` decide what becomes of each request of that operation from a frame; answers
        how to stop it."""

        def meddle(route: Route) -> None:
            asked = json.loads(route.request.post_data or "{}").get("operationName")
            if asked == operation:
                do(route)
            else:
                route.fallback()

        self.page.route(GRAPHQL, meddle)
        return lambda: self.page.unroute(GRAPHQL, meddle)

    def hold_next(self, operation: str) -> list[Route]:
        """The next request of that operation, which is not answered, while those after it are."""
        held: list[Route] = []
        self.meddle(operation, lambda route: route.fallback() if held else held.append(route))
        return held

    def end_held(self, route: Route, end: Callable[[Route], None], event: str) -> None:
        """Let a request of the page of links that was held back end so, and its end be heard."""
        (frame,) = [each for each in self.page.frames if "/dashboard/links" in each.url]
        with self.page.expect_event(event, lambda request: request == route.request):
            end(route)
        for _turn in range(3):
            frame.evaluate("new Promise(done => setTimeout(done))")

    def become_older(self, *actions: str) -> None:
        """Be a Dashboard that does not know these actions of the App Bridge."""
        self.rewrite_host(*((f"    {each}: (", f"    {each}Unknown: (") for each in actions))

    def have_no_widgets(self) -> None:
        """Be a Dashboard that shows nothing of an App beside an order, as before 3.22."""
        self._rewrite(HOST, [('"[data-frame]"', '"main [data-frame]"')])

    def lose_the_shop(self) -> None:
        """Nothing reaches the shop's GraphQL any more, until `find_the_shop`."""
        self.page.route(GRAPHQL, lambda route: route.abort())

    def find_the_shop(self) -> None:
        self.page.unroute(GRAPHQL)

    def before(self, operation: str, act: Callable[[], object]) -> None:
        """Let `act` happen at the last moment before the shop hears of such an operation."""

        def overtake(route: Route) -> None:
            if f'"operationName":"{operation}"' in (route.request.post_data or ""):
                act()
            route.continue_()

        self.page.route(GRAPHQL, overtake)

    def rewrite_host(self, *changes: tuple[str, str]) -> None:
        """Host the frames by a script in which the first of each pair is the second."""
        self._rewrite(FRAMES, changes)

    def rewrite_module(self, name: str, *changes: tuple[str, str]) -> None:
        """The same in a module of the frames, by its name."""
        self._rewrite(f"**/{name}.js", changes)

    def _rewrite(self, script: str, changes: Iterable[tuple[str, str]]) -> None:
        def rewrite(route: Route) -> None:
            response = route.fetch()
            text = response.text()
            for before, after in changes:
                assert before in text
                text = text.replace(before, after)
            route.fulfill(response=response, body=text)

        self.page.route(script, rewrite)
