"""Money of nobody, money of others, and news that come before anything is known of it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone

from saleor_paylink.links.errors import LinkErrorCode
from saleor_paylink.links.orphans import shop_mark
from saleor_paylink.links.resolving import resolve
from saleor_paylink.links.settlement import apply, provider_of, settle
from saleor_paylink.links.sweeper import sweep
from saleor_paylink.links.webhooks import receive
from saleor_paylink.models import (
    AttemptStatus,
    ExceptionResolution,
    LedgerEntry,
    PaymentAttempt,
    PaymentException,
    PaymentLink,
    ProviderEvent,
    ShopPosting,
)
from saleor_paylink.money import Money
from saleor_paylink.providers.interface import CheckoutRequest, ProviderError, Snapshot
from saleor_paylink.providers.stripe import StripeProvider
from sandbox.shop.models import Channel, Order, Transaction
from sandbox.shop.shop import SandboxShop
from sandbox.stripe import Simulator
from tests.unit.links.helpers import (
    CARD,
    CLERK,
    KEY,
    SECRET,
    Customer,
    deliver_all,
    status_of,
    webhooks,
)
from tests.unit.links.moving import SlowShop, installed
from tests.unit.links.racing import codes, overtaken

SESSIONS = "/v1/checkout/sessions"
# An attempt that was never made.
NOBODYS = "5f0f1b52-6f1d-4a7b-9a35-6a3f0c1c9c11"


def deliver(simulator: Simulator, wanted: Callable[[bytes], bool]) -> None:
    """Let those webhooks arrive whose bodies are wanted; the others are lost."""
    for headers, body in webhooks(simulator):
        if wanted(body):
            receive("stripe", "shop", headers, body)


def about(*types: str) -> Callable[[bytes], bool]:
    return lambda body: any(f'"type": "{each}"'.encode() in body for each in types)


def payment_of(simulator: Simulator, session: str) -> str:
    return str(simulator.session(session)[0]["payment_intent"])


def ledger() -> list[tuple[str, Decimal]]:
    entries = LedgerEntry.objects.exclude(kind="fee").order_by("pk")
    return list(entries.values_list("kind", "amount"))


def statuses() -> set[str]:
    """Of every event that has arrived."""
    return set(ProviderEvent.objects.values_list("status", flat=True))


def open_besides(attempt_id: str, shop: str, channel: str = "") -> str:
    """A session over 25 USD that was not opened by a click; its reference."""
    provider = StripeProvider(SandboxShop().channel_settings("shop"))
    request = CheckoutRequest(
        attempt_id=attempt_id,
        shop=shop,
        channel=channel,
        method=CARD,
        amount=Money(Decimal(25), "USD"),
        description="Two mugs",
        customer_email=None,
        language="en",
        success_url=f"https://{shop}/",
        cancel_url=f"https://{shop}/",
        expires_at=timezone.now() + timedelta(hours=1),
    )
    return provider.open(provider.prepare(request), attempt_id).reference


@pytest.fixture
def orphan(customer: Customer, simulator: Simulator) -> str:
    """A payment whose attempt is forgotten, as after a restored backup; its session."""
    session = customer.session()
    PaymentAttempt.objects.all().delete()
    simulator.pay(session)
    return session


@pytest.fixture
def gone(customer: Customer, simulator: Simulator, order: Order) -> str:
    """A payment whose order has been deleted; its session."""
    session = customer.session()
    simulator.pay(session)
    order.delete()
    return session


def test_money_of_an_attempt_that_is_not_known_is_booked_and_shown(
    orphan: str, simulator: Simulator, order: Order
) -> None:
    for _time in range(2):
        deliver_all(simulator)

    payment = payment_of(simulator, orphan)
    exception = PaymentException.objects.get()
    assert (exception.kind, exception.reference, exception.amount, exception.order_id) == (
        "orphan",
        payment,
        Decimal("25.000"),
        None,
    )
    assert exception.provider_url == f"https://dashboard.stripe.com/test/payments/{payment}"
    charge = LedgerEntry.objects.get(kind="charge")
    assert (charge.reference, charge.order_id, charge.attempt, charge.channel) == (
        payment,
        None,
        None,
        "shop",
    )
    assert statuses() == {"processed"}


def test_no_order_is_told_of_orphan_money(orphan: str, simulator: Simulator, order: Order) -> None:
    deliver_all(simulator)

    assert order.transactions.count() == 0
    assert status_of(order.id) == "unconfirmed"
    assert (ShopPosting.objects.count(), len(mail.outbox)) == (0, 0)


def test_any_event_of_orphan_money_brings_it_in(orphan: str, simulator: Simulator) -> None:
    deliver(simulator, about("payment_intent.succeeded"))

    assert ledger() == [("charge", Decimal("25.000"))]


def test_a_session_that_nobody_knows_and_nobody_paid_is_no_money(
    customer: Customer, simulator: Simulator
) -> None:
    simulator.expire(customer.session())
    PaymentAttempt.objects.all().delete()

    deliver_all(simulator)

    assert (ledger(), PaymentException.objects.count()) == ([], 0)
    assert statuses() == {"processed"}


def test_what_becomes_of_orphan_money_is_booked(orphan: str, simulator: Simulator) -> None:
    deliver_all(simulator)
    payment = payment_of(simulator, orphan)
    simulator.refund(payment, 1000)
    simulator.dispute(payment)
    deliver_all(simulator)
    simulator.close_dispute(payment, "won")
    deliver_all(simulator)

    assert ledger() == [
        ("charge", Decimal("25.000")),
        ("refund", Decimal("10.000")),
        ("dispute", Decimal("15.000")),
        ("dispute_reversal", Decimal("15.000")),
    ]
    assert set(LedgerEntry.objects.values_list("order_id", "attempt_id")) == {(None, None)}
    assert set(LedgerEntry.objects.values_list("payment_reference", flat=True)) == {payment}
    assert statuses() == {"processed"}


def test_what_becomes_of_orphan_money_unheard_is_found_by_the_sweeper(
    orphan: str, simulator: Simulator
) -> None:
    deliver_all(simulator)
    simulator.refund(payment_of(simulator, orphan), 1000)

    sweep()

    assert ledger() == [("charge", Decimal("25.000")), ("refund", Decimal("10.000"))]


def test_orphan_money_is_looked_at_every_week_for_120_days(
    orphan: str, simulator: Simulator
) -> None:
    deliver_all(simulator)
    before = timezone.now()
    sweep()
    at = PaymentException.objects.get().next_check_at
    assert at is not None
    assert before + timedelta(days=7) <= at <= timezone.now() + timedelta(days=7)

    long_ago = timezone.now() - timedelta(days=120)
    PaymentException.objects.update(raised_at=long_ago, next_check_at=timezone.now())
    sweep()

    assert PaymentException.objects.get().next_check_at is None


def test_orphan_money_is_given_back_once(orphan: str, simulator: Simulator) -> None:
    deliver_all(simulator)
    exception = PaymentException.objects.get()

    for _time in range(2):
        resolve(exception.pk, ExceptionResolution.REFUNDED, None)
        deliver_all(simulator)
        sweep()

    assert ledger() == [("charge", Decimal("25.000")), ("refund", Decimal("25.000"))]
    exception.refresh_from_db()
    assert exception.resolution == "refunded"


@pytest.mark.parametrize("way", [ExceptionResolution.KEPT, ExceptionResolution.DISMISSED])
def test_orphan_money_can_be_left_where_it_is(
    orphan: str, simulator: Simulator, way: ExceptionResolution
) -> None:
    deliver_all(simulator)

    assert resolve(PaymentException.objects.get().pk, way, None).resolution == way
    assert ledger() == [("charge", Decimal("25.000"))]


def test_orphan_money_is_given_back_or_kept_and_not_both(orphan: str, simulator: Simulator) -> None:
    deliver_all(simulator)
    pk = PaymentException.objects.get().pk

    results = overtaken(
        lambda: resolve(pk, ExceptionResolution.REFUNDED, CLERK),
        lambda: resolve(pk, ExceptionResolution.KEPT, CLERK),
        before='INSERT INTO "saleor_paylink_refundrequest"',
    )

    assert codes(results) == [LinkErrorCode.INVALID]
    assert PaymentException.objects.get().resolution == "refunded"
    assert ledger() == [("charge", Decimal("25.000")), ("refund", Decimal("25.000"))]


def test_orphan_money_that_was_given_back_at_the_provider_is_resolved_by_itself(
    orphan: str, simulator: Simulator
) -> None:
    deliver_all(simulator)
    simulator.refund(payment_of(simulator, orphan))

    deliver_all(simulator)

    assert PaymentException.objects.get().resolution == "refunded"


# In which channel


def endpoint(slug: str, key: str) -> None:
    """Another channel, whose endpoint hears what happens in an account."""
    values = {"stripe-secret-key": key, "stripe-webhook-secret": SECRET}
    Channel.objects.create(slug=slug, currency="USD", plugin_active=True, plugin_values=values)


def heard_by(slug: str, simulator: Simulator) -> None:
    for headers, body in webhooks(simulator):
        receive("stripe", slug, headers, body)


def channels() -> set[str]:
    """Of all that was booked and shown."""
    shown = set(PaymentException.objects.values_list("channel", flat=True))
    return shown | set(LedgerEntry.objects.values_list("channel", flat=True))


def test_orphan_money_is_the_channels_that_asked_for_it_whoever_hears_of_it(
    orphan: str, simulator: Simulator
) -> None:
    endpoint("other", KEY)

    heard_by("other", simulator)

    assert channels() == {"shop"}
    assert (ledger(), statuses()) == ([("charge", Decimal("25.000"))], {"processed"})


@pytest.mark.parametrize("named", ["", "0"])
def test_money_that_names_no_channel_that_there_is_is_that_of_the_endpoint(
    channel: Channel, simulator: Simulator, named: str
) -> None:
    session = open_besides(NOBODYS, shop_mark("shop"), named)
    simulator.pay(session)

    deliver_all(simulator)

    assert channels() == {"shop"}
    assert statuses() == {"processed"}


def test_money_that_names_a_channel_of_another_account_is_that_of_the_endpoint(
    channel: Channel, simulator: Simulator
) -> None:
    """Only with the keys of its own channel can it be given back."""
    endpoint("other", "sk_test_of_somebody_else")
    other = Channel.objects.get(slug="other")
    session = open_besides(NOBODYS, shop_mark("shop"), str(other.pk))
    simulator.pay(session)

    deliver_all(simulator)

    assert channels() == {"shop"}
    assert statuses() == {"processed"}


def test_while_its_channel_cannot_ask_the_money_waits(
    orphan: str, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint("other", KEY)
    fetch = StripeProvider.fetch

    def down_in_shop(provider: StripeProvider, reference: str) -> Snapshot:
        if provider.settings.channel == "shop":
            raise ProviderError("Down.", permanent=False)
        return fetch(provider, reference)

    with monkeypatch.context() as patch:
        patch.setattr(StripeProvider, "fetch", down_in_shop)
        heard_by("other", simulator)
        assert (ledger(), channels()) == ([], set())

    ProviderEvent.objects.update(next_try_at=timezone.now())
    sweep()

    assert (ledger(), channels()) == ([("charge", Decimal("25.000"))], {"shop"})


# Of an order that is gone


def test_money_of_an_order_that_is_gone_is_booked_and_shown(
    gone: str, simulator: Simulator
) -> None:
    link = PaymentLink.objects.get()

    for _time in range(2):
        deliver_all(simulator)

    exception = PaymentException.objects.get()
    assert (exception.kind, exception.order_id, exception.amount) == (
        "orphan",
        link.order_id,
        Decimal("25.000"),
    )
    assert ledger() == [("charge", Decimal("25.000"))]
    assert PaymentAttempt.objects.get().status == AttemptStatus.PAID
    assert (statuses(), ShopPosting.objects.count()) == ({"processed"}, 0)


def test_money_of_an_order_that_goes_while_it_is_settled_is_booked_and_shown(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()
    simulator.pay(session)
    attempt = PaymentAttempt.objects.get()
    snapshot = provider_of(attempt).fetch(session)

    with installed(SlowShop(lambda: Order.objects.all().delete())):
        apply(attempt.id, snapshot)

    assert PaymentException.objects.get().kind == "orphan"
    assert ledger() == [("charge", Decimal("25.000"))]
    assert PaymentAttempt.objects.get().status == AttemptStatus.PAID


def test_what_becomes_of_the_money_of_an_order_that_is_gone_is_booked(
    gone: str, simulator: Simulator
) -> None:
    deliver_all(simulator)
    simulator.refund(payment_of(simulator, gone), 1000)
    deliver_all(simulator)

    resolve(PaymentException.objects.get().pk, ExceptionResolution.REFUNDED, None)

    assert ledger() == [
        ("charge", Decimal("25.000")),
        ("refund", Decimal("10.000")),
        ("refund", Decimal("15.000")),
    ]
    assert ShopPosting.objects.count() == 0


def test_a_session_of_an_order_that_is_gone_is_closed(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    session = customer.session()
    order.delete()

    sweep()

    assert simulator.session(session)[0]["status"] == "expired"
    assert PaymentAttempt.objects.get().status == AttemptStatus.CANCELED


def test_an_order_that_goes_before_it_is_told_of_its_money_leaves_an_orphan(
    customer: Customer, simulator: Simulator, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    def order_goes(_shop: SandboxShop, order_id: object, _charge: object) -> None:
        Order.objects.get(id=order_id).delete()
        raise Order.DoesNotExist

    simulator.pay(customer.session())
    monkeypatch.setattr(SandboxShop, "record_charge", order_goes)

    settle(PaymentAttempt.objects.get().id)

    exception = PaymentException.objects.get()
    assert (exception.kind, exception.amount) == ("orphan", Decimal("25.000"))
    assert ShopPosting.objects.get().posted_at is not None


# Of other shops that share the account


@pytest.fixture
def other_shop(channel: Channel, simulator: Simulator) -> str:
    """A payment at another shop with the same account; its session."""
    session = open_besides(NOBODYS, "other.example")
    simulator.pay(session)
    return session


def test_events_of_another_shop_are_foreign_at_once_and_nobody_is_asked(
    other_shop: str, simulator: Simulator
) -> None:
    before = len(simulator.requests())

    deliver_all(simulator)

    assert statuses() == {"foreign"}
    # All that was asked for is the list of events, by this test.
    assert len(simulator.requests()) == before + 1
    assert (ledger(), PaymentException.objects.count()) == ([], 0)


def test_refunds_and_disputes_of_another_shop_are_foreign(
    other_shop: str, simulator: Simulator
) -> None:
    payment = payment_of(simulator, other_shop)
    simulator.refund(payment, 1000)
    simulator.dispute(payment)

    deliver(simulator, about("refund.created", "charge.dispute.created"))

    assert (statuses(), ProviderEvent.objects.count()) == ({"foreign"}, 2)
    assert ledger() == []


# News that come first


@pytest.mark.parametrize("type", ["refund.created", "charge.refunded"])
def test_a_refund_that_is_heard_of_before_its_payment_brings_both_in(
    customer: Customer, simulator: Simulator, order: Order, type: str
) -> None:
    session = customer.session()
    simulator.pay(session)
    simulator.refund(payment_of(simulator, session), 1000)

    deliver(simulator, about(type))

    assert ledger() == [("charge", Decimal("25.000")), ("refund", Decimal("10.000"))]
    assert Transaction.objects.get(order=order).charged == Decimal("15.000")
    assert statuses() == {"processed"}


def test_a_dispute_that_is_heard_of_before_its_payment_brings_both_in(
    customer: Customer, simulator: Simulator
) -> None:
    session = customer.session()
    simulator.pay(session)
    simulator.dispute(payment_of(simulator, session))

    deliver(simulator, about("charge.dispute.created"))

    assert ledger() == [("charge", Decimal("25.000")), ("dispute", Decimal("25.000"))]


def test_news_that_come_first_are_kept_while_the_provider_is_down(
    customer: Customer, simulator: Simulator
) -> None:
    session = customer.session()
    simulator.pay(session)
    simulator.refund(payment_of(simulator, session), 1000)
    simulator.add_fault("GET", SESSIONS, "error_500", times=3)
    deliver(simulator, about("refund.created"))
    assert (statuses(), ledger()) == ({"failed"}, [])

    ProviderEvent.objects.update(next_try_at="2020-01-01T00:00:00Z")
    sweep()

    assert ("refund", Decimal("10.000")) in ledger()
    assert statuses() == {"processed"}


# A second session that bears an attempt's name


@pytest.fixture(params=["open", "expired"])
def second(request: pytest.FixtureRequest, customer: Customer, simulator: Simulator) -> str:
    """A session that nobody remembers to have opened, beside one that is open or was closed."""
    known = customer.session()
    attempt = PaymentAttempt.objects.get()
    session = open_besides(str(attempt.id), shop_mark("shop"))
    if request.param == "expired":
        simulator.expire(known)
        settle(attempt.id)
    return session


@pytest.mark.parametrize(
    "type", ["checkout.session.completed", "payment_intent.succeeded", "charge.succeeded"]
)
def test_money_in_a_second_session_is_found_by_whatever_tells_of_it(
    second: str, simulator: Simulator, type: str
) -> None:
    simulator.pay(second)

    deliver(simulator, about(type))

    exception = PaymentException.objects.get()
    assert (exception.kind, exception.session_reference) == ("mismatch", second)
    assert ledger() == [("charge", Decimal("25.000"))]


def test_the_session_beside_a_second_one_that_was_paid_is_closed(
    second: str, simulator: Simulator
) -> None:
    simulator.pay(second)

    deliver_all(simulator)

    beside = [each["status"] for each in simulator.sessions() if each["id"] != second]
    assert beside == ["expired"]
    assert PaymentAttempt.objects.get().status in (AttemptStatus.CANCELED, AttemptStatus.EXPIRED)


def test_money_in_a_second_session_is_given_back(second: str, simulator: Simulator) -> None:
    simulator.pay(second)
    deliver_all(simulator)

    resolve(PaymentException.objects.get().pk, ExceptionResolution.REFUNDED, None)

    assert ledger() == [("charge", Decimal("25.000")), ("refund", Decimal("25.000"))]


def test_what_is_given_back_unheard_of_a_second_session_is_found_by_the_sweeper(
    second: str, simulator: Simulator
) -> None:
    simulator.pay(second)
    deliver_all(simulator)
    simulator.refund(payment_of(simulator, second), 1000)

    sweep()

    assert ledger() == [("charge", Decimal("25.000")), ("refund", Decimal("10.000"))]


@pytest.mark.parametrize("type", ["refund.created", "charge.refunded"])
def test_what_is_given_back_of_a_second_session_is_booked(
    second: str, simulator: Simulator, type: str
) -> None:
    simulator.pay(second)
    deliver_all(simulator)
    simulator.refund(payment_of(simulator, second), 1000)

    deliver(simulator, about(type))

    assert ledger() == [("charge", Decimal("25.000")), ("refund", Decimal("10.000"))]
