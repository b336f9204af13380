"""All automated money of a shop, whoever took it, in the earnings: by Saleor's own mutations."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import graphene
import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from saleor.app.models import App
from saleor.channel.models import Channel
from saleor.checkout.models import Checkout
from saleor.core.db.connection import allow_writer
from saleor.order.models import Order
from saleor.payment.models import Payment, Transaction, TransactionEvent, TransactionItem
from saleor.payment.transaction_item_calculations import recalculate_transaction_amounts
from saleor.permission.enums import get_permissions_from_names

from saleor_paylink.links import taking, verification
from saleor_paylink.models import LedgerEntry, TakenRow
from saleor_paylink.saleor import books
from saleor_paylink.saleor.takings import GIFT_CARDS
from tests.saleor.client import Api
from tests.saleor.customer import pay
from tests.saleor.orders import completed, global_id, link_of
from tests.saleor.takers import CREATE, UPDATE, PaymentApp, figures, mark_as_paid

IDENTIFIER = "saleor.app.payment.stripe"
EARNINGS = """query($range: DateRangeInput!) { paymentEarnings(range: $range) {
    currency gross { amount } refunded { amount } disputed { amount } fees { amount }
    net { amount } paymentCount manual { gross { amount } count }
} }"""
FIGURES = ("gross", "refunded", "disputed", "fees", "net")


@pytest.fixture
def stripe_app(shop: None) -> Iterator[App]:
    app = App.objects.create(name="Stripe", identifier=IDENTIFIER, is_active=True)
    app.permissions.set(get_permissions_from_names(["HANDLE_PAYMENTS", "MANAGE_ORDERS"]))
    yield app
    App.objects.filter(pk=app.pk).delete()


@pytest.fixture
def payments(stripe_app: App) -> PaymentApp:
    return PaymentApp(stripe_app)


@pytest.fixture
def change(admin: Api) -> Callable[[], dict[str, Decimal]]:
    """What has changed of the earnings in US dollars since the test began."""

    def now() -> dict[str, Decimal]:
        answer = admin.ask(EARNINGS, range={"gte": "2020-01-01", "lte": "2099-12-31"})
        found = [each for each in answer["data"]["paymentEarnings"] if each["currency"] == "USD"]
        if not found:
            return {}
        (row,) = found
        return {
            **{name: Decimal(str(row[name]["amount"])) for name in FIGURES},
            "payments": Decimal(row["paymentCount"]),
            "manual": Decimal(str(row["manual"]["gross"]["amount"])),
            "by hand": Decimal(row["manual"]["count"]),
        }

    before = now()

    def changed() -> dict[str, Decimal]:
        then = {name: before.get(name, Decimal(0)) for name in now()}
        return {name: now()[name] - then[name] for name in then if now()[name] != then[name]}

    return changed


def booked(order: Order) -> list[tuple[str, str, str, Decimal]]:
    entries = LedgerEntry.objects.filter(order_id=order.pk).order_by("pk")
    return list(entries.values_list("kind", "provider", "reference", "amount"))


def sale() -> Order:
    """An order of 30.00 that paylink has nothing to do with."""
    return completed("channel-inactive")


def foreign_item(order: Order | None, **fields: Any) -> TransactionItem:
    return TransactionItem.objects.create(
        order=order, currency="USD", app_identifier=IDENTIFIER, **fields
    )


def charge_unheard(item: TransactionItem, amount: str = "30", psp: str = "") -> TransactionEvent:
    """As Saleor writes many at once: without a signal."""
    (event,) = TransactionEvent.objects.bulk_create(
        [
            TransactionEvent(
                transaction=item,
                type="charge_success",
                amount_value=Decimal(amount),
                currency="USD",
                psp_reference=psp or f"ch_{item.pk}",
                include_in_calculations=True,
            )
        ]
    )
    return event


def legacy_payment(order: Order, *moved: tuple[str, str], **fields: Any) -> Payment:
    """A payment by one of the older gateways, with the figure that Saleor makes of it."""
    signs = {"capture": 1, "refund": -1}
    captured = sum((signs.get(kind, 0) * Decimal(amount) for kind, amount in moved), Decimal(0))
    payment = Payment.objects.create(
        **{
            "order": order,
            "gateway": "mirumee.payments.braintree",
            "currency": "USD",
            "total": Decimal(30),
            "captured_amount": captured,
            "psp_reference": f"bt_{order.number}",
            **fields,
        }
    )
    for kind, amount in moved:
        Transaction.objects.create(
            payment=payment,
            kind=kind,
            amount=Decimal(amount),
            currency="USD",
            is_success=True,
            token=f"{kind}_{order.number}",
            gateway_response={},
        )
    return payment


def test_an_order_that_is_collected_counts_what_came_in_elsewhere_once(
    payments: PaymentApp, change: Callable[[], dict[str, Decimal]]
) -> None:
    order = completed()
    link = link_of(order)

    item = payments.open(order)
    payments.report(item, "CHARGE_SUCCESS", "30", f"pi_{order.number}")
    call_command("paylink_ledger", "import")

    link.refresh_from_db()
    assert link.status == "paid_manually"
    assert change() == {"gross": Decimal(30), "net": Decimal(30), "payments": Decimal(1)}


@pytest.mark.parametrize("flow", ["payment_flow", "transaction_flow"])
def test_a_collected_order_that_is_marked_as_paid_counts_once_and_apart(
    flow: str, change: Callable[[], dict[str, Decimal]]
) -> None:
    order = completed()
    link = link_of(order)

    mark_as_paid(order, flow)
    taking.catch_up()
    call_command("paylink_ledger", "import")

    link.refresh_from_db()
    assert link.status == "paid_manually"
    assert change() == {"manual": Decimal(30), "by hand": Decimal(1)}


def test_history_is_taken_in_once_and_goes_on_where_it_was_killed(
    stripe_app: App, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("paylink_ledger", "import")
    orders = [sale() for _number in range(4)]
    for order in orders:
        charge_unheard(foreign_item(order))
    monkeypatch.setattr(taking, "BATCH", 1)
    take_in = taking._take_in_all
    batches: list[Sequence[int]] = []

    def die_at_the_third(kind: str, ids: Sequence[int]) -> taking.Taken:
        batches.append(ids)
        if len(batches) == 3:
            raise KeyboardInterrupt
        return take_in(kind, ids)

    monkeypatch.setattr(taking, "_take_in_all", die_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        call_command("paylink_ledger", "import")
    assert sum(len(booked(order)) for order in orders) == 2
    capsys.readouterr()

    call_command("paylink_ledger", "import")

    assert [len(booked(order)) for order in orders] == [1, 1, 1, 1]
    assert capsys.readouterr().out.splitlines() == [
        "1 of 2 records",
        "2 of 2 records",
        "2 movements were booked.",
    ]


@pytest.mark.parametrize("kind", [books.ITEMS, books.PAYMENTS])
def test_many_records_are_read_in_as_many_queries_as_one(stripe_app: App, kind: str) -> None:
    def made() -> int:
        if kind == books.PAYMENTS:
            return int(legacy_payment(sale(), ("capture", "30"), ("refund", "10")).pk)
        item = TransactionItem.objects.create(order=sale(), currency="USD", app=stripe_app)
        charge_unheard(item)
        return int(item.pk)

    def read(ids: list[int]) -> int:
        with CaptureQueriesContext(connections["default"]) as asked:
            rows = books.SaleorBooks().rows(kind, ids)
        assert len(rows) >= len(ids)
        assert all(row.taking for row in rows)
        return len(asked)

    ids = [made() for _number in range(3)]

    assert read(ids) == read(ids[:1]) == 2


def test_what_saleor_writes_without_a_signal_is_caught_up_with(stripe_app: App) -> None:
    taking.catch_up()
    order = sale()
    charge_unheard(foreign_item(order), psp="ch_bulk")
    payment = legacy_payment(order)
    Transaction.objects.bulk_create(
        [
            Transaction(
                payment=payment,
                kind="capture",
                amount=Decimal(3),
                currency="USD",
                is_success=True,
                token="bulk",
                gateway_response={},
            )
        ]
    )
    assert booked(order) == []

    taking.catch_up()
    taking.catch_up()

    assert booked(order) == [
        ("charge", IDENTIFIER, "ch_bulk", Decimal(30)),
        ("charge", "mirumee.payments.braintree", "bulk", Decimal(3)),
    ]


def test_an_import_of_orders_is_caught_up_with(admin: Api) -> None:
    """orderBulkCreate writes all in bulk, and says of nobody that it was they."""
    taking.catch_up()
    order = sale()
    item = TransactionItem.objects.create(order=order, currency="USD", name="Old shop")
    charge_unheard(item)

    taking.catch_up()

    assert [(kind, provider) for kind, provider, *_rest in booked(order)] == [("manual", "manual")]


def test_money_is_booked_when_it_is_committed_and_not_before(stripe_app: App) -> None:
    order = sale()
    item = foreign_item(order)

    with transaction.atomic():
        charge_unheard(item, psp="ch_late")
        recalculate_transaction_amounts(item)
        assert booked(order) == []

    assert booked(order) == [("charge", IDENTIFIER, "ch_late", Decimal(30))]


def test_money_that_is_rolled_back_is_not_booked(stripe_app: App) -> None:
    order = sale()
    item = foreign_item(order)

    with transaction.atomic():
        charge_unheard(item)
        recalculate_transaction_amounts(item)
        transaction.set_rollback(True)

    taking.catch_up()
    assert booked(order) == []


def test_a_row_committed_after_rows_of_higher_numbers_is_found(stripe_app: App) -> None:
    taking.catch_up()
    order = sale()
    slow, quick = foreign_item(order), foreign_item(order)
    written, go_on = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with allow_writer(), transaction.atomic():
            charge_unheard(slow, "1", "ch_slow")
            written.set()
            assert go_on.wait(30)
        connection.close()

    writer = threading.Thread(target=write_slowly)
    writer.start()
    assert written.wait(30)
    charge_unheard(quick, "2", "ch_quick")
    taking.catch_up()
    assert [reference for *_rest, reference, _amount in booked(order)] == ["ch_quick"]
    go_on.set()
    writer.join(30)

    taking.catch_up()

    assert [reference for *_rest, reference, _amount in booked(order)] == ["ch_quick", "ch_slow"]


def test_a_fault_of_paylinks_does_not_disturb_saleor(
    payments: PaymentApp, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    taking.catch_up()
    order = sale()
    item = payments.open(order)

    def broken(*args: object) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(books.jobs, "later", broken)
    with caplog.at_level(logging.ERROR):
        reported = payments.report(item, "CHARGE_SUCCESS", "30", f"pi_{order.number}")
    monkeypatch.undo()

    assert reported["transaction"]["chargedAmount"]["amount"] == 30
    assert booked(order) == []
    assert "is not taken in yet" in caplog.text
    taking.catch_up()
    assert [kind for kind, *_rest in booked(order)] == ["charge"]


def test_a_booking_that_fails_does_not_disturb_saleor(
    payments: PaymentApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    taking.catch_up()
    order = sale()
    item = payments.open(order)

    def broken(*args: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(taking, "book_rows", broken)
    reported = payments.report(item, "CHARGE_SUCCESS", "30", f"pi_{order.number}")
    monkeypatch.undo()

    assert reported["transaction"]["chargedAmount"]["amount"] == 30
    assert booked(order) == []
    taking.catch_up()
    assert [kind for kind, *_rest in booked(order)] == ["charge"]


def checkout() -> Checkout:
    channel = Channel.objects.get(slug="channel-inactive")
    return Checkout.objects.create(channel=channel, currency="USD", country="US")


def test_money_of_a_checkout_is_booked_with_the_order_that_it_becomes(stripe_app: App) -> None:
    taking.catch_up()
    basket = checkout()
    item = foreign_item(None, checkout=basket)
    event = charge_unheard(item)
    recalculate_transaction_amounts(item)
    taking.catch_up()
    assert not TakenRow.objects.filter(key=f"event:{event.pk}").exists()

    # As Saleor does it when the checkout is completed: without a signal.
    order = sale()
    basket.payment_transactions.update(order=order, checkout_id=None)
    taking.catch_up()

    assert [kind for kind, *_rest in booked(order)] == ["charge"]


def test_money_of_a_checkout_that_becomes_no_order_is_booked_in_its_channel(
    stripe_app: App,
) -> None:
    taking.catch_up()
    item = foreign_item(None, checkout=checkout())
    event = charge_unheard(item, psp=f"ch_left_{item.pk}")
    long_ago = timezone.now() - books.CHECKOUT_MAY_TAKE - timedelta(minutes=1)
    TransactionItem.objects.filter(pk=item.pk).update(modified_at=long_ago)

    taking.catch_up()

    assert TakenRow.objects.filter(key=f"event:{event.pk}").exists()
    entry = LedgerEntry.objects.get(reference=f"ch_left_{item.pk}")
    assert (entry.order_id, entry.channel, entry.amount) == (None, "channel-inactive", Decimal(30))


def test_money_of_a_checkout_that_is_touched_again_and_again_does_not_wait_for_ever(
    stripe_app: App,
) -> None:
    """It would be out of the sight of who catches up, and never be booked."""
    taking.catch_up()
    item = foreign_item(None, checkout=checkout())
    events = TransactionEvent.objects.filter(pk=charge_unheard(item, psp=f"ch_old_{item.pk}").pk)
    booked_of_it = LedgerEntry.objects.filter(reference=f"ch_old_{item.pk}")
    then = timezone.now() - books.CHECKOUT_MAY_TAKE_AT_MOST
    events.update(created_at=then + timedelta(minutes=1))
    taking.catch_up()
    assert not booked_of_it.exists()

    events.update(created_at=then - timedelta(minutes=1))
    taking.catch_up()

    assert booked_of_it.get().amount == 30
    assert books.CHECKOUT_MAY_TAKE_AT_MOST < taking.UNSEEN_FOR


def test_money_without_order_and_checkout_is_named_and_all_else_is_taken_in(
    stripe_app: App, capsys: pytest.CaptureFixture[str]
) -> None:
    lost, order = foreign_item(None), sale()
    event = charge_unheard(lost)
    charge_unheard(foreign_item(order))

    call_command("paylink_ledger", "import")

    why = "It can never be booked: it belongs to no order and to no checkout"
    assert f"event:{event.pk}: {why}" in capsys.readouterr().out
    assert [kind for kind, *_rest in booked(order)] == ["charge"]
    assert [row.key for row in verification.rows_of_no_order()] == [f"event:{event.pk}"]
    lost.delete()


def test_money_of_a_checkout_that_becomes_an_order_days_later_is_explained(
    stripe_app: App,
) -> None:
    basket, order = checkout(), sale()
    item = foreign_item(None, checkout=basket)
    charge_unheard(item, psp=f"ch_early_{item.pk}")
    recalculate_transaction_amounts(item)
    long_ago = timezone.now() - books.CHECKOUT_MAY_TAKE - timedelta(minutes=1)
    TransactionItem.objects.filter(pk=item.pk).update(modified_at=long_ago)
    call_command("paylink_ledger", "import")

    basket.payment_transactions.update(order=order, checkout_id=None)

    (verdict,) = [each for each in verification.verdicts() if each.order.id == order.pk]
    (why,) = verdict.explained
    assert verdict.reason is None
    assert why.endswith("(charge $30.00) was booked before the checkout became this order.")


def test_what_was_paid_with_a_gift_card_did_not_come_in_a_second_time(
    change: Callable[[], dict[str, Decimal]],
) -> None:
    order = sale()
    item = TransactionItem.objects.create(order=order, currency="USD", app_identifier=GIFT_CARDS)
    charge_unheard(item)
    recalculate_transaction_amounts(item)

    call_command("paylink_ledger", "import")

    assert (booked(order), change()) == ([], {})
    (verdict,) = [each for each in verification.verdicts() if each.order.id == order.pk]
    assert (verdict.order.charged.amount, verdict.reason) == (Decimal(30), None)


def test_money_of_an_app_that_is_gone_stays_what_it_was(
    change: Callable[[], dict[str, Decimal]],
) -> None:
    local = App.objects.create(name="Local", identifier="", is_active=True)
    local.permissions.set(get_permissions_from_names(["HANDLE_PAYMENTS"]))
    order = sale()
    api = PaymentApp(local)
    api.report(api.open(order), "CHARGE_SUCCESS", "30", f"pi_{order.number}")
    known_as = f"app:{local.pk}"
    local.delete()

    call_command("paylink_ledger", "import")

    assert [(kind, provider) for kind, provider, *_rest in booked(order)] == [("charge", known_as)]
    assert change() == {"gross": Decimal(30), "net": Decimal(30), "payments": Decimal(1)}
    (verdict,) = [each for each in verification.verdicts() if each.order.id == order.pk]
    (why,) = verdict.explained
    assert verdict.reason is None
    assert why.endswith(f"was booked when it was known as charge of {known_as}, and stays that.")


def test_a_transaction_that_staff_lower_is_lowered_here(
    change: Callable[[], dict[str, Decimal]],
) -> None:
    order, staff = sale(), Api("cashier")
    figure = {"name": "At the counter", **figures("USD", amountCharged="30")}
    made = staff.do(CREATE, id=global_id(order), transaction=figure)

    staff.do(UPDATE, id=made["transaction"]["id"], transaction=figures("USD", amountCharged="18"))

    assert [(kind, amount) for kind, _by, _reference, amount in booked(order)] == [
        ("manual", Decimal(30)),
        ("manual_returned", Decimal(12)),
    ]
    assert change() == {"manual": Decimal(18), "by hand": Decimal(1)}


def test_paylinks_own_records_are_not_looked_at(shop: None) -> None:
    order = completed()
    pay(link_of(order))
    (entry,) = LedgerEntry.objects.filter(order_id=order.pk, kind="charge")
    assert entry.attempt is not None

    call_command("paylink_ledger", "import")

    assert LedgerEntry.objects.filter(order_id=order.pk).count() == 2  # the fee
    ours: list[UUID] = list(order.payment_transactions.values_list("token", flat=True))
    assert len(ours) == 1


def test_the_overhead_on_saleors_road_is_one_message(
    payments: PaymentApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = sale()
    item = payments.open(order)
    queued: list[tuple[object, ...]] = []
    monkeypatch.setattr(books.jobs, "later", lambda *args: queued.append(args))

    payments.report(item, "CHARGE_SUCCESS", "30", f"pi_{order.number}")

    pk = int(TransactionItem.objects.get(order=order).pk)
    assert queued == [("saleor_paylink.take_in", "transaction", pk)]
    assert graphene.Node.from_global_id(item)[0] == "TransactionItem"
