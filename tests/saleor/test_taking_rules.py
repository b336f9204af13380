"""What each row of Saleor's books comes to."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from saleor.app.models import App
from saleor.payment import TransactionEventType, TransactionKind
from saleor.payment.models import Payment, Transaction, TransactionEvent, TransactionItem
from saleor.payment.transaction_item_calculations import recalculate_transaction_amounts

from saleor_paylink.saleor.records import OWNER
from saleor_paylink.saleor.takings import GIFT_CARDS, rows_of_item, rows_of_payment
from tests.saleor.orders import completed

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
ORDER = uuid4()
APP = "saleor.app.payment.stripe"
STRIPE: dict[str, Any] = {"app_identifier": APP, "psp_reference": "pi_1"}
BY_STAFF: dict[str, Any] = {"name": "At the counter"}
Said = list[tuple[str, str, str]]

# Of 7.00 by an app, and by hand.
EVENTS = {
    "charge_success": (("charge", "7"), ("manual", "7")),
    "charge_back": (("dispute", "7"), ("manual_returned", "7")),
    "refund_success": (("refund", "7"), ("manual_returned", "7")),
    "refund_reverse": (("refund_reversal", "7"), ("manual", "7")),
}
KINDS = {
    "capture": (("charge", "7"), ("manual", "7")),
    "refund": (("refund", "7"), ("manual_returned", "7")),
    "refund_reversed": (("refund_reversal", "7"), ("manual", "7")),
    "external": (None, ("manual", "7")),
}


def event(type: str, amount: str = "7", psp: str | None = "psp_1", **fields: Any) -> Any:
    return TransactionEvent(
        type=type,
        amount_value=Decimal(amount),
        psp_reference=psp,
        currency="USD",
        created_at=fields.pop("at", AT),
        include_in_calculations=fields.pop("counts", True),
        **fields,
    )


def item_rows(fields: dict[str, Any], *events: TransactionEvent, channel: str | None = "c") -> Any:
    for pk, each in zip(count(1), events, strict=False):
        each.pk = each.pk or pk
    item = TransactionItem(currency="USD", order_id=ORDER, **fields)
    return rows_of_item(item, events, channel)


def said(rows: Any) -> Said:
    """Key, kind and amount of what moved."""
    moved = [(row.key, row.taking) for row in rows if row.taking is not None]
    return [(key, each.kind.value, f"{each.amount.amount:f}") for key, each in moved]


@pytest.mark.parametrize("type", [type for type, _label in TransactionEventType.CHOICES])
def test_each_type_of_event(type: str) -> None:
    by_itself, by_hand = EVENTS.get(type, (None, None))

    automated = said(item_rows(STRIPE, event(type)))
    manual = said(item_rows(BY_STAFF, event(type)))

    assert automated == ([("event:1", *by_itself)] if by_itself else [])
    assert manual == ([("event:1", *by_hand)] if by_hand else [])
    assert item_rows(STRIPE, event(type, counts=False)) == []


@pytest.mark.parametrize(
    "kind", [value for name, value in vars(TransactionKind).items() if name.isupper()][:-1]
)
def test_each_kind_of_an_older_gateways_transactions(kind: str) -> None:
    by_itself, by_hand = KINDS.get(kind, (None, None))

    assert said(payment_rows("a.gateway", (kind, "7"))) == (
        [("transaction:1", *by_itself)] if by_itself else []
    )
    assert said(payment_rows("manual", (kind, "7"))) == (
        [("transaction:1", *by_hand)] if by_hand else []
    )
    assert said(payment_rows("a.gateway", (kind, "7"), is_success=False)) == []
    assert said(payment_rows("a.gateway", (kind, "7"), action_required=True)) == []


def payment_rows(gateway: str, *moved: tuple[str, str], **fields: Any) -> Any:
    payment = Payment(gateway=gateway, currency="usd", order_id=ORDER, psp_reference="pi_9")
    transactions = [
        Transaction(
            pk=pk,
            kind=kind,
            amount=Decimal(amount),
            token=f"t_{pk}",
            currency="usd",
            created_at=AT,
            **{"is_success": True, **fields},
        )
        for pk, (kind, amount) in enumerate(moved, 1)
    ]
    return rows_of_payment(payment, transactions, "c")


def test_what_is_said_of_a_movement() -> None:
    (row,) = item_rows(STRIPE, event("refund_success", psp="re_1", pk=12))

    taking = row.taking
    assert (taking.provider, taking.reference, taking.payment) == (APP, "re_1", "pi_1")
    assert (taking.channel, taking.order_id, taking.at) == ("c", ORDER, AT)
    assert (taking.amount.amount, taking.amount.currency) == (Decimal("7"), "USD")


def test_what_is_said_of_an_older_gateways_movement() -> None:
    (row,) = payment_rows("mirumee.payments.stripe", ("capture", "7"))

    taking = row.taking
    assert (taking.provider, taking.reference) == ("mirumee.payments.stripe", "t_1")
    # Saleor's Stripe gateway writes currencies in lower case.
    assert (taking.payment, taking.amount.currency) == ("pi_9", "USD")


def test_a_capture_that_failed_after_all_is_taken_back() -> None:
    rows = payment_rows("a.gateway", ("capture", "7"), ("capture_failed", "7"))

    assert said(rows) == [
        ("transaction:1", "charge", "7"),
        ("transaction:2", "adjustment", "-7"),
    ]


@pytest.mark.parametrize(
    ("success", "failure", "first", "back"),
    [
        ("charge_success", "charge_failure", ("charge", "7"), ("adjustment", "-7")),
        ("refund_success", "refund_failure", ("refund", "7"), ("refund_reversal", "7")),
    ],
)
def test_a_success_that_failed_after_all_is_taken_back(
    success: str, failure: str, first: tuple[str, str], back: tuple[str, str]
) -> None:
    later, earlier = AT + timedelta(hours=1), AT - timedelta(hours=1)
    both = [("event:1", *first), ("event:1/failed", *back)]

    assert said(item_rows(STRIPE, event(success), event(failure, at=later))) == both
    assert said(item_rows(STRIPE, event(success), event(failure))) == both
    # Whichever of the two was told first.
    told_first = item_rows(STRIPE, event(failure, at=later, pk=2), event(success, pk=1))
    assert said(told_first) == both
    assert said(item_rows(STRIPE, event(success), event(failure, at=earlier))) == both[:1]
    assert said(item_rows(STRIPE, event(success), event(failure, at=later, psp="x"))) == both[:1]


def test_an_event_that_was_told_twice_counts_once() -> None:
    rows = item_rows(STRIPE, event("charge_success"), event("charge_success", "8"))

    assert [(row.key, row.taking is not None) for row in rows] == [
        ("event:1", True),
        ("event:2", False),
    ]


def test_a_figure_that_was_lowered_is_a_correction_of_what_came_in() -> None:
    rows = item_rows(
        STRIPE, event("charge_success", "30", None), event("charge_success", "-4", None)
    )

    assert said(rows) == [("event:1", "charge", "30"), ("event:2", "adjustment", "-4")]


def test_a_refund_that_an_app_states_as_two_figures_is_taken_off_once() -> None:
    rows = item_rows(
        STRIPE,
        event("charge_success", "30", None),
        event("charge_success", "-10", None),
        event("refund_success", "10", None),
    )

    assert said(rows) == [
        ("event:1", "charge", "30"),
        ("event:2", "adjustment", "-10"),
        ("event:3", "refund", "10"),
        ("event:3/net", "adjustment", "10"),
    ]


def test_a_refund_figure_that_was_lowered_came_back() -> None:
    rows = item_rows(
        STRIPE, event("charge_success", "30", None), event("refund_success", "-10", None)
    )

    assert said(rows)[1:] == [
        ("event:2", "refund_reversal", "10"),
        ("event:2/net", "adjustment", "-10"),
    ]


def test_a_manual_refund_of_the_dashboards_gives_back_what_came_in_elsewhere() -> None:
    rows = item_rows(BY_STAFF, event("refund_success", "10", None))

    assert said(rows) == [("event:1", "manual_returned", "10")]


def test_by_hand_only_the_charged_figure_moves_anything() -> None:
    rows = item_rows(
        BY_STAFF,
        event("charge_success", "30", None),
        event("charge_success", "-10", None),
        event("refund_success", "10", None),
    )

    assert said(rows) == [("event:1", "manual", "30"), ("event:2", "manual_returned", "10")]
    assert rows[2].key == "event:3"


@pytest.mark.parametrize(
    ("fields", "provider"),
    [
        ({"name": "Mark-as-paid transaction", "app_identifier": APP}, "manual"),
        ({"name": "Mark-as-paid transaction", "user_id": 1}, "manual"),
        ({"user_id": 1}, "manual"),
        ({}, "manual"),
        ({"app_identifier": ""}, "manual"),
        ({"app_identifier": APP}, APP),
        ({"app_identifier": "stripe"}, "app:stripe"),
        ({"app_identifier": "manual"}, "app:manual"),
        ({"app": App(pk=7, identifier="")}, "app:7"),
        ({"app": App(pk=7, identifier="an.app")}, "an.app"),
        ({"app_identifier": "a." + "x" * 254}, ("a." + "x" * 254)[:255]),
    ],
)
def test_whose_a_transaction_is(fields: dict[str, Any], provider: str) -> None:
    (row,) = item_rows(fields, event("charge_success"))

    assert row.taking.provider == provider
    assert (row.taking.kind.value == "manual") == (provider == "manual")
    assert (row.taking.reference == "") == (provider == "manual")


@pytest.mark.parametrize("owner", [OWNER, GIFT_CARDS])
def test_paylinks_own_transactions_and_gift_cards_bring_nothing_more(owner: str) -> None:
    (row,) = item_rows({"app_identifier": owner}, event("charge_success"))

    assert (row.key, row.taking, row.problem) == ("event:1", None, "")


def test_gift_cards_are_known_by_saleors_own_name_for_them() -> None:
    const = pytest.importorskip("saleor.giftcard.const")
    if not hasattr(const, "GIFT_CARD_PAYMENT_GATEWAY_ID"):
        pytest.skip("This Saleor has no gateway for them.")

    assert const.GIFT_CARD_PAYMENT_GATEWAY_ID == GIFT_CARDS


def test_nothing_is_no_movement() -> None:
    (row,) = item_rows(STRIPE, event("charge_success", "0"))

    assert (row.taking, row.problem) == (None, "")


def test_money_of_an_unknown_channel_is_a_problem() -> None:
    (row,) = item_rows(STRIPE, event("charge_success"), channel=None)

    assert row.taking is None
    assert row.problem.startswith("it belongs to no order and to no checkout")


HISTORIES = [
    [("charge_success", "30", "pi")],
    [("charge_success", "30", "pi"), ("refund_success", "10", "re"), ("charge_back", "5", "pi")],
    [("charge_success", "30", "pi"), ("refund_success", "9", "r"), ("refund_reverse", "9", "r")],
    [("charge_success", "30", "pi"), ("charge_failure", "30", "pi")],
    [("charge_success", "30", "pi"), ("refund_success", "9", "r"), ("refund_failure", "9", "r")],
    [("charge_success", "30", None), ("charge_success", "-9", None), ("refund_success", "9", None)],
    [("charge_success", "20", None), ("charge_success", "10", None), ("charge_back", "4", None)],
    [("authorization_success", "30", "a"), ("charge_request", "30", "pi")],
    [("charge_success", "30", "a"), ("charge_success", "12", "b"), ("refund_failure", "9", "r")],
]


@pytest.mark.parametrize("history", HISTORIES)
@pytest.mark.parametrize("owner", [STRIPE, BY_STAFF])
def test_what_moved_adds_up_to_what_saleor_says_was_charged(
    history: list[tuple[str, str, str | None]], owner: dict[str, Any]
) -> None:
    order = completed()
    item = TransactionItem.objects.create(order=order, currency="USD", **owner)
    for type, amount, psp in history:
        event(type, amount, psp, transaction=item).save()
    recalculate_transaction_amounts(item)
    inward = ("charge", "adjustment", "refund_reversal", "manual")

    rows = rows_of_item(item, item.events.all(), "c")
    moved = [row.taking for row in rows if row.taking is not None]
    net = sum(
        (each.amount.amount if each.kind in inward else -each.amount.amount for each in moved),
        Decimal(0),
    )

    assert net == item.charged_value
