"""What a shop logs of the life of a link, at every level."""

from sandbox.client.customer import Browser, somewhere
from sandbox.client.graphql import Json
from sandbox.client.staff import CUSTOMER_EMAIL, Staff
from sandbox.stage import STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET
from sandbox.stripe.client import SimulatorClient
from tests.behaviour.storefront import Storefront
from tests.behaviour.world import World, token_of

ACCESS_LOG = " uvicorn.access: "
CARD_DETAILS = ("last4", "4242424242424242")


def test_nothing_private_is_logged(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    address = somewhere()
    with world.logged() as lines:
        links = lead_lives(world, cashier, Browser(address=address), simulator)
    tokens = [token_of(link) for link in links]
    private = [*tokens, STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, CUSTOMER_EMAIL, *CARD_DETAILS]

    assert len(lines) > 50
    assert [line for line in lines if any(each in line for each in private)] == []
    # Who called is what a server's access log is for.
    assert [line for line in lines if address in line and ACCESS_LOG not in line] == []


def lead_lives(
    world: World, cashier: Staff, browser: Browser, simulator: SimulatorClient
) -> list[Json]:
    """Links that are paid, refused, forgotten; all URLs that they had."""
    paid, rotated, off = (world.link(world.order(), send=True) for _each in range(3))
    form = browser.open(paid["url"]).pay_form
    assert form is not None
    with world.provider_down():
        assert browser.submit(form).status == 503
    session = str(browser.submit(form).location).rsplit("/", 1)[1]
    simulator.decline(session)
    simulator.pay(session)
    assert simulator.settle()
    browser.open(world.session(session)["success_url"])
    simulator.refund(world.session(session)["payment_intent"])
    assert simulator.settle()
    fresh = cashier.rotate_link(rotated["id"])
    refuse(world, browser, rotated)
    refuse(world, browser, fresh)
    with world.settings("default-channel", active=False):
        refuse(world, browser, off)
    Storefront(world.stage).renew(token_of(off))
    world.sweep()
    return [paid, rotated, fresh, off]


def refuse(world: World, browser: Browser, link: Json) -> None:
    """All that can be got wrong with a link."""
    for path in ("", "return", "renew", "nonsense"):
        for method in ("GET", "POST", "PUT", "OPTIONS"):
            browser.open(link["url"] + path, method)
    without_channel = link["url"].replace("/channel/default-channel/", "/")
    browser.open(without_channel)
    browser.open(link["url"].replace("/default-channel/", "/no-such-channel/"))
    browser.post(world.stage.webhook_url("default-channel"), {"a": "b"})
