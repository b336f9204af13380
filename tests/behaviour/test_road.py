"""The main road: a completed draft becomes a paid, confirmed order through one link."""

from decimal import Decimal

import pytest

from sandbox.client.customer import Browser
from sandbox.client.graphql import Json
from sandbox.client.staff import Staff
from sandbox.stripe.client import SimulatorClient
from tests.behaviour.world import CARD, MUGS, World, money

AUTO_CONFIRMING = ("default-channel", "USD", "UNFULFILLED")
WAITING_FOR_STAFF = ("channel-eur", "EUR", "UNCONFIRMED")


@pytest.mark.parametrize(
    ("channel", "currency", "completed_as"), [AUTO_CONFIRMING, WAITING_FOR_STAFF]
)
def test_completing_a_draft_offers_collection(
    cashier: Staff, channel: str, currency: str, completed_as: str
) -> None:
    order = cashier.complete(cashier.draft(MUGS, channel=channel))

    seen = cashier.order(order["id"])
    assert (order["status"], seen["status"]) == (completed_as, completed_as)
    assert seen["paymentCollection"] == {
        "status": "OFFERED",
        "reason": None,
        "promptPending": True,
        "exceptions": [],
        "warnings": ["TEST_MODE"],
        "amountDue": money("25.00", currency),
        "methods": [{"id": CARD, "provider": "stripe", "name": "Card"}],
        "links": [],
    }
    assert seen["paymentLink"] is None


@pytest.mark.parametrize(
    ("channel", "currency", "_completed_as"), [AUTO_CONFIRMING, WAITING_FOR_STAFF]
)
def test_creating_a_link_holds_the_order(
    world: World, cashier: Staff, channel: str, currency: str, _completed_as: str
) -> None:
    order = world.order(channel=channel)

    link = cashier.create_link(order)

    seen = cashier.order(order)
    assert (link["status"], link["amountDue"]) == ("ACTIVE", money("25.00", currency))
    assert link["url"].startswith(world.stage.plugin_url(channel, "pay/"))
    assert (link["requestedAmount"], link["amountPaid"]) == (None, money("0", currency))
    assert link["attempts"] == []
    assert (seen["status"], seen["isPaid"], seen["transactions"]) == ("UNCONFIRMED", False, [])
    assert seen["paymentCollection"]["status"] == "AWAITING"
    assert seen["paymentCollection"]["promptPending"] is False
    assert seen["paymentCollection"]["links"] == [{"id": link["id"], "status": "ACTIVE"}]
    assert seen["paymentLink"] == link


def test_create_and_send_mails_the_link_with_pay_now(world: World, cashier: Staff) -> None:
    order = world.order(email="ada@example.com")

    link = cashier.create_link(order, send=True, message="Thank you for your call.")

    (mail,) = world.mails.requests(cashier.order(order)["number"])
    assert mail["to"] == ["ada@example.com"]
    assert mail["subject"].startswith("Pay $25.00 for order #")
    assert "Thank you for your call." in mail["text"]
    assert link["url"] in mail["text"]
    assert f'href="{link["url"]}"' in mail["html"]
    assert "Pay now" in mail["html"]
    assert cashier.order(order)["paymentLink"]["lastSentAt"] is not None


def test_the_page_shows_the_order_for_review(world: World, cashier: Staff) -> None:
    order = world.order({"MUG": 2, "PLATE": 1})

    page = world.page(world.link(order, message="See you soon."))

    assert page.status == 200
    for words in (
        f"#{cashier.order(order)['number']}",
        "Mug",
        "$25.00",
        "Plate",
        "$30.00",
        "$55.00",
        "See you soon.",
    ):
        assert words in page.text
    assert page.pay_form is not None
    assert page.pay_form.method == "post"
    assert page.pay_form.fields["method"] == CARD


def test_clicking_pay_leads_to_a_session_for_exactly_what_is_due(
    world: World, cashier: Staff, browser: Browser
) -> None:
    order = world.order()
    link = world.link(order)
    page = browser.open(link["url"])
    assert page.pay_form is not None

    answer = browser.submit(page.pay_form)

    (session,) = world.sessions(link)
    assert answer.status == 303
    assert answer.location == session["url"]
    assert (session["amount_total"], session["currency"]) == (2500, "usd")
    assert session["success_url"].startswith(link["url"])
    seen = cashier.order(order)
    (attempt,) = seen["paymentLink"]["attempts"]
    assert (attempt["status"], attempt["amount"]) == ("OPEN", money("25.00"))
    assert attempt["providerReference"] == session["id"]
    assert (seen["status"], seen["isPaid"], seen["transactions"]) == ("UNCONFIRMED", False, [])


