"""Two at once, in real threads on Postgres."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.lifecycle import LinkTerms, create, mark_paid
from saleor_paylink.links.settlement import settle, settle_for_visitor
from saleor_paylink.models import LedgerEntry, LinkStatus, PaymentAttempt, PaymentLink
from sandbox.shop.models import Order
from sandbox.stripe import Simulator
from tests.unit.links.helpers import CLERK, Customer, asked_of, deliver_all, status_of


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run `works` in the same instant; what each returned or raised."""
    barrier = threading.Barrier(len(works))
    results: list[object] = [None] * len(works)

    def run(index: int, work: Callable[[], object]) -> None:
        barrier.wait()
        try:
            results[index] = work()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index, work)) for index, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def codes(results: list[object]) -> list[LinkErrorCode]:
    return [each.code for each in results if isinstance(each, LinkError)]


def test_eight_clicks_on_pay_lead_to_one_session(customer: Customer, simulator: Simulator) -> None:
    revision = customer.page().revision

    results = at_once(*[lambda: customer.begin(revision=revision)] * 8)

    # A click may be told to try again; none may open a second session.
    assert set(codes(results)) <= {LinkErrorCode.PROVIDER_ERROR}
    assert len({each for each in results if isinstance(each, str)}) == 1
    assert PaymentAttempt.objects.count() == 1
    assert len(simulator.sessions()) == 1


def test_two_staff_create_one_link(order: Order) -> None:
    links = at_once(*[lambda: create(order.id, LinkTerms(send=True), CLERK)] * 4)

    assert len({link.pk for link in links if isinstance(link, PaymentLink)}) == 1
    assert PaymentLink.objects.count() == 1


def test_webhook_and_return_page_book_once(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())
    attempt = PaymentAttempt.objects.get()

    at_once(
        lambda: deliver_all(simulator),
        lambda: settle_for_visitor(customer.link, str(attempt.id)),
        lambda: settle(attempt.id),
        lambda: deliver_all(simulator),
    )

    assert LedgerEntry.objects.filter(kind="charge").count() == 1
    assert order.transactions.count() == 1
    assert status_of(order.id) == "unfulfilled"


@pytest.mark.parametrize("_round", range(3))
def test_pay_and_mark_paid_never_leave_an_open_session_behind(
    customer: Customer, simulator: Simulator, order: Order, _round: int
) -> None:
    revision = customer.page().revision

    at_once(lambda: customer.begin(revision=revision), lambda: mark_paid(order.id, CLERK))

    marked = PaymentLink.objects.get().status == LinkStatus.PAID_MANUALLY
    open_sessions = [s for s in simulator.sessions() if s["status"] == "open"]
    assert not (marked and open_sessions)
    assert LedgerEntry.objects.filter(kind="manual").count() == int(marked)


def test_two_staff_mark_paid_once(customer: Customer, order: Order) -> None:
    results = at_once(*[lambda: mark_paid(order.id, CLERK)] * 3)

    assert codes(results) == [LinkErrorCode.ALREADY_PAID] * 2
    assert LedgerEntry.objects.count() == 1
    assert order.transactions.count() == 1


def test_payment_and_mark_paid_are_never_both_booked_unseen(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    simulator.pay(customer.session())

    results = at_once(lambda: deliver_all(simulator), lambda: mark_paid(order.id, CLERK))

    assert codes(results) == [LinkErrorCode.ALREADY_PAID]
    assert [e.kind for e in LedgerEntry.objects.exclude(kind="fee")] == ["charge"]
    assert asked_of(simulator) == 1
