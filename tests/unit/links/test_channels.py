"""Channels that get another name: what was written down under the old one follows."""

from collections.abc import Callable, Collection
from dataclasses import replace
from decimal import Decimal

import pytest

from saleor_paylink.earnings.report import earnings
from saleor_paylink.links import channels
from saleor_paylink.links.lifecycle import LinkTerms, create, mark_paid
from saleor_paylink.links.resolving import resolve
from saleor_paylink.links.settlement import apply, provider_of, settle
from saleor_paylink.links.sweeper import sweep
from saleor_paylink.links.webhooks import UnknownProvider, receive
from saleor_paylink.models import (
    ExceptionResolution,
    KnownChannel,
    LedgerEntry,
    PaymentAttempt,
    PaymentCollection,
    PaymentException,
    PaymentLink,
    ProviderEvent,
    RefundRequest,
)
from saleor_paylink.money import Money
from saleor_paylink.providers.interface import Snapshot
from saleor_paylink.providers.stripe import StripeProvider
from sandbox.shop import orders
from sandbox.shop.gateways import report
from sandbox.shop.models import Channel, Order, ProductVariant
from sandbox.shop.shop import SandboxShop
from sandbox.stripe import Simulator
from tests.unit.links.helpers import CLERK, Customer, deliver_all, webhooks
from tests.unit.links.moving import CHARGED
from tests.unit.links.racing import overtaken

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


def rename_and_follow() -> None:
    rename("shop", "boutique")
    channels.follow_names()


def names() -> set[str]:
    """Of the channels of all that is written down."""
    return {name for kept in KEEPERS for name in kept.objects.values_list("channel", flat=True)}


def earned(channels: Collection[str]) -> list[Money]:
    return [row.gross for row in earnings(channels=channels)]


@pytest.fixture
def forgotten(customer: Customer, simulator: Simulator) -> str:
    """A paid session of an attempt that is forgotten, beside a link that nobody comes back to."""
    session = customer.session()
    PaymentAttempt.objects.all().delete()
    simulator.pay(session)
    return session


@pytest.fixture
def orphan(forgotten: str, simulator: Simulator) -> PaymentException:
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


def test_a_name_can_be_passed_on(orphan: PaymentException) -> None:
    Channel.objects.create(slug="other", currency="USD")
    sweep()
    LedgerEntry.objects.filter(kind="fee").update(channel="other")

    rename("other", "third")
    rename("shop", "other")
    sweep()

    assert dict(LedgerEntry.objects.values_list("kind", "channel")) == {
        "charge": "other",
        "fee": "third",
    }


def test_a_new_channel_of_the_old_name_gets_nothing_of_the_other_ones(
    orphan: PaymentException,
) -> None:
    rename("shop", "boutique")
    sweep()
    Channel.objects.create(slug="shop", currency="USD")
    sweep()

    assert names() == {"boutique"}
    assert earned(["shop"]) == []


# A name is passed on, and nobody hears of it before money comes in


@pytest.fixture
def unheard(channel: Channel, order: Order) -> None:
    """What was "other" is "third" by now, and the shop's "other", without a word."""
    Channel.objects.create(slug="other", currency="USD")
    sweep()
    rename("other", "third")
    rename("shop", "other")


def test_what_others_take_is_the_channels_that_has_the_name(
    unheard: None, channel: Channel, mug: ProductVariant
) -> None:
    sale = orders.complete(orders.create_draft(channel, [(mug, 2)], None).id, None)
    PaymentCollection.objects.filter(order_id=sale.id).delete()

    report(sale.transactions.create(source="a.gateway"), CHARGED, Decimal(25))
    sweep()

    assert LedgerEntry.objects.get().channel == "other"


def test_what_others_take_for_a_collected_order_is_the_channels_that_has_the_name(
    customer: Customer, unheard: None, order: Order
) -> None:
    report(order.transactions.create(source="a.gateway"), CHARGED, Decimal(25))
    sweep()

    assert (LedgerEntry.objects.get().channel, PaymentCollection.objects.get().channel) == (
        "other",
        "other",
    )


def test_what_a_link_brings_is_the_channels_that_has_the_name(
    customer: Customer, simulator: Simulator, unheard: None
) -> None:
    simulator.pay(customer.session())
    settle(PaymentAttempt.objects.get().id)
    sweep()

    assert names() == {"other"}


def test_what_staff_take_is_the_channels_that_has_the_name(
    customer: Customer, order: Order, unheard: None
) -> None:
    mark_paid(order.id, CLERK)
    sweep()

    assert LedgerEntry.objects.get().channel == "other"


def test_what_an_order_brings_that_was_made_meanwhile_is_the_channels_that_has_the_name(
    unheard: None, make_order: Callable[..., Order], simulator: Simulator
) -> None:
    order = make_order()
    simulator.pay(Customer(create(order.id, LinkTerms(), CLERK)).session())
    settle(PaymentAttempt.objects.get().id)
    sweep()

    assert set(LedgerEntry.objects.values_list("kind", "channel")) == {
        ("charge", "other"),
        ("fee", "other"),
    }
    assert PaymentCollection.objects.get(order_id=order.id).channel == "other"


def test_a_channel_that_is_gone_leaves_its_name_to_others(channel: Channel) -> None:
    other = Channel.objects.create(slug="other", currency="USD")
    sweep()
    other.delete()
    sweep()

    assert list(KnownChannel.objects.values_list("shop_id", "slug")) == [(str(channel.pk), "shop")]


# While it is being renamed


