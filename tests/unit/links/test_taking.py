"""Taking in what the shop has recorded of money that others took."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from saleor_paylink import shop as seam
from saleor_paylink.earnings.report import earnings
from saleor_paylink.earnings.takings import Overtaken, book_rows
from saleor_paylink.links import taking
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.receipts import receipt_of
from saleor_paylink.links.refunds import request_for_shop
from saleor_paylink.links.settlement import settle
from saleor_paylink.models import (
    LedgerEntry,
    LinkStatus,
    PaymentAttempt,
    PaymentCollection,
    PaymentLink,
    RefundRequest,
    TakenRow,
    TakingWindow,
)
from saleor_paylink.money import Money
from saleor_paylink.shop import OrderView, ShopRow, Taking, TakingKind, current_shop
from sandbox.shop import orders, payments
from sandbox.shop.books import SandboxBooks
from sandbox.shop.models import App, Channel, Order, ProductVariant, TransactionEvent
from sandbox.shop.shop import SandboxShop
from sandbox.stripe import Simulator
from tests.unit.links.helpers import Customer
from tests.unit.links.moving import CHARGED, OtherBooks, installed, move
from tests.unit.links.racing import Racer

AT = timezone.now() - timedelta(days=40)


@pytest.fixture
def sale(channel: Channel, mug: ProductVariant) -> Order:
    """An order that paylink has nothing to do with."""
    order = orders.complete(orders.create_draft(channel, [(mug, 2)], None).id, None)
    assert not PaymentCollection.objects.filter(order_id=order.id).exists()
    return order


@pytest.fixture
def stripe_app(transactional_db: None) -> App:
    return App.objects.create(name="A payment app", token="token-of-the-app", permissions=[])


def charged(order: Order, amount: str = "25.00", psp: str = "") -> TransactionEvent:
    """Another gateway has charged so much, and nobody has heard of it."""
    taken = order.transactions.create(source="a.gateway", charged=Decimal(amount))
    event: TransactionEvent = taken.events.create(
        type=CHARGED, amount=Decimal(amount), psp_reference=psp, created_at=AT
    )
    return event


def row(key: str, amount: str = "5", **fields: Any) -> ShopRow:
    details = {
        "kind": TakingKind.CHARGE,
        "provider": "a.gateway",
        "reference": "",
        "payment": "",
        "amount": Money(Decimal(amount), "USD"),
        "channel": "shop",
        "order_id": None,
        "at": AT,
    }
    return ShopRow(key, Taking(**{**details, **fields}))


def booked() -> list[tuple[str, str, Decimal]]:
    entries = LedgerEntry.objects.order_by("pk")
    return list(entries.values_list("kind", "reference", "amount"))


def test_what_an_app_has_taken_is_booked_as_soon_as_it_is_recorded(
    sale: Order, stripe_app: App
) -> None:
    payments.add_by_app(sale.id, Decimal("25.00"), "Card", "pi_1", stripe_app)

    entry = LedgerEntry.objects.get()
    assert (entry.kind, entry.provider) == ("charge", f"app:{stripe_app.pk}")
    assert (entry.order_id, entry.channel, entry.money) == (
        sale.id,
        "shop",
        Money(Decimal("25.000"), "USD"),
    )
    (usd,) = earnings()
    assert (usd.gross.amount, usd.payment_count, usd.manual_count) == (Decimal("25.000"), 1, 0)


def test_what_staff_mark_as_paid_stands_apart(sale: Order) -> None:
    payments.mark_as_paid(sale.id, "cash", None)

    (usd,) = earnings()
    assert (usd.gross.amount, usd.manual_gross.amount) == (Decimal(0), Decimal("25.000"))


def test_what_was_not_heard_of_is_found_once(sale: Order) -> None:
    taking.catch_up()
    event = charged(sale, psp="ch_1")

    taking.catch_up()
    taking.catch_up()

    assert booked() == [("charge", "ch_1", Decimal("25.000"))]
    assert LedgerEntry.objects.get().occurred_at == AT
    assert TakenRow.objects.get().key == f"event:{event.pk}"


def test_what_was_there_before_the_first_look_is_left_to_the_import(sale: Order) -> None:
    charged(sale)

    taking.catch_up()

    assert booked() == []
    assert taking.count_history() == 1


def test_a_row_that_appears_after_later_ones_is_found_too(sale: Order) -> None:
    taking.catch_up()
    late = charged(sale, "3.00")
    late_pk, late_transaction = late.pk, late.transaction
    late.delete()
    charged(sale, "4.00")
    taking.catch_up()
    assert booked() == [("charge", f"event:{late_pk + 1}", Decimal("4.000"))]

    late_transaction.events.create(pk=late_pk, type=CHARGED, amount=Decimal("3.00"))
    taking.catch_up()

    assert [amount for _kind, _reference, amount in booked()] == [Decimal(4), Decimal(3)]


def test_what_is_looked_through_moves_on_only_when_no_row_of_before_can_appear(
    sale: Order,
) -> None:
    taking.catch_up()
    first = TakingWindow.objects.get().seen
    event = charged(sale)
    TakingWindow.objects.update(seen_at=timezone.now() - taking.UNSEEN_FOR)

    taking.catch_up()

    window = TakingWindow.objects.get()
    assert (window.after, window.seen) == (first, event.pk)
    taking.catch_up()
    assert TakingWindow.objects.get().after == first


def test_what_a_process_was_looking_at_when_it_died_is_looked_at_again(sale: Order) -> None:
    """For the last time before what is looked through moves on: by then all of it is there."""
    taking.catch_up()
    event = charged(sale)
    long_ago = timezone.now() - taking.UNSEEN_FOR
    TakingWindow.objects.update(seen=event.pk, seen_at=long_ago)
    with installed(OtherBooks(DyingBooks(left=0))), pytest.raises(KeyboardInterrupt):
        taking.catch_up()
    assert booked() == []

    taking.catch_up()

    assert booked() == [("charge", f"event:{event.pk}", Decimal("25.000"))]


def test_what_is_looked_through_does_not_move_on_while_something_is_left(
    sale: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    taking.catch_up()
    first, second = charged(sale, "1.00"), charged(sale, "2.00")
    long_ago = timezone.now() - taking.UNSEEN_FOR
    TakingWindow.objects.update(seen=second.pk, seen_at=long_ago)
    monkeypatch.setattr(taking, "BATCH", 1)

    taking.catch_up()

    assert booked() == [("charge", f"event:{first.pk}", Decimal("1.000"))]
    assert TakingWindow.objects.get().seen_at == long_ago
    taking.catch_up()
    assert booked()[1:] == [("charge", f"event:{second.pk}", Decimal("2.000"))]
    assert TakingWindow.objects.get().after == second.pk


class HalfBrokenBooks(SandboxBooks):
    """There is one record of a kind that cannot be read."""

    kinds = ("broken", "event")

    def not_taken(self, kind: str, after: int, limit: int) -> Sequence[int]:
        if kind == "broken":
            return [1] if after < 1 else []
        return super().not_taken(kind, after, limit)

    def not_taken_since(self, kind: str, line: int, limit: int) -> Sequence[int]:
        return [1] if kind == "broken" else super().not_taken_since(kind, line, limit)

    def rows(self, kind: str, ids: Collection[int]) -> Sequence[ShopRow]:
        if kind == "broken":
            raise ConnectionError
        return super().rows(kind, ids)


def test_a_record_that_cannot_be_read_keeps_no_other_kind_from_being_caught_up_with(
    sale: Order,
) -> None:
    with installed(OtherBooks(HalfBrokenBooks())):
        taking.catch_up()
        event = charged(sale)

        taking.catch_up()

    assert booked() == [("charge", f"event:{event.pk}", Decimal("25.000"))]


def test_a_record_that_cannot_be_read_is_said_and_ends_no_import(
    sale: Order, capsys: pytest.CaptureFixture[str]
) -> None:
    event = charged(sale)

    with (
        installed(OtherBooks(HalfBrokenBooks())),
        pytest.raises(CommandError, match="1 records could not be taken in"),
    ):
        call_command("paylink_ledger", "import")

    assert booked() == [("charge", f"event:{event.pk}", Decimal("25.000"))]
    assert "broken 1 could not be taken in (ConnectionError)." in capsys.readouterr().out


def test_money_of_an_order_that_is_collected_closes_its_link(
    link: PaymentLink, order: Order
) -> None:
    event = charged(order)

    taking.take_in("event", [event.pk])

    link.refresh_from_db()
    assert link.status == LinkStatus.PAID_MANUALLY
    assert booked() == [("charge", f"event:{event.pk}", Decimal("25.000"))]


def test_an_import_runs_through_all_of_it_and_a_second_time_books_nothing(
    sale: Order, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "BATCH", 2)
    for number in range(5):
        charged(sale, "1.00", psp=f"ch_{number}")

    call_command("paylink_ledger", "import")

    assert len(booked()) == 5
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "2 of 5 records",
        "4 of 5 records",
        "5 of 5 records",
        "5 movements were booked.",
    ]
    call_command("paylink_ledger", "import")
    assert len(booked()) == 5
    assert capsys.readouterr().out.splitlines() == ["0 movements were booked."]


class DyingBooks(SandboxBooks):
    """The process dies after so many batches."""

    def __init__(self, left: int = 1) -> None:
        self.left = left

    def rows(self, kind: str, ids: Collection[int]) -> Sequence[ShopRow]:
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        return super().rows(kind, ids)


def test_an_import_that_died_goes_on_where_it_was(
    sale: Order, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(taking, "BATCH", 2)
    for _number in range(5):
        charged(sale, "1.00")
    with installed(OtherBooks(DyingBooks())), pytest.raises(KeyboardInterrupt):
        call_command("paylink_ledger", "import")
    assert len(booked()) == 2
    capsys.readouterr()

    call_command("paylink_ledger", "import")

    assert len(booked()) == 5
    assert capsys.readouterr().out.splitlines()[0] == "2 of 3 records"


class LostChannel(SandboxBooks):
    """Of the first event the channel is not known."""

    def rows(self, kind: str, ids: Collection[int]) -> Sequence[ShopRow]:
        first, *others = super().rows(kind, ids)
        return [ShopRow(first.key, problem="nobody knows its channel"), *others]


def test_what_can_never_be_booked_is_said_each_time_and_keeps_nothing_else_from_it(
    sale: Order, capsys: pytest.CaptureFixture[str]
) -> None:
    lost, event = charged(sale, "1.00"), charged(sale, "2.00")

    for _time in range(2):
        with installed(OtherBooks(LostChannel())):
            call_command("paylink_ledger", "import")
        said = capsys.readouterr().out
        assert f"event:{lost.pk}: It can never be booked: nobody knows its channel.\n" in said
        assert said.endswith("1 rows can never be booked.\n")

    assert booked() == [("charge", f"event:{event.pk}", Decimal("2.000"))]
    assert not TakenRow.objects.filter(key=f"event:{lost.pk}").exists()


class BrokenRecord(SandboxBooks):
    """One record cannot be read."""

    def __init__(self, broken: TransactionEvent) -> None:
        self._broken = broken

    def rows(self, kind: str, ids: Collection[int]) -> Sequence[ShopRow]:
        if self._broken.pk in ids:
            raise ConnectionError
        return super().rows(kind, ids)


def test_what_cannot_be_taken_in_now_keeps_nothing_else_from_it_and_ends_badly(
    sale: Order, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, event = charged(sale, "1.00"), charged(sale, "2.00")

    with (
        installed(OtherBooks(BrokenRecord(broken))),
        pytest.raises(CommandError, match="1 records could not be taken in: import them again"),
    ):
        call_command("paylink_ledger", "import")

    assert booked() == [("charge", f"event:{event.pk}", Decimal("2.000"))]
    said = capsys.readouterr().out
    assert f"event {broken.pk} could not be taken in (ConnectionError).\n" in said
    call_command("paylink_ledger", "import")
    assert len(booked()) == 2


class EditedAllTheWhile(SandboxShop):
    """Whoever looks at an order under its lock finds it edited once more."""

    def order(self, order_id: UUID, *, fresh: bool = False) -> OrderView | None:
        order = super().order(order_id, fresh=fresh)
        return order and replace(order, stale=not fresh)


def test_an_import_says_what_it_could_not_take_in_for_a_collected_order(
    link: PaymentLink, order: Order, sale: Order, capsys: pytest.CaptureFixture[str]
) -> None:
    event, ours = charged(sale, "2.00"), charged(order, "1.00")

    with (
        installed(EditedAllTheWhile()),
        pytest.raises(CommandError, match="1 records could not be taken in: import them again"),
    ):
        call_command("paylink_ledger", "import")

    assert booked() == [("charge", f"event:{event.pk}", Decimal("2.000"))]
    said = capsys.readouterr().out
    assert f"event:{ours.pk} could not be taken in (NotTakenIn).\n" in said
    assert "1 movements were booked.\n" in said
    call_command("paylink_ledger", "import")
    assert booked()[1:] == [("charge", f"event:{ours.pk}", Decimal("1.000"))]


def test_a_reference_that_another_movement_has_is_replaced_by_the_rows_own(
    transactional_db: None,
) -> None:
    book_rows([row("event:1", reference="pi_1")])

    book_rows([row("event:2", reference="pi_1"), row("event:3", reference="pi_3")])
    book_rows([row("event:4", reference="pi_4"), row("event:5", reference="pi_4")])
    book_rows([row("event:6", reference="x" * 256)])

    assert [reference for _kind, reference, _amount in booked()] == [
        "pi_1",
        "event:2",
        "pi_3",
        "event:5",
        "pi_4",
        "event:6",
    ]


def test_a_row_is_booked_once_also_if_the_shop_says_otherwise_of_it_later(
    transactional_db: None,
) -> None:
    book_rows([row("event:1", reference="pi_1")])

    moved = book_rows([row("event:1", kind=TakingKind.MANUAL, provider="manual", reference="pi_1")])

    assert moved == []
    assert booked() == [("charge", "pi_1", Decimal("5.000"))]


def test_a_row_that_moved_nothing_is_not_looked_at_again(transactional_db: None) -> None:
    assert book_rows([ShopRow("event:1")]) == []

    assert booked() == []
    assert TakenRow.objects.get().key == "event:1"


def test_two_who_take_the_same_row_in_at_once_book_it_once(transactional_db: None) -> None:
    rows = [row(f"event:{number}", reference=f"pi_{number}") for number in range(200)]
    racers = [Racer(lambda: book_rows(rows)), Racer(lambda: book_rows(reversed(rows)))]
    for racer in racers:
        racer.start()
    moved = [racer.join() for racer in racers]

    assert sorted(map(len, moved)) == [0, 200]  # type: ignore[arg-type]
    assert LedgerEntry.objects.count() == 200


def test_what_overtakes_a_booking_books_nothing_of_it(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from saleor_paylink.earnings import takings

    book_rows([row("event:1", reference="pi_1")])
    monkeypatch.setattr(takings, "_booked_references", lambda _takings: set())

    with pytest.raises(Overtaken):
        book_rows([row("event:2", reference="pi_1"), row("event:3")])

    assert booked() == [("charge", "pi_1", Decimal("5.000"))]
    assert list(TakenRow.objects.values_list("key", flat=True)) == ["event:1"]


def test_an_adjustment_lowers_what_came_in(transactional_db: None) -> None:
    book_rows([row("event:1", "30")])

    book_rows([row("event:2", "-10", kind=TakingKind.ADJUSTMENT)])

    (usd,) = earnings()
    assert (usd.gross.amount, usd.net.amount) == (Decimal("20.000"), Decimal("20.000"))


def test_what_was_given_back_of_it_is_taken_off(sale: Order) -> None:
    event = charged(sale)
    move(event.transaction, "-10.00")

    call_command("paylink_ledger", "import")

    (usd,) = earnings()
    assert (usd.gross.amount, usd.refunded.amount) == (Decimal("25.000"), Decimal("10.000"))


def test_paylinks_own_records_are_no_takings_of_others(
    order: Order, link: PaymentLink, customer: Customer, simulator: Simulator
) -> None:
    simulator.pay(customer.session())
    settle(PaymentAttempt.objects.get().id)
    before = booked()
    assert order.transactions.count() == 1

    call_command("paylink_ledger", "import")

    assert booked() == before


def test_receipts_of_payments_over_the_link_are_numbered_by_themselves(
    order: Order, customer: Customer, simulator: Simulator
) -> None:
    taking.take_in("event", [charged(order, "10.00").pk])
    simulator.pay(customer.session())
    settle(PaymentAttempt.objects.get().id)

    entry = LedgerEntry.objects.get(kind="charge", attempt__isnull=False)
    seen = current_shop().order(order.id)
    assert seen is not None
    number = receipt_of(entry, seen).number
    assert number == f"{order.number}-1"
    assert [each.number for each in customer.page().receipts] == [number]


def test_what_others_have_taken_cannot_be_given_back_over_paylink(
    order: Order, link: PaymentLink
) -> None:
    taking.take_in("event", [charged(order, psp="pi_foreign").pk])
    before = booked()

    with pytest.raises(LinkError) as refusal:
        request_for_shop(order.id, "pi_foreign", Money(Decimal(5), "USD"), "ask-1", None)

    assert refusal.value.code is LinkErrorCode.NOT_FOUND
    assert (booked(), RefundRequest.objects.count()) == (before, 0)


def test_a_shop_whose_books_cannot_be_read_is_not_disturbed(sale: Order) -> None:
    class Broken(SandboxBooks):
        def rows(self, kind: str, ids: Collection[int]) -> Sequence[ShopRow]:
            raise ConnectionError

        def rows_of_orders(self, order_ids: Collection[UUID]) -> Mapping[UUID, Sequence[ShopRow]]:
            raise ConnectionError

    with installed(OtherBooks(Broken())):
        payments.mark_as_paid(sale.id, "cash", None)

    assert seam.current_shop() is current_shop()
    assert (sale.transactions.get().charged, booked()) == (Decimal("25.000"), [])
    call_command("paylink_ledger", "import")
    assert [kind for kind, _reference, _amount in booked()] == ["manual"]
