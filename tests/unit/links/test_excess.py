"""What is too much is given back once and to the cent, whoever has begun to give it back."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from saleor_paylink.links import refunds
from saleor_paylink.links.changes import order_changed
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.lifecycle import create
from saleor_paylink.links.resolving import resolve
from saleor_paylink.links.settlement import settle
from saleor_paylink.links.sweeper import sweep
from saleor_paylink.links.terms import LinkTerms
from saleor_paylink.models import (
    ExceptionResolution,
    LedgerEntry,
    LedgerKind,
    PaymentAttempt,
    PaymentException,
    RefundRequest,
    ShopPosting,
)
from saleor_paylink.money import Money
from sandbox.shop import orders, payments
from sandbox.shop import refunds as shop_refunds
from sandbox.shop.models import Channel, Order, Transaction
from sandbox.shop.shop import SandboxShop
from sandbox.stripe import Simulator
from tests.unit.links.helpers import CLERK, KEY, Customer, status_of
from tests.unit.links.moving import move

REFUNDED = ExceptionResolution.REFUNDED


def settle_all() -> None:
    for attempt in PaymentAttempt.objects.order_by("created_at"):
        settle(attempt.id)


def sweep_later() -> None:
    """The sweeper, when what was tried in vain may be tried again."""
    ShopPosting.objects.update(leased_until=None)
    RefundRequest.objects.update(leased_until=None)
    sweep()


def exception() -> PaymentException:
    return PaymentException.objects.get()


def refunded_at(simulator: Simulator) -> list[int]:
    """What the provider was asked to give back, in cents, oldest first."""
    answer = simulator.request("GET", "/v1/refunds", (("limit", "100"),), key=KEY)
    return [each["amount"] for each in reversed(answer.body["data"])]


def charged(order: Order) -> Decimal:
    taken = Transaction.objects.filter(order=order)
    return sum((one.charged for one in taken), Decimal(0))


@pytest.fixture
def excess(customer: Customer, simulator: Simulator, order: Order) -> PaymentException:
    """25.00 paid in the very moment in which the order came down to 12.50."""
    session = customer.session()
    orders.change_quantity(order.id, order.lines.get().pk, 1)
    simulator.pay(session)
    orders.refresh(order.id)
    settle_all()
    assert exception().amount == Decimal("12.500")
    return exception()


def deposit(order: Order, simulator: Simulator, amount: str = "10.00") -> str:
    """Pay a part over a link; the payment's reference."""
    link = create(order.id, LinkTerms(amount=Decimal(amount)), CLERK)
    simulator.pay(Customer(link).session())
    settle_all()
    return LedgerEntry.objects.filter(kind=LedgerKind.CHARGE).latest("pk").reference


def take_by_hand(order: Order, amount: str) -> None:
    payments.add_by_hand(order.id, Decimal(amount), "At the counter", "", None)
    order_changed(order.id)


def test_of_an_excess_given_back_in_part_only_the_rest_is_given_back(
    excess: PaymentException, simulator: Simulator, order: Order
) -> None:
    simulator.refund(excess.reference, 1000)
    settle_all()
    assert exception().resolution == ""

    resolve(excess.pk, REFUNDED, CLERK)

    assert refunded_at(simulator) == [1000, 250]
    assert charged(order) == Decimal("12.500")


def test_what_the_providers_dashboard_gave_back_unheard_is_not_given_back_again(
    excess: PaymentException, simulator: Simulator
) -> None:
    simulator.refund(excess.reference, 1000)

    resolve(excess.pk, REFUNDED, CLERK)

    assert refunded_at(simulator) == [1000, 250]


def test_what_is_on_its_way_back_from_the_providers_dashboard_is_not_given_back_again(
    excess: PaymentException, simulator: Simulator
) -> None:
    simulator.delay_refunds(excess.reference)
    simulator.refund(excess.reference, 1250)
    settle_all()

    with pytest.raises(LinkError) as refusal:
        resolve(excess.pk, REFUNDED, CLERK)

    assert refusal.value.code == LinkErrorCode.PROVIDER_ERROR
    assert refunded_at(simulator) == [1250]
    assert exception().resolution == ""


