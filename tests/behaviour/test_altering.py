"""A link that is extended, gets another URL, is revoked; and the provider asked on demand."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.client.customer import Browser
from sandbox.client.graphql import Json, Refused
from sandbox.client.staff import Staff
from sandbox.stripe.client import SimulatorClient
from tests.behaviour.storefront import Storefront
from tests.behaviour.world import World, money, token_of

ALTERATIONS: dict[str, Callable[[Staff, str], Json]] = {
    "extend": lambda staff, link: staff.extend_link(link),
    "rotate": lambda staff, link: staff.rotate_link(link),
    "revoke": lambda staff, link: staff.revoke_link(link),
}


def within(**time: int) -> str:
    return (datetime.now(UTC) + timedelta(**time)).isoformat()


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


# ---------------------------------------------------------------- extending


def test_an_extended_link_keeps_its_url_and_says_its_new_end(world: World, cashier: Staff) -> None:
    order = world.order()
    link = world.link(order, expiresAt=within(hours=1))
    until = within(days=2)

    extended = cashier.extend_link(link["id"], until)

    assert (extended["id"], extended["url"]) == (link["id"], link["url"])
    assert (extended["status"], moment(extended["expiresAt"])) == ("ACTIVE", moment(until))
    assert extended["events"][-1]["type"] == "EXTENDED"
    with world.later(hours=2):
        assert world.page(link).pay_form is not None


def test_a_link_can_be_extended_for_ever(world: World, cashier: Staff) -> None:
    link = world.link(world.order(), expiresAt=within(hours=1))

    assert cashier.extend_link(link["id"])["expiresAt"] is None


@pytest.mark.parametrize("is_written_down", [False, True])
def test_reviving_an_expired_link_brings_back_the_same_url_and_a_clean_state(
    world: World, cashier: Staff, is_written_down: bool
) -> None:
    order = world.order()
    link = world.link(order, expiresAt=within(hours=1))
    session = world.begin(link)

    with world.later(hours=2):
        if is_written_down:
            world.sweep()
        assert cashier.order(order)["paymentLink"]["status"] == "EXPIRED"
        assert cashier.order(order)["paymentLink"]["amountDue"] == money("0")
        revived = cashier.extend_link(link["id"], within(days=2))

    assert (revived["url"], revived["status"]) == (link["url"], "ACTIVE")
    assert revived["amountDue"] == money("25.00")
    assert [each["status"] for each in revived["attempts"]] in (["CANCELED"], ["EXPIRED"])
    assert world.session(session)["status"] == "expired"
    world.pay(link)
    seen = cashier.order(order)
    assert (seen["status"], seen["isPaid"]) == ("UNFULFILLED", True)


def test_reviving_finds_out_that_the_customer_paid_in_the_last_moment(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    simulator.configure_deliveries(mode="drop")
    order = world.order()
    link = world.link(order, expiresAt=within(hours=1))
    world.pay(link)

    with world.later(hours=2), pytest.raises(Refused) as refusal:
        cashier.extend_link(link["id"], within(days=2))

    seen = cashier.order(order)
    assert refusal.value.code == "ALREADY_PAID"
    assert (seen["status"], seen["totalCharged"]) == ("UNFULFILLED", money("25.00"))
    assert seen["paymentLink"]["status"] == "PAID"


def test_an_expired_link_is_not_revived_beside_a_newer_one(world: World, cashier: Staff) -> None:
    order = world.order()
    link = world.link(order, expiresAt=within(hours=1))
    with world.later(hours=2):
        newer = world.link(order)

        with world.unchanged(order), pytest.raises(Refused) as refusal:
            cashier.extend_link(link["id"], within(days=2))

    assert refusal.value.code == "LINK_NOT_ACTIVE"
    assert world.page(newer).pay_form is not None


def test_a_link_is_not_extended_into_the_past(world: World, cashier: Staff) -> None:
    order = world.order()
    link = world.link(order)

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        cashier.extend_link(link["id"], within(hours=-1))

    assert (refusal.value.code, refusal.value.field) == ("EXPIRY_IN_PAST", "expiresAt")


# ---------------------------------------------------------------- rotating


def test_rotating_kills_the_old_url_at_once_with_the_neutral_page(
    world: World, cashier: Staff, browser: Browser
) -> None:
    order = world.order()
    link = world.link(order)
    form = world.page(link).pay_form
    assert form is not None

    rotated = cashier.rotate_link(link["id"])

    unknown = browser.open(world.stage.plugin_url("default-channel", f"pay/{'A' * 43}/"))
    for answer in (
        browser.open(link["url"]),
        browser.submit(form),
        browser.open(f"{link['url']}return"),
    ):
        assert (answer.status, answer.html) == (404, unknown.html)
    assert Storefront(world.stage).request(token_of(link)) is None
    assert (rotated["id"], rotated["status"]) == (link["id"], "ACTIVE")
    assert rotated["url"] != link["url"]
    assert rotated["events"][-1]["type"] == "ROTATED"
    assert world.sessions(link) == []


def test_the_new_url_of_a_rotated_link_is_mailed_and_paid(world: World, cashier: Staff) -> None:
    order = world.order()
    link = world.link(order)
    rotated = cashier.rotate_link(link["id"])

    cashier.send_link(link["id"])
    world.pay(rotated)

    seen = cashier.order(order)
    (mail,) = world.mails.requests(seen["number"])
    assert rotated["url"] in mail["text"]
    assert token_of(link) not in mail["text"]
    assert (seen["status"], seen["isPaid"]) == ("UNFULFILLED", True)


def test_rotating_closes_the_session_that_was_opened_by_the_old_url(
    world: World, cashier: Staff
) -> None:
    order = world.order()
    link = world.link(order)
    session = world.begin(link)

    rotated = cashier.rotate_link(link["id"])

    assert world.session(session)["status"] == "expired"
    assert world.begin(rotated) != session


def test_money_paid_in_a_session_that_could_not_be_closed_by_rotating_is_not_lost(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order()
    link = world.link(order)
    session = world.begin(link)
    simulator.add_fault("POST", f".*/{session}/expire", "error_500", times=20)

    rotated = cashier.rotate_link(link["id"])
    assert world.page(link).status == 404
    simulator.pay(session)
    assert simulator.settle()

    seen = cashier.order(order)
    assert (seen["status"], seen["totalCharged"]) == ("UNFULFILLED", money("25.00"))
    assert seen["paymentLink"]["status"] == "PAID"
    assert seen["paymentLink"]["url"] == rotated["url"]
    assert len(seen["transactions"]) == 1
    assert "EXCEPTION_RAISED" not in [each["type"] for each in seen["paymentLink"]["events"]]
    assert world.page(rotated).pay_form is None


def test_a_link_whose_session_is_at_work_can_be_rotated(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order()
    link = world.link(order)
    session = world.begin_slowly(link)
    simulator.pay_later(session)
    assert simulator.settle()

    rotated = cashier.rotate_link(link["id"])
    assert rotated["status"] == "PROCESSING"
    simulator.complete_later(session, "succeeded")
    assert simulator.settle()

    assert cashier.order(order)["isPaid"] is True


# ---------------------------------------------------------------- revoking


def test_revoking_kills_the_link_with_the_neutral_page_and_leaves_the_order_unconfirmed(
    world: World, cashier: Staff, browser: Browser
) -> None:
    order = world.order()
    link = world.link(order)
    session = world.begin(link)

    revoked = cashier.revoke_link(link["id"])

    seen = cashier.order(order)
    unknown = browser.open(world.stage.plugin_url("default-channel", f"pay/{'A' * 43}/"))
    answer = world.page(link)
    assert (answer.status, answer.html) == (404, unknown.html)
    assert (revoked["status"], revoked["events"][-1]["type"]) == ("REVOKED", "REVOKED")
    assert world.session(session)["status"] == "expired"
    assert (seen["status"], seen["isPaid"], seen["transactions"]) == ("UNCONFIRMED", False, [])
    assert seen["paymentCollection"]["status"] == "OFFERED"


def test_revoking_twice_is_revoking_once(world: World, cashier: Staff) -> None:
    order = world.order()
    link = world.link(order)
    cashier.revoke_link(link["id"])

    with world.unchanged(order):
        assert cashier.revoke_link(link["id"])["status"] == "REVOKED"


def test_an_order_whose_link_was_revoked_may_be_confirmed_by_staff(
    world: World, cashier: Staff
) -> None:
    order = world.order()
    cashier.revoke_link(world.link(order)["id"])

    assert cashier.confirm(order)["status"] == "UNFULFILLED"


def test_after_a_revoked_link_the_order_gets_another(world: World, cashier: Staff) -> None:
    order = world.order()
    first = world.link(order)
    cashier.revoke_link(first["id"])

    second = world.link(order)

    assert second["url"] != first["url"]
    world.pay(second)
    seen = cashier.order(order)
    assert (seen["status"], seen["isPaid"]) == ("UNFULFILLED", True)
    assert seen["paymentCollection"]["status"] == "COLLECTED"


@pytest.mark.parametrize(
    ("close", "status", "collection"),
    [
        (Staff.mark_paid, "UNFULFILLED", "SETTLED_MANUALLY"),
        (Staff.reject, "CANCELED", "REJECTED"),
    ],
)
def test_an_order_whose_link_was_revoked_is_marked_paid_or_rejected(
    world: World,
    cashier: Staff,
    close: Callable[[Staff, str], Json],
    status: str,
    collection: str,
) -> None:
    order = world.order()
    cashier.revoke_link(world.link(order)["id"])

    close(cashier, order)

    seen = cashier.order(order)
    assert (seen["status"], seen["paymentCollection"]["status"]) == (status, collection)


def test_revoking_is_refused_while_a_payment_is_on_its_way(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order()
    link = world.link(order)
    simulator.pay_later(world.begin_slowly(link))
    assert simulator.settle()

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        cashier.revoke_link(link["id"])

    assert refusal.value.code == "MONEY_IN_FLIGHT"
    assert cashier.order(order)["paymentLink"]["status"] == "PROCESSING"


def test_revoking_finds_out_that_the_customer_has_just_paid(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    simulator.configure_deliveries(mode="drop")
    order = world.order()
    link = world.link(order)
    world.pay(link)

    with pytest.raises(Refused) as refusal:
        cashier.revoke_link(link["id"])

    assert refusal.value.code == "ALREADY_PAID"
    assert cashier.order(order)["paymentCollection"]["status"] == "COLLECTED"


def test_revoking_while_the_provider_is_down_changes_nothing(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    order = world.order()
    link = world.link(order)
    session = world.begin(link)
    simulator.add_fault("POST", f".*/{session}/expire", "error_500", times=20)

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        cashier.revoke_link(link["id"])

    assert refusal.value.code == "PROVIDER_ERROR"
    assert world.page(link).pay_form is not None


# ---------------------------------------------------------------- all of them


@pytest.mark.parametrize("alteration", list(ALTERATIONS))
def test_a_paid_link_is_not_altered(world: World, cashier: Staff, alteration: str) -> None:
    order = world.order()
    link = world.link(order)
    world.pay(link)

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        ALTERATIONS[alteration](cashier, link["id"])

    assert (refusal.value.code, refusal.value.field) == ("ALREADY_PAID", "id")


@pytest.mark.parametrize("alteration", ["extend", "rotate"])
def test_a_revoked_link_is_not_altered(world: World, cashier: Staff, alteration: str) -> None:
    order = world.order()
    link = world.link(order)
    cashier.revoke_link(link["id"])

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        ALTERATIONS[alteration](cashier, link["id"])

    assert (refusal.value.code, refusal.value.field) == ("LINK_NOT_ACTIVE", "id")


@pytest.mark.parametrize("alteration", list(ALTERATIONS))
def test_the_link_of_a_cancelled_order_is_not_brought_back(
    world: World, cashier: Staff, alteration: str
) -> None:
    order = world.order()
    link = world.link(order)
    cashier.cancel(order)

    with suppress(Refused):
        ALTERATIONS[alteration](cashier, link["id"])

    seen = cashier.order(order)
    assert (seen["status"], seen["paymentLink"]["status"]) == ("CANCELED", "REVOKED")
    assert world.page(link).pay_form is None


# ---------------------------------------------------------------- asking the provider


def test_a_sync_settles_what_no_webhook_has_told_of(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    simulator.configure_deliveries(mode="drop")
    order = world.order()
    link = world.link(order)
    world.pay(link)

    synced = cashier.sync_link(link["id"])

    assert (synced["status"], synced["amountPaid"]) == ("PAID", money("25.00"))
    seen = cashier.order(order)
    assert (seen["status"], seen["totalCharged"]) == ("UNFULFILLED", money("25.00"))


def test_a_sync_says_when_the_provider_could_not_be_asked(
    world: World, cashier: Staff, simulator: SimulatorClient
) -> None:
    simulator.configure_deliveries(mode="drop")
    order = world.order()
    link = world.link(order)
    session = world.pay(link)
    simulator.add_fault("GET", f"/v1/checkout/sessions/{session}", "error_500", times=20)

    with pytest.raises(Refused) as refusal:
        cashier.sync_link(link["id"])

    assert refusal.value.code == "PROVIDER_ERROR"
    assert cashier.order(order)["totalCharged"] == money("0")


def test_a_sync_of_a_link_that_nobody_has_paid_changes_nothing(
    world: World, cashier: Staff
) -> None:
    order = world.order()
    link = world.link(order)
    world.begin(link)

    with world.unchanged(order):
        assert cashier.sync_link(link["id"])["status"] == "ACTIVE"
