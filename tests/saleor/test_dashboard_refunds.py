"""Refunds that staff ask for in Saleor's Dashboard, of payments over a link."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import graphene
import pytest
from saleor.app.models import App
from saleor.order.models import Order, OrderGrantedRefund
from saleor.payment.interface import TransactionActionData
from saleor.payment.models import TransactionItem
from saleor.plugins.models import PluginConfiguration

from saleor_paylink.links import sweeper
from saleor_paylink.models import RefundRequest
from saleor_paylink.money import Money
from saleor_paylink.saleor import refunds as module
from saleor_paylink.saleor.records import OWNER
from saleor_paylink.shop import ManualPayment, current_shop
from sandbox.clock import put_forward
from sandbox.stage import PLUGIN_ID
from tests.saleor import recorder
from tests.saleor.client import Api
from tests.saleor.customer import asked_of_stripe, break_refunds, pay, refunds_of
from tests.saleor.orders import completed, history, items, link_of, money_state
from tests.saleor.recorder import Recorder

REQUEST = """mutation($id: ID!, $action: TransactionActionEnum!, $amount: PositiveDecimal) {
    transactionRequestAction(id: $id, actionType: $action, amount: $amount) {
        transaction { chargedAmount { amount } refundedAmount { amount } actions }
        errors { field message code }
    }
}"""
REQUEST_GRANTED = """mutation($granted: ID!, $id: ID!) {
    transactionRequestRefundForGrantedRefund(grantedRefundId: $granted, id: $id) {
        transaction { chargedAmount { amount } } errors { field message code }
    }
}"""
SECRET = "sk_live_secret of buyer@example.com"
Dying = Callable[[], AbstractContextManager[None]]
ALL = ["charge_success", "refund_request", "refund_success"]
# So often one call is tried.
TRIES = {"rate_limit_429": 1, "timeout_after_commit": 3}


@dataclass
class Payment:
    """An order of 30.00 USD that was paid over its link."""

    order: Order
    reference: str

    @property
    def item(self) -> TransactionItem:
        (found,) = items(self.order)
        return found

    @property
    def id(self) -> str:
        return transaction_id(self.item)

    @property
    def steps(self) -> list[str]:
        return [event.type for event in self.item.events.all()]

    @property
    def amounts(self) -> tuple[Decimal, Decimal, Decimal]:
        """What is charged, refunded, and on its way to the customer."""
        item = self.item
        return item.charged_value, item.refunded_value, item.refund_pending_value

    @property
    def given_back(self) -> list[int]:
        """What Stripe gave back of it, in cents."""
        return [refund["amount"] for refund in refunds_of(self.reference)]


def transaction_id(item: TransactionItem) -> str:
    return graphene.Node.to_global_id("TransactionItem", item.token)


def failed(item: TransactionItem) -> list[str]:
    """The reasons of all failures that stand on the transaction."""
    return [event.message for event in item.events.all() if event.type.endswith("_failure")]


@pytest.fixture
def payment() -> Payment:
    order = completed()
    reference = pay(link_of(order))
    recorder.reset()
    return Payment(order, reference)


@pytest.fixture
def granted(payment: Payment) -> OrderGrantedRefund:
    """Of 10.00, and nothing was asked for yet."""
    return payment.order.granted_refunds.create(
        amount_value=Decimal(10), currency="USD", transaction_item=payment.item
    )


def test_it_is_made_at_stripe_and_shown_at_once(admin: Api, payment: Payment) -> None:
    before = history(payment.order)

    done = admin.do(REQUEST, id=payment.id, action="REFUND", amount=12.5)

    assert payment.given_back == [1250]
    assert done["transaction"] == {
        "chargedAmount": {"amount": 17.5},
        "refundedAmount": {"amount": 12.5},
        "actions": ["REFUND"],
    }
    assert (history(payment.order) - before)["transaction_refund_requested"] == 1


def test_nothing_stays_in_flight_and_nothing_is_said_to_have_failed(
    admin: Api, payment: Payment
) -> None:
    admin.do(REQUEST, id=payment.id, action="REFUND")

    (made,) = refunds_of(payment.reference)
    assert payment.steps == ALL
    assert [event.psp_reference for event in payment.item.events.all()][1:] == [made["id"]] * 2
    assert payment.amounts == (Decimal(0), Decimal(30), Decimal(0))
    assert payment.item.available_actions == []
    assert money_state(payment.order.pk) == ("unfulfilled", "none", Decimal(0))


def test_saleor_tells_of_it_once(admin: Api, payment: Payment) -> None:
    admin.do(REQUEST, id=payment.id, action="REFUND")

    hooks = recorder.hooks_of(payment.order.pk)
    assert (hooks["order_refunded"], hooks["order_fully_refunded"]) == (1, 1)
    assert hooks["order_fully_paid"] == hooks["order_paid"] == 0
    assert recorder.mails_of(payment.order.number) == {"order_refund_confirmation": 1}


def test_it_is_noted_who_asked_for_it(admin: Api, payment: Payment) -> None:
    admin.do(REQUEST, id=payment.id, action="REFUND")

    request = RefundRequest.objects.get(order_id=payment.order.pk)
    assert request.actor["name"] == "admin@example.com"
    assert request.shop_request == str(payment.item.events.get(type="refund_request").pk)


def test_an_app_of_paylinks_name_changes_nothing(admin: Api, payment: Payment) -> None:
    app = App.objects.create(name="Payment links", identifier=OWNER, is_active=True)
    try:
        admin.do(REQUEST, id=payment.id, action="REFUND")
    finally:
        app.delete()

    assert payment.steps == ALL
    assert payment.given_back == [3000]


def test_refused_by_stripe_it_says_why_and_leaves_the_money(admin: Api, payment: Payment) -> None:
    break_refunds("card_error_402")

    admin.do(REQUEST, id=payment.id, action="REFUND")

    assert payment.given_back == []
    assert payment.steps == ["charge_success", "refund_request", "refund_failure"]
    assert "declined" in failed(payment.item)[0]
    assert payment.amounts == (Decimal(30), Decimal(0), Decimal(0))
    assert payment.item.available_actions == ["refund"]
    assert recorder.mails_of(payment.order.number) == {}


def test_a_refund_that_failed_can_be_asked_for_again(admin: Api, payment: Payment) -> None:
    break_refunds("card_error_402")
    admin.do(REQUEST, id=payment.id, action="REFUND")

    admin.do(REQUEST, id=payment.id, action="REFUND")

    assert payment.given_back == [3000]
    assert payment.amounts == (Decimal(0), Decimal(30), Decimal(0))


def test_asked_for_again_there_is_nothing_left(admin: Api, payment: Payment) -> None:
    admin.do(REQUEST, id=payment.id, action="REFUND")

    admin.do(REQUEST, id=payment.id, action="REFUND")

    assert payment.given_back == [3000]
    assert len(failed(payment.item)) == 1
    assert payment.amounts == (Decimal(0), Decimal(30), Decimal(0))


@pytest.mark.parametrize("kind", TRIES)
def test_while_stripe_does_not_answer_it_is_no_failure_and_it_is_made_once(
    admin: Api, payment: Payment, kind: str, later: Callable[[], None]
) -> None:
    break_refunds(kind, TRIES[kind])
    admin.do(REQUEST, id=payment.id, action="REFUND")
    assert payment.steps == ["charge_success", "refund_request"]

    later()
    sweeper.sweep()

    assert payment.steps == ALL
    assert payment.given_back == [3000]
    assert payment.amounts == (Decimal(0), Decimal(30), Decimal(0))


def test_a_granted_refund_is_made_and_has_succeeded(
    admin: Api, payment: Payment, granted: OrderGrantedRefund
) -> None:
    admin.do(REQUEST_GRANTED, granted=granted_id(granted), id=payment.id)

    granted.refresh_from_db()
    assert granted.status == "success"
    assert payment.given_back == [1000]
    assert payment.steps == ALL
    assert money_state(payment.order.pk) == ("unfulfilled", "full", Decimal(20))


def test_a_granted_refund_that_is_refused_has_failed_and_can_be_asked_for_again(
    admin: Api, payment: Payment, granted: OrderGrantedRefund
) -> None:
    break_refunds("card_error_402")

    admin.do(REQUEST_GRANTED, granted=granted_id(granted), id=payment.id)
    granted.refresh_from_db()
    assert (granted.status, payment.given_back) == ("failure", [])

    admin.do(REQUEST_GRANTED, granted=granted_id(granted), id=payment.id)
    granted.refresh_from_db()
    assert (granted.status, payment.given_back) == ("success", [1000])


def test_a_granted_refund_is_pending_until_stripe_answers(
    admin: Api, payment: Payment, granted: OrderGrantedRefund, later: Callable[[], None]
) -> None:
    break_refunds("rate_limit_429")
    admin.do(REQUEST_GRANTED, granted=granted_id(granted), id=payment.id)
    granted.refresh_from_db()
    assert granted.status == "pending"

    later()
    sweeper.sweep()

    granted.refresh_from_db()
    assert granted.status == "success"


@pytest.mark.parametrize("action", ["CHARGE", "CANCEL"])
def test_there_is_nothing_to_charge_or_to_cancel(admin: Api, payment: Payment, action: str) -> None:
    asked = asked_of_stripe()

    admin.do(REQUEST, id=payment.id, action=action)

    kind = action.lower()
    assert payment.steps == ["charge_success", f"{kind}_request", f"{kind}_failure"]
    assert failed(payment.item) == [
        "A payment over a payment link is charged in full. It can only be refunded."
    ]
    assert payment.amounts == (Decimal(30), Decimal(0), Decimal(0))
    assert asked_of_stripe() == asked


def test_money_that_staff_took_is_not_refunded_by_stripe(admin: Api) -> None:
    order = completed()
    by_hand = ManualPayment("key", Money("30", "USD"), "till 4", "")
    current_shop().record_manual_payment(order.pk, by_hand, None)
    (item,) = items(order)
    asked = asked_of_stripe()

    admin.do(REQUEST, id=transaction_id(item), action="REFUND")

    assert failed(item) == [
        "No payment provider holds this money. Give it back by the way it came."
    ]
    assert item.available_actions == []
    assert money_state(order.pk)[2] == Decimal(30)
    assert asked_of_stripe() == asked


def test_what_keeps_an_order_from_expiring_cannot_be_refunded(admin: Api) -> None:
    order = completed("channel-expiring")
    link_of(order)
    (item,) = items(order)

    admin.do(REQUEST, id=transaction_id(item), action="REFUND")

    assert item.available_actions == []
    assert len(failed(item)) == 1


@pytest.fixture
def foreign() -> TransactionItem:
    """A payment of 30.00 that somebody else has reported."""
    return TransactionItem.objects.create(
        order=completed(),
        currency="USD",
        charged_value=30,
        psp_reference="pi_1",
        app_identifier="x",
    )


@pytest.mark.parametrize("action", ["REFUND", "CHARGE", "CANCEL"])
def test_what_nobody_can_do_is_answered_as_without_paylink(
    admin: Api, foreign: TransactionItem, channel_switched_off: Callable[[], None], action: str
) -> None:
    def ask() -> tuple[list[dict[str, Any]], list[str]]:
        foreign.events.all().delete()
        answer = admin.ask(REQUEST, id=transaction_id(foreign), action=action)
        return answer["data"]["transactionRequestAction"]["errors"], failed(foreign)

    asked = asked_of_stripe()
    with_paylink = ask()
    channel_switched_off()

    assert with_paylink == ask()
    (error,), (reason,) = with_paylink
    assert error["code"] == "MISSING_TRANSACTION_ACTION_REQUEST_WEBHOOK"
    assert error["message"] == reason
    assert asked_of_stripe() == asked


def test_what_another_plugin_does_is_left_to_it(
    admin: Api, foreign: TransactionItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = []

    def hook(self: object, asked: TransactionActionData, previous_value: object) -> None:
        heard.append((asked.transaction.pk, asked.action_value))

    monkeypatch.setattr(Recorder, "transaction_refund_requested", hook, raising=False)

    admin.do(REQUEST, id=transaction_id(foreign), action="REFUND", amount=5)

    assert heard == [(foreign.pk, Decimal(5))]


def test_while_the_plugin_is_switched_off_saleor_says_that_nothing_was_done(
    admin: Api, payment: Payment, channel_switched_off: Callable[[], None]
) -> None:
    channel_switched_off()

    answer = admin.ask(REQUEST, id=payment.id, action="REFUND")

    (error,) = answer["data"]["transactionRequestAction"]["errors"]
    assert error["code"] == "MISSING_TRANSACTION_ACTION_REQUEST_WEBHOOK"
    assert payment.given_back == []
    assert failed(payment.item) == [error["message"]]


def test_an_error_of_ours_breaks_nothing_says_so_and_leaks_nothing(
    admin: Api,
    payment: Payment,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(module, "request_for_shop", fail)

    with caplog.at_level(logging.DEBUG):
        admin.do(REQUEST, id=payment.id, action="REFUND")

    assert failed(payment.item) == ["Nothing was refunded, because of an error. Try again."]
    assert payment.amounts == (Decimal(30), Decimal(0), Decimal(0))
    assert "RuntimeError" in caplog.text
    assert SECRET not in caplog.text


def test_an_error_after_it_was_written_down_is_not_called_a_failure(
    admin: Api, payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = module.request_for_shop

    def fail_afterwards(*args: Any) -> None:
        real(*args)
        raise RuntimeError(SECRET)

    monkeypatch.setattr(module, "request_for_shop", fail_afterwards)

    admin.do(REQUEST, id=payment.id, action="REFUND")

    assert failed(payment.item) == []
    assert payment.given_back == [3000]


# What nobody has told paylink of


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch) -> Dying:
    """While whoever Saleor tells of a request dies before it is written down."""

    @contextmanager
    def die() -> Iterator[None]:
        with monkeypatch.context() as patch:
            patch.setattr(module, "_make", lambda *_asked: None)
            yield

    return die


LOST = (
    "Nothing was refunded: the request got lost in a restart. "
    "Ask again if the money is still to go back."
)


@pytest.fixture
def lost(admin: Api, payment: Payment, dying: Dying) -> Payment:
    """A refund of 10.00 was asked for, and paylink has not heard of it."""
    with dying():
        admin.do(REQUEST, id=payment.id, action="REFUND", amount=10)
    return payment


def test_a_request_that_was_lost_is_refused_by_the_sweeper(
    lost: Payment, later: Callable[[], None]
) -> None:
    sweeper.sweep()
    assert (lost.steps, failed(lost.item)) == (ALL[:2], [])

    later()
    for _time in range(2):
        sweeper.sweep()

    assert (failed(lost.item), lost.given_back) == ([LOST], [])
    assert lost.amounts == (Decimal(30), Decimal(0), Decimal(0))
    request = RefundRequest.objects.get(order_id=lost.order.pk)
    assert (request.status, request.actor["name"]) == ("refused", "admin@example.com")


def test_a_request_that_was_lost_and_asked_for_again_is_made_once(
    admin: Api, lost: Payment, later: Callable[[], None]
) -> None:
    admin.do(REQUEST, id=lost.id, action="REFUND", amount=10)

    later()
    for _time in range(2):
        sweeper.sweep()

    assert lost.given_back == [1000]
    assert failed(lost.item) == [LOST]
    assert lost.amounts == (Decimal(20), Decimal(10), Decimal(0))


def test_a_granted_refund_that_was_lost_is_refused_and_can_be_asked_for_again(
    admin: Api,
    payment: Payment,
    granted: OrderGrantedRefund,
    dying: Dying,
    later: Callable[[], None],
) -> None:
    with dying():
        admin.do(REQUEST_GRANTED, granted=granted_id(granted), id=payment.id)
    granted.refresh_from_db()
    assert granted.status == "pending"

    later()
    sweeper.sweep()

    granted.refresh_from_db()
    assert (granted.status, payment.given_back) == ("failure", [])

    admin.do(REQUEST_GRANTED, granted=granted_id(granted), id=payment.id)

    granted.refresh_from_db()
    assert (granted.status, payment.given_back) == ("success", [1000])


def test_of_money_that_staff_took_a_lost_request_is_answered(
    admin: Api, dying: Dying, later: Callable[[], None]
) -> None:
    order = completed()
    by_hand = ManualPayment("key-of-lost", Money("30", "USD"), "till 4", "")
    current_shop().record_manual_payment(order.pk, by_hand, None)
    (item,) = items(order)
    with dying():
        admin.do(REQUEST, id=transaction_id(item), action="REFUND")

    later()
    for _time in range(2):
        sweeper.sweep()

    assert failed(item) == ["There is no such payment over a payment link."]
    assert money_state(order.pk)[2] == Decimal(30)


def test_what_was_refused_is_not_made_later(
    admin: Api, payment: Payment, later: Callable[[], None]
) -> None:
    break_refunds("card_error_402")
    admin.do(REQUEST, id=payment.id, action="REFUND")
    RefundRequest.objects.filter(order_id=payment.order.pk).delete()
    steps = payment.steps

    later()
    sweeper.sweep()

    assert (payment.steps, payment.given_back) == (steps, [])
    assert not RefundRequest.objects.filter(order_id=payment.order.pk).exists()


def test_what_saleor_refused_itself_is_not_made_later(
    admin: Api,
    payment: Payment,
    channel_switched_off: Callable[[], None],
    later: Callable[[], None],
) -> None:
    channel_switched_off()
    admin.ask(REQUEST, id=payment.id, action="REFUND")
    assert len(failed(payment.item)) == 1

    later()
    sweeper.sweep()

    assert (payment.given_back, len(failed(payment.item))) == ([], 1)


def test_what_was_asked_of_others_is_none_of_ours(
    foreign: TransactionItem, later: Callable[[], None]
) -> None:
    foreign.events.create(type="refund_request", amount_value=30, currency="USD")
    asked = asked_of_stripe()

    later()
    sweeper.sweep()

    assert [event.type for event in foreign.events.all()] == ["refund_request"]
    assert asked_of_stripe() == asked
    foreign.events.all().delete()


@pytest.mark.parametrize("person", ["clerk", "foreigner", "customer", None])
def test_others_may_not_ask_for_it(payment: Payment, person: str | None) -> None:
    answer = Api(person).ask(REQUEST, id=payment.id, action="REFUND")

    assert answer["errors"][0]["extensions"]["exception"]["code"] == "PermissionDenied"
    assert payment.given_back == []
    assert payment.steps == ["charge_success"]


@pytest.fixture
def channel_switched_off() -> Iterator[Callable[[], None]]:
    """Switches paylink off in the channel."""
    rows = PluginConfiguration.objects.filter(identifier=PLUGIN_ID, channel__slug="default-channel")
    yield lambda: rows.update(active=False)
    rows.update(active=True)


@pytest.fixture
def later() -> Iterator[Callable[[], None]]:
    """Lets ten minutes pass by the shop's clock."""
    yield lambda: put_forward(600)
    put_forward(0)


def granted_id(granted: OrderGrantedRefund) -> str:
    return graphene.Node.to_global_id("OrderGrantedRefund", granted.pk)
