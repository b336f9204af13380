"""The customer's side over GraphQL, for storefronts with a payment page of their own."""

import pytest

from sandbox.client.customer import Browser
from sandbox.client.graphql import Json, Refused
from sandbox.client.staff import Staff
from sandbox.stripe.client import SimulatorClient
from tests.behaviour.storefront import Storefront
from tests.behaviour.world import CARD, World, money, token_of

RETURN_URL = "http://localhost/thanks?order=7"


@pytest.fixture
def storefront(world: World) -> Storefront:
    return Storefront(world.stage)


def seen(storefront: Storefront, link: Json) -> Json:
    found = storefront.request(token_of(link))
    assert found is not None
    return found


def test_the_bearer_of_a_link_sees_the_order(
    world: World, cashier: Staff, storefront: Storefront
) -> None:
    order = world.order({"MUG": 2, "PLATE": 1})
    link = world.link(order, message="Thank you.")

    request = seen(storefront, link)

    assert request["status"] == "DUE"
    assert request["orderNumber"] == cashier.order(order)["number"]
    assert (request["message"], request["expiresAt"], request["receipts"]) == (
        "Thank you.",
        None,
        [],
    )
    assert sorted(request["lines"], key=lambda line: str(line["name"])) == [
        {
            "name": "Mug",
            "variant": "Blue",
            "quantity": 2,
            "unitPrice": money("12.50"),
            "total": money("25.00"),
            "thumbnailUrl": world.stage.pictures.get("MUG"),
        },
        {
            "name": "Plate",
            "variant": "Large",
            "quantity": 1,
            "unitPrice": money("30"),
            "total": money("30"),
            "thumbnailUrl": world.stage.pictures.get("PLATE"),
        },
    ]
    assert (request["subtotal"], request["total"]) == (money("55.00"), money("55.00"))
    assert (request["amountPaid"], request["amountDue"]) == (money("0"), money("55.00"))
    assert request["methods"] == [{"id": CARD, "provider": "stripe", "name": "Card"}]


@pytest.mark.parametrize("token", ["", "nonsense", "A" * 43, "A" * 42 + "\n", "ü" * 43, "\x00"])
def test_any_other_token_is_answered_with_null(storefront: Storefront, token: str) -> None:
    assert storefront.request(token) is None


def test_looking_has_no_effect(world: World, storefront: Storefront) -> None:
    order = world.order()
    link = world.link(order)

    with world.unchanged(order):
        for _visit in range(10):
            seen(storefront, link)


def test_paying_leads_to_the_session(
    world: World, cashier: Staff, storefront: Storefront, simulator: SimulatorClient
) -> None:
    order = world.order()
    link = world.link(order)

    answer = storefront.pay(token_of(link))

    (session,) = world.sessions(link)
    assert answer["redirectUrl"] == session["url"]
    assert session["amount_total"] == 2500
    simulator.pay(session["id"])
    assert simulator.settle()
    assert cashier.order(order)["isPaid"] is True
    request = seen(storefront, link)
    assert (request["status"], request["amountDue"]) == ("PAID", money("0"))
    (receipt,) = request["receipts"]
    assert receipt["number"] == f"{request['orderNumber']}-1"
    assert (receipt["amount"], receipt["method"]) == (money("25.00"), "Card")
    assert receipt["reference"] == world.session(session["id"])["payment_intent"]


