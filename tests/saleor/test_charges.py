"""Provider money on Saleor's orders: recorded once, and it lets go of an order only when it may."""

import contextlib
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import graphene
import pytest
from django.db import IntegrityError, connections
from django.utils import timezone
from saleor.order.models import Order
from saleor.payment.models import TransactionItem

from saleor_paylink.saleor import announcing
from saleor_paylink.shop import Busy, current_shop
from tests.saleor.client import Api
from tests.saleor.orders import (
    PAID_AT,
    change_quantity,
    charge,
    completed,
    global_id,
    held,
    history,
    items,
    link_of,
    money_state,
)
from tests.saleor.recorder import doing, heard, hooks_of, mails_of

PAID_IN_FULL = Counter(order_paid=1, order_fully_paid=1, order_updated=1, order_confirmed=1)
CONFIRMING = "default-channel"
BY_HAND = "channel-eur"


@pytest.mark.parametrize("channel", [CONFIRMING, BY_HAND])
def test_full_payment_confirms_a_held_order(channel: str) -> None:
    order = held(channel)

    current_shop().record_charge(order.pk, charge(currency=order.currency))

    assert money_state(order.pk) == ("unfulfilled", "full", Decimal(30))


@pytest.mark.parametrize("channel", [CONFIRMING, BY_HAND])
def test_full_payment_is_told_once(channel: str) -> None:
    order = held(channel)
    before = history(order)
    paid = charge(currency=order.currency)

    for _time in range(3):
        current_shop().record_charge(order.pk, paid)

    assert hooks_of(order.pk) == PAID_IN_FULL
    assert history(order) - before == Counter(order_fully_paid=1, confirmed=1)


@pytest.mark.parametrize(("channel", "confirmations"), [(CONFIRMING, 0), (BY_HAND, 1)])
def test_the_customer_gets_the_mails_that_saleor_sends_in_the_channel(
    channel: str, confirmations: int
) -> None:
    order = held(channel)

    current_shop().record_charge(order.pk, charge(currency=order.currency))

    expected = Counter(order_payment_confirmation=1, order_confirmed=confirmations)
    assert mails_of(order.number) == +expected


def test_a_charge_is_one_transaction_with_one_event() -> None:
    order = held()
    paid = charge()

    current_shop().record_charge(order.pk, paid)
    current_shop().record_charge(order.pk, paid)

    (item,) = items(order)
    assert (item.charged_value, item.currency) == (Decimal(30), "USD")
    assert (item.psp_reference, item.app_identifier) == (paid.reference, "saleor.paylink")
    assert (item.name, item.available_actions) == ("Payment link (Card)", ["refund"])
    assert item.external_url == paid.provider_url
    assert item.private_metadata == {}
    (event,) = item.events.all()
    assert (event.type, event.amount_value) == ("charge_success", Decimal(30))
    assert (event.psp_reference, event.created_at) == (paid.reference, PAID_AT)


@pytest.mark.skipif(
    not hasattr(TransactionItem, "payment_method_type"), reason="Saleor keeps it from 3.22 on."
)
@pytest.mark.parametrize(
    ("method", "kind", "name"),
    [
        ("stripe:card", "CardPaymentMethodDetails", "Card"),
        ("stripe:ideal", "OtherPaymentMethodDetails", "iDEAL"),
    ],
)
def test_saleor_shows_how_the_customer_paid_and_no_more_than_is_known(
    admin: Api, method: str, kind: str, name: str
) -> None:
    order = held()

    current_shop().record_charge(order.pk, replace(charge(), method=method))

    answer = admin.ask(
        """query($id: ID!) { order(id: $id) { transactions { paymentMethodDetails {
            __typename name ... on CardPaymentMethodDetails { brand lastDigits expYear }
        } } } }""",
        id=global_id(order),
    )
    (shown,) = answer["data"]["order"]["transactions"]
    assert {key: value for key, value in shown["paymentMethodDetails"].items() if value} == {
        "__typename": kind,
        "name": name,
    }


@pytest.mark.parametrize(("length", "kept"), [(200, True), (201, False)])
def test_an_address_that_saleor_cannot_store_is_left_out(length: int, kept: bool) -> None:
    order = held()
    url = "https://example.com/".ljust(length, "a")

    current_shop().record_charge(order.pk, replace(charge(), provider_url=url))

    (item,) = items(order)
    assert (item.external_url, item.charged_value) == (url if kept else None, Decimal(30))


