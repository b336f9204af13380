"""Lists of links and exceptions: what is in them, in which order, page by page."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from saleor_paylink.links.listing import (
    LinkFilter,
    NotAPosition,
    Page,
    Position,
    Sorting,
    link_sorting,
    page,
    payment_exceptions,
    payment_links,
)
from saleor_paylink.models import (
    LedgerEntry,
    PaymentAttempt,
    PaymentCollection,
    PaymentException,
    PaymentLink,
)
from sandbox.shop.models import Channel, Order, User
from tests.attempts import attempt_over

HOUR = timedelta(hours=1)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def make_link(**given: Any) -> PaymentLink:
    """A link of an order that no shop knows, unless the order is given."""
    order_id = given.setdefault("order_id", uuid.uuid4())
    collection, _ = PaymentCollection.objects.get_or_create(
        order_id=order_id, defaults={"channel": "shop"}
    )
    usual = {"channel": "shop", "currency": "USD", "amount": Decimal(10)}
    digest = uuid.uuid4().hex
    return PaymentLink.objects.create(
        collection=collection, token_digest=digest, **{**usual, **given}
    )


def make_attempt(link: PaymentLink, reference: str) -> PaymentAttempt:
    return attempt_over(link, status="paid", provider_reference=reference)


def make_entry(kind: str, reference: str, payment: str, attempt: PaymentAttempt) -> LedgerEntry:
    return LedgerEntry.objects.create(
        kind=kind,
        provider="stripe",
        reference=reference,
        payment_reference=payment,
        order_id=attempt.order_id,
        channel="shop",
        attempt=attempt,
        amount=attempt.amount,
        currency=attempt.currency,
        occurred_at=attempt.created_at,
    )


def found(**wanted: Any) -> set[PaymentLink]:
    return set(payment_links(LinkFilter(**wanted)))


# ---------------------------------------------------------------- what is in it


def test_without_a_filter_every_link_is_listed() -> None:
    links = {make_link(), make_link(status="revoked"), make_link(channel="other")}

    assert found() == links


def test_only_links_of_the_channels_are_listed() -> None:
    here, there = make_link(channel="here"), make_link(channel="there")
    make_link(channel="elsewhere")

    assert found(channels=["here", "there"]) == {here, there}
    assert found(channels=[]) == set()


@pytest.mark.parametrize("status", ["processing", "paid", "paid_manually", "revoked"])
def test_a_status_is_found_as_it_stands(status: str) -> None:
    link = make_link(status=status, expires_at=timezone.now() - HOUR)
    make_link()

    assert found(statuses=[status]) == {link}


def test_a_link_whose_time_is_over_is_expired_whether_or_not_anybody_noticed() -> None:
    noticed = make_link(status="expired", expires_at=timezone.now() - HOUR)
    unnoticed = make_link(expires_at=timezone.now() - HOUR)
    lasting = make_link(expires_at=timezone.now() + HOUR)
    endless = make_link()

    assert found(statuses=["expired"]) == {noticed, unnoticed}
    assert found(statuses=["active"]) == {lasting, endless}
    assert found(statuses=["active", "expired"]) == {noticed, unnoticed, lasting, endless}


def test_several_statuses_are_found_together() -> None:
    paid, over = make_link(status="paid"), make_link(expires_at=timezone.now() - HOUR)
    active = make_link()
    make_link(status="revoked")

    assert found(statuses=["paid", "expired"]) == {paid, over}
    assert found(statuses=["paid", "active"]) == {paid, active}


def test_days_of_creation_are_inclusive() -> None:
    first = make_link(created_at=NEW_YEAR)
    last = make_link(created_at=NEW_YEAR + timedelta(days=1, hours=23, minutes=59))
    make_link(created_at=NEW_YEAR - timedelta(microseconds=1))
    make_link(created_at=NEW_YEAR + timedelta(days=2))

    days = {"created_from": date(2026, 1, 1), "created_to": date(2026, 1, 2)}

    assert found(**days) == {first, last}


@pytest.mark.parametrize("field", ["last_opened_at", "last_sent_at"])
def test_opened_and_sent_links_are_told_from_others(field: str) -> None:
    done, not_done = make_link(**{field: NEW_YEAR}), make_link()
    name = {"last_opened_at": "opened", "last_sent_at": "sent"}[field]

    assert found(**{name: True}) == {done}
    assert found(**{name: False}) == {not_done}


def test_filters_apply_together() -> None:
    link = make_link(channel="here", status="paid", last_sent_at=NEW_YEAR)
    make_link(channel="here", status="paid")
    make_link(channel="here", last_sent_at=NEW_YEAR)
    make_link(channel="there", status="paid", last_sent_at=NEW_YEAR)

    assert found(channels=["here"], statuses=["paid"], sent=True) == {link}


# ---------------------------------------------------------------- search


@pytest.fixture
def make_order() -> Callable[..., Order]:
    channel = Channel.objects.create(slug="shop", currency="USD")
    return lambda **given: Order.objects.create(channel=channel, status="unconfirmed", **given)


@pytest.mark.parametrize("written", ["{}", "#{}", " #{} "])
def test_a_link_is_found_by_its_orders_number(
    make_order: Callable[..., Order], written: str
) -> None:
    order = make_order()
    other = make_order(email=f"customer{order.number}@example.com")
    link = make_link(order_id=order.id)
    make_link(order_id=other.id)

    assert found(search=written.format(order.number)) == {link}


@pytest.mark.parametrize("search", ["ada@example.com", "ada@", "EXAMPLE.com", "xampl"])
def test_a_link_is_found_by_part_of_the_customers_address(
    make_order: Callable[..., Order], search: str
) -> None:
    link = make_link(order_id=make_order(email="Ada@Example.com").id)
    user = User.objects.create(email="ada@example.com.au")
    of_user = make_link(order_id=make_order(user=user).id)
    make_link(order_id=make_order(email="bob@elsewhere.test").id)

    assert found(search=search) == {link, of_user}


def test_the_orders_address_goes_before_its_users(make_order: Callable[..., Order]) -> None:
    user = User.objects.create(email="ada@example.com")
    make_link(order_id=make_order(user=user, email="bob@elsewhere.test").id)

    assert found(search="ada@example.com") == set()


@pytest.mark.parametrize("search", ["%", "_", "a_a", "\\", "#"])
def test_signs_of_patterns_stand_for_themselves(
    make_order: Callable[..., Order], search: str
) -> None:
    make_link(order_id=make_order(email="ada@example.com").id)

    assert found(search=search) == set()


@pytest.mark.parametrize("search", ["cs_test_1", "pi_1"])
def test_a_link_is_found_by_what_the_provider_calls_its_payment(search: str) -> None:
    link, other = make_link(), make_link()
    make_entry("charge", "pi_1", "pi_1", make_attempt(link, "cs_test_1"))
    make_entry("charge", "pi_12", "pi_12", make_attempt(other, "cs_test_12"))

    assert found(search=search) == {link}


def test_a_link_that_is_found_in_several_ways_is_listed_once(
    make_order: Callable[..., Order],
) -> None:
    link = make_link(order_id=make_order(email="pi_1@example.com").id)
    attempt = make_attempt(link, "cs_1")
    make_entry("charge", "pi_1", "pi_1", attempt)
    make_entry("fee", "pi_1", "pi_1", attempt)

    assert list(payment_links(LinkFilter(search="pi_1"))) == [link]


def test_money_of_no_attempt_is_no_link() -> None:
    link = make_link()
    entry = make_entry("manual", "key", "receipt 7", make_attempt(link, "cs_1"))
    LedgerEntry.objects.filter(pk=entry.pk).update(attempt=None)

    assert found(search="receipt 7") == set()


@pytest.mark.parametrize("search", ["9" * 40, "9" * 5000, "ü" * 100_000])
def test_what_is_too_long_finds_nothing(make_order: Callable[..., Order], search: str) -> None:
    make_link(order_id=make_order().id)

    assert found(search=search) == set()


# ---------------------------------------------------------------- order and pages

NEWEST_FIRST = link_sorting("created_at", descending=True)


def forwards(sorting: Sorting, size: int) -> list[PaymentLink]:
    """Every link, read page by page from the beginning."""
    shown, position = [], None
    while True:
        read = page(PaymentLink.objects.all(), sorting, size, position)
        shown += [row for _position, row in read.rows]
        if not read.has_more:
            return shown
        position = read.rows[-1][0]


def backwards(sorting: Sorting, size: int) -> list[PaymentLink]:
    """Every link, read page by page from the end; in the list's order."""
    shown, position = [], None
    while True:
        read = page(PaymentLink.objects.all(), sorting, size, position, backwards=True)
        shown = [row for _position, row in read.rows] + shown
        if not read.has_more:
            return shown
        position = read.rows[0][0]


