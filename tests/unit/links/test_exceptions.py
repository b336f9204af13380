"""Money that needs a person: put in question once, and dealt with once."""

from collections.abc import Callable
from decimal import Decimal
from itertools import permutations

import pytest

from saleor_paylink.links.changes import order_changed
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.history import event_sentence
from saleor_paylink.links.lifecycle import create
from saleor_paylink.links.questioned import Questioned
from saleor_paylink.links.refunds import request_for_shop
from saleor_paylink.links.resolving import resolve
from saleor_paylink.links.settlement import settle
from saleor_paylink.links.sweeper import sweep
from saleor_paylink.links.terms import LinkTerms
from saleor_paylink.models import (
    AttemptStatus,
    ExceptionResolution,
    LedgerEntry,
    LinkEventType,
    PaymentAttempt,
    PaymentException,
    PaymentLinkEvent,
    RefundRequest,
)
from sandbox.shop import orders, payments
from sandbox.shop.models import Channel, Order, ProductVariant, Transaction
from sandbox.stripe import Simulator
from tests.unit.links.helpers import CLERK, KEY, Customer, asked_of, deliver_all, status_of
from tests.unit.links.racing import codes, overtaken

REFUNDS = "/v1/refunds"
REFUNDED, KEPT, DISMISSED = ExceptionResolution


def settle_all() -> None:
    for attempt in PaymentAttempt.objects.order_by("created_at"):
        settle(attempt.id)


def pay_twice(customer: Customer, simulator: Simulator) -> None:
    """As after a restored backup: the open session is forgotten and another one opened."""
    first = customer.session()
    PaymentAttempt.objects.update(status=AttemptStatus.FAILED)
    simulator.pay(customer.session())
    settle_all()
    simulator.pay(first)
    settle_all()


def pay_late(customer: Customer, simulator: Simulator) -> None:
    simulator.pay(customer.session())
    orders.cancel_by_hand(customer.link.order_id, None)
    settle_all()


def pay_less(customer: Customer, simulator: Simulator) -> None:
    simulator.pay(customer.session(), amount=2400)
    settle_all()


def pay_more(customer: Customer, simulator: Simulator) -> None:
    """All of what was due before the order was made smaller."""
    order = Order.objects.get(id=customer.link.order_id)
    session = customer.session()
    orders.change_quantity(order.id, order.lines.get().pk, 1)
    simulator.pay(session)
    orders.refresh(order.id)
    settle_all()


WAYS = [pay_twice, pay_late, pay_less, pay_more]
Way = Callable[[Customer, Simulator], None]


def exception() -> PaymentException:
    return PaymentException.objects.get()


def refundable() -> Decimal:
    """What staff are told that a refund would give back."""
    return Questioned.of([exception()]).refundable(exception()).amount


def refunds_at(simulator: Simulator) -> list[int]:
    answer = simulator.request("GET", REFUNDS, (("limit", "100"),), key=KEY)
    return [each["amount"] for each in reversed(answer.body["data"])]


def given_back() -> list[tuple[str, Decimal]]:
    entries = LedgerEntry.objects.exclude(kind__in=("charge", "fee", "manual"))
    return list(entries.order_by("pk").values_list("kind", "amount"))


def charged(order: Order) -> Decimal:
    """What the shop holds."""
    return sum((each.charged for each in Transaction.objects.filter(order=order)), Decimal(0))


def said(*types: LinkEventType) -> list[tuple[str, str]]:
    """Sentences of the timeline, and who was behind them."""
    events = PaymentLinkEvent.objects.filter(type__in=types).order_by("pk")
    return [(event_sentence(each), each.actor) for each in events]


def refused(exception: PaymentException, resolution: ExceptionResolution) -> LinkError:
    with pytest.raises(LinkError) as refusal:
        resolve(exception.pk, resolution, CLERK)
    return refusal.value


# What is given back


