"""Two at once, in real threads on Postgres: whoever comes second finds what the first has done.

`at_once` lets chance decide; `overtaken` is the one moment in which it would go wrong.
"""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.core import mail
from django.db import transaction

from saleor_paylink.links.altering import revoke, rotate
from saleor_paylink.links.bearer import payment_request
from saleor_paylink.links.changes import order_changed
from saleor_paylink.links.errors import LinkErrorCode
from saleor_paylink.links.lifecycle import create, mark_paid, reject
from saleor_paylink.links.refunds import request_for_shop
from saleor_paylink.links.resolving import resolve
from saleor_paylink.links.settlement import settle, settle_for_visitor
from saleor_paylink.links.terms import LinkTerms
from saleor_paylink.links.webhooks import receive
from saleor_paylink.models import (
    AttemptStatus,
    ExceptionResolution,
    LedgerEntry,
    LinkStatus,
    PaymentAttempt,
    PaymentCollection,
    PaymentException,
    PaymentLink,
    PaymentLinkEvent,
    ProviderEvent,
    RefundRequest,
)
from saleor_paylink.money import Money
from sandbox.shop import orders
from sandbox.shop.models import Order
from sandbox.stripe import Simulator
from tests.unit.links.helpers import (
    CLERK,
    KEY,
    Customer,
    asked_of,
    deliver_all,
    offer,
    status_of,
    webhooks,
)
from tests.unit.links.racing import Work, at_once, codes, overtaken

STORING_AN_ATTEMPT = 'INSERT INTO "saleor_paylink_paymentattempt"'
STORING_A_LINK = 'INSERT INTO "saleor_paylink_paymentlink" '
CHANGING_A_LINK = 'UPDATE "saleor_paylink_paymentlink"'
OFFERING = "INSERT INTO saleor_paylink_paymentcollection"
BOOKING = 'INSERT INTO "saleor_paylink_ledgerentry"'
KEEPING_AN_EVENT = "INSERT INTO saleor_paylink_providerevent"
NOTING_A_REFUND = 'INSERT INTO "saleor_paylink_refundrequest"'


def statuses(simulator: Simulator) -> list[str]:
    """Of every session at the provider."""
    return [session["status"] for session in simulator.sessions()]


def booked() -> list[str]:
    """The kinds of what is in the ledger, fees left out."""
    return list(
        LedgerEntry.objects.exclude(kind="fee").order_by("pk").values_list("kind", flat=True)
    )


def refunds_at(simulator: Simulator) -> list[int]:
    """The amounts of every refund at the provider, in its units."""
    listed = simulator.request("GET", "/v1/refunds", (("limit", "100"),), key=KEY)
    return [refund["amount"] for refund in listed.body["data"]]


def link_status() -> str:
    return PaymentLink.objects.get().status


# Two clicks on Pay


def test_eight_clicks_on_pay_lead_to_one_session(customer: Customer, simulator: Simulator) -> None:
    revision = customer.page().revision

    results = at_once(*[lambda: customer.begin(revision=revision)] * 8)

    # A click may be told to try again; none may open a second session.
    assert set(codes(results)) <= {LinkErrorCode.PROVIDER_ERROR}
    assert len({each for each in results if isinstance(each, str)}) == 1
    assert PaymentAttempt.objects.count() == 1
    assert len(simulator.sessions()) == 1


def test_a_click_that_overtakes_another_leads_to_the_same_session(
    customer: Customer, simulator: Simulator
) -> None:
    revision = customer.page().revision

    first, second = overtaken(
        lambda: customer.begin(revision=revision),
        lambda: customer.begin(revision=revision),
        before=STORING_AN_ATTEMPT,
    )

    assert isinstance(first, str)
    assert first == second
    assert PaymentAttempt.objects.count() == 1
    assert statuses(simulator) == ["open"]


# Pay, and an order that is closed in the same moment


