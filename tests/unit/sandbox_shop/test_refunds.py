"""Refunds that staff ask for in the shop, and what it makes of the answers."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import QuerySet
from django.utils import timezone
from graphene import Node

from saleor_paylink.money import Money
from saleor_paylink.shop import RefundAsked
from sandbox.shop import refunds
from sandbox.shop.models import Order, Transaction, TransactionEvent, User
from sandbox.shop.shop import SandboxShop
from tests.unit.sandbox_shop.conftest import Asking
from tests.unit.sandbox_shop.test_money import BY_HAND, CHARGE, REFUND

ASK = """mutation($id: ID, $token: UUID, $amount: PositiveDecimal) {
  transactionRequestAction(id: $id, token: $token, actionType: REFUND, amount: $amount) {
    transaction {
      actions chargedAmount { amount } events { type message amount { amount } }
    }
    errors { field message code }
  }
}"""


@pytest.fixture
def cashier(db: None) -> User:
    return User.objects.create(
        email="cashier@example.com",
        is_staff=True,
        permissions=["MANAGE_ORDERS", "HANDLE_PAYMENTS"],
    )


@pytest.fixture
def taken(shop: SandboxShop, order: Order) -> Transaction:
    """A payment of 25 USD."""
    shop.record_charge(order.id, CHARGE)
    found: Transaction = order.transactions.get()
    return found


@pytest.fixture
def request_of_ten(taken: Transaction) -> str:
    return str(refunds.request(taken, 10, None).pk)


def amounts(taken: Transaction) -> tuple[int, int, int]:
    """What is charged, refunded, and on its way to the customer."""
    taken.refresh_from_db()
    return taken.charged, taken.refunded, taken.refund_pending


def steps(taken: Transaction) -> list[str]:
    events: QuerySet[TransactionEvent] = taken.events.all()
    return [event.type for event in events]


def global_id(taken: Transaction) -> str:
    return str(Node.to_global_id("TransactionItem", taken.token))


class TestAnswer:
    def test_a_refund_that_was_taken_on_is_on_its_way(
        self, shop: SandboxShop, taken: Transaction, request_of_ten: str
    ) -> None:
        for _time in range(2):
            shop.refund_answered(taken.order.id, request_of_ten, "pi_1", "re_1", "")
        assert amounts(taken) == (15, 0, 10)
        assert steps(taken) == ["charge_success", "refund_request"]

    def test_it_and_its_refund_are_one_whichever_is_heard_of_first(
        self, shop: SandboxShop, taken: Transaction, request_of_ten: str
    ) -> None:
        shop.record_refund(taken.order.id, REFUND)
        shop.refund_answered(taken.order.id, request_of_ten, "pi_1", "re_1", "")
        assert amounts(taken) == (15, 10, 0)
        shop.record_refund_reversal(taken.order.id, REFUND)
        assert amounts(taken) == (25, 0, 0)

    def test_a_refusal_leaves_the_money_and_stands_there_once(
        self, shop: SandboxShop, taken: Transaction, request_of_ten: str
    ) -> None:
        for _time in range(2):
            shop.refund_answered(taken.order.id, request_of_ten, "pi_1", None, "Card closed.")
        assert amounts(taken) == (25, 0, 0)
        assert steps(taken) == ["charge_success", "refund_request", "refund_failure"]
        failure = taken.events.last()
        assert (failure.message, failure.amount) == ("Card closed.", 10)

    def test_a_refund_that_fails_on_its_way_is_charged_again(
        self, shop: SandboxShop, taken: Transaction, request_of_ten: str
    ) -> None:
        shop.refund_answered(taken.order.id, request_of_ten, "pi_1", "re_1", "")
        shop.refund_answered(taken.order.id, request_of_ten, "pi_1", "re_1", "Card closed.")
        assert amounts(taken) == (25, 0, 0)

    def test_the_request_of_another_order_is_not_answered(
        self, shop: SandboxShop, careful_order: Order, taken: Transaction, request_of_ten: str
    ) -> None:
        with pytest.raises(TransactionEvent.DoesNotExist):
            shop.refund_answered(careful_order.id, request_of_ten, "pi_1", "re_1", "")
        assert amounts(taken) == (25, 0, 0)


class TestRequest:
    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("named", ["id", "token"])
    def test_what_no_provider_holds_is_refused_in_its_history(
        self, ask: Asking, shop: SandboxShop, order: Order, cashier: User, named: str
    ) -> None:
        shop.record_manual_payment(order.id, BY_HAND, None)
        by_hand = order.transactions.get()
        known = {"id": global_id(by_hand), "token": str(by_hand.token)}
        done = ask(ASK, cashier, **{named: known[named]})["transactionRequestAction"]
        assert done["errors"] == []
        assert (done["transaction"]["actions"], amounts(by_hand)) == ([], (25, 0, 0))
        assert steps(by_hand) == ["charge_success", "refund_request", "refund_failure"]
        asked = order.events.get(type="transaction_refund_requested")
        assert asked.user == cashier

    @pytest.mark.parametrize(("amount", "asked"), [(None, 25), ("10", 10), ("30", 25)])
    def test_no_more_is_asked_for_than_is_left(
        self, ask: Asking, taken: Transaction, cashier: User, amount: str | None, asked: int
    ) -> None:
        ask(ASK, cashier, id=global_id(taken), amount=amount)
        assert taken.events.get(type="refund_request").amount == asked

    @pytest.mark.parametrize(
        ("named", "field", "code"),
        [
            ({}, None, "GRAPHQL_ERROR"),
            ({"token": str(uuid4())}, "id", "NOT_FOUND"),
            ({"id": "T3JkZXI6MQ=="}, "id", "GRAPHQL_ERROR"),
        ],
    )
    def test_a_transaction_that_is_none_is_refused(
        self, ask: Asking, cashier: User, named: dict[str, Any], field: str | None, code: str
    ) -> None:
        done = ask(ASK, cashier, **named)["transactionRequestAction"]
        (error,) = done["errors"]
        assert (error["field"], error["code"]) == (field, code)

    @pytest.mark.parametrize("who", ["clerk", "foreigner", "outsider", "customer"])
    def test_others_may_not_ask(
        self, ask: Asking, taken: Transaction, request: pytest.FixtureRequest, who: str
    ) -> None:
        ask.denied(ASK, request.getfixturevalue(who), id=global_id(taken))
        assert steps(taken) == ["charge_success"]


def test_what_nobody_has_answered_can_be_asked_for(
    shop: SandboxShop, taken: Transaction, request_of_ten: str
) -> None:
    start, end = timezone.now() - timedelta(hours=1), timezone.now()
    first = RefundAsked(request_of_ten, taken.order.id, taken.reference, Money(10, "USD"))
    assert shop.unanswered_refunds(start, end) == [first]
    assert shop.unanswered_refunds(start, start) == shop.unanswered_refunds(end, end) == []

    second = str(refunds.request(taken, 5, None).pk)
    asked = shop.unanswered_refunds(start, timezone.now())
    assert [each.request for each in asked] == [request_of_ten, second]


@pytest.mark.parametrize("answer", [("re_1", ""), (None, "No.")])
def test_what_was_answered_is_not_asked_for_any_more(
    shop: SandboxShop, taken: Transaction, request_of_ten: str, answer: tuple[str | None, str]
) -> None:
    shop.refund_answered(taken.order.id, request_of_ten, taken.reference, *answer)

    assert shop.unanswered_refunds(taken.created_at, timezone.now()) == []
