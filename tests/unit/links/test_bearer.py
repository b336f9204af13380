"""What the bearer of a link is told of their own payment."""

from datetime import timedelta
from decimal import Decimal

import pytest

from saleor_paylink.links import bearer
from saleor_paylink.links.bearer import LastTry, RequestStatus
from saleor_paylink.links.changes import order_changed
from saleor_paylink.links.settlement import settle
from saleor_paylink.models import LinkStatus, PaymentAttempt, PaymentLink
from saleor_paylink.money import Money
from saleor_paylink.shop import current_shop
from saleor_paylink.web.pages import request_page
from sandbox.shop.models import Channel
from sandbox.stripe import Simulator
from tests.unit.links.helpers import CARD, SLOW, Customer
from tests.unit.web.visitor import text


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def attempt() -> PaymentAttempt:
    return PaymentAttempt.objects.get()


def test_a_try_that_was_declined_is_remembered_with_its_method(
    customer: Customer, simulator: Simulator
) -> None:
    assert customer.page().last_try is None
    simulator.decline(customer.session())
    settle(attempt().id)

    assert customer.page().last_try == LastTry(
        CARD, "Card", usd("25"), attempt().created_at, "Your card was declined."
    )


def test_a_payment_on_its_way_says_how_and_how_much(
    customer: Customer, simulator: Simulator
) -> None:
    simulator.pay_later(customer.session(SLOW))
    settle(attempt().id)

    seen = customer.page()
    assert seen.status is RequestStatus.PROCESSING
    assert seen.last_try == LastTry(
        SLOW, "US bank account", usd("25"), attempt().created_at, decline=None
    )


def test_a_payment_on_its_way_is_not_forgotten_with_its_order(
    customer: Customer, simulator: Simulator
) -> None:
    simulator.pay_later(customer.session(SLOW))
    settle(attempt().id)

    current_shop().cancel(customer.link.order_id, None)
    order_changed(customer.link.order_id)

    seen = customer.page()
    assert seen.status is RequestStatus.CANCELED
    assert seen.last_try is not None
    assert "Your payment of $25.00 is still on its way." in text(request_page(seen))


def test_a_try_that_is_still_open_is_nobodys_business(customer: Customer) -> None:
    customer.begin()

    assert customer.page().last_try is None


@pytest.mark.parametrize(
    ("cents", "returned", "status"),
    [(500, "5", RequestStatus.PAID), (None, "25", RequestStatus.REFUNDED)],
)
def test_what_was_given_back_is_known_to_the_cent(
    customer: Customer,
    simulator: Simulator,
    cents: int | None,
    returned: str,
    status: RequestStatus,
) -> None:
    simulator.pay(customer.session())
    settle(attempt().id)
    assert customer.page().returned == usd("0")

    simulator.refund(customer.page().receipts[0].reference, cents)
    settle(attempt().id)

    seen = customer.page()
    assert (seen.returned, seen.status) == (usd(returned), status)
    assert seen.is_given_back is (status is RequestStatus.REFUNDED)


def test_a_receipt_has_the_merchants_address(customer: Customer, simulator: Simulator) -> None:
    assert customer.page().merchant == []
    simulator.pay(customer.session())
    settle(attempt().id)

    assert "Paid to Sandbox shop Sandbox Ltd 1 Harbour Street" in text(
        request_page(customer.page())
    )


def test_a_payment_is_news_for_half_an_hour(
    customer: Customer, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator.pay(customer.session())
    settle(attempt().id)
    seen = customer.page()
    assert seen.is_just_paid

    later = seen.receipts[0].paid_at + timedelta(minutes=30)
    monkeypatch.setattr(bearer.timezone, "now", lambda: later)

    assert not seen.is_just_paid


def test_the_form_may_lead_to_the_pages_of_the_methods_that_are_offered(
    customer: Customer, simulator: Simulator, channel: Channel
) -> None:
    assert len(customer.page().page_sources) == 1

    channel.plugin_values = {**channel.plugin_values, "stripe-methods": "blik"}
    channel.save()

    assert (customer.page().methods, customer.page().page_sources) == ([], [])


def test_a_brand_that_cannot_be_used_keeps_nobody_from_paying(
    customer: Customer, channel: Channel
) -> None:
    bad = {"brand-colour": "purple", "logo-url": "logo.png", "support-email": "help@shop.example"}
    channel.plugin_values = {**channel.plugin_values, **bad}
    channel.save()

    seen = customer.page()

    assert (seen.brand.colour, seen.brand.logo_url) == (None, None)
    assert seen.brand.support_email == "help@shop.example"
    assert seen.status is RequestStatus.DUE


def test_money_that_is_on_its_way_elsewhere_is_no_try_of_the_customers(
    customer: Customer, simulator: Simulator
) -> None:
    simulator.decline(customer.session())
    settle(attempt().id)
    PaymentLink.objects.update(status=LinkStatus.PROCESSING)

    seen = customer.page()

    assert (seen.status, seen.last_try) == (RequestStatus.PROCESSING, None)