def test_the_database_itself_refuses_to_record_a_charge_twice() -> None:
    order = held()
    current_shop().record_charge(order.pk, charge())
    (item,) = items(order)
    item.pk, item.token = None, uuid4()

    # Saleor's constraint holds for nothing that has no app identifier.
    with pytest.raises(IntegrityError, match="unique_transaction_idempotency"):
        item.save(force_insert=True)

    assert money_state(order.pk)[2] == Decimal(30)


def test_nobody_else_may_report_on_a_payment(admin: Api) -> None:
    order = held()
    current_shop().record_charge(order.pk, charge())
    (item,) = items(order)

    answer = admin.ask(
        """mutation($id: ID!) { transactionEventReport(
            id: $id, type: CHARGE_BACK, amount: 30, pspReference: "forged"
        ) { errors { field message code } } }""",
        id=graphene.Node.to_global_id("TransactionItem", item.token),
    )

    assert answer["errors"][0]["extensions"]["exception"]["code"] == "PermissionDenied"
    assert [event.type for event in item.events.all()] == ["charge_success"]
    assert money_state(order.pk)[2] == Decimal(30)


def test_hooks_come_in_saleors_order() -> None:
    order = held()

    current_shop().record_charge(order.pk, charge())

    names = [name for pk, name in heard if pk == order.pk]
    assert names == ["order_paid", "order_fully_paid", "order_updated", "order_confirmed"]


def test_nothing_of_a_payment_is_kept_with_the_order_where_all_may_read_it() -> None:
    order = completed()
    link_of(order)

    current_shop().record_charge(order.pk, charge())

    order.refresh_from_db()
    assert set(order.metadata) == {"paylink.status", "paylink.link"}
    assert order.private_metadata == {}


def test_part_of_the_money_does_not_let_go() -> None:
    order = held()

    current_shop().record_charge(order.pk, charge("10"))

    assert money_state(order.pk) == ("unconfirmed", "partial", Decimal(10))
    assert hooks_of(order.pk) == Counter(order_paid=1, order_updated=1)
    assert mails_of(order.number) == Counter()


def test_the_last_part_confirms() -> None:
    order = held()

    current_shop().record_charge(order.pk, charge("10"))
    current_shop().record_charge(order.pk, charge("20"))

    assert money_state(order.pk) == ("unfulfilled", "full", Decimal(30))
    assert hooks_of(order.pk) == PAID_IN_FULL + Counter(order_paid=1, order_updated=1)


def test_money_that_may_not_release_is_recorded_and_does_not_let_go() -> None:
    order = held()

    current_shop().record_charge(order.pk, charge(releases=False))

    assert money_state(order.pk) == ("unconfirmed", "full", Decimal(30))
    assert hooks_of(order.pk) == Counter(order_paid=1, order_updated=1)
    assert mails_of(order.number) == Counter()


@pytest.mark.parametrize("status", ["canceled", "expired"])
def test_late_money_does_not_revive_an_order(status: str) -> None:
    order = held()
    Order.objects.filter(pk=order.pk).update(status=status)

    current_shop().record_charge(order.pk, charge())

    assert money_state(order.pk) == (status, "full", Decimal(30))
    assert hooks_of(order.pk) == Counter(order_paid=1, order_updated=1)
    assert mails_of(order.number) == Counter()


def test_a_second_payment_is_recorded_and_not_celebrated() -> None:
    order = held()
    current_shop().record_charge(order.pk, charge())

    current_shop().record_charge(order.pk, charge(releases=False))

    assert money_state(order.pk) == ("unfulfilled", "overcharged", Decimal(60))
    assert hooks_of(order.pk) == PAID_IN_FULL + Counter(order_paid=1, order_updated=1)
    assert mails_of(order.number) == Counter(order_payment_confirmation=1)


def test_an_order_that_is_not_held_is_paid_as_ever() -> None:
    order = completed()
    before = history(order)

    current_shop().record_charge(order.pk, charge())

    assert money_state(order.pk) == ("unfulfilled", "full", Decimal(30))
    assert hooks_of(order.pk) == PAID_IN_FULL - Counter(order_confirmed=1)
    assert history(order) - before == Counter(order_fully_paid=1)


def test_an_edit_is_counted_before_the_money_is() -> None:
    # Where paylink's own hooks, which look at an order afresh, are not called.
    order = held("channel-inactive")
    change_quantity(order, 2)

    current_shop().record_charge(order.pk, charge())

    assert money_state(order.pk) == ("unconfirmed", "partial", Decimal(30))
    assert Order.objects.get(pk=order.pk).total_gross_amount == Decimal(60)