@pytest.mark.parametrize(
    ("way", "kind", "back", "left"),
    [
        (pay_twice, "duplicate", 2500, 25),
        (pay_late, "late", 2500, 0),
        (pay_less, "mismatch", 2400, 0),
        (pay_more, "overpaid", 1250, "12.50"),
    ],
)
def test_what_is_in_question_is_given_back(
    customer: Customer,
    simulator: Simulator,
    order: Order,
    way: Way,
    kind: str,
    back: int,
    left: str,
) -> None:
    way(customer, simulator)

    resolved = resolve(exception().pk, REFUNDED, CLERK)

    assert (resolved.kind, resolved.resolution) == (kind, "refunded")
    assert refunds_at(simulator) == [back]
    assert given_back() == [("refund", Decimal(back) / 100)]
    assert charged(order) == Decimal(left)


@pytest.mark.parametrize("way", WAYS)
def test_it_is_given_back_once_however_often_it_is_asked_for(
    customer: Customer, simulator: Simulator, way: Way
) -> None:
    way(customer, simulator)

    for _time in range(3):
        resolve(exception().pk, REFUNDED, CLERK)
        settle_all()
        sweep()

    assert len(refunds_at(simulator)) == 1
    assert asked_of(simulator, REFUNDS) == 1


def test_who_gave_it_back_is_said(customer: Customer, simulator: Simulator) -> None:
    pay_twice(customer, simulator)

    resolve(exception().pk, REFUNDED, CLERK)

    assert said(LinkEventType.EXCEPTION_RAISED, LinkEventType.EXCEPTION_RESOLVED) == [
        ("A payment of $25.00 needs attention: The order had been paid already.", ""),
        ("The payment of $25.00 in question is refunded.", CLERK.name),
    ]


def test_a_cancelled_order_stays_cancelled_and_its_stock_free(
    customer: Customer, simulator: Simulator, order: Order, mug: ProductVariant
) -> None:
    pay_late(customer, simulator)
    mug.refresh_from_db()
    stock = mug.stock

    resolve(exception().pk, REFUNDED, CLERK)

    mug.refresh_from_db()
    assert (status_of(order.id), mug.stock) == ("canceled", stock)


def test_a_refund_whose_answer_was_lost_is_not_made_twice(
    customer: Customer, simulator: Simulator
) -> None:
    pay_twice(customer, simulator)
    simulator.add_fault("POST", REFUNDS, "timeout_after_commit", times=3)

    refusal = refused(exception(), REFUNDED)
    assert (refusal.code, exception().resolution) == (LinkErrorCode.PROVIDER_ERROR, "")

    RefundRequest.objects.update(leased_until=None)
    resolve(exception().pk, REFUNDED, CLERK)

    assert exception().resolution == "refunded"
    assert refunds_at(simulator) == [2500]


