"""One link per order, shared at any time without ever changing."""

import pytest

from sandbox.client.graphql import Refused
from sandbox.client.staff import Staff
from sandbox.stripe.client import SimulatorClient
from tests.behaviour.world import World, money

LATER_THAN_ALLOWED = "2001-01-01T00:00:00+00:00"


def test_creating_twice_answers_the_same_link(world: World, cashier: Staff) -> None:
    order = world.order()
    link = cashier.create_link(order)

    with world.unchanged(order):
        again = cashier.create_link(order)

    assert (again["id"], again["url"]) == (link["id"], link["url"])


def test_two_orders_have_links_of_their_own(world: World) -> None:
    first, second = world.link(world.order()), world.link(world.order())

    assert first["url"] != second["url"]
    assert first["id"] != second["id"]


def test_resending_does_not_change_the_link(world: World, cashier: Staff) -> None:
    order = world.order()
    link = cashier.create_link(order, send=True)

    again = cashier.send_link(link["id"])

    assert (again["id"], again["url"], again["status"]) == (link["id"], link["url"], "ACTIVE")
    mails = world.mails.requests(cashier.order(order)["number"])
    assert len(mails) == 2
    assert all(link["url"] in mail["text"] for mail in mails)


def test_sending_to_a_corrected_address_holds_for_this_once(world: World, cashier: Staff) -> None:
    order = world.order(email="wrong@example.com")
    link = cashier.create_link(order)

    cashier.send_link(link["id"], email="right@example.com")
    cashier.send_link(link["id"])

    mails = world.mails.requests(cashier.order(order)["number"])
    assert [mail["to"] for mail in mails] == [["right@example.com"], ["wrong@example.com"]]
    assert cashier.order(order)["userEmail"] == "wrong@example.com"


def test_a_corrected_order_is_mailed_to_its_new_address(world: World, cashier: Staff) -> None:
    order = world.order(email="wrong@example.com")
    link = cashier.create_link(order)
    cashier.change_email(order, "right@example.com")

    cashier.send_link(link["id"])

    (mail,) = world.mails.requests(cashier.order(order)["number"])
    assert mail["to"] == ["right@example.com"]


def test_a_mail_may_bring_a_message_of_its_own(world: World, cashier: Staff) -> None:
    order = world.order()
    link = cashier.create_link(order, message="The link's own words.")

    cashier.send_link(link["id"], message="A gentle reminder.")

    (mail,) = world.mails.requests(cashier.order(order)["number"])
    assert "A gentle reminder." in mail["text"]
    assert cashier.order(order)["paymentLink"]["message"] == "The link's own words."


def test_a_copy_goes_to_whoever_sends_and_is_no_second_mail_to_the_customer(
    world: World, cashier: Staff
) -> None:
    order = world.order()
    link = cashier.create_link(order)

    cashier.send_link(link["id"], email="right@example.com", message="Hello.", copyToMe=True)

    seen = cashier.order(order)
    (mail,) = world.mails.requests(seen["number"])
    (copy,) = world.mails.copies(seen["number"])
    assert (mail["to"], copy["to"]) == (["right@example.com"], ["cashier@example.com"])
    assert copy["subject"] == f"Copy: {mail['subject']}"
    assert copy["text"] == mail["text"]
    told = [event["type"] for event in seen["paymentLink"]["events"]]
    assert told == ["CREATED", "SENT"]


@pytest.mark.parametrize("wanted", [{}, {"copyToMe": False}, {"copyToMe": None}])
def test_nobody_gets_a_copy_who_asks_for_none(
    world: World, cashier: Staff, wanted: dict[str, bool | None]
) -> None:
    order = world.order()

    cashier.send_link(world.link(order)["id"], **wanted)

    number = cashier.order(order)["number"]
    assert len(world.mails.requests(number)) == 1
    assert world.mails.copies(number) == []


def test_an_app_has_no_address_for_a_copy(world: World) -> None:
    order = world.order()
    link = world.link(order)

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        world.person("collector").send_link(link["id"], copyToMe=True)

    assert (refusal.value.code, refusal.value.field) == ("INVALID", "copyToMe")


def test_an_app_sends_without_a_copy(world: World, cashier: Staff) -> None:
    order = world.order()
    link = world.link(order)

    world.person("collector").send_link(link["id"])

    assert len(world.mails.requests(cashier.order(order)["number"])) == 1
    assert cashier.order(order)["paymentLink"]["events"][-1]["actor"] == "Collector"


def test_create_and_send_without_an_address_is_refused_whole(world: World, cashier: Staff) -> None:
    order = world.order(email="")

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        cashier.create_link(order, send=True)

    assert refusal.value.code == "EMAIL_ERROR"