@pytest.mark.parametrize("_round", range(3))
def test_pay_and_mark_paid_never_leave_an_open_session_behind(
    customer: Customer, simulator: Simulator, order: Order, _round: int
) -> None:
    revision = customer.page().revision

    results = at_once(lambda: customer.begin(revision=revision), lambda: mark_paid(order.id, CLERK))

    marked = link_status() == LinkStatus.PAID_MANUALLY
    assert ("open" in statuses(simulator)) is not marked
    assert booked() == ["manual"] * marked
    assert len(codes(results)) <= 1


@pytest.mark.parametrize(
    ("close", "status", "shop", "movements"),
    [
        (mark_paid, LinkStatus.PAID_MANUALLY, "unfulfilled", ["manual"]),
        (reject, LinkStatus.REVOKED, "canceled", []),
    ],
)
def test_staff_who_close_an_order_while_pay_is_clicked_find_the_session_and_close_it(
    customer: Customer,
    simulator: Simulator,
    order: Order,
    close: Callable[..., None],
    status: LinkStatus,
    shop: str,
    movements: list[str],
) -> None:
    revision = customer.page().revision

    overtaken(
        lambda: customer.begin(revision=revision),
        lambda: close(order.id, CLERK),
        before=STORING_AN_ATTEMPT,
    )

    assert link_status() == status
    assert statuses(simulator) == ["expired"]
    assert PaymentAttempt.objects.get().status == AttemptStatus.CANCELED
    assert booked() == movements
    assert status_of(order.id) == shop


@pytest.mark.parametrize(
    ("close", "before", "code"),
    [
        (mark_paid, BOOKING, LinkErrorCode.ALREADY_PAID),
        (reject, CHANGING_A_LINK, LinkErrorCode.LINK_NOT_ACTIVE),
    ],
)
def test_pay_that_is_clicked_while_staff_close_the_order_opens_nothing(
    customer: Customer,
    simulator: Simulator,
    order: Order,
    close: Callable[..., None],
    before: str,
    code: LinkErrorCode,
) -> None:
    revision = customer.page().revision

    results = overtaken(
        lambda: close(order.id, CLERK), lambda: customer.begin(revision=revision), before=before
    )

    assert codes(results) == [code]
    assert PaymentAttempt.objects.count() == 0
    assert simulator.sessions() == []


def test_payment_and_mark_paid_are_never_both_booked(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())

    results = at_once(lambda: deliver_all(simulator), lambda: mark_paid(order.id, CLERK))

    assert codes(results) == [LinkErrorCode.ALREADY_PAID]
    assert booked() == ["charge"]
    assert asked_of(simulator) == 1


def test_mark_paid_waits_for_a_payment_that_is_being_booked(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())
    attempt = PaymentAttempt.objects.get()

    results = overtaken(
        lambda: settle(attempt.id), lambda: mark_paid(order.id, CLERK), before=BOOKING
    )

    assert codes(results) == [LinkErrorCode.ALREADY_PAID]
    assert booked() == ["charge"]
    assert link_status() == LinkStatus.PAID


# One payment that is heard of on several roads


def settle_by_return_page(customer: Customer) -> Work:
    attempt = PaymentAttempt.objects.get()
    return lambda: settle_for_visitor(customer.link, str(attempt.id))


def assert_settled_once(order: Order, customer: Customer) -> None:
    assert booked() == ["charge"]
    assert LedgerEntry.objects.filter(kind="fee").count() == 1
    assert order.transactions.count() == 1
    assert status_of(order.id) == "unfulfilled"
    assert customer.link.events.filter(type="paid").count() == 1
    assert len(mail.outbox) == 1
    assert PaymentException.objects.count() == 0


def test_webhooks_and_the_return_page_book_once(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())
    attempt = PaymentAttempt.objects.get()

    at_once(
        lambda: deliver_all(simulator),
        settle_by_return_page(customer),
        lambda: settle(attempt.id),
        lambda: deliver_all(simulator),
    )

    assert_settled_once(order, customer)


def test_a_return_page_that_overtakes_the_webhook_books_nothing_more(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())

    overtaken(lambda: deliver_all(simulator), settle_by_return_page(customer), before=BOOKING)

    assert_settled_once(order, customer)