def test_the_customer_ends_up_where_the_storefront_asked(
    world: World,
    cashier: Staff,
    storefront: Storefront,
    browser: Browser,
    simulator: SimulatorClient,
) -> None:
    simulator.configure_deliveries(mode="drop")
    order = world.order()
    link = world.link(order)
    storefront.pay(token_of(link), returnUrl=RETURN_URL)
    (session,) = world.sessions(link)
    simulator.pay(session["id"])

    returned = browser.open(session["success_url"])

    assert (returned.status, returned.location) == (303, RETURN_URL)
    assert cashier.order(order)["isPaid"] is True


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://localhost.evil.example/",
        "http://localhost@evil.example/",
        "//evil.example/",
        "/relative",
        "javascript:alert(1)",
        "data:text/html,hello",
        "not a url",
    ],
)
def test_a_foreign_return_url_is_refused(world: World, storefront: Storefront, url: str) -> None:
    order = world.order()
    link = world.link(order)

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        storefront.pay(token_of(link), returnUrl=url)

    assert (refusal.value.code, refusal.value.field) == ("INVALID", "returnUrl")


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        ({"revision": "stale"}, "AMOUNT_CHANGED", "revision"),
        ({"method": "stripe:unknown"}, "METHOD_UNAVAILABLE", "method"),
        ({"method": ""}, "METHOD_UNAVAILABLE", "method"),
    ],
)
def test_a_wrong_click_charges_nothing(
    world: World, storefront: Storefront, asked: dict[str, str], code: str, field: str
) -> None:
    order = world.order()
    link = world.link(order)

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        storefront.pay(token_of(link), **asked)

    assert (refusal.value.code, refusal.value.field) == (code, field)


@pytest.mark.parametrize("token", ["", "nonsense", "A" * 43])
def test_an_unknown_token_pays_nothing(storefront: Storefront, token: str) -> None:
    with pytest.raises(Refused) as refusal:
        storefront.pay(token)

    assert (refusal.value.code, refusal.value.field) == ("NOT_FOUND", "token")


def test_a_paid_link_is_not_paid_again(world: World, storefront: Storefront) -> None:
    order = world.order()
    link = world.link(order)
    world.pay(link)

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        storefront.pay(token_of(link))

    assert refusal.value.code == "ALREADY_PAID"


def test_a_slow_payment_is_not_paid_again(
    world: World, storefront: Storefront, simulator: SimulatorClient
) -> None:
    order = world.order()
    link = world.link(order)
    simulator.pay_later(world.begin_slowly(link))
    assert simulator.settle()

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        storefront.pay(token_of(link))

    assert refusal.value.code == "MONEY_IN_FLIGHT"
    assert seen(storefront, link)["status"] == "PROCESSING"


def test_an_edit_changes_the_revision(world: World, cashier: Staff, storefront: Storefront) -> None:
    order = world.order()
    link = world.link(order)
    before = seen(storefront, link)
    cashier.change_quantity(order, 1)

    after = seen(storefront, link)

    assert after["amountDue"] == money("12.50")
    assert after["revision"] != before["revision"]


def test_an_amount_that_cannot_be_charged_is_refused_with_the_reason(
    world: World, cashier: Staff, storefront: Storefront
) -> None:
    order = world.order({"CRUMB": 4}, channel="channel-kwd")
    link = world.link(order)
    cashier.change_quantity(order, 5)

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        storefront.pay(token_of(link))

    assert refusal.value.code == "AMOUNT_NOT_REPRESENTABLE"


def test_an_order_paid_by_hand_is_paid_outside(
    world: World, cashier: Staff, storefront: Storefront
) -> None:
    order = world.order()
    link = world.link(order)
    cashier.mark_paid(order)

    request = seen(storefront, link)

    assert (request["status"], request["receipts"]) == ("PAID_OUTSIDE", [])
    assert request["amountDue"] == money("0")


def test_a_rejected_order_is_canceled(world: World, cashier: Staff, storefront: Storefront) -> None:
    order = world.order()
    link = world.link(order)
    cashier.reject(order)

    assert seen(storefront, link)["status"] == "CANCELED"


def test_a_refunded_payment_is_refunded(
    world: World, storefront: Storefront, simulator: SimulatorClient
) -> None:
    link = world.link(world.order())
    session = world.session(world.pay(link))
    simulator.refund(session["payment_intent"])
    assert simulator.settle()

    assert seen(storefront, link)["status"] == "REFUNDED"


def test_the_plugin_switched_off_shows_nothing(world: World, storefront: Storefront) -> None:
    link = world.link(world.order())

    with world.settings("default-channel", active=False):
        assert storefront.request(token_of(link)) is None

    assert seen(storefront, link)["status"] == "DUE"
