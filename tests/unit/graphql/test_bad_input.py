"""What nobody should send: a clear answer, and nothing changes."""

from typing import Any

import pytest
from graphene import Node

from saleor_paylink.links.tokens import token_of
from saleor_paylink.models import MailDelivery, PaymentCollection, PaymentLink
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
EXTEND = """mutation ($id: ID!, $until: DateTime) {
  paymentLinkExtend(id: $id, expiresAt: $until) {
    paymentLink { id } errors { field message code }
  }
}"""
ALTERATIONS = [
    EXTEND,
    *(
        f"""mutation ($id: ID!) {{
          paymentLink{name}(id: $id) {{ paymentLink {{ id }} errors {{ field message code }} }}
        }}"""
        for name in ("Rotate", "Revoke", "Sync")
    ),
]
RENEW = """mutation ($token: String!) {
  paymentRequestRenew(token: $token) { ok errors { field message code } }
}"""
MARK_PAID = """mutation ($order: ID!, $input: PaymentLinkMarkPaidInput) {
  paymentLinkMarkPaid(orderId: $order, input: $input) {
    order { id } errors { field message code }
  }
}"""
REJECT = """mutation ($order: ID!, $reason: String) {
  paymentLinkReject(orderId: $order, reason: $reason) {
    order { id } errors { field message code }
  }
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

# JSON can say both, and no database keeps either.
NO_TEXTS = ["a\x00b", "a\ud800b"]
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


@pytest.mark.parametrize("text", NO_TEXTS)
def test_a_message_that_is_no_text_makes_no_link(
    ask: Asking, order: Order, cashier: User, text: str
) -> None:
    refusal = ask.refusal(CREATE, cashier, order=global_id(order), input={"message": text})

    assert refusal == ("INVALID", "message")
    assert not PaymentLink.objects.exists()


@pytest.mark.parametrize("field", ["email", "message"])
@pytest.mark.parametrize("text", NO_TEXTS)
def test_nothing_is_mailed_that_is_no_text(
    ask: Asking, link: PaymentLink, cashier: User, field: str, text: str
) -> None:
    before = state_of(link)

    refusal = ask.refusal(SEND, cashier, id=global_id(link), input={field: text})

    assert refusal == ("INVALID", field)
    assert state_of(link) == before


@pytest.mark.parametrize("field", ["reference", "note"])
@pytest.mark.parametrize("text", NO_TEXTS)
def test_nothing_is_marked_paid_with_what_is_no_text(
    ask: Asking, order: Order, link: PaymentLink, cashier: User, field: str, text: str
) -> None:
    before = state_of(link)

    refusal = ask.refusal(MARK_PAID, cashier, order=global_id(order), input={field: text})

    assert refusal == ("INVALID", field)
    assert state_of(link) == before


@pytest.mark.parametrize("text", NO_TEXTS)
def test_nothing_is_rejected_for_what_is_no_text(
    ask: Asking, order: Order, link: PaymentLink, cashier: User, text: str
) -> None:
    before = state_of(link)

    refusal = ask.refusal(REJECT, cashier, order=global_id(order), reason=text)

    assert refusal == ("INVALID", "reason")
    assert state_of(link) == before


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


@pytest.mark.parametrize("given", IDS)
@pytest.mark.parametrize("mutation", ALTERATIONS)
def test_an_id_that_names_no_link_alters_nothing(
    ask: Asking, link: PaymentLink, cashier: User, mutation: str, given: str
) -> None:
    before = state_of(link)

    assert ask.refusal(mutation, cashier, id=given) == (IDS[given], "id")
    assert state_of(link) == before


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


@pytest.mark.parametrize("token", ["", "nonsense", *NO_TEXTS, "ü" * 43, "x" * 5000])
def test_a_token_that_is_none_is_answered_as_every_other(
    ask: Asking, link: PaymentLink, token: str
) -> None:
    before = state_of(link)

    assert ask(RENEW, token=token) == {"paymentRequestRenew": {"ok": True, "errors": []}}
    assert state_of(link) == before


@pytest.mark.parametrize(
    "given", ["", "nonsense", "\x00", "ü" * 5000, "UGF5bWVudExpbms6Nw==", "T3JkZXI6Nw=="]
)
def test_an_id_that_names_no_order_gets_no_link(ask: Asking, cashier: User, given: str) -> None:
    code, field = ask.refusal(CREATE, cashier, order=given)

    assert code in ("GRAPHQL_ERROR", "NOT_FOUND")
    assert field == "orderId"
    assert not PaymentCollection.objects.exists()


@pytest.mark.parametrize(
    "time",
    ["9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:00"],
)
def test_an_expiry_at_the_end_of_time_makes_no_link(
    ask: Asking, order: Order, cashier: User, time: str
) -> None:
    refusal = ask.refusal(CREATE, cashier, order=global_id(order), input={"expiresAt": time})

    assert refusal == ("INVALID", "expiresAt")
    assert not PaymentLink.objects.exists()


@pytest.mark.parametrize(
    "time",
    ["9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:00"],
)
def test_a_link_is_not_extended_to_the_end_of_time(
    ask: Asking, link: PaymentLink, cashier: User, time: str
) -> None:
    before = state_of(link)

    refusal = ask.refusal(EXTEND, cashier, id=global_id(link), until=time)

    assert refusal == ("INVALID", "expiresAt")
    assert state_of(link) == before


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


@pytest.mark.parametrize(
    "terms", [None, {}, dict.fromkeys(("amount", "expiresAt", "message", "send"))]
)
def test_nulls_are_as_good_as_nothing(
    ask: Asking, order: Order, cashier: User, terms: dict[str, None] | None
) -> None:
    answer = ask(CREATE, cashier, order=global_id(order), input=terms)["paymentLinkCreate"]

    assert answer == {"paymentLink": {"expiresAt": None}, "errors": []}


def test_an_address_that_is_too_long_is_refused(
    ask: Asking, link: PaymentLink, cashier: User
) -> None:
    before = state_of(link)
    email = "a" * 250 + "@example.com"

    refusal = ask.refusal(SEND, cashier, id=global_id(link), input={"email": email})

    assert refusal == ("EMAIL_ERROR", "email")
    assert state_of(link) == before


@pytest.mark.parametrize("channel", ["", "no-such-channel", *NO_TEXTS, "ü" * 5000])
def test_a_channel_that_is_none_earned_nothing(ask: Asking, cashier: User, channel: str) -> None:
    answer = ask(EARNINGS, cashier, channel=channel, range={})

    assert answer == {"paymentEarnings": []}


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
