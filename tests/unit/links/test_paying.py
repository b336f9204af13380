"""Clicking Pay: one session for exactly what is due."""

from datetime import timedelta

import pytest
from django.utils import timezone

from saleor_paylink.links import paying
from saleor_paylink.links.bearer import RequestStatus, payment_request
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.lifecycle import LinkTerms, create
from saleor_paylink.links.settlement import settle
from saleor_paylink.links.sweeper import sweep
from saleor_paylink.models import AttemptStatus, LinkStatus, PaymentAttempt, PaymentLink
from sandbox.shop import orders
from sandbox.shop.models import Channel, Order
from sandbox.stripe import Simulator
from tests.unit.links.helpers import CARD, CLERK, SLOW, Customer, asked_of, session_of


def refused(customer: Customer, simulator: Simulator, **more: str) -> LinkErrorCode:
    """The refusal's code, after which nothing new was asked of Stripe and nothing stored."""
    before = (asked_of(simulator), PaymentAttempt.objects.count())
    with pytest.raises(LinkError) as caught:
        customer.begin(**more)
    assert (asked_of(simulator), PaymentAttempt.objects.count()) == before
    return caught.value.code


def test_the_session_asks_for_exactly_what_is_due(customer: Customer, simulator: Simulator) -> None:
    session, _lines = simulator.session(customer.session())

    attempt = PaymentAttempt.objects.get()
    assert (session["amount_total"], session["currency"]) == (2500, "usd")
    assert session["client_reference_id"] == str(attempt.id)
    assert (attempt.status, attempt.provider_reference) == ("open", session["id"])


def test_clicking_twice_leads_to_one_session(customer: Customer, simulator: Simulator) -> None:
    assert customer.begin() == customer.begin()
    assert asked_of(simulator) == 1


def test_the_address_is_forgotten_once_the_session_is_open(customer: Customer) -> None:
    customer.begin()

    assert PaymentAttempt.objects.get().parameters == {}


@pytest.mark.parametrize("revision", ["", "0000000000000000", "x" * 1000])
def test_a_stale_page_charges_nothing(
    customer: Customer, simulator: Simulator, revision: str
) -> None:
    code = refused(customer, simulator, revision=revision)
    assert code == LinkErrorCode.AMOUNT_CHANGED


@pytest.mark.parametrize("method", ["stripe:unknown", "unknown:card", "card", "", "stripe:"])
def test_an_unknown_method_is_refused(
    customer: Customer, simulator: Simulator, method: str
) -> None:
    assert refused(customer, simulator, method=method) == LinkErrorCode.METHOD_UNAVAILABLE


@pytest.mark.parametrize(
    "token", ["", "x", "x" * 43, "ü" * 43, "../" * 10, "a" * 42 + "\n", "\x00" * 43]
)
def test_unknown_and_malformed_tokens_are_one_and_the_same(
    customer: Customer, simulator: Simulator, token: str
) -> None:
    with pytest.raises(LinkError) as caught:
        paying.begin(token, CARD, "")

    assert caught.value.code == LinkErrorCode.NOT_FOUND
    assert payment_request(token) is None
    assert asked_of(simulator) == 0


def test_a_token_opens_nothing_in_another_channel(customer: Customer) -> None:
    assert payment_request(customer.token, "other") is None
    assert payment_request(customer.token, "shop") is not None