def test_what_the_shop_is_giving_back_is_not_given_back_again(
    excess: PaymentException, simulator: Simulator, order: Order
) -> None:
    charge = Transaction.objects.get(order=order)
    simulator.delay_refunds(charge.reference)
    asked = shop_refunds.request(charge, Decimal("12.50"), None)
    money = Money(Decimal("12.50"), "USD")
    refunds.request_for_shop(order.id, charge.reference, money, str(asked.pk), CLERK)

    with pytest.raises(LinkError) as refusal:
        resolve(excess.pk, REFUNDED, CLERK)

    assert refusal.value.code == LinkErrorCode.INVALID
    assert refunded_at(simulator) == [1250]


def test_an_excess_that_grows_while_its_refund_is_on_its_way_is_given_back_to_the_cent(
    simulator: Simulator, order: Order
) -> None:
    payment = deposit(order, simulator)
    take_by_hand(order, "18.00")
    simulator.delay_refunds(payment)
    resolve(exception().pk, REFUNDED, CLERK)
    take_by_hand(order, "2.00")
    assert (exception().amount, exception().resolution) == (Decimal("3.000"), "refunded")

    [pending] = simulator.request("GET", "/v1/refunds", (), key=KEY).body["data"]
    simulator.complete_refund(pending["id"], "succeeded")
    sweep_later()
    order_changed(order.id)
    assert (exception().amount, exception().resolution) == (Decimal("2.000"), "")
    resolve(exception().pk, REFUNDED, CLERK)

    assert refunded_at(simulator) == [300, 200]