def test_a_webhook_that_overtakes_the_return_page_books_nothing_more(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())

    overtaken(settle_by_return_page(customer), lambda: deliver_all(simulator), before=BOOKING)

    assert_settled_once(order, customer)


@pytest.mark.parametrize("before", [KEEPING_AN_EVENT, BOOKING])
def test_a_webhook_that_comes_twice_in_the_same_moment_is_kept_and_booked_once(
    customer: Customer, simulator: Simulator, order: Order, before: str
) -> None:
    simulator.pay(customer.session())
    (webhook,) = [each for each in webhooks(simulator) if b"session.completed" in each[1]]

    def deliver() -> None:
        receive("stripe", "shop", *webhook)

    overtaken(deliver, deliver, before=before)

    assert ProviderEvent.objects.get().status == ProviderEvent.Status.PROCESSED
    assert_settled_once(order, customer)


def test_two_deliveries_at_once_keep_one_row_and_lose_nothing(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())
    sent = webhooks(simulator)

    def deliver(*webhooks: tuple[dict[str, str], bytes]) -> Work:
        return lambda: [receive("stripe", "shop", *webhook) for webhook in webhooks]

    at_once(deliver(*sent), deliver(*reversed(sent)), deliver(*sent))

    kept = list(ProviderEvent.objects.values_list("status", flat=True))
    assert kept == [ProviderEvent.Status.PROCESSED] * len(sent)
    assert_settled_once(order, customer)


def test_of_two_deliveries_at_once_one_that_is_undone_takes_nothing_along(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())
    (webhook,) = [each for each in webhooks(simulator) if b"session.completed" in each[1]]

    def undone() -> None:
        with transaction.atomic():
            receive("stripe", "shop", *webhook)
            ProviderEvent.objects.count()
            transaction.set_rollback(True)

    overtaken(undone, lambda: receive("stripe", "shop", *webhook), before="SELECT COUNT")

    assert ProviderEvent.objects.get().status == ProviderEvent.Status.PROCESSED
    assert_settled_once(order, customer)


def test_two_webhooks_of_one_payment_in_the_same_moment_book_once(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())
    sent = {
        kind: one
        for kind in (b"session.completed", b"intent.succeeded")
        for one in webhooks(simulator)
        if kind in one[1]
    }
    completed, succeeded = sent.values()

    overtaken(
        lambda: receive("stripe", "shop", *completed),
        lambda: receive("stripe", "shop", *succeeded),
        before=BOOKING,
    )

    assert ProviderEvent.objects.filter(status=ProviderEvent.Status.PROCESSED).count() == 2
    assert_settled_once(order, customer)


