"""Refunds that are asked for here: made once, booked like every other, and answered."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from saleor_paylink.links import payments, refunds
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.settlement import settle
from saleor_paylink.links.sweeper import sweep
from saleor_paylink.models import (
    LedgerEntry,
    LedgerKind,
    PaymentAttempt,
    RefundRequest,
    ShopPosting,
)
from saleor_paylink.money import Money
from saleor_paylink.shop import Busy
from sandbox.shop import refunds as shop_refunds
from sandbox.shop.models import Channel, Order, Transaction, TransactionEvent
from sandbox.shop.shop import SandboxShop
from sandbox.stripe import Simulator
from tests.unit.links.helpers import CLERK, KEY, Customer, asked_of, deliver_all
from tests.unit.links.racing import overtaken

REFUNDS = "/v1/refunds"
Status = RefundRequest.Status


@dataclass
class Paid:
    """An order of 25 USD that was paid over its link."""

    order: Order
    simulator: Simulator

    @property
    def transaction(self) -> Transaction:
        return self.order.transactions.get()

    @property
    def payment(self) -> str:
        return self.transaction.reference

    def asked(self, amount: str) -> TransactionEvent:
        """Staff ask for a refund in the shop, which writes that down."""
        return shop_refunds.request(self.transaction, Decimal(amount), None)

    def refund(
        self, amount: str, *, currency: str = "USD", request: str | None = None
    ) -> RefundRequest:
        request = request or str(self.asked(amount).pk)
        money = Money(Decimal(amount), currency)
        return refunds.request_for_shop(self.order.id, self.payment, money, request, CLERK)

    def refused(self, amount: str, **how: str) -> LinkError:
        with pytest.raises(LinkError) as refusal:
            self.refund(amount, **how)
        return refusal.value

    def made(self) -> list[tuple[int, str]]:
        """Amounts and statuses of the refunds at the provider, oldest first."""
        answer = self.simulator.request("GET", REFUNDS, (("limit", "100"),), key=KEY)
        return [(each["amount"], each["status"]) for each in reversed(answer.body["data"])]

    def made_id(self) -> str:
        answer = self.simulator.request("GET", REFUNDS, (), key=KEY)
        return str(answer.body["data"][0]["id"])

    def answers(self) -> list[tuple[str, str]]:
        """What the shop was told of its requests: type and message of the events."""
        events = self.transaction.events.exclude(type="charge_success").order_by("pk")
        return list(events.values_list("type", "message"))


def _busy(*_arguments: object) -> None:
    raise Busy


@pytest.fixture
def paid(customer: Customer, simulator: Simulator, order: Order) -> Paid:
    simulator.pay(customer.session())
    settle(PaymentAttempt.objects.get().id)
    return Paid(order, simulator)


def given_back() -> list[tuple[str, Decimal]]:
    """What was booked beside the payment and its fee."""
    entries = LedgerEntry.objects.exclude(kind__in=(LedgerKind.CHARGE, LedgerKind.FEE))
    return list(entries.order_by("pk").values_list("kind", "amount"))


def sweep_later() -> None:
    """The sweeper, when it is time to look at requests again."""
    RefundRequest.objects.update(leased_until=None)
    sweep()


def use_key(channel: Channel, key: str) -> None:
    channel.plugin_values["stripe-secret-key"] = key
    channel.save()


def test_a_refund_is_made_booked_and_told(paid: Paid) -> None:
    request = paid.refund("10.00")

    assert (request.status, paid.made()) == (Status.ACCEPTED, [(1000, "succeeded")])
    assert given_back() == [("refund", Decimal("10.000"))]
    transaction = paid.transaction
    assert (transaction.charged, transaction.refunded) == (Decimal("15.000"), Decimal("10.000"))
    assert transaction.refund_pending == 0
    request.refresh_from_db()
    assert request.ended_at is not None


def test_the_same_request_of_the_shop_is_one_refund(paid: Paid) -> None:
    asked = str(paid.asked("10.00").pk)

    first = paid.refund("10.00", request=asked)
    second = paid.refund("10.00", request=asked)

    assert first.pk == second.pk
    assert paid.made() == [(1000, "succeeded")]


def test_two_requests_of_the_shop_are_two_refunds(paid: Paid) -> None:
    paid.refund("10.00")
    paid.refund("15.00")

    assert paid.made() == [(1000, "succeeded"), (1500, "succeeded")]
    assert paid.transaction.charged == 0


@pytest.mark.parametrize(
    ("amount", "how", "code"),
    [
        ("25.01", {}, LinkErrorCode.AMOUNT_TOO_LARGE),
        ("0.00", {}, LinkErrorCode.AMOUNT_TOO_SMALL),
        ("-1.00", {}, LinkErrorCode.AMOUNT_TOO_SMALL),
        ("1.001", {}, LinkErrorCode.AMOUNT_NOT_REPRESENTABLE),
        ("10.00", {"currency": "EUR"}, LinkErrorCode.INVALID),
    ],
)
def test_what_cannot_be_given_back_is_refused_and_not_asked_for(
    paid: Paid, amount: str, how: dict[str, str], code: LinkErrorCode
) -> None:
    refusal = paid.refused(amount, request="1", **how)

    assert refusal.code is code
    assert RefundRequest.objects.count() == 0
    assert asked_of(paid.simulator, REFUNDS) == 0


def test_a_payment_that_is_not_known_is_refused(paid: Paid) -> None:
    with pytest.raises(LinkError) as refusal:
        refunds.request_for_shop(paid.order.id, "pi_other", Money(1, "USD"), "1", CLERK)

    assert refusal.value.code is LinkErrorCode.NOT_FOUND
    assert RefundRequest.objects.count() == 0


def test_what_was_asked_for_and_is_not_made_yet_cannot_be_asked_for_again(paid: Paid) -> None:
    paid.simulator.add_fault("POST", REFUNDS, "timeout_before", times=3)
    assert paid.refund("20.00").status == Status.REQUESTED

    assert paid.refused("10.00").code is LinkErrorCode.AMOUNT_TOO_LARGE
    assert RefundRequest.objects.count() == 1


def test_a_refund_whose_answer_was_lost_is_not_made_twice(paid: Paid) -> None:
    paid.simulator.add_fault("POST", REFUNDS, "timeout_after_commit", times=3)
    assert paid.refund("10.00").status == Status.REQUESTED

    sweep_later()

    assert paid.made() == [(1000, "succeeded")]
    request = RefundRequest.objects.get()
    assert (request.status, request.ended_at is None) == (Status.ACCEPTED, False)
    assert paid.transaction.charged == Decimal("15.000")


def test_a_refund_whose_answer_was_lost_is_not_called_refused_for_a_key_that_is_none_any_more(
    paid: Paid, channel: Channel
) -> None:
    paid.simulator.add_fault("POST", REFUNDS, "timeout_after_commit", times=3)
    paid.refund("10.00")

    use_key(channel, "sk_test_invalid")
    sweep_later()
    assert RefundRequest.objects.get().status == Status.REQUESTED

    use_key(channel, KEY)
    sweep_later()
    assert RefundRequest.objects.get().status == Status.ACCEPTED
    assert paid.made() == [(1000, "succeeded")]


def test_a_key_that_is_none_refuses_for_good(paid: Paid, channel: Channel) -> None:
    use_key(channel, "sk_test_invalid")

    assert paid.refused("10.00").code is LinkErrorCode.PROVIDER_ERROR
    assert RefundRequest.objects.get().status == Status.REFUSED
    assert paid.made() == []


def test_a_lost_answer_is_learnt_from_the_webhook(paid: Paid) -> None:
    paid.simulator.add_fault("POST", REFUNDS, "timeout_after_commit", times=3)
    paid.refund("10.00")
    asked = asked_of(paid.simulator, REFUNDS)

    deliver_all(paid.simulator)

    assert RefundRequest.objects.get().status == Status.ACCEPTED
    assert given_back() == [("refund", Decimal("10.000"))]
    assert asked_of(paid.simulator, REFUNDS) == asked


def test_a_refund_that_was_only_written_down_is_made_by_the_sweeper(paid: Paid) -> None:
    charge = payments.find(paid.order.id, paid.payment)
    assert charge is not None
    payments.note_refund(charge, Money(Decimal(10), "USD"), CLERK)

    sweep()

    assert paid.made() == [(1000, "succeeded")]
    assert RefundRequest.objects.get().ended_at is not None


def test_a_provider_that_is_down_is_asked_again(paid: Paid) -> None:
    paid.simulator.add_fault("GET", "/v1/.*", "error_500", times=3)
    assert paid.refund("10.00").status == Status.REQUESTED
    assert RefundRequest.objects.get().error != ""

    sweep_later()

    assert paid.made() == [(1000, "succeeded")]
    assert RefundRequest.objects.get().error == ""


def test_a_refusal_says_why_and_nothing_was_refunded(paid: Paid) -> None:
    paid.simulator.add_fault("POST", REFUNDS, "card_error_402")

    refusal = paid.refused("10.00")

    assert refusal.code is LinkErrorCode.PROVIDER_ERROR
    assert refusal.message == "Stripe refused: Your card was declined."
    assert (paid.made(), given_back()) == ([], [])
    assert RefundRequest.objects.get().status == Status.REFUSED
    assert paid.answers() == [
        ("refund_request", ""),
        ("refund_failure", "Stripe refused: Your card was declined."),
    ]
    assert paid.transaction.charged == Decimal("25.000")


def test_what_was_refused_stays_refused_and_can_be_asked_for_anew(paid: Paid) -> None:
    asked = str(paid.asked("10.00").pk)
    paid.simulator.add_fault("POST", REFUNDS, "card_error_402")
    paid.refused("10.00", request=asked)

    assert paid.refused("10.00", request=asked).code is LinkErrorCode.PROVIDER_ERROR
    assert paid.made() == []

    assert paid.refund("10.00").status == Status.ACCEPTED
    assert paid.made() == [(1000, "succeeded")]


def test_what_was_given_back_unheard_is_not_given_back_again(paid: Paid) -> None:
    paid.simulator.refund(paid.payment, 2000)

    refusal = paid.refused("10.00")

    assert refusal.message == "It has been given back in another way."
    assert paid.made() == [(2000, "succeeded")]
    assert given_back() == [("refund", Decimal("20.000"))]
    assert paid.transaction.charged == Decimal("5.000")


def test_a_refund_that_is_on_its_way_is_not_asked_for_again(paid: Paid) -> None:
    paid.simulator.delay_refunds(paid.payment)

    assert paid.refund("10.00").status == Status.ACCEPTED
    for _time in range(3):
        sweep_later()

    assert paid.made() == [(1000, "pending")]
    assert (given_back(), RefundRequest.objects.get().ended_at) == ([], None)
    assert paid.transaction.refund_pending == Decimal("10.000")
    assert paid.refused("15.01", request="0").code is LinkErrorCode.AMOUNT_TOO_LARGE


def test_a_refund_that_arrives_days_later_is_booked_then_without_a_webhook(paid: Paid) -> None:
    paid.simulator.delay_refunds(paid.payment)
    paid.refund("10.00")
    paid.simulator.complete_refund(paid.made_id(), "succeeded")

    sweep_later()

    assert given_back() == [("refund", Decimal("10.000"))]
    assert RefundRequest.objects.get().ended_at is not None
    transaction = paid.transaction
    assert (transaction.charged, transaction.refund_pending) == (Decimal("15.000"), Decimal(0))


def test_a_refund_that_fails_days_later_is_told_to_the_shop(paid: Paid) -> None:
    paid.simulator.delay_refunds(paid.payment)
    paid.refund("10.00")
    paid.simulator.complete_refund(paid.made_id(), "failed")

    deliver_all(paid.simulator)

    request = RefundRequest.objects.get()
    assert (request.status, request.ended_at is None) == (Status.REFUSED, False)
    failure = "The refund did not succeed: the customer's bank sent the money back."
    assert (request.error, paid.answers()[-1]) == (failure, ("refund_failure", failure))
    assert given_back() == []
    transaction = paid.transaction
    assert (transaction.charged, transaction.refund_pending) == (Decimal("25.000"), Decimal(0))
    assert paid.refund("25.00").status == Status.ACCEPTED


def test_a_refund_that_comes_back_after_it_had_arrived_is_told_once(paid: Paid) -> None:
    paid.refund("10.00")
    paid.simulator.fail_refund(paid.made_id())

    deliver_all(paid.simulator)
    sweep_later()

    assert given_back() == [
        ("refund", Decimal("10.000")),
        ("refund_reversal", Decimal("10.000")),
    ]
    assert RefundRequest.objects.get().status == Status.REFUSED
    assert [type for type, _message in paid.answers()] == [
        "refund_request",
        "refund_success",
        "refund_reverse",
    ]
    assert paid.transaction.charged == Decimal("25.000")


def test_a_shop_that_could_not_be_answered_is_answered_later(paid: Paid) -> None:
    event = paid.asked("10.00")
    TransactionEvent.objects.filter(pk=event.pk).delete()

    paid.refund("10.00", request=str(event.pk))
    assert RefundRequest.objects.get().ended_at is None

    event.save(force_insert=True)
    sweep_later()

    event.refresh_from_db()
    assert event.psp_reference == RefundRequest.objects.get().provider_reference
    assert RefundRequest.objects.get().ended_at is not None
    assert paid.made() == [(1000, "succeeded")]


def test_why_it_was_refused_is_told_to_a_shop_that_is_answered_later(paid: Paid) -> None:
    event = paid.asked("10.00")
    TransactionEvent.objects.filter(pk=event.pk).delete()
    paid.simulator.add_fault("POST", REFUNDS, "card_error_402")

    refusal = paid.refused("10.00", request=str(event.pk))
    event.save(force_insert=True)
    sweep_later()

    assert refusal.message == "Stripe refused: Your card was declined."
    assert paid.answers()[-1] == ("refund_failure", refusal.message)


def test_money_is_given_back_while_the_plugin_is_switched_off(paid: Paid) -> None:
    Channel.objects.update(plugin_active=False)

    paid.refund("10.00")

    assert paid.made() == [(1000, "succeeded")]
    assert given_back() == [("refund", Decimal("10.000"))]


@pytest.mark.parametrize("telling", ["record_refund", "refund_answered"])
def test_that_somebody_else_is_telling_of_a_refund_is_no_error_and_it_is_told_again(
    paid: Paid, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, telling: str
) -> None:
    with monkeypatch.context() as patch, caplog.at_level(logging.INFO):
        patch.setattr(SandboxShop, telling, _busy)
        paid.refund("10.00")
    assert [record.levelname for record in caplog.records if record.levelname != "INFO"] == []
    assert "telling" in caplog.text
    assert set(ShopPosting.objects.values_list("error", flat=True)) == {""}
    assert RefundRequest.objects.get().error == ""

    ShopPosting.objects.update(leased_until=None)
    sweep_later()

    assert paid.made() == [(1000, "succeeded")]
    assert paid.transaction.charged == Decimal("15.000")
    assert RefundRequest.objects.get().ended_at is not None


# What nobody has told of


def age(asked: TransactionEvent, **by: int) -> None:
    TransactionEvent.objects.filter(pk=asked.pk).update(created_at=timezone.now() - timedelta(**by))


LOST = (
    "Nothing was refunded: the request got lost in a restart. "
    "Ask again if the money is still to go back."
)


def test_a_request_of_the_shop_that_got_lost_is_refused_and_told_of(paid: Paid) -> None:
    asked = paid.asked("10.00")
    age(asked, minutes=3)

    for _time in range(2):
        sweep_later()

    assert (paid.made(), given_back(), asked_of(paid.simulator, REFUNDS)) == ([], [], 0)
    assert paid.answers() == [("refund_request", ""), ("refund_failure", LOST)]
    assert (paid.transaction.charged, paid.transaction.refund_pending) == (Decimal(25), 0)
    request = RefundRequest.objects.get(shop_request=str(asked.pk))
    assert (request.status, request.error, request.money) == (
        Status.REFUSED,
        LOST,
        Money(Decimal(10), "USD"),
    )
    assert request.answered_at is not None
    assert request.ended_at is not None


def test_the_sweeper_leaves_a_request_to_the_shop_at_first(paid: Paid) -> None:
    age(paid.asked("10.00"), minutes=1)

    sweep()

    assert (paid.made(), RefundRequest.objects.count()) == ([], 0)
    assert paid.answers() == [("refund_request", "")]


def test_a_request_of_long_ago_is_let_be(paid: Paid) -> None:
    age(paid.asked("10.00"), days=31)

    sweep()

    assert (paid.answers(), RefundRequest.objects.count()) == ([("refund_request", "")], 0)


def test_what_staff_gave_back_in_the_providers_dashboard_instead_is_not_given_back_again(
    paid: Paid,
) -> None:
    age(paid.asked("10.00"), minutes=30)
    paid.simulator.refund(paid.payment, 1000)

    for _time in range(2):
        sweep_later()

    assert paid.made() == [(1000, "succeeded")]


def test_what_was_asked_for_again_since_is_given_back_once(paid: Paid) -> None:
    lost = paid.asked("10.00")
    paid.refund("10.00")
    age(lost, minutes=3)

    for _time in range(2):
        sweep_later()

    assert paid.made() == [(1000, "succeeded")]
    assert lost.answer.message == LOST
    assert paid.transaction.charged == Decimal("15.000")


def test_after_it_was_refused_it_can_be_asked_for_again(paid: Paid) -> None:
    age(paid.asked("25.00"), minutes=3)
    sweep()

    assert paid.refund("25.00").status == Status.ACCEPTED

    assert paid.made() == [(2500, "succeeded")]
    assert paid.transaction.refunded == Decimal("25.000")


def test_who_is_late_with_a_request_that_was_taken_for_lost_finds_it_refused(paid: Paid) -> None:
    asked = paid.asked("10.00")
    age(asked, minutes=3)
    sweep()

    refusal = paid.refused("10.00", request=str(asked.pk))

    assert (refusal.code, refusal.message) == (LinkErrorCode.PROVIDER_ERROR, LOST)
    assert (paid.made(), RefundRequest.objects.count()) == ([], 1)
    assert paid.answers() == [("refund_request", ""), ("refund_failure", LOST)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("late", [True, False])
def test_a_request_is_made_or_taken_for_lost_and_not_both(paid: Paid, late: bool) -> None:
    asked = paid.asked("10.00")
    age(asked, minutes=3)
    (found,) = refunds.lost()
    both: list[Callable[[], object]] = [
        lambda: paid.refund("10.00", request=str(asked.pk)),
        lambda: refunds.refuse_lost(found),
    ]
    first, second = reversed(both) if late else both

    overtaken(first, second, before='INSERT INTO "saleor_paylink_refundrequest"')

    request = RefundRequest.objects.get()
    refused = (Status.REFUSED, [], ["refund_request", "refund_failure"])
    made = (Status.ACCEPTED, [(1000, "succeeded")], ["refund_request", "refund_success"])
    told = [kind for kind, _message in paid.answers()]
    assert (request.status, paid.made(), told) == (refused if late else made)


def test_a_refusal_that_the_shop_could_not_be_told_of_is_told_later(
    paid: Paid, monkeypatch: pytest.MonkeyPatch
) -> None:
    age(paid.asked("10.00"), minutes=3)
    with monkeypatch.context() as patch:
        patch.setattr(SandboxShop, "refund_answered", _busy)
        sweep()
        assert RefundRequest.objects.get().answered_at is None

    sweep_later()

    assert paid.answers() == [("refund_request", ""), ("refund_failure", LOST)]
    assert RefundRequest.objects.get().ended_at is not None


def test_a_lost_request_for_nothing_is_answered(paid: Paid) -> None:
    age(paid.asked("0.00"), minutes=3)

    for _time in range(2):
        sweep_later()

    assert paid.answers() == [
        ("refund_request", ""),
        ("refund_failure", "Refund more than nothing."),
    ]
    assert (paid.made(), RefundRequest.objects.count()) == ([], 0)


def test_a_request_that_was_refused_is_not_taken_for_lost(paid: Paid) -> None:
    paid.simulator.add_fault("POST", REFUNDS, "card_error_402")
    asked = paid.asked("10.00")
    paid.refused("10.00", request=str(asked.pk))
    RefundRequest.objects.all().delete()
    age(asked, minutes=3)

    sweep()

    assert (paid.made(), RefundRequest.objects.count()) == ([], 0)
    assert len(paid.answers()) == 2
