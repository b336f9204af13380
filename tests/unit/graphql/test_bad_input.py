"""What nobody should send, refused for the very reason. All that can be sent, and that nothing
changes by it: tests/behaviour/test_bad_graphql.py."""

from typing import Any

import pytest
from graphene import Node

from saleor_paylink.links.tokens import token_of
from saleor_paylink.models import MailDelivery, PaymentLink
from sandbox.shop.models import Order, User
from tests.unit.graphql.asking import Asking, global_id

CREATE = """mutation ($order: ID!, $input: PaymentLinkCreateInput) {
  paymentLinkCreate(orderId: $order, input: $input) {
    paymentLink { expiresAt } errors { field message code }
  }
}"""
SEND = """mutation ($id: ID!, $input: PaymentLinkSendInput) {
  paymentLinkSend(id: $id, input: $input) { paymentLink { id } errors { field message code } }
}"""
RESOLVE = """mutation ($id: ID!) {
  paymentExceptionResolve(id: $id, resolution: KEPT) {
    paymentException { id } errors { field message code }
  }
}"""
PAY = """mutation ($token: String!, $url: String) {
  paymentRequestPay(token: $token, method: "stripe:card", revision: "none", returnUrl: $url) {
    redirectUrl paymentRequest { status } errors { field message code }
  }
}"""
EARNINGS = """query ($channel: String, $range: DateRangeInput!) {
  paymentEarnings(channel: $channel, range: $range) { currency }
}"""

IDS = {
    "": "GRAPHQL_ERROR",
    "nonsense": "GRAPHQL_ERROR",
    "\x00": "GRAPHQL_ERROR",
    "ü" * 5000: "GRAPHQL_ERROR",
    # Order:00000000-0000-4000-8000-000000000000
    "T3JkZXI6MDAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAw": "GRAPHQL_ERROR",
    # PaymentLink:7
    "UGF5bWVudExpbms6Nw==": "GRAPHQL_ERROR",
    # PaymentLink:00000000-0000-4000-8000-000000000000
    "UGF5bWVudExpbms6MDAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAw": "NOT_FOUND",
}


def state_of(link: PaymentLink) -> dict[str, Any]:
    """All that a mutation could have changed."""
    link.refresh_from_db()
    return {
        "status": link.status,
        "order": Order.objects.get(id=link.order_id).status,
        "events": list(link.events.values_list("type", flat=True)),
        "mails": MailDelivery.objects.count(),
        "attempts": link.attempts.count(),
    }


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/\x00",
        "http://localhost/\ud800",
        "http://localhost/a b",
        "http://localhost/\r\nSet-Cookie: a=b",
        "http://evil.example\\@localhost/",
        "http://localhost/" + "a" * 2000,
        "http://[",
        "https://evil.example/",
    ],
)
def test_a_return_url_that_is_none_pays_nothing(ask: Asking, link: PaymentLink, url: str) -> None:
    before = state_of(link)

    assert ask.refusal(PAY, token=token_of(link), url=url) == ("INVALID", "returnUrl")
    assert state_of(link) == before


@pytest.mark.parametrize("given", IDS)
def test_an_id_that_names_no_link_sends_nothing(ask: Asking, cashier: User, given: str) -> None:
    assert ask.refusal(SEND, cashier, id=given) == (IDS[given], "id")
    assert not MailDelivery.objects.exists()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        *((given, "GRAPHQL_ERROR") for given in IDS),
        *(
            (Node.to_global_id("PaymentException", pk), "GRAPHQL_ERROR")
            for pk in ("", "-1", "1.5", "a", "\u0661", "9" * 19, "1" * 5000)
        ),
        (Node.to_global_id("PaymentException", "9" * 18), "NOT_FOUND"),
    ],
)
def test_an_id_that_names_no_exception_resolves_nothing(
    ask: Asking, cashier: User, given: str, code: str
) -> None:
    assert ask.refusal(RESOLVE, cashier, id=given) == (code, "id")


def test_an_expiry_without_a_time_zone_is_in_the_sites(
    ask: Asking, order: Order, cashier: User
) -> None:
    terms = {"expiresAt": "2999-01-01T12:00:00"}

    answer = ask(CREATE, cashier, order=global_id(order), input=terms)["paymentLinkCreate"]

    assert answer == {"paymentLink": {"expiresAt": "2999-01-01T12:00:00+00:00"}, "errors": []}


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("1e300", "AMOUNT_TOO_LARGE"),
        ("25.001", "AMOUNT_TOO_LARGE"),
        ("0.0", "AMOUNT_TOO_SMALL"),
        ("1e-300", "AMOUNT_NOT_REPRESENTABLE"),
        ("0.0001", "AMOUNT_NOT_REPRESENTABLE"),
    ],
)
def test_an_amount_that_cannot_be_asked_for_makes_no_link(
    ask: Asking, order: Order, cashier: User, amount: str, code: str
) -> None:
    refusal = ask.refusal(CREATE, cashier, order=global_id(order), input={"amount": amount})

    assert refusal == (code, "amount")
    assert not PaymentLink.objects.exists()


def test_an_address_that_is_too_long_is_refused(
    ask: Asking, link: PaymentLink, cashier: User
) -> None:
    before = state_of(link)
    email = "a" * 250 + "@example.com"

    refusal = ask.refusal(SEND, cashier, id=global_id(link), input={"email": email})

    assert refusal == ("EMAIL_ERROR", "email")
    assert state_of(link) == before


@pytest.mark.parametrize(
    "days",
    [
        {},
        {"gte": "0001-01-01", "lte": "9999-12-31"},
        {"gte": "9999-12-31", "lte": "0001-01-01"},
        {"gte": None, "lte": None},
    ],
)
def test_any_range_of_days_can_be_asked_for(
    ask: Asking, cashier: User, days: dict[str, str | None]
) -> None:
    assert ask(EARNINGS, cashier, range=days) == {"paymentEarnings": []}