@pytest.mark.parametrize(
    ("channel", "currency", "_completed_as"), [AUTO_CONFIRMING, WAITING_FOR_STAFF]
)
def test_paying_at_the_provider_pays_and_confirms_the_order(
    world: World,
    cashier: Staff,
    browser: Browser,
    simulator: SimulatorClient,
    channel: str,
    currency: str,
    _completed_as: str,
) -> None:
    order = world.order(channel=channel)
    link = world.link(order)
    shop_page = browser.open(link["url"])
    assert shop_page.pay_form is not None
    provider_page = browser.open(str(browser.submit(shop_page.pay_form).location))
    (pay_at_once, *_others) = provider_page.forms

    returned = browser.submit(pay_at_once)

    assert simulator.settle()
    session = world.sessions(link)[0]
    assert (returned.status, returned.location) == (303, session["success_url"])
    assert_paid(cashier.order(order), session, money("25.00", currency))


def assert_paid(order: Json, session: Json, amount: Json) -> None:
    """Paid by that session, once, and nothing else."""
    assert (order["status"], order["isPaid"], order["chargeStatus"]) == (
        "UNFULFILLED",
        True,
        "FULL",
    )
    assert order["totalCharged"] == amount
    (transaction,) = order["transactions"]
    reference = session["payment_intent"]
    assert (transaction["pspReference"], transaction["chargedAmount"]) == (reference, amount)
    assert transaction["events"] == [
        {"type": "CHARGE_SUCCESS", "pspReference": reference, "amount": amount}
    ]
    assert order["paymentCollection"]["status"] == "COLLECTED"
    assert order["paymentCollection"]["amountDue"] == money("0", amount["currency"])
    link = order["paymentLink"]
    assert (link["status"], link["amountPaid"]) == ("PAID", amount)
    assert [(each["status"], each["amount"]) for each in link["attempts"]] == [("PAID", amount)]


def test_the_shops_own_history_tells_of_payment_and_confirmation_once(
    world: World, cashier: Staff
) -> None:
    order = world.order(channel="channel-eur")
    world.pay(world.link(order))

    types = [event["type"] for event in cashier.order(order)["events"]]
    for once in ("PLACED_FROM_DRAFT", "CONFIRMED", "ORDER_FULLY_PAID"):
        assert types.count(once) == 1


def test_the_timeline_of_the_link(world: World, cashier: Staff) -> None:
    order = world.order()
    world.pay(world.link(order, send=True))

    events = cashier.order(order)["paymentLink"]["events"]
    assert [(event["type"], event["actor"]) for event in events] == [
        ("CREATED", "cashier@example.com"),
        ("SENT", "cashier@example.com"),
        ("OPENED", None),
        ("ATTEMPT_STARTED", None),
        ("PAID", None),
    ]
    assert all(event["message"] for event in events)


def test_the_receipt_is_mailed_once(world: World, cashier: Staff) -> None:
    order = world.order(email="ada@example.com")
    link = world.link(order)
    session = world.session(world.pay(link))
    world.sweep()

    number = cashier.order(order)["number"]
    (mail,) = world.mails.receipts(number)
    assert mail["to"] == ["ada@example.com"]
    assert f"{number}-1" in mail["subject"]
    assert "$25.00" in mail["text"]
    assert session["payment_intent"] in mail["text"]


def test_the_second_visit_says_already_paid_and_shows_the_receipt(
    world: World, cashier: Staff
) -> None:
    order = world.order()
    link = world.link(order)
    session = world.session(world.pay(link))

    page = world.page(link)

    assert page.status == 200
    assert "already paid" in page.text.lower()
    for words in (f"{cashier.order(order)['number']}-1", "$25.00", session["payment_intent"]):
        assert words in page.text
    assert page.pay_form is None


def test_paying_a_paid_link_again_opens_no_session(
    world: World, browser: Browser, simulator: SimulatorClient
) -> None:
    order = world.order()
    link = world.link(order)
    form = world.page(link).pay_form
    assert form is not None
    world.pay(link)

    with world.unchanged(order):
        answer = browser.submit(form)

    assert answer.location is None
    assert "already paid" in answer.text.lower()


def test_amounts_are_exact_to_the_last_digit(world: World, cashier: Staff) -> None:
    order = world.order({"MUG": 3})
    link = world.link(order)
    session = world.session(world.pay(link))

    assert session["amount_total"] == 3750
    charged = cashier.order(order)["totalCharged"]
    assert (charged["amount"], charged["currency"]) == (Decimal("37.50"), "USD")