def test_an_edit_after_the_session_was_opened_replaces_it(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    first = customer.session()
    stale = customer.page().revision
    line = order.lines.get()
    orders.change_quantity(order.id, line.pk, 3)

    assert refused(customer, simulator, revision=stale) == LinkErrorCode.AMOUNT_CHANGED
    second = customer.session()

    assert simulator.session(first)[0]["status"] == "expired"
    assert simulator.session(second)[0]["amount_total"] == 3750
    assert [a.status for a in PaymentAttempt.objects.order_by("created_at")] == [
        AttemptStatus.CANCELED,
        AttemptStatus.OPEN,
    ]


def test_no_second_session_while_the_first_cannot_be_closed(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    customer.session()
    orders.change_quantity(order.id, order.lines.get().pk, 3)
    simulator.add_fault("POST", ".*/expire", "error_500", times=20)

    with pytest.raises(LinkError) as caught:
        customer.begin()

    assert caught.value.code == LinkErrorCode.PROVIDER_ERROR
    assert asked_of(simulator) == 1


def test_an_answer_that_was_lost_is_asked_for_again_with_the_same_key(
    customer: Customer, simulator: Simulator
) -> None:
    simulator.add_fault("POST", "/v1/checkout/sessions", "timeout_after_commit", times=20)
    with pytest.raises(LinkError) as caught:
        customer.begin()
    assert caught.value.code == LinkErrorCode.PROVIDER_ERROR
    simulator.clear_faults()

    customer.begin()

    assert len(simulator.sessions()) == 1
    keys = {r["idempotency_key"] for r in simulator.requests() if r["method"] == "POST"}
    assert len(keys) == 1
    assert PaymentAttempt.objects.count() == 1


def test_what_the_provider_refuses_for_good_fails_the_attempt(
    customer: Customer, simulator: Simulator
) -> None:
    simulator.add_fault("POST", "/v1/checkout/sessions", "card_error_402")
    with pytest.raises(LinkError):
        customer.begin()

    assert PaymentAttempt.objects.get().status == AttemptStatus.FAILED
    customer.begin()
    assert PaymentAttempt.objects.filter(status=AttemptStatus.OPEN).count() == 1


def test_money_on_its_way_blocks_another_attempt(customer: Customer, simulator: Simulator) -> None:
    simulator.pay_later(customer.session(SLOW))
    settle(PaymentAttempt.objects.get().id)

    assert refused(customer, simulator) == LinkErrorCode.MONEY_IN_FLIGHT
    assert customer.page().status is RequestStatus.PROCESSING


def test_a_paid_link_charges_nothing_more(customer: Customer, simulator: Simulator) -> None:
    revision = customer.page().revision
    simulator.pay(customer.session())

    # Paid at Stripe, and not heard of here yet.
    assert refused(customer, simulator, revision=revision) == LinkErrorCode.ALREADY_PAID
    assert customer.page().status is RequestStatus.PAID


def test_an_expired_link_is_not_payable(customer: Customer, simulator: Simulator) -> None:
    revision = customer.page().revision
    PaymentLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert refused(customer, simulator, revision=revision) == LinkErrorCode.LINK_NOT_ACTIVE
    assert customer.page().status is RequestStatus.EXPIRED


def test_a_revoked_link_shows_nothing(customer: Customer) -> None:
    PaymentLink.objects.update(status=LinkStatus.REVOKED)

    assert payment_request(customer.token) is None


def test_a_session_does_not_outlive_its_link_by_more_than_the_provider_demands(
    customer: Customer,
) -> None:
    PaymentLink.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
    customer.begin()

    attempt = PaymentAttempt.objects.get()
    assert timedelta(minutes=30) < attempt.expires_at - attempt.created_at < timedelta(minutes=36)


def test_an_open_session_of_an_expired_link_is_closed_before_the_next_links(
    customer: Customer, simulator: Simulator, order: Order
) -> None:
    first = customer.session()
    PaymentLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    second = Customer(create(order.id, LinkTerms(), CLERK)).session()

    assert first != second
    assert simulator.session(first)[0]["status"] == "expired"
    assert session_of(PaymentAttempt.objects.get(status="open").redirect_url) == second


def test_a_session_that_the_provider_does_not_know_any_more_blocks_nothing_once_it_is_over(
    customer: Customer, simulator: Simulator, channel: Channel
) -> None:
    customer.begin()
    values = {**channel.plugin_values, "stripe-secret-key": "sk_test_another_account"}
    Channel.objects.filter(pk=channel.pk).update(plugin_values=values)
    with pytest.raises(LinkError) as caught:
        customer.begin()
    assert caught.value.code == LinkErrorCode.PROVIDER_ERROR
    assert PaymentAttempt.objects.get().status == AttemptStatus.OPEN

    PaymentAttempt.objects.update(expires_at=timezone.now())
    customer.begin()

    assert sorted(PaymentAttempt.objects.values_list("status", flat=True)) == ["failed", "open"]


def test_the_sweeper_gives_up_a_session_that_is_over_and_unknown(
    customer: Customer, simulator: Simulator, channel: Channel
) -> None:
    customer.begin()
    values = {**channel.plugin_values, "stripe-secret-key": "sk_test_another_account"}
    Channel.objects.filter(pk=channel.pk).update(plugin_values=values)

    sweep()
    assert PaymentAttempt.objects.get().status == AttemptStatus.OPEN
    PaymentAttempt.objects.update(expires_at=timezone.now(), next_check_at=timezone.now())
    sweep()

    assert PaymentAttempt.objects.get().status == AttemptStatus.FAILED


def test_why_a_session_was_refused_is_not_told_to_the_customer(
    customer: Customer, simulator: Simulator
) -> None:
    simulator.add_fault("POST", "/v1/checkout/sessions", "card_error_402")
    with pytest.raises(LinkError):
        customer.begin()

    assert PaymentAttempt.objects.get().failure_reason != ""
    assert customer.page().decline is None


def test_the_customer_comes_back_to_where_they_clicked_last(customer: Customer) -> None:
    customer.begin()
    paying.begin(
        customer.token, CARD, customer.page().revision, return_url="https://storefront.example/"
    )

    assert PaymentAttempt.objects.get().return_url == "https://storefront.example/"