@pytest.mark.django_db(transaction=True)
def test_what_is_booked_meanwhile_follows(customer: Customer, simulator: Simulator) -> None:
    sweep()
    simulator.pay(customer.session())
    attempt = PaymentAttempt.objects.get()
    snapshot = provider_of(attempt).fetch(attempt.provider_reference or "")

    overtaken(
        lambda: apply(attempt.pk, snapshot),
        rename_and_follow,
        before='INSERT INTO "saleor_paylink_ledgerentry"',
    )

    assert set(LedgerEntry.objects.values_list("kind", "channel")) == {
        ("charge", "boutique"),
        ("fee", "boutique"),
    }
    assert names() == {"boutique"}


def renamed_after_asking(monkeypatch: pytest.MonkeyPatch, *, named: bool = True) -> None:
    """The channel is renamed just after Stripe was asked for the first time; `named` says whether
    the session tells its channel."""
    fetch, asked = StripeProvider.fetch, []

    def fetch_and_rename(provider: StripeProvider, reference: str) -> Snapshot:
        snapshot = fetch(provider, reference)
        if not asked:
            rename_and_follow()
        asked.append(reference)
        return snapshot if named else replace(snapshot, channel=None)

    monkeypatch.setattr(StripeProvider, "fetch", fetch_and_rename)


@pytest.mark.parametrize("named", [True, False])
def test_money_of_no_order_that_is_looked_up_meanwhile_has_the_new_name(
    forgotten: str, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    sweep()
    renamed_after_asking(monkeypatch, named=named)

    # What is delivered to the old name afterwards is not taken.
    with pytest.raises(UnknownProvider):
        deliver_all(simulator)

    assert names() == {"boutique"}
    exception = PaymentException.objects.get()
    assert resolve(exception.pk, ExceptionResolution.REFUNDED, CLERK).resolution == "refunded"


def test_money_of_an_order_that_goes_meanwhile_has_the_new_name(
    customer: Customer, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def order_goes(_shop: SandboxShop, order_id: object, _charge: object) -> None:
        rename_and_follow()
        Order.objects.get(id=order_id).delete()
        raise Order.DoesNotExist

    sweep()
    simulator.pay(customer.session())
    monkeypatch.setattr(SandboxShop, "record_charge", order_goes)

    settle(PaymentAttempt.objects.get().id)

    assert PaymentException.objects.get().channel == "boutique"
    assert names() == {"boutique"}


def test_what_becomes_of_money_of_no_order_meanwhile_has_the_new_name(
    orphan: PaymentException, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator.refund(orphan.reference, 1000)
    renamed_after_asking(monkeypatch)

    PaymentException.objects.update(next_check_at=orphan.raised_at)
    sweep()

    assert LedgerEntry.objects.filter(kind="refund").count() == 1
    assert names() == {"boutique"}


@pytest.mark.django_db(transaction=True)
def test_money_of_no_order_that_is_booked_meanwhile_follows(
    forgotten: str, simulator: Simulator
) -> None:
    sweep()
    (headers, body), *_others = webhooks(simulator)

    overtaken(
        lambda: receive("stripe", "shop", headers, body),
        rename_and_follow,
        before='INSERT INTO "saleor_paylink_ledgerentry"',
    )

    assert PaymentException.objects.count() == 1
    assert names() == {"boutique"}


@pytest.mark.django_db(transaction=True)
def test_a_refund_of_money_of_no_order_that_is_asked_for_meanwhile_follows(
    orphan: PaymentException,
) -> None:
    overtaken(
        lambda: resolve(orphan.pk, ExceptionResolution.REFUNDED, CLERK),
        rename_and_follow,
        before='INSERT INTO "saleor_paylink_refundrequest"',
    )

    assert names() == {"boutique"}
    # Until the name is followed its keys are not found.
    assert resolve(orphan.pk, ExceptionResolution.REFUNDED, CLERK).resolution == "refunded"
    assert LedgerEntry.objects.filter(kind="refund").count() == 1


def test_money_of_no_order_is_booked_in_a_channel_that_was_never_looked_at(
    forgotten: str, simulator: Simulator
) -> None:
    assert KnownChannel.objects.count() == 0

    deliver_all(simulator)

    assert names() == {"shop"}
    assert PaymentException.objects.count() == 1


# A session names its channel for ever


def test_money_of_no_order_is_the_channels_that_asked_for_it_whoever_took_its_name(
    customer: Customer, simulator: Simulator, channel: Channel
) -> None:
    sweep()
    session = customer.session()
    PaymentAttempt.objects.all().delete()
    rename("shop", "boutique")
    sweep()
    Channel.objects.create(
        slug="shop", currency="USD", plugin_active=True, plugin_values=channel.plugin_values
    )
    sweep()
    simulator.pay(session)

    for headers, body in webhooks(simulator):
        receive("stripe", "boutique", headers, body)

    assert PaymentException.objects.get().channel == "boutique"
    assert names() == {"boutique"}


def test_money_of_no_order_goes_by_the_name_that_all_else_of_its_channel_goes_by(
    forgotten: str, simulator: Simulator, channel: Channel
) -> None:
    """Also while nobody has followed the new one: all of it follows together."""
    sweep()
    rename("shop", "boutique")
    Channel.objects.create(
        slug="other", currency="USD", plugin_active=True, plugin_values=channel.plugin_values
    )
    for headers, body in webhooks(simulator):
        receive("stripe", "other", headers, body)
    assert PaymentException.objects.get().channel == "shop"

    rename("other", "shop")
    sweep()

    assert PaymentException.objects.get().channel == "boutique"
    assert set(LedgerEntry.objects.values_list("channel", flat=True)) == {"boutique"}