def test_a_refund_that_is_refused_leaves_it_in_question_and_says_why(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    pay_twice(customer, simulator)
    simulator.add_fault("POST", REFUNDS, "card_error_402")

    refusal = refused(exception(), REFUNDED)

    assert refusal.code is LinkErrorCode.PROVIDER_ERROR
    assert refusal.message == "Stripe refused: Your card was declined."
    assert (exception().resolution, exception().resolved_at) == ("", None)
    assert (refunds_at(simulator), charged(order)) == ([], 50)

    resolve(exception().pk, REFUNDED, CLERK)
    assert refunds_at(simulator) == [2500]


def test_of_what_was_given_back_in_part_the_rest_is_given_back(
    customer: Customer, simulator: Simulator
) -> None:
    pay_twice(customer, simulator)
    simulator.refund(exception().reference, 1000)
    settle_all()
    assert exception().resolution == ""
    assert refundable() == Decimal(15)

    resolve(exception().pk, REFUNDED, CLERK)

    assert refunds_at(simulator) == [1000, 1500]
    assert exception().resolution == "refunded"


def test_what_the_bank_took_back_cannot_be_given_back(
    customer: Customer, simulator: Simulator
) -> None:
    pay_twice(customer, simulator)
    simulator.dispute(exception().reference)
    settle_all()

    assert refundable() == 0
    assert refused(exception(), REFUNDED).code is LinkErrorCode.INVALID
    assert (exception().resolution, asked_of(simulator, REFUNDS)) == ("", 0)
    assert RefundRequest.objects.count() == 0


def test_what_is_being_given_back_cannot_be_refunded_in_the_shop_meanwhile(
    customer: Customer, simulator: Simulator
) -> None:
    pay_twice(customer, simulator)
    raised = exception()
    order_id = customer.link.order_id

    results = overtaken(
        lambda: resolve(raised.pk, REFUNDED, CLERK),
        lambda: request_for_shop(order_id, raised.reference, raised.money, "1", CLERK),
        before='INSERT INTO "saleor_paylink_refundrequest"',
    )

    assert codes(results) == [LinkErrorCode.AMOUNT_TOO_LARGE]
    assert (RefundRequest.objects.count(), refunds_at(simulator)) == (1, [2500])


# What is given back elsewhere, or comes back


def test_what_is_given_back_at_the_provider_is_resolved_by_itself(
    customer: Customer, simulator: Simulator
) -> None:
    pay_more(customer, simulator)
    simulator.refund(exception().reference, 1249)
    settle_all()
    assert exception().resolution == ""

    simulator.refund(exception().reference, 1)
    settle_all()

    assert exception().resolution == "refunded"
    assert said(LinkEventType.EXCEPTION_RESOLVED) == [
        ("The payment of $12.50 in question is refunded.", "")
    ]


def test_the_refund_of_another_payment_resolves_nothing(
    customer: Customer, simulator: Simulator
) -> None:
    pay_twice(customer, simulator)
    first = LedgerEntry.objects.filter(kind="charge").exclude(reference=exception().reference)

    simulator.refund(first.get().reference)
    settle_all()

    assert given_back() == [("refund", Decimal("25.000"))]
    assert exception().resolution == ""


def test_what_was_given_back_unheard_is_not_given_back_again(
    customer: Customer, simulator: Simulator
) -> None:
    pay_more(customer, simulator)
    simulator.refund(exception().reference, 1250)

    resolved = resolve(exception().pk, REFUNDED, CLERK)

    assert resolved.resolution == "refunded"
    assert refunds_at(simulator) == [1250]
    assert asked_of(simulator, REFUNDS) == 0


def test_a_refund_on_its_way_is_not_asked_for_again(
    customer: Customer, simulator: Simulator
) -> None:
    pay_twice(customer, simulator)
    simulator.delay_refunds(exception().reference)

    resolve(exception().pk, REFUNDED, CLERK)
    settle_all()
    resolve(exception().pk, REFUNDED, CLERK)

    assert (exception().resolution, given_back()) == ("refunded", [])
    assert asked_of(simulator, REFUNDS) == 1


def refund_id(simulator: Simulator) -> str:
    return str(simulator.request("GET", REFUNDS, (), key=KEY).body["data"][0]["id"])


def test_a_refund_that_fails_days_later_is_in_question_again(
    customer: Customer, simulator: Simulator
) -> None:
    pay_twice(customer, simulator)
    simulator.delay_refunds(exception().reference)
    resolve(exception().pk, REFUNDED, CLERK)

    simulator.complete_refund(refund_id(simulator), "failed")
    deliver_all(simulator)

    assert (exception().resolution, exception().resolved_at) == ("", None)
    assert RefundRequest.objects.get().error.startswith("The refund did not succeed")
    assert len(said(LinkEventType.EXCEPTION_RAISED)) == 2


def test_a_refund_that_comes_back_is_in_question_again_and_can_be_made_anew(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    pay_twice(customer, simulator)
    resolve(exception().pk, REFUNDED, CLERK)
    simulator.fail_refund(refund_id(simulator))
    settle_all()
    assert (exception().resolution, charged(order)) == ("", 50)

    resolve(exception().pk, REFUNDED, CLERK)

    assert (exception().resolution, charged(order)) == ("refunded", 25)
    kinds = [kind for kind, _amount in given_back()]
    assert kinds == ["refund", "refund_reversal", "refund"]


# What is kept, or left alone


@pytest.mark.parametrize("resolution", [KEPT, DISMISSED])
@pytest.mark.parametrize("way", WAYS)
def test_what_is_not_given_back_stays_where_it_is(
    customer: Customer,
    simulator: Simulator,
    order: Order,
    way: Way,
    resolution: ExceptionResolution,
) -> None:
    way(customer, simulator)
    before = charged(order)

    resolve(exception().pk, resolution, CLERK)
    resolve(exception().pk, resolution, CLERK)

    assert exception().resolution == resolution
    assert (refunds_at(simulator), charged(order)) == ([], before)
    assert len(said(LinkEventType.EXCEPTION_RESOLVED)) == 1


@pytest.mark.parametrize(("first", "second"), list(permutations(ExceptionResolution, 2)))
def test_who_comes_second_with_another_decision_is_refused(
    customer: Customer,
    simulator: Simulator,
    first: ExceptionResolution,
    second: ExceptionResolution,
) -> None:
    pay_twice(customer, simulator)
    resolve(exception().pk, first, CLERK)
    before = refunds_at(simulator)

    assert refused(exception(), second).code is LinkErrorCode.INVALID

    assert exception().resolution == first
    assert refunds_at(simulator) == before


def test_what_is_being_given_back_cannot_be_kept(customer: Customer, simulator: Simulator) -> None:
    pay_twice(customer, simulator)
    simulator.add_fault("POST", REFUNDS, "timeout_before", times=3)
    refused(exception(), REFUNDED)

    assert refused(exception(), KEPT).code is LinkErrorCode.INVALID
    assert exception().resolution == ""


def test_a_payment_of_another_amount_that_is_kept_confirms_the_order_once_it_is_paid(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session(), amount=2600)
    settle_all()
    assert status_of(order.id) == "unconfirmed"

    resolve(exception().pk, KEPT, CLERK)

    assert status_of(order.id) == "unfulfilled"


@pytest.mark.parametrize(
    ("amount", "resolution"), [(2600, DISMISSED), (2600, REFUNDED), (2400, KEPT)]
)
def test_a_payment_of_another_amount_confirms_nothing_otherwise(
    customer: Customer,
    simulator: Simulator,
    order: Order,
    amount: int,
    resolution: ExceptionResolution,
) -> None:
    simulator.pay(customer.session(), amount=amount)
    settle_all()
    simulator.delay_refunds(exception().reference)

    resolve(exception().pk, resolution, CLERK)
    order_changed(order.id)

    assert status_of(order.id) == "unconfirmed"


def test_the_rest_of_a_payment_of_another_amount_confirms_nothing_until_that_is_kept(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session(), amount=1000)
    settle_all()
    simulator.pay(customer.session())
    settle_all()
    order_changed(order.id)
    assert (charged(order), status_of(order.id)) == (25, "unconfirmed")

    resolve(exception().pk, KEPT, CLERK)

    assert status_of(order.id) == "unfulfilled"


def test_an_order_that_is_paid_otherwise_does_not_wait_for_doubtful_money(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    pay_less(customer, simulator)
    order.transactions.create(charged=Decimal("25.00"), source="another gateway")

    order_changed(order.id)

    assert status_of(order.id) == "unfulfilled"


# The channel's policy


def refund_by_itself(channel: Channel, kinds: str) -> None:
    channel.plugin_values["automatic-refunds"] = kinds
    channel.save()


@pytest.mark.parametrize("kinds", ["duplicate, late", "late duplicate"])
@pytest.mark.parametrize("way", [pay_twice, pay_late])
def test_the_policy_gives_duplicates_and_late_money_back_once(
    customer: Customer, simulator: Simulator, channel: Channel, kinds: str, way: Way
) -> None:
    refund_by_itself(channel, kinds)

    way(customer, simulator)
    settle_all()
    sweep()

    assert (exception().resolution, refunds_at(simulator)) == ("refunded", [2500])
    assert said(LinkEventType.EXCEPTION_RESOLVED) == [
        ("The payment of $25.00 in question is refunded.", "")
    ]


@pytest.mark.parametrize(
    ("kinds", "way"),
    [
        ("", pay_twice),
        ("late", pay_twice),
        ("duplicate", pay_late),
        ("duplicate late", pay_less),
        ("duplicate late", pay_more),
        ("late everything", pay_late),
    ],
)
def test_what_the_policy_does_not_name_waits_for_a_person(
    customer: Customer, simulator: Simulator, channel: Channel, kinds: str, way: Way
) -> None:
    refund_by_itself(channel, kinds)

    way(customer, simulator)
    sweep()

    assert (exception().resolution, refunds_at(simulator)) == ("", [])


def test_nothing_is_given_back_by_itself_while_the_plugin_is_switched_off(
    customer: Customer, simulator: Simulator, channel: Channel
) -> None:
    refund_by_itself(channel, "late")
    simulator.pay(customer.session())
    orders.cancel_by_hand(customer.link.order_id, None)
    Channel.objects.update(plugin_active=False)

    settle_all()

    assert (exception().kind, refunds_at(simulator)) == ("late", [])


def test_a_policy_whose_refund_was_refused_leaves_it_to_a_person(
    customer: Customer, simulator: Simulator, channel: Channel
) -> None:
    refund_by_itself(channel, "late")
    simulator.add_fault("POST", REFUNDS, "card_error_402")

    pay_late(customer, simulator)
    sweep()

    assert (exception().resolution, asked_of(simulator, REFUNDS)) == ("", 1)
    resolve(exception().pk, REFUNDED, CLERK)
    assert refunds_at(simulator) == [2500]


# What the shop itself takes on top


def deposit(order: Order, simulator: Simulator, amount: str = "10.00") -> str:
    """Part of the order, paid over a link; the payment's reference."""
    link = create(order.id, LinkTerms(amount=Decimal(amount)), CLERK)
    simulator.pay(Customer(link).session())
    settle_all()
    return str(LedgerEntry.objects.filter(kind="charge").latest("pk").reference)


def take_by_hand(order: Order, amount: str) -> None:
    payments.add_by_hand(order.id, Decimal(amount), "At the counter", "", None)
    order_changed(order.id)


def test_money_on_top_of_a_deposit_is_put_in_question_once(
    order: Order, simulator: Simulator
) -> None:
    payment = deposit(order, simulator)
    take_by_hand(order, "25.00")
    order_changed(order.id)
    sweep()

    raised = exception()
    assert (raised.kind, raised.reference, raised.amount) == (
        "overpaid",
        payment,
        Decimal("10.000"),
    )
    assert said(LinkEventType.EXCEPTION_RAISED) == [
        ("A payment of $10.00 needs attention: More was paid than was due.", "")
    ]

    resolve(raised.pk, REFUNDED, CLERK)
    order_changed(order.id)

    assert refunds_at(simulator) == [1000]
    assert (charged(order), exception().resolution) == (25, "refunded")


def test_the_newest_payments_are_put_in_question_first(order: Order, simulator: Simulator) -> None:
    first = deposit(order, simulator, "10.00")
    second = deposit(order, simulator, "5.00")

    take_by_hand(order, "22.00")

    raised = dict(PaymentException.objects.values_list("reference", "amount"))
    assert raised == {second: Decimal("5.000"), first: Decimal("7.000")}


def test_what_is_explained_already_is_not_put_in_question_again(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    pay_twice(customer, simulator)
    order_changed(order.id)
    resolve(exception().pk, KEPT, CLERK)
    order_changed(order.id)

    assert [each.kind for each in PaymentException.objects.all()] == ["duplicate"]


def test_more_on_top_of_what_was_kept_is_put_in_question_alone(
    order: Order, simulator: Simulator
) -> None:
    deposit(order, simulator)
    take_by_hand(order, "18.00")
    assert exception().amount == Decimal("3.000")
    resolve(exception().pk, KEPT, CLERK)

    take_by_hand(order, "2.00")

    assert (exception().amount, exception().resolution) == (Decimal("2.000"), "")
    resolve(exception().pk, REFUNDED, CLERK)
    assert (refunds_at(simulator), charged(order)) == ([200], 28)


def test_an_order_that_is_paid_exactly_is_not_overpaid(order: Order, simulator: Simulator) -> None:
    deposit(order, simulator)
    take_by_hand(order, "15.00")

    assert PaymentException.objects.count() == 0


def test_what_no_payment_link_brought_is_nobodys_question(
    order: Order, simulator: Simulator
) -> None:
    create(order.id, LinkTerms(), CLERK)
    take_by_hand(order, "40.00")

    assert PaymentException.objects.count() == 0
