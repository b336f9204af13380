"""The customer's view, and the answer to a click on Pay that comes to nothing."""

from typing import Any

import pytest

from saleor_paylink.links.tokens import token_of
from saleor_paylink.models import LinkStatus, PaymentAttempt, PaymentLink
from sandbox.shop.models import Channel
from tests.unit.graphql.asking import Asking

REQUEST = """query ($token: String!) { paymentRequest(token: $token) {
  status revision message amountDue { amount currency }
} }"""
PAY = """mutation ($token: String!, $method: String!, $revision: String!) {
  paymentRequestPay(token: $token, method: $method, revision: $revision) {
    redirectUrl
    paymentRequest { status revision message amountDue { amount currency } }
    errors { field code }
  }
}"""
CARD = "stripe:card"


def pay(ask: Asking, link: PaymentLink, method: str = CARD, revision: str = "stale") -> Any:
    variables = {"token": token_of(link), "method": method, "revision": revision}
    return ask(PAY, **variables)["paymentRequestPay"]


def test_a_stale_page_is_answered_with_what_is_due_now(ask: Asking, link: PaymentLink) -> None:
    fresh = ask(REQUEST, token=token_of(link))["paymentRequest"]
    assert (fresh["status"], fresh["message"]) == ("DUE", None)
    assert fresh["amountDue"] == {"amount": 25.0, "currency": "USD"}

    assert pay(ask, link) == {
        "redirectUrl": None,
        "paymentRequest": fresh,
        "errors": [{"field": "revision", "code": "AMOUNT_CHANGED"}],
    }
    assert not PaymentAttempt.objects.exists()


@pytest.mark.parametrize("method", ["", "stripe:none", "nobody:card", "\x00", "\ud800", "ü" * 5000])
def test_a_method_that_is_none_pays_nothing(ask: Asking, link: PaymentLink, method: str) -> None:
    fresh = ask(REQUEST, token=token_of(link))["paymentRequest"]

    assert pay(ask, link, method, fresh["revision"]) == {
        "redirectUrl": None,
        "paymentRequest": fresh,
        "errors": [{"field": "method", "code": "METHOD_UNAVAILABLE"}],
    }
    assert not PaymentAttempt.objects.exists()


def assert_is_unknown(ask: Asking, link: PaymentLink) -> None:
    """The link's token is answered as one that never was."""
    assert ask(REQUEST, token=token_of(link)) == {"paymentRequest": None}
    assert pay(ask, link) == {
        "redirectUrl": None,
        "paymentRequest": None,
        "errors": [{"field": "token", "code": "NOT_FOUND"}],
    }


def test_a_revoked_token_is_as_good_as_unknown(ask: Asking, link: PaymentLink) -> None:
    link.status = LinkStatus.REVOKED
    link.save()

    assert_is_unknown(ask, link)


def test_where_the_plugin_is_switched_off_every_token_is_unknown(
    ask: Asking, link: PaymentLink, channel: Channel
) -> None:
    channel.plugin_active = False
    channel.save()

    assert_is_unknown(ask, link)


@pytest.mark.parametrize("token", ["", "nonsense", "A" * 43, "\x00" * 43, "\ud800", "ü" * 5000])
def test_a_token_that_is_none_is_unknown(ask: Asking, db: None, token: str) -> None:
    assert ask(REQUEST, token=token) == {"paymentRequest": None}
