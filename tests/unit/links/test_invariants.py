"""What DESIGN.md calls invariants, where no test of a single road holds them."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.test import override_settings
from django.utils import timezone

from saleor_paylink.earnings.report import earnings
from saleor_paylink.links.lifecycle import create, mark_paid
from saleor_paylink.links.settlement import apply, settle
from saleor_paylink.links.sweeper import sweep
from saleor_paylink.links.terms import LinkTerms
from saleor_paylink.models import (
    LedgerEntry,
    LinkStatus,
    MailDelivery,
    PaymentAttempt,
    PaymentException,
    PaymentLink,
    ProviderEvent,
    ShopPosting,
)
from saleor_paylink.money import Money
from saleor_paylink.providers.interface import Received, SessionStatus, Snapshot
from sandbox.shop.models import Order, Transaction
from sandbox.stripe import Simulator
from tests.unit.links.helpers import CLERK, Customer, deliver_all, status_of
from tests.unit.links.moving import take

# Nobody listens at that port.
NO_MAIL_SERVER = {
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "EMAIL_HOST": "127.0.0.1",
    "EMAIL_PORT": 1,
}


def pay(simulator: Simulator, order: Order, amount: str | None = None) -> str:
    """The order is paid over a link, or a deposit of it; the payment at the provider."""
    terms = LinkTerms(amount=Decimal(amount) if amount else None)
    session = Customer(create(order.id, terms, CLERK)).session()
    simulator.pay(session)
    settle(PaymentAttempt.objects.get(provider_reference=session).id)
    return str(simulator.session(session)[0]["payment_intent"])


def test_what_was_earned_and_taken_by_hand_comes_to_what_the_shop_holds(
    make_order: Callable[..., Order], simulator: Simulator
) -> None:
    by_both, refunded, by_hand = make_order(2), make_order(1), make_order(1)
    pay(simulator, by_both, "10.00")
    mark_paid(by_both.id, CLERK)
    simulator.refund(pay(simulator, refunded), amount=500)
    settle(PaymentAttempt.objects.get(order_id=refunded.id).id)
    create(by_hand.id, LinkTerms(), CLERK)
    take(by_hand, "3.00", by_hand=True)

    (usd,) = earnings()
    held = sum(Transaction.objects.values_list("charged", flat=True))
    assert (usd.gross.amount, usd.refunded.amount, usd.manual_gross.amount) == (
        Decimal("22.50"),
        Decimal("5.00"),
        Decimal("18.00"),
    )
    assert (usd.gross - usd.refunded + usd.manual_gross).amount == held == Decimal("35.50")


def is_paid(attempt: PaymentAttempt, money: Money) -> Snapshot:
    """What a provider would say of an attempt's session that has brought `money`."""
    received = Received("pi_1", money, timezone.now(), fee=None)
    reference = attempt.provider_reference or ""
    mode = attempt.livemode
    return Snapshot(reference, str(attempt.id), mode, SessionStatus.PAID, received=received)


def test_money_in_another_currency_is_booked_as_it_is_and_not_added_to_the_orders(
    customer: Customer, order: Order
) -> None:
    customer.begin()
    attempt = PaymentAttempt.objects.get()
    euros = Money(Decimal("25.00"), "EUR")

    for _time in range(2):
        apply(attempt.id, is_paid(attempt, euros))

    entry = LedgerEntry.objects.get()
    assert (entry.kind, entry.money) == ("charge", euros)
    assert PaymentException.objects.get().kind == "mismatch"
    assert (ShopPosting.objects.count(), order.transactions.count()) == (0, 0)
    assert status_of(order.id) == "unconfirmed"
    # Its customer has paid something: nothing more is asked for until a person has looked.
    assert PaymentLink.objects.get().status == LinkStatus.PAID


@pytest.mark.parametrize(
    "told",
    [
        {"livemode": True},
        {"reference": "cs_other"},
        {"attempt_id": "00000000-0000-4000-8000-000000000000"},
    ],
)
def test_money_of_another_mode_session_or_attempt_than_ours_confirms_nothing(
    customer: Customer, order: Order, told: dict[str, Any]
) -> None:
    customer.begin()
    attempt = PaymentAttempt.objects.get()

    apply(attempt.id, replace(is_paid(attempt, attempt.money), **told))

    assert PaymentException.objects.get().kind == "mismatch"
    assert LedgerEntry.objects.get().kind == "charge"
    assert status_of(order.id) == "unconfirmed"


def test_an_event_whose_task_was_lost_is_worked_on_by_the_sweeper(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())
    simulator.add_fault("GET", "/v1/checkout/sessions/.*", "error_500", times=50)
    deliver_all(simulator)
    simulator.clear_faults()
    # As a worker leaves it that died before it began; nothing else would look so soon.
    ProviderEvent.objects.update(status=ProviderEvent.Status.RECEIVED, next_try_at=timezone.now())
    PaymentAttempt.objects.update(next_check_at=None)

    sweep()

    assert set(ProviderEvent.objects.values_list("status", flat=True)) == {"processed"}
    assert status_of(order.id) == "unfulfilled"


def test_a_receipt_that_could_not_be_mailed_is_mailed_once_the_server_is_back(
    customer: Customer, simulator: Simulator
) -> None:
    simulator.pay(customer.session())
    with override_settings(**NO_MAIL_SERVER):
        settle(PaymentAttempt.objects.get().id)
    assert MailDelivery.objects.get().status == MailDelivery.Status.QUEUED
    MailDelivery.objects.update(leased_until=timezone.now())

    for _time in range(2):
        sweep()

    (receipt,) = mail.outbox
    assert receipt.to == ["customer@example.com"]
    assert MailDelivery.objects.get().status == MailDelivery.Status.SENT