def test_of_two_payments_in_the_same_moment_one_is_seen_to_be_a_second(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    first, second = two_paid_attempts(customer, simulator)

    overtaken(lambda: settle(first), lambda: settle(second), before=BOOKING)

    assert booked() == ["charge", "charge"]
    exception = PaymentException.objects.get()
    assert (exception.kind, str(exception.amount)) == ("duplicate", "25.000")
    assert exception.attempt_id == second
    assert order.transactions.count() == 2


def two_paid_attempts(customer: Customer, simulator: Simulator) -> tuple[UUID, UUID]:
    """As after a restored backup: the open session was forgotten, and another one opened."""
    sessions = []
    for _each in range(2):
        PaymentAttempt.objects.update(status=AttemptStatus.FAILED)
        sessions.append(customer.session())
    for session in sessions:
        simulator.pay(session)
    first, second = PaymentAttempt.objects.order_by("created_at")
    return first.id, second.id


# An order that is edited while Pay is clicked


def edit(order: Order) -> None:
    orders.change_quantity(order.id, order.lines.get().pk, 3)
    order_changed(order.id)


@pytest.mark.parametrize("_round", range(3))
def test_edit_and_pay_never_leave_a_session_of_the_old_amount_behind(
    customer: Customer, simulator: Simulator, order: Order, _round: int
) -> None:
    revision = customer.page().revision

    results = at_once(lambda: customer.begin(revision=revision), lambda: edit(order))

    assert set(codes(results)) <= {LinkErrorCode.AMOUNT_CHANGED, LinkErrorCode.PROVIDER_ERROR}
    assert "open" not in statuses(simulator)
    assert str(customer.page().amount_due.amount) == "37.500"


def test_an_edit_that_overtakes_pay_closes_the_session_of_the_old_amount(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    revision = customer.page().revision

    overtaken(
        lambda: customer.begin(revision=revision),
        lambda: edit(order),
        before=STORING_AN_ATTEMPT,
    )

    assert statuses(simulator) == ["expired"]
    assert PaymentAttempt.objects.get().status == AttemptStatus.CANCELED
    assert str(customer.page().amount_due.amount) == "37.500"


# A URL that is exchanged, or closed, while Pay is clicked by it


@pytest.mark.parametrize("_round", range(3))
def test_rotate_and_pay_never_leave_a_session_of_the_old_url_behind(
    customer: Customer, simulator: Simulator, _round: int
) -> None:
    token, revision = customer.token, customer.page().revision

    results = at_once(
        lambda: customer.begin(revision=revision), lambda: rotate(customer.link.pk, CLERK)
    )

    assert set(codes(results)) <= {LinkErrorCode.NOT_FOUND, LinkErrorCode.PROVIDER_ERROR}
    assert "open" not in statuses(simulator)
    assert payment_request(token) is None


def test_a_rotation_that_overtakes_pay_closes_the_session_of_the_old_url(
    customer: Customer, simulator: Simulator
) -> None:
    token, revision = customer.token, customer.page().revision

    overtaken(
        lambda: customer.begin(revision=revision),
        lambda: rotate(customer.link.pk, CLERK),
        before=STORING_AN_ATTEMPT,
    )

    assert statuses(simulator) == ["expired"]
    assert link_status() == LinkStatus.ACTIVE
    assert payment_request(token) is None


def test_pay_that_is_clicked_while_the_url_is_exchanged_opens_nothing(
    customer: Customer, simulator: Simulator
) -> None:
    revision = customer.page().revision

    results = overtaken(
        lambda: rotate(customer.link.pk, CLERK),
        lambda: customer.begin(revision=revision),
        before=CHANGING_A_LINK,
    )

    assert codes(results) == [LinkErrorCode.NOT_FOUND]
    assert PaymentAttempt.objects.count() == 0
    assert simulator.sessions() == []


def test_staff_who_revoke_a_link_while_pay_is_clicked_close_the_session(
    customer: Customer, simulator: Simulator
) -> None:
    revision = customer.page().revision

    overtaken(
        lambda: customer.begin(revision=revision),
        lambda: revoke(customer.link.pk, CLERK),
        before=STORING_AN_ATTEMPT,
    )

    assert link_status() == LinkStatus.REVOKED
    assert statuses(simulator) == ["expired"]


# Two members of the staff


@pytest.mark.parametrize("in_the_same_moment", [True, False])
def test_an_order_is_offered_once(order: Order, in_the_same_moment: bool) -> None:
    def work() -> None:
        offer(order)

    if in_the_same_moment:
        at_once(*[work] * 4)
    else:
        overtaken(work, work, before=OFFERING)

    collection = PaymentCollection.objects.get()
    assert collection.prompt_pending
    assert collection.changes_made == 1
    assert [event.type for event in PaymentLinkEvent.objects.all()] == ["offered"]


@pytest.mark.parametrize("offering_first", [True, False])
def test_nothing_is_offered_where_a_link_is_made_meanwhile(
    order: Order, offering_first: bool
) -> None:
    def work() -> None:
        offer(order)

    def linking() -> PaymentLink:
        return create(order.id, LinkTerms(), CLERK)

    if offering_first:
        overtaken(work, linking, before=OFFERING)
    else:
        overtaken(linking, work, before=STORING_A_LINK)

    collection = PaymentCollection.objects.get()
    assert (collection.offered_at, collection.prompt_pending) == (None, False)
    assert [event.type for event in PaymentLinkEvent.objects.all()] == ["created"]
    assert link_status() == LinkStatus.ACTIVE


@pytest.mark.parametrize("in_the_same_moment", [True, False])
def test_two_staff_create_one_link(order: Order, in_the_same_moment: bool) -> None:
    offer(order)

    def work() -> PaymentLink:
        return create(order.id, LinkTerms(send=True), CLERK)

    links = (
        at_once(*[work] * 4) if in_the_same_moment else overtaken(work, work, before=STORING_A_LINK)
    )

    assert {link.pk for link in links if isinstance(link, PaymentLink)} == {
        PaymentLink.objects.get().pk
    }
    assert codes(links) == []
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("in_the_same_moment", [True, False])
def test_two_staff_mark_paid_once(
    customer: Customer, order: Order, in_the_same_moment: bool
) -> None:
    def work() -> None:
        mark_paid(order.id, CLERK)

    results = at_once(work, work) if in_the_same_moment else overtaken(work, work, before=BOOKING)

    assert codes(results) == [LinkErrorCode.ALREADY_PAID]
    assert booked() == ["manual"]
    assert order.transactions.count() == 1


def test_a_link_that_is_made_while_the_order_is_marked_paid_is_closed(order: Order) -> None:
    offer(order)

    overtaken(
        lambda: create(order.id, LinkTerms(), CLERK),
        lambda: mark_paid(order.id, CLERK),
        before=STORING_A_LINK,
    )

    assert link_status() == LinkStatus.PAID_MANUALLY
    assert booked() == ["manual"]
    assert status_of(order.id) == "unfulfilled"


def test_two_staff_refund_a_payment_in_question_once(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    exception = duplicate(customer, simulator)

    def work() -> PaymentException:
        return resolve(exception.pk, ExceptionResolution.REFUNDED, CLERK)

    results = overtaken(work, work, before=NOTING_A_REFUND)

    # Who comes second may be told that it is under way.
    assert set(codes(results)) <= {LinkErrorCode.PROVIDER_ERROR}
    assert refunds_at(simulator) == [2500]
    assert RefundRequest.objects.count() == 1
    assert booked() == ["charge", "charge", "refund"]
    exception.refresh_from_db()
    assert exception.resolution == ExceptionResolution.REFUNDED


def test_what_one_keeps_another_does_not_refund(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    exception = duplicate(customer, simulator)

    results = overtaken(
        lambda: resolve(exception.pk, ExceptionResolution.KEPT, CLERK),
        lambda: resolve(exception.pk, ExceptionResolution.REFUNDED, CLERK),
        before='UPDATE "saleor_paylink_paymentexception"',
    )

    assert codes(results) == [LinkErrorCode.INVALID]
    assert refunds_at(simulator) == []
    exception.refresh_from_db()
    assert exception.resolution == ExceptionResolution.KEPT


def test_two_staff_who_ask_the_shop_for_all_of_a_payment_refund_it_once(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())
    settle(PaymentAttempt.objects.get().id)
    reference = LedgerEntry.objects.get(kind="charge").reference

    def ask(request: str) -> Work:
        return lambda: request_for_shop(order.id, reference, Money("25.00", "USD"), request, CLERK)

    first, second = (str(request_in_shop(order)) for _each in range(2))
    results = overtaken(ask(first), ask(second), before=NOTING_A_REFUND)

    assert codes(results) == [LinkErrorCode.AMOUNT_TOO_LARGE]
    assert RefundRequest.objects.count() == 1
    assert refunds_at(simulator) == [2500]
    assert booked() == ["charge", "refund"]


def duplicate(customer: Customer, simulator: Simulator) -> PaymentException:
    for attempt_id in two_paid_attempts(customer, simulator):
        settle(attempt_id)
    return PaymentException.objects.get()


def request_in_shop(order: Order) -> int:
    """What the shop writes down before it asks."""
    return order.transactions.get().events.create(type="refund_request", amount="25.00").pk
