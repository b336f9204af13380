"""`manage.py paylink_reconcile`: what differs, and healing it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from saleor_paylink.formats import format_money
from saleor_paylink.links.settlement import settle
from saleor_paylink.models import (
    AttemptStatus,
    LedgerEntry,
    LedgerKind,
    PaymentAttempt,
    ProviderEvent,
    ShopPosting,
)
from saleor_paylink.money import Money
from saleor_paylink.providers.interface import Snapshot
from saleor_paylink.providers.stripe import StripeProvider
from sandbox.shop.models import Order, Transaction
from sandbox.stripe import Simulator
from tests.unit.links.helpers import KEY, SLOW, Customer, deliver_all, status_of


def reconcile(*arguments: str) -> tuple[str, bool]:
    """What the command says, and whether it ended well."""
    out = StringIO()
    try:
        call_command("paylink_reconcile", *arguments, stdout=out)
    except CommandError as error:
        return f"{out.getvalue()}{error}\n", False
    return out.getvalue(), True


def attempt_of(session: str) -> PaymentAttempt:
    return PaymentAttempt.objects.get(provider_reference=session)


def payment_of(simulator: Simulator, session: str) -> str:
    body = simulator.request("GET", f"/v1/checkout/sessions/{session}", (), key=KEY).body
    return str(body["payment_intent"])


def test_nothing_differs_where_all_was_heard_of(customer: Customer, simulator: Simulator) -> None:
    session = customer.session()
    simulator.pay(session)
    settle(attempt_of(session).id)

    assert reconcile() == ("1 attempts compared, 0 differ.\n", True)


def test_a_payment_that_was_not_heard_of_is_named_and_nothing_is_changed(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()
    simulator.pay(session)
    attempt, payment = attempt_of(session), payment_of(simulator, session)

    said, well = reconcile()

    name = f"order {order.number}, attempt {attempt.id}"
    assert said == (
        f"{name}: Charge {payment} of $25.00 is not booked.\n"
        f"{name}: Fee {payment} of $0.63 is not booked.\n"
        "1 attempts compared, 1 differ.\n"
    )
    assert not well
    assert attempt_of(session).status == AttemptStatus.OPEN
    assert not LedgerEntry.objects.exists()


def test_healing_books_it_and_confirms_the_order(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()
    simulator.pay(session)

    said, well = reconcile("--heal")

    assert said.endswith("  healed\n1 attempts compared, 0 differ.\n")
    assert well
    assert attempt_of(session).status == AttemptStatus.PAID
    assert status_of(order.id) == "unfulfilled"


def test_a_refund_made_at_the_provider_is_named_and_healed(
    customer: Customer, simulator: Simulator
) -> None:
    session = customer.session()
    simulator.pay(session)
    settle(attempt_of(session).id)
    refund = simulator.refund(payment_of(simulator, session), 500)

    said, well = reconcile()
    assert f"Refund {refund['id']} of $5.00 is not booked." in said
    assert not well

    reconcile("--heal")
    assert reconcile() == ("1 attempts compared, 0 differ.\n", True)
    entry = LedgerEntry.objects.get(kind=LedgerKind.REFUND)
    assert (entry.reference, str(entry.money)) == (refund["id"], "Money('5.000', 'USD')")


def test_a_shop_that_was_not_told_is_named_and_told(
    customer: Customer, simulator: Simulator, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = customer.session()
    simulator.pay(session)
    with monkeypatch.context() as broken:
        broken.setattr("sandbox.shop.payments.record_charge", _refuse)
        settle(attempt_of(session).id)
    payment = payment_of(simulator, session)

    said, well = reconcile()
    assert f"Charge {payment} of $25.00: the shop has not been told (RuntimeError)." in said
    assert not well

    _said, well = reconcile("--heal")
    assert well
    assert status_of(order.id) == "unfulfilled"
    assert Transaction.objects.filter(order=order).count() == 1


def _refuse(*_arguments: object) -> None:
    raise RuntimeError


def test_a_record_that_the_shop_has_lost_is_named(customer: Customer, simulator: Simulator) -> None:
    session = customer.session()
    simulator.pay(session)
    settle(attempt_of(session).id)
    assert ShopPosting.objects.filter(posted_at__isnull=True).count() == 0
    Transaction.objects.all().delete()

    said, well = reconcile("--heal")

    payment = payment_of(simulator, session)
    assert f"Charge {payment} of $25.00: the shop was told, and has no record of it." in said
    assert "The shop holds $25.00 less for the order than it was told of." in said
    assert "  still differs:" in said
    assert not well


def test_a_booking_that_the_provider_does_not_know_is_named(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()
    attempt = attempt_of(session)
    LedgerEntry.objects.create(
        kind=LedgerKind.REFUND,
        provider="stripe",
        reference="re_invented",
        order_id=order.id,
        channel="shop",
        attempt=attempt,
        amount="3",
        currency="USD",
        occurred_at=timezone.now(),
    )

    said, well = reconcile()

    assert "Refund re_invented of $3.00 is booked, and not known to the provider." in said
    assert not well


def test_a_session_that_can_be_paid_although_it_is_closed_here_is_named(
    customer: Customer,
) -> None:
    session = customer.session()
    PaymentAttempt.objects.update(status=AttemptStatus.CANCELED)

    said, well = reconcile()

    assert "The session can still be paid, although the attempt is canceled." in said
    assert not well
    assert attempt_of(session).status == AttemptStatus.CANCELED


def test_a_session_that_failed_unheard_is_named_and_followed(
    customer: Customer, simulator: Simulator
) -> None:
    session = customer.session(SLOW)
    simulator.pay_later(session)
    settle(attempt_of(session).id)
    simulator.complete_later(session, "failed")

    said, _well = reconcile()
    assert "The session is failed, the attempt still processing." in said

    _said, well = reconcile("--heal")
    assert well
    assert attempt_of(session).status == AttemptStatus.FAILED


def test_a_provider_that_cannot_be_asked_is_a_difference(
    customer: Customer, simulator: Simulator
) -> None:
    session = customer.session()
    simulator.add_fault("GET", f"/v1/checkout/sessions/{session}", "error_500", times=3)

    said, well = reconcile()

    assert "The provider cannot be asked: " in said
    assert not well


def test_only_attempts_since_a_day_are_compared(customer: Customer, simulator: Simulator) -> None:
    simulator.pay(customer.session())
    PaymentAttempt.objects.update(created_at=timezone.now() - timedelta(days=40))
    yesterday = (timezone.now() - timedelta(days=1)).date().isoformat()

    assert reconcile("--since", yesterday) == ("0 attempts compared, 0 differ.\n", True)


def test_a_webhook_that_was_given_up_is_named_and_processed_again(
    customer: Customer, simulator: Simulator
) -> None:
    session = customer.session()
    PaymentAttempt.objects.all().delete()
    simulator.pay(session)
    simulator.add_fault("GET", f"/v1/checkout/sessions/{session}", "error_500", times=99)
    simulator.add_fault("GET", "/v1/checkout/sessions", "error_500", times=99)
    deliver_all(simulator)
    ProviderEvent.objects.update(tries=24)
    simulator.clear_faults()

    said, well = reconcile()
    assert "webhook " in said
    assert not well
    assert not LedgerEntry.objects.exists()

    assert reconcile("--heal")[1]
    assert LedgerEntry.objects.filter(kind=LedgerKind.CHARGE).count() == 1


@pytest.mark.parametrize("fee", [Money(Decimal("0.80"), "USD"), Money(Decimal("0.60"), "EUR")])
def test_a_fee_is_compared_with_its_corrections(
    customer: Customer, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, fee: Money
) -> None:
    session = customer.session()
    simulator.pay(session)
    settle(attempt_of(session).id)
    payment = payment_of(simulator, session)
    fetch = StripeProvider.fetch

    def fetch_with_fee(provider: StripeProvider, reference: str) -> Snapshot:
        snapshot = fetch(provider, reference)
        assert snapshot.received is not None
        return replace(snapshot, received=replace(snapshot.received, fee=fee))

    monkeypatch.setattr(StripeProvider, "fetch", fetch_with_fee)

    said, well = reconcile()
    assert f"Fee {payment} of {format_money(fee)} is booked as $0.63." in said
    assert not well

    reconcile("--heal")
    assert reconcile() == ("1 attempts compared, 0 differ.\n", True)


@pytest.mark.parametrize("fee", ["10.00", "0.00"])
def test_the_fee_of_a_dispute_is_compared_by_itself(
    customer: Customer, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, fee: str
) -> None:
    session = customer.session()
    simulator.pay(session)
    dispute = simulator.dispute(payment_of(simulator, session))["id"]
    assert f"Fee {dispute} of $15.00 is not booked." in reconcile()[0]
    reconcile("--heal")
    assert reconcile() == ("1 attempts compared, 0 differ.\n", True)
    fetch = StripeProvider.fetch

    def fetch_with_fee(provider: StripeProvider, reference: str) -> Snapshot:
        snapshot = fetch(provider, reference)
        now = Money(Decimal(fee), "USD")
        return replace(snapshot, disputes=[replace(each, fee=now) for each in snapshot.disputes])

    monkeypatch.setattr(StripeProvider, "fetch", fetch_with_fee)

    assert f"Fee {dispute} of ${fee} is booked as $15.00." in reconcile()[0]
    reconcile("--heal")
    assert reconcile() == ("1 attempts compared, 0 differ.\n", True)