def times(field: str) -> list[PaymentLink]:
    """Seven links: two with one time, three without any, and one on either side."""
    moments = [NEW_YEAR, None, NEW_YEAR - HOUR, NEW_YEAR, None, NEW_YEAR + HOUR, None]
    return [make_link(**{field: moment}) for moment in moments]


def by_id(*links: PaymentLink) -> list[PaymentLink]:
    return sorted(links, key=lambda link: link.id)


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pages_show_every_link_once_and_equals_by_their_ids(size: int) -> None:
    a, b, c = (make_link(amount=amount) for amount in ("20", "10.5", "20"))
    expected = [b, *by_id(a, c)]
    sorting = link_sorting("amount", descending=False)

    assert forwards(sorting, size) == expected
    assert backwards(sorting, size) == expected


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_descending_is_the_same_the_other_way_round(size: int) -> None:
    a, b, c = (make_link(created_at=NEW_YEAR + n * HOUR) for n in (2, 1, 2))
    expected = [*reversed(by_id(a, c)), b]

    assert forwards(NEWEST_FIRST, size) == expected
    assert backwards(NEWEST_FIRST, size) == expected


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_what_never_expires_comes_after_all_that_does(size: int) -> None:
    a, never1, b, c, never2, d, never3 = times("expires_at")
    expected = [b, *by_id(a, c), d, *by_id(never1, never2, never3)]

    soonest, latest = (link_sorting("expires_at", descending) for descending in (False, True))

    assert forwards(soonest, size) == backwards(soonest, size) == expected
    assert forwards(latest, size) == backwards(latest, size) == expected[::-1]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_what_nobody_opened_comes_before_all_that_somebody_did(size: int) -> None:
    a, never1, b, c, never2, d, never3 = times("last_opened_at")
    expected = [*by_id(never1, never2, never3), b, *by_id(a, c), d]

    earliest, latest = (link_sorting("last_opened_at", descending) for descending in (False, True))

    assert forwards(earliest, size) == backwards(earliest, size) == expected
    assert forwards(latest, size) == backwards(latest, size) == expected[::-1]


