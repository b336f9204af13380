"""Staff see whether, and when, somebody has looked at the payment page."""

from sandbox.client.customer import Browser
from sandbox.client.graphql import Json
from sandbox.client.staff import Staff
from tests.behaviour.test_no_effect_of_get import BOTS
from tests.behaviour.world import World

ASK = """query($id: ID!) { order(id: $id) { paymentLink {
    firstOpenedAt lastOpenedAt events { type message }
} } }"""
RUNNING_SCRIPTS = ("Googlebot", "bingbot", "HeadlessChrome")


def seen_by_staff(cashier: Staff, order: str) -> Json:
    link: Json = cashier.graphql.ask(ASK, {"id": order})["order"]["paymentLink"]
    return link


def test_a_customer_who_looks_at_the_page_has_opened_the_link(
    world: World, cashier: Staff, browser: Browser
) -> None:
    order = world.order()
    page = browser.open(world.link(order)["url"])
    assert seen_by_staff(cashier, order)["firstOpenedAt"] is None

    answer = browser.look_at(page)
    browser.look_at(page)

    assert (answer.status, answer.html) == (204, "")
    link = seen_by_staff(cashier, order)
    assert link["firstOpenedAt"] is not None
    assert link["lastOpenedAt"] == link["firstOpenedAt"]
    opened = [event["message"] for event in link["events"] if event["type"] == "OPENED"]
    assert opened == ["The customer opened the payment link."]


def test_a_click_on_pay_needs_no_script_to_be_a_visit(world: World, cashier: Staff) -> None:
    order = world.order()

    world.begin(world.link(order))

    assert seen_by_staff(cashier, order)["firstOpenedAt"] is not None


def test_bots_that_run_scripts_have_not_opened_it(world: World, cashier: Staff) -> None:
    order = world.order()
    link = world.link(order)

    with world.unchanged(order):
        for bot in RUNNING_SCRIPTS:
            visitor = Browser(BOTS[bot])
            assert visitor.look_at(visitor.open(link["url"])).status == 204

    assert seen_by_staff(cashier, order)["firstOpenedAt"] is None


def test_what_staff_look_at_as_a_preview_reports_nothing(world: World) -> None:
    link = world.link(world.order())

    page = Browser().open(f"{link['url']}?preview")

    assert page.scripts == []
    assert page.text == world.page(link).text


def test_an_unknown_link_is_answered_as_a_known_one(world: World) -> None:
    page = world.page(world.link(world.order()))
    token = page.url.rstrip("/").rsplit("/", 1)[1]
    unknown = page.url.replace(token, "A" * 43)

    answers = [Browser().post(f"{url}seen", {}) for url in (page.url, unknown)]

    assert [(answer.status, answer.html) for answer in answers] == [(204, "")] * 2
    headers = [{**answer.headers, "date": ""} for answer in answers]
    assert headers[0] == headers[1]
