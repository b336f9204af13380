"""The ledger: each movement once, and none ever changed."""

from decimal import Decimal
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from saleor_paylink.earnings import rollups
from saleor_paylink.earnings.ledger import Account, Movement, book, book_many
from saleor_paylink.models import LedgerEntry, LedgerKind, PendingEntry
from saleor_paylink.money import AmountNotRepresentable, Money
from tests.unit.earnings.books import NOON, movement
from tests.unit.links.racing import at_once, overtaken

ORDER = UUID("0a9aa1a5-4d5c-4b7e-9d0e-7e4a3f3b1c11")
OURS = Account("stripe", "shop", ORDER)


def booked() -> list[tuple[str, str, Decimal]]:
    return list(LedgerEntry.objects.order_by("id").values_list("kind", "reference", "amount"))


@pytest.mark.django_db
@pytest.mark.parametrize("amount", ["0.0001", "12.3456", "-0.0005"])
def test_an_amount_finer_than_the_ledger_keeps_is_refused_and_not_rounded(amount: str) -> None:
    fine = Money(Decimal(amount), "CLF")

    with pytest.raises(AmountNotRepresentable):
        book(LedgerKind.ADJUSTMENT, OURS, fine, "adj_1", NOON)
    with pytest.raises(AmountNotRepresentable):
        book_many([movement("pi_1"), Movement(LedgerKind.ADJUSTMENT, OURS, fine, "adj_1", NOON)])

    assert booked() == []


@pytest.mark.django_db
@pytest.mark.parametrize("kind", LedgerKind)
def test_only_corrections_have_a_sign(kind: LedgerKind) -> None:
    signed = kind in (LedgerKind.FEE_CORRECTION, LedgerKind.ADJUSTMENT)
    try:
        with transaction.atomic():
            book(kind, OURS, Money(Decimal("-1.00"), "USD"), "x", NOON)
    except IntegrityError:
        assert not signed
    else:
        assert signed
    assert LedgerEntry.objects.exists() == signed


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        {"amount": 5},
        {"kind": "refund"},
        {"provider": "other"},
        {"reference": "pi_2"},
        {"payment_reference": "pi_2"},
        {"order_id": None},
        {"currency": "EUR"},
        {"attempt": ORDER},
        {"occurred_at": "2026-01-01T00:00Z"},
        {"booked_at": "2026-01-01T00:00Z"},
        {"id": 77},
        {"channel": "boutique", "amount": 5},
    ],
    ids=str,
)
def test_an_entry_is_never_changed(change: dict[str, object]) -> None:
    book(LedgerKind.CHARGE, OURS, Money(Decimal(10), "USD"), "pi_1", NOON, "pi_1")
    before = LedgerEntry.objects.values().get()

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        LedgerEntry.objects.update(**change)

    assert LedgerEntry.objects.values().get() == before


@pytest.mark.django_db
def test_an_entry_is_never_deleted() -> None:
    book(LedgerKind.CHARGE, OURS, Money(Decimal(10), "USD"), "pi_1", NOON)

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        LedgerEntry.objects.all().delete()

    assert LedgerEntry.objects.count() == 1


@pytest.mark.django_db
def test_an_entry_follows_its_channels_name() -> None:
    book(LedgerKind.CHARGE, OURS, Money(Decimal(10), "USD"), "pi_1", NOON)

    LedgerEntry.objects.update(channel="boutique")

    assert LedgerEntry.objects.get().channel == "boutique"


# Many at once


@pytest.mark.django_db
def test_many_are_booked_as_they_were_told() -> None:
    news = [
        Movement(LedgerKind.CHARGE, OURS, Money(Decimal("10.125"), "KWD"), "pi_1", NOON, "pi_1"),
        Movement(
            LedgerKind.REFUND,
            Account("app", "shop", None),
            Money(Decimal(4), "USD"),
            "re_1",
            NOON,
            "pi_9",
        ),
    ]

    assert book_many(news) == 2

    fields = (
        "provider", "kind", "reference", "payment_reference", "order_id", "channel", "attempt_id",
        "amount", "currency", "occurred_at",
    )  # fmt: skip
    assert list(LedgerEntry.objects.order_by("provider").values_list(*fields)) == [
        ("app", "refund", "re_1", "pi_9", None, "shop", None, Decimal(4), "USD", NOON),
        ("stripe", "charge", "pi_1", "pi_1", ORDER, "shop", None, Decimal("10.125"), "KWD", NOON),
    ]
    assert LedgerEntry.objects.filter(booked_at__gt=NOON).count() == 2
    assert PendingEntry.objects.count() == 2


@pytest.mark.django_db
def test_no_movement_is_booked_a_second_time_among_many() -> None:
    book_many([movement("pi_1"), movement("pi_2")])

    again = [movement("pi_2", "99.00"), movement("pi_3"), movement("pi_3"), movement("pi_1")]
    assert book_many(again) == 1
    assert book_many(again) == 0
    assert book_many([]) == 0

    assert booked() == [
        ("charge", "pi_1", Decimal(10)),
        ("charge", "pi_2", Decimal(10)),
        ("charge", "pi_3", Decimal(10)),
    ]
    assert PendingEntry.objects.count() == 3


@pytest.mark.django_db
def test_the_same_reference_is_another_movement_of_another_kind_or_provider() -> None:
    news = [
        movement("1"),
        movement("1", kind=LedgerKind.FEE),
        movement("1", provider="other"),
    ]

    assert book_many(news) == 3


@pytest.mark.django_db(transaction=True)
def test_two_that_book_the_same_at_once_book_it_once() -> None:
    news = [movement(f"pi_{n}") for n in range(200)]

    there, back = at_once(lambda: book_many(news), lambda: book_many(reversed(news)))

    assert isinstance(there, int)
    assert isinstance(back, int)
    assert there + back == 200
    assert LedgerEntry.objects.count() == PendingEntry.objects.count() == 200


@pytest.mark.django_db(transaction=True)
def test_many_and_one_that_are_booked_at_once_are_booked_once() -> None:
    def many_and_more() -> int:
        with transaction.atomic():
            new = book_many([movement("pi_1"), movement("pi_2")])
            rollups.differences()
            return new

    new, one = overtaken(
        many_and_more,
        lambda: book(LedgerKind.CHARGE, OURS, Money(Decimal(10), "USD"), "pi_1", NOON),
        before="both_sides",
    )

    assert (new, one) == (2, None)
    assert len(booked()) == 2
