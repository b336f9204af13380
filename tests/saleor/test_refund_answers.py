"""What became of a refund that Saleor had asked for, as Saleor sees it."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

import pytest
from saleor.graphql.payment.mutations import TransactionRequestAction
from saleor.order.models import Order, OrderGrantedRefund
from saleor.payment.models import TransactionEvent, TransactionItem

from saleor_paylink.shop import Charge, Refund, current_shop
from tests.saleor import recorder
from tests.saleor.orders import charge, held, items, money_state, refund

REASON = "The card was closed."


@dataclass
class Asked:
    """A payment of 30.00 of which 12.50 are to be given back, and the refund that this becomes."""

    order: Order
    paid: Charge
    event: TransactionEvent
    back: Refund
    granted: OrderGrantedRefund

    def answer(self, *, reference: bool = True, error: str = "") -> None:
        given = self.back.reference if reference else None
        current_shop().refund_answered(
            self.order.pk, str(self.event.pk), self.paid.reference, given, error
        )

    def book(self) -> None:
        current_shop().record_refund(self.order.pk, self.back)

    def come_back(self) -> None:
        current_shop().record_refund_reversal(self.order.pk, self.back)

    @property
    def item(self) -> TransactionItem:
        (found,) = items(self.order)
        return found

    @property
    def amounts(self) -> tuple[Decimal, Decimal, Decimal]:
        """What is charged, refunded, and on its way to the customer."""
        item = self.item
        return item.charged_value, item.refunded_value, item.refund_pending_value

    @property
    def events(self) -> list[tuple[str, str | None]]:
        return [(event.type, event.psp_reference) for event in self.item.events.all()]

    @property
    def granted_status(self) -> str:
        self.granted.refresh_from_db()
        return str(self.granted.status)


@pytest.fixture
def asked() -> Asked:
    """Nobody has heard of anything yet."""
    return ask(held())


def ask(order: Order) -> Asked:
    paid = charge()
    current_shop().record_charge(order.pk, paid)
    (item,) = items(order)
    granted = order.granted_refunds.create(
        amount_value=Decimal("12.5"), currency="USD", transaction_item=item
    )
    event = TransactionRequestAction.create_transaction_event_requested(
        item, Decimal("12.5"), "refund"
    )
    event.related_granted_refund = granted
    event.save(update_fields=["related_granted_refund"])
    recorder.reset()
    return Asked(order, paid, event, refund(paid, "12.50"), granted)


@pytest.mark.parametrize("first", ["answer", "book"])
def test_the_request_and_its_refund_are_one_whichever_is_heard_of_first(
    asked: Asked, first: str
) -> None:
    steps = {"answer": asked.answer, "book": asked.book}
    second = next(name for name in steps if name != first)

    for name in (first, second, first, second):
        steps[name]()

    assert asked.amounts == (Decimal("17.5"), Decimal("12.5"), Decimal(0))
    assert sorted(asked.events) == [
        ("charge_success", asked.paid.reference),
        ("refund_request", asked.back.reference),
        ("refund_success", asked.back.reference),
    ]
    assert money_state(asked.order.pk)[2] == Decimal("17.5")
    assert recorder.hooks_of(asked.order.pk)["order_refunded"] == 1
    assert recorder.mails_of(asked.order.number) == Counter(order_refund_confirmation=1)


@pytest.mark.parametrize("steps", ["answer book", "book answer"])
def test_a_granted_refund_has_succeeded_although_the_providers_clock_is_behind(
    asked: Asked, steps: str
) -> None:
    assert asked.back.at < asked.event.created_at

    for step in steps.split():
        getattr(asked, step)()

    assert asked.granted_status == "success"


def test_a_refund_that_was_taken_on_is_on_its_way_until_its_money_has_moved(asked: Asked) -> None:
    asked.answer()
    asked.answer()

    assert asked.amounts == (Decimal("17.5"), Decimal(0), Decimal("12.5"))
    assert asked.granted_status == "pending"
    assert money_state(asked.order.pk)[2] == Decimal("17.5")
    assert recorder.hooks_of(asked.order.pk) == Counter(order_updated=1)
    assert recorder.mails_of(asked.order.number) == Counter()


def test_the_order_itself_says_what_is_left() -> None:
    # Where paylink's own hooks, which look at an order afresh, are not called.
    asked = ask(held("channel-inactive"))
    before = money_state(asked.order.pk)[1:]

    asked.answer()

    assert (before, money_state(asked.order.pk)[1:]) == (
        ("full", Decimal(30)),
        ("full", Decimal("17.5")),
    )


def test_a_refund_that_was_refused_leaves_the_money_and_says_why(asked: Asked) -> None:
    asked.answer(reference=False, error=REASON)
    asked.answer(reference=False, error=REASON)

    assert asked.amounts == (Decimal(30), Decimal(0), Decimal(0))
    assert asked.events == [
        ("charge_success", asked.paid.reference),
        ("refund_request", None),
        ("refund_failure", None),
    ]
    failure = asked.item.events.last()
    assert (failure.message, failure.amount_value) == (REASON, Decimal("12.5"))
    assert asked.granted_status == "failure"
    assert recorder.hooks_of(asked.order.pk) == Counter()


@pytest.mark.parametrize("times", [1, 2])
def test_a_refund_that_fails_on_its_way_is_charged_again_and_nobody_is_thanked(
    asked: Asked, times: int
) -> None:
    asked.answer()

    for _time in range(times):
        asked.answer(error=REASON)

    assert asked.amounts == (Decimal(30), Decimal(0), Decimal(0))
    assert asked.events[1:] == [
        ("refund_request", asked.back.reference),
        ("refund_failure", asked.back.reference),
    ]
    assert asked.granted_status == "failure"
    assert money_state(asked.order.pk) == ("unfulfilled", "overcharged", Decimal(30))
    assert recorder.hooks_of(asked.order.pk) == Counter(order_updated=2)
    assert recorder.mails_of(asked.order.number) == Counter()


def test_a_refund_that_fails_is_known_as_its_own_although_nothing_was_heard_before(
    asked: Asked,
) -> None:
    asked.answer(error=REASON)

    assert asked.amounts == (Decimal(30), Decimal(0), Decimal(0))
    assert asked.events[2] == ("refund_failure", asked.back.reference)


def test_a_granted_refund_whose_money_came_back_is_open_again(asked: Asked) -> None:
    asked.answer()
    asked.book()

    asked.come_back()

    assert asked.amounts == (Decimal(30), Decimal(0), Decimal(0))
    assert asked.granted_status == "none"


def test_the_request_of_another_order_is_not_answered(asked: Asked) -> None:
    other = held()

    with pytest.raises(TransactionEvent.DoesNotExist):
        current_shop().refund_answered(other.pk, str(asked.event.pk), "pi_1", "re_1", "")

    assert asked.amounts == (Decimal(30), Decimal(0), Decimal(0))


def test_what_is_left_of_a_charge_can_be_refunded_and_nothing_else(asked: Asked) -> None:
    assert asked.item.available_actions == ["refund"]

    current_shop().record_refund(asked.order.pk, refund(asked.paid, "10"))
    assert asked.item.available_actions == ["refund"]

    rest = refund(asked.paid, "20")
    current_shop().record_refund(asked.order.pk, rest)
    assert asked.item.available_actions == []

    current_shop().record_refund_reversal(asked.order.pk, rest)
    assert asked.item.available_actions == ["refund"]


def test_nothing_more_can_be_asked_for_while_the_rest_is_on_its_way(asked: Asked) -> None:
    TransactionEvent.objects.filter(pk=asked.event.pk).update(amount_value=Decimal(30))

    asked.answer()

    assert asked.item.available_actions == []