def test_links_made_meanwhile_move_no_page() -> None:
    old = [make_link(created_at=NEW_YEAR - n * HOUR) for n in range(4)]
    first = page(PaymentLink.objects.all(), NEWEST_FIRST, 2)
    make_link(created_at=NEW_YEAR + HOUR)

    second = page(PaymentLink.objects.all(), NEWEST_FIRST, 2, first.rows[-1][0])

    assert [row for _position, row in second.rows] == old[2:]


def test_a_list_without_links_has_one_empty_page() -> None:
    assert page(PaymentLink.objects.all(), NEWEST_FIRST, 5) == Page([], has_more=False)


LINK_ID = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("field", "key"),
    [
        ("created_at", ""),
        ("created_at", "yesterday"),
        ("created_at", "2026-02-30 00:00:00+00:00"),
        ("created_at", "7"),
        ("created_at", "\x00"),
        ("amount", ""),
        ("amount", "ten"),
        ("amount", "NaN"),
        ("amount", "Infinity"),
        ("amount", "1e400"),
        ("amount", "9" * 300),
        ("amount", "2026-01-01 00:00:00+00:00"),
    ],
)
def test_a_position_of_no_such_list_is_refused(field: str, key: str) -> None:
    with pytest.raises(NotAPosition):
        page(PaymentLink.objects.all(), link_sorting(field, False), 5, Position(key, LINK_ID))


@pytest.mark.parametrize("id", ["", "7", "\x00", "x" * 300, LINK_ID + "0"])
def test_a_position_without_an_id_is_refused(id: str) -> None:
    with pytest.raises(NotAPosition):
        page(PaymentLink.objects.all(), NEWEST_FIRST, 5, Position(str(NEW_YEAR), id))


@pytest.mark.parametrize("time", ["0001-01-01 00:00:00+14:00", "9999-12-31 23:59:59-14:00"])
def test_a_position_may_be_at_the_end_of_time(time: str) -> None:
    read = page(PaymentLink.objects.all(), NEWEST_FIRST, 5, Position(time, LINK_ID))

    assert read == Page([], has_more=False)


# ---------------------------------------------------------------- exceptions


def make_exception(reference: str, channel: str = "shop", **given: Any) -> PaymentException:
    return PaymentException.objects.create(
        kind="late",
        channel=channel,
        provider="stripe",
        reference=reference,
        amount=10,
        currency="USD",
        **given,
    )


def test_exceptions_are_listed_by_channel_and_by_whether_they_are_resolved() -> None:
    is_open, other = make_exception("a"), make_exception("b", "other")
    kept = make_exception("c", resolution="kept", resolved_at=NEW_YEAR)

    assert set(payment_exceptions(None, resolved=False)) == {is_open, other}
    assert set(payment_exceptions(None, resolved=True)) == {kept}
    assert set(payment_exceptions(["shop"], resolved=False)) == {is_open}
    assert set(payment_exceptions(["other"], resolved=True)) == set()
    assert set(payment_exceptions([], resolved=False)) == set()


@pytest.mark.parametrize("id", ["", "seven", "1.5", "9" * 30, LINK_ID])
def test_a_position_of_no_list_of_exceptions_is_refused(id: str) -> None:
    exceptions, position = payment_exceptions(None, resolved=False), Position(str(NEW_YEAR), id)

    with pytest.raises(NotAPosition):
        page(exceptions, Sorting("raised_at"), 5, position)
