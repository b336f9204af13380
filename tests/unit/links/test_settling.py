"""Settling: what the provider says was paid is recorded, truthfully, once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone

from saleor_paylink.earnings.report import earnings
from saleor_paylink.links.bearer import RequestStatus
from saleor_paylink.links.lifecycle import LinkTerms, create
from saleor_paylink.links.reading import CollectionStatus, collection_view
from saleor_paylink.links.settlement import apply, provider_of, settle, settle_for_visitor
from saleor_paylink.links.sweeper import sweep
from saleor_paylink.models import (
    AttemptStatus,
    LedgerEntry,
    LinkStatus,
    PaymentAttempt,
    PaymentException,
    PaymentLink,
    ShopPosting,
)
from saleor_paylink.money import Money
from saleor_paylink.providers.interface import SessionStatus, Snapshot
from sandbox.shop import orders, payments
from sandbox.shop.models import Channel, Order
from sandbox.stripe import Simulator
from tests.unit.links.helpers import CLERK, SLOW, Customer, status_of


def settle_only() -> PaymentAttempt:
    return settle(PaymentAttempt.objects.get().id)


def ledger() -> list[tuple[str, Decimal]]:
    return list(LedgerEntry.objects.order_by("id").values_list("kind", "amount"))


def exceptions() -> list[str]:
    return list(PaymentException.objects.values_list("kind", flat=True))


def test_a_payment_pays_and_confirms_the_order(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())

    assert settle_only().status == AttemptStatus.PAID

    assert PaymentLink.objects.get().status == LinkStatus.PAID
    assert status_of(order.id) == "unfulfilled"
    (transaction,) = order.transactions.all()
    assert (transaction.charged, transaction.reference[:3]) == (Decimal("25.000"), "pi_")
    assert [kind for kind, _amount in ledger()] == ["charge", "fee"]
    assert ledger()[0] == ("charge", Decimal("25.000"))
    view = collection_view(order.id)
    assert view is not None
    assert view.status is CollectionStatus.COLLECTED
    assert exceptions() == []


def test_settling_again_books_nothing_again(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())
    for _time in range(5):
        settle_only()

    assert order.transactions.count() == 1
    assert [kind for kind, _amount in ledger()] == ["charge", "fee"]
    assert len(mail.outbox) == 1


def test_the_receipt_is_on_the_page_and_in_one_mail(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())
    settle_only()

    page = customer.page()
    assert page.status is RequestStatus.PAID
    (receipt,) = page.receipts
    assert (receipt.number, str(receipt.amount.amount)) == (f"{order.number}-1", "25.000")
    (message,) = mail.outbox
    assert message.subject == f"Receipt {order.number}-1 for order #{order.number} at Sandbox shop"
    assert receipt.reference in message.body


def test_a_decline_is_told_and_ends_nothing(customer: Customer, simulator: Simulator) -> None:
    simulator.decline(customer.session())
    settle_only()

    page = customer.page()
    assert page.status is RequestStatus.DUE
    assert page.decline is not None
    assert PaymentAttempt.objects.get().status == AttemptStatus.OPEN


def test_a_slow_payment_that_fails_opens_the_link_again(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session(SLOW)
    simulator.pay_later(session)
    settle_only()
    assert PaymentLink.objects.get().status == LinkStatus.PROCESSING

    simulator.complete_later(session, "failed")
    settle_only()

    assert PaymentAttempt.objects.get().status == AttemptStatus.FAILED
    assert PaymentLink.objects.get().status == LinkStatus.ACTIVE
    assert status_of(order.id) == "unconfirmed"
    assert ledger() == []


def test_a_slow_payment_that_succeeds_pays(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session(SLOW)
    simulator.pay_later(session)
    settle_only()
    simulator.complete_later(session, "succeeded")
    settle_only()

    assert status_of(order.id) == "unfulfilled"
    assert PaymentLink.objects.get().status == LinkStatus.PAID


@pytest.mark.parametrize(
    "status", [each for each in SessionStatus if each is not SessionStatus.PAID]
)
def test_an_answer_that_was_overtaken_takes_nothing_back(
    customer: Customer, simulator: Simulator, order: Order, status: SessionStatus
) -> None:
    session = customer.session()
    attempt = PaymentAttempt.objects.get()
    overtaken = replace(provider_of(attempt).fetch(session), status=status)
    simulator.pay(session)
    settle_only()

    apply(attempt.id, overtaken)

    assert PaymentAttempt.objects.get().status == AttemptStatus.PAID
    assert PaymentLink.objects.get().status == LinkStatus.PAID


@pytest.mark.parametrize("amount", [2400, 2600])
def test_another_amount_than_asked_for_is_booked_as_it_is_and_confirms_nothing(
    customer: Customer, simulator: Simulator, order: Order, amount: int
) -> None:
    simulator.pay(customer.session(), amount=amount)
    settle_only()

    assert ledger()[0] == ("charge", Decimal(amount) / 100)
    assert order.transactions.get().charged == Decimal(amount) / 100
    assert status_of(order.id) == "unconfirmed"
    assert exceptions() == ["mismatch"]


def test_money_for_a_cancelled_order_is_booked_and_revives_nothing(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())
    orders.cancel_by_hand(order.id, None)

    settle_only()

    assert status_of(order.id) == "canceled"
    assert order.transactions.get().charged == Decimal("25.000")
    assert exceptions() == ["late"]


def test_a_second_payment_is_booked_and_shown_as_duplicate(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    first = customer.session()
    attempt = PaymentAttempt.objects.get()
    # As after a restored backup: the open session is forgotten and another one opened.
    PaymentAttempt.objects.update(status=AttemptStatus.FAILED)
    second = customer.session()
    simulator.pay(second)
    settle(PaymentAttempt.objects.get(status=AttemptStatus.OPEN).id)
    simulator.pay(first)
    settle(attempt.id)

    assert exceptions() == ["duplicate"]
    assert [kind for kind, _amount in ledger()] == ["charge", "fee", "charge", "fee"]
    assert order.transactions.count() == 2
    assert PaymentAttempt.objects.filter(status=AttemptStatus.PAID).count() == 2


def test_a_deposit_leaves_the_order_on_hold_and_the_rest_due(
    order: Order, simulator: Simulator
) -> None:
    link = create(order.id, LinkTerms(amount=Decimal("10.00")), CLERK)
    simulator.pay(Customer(link).session())
    settle_only()

    assert PaymentLink.objects.get().status == LinkStatus.PAID
    assert status_of(order.id) == "unconfirmed"
    view = collection_view(order.id)
    assert view is not None
    assert (view.status, str(view.amount_due.amount)) == (CollectionStatus.AWAITING, "15.000")

    rest = create(order.id, LinkTerms(), CLERK)
    simulator.pay(Customer(rest).session())
    settle(PaymentAttempt.objects.get(link=rest).id)

    assert status_of(order.id) == "unfulfilled"
    assert [amount for kind, amount in ledger() if kind == "charge"] == [
        Decimal("10.000"),
        Decimal("15.000"),
    ]


def test_a_refund_at_the_provider_is_booked_and_told_to_the_shop(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()
    simulator.pay(session)
    settle_only()
    simulator.refund(simulator.session(session)[0]["payment_intent"], 500)
    settle_only()
    settle_only()

    assert [amount for kind, amount in ledger() if kind == "refund"] == [Decimal("5.000")]
    assert order.transactions.get().charged == Decimal("20.000")
    assert status_of(order.id) == "unfulfilled"
    (usd,) = earnings()
    assert (str(usd.gross.amount), str(usd.refunded.amount)) == ("25.000", "5.000")


def test_a_full_refund_is_said_on_the_page(customer: Customer, simulator: Simulator) -> None:
    session = customer.session()
    simulator.pay(session)
    settle_only()
    simulator.refund(simulator.session(session)[0]["payment_intent"])
    settle_only()

    assert customer.page().status is RequestStatus.REFUNDED


def test_a_dispute_leaves_the_earnings(customer: Customer, simulator: Simulator) -> None:
    session = customer.session()
    simulator.pay(session)
    settle_only()
    simulator.dispute(simulator.session(session)[0]["payment_intent"])
    settle_only()

    (usd,) = earnings()
    assert (str(usd.gross.amount), str(usd.disputed.amount)) == ("25.000", "25.000")


def test_a_shop_that_fails_is_told_later(
    customer: Customer, simulator: Simulator, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> None:
        raise RuntimeError("no shop today")

    simulator.pay(customer.session())
    with monkeypatch.context() as patch:
        patch.setattr(payments, "record_charge", broken)
        settle_only()
    assert order.transactions.count() == 0
    # The customer is not asked again meanwhile.
    assert customer.page().status is RequestStatus.PAID
    view = collection_view(order.id)
    assert view is not None
    assert view.amount_due.amount == 0

    ShopPosting.objects.update(leased_until=timezone.now())
    sweep()

    assert order.transactions.get().charged == Decimal("25.000")
    assert status_of(order.id) == "unfulfilled"


def test_a_visitor_settles_only_attempts_of_their_own_link(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())
    attempt = PaymentAttempt.objects.get()

    for stranger in ("", "x", "00000000-0000-0000-0000-000000000000", "\x00"):
        assert settle_for_visitor(customer.link, stranger) is None
    assert PaymentAttempt.objects.get().status == AttemptStatus.OPEN

    settled = settle_for_visitor(customer.link, str(attempt.id))
    assert settled is not None
    assert settled.status == AttemptStatus.PAID


def test_a_refund_that_did_not_succeed_is_taken_back(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()
    simulator.pay(session)
    settle_only()
    refund = simulator.refund(simulator.session(session)[0]["payment_intent"])
    settle_only()
    assert order.transactions.get().charged == 0

    simulator.fail_refund(refund["id"])
    settle_only()
    settle_only()

    assert [kind for kind, _amount in ledger()] == ["charge", "fee", "refund", "refund_reversal"]
    assert order.transactions.get().charged == Decimal("25.000")
    view = collection_view(order.id)
    assert view is not None
    assert view.amount_due.amount == 0
    (usd,) = earnings()
    assert (usd.gross.amount, usd.refunded.amount) == (Decimal("25.000"), 0)
    assert customer.page().status is RequestStatus.PAID


def test_a_dispute_that_was_won_is_taken_back(customer: Customer, simulator: Simulator) -> None:
    session = customer.session()
    simulator.pay(session)
    settle_only()
    payment = simulator.session(session)[0]["payment_intent"]
    simulator.dispute(payment)
    settle_only()
    simulator.close_dispute(payment, "won")
    settle_only()
    settle_only()

    kinds = [kind for kind, _amount in ledger()]
    assert kinds == ["charge", "fee", "dispute", "fee", "dispute_reversal"]
    (usd,) = earnings()
    assert (usd.gross.amount, usd.disputed.amount) == (Decimal("25.000"), 0)


def test_a_deposit_paid_twice_is_seen(order: Order, simulator: Simulator) -> None:
    link = create(order.id, LinkTerms(amount=Decimal("10.00")), CLERK)
    customer = Customer(link)
    first = customer.session()
    # As after a restored backup: the open session is forgotten and another one opened.
    PaymentAttempt.objects.update(status=AttemptStatus.FAILED)
    simulator.pay(customer.session())
    settle(PaymentAttempt.objects.get(status=AttemptStatus.OPEN).id)
    simulator.pay(first)
    settle(PaymentAttempt.objects.get(status=AttemptStatus.FAILED).id)

    assert exceptions() == ["duplicate"]
    assert status_of(order.id) == "unconfirmed"


def test_a_payment_upon_an_edit_that_is_not_calculated_yet_leaves_the_rest_due(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()
    orders.change_quantity(order.id, order.lines.get().pk, 3)
    simulator.pay(session)

    settle_only()

    assert PaymentLink.objects.get().status == LinkStatus.ACTIVE
    assert str(customer.page().amount_due.amount) == "12.500"
    assert status_of(order.id) == "unconfirmed"


def test_money_is_booked_by_the_settings_of_a_channel_that_was_renamed(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())
    Channel.objects.update(slug="renamed")

    settle_only()

    assert order.transactions.get().charged == Decimal("25.000")


def test_a_session_is_not_ended_by_another_that_bears_its_name(
    customer: Customer, simulator: Simulator
) -> None:
    customer.begin()
    attempt = PaymentAttempt.objects.get()
    other = Snapshot("cs_other", str(attempt.id), False, SessionStatus.EXPIRED)

    apply(attempt.id, other)

    assert PaymentAttempt.objects.get().status == AttemptStatus.OPEN


# Fees that change


def settle_with_fee(fee: Money | None) -> None:
    """The provider reports that fee by now."""
    attempt = PaymentAttempt.objects.get()
    snapshot = provider_of(attempt).fetch(attempt.provider_reference or "")
    assert snapshot.received is not None
    apply(attempt.id, replace(snapshot, received=replace(snapshot.received, fee=fee)))


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


@pytest.fixture
def paid(customer: Customer, simulator: Simulator) -> None:
    """A payment of 25 USD with a fee of 0.63 USD."""
    simulator.pay(customer.session())
    settle_only()


@pytest.mark.parametrize(("fee", "difference"), [("0.80", "0.17"), ("0.50", "-0.13")])
def test_a_fee_that_has_become_another_is_corrected_once(
    paid: None, fee: str, difference: str
) -> None:
    settle_with_fee(usd(fee))
    settle_with_fee(usd(fee))

    assert ledger() == [
        ("charge", Decimal(25)),
        ("fee", Decimal("0.63")),
        ("fee_correction", Decimal(difference)),
    ]
    charge = LedgerEntry.objects.get(kind="charge")
    correction = LedgerEntry.objects.get(kind="fee_correction")
    assert (correction.payment_reference, correction.order_id, correction.attempt_id) == (
        charge.reference,
        charge.order_id,
        charge.attempt_id,
    )
    # It counts when it is first seen: days that are over stay as they were reported.
    assert correction.occurred_at > charge.occurred_at
    (row,) = earnings()
    assert (row.fees, row.net, row.fees_complete) == (usd(fee), usd("25") - usd(fee), True)
    assert not ShopPosting.objects.filter(entry=correction).exists()


def test_a_fee_may_change_again_and_back(paid: None) -> None:
    for fee in ("0.80", "0.70", "0.63", "0.63"):
        settle_with_fee(usd(fee))

    amounts = [str(amount) for kind, amount in ledger() if kind == "fee_correction"]
    assert amounts == ["0.170", "-0.100", "-0.070"]
    (row,) = earnings()
    assert row.fees == usd("0.63")


def test_a_fee_in_another_currency_takes_the_place_of_the_first(paid: None) -> None:
    settle_with_fee(Money(Decimal("0.60"), "EUR"))
    settle_with_fee(Money(Decimal("0.60"), "EUR"))

    eur, row = earnings()
    assert (eur.fees, eur.payment_count) == (Money(Decimal("0.60"), "EUR"), 0)
    assert (row.fees, row.payment_count, row.fees_complete) == (usd("0.00"), 1, True)
    assert len(ledger()) == 4


def test_a_fee_may_change_in_both_currencies_in_turn(paid: None) -> None:
    for amount, currency in [("0.60", "EUR"), ("0.70", "EUR"), ("0.50", "USD"), ("0.40", "EUR")]:
        settle_with_fee(Money(Decimal(amount), currency))

    eur, row = earnings()
    assert (eur.fees, row.fees) == (Money(Decimal("0.40"), "EUR"), usd("0.00"))


def test_a_fee_that_is_not_told_any_more_stays(paid: None) -> None:
    settle_with_fee(None)

    assert [kind for kind, _amount in ledger()] == ["charge", "fee"]


def test_an_unchanged_fee_is_not_corrected(paid: None) -> None:
    settle_only()
    settle_only()

    assert ledger() == [("charge", Decimal(25)), ("fee", Decimal("0.63"))]


# Fees of what is given back


def fees() -> list[tuple[str, str, Decimal]]:
    """What was booked of fees besides that of the payment itself."""
    entries = LedgerEntry.objects.filter(kind__in=("fee", "fee_correction")).order_by("id")
    of_others = entries.exclude(reference__startswith="pi_")
    return list(of_others.values_list("kind", "reference", "amount"))


def settle_with_returned_fee(fee: Money | None) -> None:
    """The provider reports that fee of each dispute by now."""
    attempt = PaymentAttempt.objects.get()
    snapshot = provider_of(attempt).fetch(attempt.provider_reference or "")
    disputes = [replace(each, fee=fee) for each in snapshot.disputes]
    apply(attempt.id, replace(snapshot, disputes=disputes))


def payment_of_only() -> str:
    return LedgerEntry.objects.get(kind="charge").reference


def test_the_fee_of_a_dispute_is_taken_off_the_earnings(paid: None, simulator: Simulator) -> None:
    dispute = simulator.dispute(payment_of_only())
    settle_only()
    settle_only()

    assert fees() == [("fee", dispute["id"], Decimal(15))]
    fee = LedgerEntry.objects.get(kind="fee", reference=dispute["id"])
    taken = LedgerEntry.objects.get(kind="dispute")
    assert (fee.payment_reference, fee.order_id, fee.attempt_id, fee.occurred_at) == (
        taken.payment_reference,
        taken.order_id,
        taken.attempt_id,
        taken.occurred_at,
    )
    (row,) = earnings()
    assert (row.fees, row.net, row.fees_complete) == (usd("15.63"), usd("-15.63"), True)
    assert not ShopPosting.objects.filter(entry=fee).exists()


def test_the_fee_of_a_dispute_stays_when_only_its_amount_comes_back(
    paid: None, simulator: Simulator
) -> None:
    dispute = simulator.dispute(payment_of_only())
    settle_only()
    simulator.close_dispute(payment_of_only(), "won")
    settle_only()

    assert fees() == [("fee", dispute["id"], Decimal(15))]


def test_the_fee_of_a_dispute_that_was_won_unheard_of_is_booked(
    paid: None, simulator: Simulator
) -> None:
    dispute = simulator.dispute(payment_of_only())
    simulator.close_dispute(payment_of_only(), "won")
    settle_only()

    assert fees() == [("fee", dispute["id"], Decimal(15))]
    assert not LedgerEntry.objects.filter(kind__startswith="dispute").exists()


def test_a_fee_of_a_dispute_that_is_given_back_is_taken_off_the_fees(
    paid: None, simulator: Simulator
) -> None:
    dispute = simulator.dispute(payment_of_only())
    settle_only()
    for fee in (usd("0"), usd("0"), None, usd("2.50")):
        settle_with_returned_fee(fee)

    assert fees() == [
        ("fee", dispute["id"], Decimal(15)),
        ("fee_correction", f"{dispute['id']}/1", Decimal(-15)),
        ("fee_correction", f"{dispute['id']}/2", Decimal("2.50")),
    ]
    (row,) = earnings()
    assert row.fees == usd("3.13")


def test_a_fee_that_comes_back_with_a_refund_is_no_fee_below_nothing(
    paid: None, simulator: Simulator
) -> None:
    dispute = simulator.dispute(payment_of_only())
    settle_with_returned_fee(usd("-0.63"))
    settle_with_returned_fee(usd("-0.63"))

    assert fees() == [("fee_correction", f"{dispute['id']}/0", Decimal("-0.63"))]
    (row,) = earnings()
    assert (row.fees, row.fees_complete) == (usd("0"), True)


def test_the_fees_of_a_payment_and_of_its_disputes_are_corrected_apart(
    paid: None, simulator: Simulator
) -> None:
    dispute = simulator.dispute(payment_of_only())
    settle_only()
    settle_with_fee(usd("0.80"))
    settle_with_returned_fee(usd("10"))
    settle_with_fee(usd("0.80"))

    corrections = LedgerEntry.objects.filter(kind="fee_correction").order_by("id")
    # A settlement by the provider's own word puts right what was made up before.
    assert list(corrections.values_list("reference", "amount")) == [
        (f"{payment_of_only()}/1", Decimal("0.17")),
        (f"{payment_of_only()}/2", Decimal("-0.17")),
        (f"{dispute['id']}/1", Decimal(-5)),
        (f"{payment_of_only()}/3", Decimal("0.17")),
        (f"{dispute['id']}/2", Decimal(5)),
    ]


def test_a_refund_that_cost_nothing_adds_no_row_of_fees(paid: None, simulator: Simulator) -> None:
    simulator.refund(payment_of_only(), 1000)
    settle_only()
    settle_only()

    assert fees() == []
    assert [kind for kind, _amount in ledger()] == ["charge", "fee", "refund"]


def test_a_refund_that_failed_came_back_when_stripe_says(paid: None, simulator: Simulator) -> None:
    refund = simulator.refund(payment_of_only(), 1000)
    settle_only()
    back = datetime.fromtimestamp(simulator.advance(7200), UTC)
    simulator.fail_refund(refund["id"])
    simulator.advance(3600)
    settle_only()

    came_back = LedgerEntry.objects.get(kind="refund_reversal").occurred_at
    assert timedelta(0) <= came_back - back < timedelta(minutes=1)
