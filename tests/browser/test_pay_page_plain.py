"""The payment page without JavaScript, and what its first view costs on a slow phone."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, Route, expect

from tests.behaviour.world import World
from tests.browser import states

PHONE = {"width": 360, "height": 740}
FEW = 60_000  # bytes
EVERY_STATE = pytest.mark.parametrize("state", states.STATES)


@pytest.fixture(autouse=True)
def brand(world: World) -> Iterator[None]:
    with states.branded(world):
        yield


@pytest.fixture
def plain(chrome: Browser) -> Iterator[Page]:
    """A page of a browser that runs no scripts."""
    context = chrome.new_context(viewport=PHONE, locale="en-US", java_script_enabled=False)
    states.with_logo(context)
    yield context.new_page()
    context.close()


# ---------------------------------------------------------------- without JavaScript


def test_a_customer_reads_pays_and_gets_the_receipt(world: World, plain: Page) -> None:
    states.due(world, plain)
    expect(plain.get_by_text("Your mugs are packed already.")).to_be_visible()

    plain.get_by_role("button", name="Pay $55.00").click()
    plain.locator("form[action$=pay] button").first.click()

    expect(plain.get_by_role("heading", level=1)).to_have_text("Thank you for your payment")
    expect(plain.get_by_role("heading", name="Receipt")).to_be_visible()


def test_one_method_needs_one_click(world: World, plain: Page) -> None:
    with states.branded(world, methods="card"):
        states.due(world, plain)
        expect(plain.get_by_role("radio")).to_have_count(0)
        plain.get_by_role("button").click()

    expect(plain).to_have_url(re.compile(f"{world.stage.simulator_url}/pay/cs_test_.*"))


def test_after_a_decline_the_other_method_is_one_click_away(world: World, plain: Page) -> None:
    states.declined(world, plain)

    expect(plain.get_by_role("alert")).to_contain_text("you have not been charged")
    expect(plain.get_by_role("radio", name="Klarna")).to_be_checked()


@EVERY_STATE
def test_every_state_can_be_read(world: World, plain: Page, state: str) -> None:
    go, heading = states.STATES[state]
    go(world, plain)

    expect(plain.get_by_role("heading", level=1)).to_have_text(heading)
    expect(plain.get_by_role("button", name="Print this page")).to_have_count(0)


@pytest.mark.parametrize("state", ["processing", "unsure"])
def test_a_page_that_waits_looks_again_by_itself(world: World, plain: Page, state: str) -> None:
    states.STATES[state][0](world, plain)

    again = plain.locator("meta[http-equiv=refresh]")
    expect(again).to_have_attribute("content", "20")


def test_no_other_page_does(world: World, plain: Page) -> None:
    for state in ("due", "paid", "expired", "unknown"):
        states.STATES[state][0](world, plain)
        expect(plain.locator("meta[http-equiv=refresh]")).to_have_count(0)


# ---------------------------------------------------------------- the first view


def test_it_is_small_and_asks_nobody_but_the_shop(world: World, context: BrowserContext) -> None:
    with states.branded(world, **{"logo-url": ""}):
        answers = first_view(world, context)

    pictures = [f"{world.stage.shop_url}/thumbnail/{name}/" for name in ("mug", "plate")]
    document, *others = [each.url for each in answers]
    assert document.startswith(world.stage.plugin_url("default-channel", "pay/"))
    (script,) = [url for url in others if url not in pictures]
    assert script.startswith(world.stage.plugin_url("default-channel", "assets/pages."))
    assert sorted(set(others) - {script}) == pictures
    sizes = [len(each.body()) for each in answers]
    assert sum(sizes) < FEW
    assert sizes[0] < 12_000


def test_a_logo_is_the_one_thing_that_comes_from_elsewhere(
    world: World, context: BrowserContext
) -> None:
    states.with_logo(context)
    ours = urlsplit(world.stage.shop_url).netloc

    foreign = [
        each.request for each in first_view(world, context) if urlsplit(each.url).netloc != ours
    ]

    assert [each.url for each in foreign] == [states.LOGO_URL]
    assert "referer" not in foreign[0].headers


def test_it_needs_nothing_but_the_document(world: World, context: BrowserContext) -> None:
    page = context.new_page()
    page.set_viewport_size(PHONE)
    page.route("**/*", only_documents)
    states.due(world, page)

    button = page.get_by_role("button", name="Pay $55.00")
    expect(button).to_have_css("background-color", "rgb(124, 58, 237)")
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport()


def test_nothing_moves_when_the_pictures_arrive(world: World, context: BrowserContext) -> None:
    states.with_logo(context)
    page = context.new_page()
    page.set_viewport_size(PHONE)
    page.route("**/thumbnail/**", lambda route: route.abort())
    link = states.big_link(world)
    page.goto(link["url"])
    without = page.get_by_role("button", name="Pay").bounding_box()
    page.unroute("**/thumbnail/**")
    page.goto(link["url"])

    assert page.get_by_role("button", name="Pay").bounding_box() == without


def first_view(world: World, context: BrowserContext) -> list[Response]:
    """All that is loaded for the page of an order of two lines."""
    page = context.new_page()
    page.set_viewport_size(PHONE)
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    states.due(world, page)
    page.wait_for_load_state("networkidle")
    return [each for each in answers if is_loaded(each.request)]


def is_loaded(request: Request) -> bool:
    """And not what the page reports of the visit."""
    return request.method == "GET"


def only_documents(route: Route) -> None:
    if route.request.resource_type == "document":
        route.continue_()
    else:
        route.abort()
