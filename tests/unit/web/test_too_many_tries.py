"""What whoever tries too often gets to see."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.utils import timezone

from saleor_paylink.links.limits import PAY, RENEW, SEEN, Limit, count
from saleor_paylink.models import MailDelivery, PaymentAttempt, PaymentLink
from sandbox.shop.models import Order
from sandbox.stripe import Simulator
from tests.unit.links.helpers import CARD, Customer
from tests.unit.web.visitor import FORM, Visitor, text

UNKNOWN = "A" * 43


@pytest.fixture(autouse=True)
def _stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the minutes to wait could change between two pages."""
    last_hour = timezone.now() - timedelta(hours=1)
    now = last_hour.replace(minute=41, second=30)
    monkeypatch.setattr(timezone, "now", lambda: now)


def use_up(limit: Limit, *, token: str = "", address: str = "") -> None:
    """Leave nothing of what a token, or an address, may try."""
    most = limit.per_token if token else limit.per_address
    for n in range(most):
        count(limit, token or f"other {n}", address or f"other {n}")


def click(visitor: Visitor, customer: Customer) -> HttpResponse:
    revision = customer.page().revision
    return visitor.post(f"pay/{customer.token}/", method=CARD, revision=revision, seen="25.00")


def test_one_click_too_many_is_told_when_to_try_again_and_does_nothing(
    visitor: Visitor, customer: Customer, simulator: Simulator
) -> None:
    use_up(PAY, token=customer.token)

    answer = click(visitor, customer)

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == str(18 * 60 + 30)
    assert answer.headers["Cache-Control"] == "no-store"
    assert text(answer) == (
        "Sandbox shop Too many tries It was tried too often, so nothing was done. Try again in "
        "19 minutes. You have not been charged. If you have begun a payment before, "
        "nothing has happened to it. Back to the payment"
    )
    assert not PaymentAttempt.objects.exists()
    assert simulator.requests() == []


def test_the_page_can_still_be_looked_at(visitor: Visitor, customer: Customer) -> None:
    use_up(PAY, token=customer.token)

    assert visitor.get(f"pay/{customer.token}/").status_code == 200


def test_the_last_click_that_is_let_through_pays(visitor: Visitor, customer: Customer) -> None:
    for n in range(PAY.per_token - 1):
        count(PAY, customer.token, f"other {n}")

    assert click(visitor, customer).status_code == 303
    assert click(visitor, customer).status_code == 429


def test_an_address_is_stopped_and_another_is_not(visitor: Visitor, customer: Customer) -> None:
    use_up(PAY, address="127.0.0.1")

    assert click(visitor, customer).status_code == 429
    assert not PaymentAttempt.objects.exists()
    elsewhere = {"HTTP_X_FORWARDED_FOR": "192.0.2.7"}
    page = f"pay/{customer.token}/"
    assert visitor.ask("POST", page, content_type=FORM, **elsewhere).status_code != 429


def test_one_renewal_too_many_sends_nothing(
    visitor: Visitor, customer: Customer, link: PaymentLink
) -> None:
    PaymentLink.objects.filter(pk=link.pk).update(status="expired")
    use_up(RENEW, token=customer.token)

    answer = visitor.post(f"pay/{customer.token}/renew")

    assert answer.status_code == 429
    assert PaymentLink.objects.count() == 1
    assert not MailDelivery.objects.exists()


@pytest.mark.parametrize(("limit", "more"), [(PAY, ""), (RENEW, "renew"), (SEEN, "seen")])
@pytest.mark.parametrize("token", [UNKNOWN, "short", "ü" * 43, "\x00"])
def test_the_refusal_says_nothing_about_a_token(
    visitor: Visitor, customer: Customer, limit: Limit, more: str, token: str
) -> None:
    Order.objects.update(language="de")
    use_up(limit, token=customer.token)
    use_up(limit, token=token)

    real, unreal = (visitor.post(f"pay/{each}/{more}") for each in (customer.token, token))

    assert real.status_code == unreal.status_code == 429
    assert real.content == unreal.content
    assert dict(real.headers) == dict(unreal.headers)
