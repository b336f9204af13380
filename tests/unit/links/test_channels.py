"""Channels that get another name: what was written down under the old one follows."""

from collections.abc import Collection
from decimal import Decimal

import pytest

from saleor_paylink.earnings.report import earnings
from saleor_paylink.links.resolving import resolve
from saleor_paylink.links.settlement import settle
from saleor_paylink.links.sweeper import sweep
from saleor_paylink.models import (
    ExceptionResolution,
    LedgerEntry,
    PaymentAttempt,
    PaymentCollection,
    PaymentException,
    PaymentLink,
    ProviderEvent,
    RefundRequest,
)
from saleor_paylink.money import Money
from sandbox.shop.models import Channel
from sandbox.stripe import Simulator
from tests.unit.links.helpers import CLERK, Customer, deliver_all

KEEPERS = (
    PaymentCollection,
    PaymentLink,
    RefundRequest,
    PaymentException,
    ProviderEvent,
    LedgerEntry,
)


def rename(slug: str, to: str) -> None:
    Channel.objects.filter(slug=slug).update(slug=to)


def names() -> set[str]:
    """Of the channels of all that is written down."""
    return {name for kept in KEEPERS for name in kept.objects.values_list("channel", flat=True)}


def earned(channels: Collection[str]) -> list[Money]:
    return [row.gross for row in earnings(channels=channels)]


@pytest.fixture
def orphan(customer: Customer, simulator: Simulator) -> PaymentException:
    """Money of an attempt that is forgotten, beside a link that nobody comes back to."""
    session = customer.session()
    PaymentAttempt.objects.all().delete()
    simulator.pay(session)
    deliver_all(simulator)
    sweep()
    return PaymentException.objects.get()


def test_all_that_was_written_down_follows(orphan: PaymentException) -> None:
    resolve(orphan.pk, ExceptionResolution.REFUNDED, CLERK)
    assert names() == {"shop"}

    rename("shop", "boutique")
    sweep()

    assert names() == {"boutique"}
    assert all(kept.objects.exists() for kept in KEEPERS)


def test_money_of_no_order_can_be_given_back_afterwards(
    orphan: PaymentException, simulator: Simulator
) -> None:
    rename("shop", "boutique")
    sweep()

    assert resolve(orphan.pk, ExceptionResolution.REFUNDED, CLERK).resolution == "refunded"
    kinds = LedgerEntry.objects.exclude(kind="fee").order_by("pk")
    assert list(kinds.values_list("kind", "amount", "channel")) == [
        ("charge", Decimal("25.000"), "boutique"),
        ("refund", Decimal("25.000"), "boutique"),
    ]


def test_earnings_are_those_of_the_channel_under_its_new_name(
    customer: Customer, simulator: Simulator
) -> None:
    sweep()
    simulator.pay(customer.session())
    settle(PaymentAttempt.objects.get().id)

    rename("shop", "boutique")
    sweep()

    assert (earned(["boutique"]), earned(["shop"])) == ([Money(Decimal(25), "USD")], [])


def test_two_channels_can_change_their_names_for_each_others(orphan: PaymentException) -> None:
    Channel.objects.create(slug="other", currency="USD")
    sweep()
    LedgerEntry.objects.filter(kind="fee").update(channel="other")

    rename("shop", "between")
    rename("other", "shop")
    rename("between", "other")
    for _time in range(2):
        sweep()

    assert dict(LedgerEntry.objects.values_list("kind", "channel")) == {
        "charge": "other",
        "fee": "shop",
    }
    assert (PaymentException.objects.get().channel, PaymentLink.objects.get().channel) == (
        "other",
        "other",
    )


def test_a_new_channel_of_the_old_name_gets_nothing_of_the_other_ones(
    orphan: PaymentException,
) -> None:
    rename("shop", "boutique")
    sweep()
    Channel.objects.create(slug="shop", currency="USD")
    sweep()

    assert names() == {"boutique"}
    assert earned(["shop"]) == []