def test_a_refund_that_the_shop_is_not_told_of_yet_is_no_excess(
    make_order: Callable[..., Order],
    simulator: Simulator,
    stripe: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = make_order(4)
    payment = deposit(order, simulator, "37.50")
    with monkeypatch.context() as patch:
        patch.setattr(SandboxShop, "record_refund", _down)
        simulator.refund(payment, 1250)
        settle_all()
        orders.change_quantity(order.id, order.lines.get().pk, 2)
        order_changed(order.id)
    sweep_later()
    order_changed(order.id)

    order.refresh_from_db()
    assert (charged(order), order.total) == (Decimal("25.000"), Decimal("25.000"))
    assert not PaymentException.objects.exists()


def test_an_excess_that_staff_had_only_mistyped_is_withdrawn(
    simulator: Simulator, order: Order
) -> None:
    deposit(order, simulator)
    take_by_hand(order, "25.00")
    assert (exception().kind, exception().amount) == ("overpaid", Decimal("10.000"))

    move(Transaction.objects.get(order=order, is_manual=True), "-10.00")
    order_changed(order.id)

    assert (exception().resolution, exception().amount) == ("dismissed", Decimal("0.000"))
    with pytest.raises(LinkError):
        resolve(exception().pk, REFUNDED, CLERK)
    assert refunded_at(simulator) == []


def test_an_excess_that_became_smaller_is_given_back_as_it_is_now(
    simulator: Simulator, order: Order
) -> None:
    deposit(order, simulator)
    take_by_hand(order, "25.00")

    move(Transaction.objects.get(order=order, is_manual=True), "-7.00")
    order_changed(order.id)
    resolve(exception().pk, REFUNDED, CLERK)

    assert refunded_at(simulator) == [300]


def test_the_policy_gives_back_the_rest_of_late_money_that_was_given_back_in_part(
    customer: Customer, simulator: Simulator, order: Order, channel: Channel
) -> None:
    channel.plugin_values["automatic-refunds"] = "late"
    channel.save()
    session = customer.session()
    simulator.pay(session)
    orders.cancel_by_hand(order.id, None)
    simulator.refund(simulator.session(session)[0]["payment_intent"], 1000)

    settle_all()
    sweep_later()

    assert refunded_at(simulator) == [1000, 1500]
    assert exception().resolution == "refunded"


def test_doubtful_money_does_not_confirm_an_order_through_an_earlier_posting(
    simulator: Simulator, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = create(order.id, LinkTerms(amount=Decimal("10.00")), CLERK)
    simulator.pay(Customer(first).session())
    with monkeypatch.context() as patch:
        patch.setattr(SandboxShop, "record_charge", _down)
        settle_all()
    rest = create(order.id, LinkTerms(), CLERK)
    simulator.pay(Customer(rest).session(), amount=1600)
    settle_all()
    assert exception().kind == "mismatch"

    sweep_later()

    assert charged(order) == Decimal("26.000")
    assert status_of(order.id) == "unconfirmed"


def test_a_refund_made_by_a_process_that_died_is_not_called_refused(
    customer: Customer,
    simulator: Simulator,
    order: Order,
    channel: Channel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    simulator.pay(customer.session())
    settle_all()
    charge = Transaction.objects.get(order=order)
    asked = shop_refunds.request(charge, Decimal("10.00"), None)
    money = Money(Decimal("10.00"), "USD")
    with monkeypatch.context() as patch:
        patch.setattr(refunds, "_accept", _die)
        with pytest.raises(Killed):
            refunds.request_for_shop(order.id, charge.reference, money, str(asked.pk), CLERK)
    key = channel.plugin_values["stripe-secret-key"]
    _use_key(channel, "sk_test_invalid")

    sweep_later()
    assert RefundRequest.objects.get().status == "requested"

    _use_key(channel, key)
    sweep_later()
    assert RefundRequest.objects.get().status == "accepted"
    assert refunded_at(simulator) == [1000]


def test_exceptions_follow_their_channel_when_it_is_renamed(
    excess: PaymentException, channel: Channel, order: Order
) -> None:
    Channel.objects.filter(pk=channel.pk).update(slug="renamed")

    order_changed(order.id)

    assert exception().channel == "renamed"


@pytest.mark.parametrize("way", [ExceptionResolution.KEPT, ExceptionResolution.DISMISSED])
def test_of_an_excess_that_was_let_stand_and_grows_only_the_growth_is_in_question(
    simulator: Simulator, order: Order, way: ExceptionResolution
) -> None:
    deposit(order, simulator)
    take_by_hand(order, "20.00")
    assert exception().amount == Decimal("5.000")
    resolve(exception().pk, way, CLERK)

    for _time in range(2):
        take_by_hand(order, "1.00")
    assert (exception().amount, exception().resolution) == (Decimal("2.000"), "")
    order_changed(order.id)
    resolve(exception().pk, REFUNDED, CLERK)
    order_changed(order.id)

    assert refunded_at(simulator) == [200]
    assert (charged(order), exception().resolution) == (Decimal("30.000"), "refunded")


def test_an_excess_that_was_kept_twice_is_kept_whole(simulator: Simulator, order: Order) -> None:
    deposit(order, simulator)
    for amount in ("20.00", "3.00", "2.00"):
        take_by_hand(order, amount)
        resolve(exception().pk, ExceptionResolution.KEPT, CLERK)
        order_changed(order.id)
        assert exception().resolution == "kept"
    assert exception().amount == Decimal("2.000")

    take_by_hand(order, "0.00")

    assert (exception().resolution, refunded_at(simulator)) == ("kept", [])


def test_of_a_kept_excess_what_was_given_back_since_is_let_stand_no_more(
    simulator: Simulator, order: Order
) -> None:
    payment = deposit(order, simulator, "20.00")
    take_by_hand(order, "10.00")
    resolve(exception().pk, ExceptionResolution.KEPT, CLERK)
    take_by_hand(order, "3.00")
    simulator.refund(payment, 700)
    settle_all()
    assert (charged(order), exception().resolution) == (Decimal("26.000"), "refunded")

    take_by_hand(order, "2.00")
    assert (exception().amount, exception().resolution) == (Decimal("2.000"), "")

    take_by_hand(order, "1.00")
    assert (exception().amount, exception().resolution) == (Decimal("3.000"), "")


def test_a_kept_excess_stays_kept_when_what_came_on_top_is_withdrawn(
    simulator: Simulator, order: Order
) -> None:
    deposit(order, simulator)
    take_by_hand(order, "20.00")
    resolve(exception().pk, ExceptionResolution.KEPT, CLERK)
    take_by_hand(order, "3.00")
    mistyped = Transaction.objects.filter(order=order, charged=Decimal("3.00"))
    mistyped.update(charged=Decimal("0.00"))
    order_changed(order.id)
    assert (exception().amount, exception().resolution) == (Decimal("0.000"), "dismissed")

    take_by_hand(order, "4.00")

    assert (exception().amount, exception().resolution) == (Decimal("4.000"), "")


class Killed(BaseException):
    """The process ends here."""


def _die(*_arguments: object) -> None:
    raise Killed


def _down(*_arguments: object) -> None:
    raise OSError


def _use_key(channel: Channel, key: str) -> None:
    channel.plugin_values["stripe-secret-key"] = key
    channel.save()