def test_without_an_address_there_is_a_link_to_copy_and_a_warning(
    world: World, cashier: Staff
) -> None:
    order = world.order(email="")
    link = cashier.create_link(order)

    assert "NO_CUSTOMER_EMAIL" in cashier.order(order)["paymentCollection"]["warnings"]
    with world.unchanged(order), pytest.raises(Refused) as refusal:
        cashier.send_link(link["id"])
    assert refusal.value.code == "EMAIL_ERROR"


def test_an_address_that_is_none_is_refused(world: World, cashier: Staff) -> None:
    order = world.order()
    link = cashier.create_link(order)

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        cashier.send_link(link["id"], email="not an address")

    assert (refusal.value.code, refusal.value.field) == ("EMAIL_ERROR", "email")


def test_a_paid_link_is_not_sent_again(world: World, cashier: Staff) -> None:
    order = world.order()
    link = cashier.create_link(order)
    world.pay(link)

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        cashier.send_link(link["id"])

    assert refusal.value.code == "LINK_NOT_ACTIVE"


def test_a_link_that_is_not_there_cannot_be_sent(cashier: Staff) -> None:
    with pytest.raises(Refused) as refusal:
        cashier.send_link("UGF5bWVudExpbms6MDAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAw")

    assert (refusal.value.code, refusal.value.field) == ("NOT_FOUND", "id")


def test_an_id_of_something_else_is_no_link(world: World, cashier: Staff) -> None:
    with pytest.raises(Refused) as refusal:
        cashier.send_link(world.order())

    assert (refusal.value.code, refusal.value.field) == ("GRAPHQL_ERROR", "id")


def test_an_order_that_is_not_there_gets_no_link(cashier: Staff) -> None:
    with pytest.raises(Refused) as refusal:
        cashier.create_link("T3JkZXI6MDAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAw")

    assert (refusal.value.code, refusal.value.field) == ("NOT_FOUND", "orderId")


def test_a_deposit_asks_for_its_own_amount(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order()
    link = cashier.create_link(order, amount="10.00", send=True)

    assert (link["requestedAmount"], link["amountDue"]) == (money("10.00"), money("10.00"))
    assert "$10.00" in world.page(link).text
    (mail,) = world.mails.requests(cashier.order(order)["number"])
    assert mail["subject"].startswith("Pay $10.00 ")
    assert world.session(world.begin(link))["amount_total"] == 1000


@pytest.mark.parametrize("channel", ["default-channel", "channel-eur"])
def test_a_paid_deposit_does_not_let_go_of_the_order(
    world: World, cashier: Staff, simulator: SimulatorClient, channel: str
) -> None:
    order = world.order(channel=channel)
    link = cashier.create_link(order, amount="10.00")
    currency = link["amountDue"]["currency"]

    world.pay(link)

    seen = cashier.order(order)
    assert (seen["status"], seen["isPaid"]) == ("UNCONFIRMED", False)
    assert (seen["chargeStatus"], seen["totalCharged"]) == ("PARTIAL", money("10.00", currency))
    assert (seen["paymentLink"]["status"], seen["paymentLink"]["amountPaid"]) == (
        "PAID",
        money("10.00", currency),
    )
    assert seen["paymentCollection"]["amountDue"] == money("15.00", currency)


def test_the_rest_after_a_deposit_is_collected_by_a_second_link(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order()
    world.pay(cashier.create_link(order, amount="10.00"))

    second = cashier.create_link(order)
    assert second["amountDue"] == money("15.00")
    world.pay(second)

    seen = cashier.order(order)
    assert (seen["status"], seen["isPaid"]) == ("UNFULFILLED", True)
    assert [each["chargedAmount"] for each in seen["transactions"]] in (
        [money("10.00"), money("15.00")],
        [money("15.00"), money("10.00")],
    )
    assert len(world.mails.receipts(seen["number"])) == 2


@pytest.mark.parametrize(
    ("terms", "code", "field"),
    [
        ({"amount": "25.01"}, "AMOUNT_TOO_LARGE", "amount"),
        ({"amount": "0"}, "AMOUNT_TOO_SMALL", "amount"),
        ({"amount": "10.001"}, "AMOUNT_NOT_REPRESENTABLE", "amount"),
        ({"expiresAt": LATER_THAN_ALLOWED}, "EXPIRY_IN_PAST", "expiresAt"),
        ({"message": "x" * 2001}, "INVALID", "message"),
    ],
)
def test_terms_that_cannot_be_kept_are_refused(
    world: World, cashier: Staff, terms: dict[str, object], code: str, field: str
) -> None:
    order = world.order()

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        cashier.create_link(order, **terms)

    assert (refusal.value.code, refusal.value.field) == (code, field)
