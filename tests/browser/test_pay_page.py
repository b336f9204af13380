"""The payment page in a real browser, in every state: on a phone and on a desk, light and dark,
from left to right and from right to left."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.behaviour.world import World
from tests.browser import states

WIDTHS = (360, 768, 1280)
THEMES = ("light", "dark")
# Each state is only turned round; that a language does so by itself is seen further down.
TURN = "way => { document.documentElement.dir = way }"
EVERY_STATE = pytest.mark.parametrize("state", states.STATES)


@pytest.fixture(autouse=True)
def brand(world: World) -> Iterator[None]:
    with states.branded(world):
        yield


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Whatever goes wrong in its script, or is forbidden by its policy, fails the test."""
    states.with_logo(context)
    shown, faults = context.new_page(), []
    shown.on("pageerror", lambda fault: faults.append(str(fault)))
    shown.on("console", lambda said: faults.append(said.text) if "olicy" in said.text else None)
    yield shown
    assert faults == []


def findings(page: Page) -> list[str]:
    """All that axe-core holds against what is shown, however small."""
    return [
        f"{each['id']}: {node['html']}"
        for each in Axe().run(page).response["violations"]
        for node in each["nodes"]
    ]


@EVERY_STATE
def test_every_state_can_be_used_by_everybody_on_every_screen(
    world: World, page: Page, state: str
) -> None:
    go, heading = states.STATES[state]
    go(world, page)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)

    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 740})
        for way in ("ltr", "rtl"):
            page.evaluate(TURN, way)
            assert page.evaluate("document.documentElement.scrollWidth") == width, (width, way)
            for theme in THEMES:
                page.emulate_media(color_scheme=theme)
                assert findings(page) == [], (width, way, theme)


@pytest.mark.parametrize(
    ("language", "told", "way", "heading"),
    [
        ("AR", "ar", "rtl", "المبلغ المطلوب: \u200f25.00 US$"),
        ("DE", "de", "ltr", "25,00 $ zu bezahlen"),
        ("ES", "es", "ltr", "25,00 US$ por pagar"),
        ("FR", "fr", "ltr", "25,00 $US à payer"),
        ("IT", "it", "ltr", "25,00 USD da pagare"),
        ("JA", "ja", "ltr", "お支払い額 $25.00"),
        ("NL", "nl", "ltr", "US$ 25,00 te betalen"),
        ("PL", "pl", "ltr", "Do zapłaty: 25,00 USD"),
        ("PT_BR", "pt-BR", "ltr", "US$ 25,00 a pagar"),
    ],
)
def test_every_language_fits_a_phone(
    world: World, page: Page, language: str, told: str, way: str, heading: str
) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    order = world.order(language=language)
    page.goto(world.link(order, message=states.MESSAGE)["url"])

    shown = page.get_by_role("heading", level=1).inner_text().replace("\xa0", " ")
    assert shown.removesuffix("\u200f").strip() == heading
    expect(page.locator("html")).to_have_attribute("lang", told)
    expect(page.locator("html")).to_have_attribute("dir", way)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert findings(page) == []


@EVERY_STATE
def test_what_is_clicked_is_large_enough_for_a_thumb(world: World, page: Page, state: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    states.STATES[state][0](world, page)

    clicked = page.locator("a:visible, button:visible, label:visible, summary:visible")
    boxes = [box for each in clicked.all() if (box := each.bounding_box())]
    assert min(box["height"] for box in boxes) >= 40


def test_any_brand_colour_can_be_read(world: World, page: Page) -> None:
    for colour in ("#ffd400", "#001a33", "#777777"):
        with states.branded(world, **{"brand-colour": colour}):
            states.due(world, page)
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            assert findings(page) == [], (colour, theme)
            expect(page.get_by_role("button", name="Pay")).to_have_css(
                "background-color", page.evaluate(AS_RGB, colour)
            )


AS_RGB = """colour => {
  const probe = document.body.appendChild(document.createElement("p"));
  probe.style.color = colour;
  const said = getComputedStyle(probe).color;
  probe.remove();
  return said;
}"""


def test_a_long_order_with_long_words_fits(world: World, page: Page) -> None:
    note = "Averyveryverylongwordthatnobodywouldeverwritebutsomebodydoes" * 3
    page.goto(world.link(world.order(), message=note)["url"])
    page.set_viewport_size({"width": 320, "height": 740})

    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_a_refused_click_is_the_first_thing_that_is_said(world: World, page: Page) -> None:
    states.changed(world, page)

    expect(page).to_have_title("Not paid – Mug & Co")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("1 × Plate (Large) added ($30.00)")


def test_the_keyboard_goes_from_the_methods_to_the_button_and_on(world: World, page: Page) -> None:
    states.due(world, page)

    stops = []
    for _stop in range(4):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(FOCUSED))
    assert stops == ["stripe:card", "Pay $55.00", "help@shop.example", "+48 22 123 45 67"]


FOCUSED = "document.activeElement.innerText || document.activeElement.value"


def test_a_double_click_is_one_click(world: World, page: Page) -> None:
    link = world.link(world.order())
    page.goto(link["url"])
    posts = []
    page.on("request", lambda each: posts.append(each.url) if each.method == "POST" else None)

    page.get_by_role("button", name="Pay").dblclick()
    page.wait_for_url("**/pay/cs_test_*")

    assert posts.count(link["url"]) == 1


def test_a_page_that_waits_shows_the_receipt_by_itself(world: World, page: Page) -> None:
    states.processing(world, page)
    session = world.simulator.sessions()[-1]["id"]

    world.simulator.complete_later(session, "succeeded")
    assert world.simulator.settle()

    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your payment")
    expect(page.get_by_role("heading", name="Receipt")).to_be_visible()


def test_the_receipt_can_be_printed(world: World, page: Page) -> None:
    states.paid(world, page)
    page.evaluate("window.print = () => { document.title = 'printed' }")

    page.get_by_role("button", name="Print this page").click()
    expect(page).to_have_title("printed")

    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Print this page")).to_be_hidden()
    expect(page.get_by_role("heading", name="Receipt")).to_be_visible()