def test_whoever_dies_while_telling_is_followed_by_whoever_repeats() -> None:
    order = held()
    paid = charge()
    doing["order_confirmed"] = sys.exit
    with pytest.raises(SystemExit):
        current_shop().record_charge(order.pk, paid)
    doing.clear()
    with pytest.raises(Busy):
        current_shop().record_charge(order.pk, paid)
    assert hooks_of(order.pk) == PAID_IN_FULL

    _let_leases_run_out(order)
    current_shop().record_charge(order.pk, paid)

    # The step that was cut off is told again; what was told before it is not.
    assert hooks_of(order.pk) == PAID_IN_FULL + Counter(order_confirmed=1)
    assert [item.charged_value for item in items(order)] == [Decimal(30)]
    current_shop().record_charge(order.pk, paid)
    assert hooks_of(order.pk) == PAID_IN_FULL + Counter(order_confirmed=1)


def test_an_order_that_is_cancelled_while_its_payment_is_told_stays_cancelled() -> None:
    order = held()
    doing["order_paid"] = _cancel

    current_shop().record_charge(order.pk, charge())

    assert money_state(order.pk) == ("canceled", "full", Decimal(30))
    assert hooks_of(order.pk)["order_confirmed"] == 0


def test_an_order_that_was_cancelled_before_its_payment_was_told_is_not_celebrated() -> None:
    order = held()
    paid = charge()
    doing["order_paid"] = sys.exit
    with pytest.raises(SystemExit):
        current_shop().record_charge(order.pk, paid)
    doing.clear()
    _cancel(order)
    _let_leases_run_out(order)

    current_shop().record_charge(order.pk, paid)

    assert money_state(order.pk) == ("canceled", "full", Decimal(30))
    assert hooks_of(order.pk) == Counter(order_paid=2, order_updated=1)
    assert mails_of(order.number) == Counter()


def test_a_hook_of_another_plugin_that_fails_disturbs_nothing_and_is_not_repeated() -> None:
    order = held()
    paid = charge()
    doing["order_fully_paid"] = _fail

    current_shop().record_charge(order.pk, paid)
    current_shop().record_charge(order.pk, paid)

    assert money_state(order.pk) == ("unfulfilled", "full", Decimal(30))
    assert hooks_of(order.pk) == PAID_IN_FULL - Counter(order_updated=1)
    assert mails_of(order.number) == Counter(order_payment_confirmation=1)


def test_one_charge_recorded_by_many_at_once_is_one_transaction() -> None:
    order = held()
    paid = charge()

    _at_once(*[lambda: current_shop().record_charge(order.pk, paid)] * 8)

    assert [item.charged_value for item in items(order)] == [Decimal(30)]
    assert money_state(order.pk) == ("unfulfilled", "full", Decimal(30))
    assert hooks_of(order.pk) == PAID_IN_FULL


def test_charges_recorded_at_once_add_up_and_confirm_once() -> None:
    order = held()
    parts = [charge("5") for _ in range(6)]

    _at_once(*[lambda part=part: current_shop().record_charge(order.pk, part) for part in parts])

    assert money_state(order.pk) == ("unfulfilled", "full", Decimal(30))
    assert hooks_of(order.pk) == Counter(
        order_paid=6, order_updated=6, order_fully_paid=1, order_confirmed=1
    )


def test_saleor_itself_shows_the_payment(admin: Api) -> None:
    order = held()
    paid = charge()
    current_shop().record_charge(order.pk, paid)

    answer = admin.ask(
        """query($id: ID!) { order(id: $id) {
            status isPaid transactions { name pspReference chargedAmount { amount } }
        } }""",
        id=global_id(order),
    )

    assert answer["data"]["order"] == {
        "status": "UNFULFILLED",
        "isPaid": True,
        "transactions": [
            {
                "name": "Payment link (Card)",
                "pspReference": paid.reference,
                "chargedAmount": {"amount": 30.0},
            }
        ],
    }


def _cancel(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(status="canceled")


def _fail(order: Order) -> None:
    raise RuntimeError("boom")


def _let_leases_run_out(order: Order) -> None:
    for item in TransactionItem.objects.filter(order=order):
        todo = item.private_metadata[announcing.KEY]
        todo["until"] = (timezone.now() - timedelta(seconds=1)).isoformat()
        item.save(update_fields=["private_metadata"])


def _at_once(*jobs: Callable[[], None]) -> None:
    def run(job: Callable[[], None]) -> None:
        try:
            # Whoever finds another one telling is to come again.
            with contextlib.suppress(Busy):
                job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        for done in [pool.submit(run, job) for job in jobs]:
            done.result()
