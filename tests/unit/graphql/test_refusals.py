"""What a refusal says: which argument is at fault, as the mutation spells it, and what to do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from graphene import Node

from saleor_paylink.links.lifecycle import mark_paid
from saleor_paylink.links.tokens import token_of
from saleor_paylink.models import (
    LinkStatus,
    MailDelivery,
    PaymentAttempt,
    PaymentException,
    PaymentLink,
    PaymentLinkEvent,
)
from sandbox.shop.models import Channel, Order, User
from tests.unit.graphql.asking import Asking, global_id

NOWHERE = "00000000-0000-4000-8000-000000000000"
ERRORS = "errors { field message code }"
LINK = f"paymentLink {{ id order {{ id }} }} {ERRORS}"
RESULTS = f"results {{ paymentLink {{ id }} {ERRORS} }} {ERRORS}"


def mutation(name: str, types: str, arguments: str, result: str) -> str:
    return f"mutation ({types}) {{ {name}({arguments}) {{ {result} }} }}"


OF_LINK = {
    name: mutation(f"paymentLink{name}", "$id: ID!", "id: $id", LINK)
    for name in ("Send", "Extend", "Rotate", "Revoke", "Sync")
}
OF_ORDER = {
    name: mutation(f"paymentLink{name}", "$id: ID!", "orderId: $id", f"{result} {ERRORS}")
    for name, result in (
        ("Create", "paymentLink { id }"),
        ("Skip", "order { id }"),
        ("MarkPaid", "order { id }"),
        ("Reject", "order { id }"),
    )
}
OF_MANY = {
    "orderIds": mutation("paymentLinkBulkCreate", "$id: ID!", "orderIds: [$id]", RESULTS),
    "ids": mutation("paymentLinkBulkSend", "$id: ID!", "ids: [$id]", RESULTS),
}
CREATE = mutation(
    "paymentLinkCreate",
    "$id: ID!, $input: PaymentLinkCreateInput",
    "orderId: $id, input: $input",
    f"paymentLink {{ id }} {ERRORS}",
)
SEND = mutation(
    "paymentLinkSend",
    "$id: ID!, $input: PaymentLinkSendInput",
    "id: $id, input: $input",
    f"paymentLink {{ id }} {ERRORS}",
)
RESOLVE = mutation(
    "paymentExceptionResolve",
    "$id: ID!",
    "id: $id, resolution: KEPT",
    f"paymentException {{ resolution order {{ id }} }} {ERRORS}",
)
PAY = mutation(
    "paymentRequestPay",
    "$token: String!, $method: String!, $revision: String!, $url: String",
    "token: $token, method: $method, revision: $revision, returnUrl: $url",
    f"redirectUrl {ERRORS}",
)
REVISION = "query ($token: String!) { paymentRequest(token: $token) { revision } }"

NO_ORDER = {
    "code": "NOT_FOUND",
    "message": "There is no such order. Look it up in the list of orders.",
}
NO_TOKEN = {
    "code": "NOT_FOUND",
    "message": "There is no such payment link. Ask the shop for a new one.",
}


def errors(answer: Any) -> Any:
    """Those of the one mutation, or of its one result."""
    (answered,) = answer.values()
    return [*answered["errors"], *(e for r in answered.get("results", ()) for e in r["errors"])]


# ---------------------------------------------------------------- an order that was deleted


@pytest.fixture
def gone(order: Order, link: PaymentLink) -> PaymentLink:
    """The link of an order that somebody has deleted since."""
    Order.objects.get(id=order.id).delete()
    return link


def traces() -> list[Any]:
    """All that somebody could have left."""
    links = PaymentLink.objects.values_list("id", "token_seed", "expires_at")
    mails, attempts = MailDelivery.objects.count(), PaymentAttempt.objects.count()
    return [*links, mails, attempts]


@pytest.mark.parametrize("name", OF_LINK)
def test_the_link_of_a_deleted_order_is_not_found(
    ask: Asking, gone: PaymentLink, cashier: User, name: str
) -> None:
    before = traces()

    answer = ask(OF_LINK[name], cashier, id=global_id(gone))

    assert answer[f"paymentLink{name}"] == {
        "paymentLink": None,
        "errors": [{**NO_ORDER, "field": "id"}],
    }
    assert traces() == before


def test_the_link_of_a_deleted_order_is_synced_all_the_same(
    ask: Asking, gone: PaymentLink, cashier: User
) -> None:
    ask(OF_LINK["Sync"], cashier, id=global_id(gone))

    gone.refresh_from_db()
    assert gone.status == LinkStatus.REVOKED
    (closed,) = PaymentLinkEvent.objects.filter(link=gone, type="revoked")
    assert closed.data == {"closed": "deleted"}


def test_the_link_of_a_deleted_order_is_not_sent_among_others(
    ask: Asking, gone: PaymentLink, cashier: User
) -> None:
    answer = ask(OF_MANY["ids"], cashier, id=global_id(gone))

    assert errors(answer) == [{**NO_ORDER, "field": "ids"}]
    assert not MailDelivery.objects.exists()


@pytest.mark.parametrize("name", OF_ORDER)
def test_a_deleted_order_is_not_found(
    ask: Asking, gone: PaymentLink, cashier: User, name: str
) -> None:
    before = traces()

    answer = ask(OF_ORDER[name], cashier, id=Node.to_global_id("Order", gone.order_id))

    (error,) = errors(answer)
    assert (error["code"], error["field"]) == ("NOT_FOUND", "orderId")
    assert traces() == before


def test_a_deleted_order_is_not_found_among_others(
    ask: Asking, gone: PaymentLink, cashier: User
) -> None:
    before = traces()

    answer = ask(OF_MANY["orderIds"], cashier, id=Node.to_global_id("Order", gone.order_id))

    (error,) = errors(answer)
    assert (error["code"], error["field"]) == ("NOT_FOUND", "orderIds")
    assert traces() == before


def test_money_for_a_deleted_order_can_still_be_decided_on(
    ask: Asking, gone: PaymentLink, cashier: User
) -> None:
    exception = make_exception(gone)

    answer = ask(RESOLVE, cashier, id=global_id(exception))

    resolved = {"resolution": "KEPT", "order": None}
    assert answer == {"paymentExceptionResolve": {"paymentException": resolved, "errors": []}}


def test_a_deleted_order_is_not_paid(ask: Asking, gone: PaymentLink) -> None:
    answer = ask(PAY, token=token_of(gone), method="stripe:card", revision="any")

    assert errors(answer) == [{**NO_TOKEN, "field": "token"}]
    assert not PaymentAttempt.objects.exists()


def make_exception(link: PaymentLink, **fields: Any) -> PaymentException:
    return PaymentException.objects.create(
        kind="late",
        order_id=link.order_id,
        channel=link.channel,
        provider="stripe",
        reference="pi_1",
        amount="25.00",
        currency="USD",
        **fields,
    )


def test_an_order_that_is_deleted_while_it_is_paid_is_told_of_its_token(
    ask: Asking, link: PaymentLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deleting(*args: Any) -> None:
        Order.objects.get(id=link.order_id).delete()

    revision = ask(REVISION, token=token_of(link))["paymentRequest"]["revision"]
    # It comes after all has been looked at that is looked at first.
    monkeypatch.setattr("saleor_paylink.graphql.inputs.return_url", deleting)

    answer = ask(PAY, token=token_of(link), method="stripe:card", revision=revision)

    assert errors(answer) == [{**NO_ORDER, "field": "token"}]
    assert not PaymentAttempt.objects.exists()


# ---------------------------------------------------------------- what is to be done

Asked = Callable[[Any], tuple[str, dict[str, Any]]]


class Scene:
    """A link and its order, and what each refusal needs to be one."""

    def __init__(self, ask: Asking, link: PaymentLink) -> None:
        self.ask, self.link = ask, link
        self.order = Order.objects.get(id=link.order_id)

    def on_link(self, name: str) -> tuple[str, dict[str, Any]]:
        return OF_LINK[name], {"id": global_id(self.link)}

    def on_order(self, name: str) -> tuple[str, dict[str, Any]]:
        return OF_ORDER[name], {"id": global_id(self.order)}

    def make(self, **terms: Any) -> tuple[str, dict[str, Any]]:
        self.closed("revoked")
        return CREATE, {"id": global_id(self.order), "input": terms}

    def send(self, **how: Any) -> tuple[str, dict[str, Any]]:
        return SEND, {"id": global_id(self.link), "input": how}

    def pay(self, **other: str) -> tuple[str, dict[str, Any]]:
        token = token_of(self.link)
        usual = {"token": token, "method": "stripe:card"}
        revision = self.ask(REVISION, token=token)["paymentRequest"]["revision"]
        return PAY, {**usual, "revision": revision, **other}

    def closed(self, status: str) -> "Scene":
        PaymentLink.objects.update(status=status)
        return self

    def order_is(self, **fields: Any) -> "Scene":
        Order.objects.update(**fields)
        return self

    def switched_off(self) -> "Scene":
        Channel.objects.update(plugin_active=False)
        return self

    def paid_by_hand(self) -> "Scene":
        mark_paid(self.order.id, None)
        return self

    def resolved(self) -> tuple[str, dict[str, Any]]:
        made = make_exception(self.link, resolution="dismissed", resolved_at=timezone.now())
        return RESOLVE, {"id": global_id(made)}


YESTERDAY = str(timezone.now() - timedelta(days=1)).replace(" ", "T")
NO_TEXT = "Leave out the characters that are no text."
MESSAGES: dict[str, tuple[str, str | None, str, Asked]] = {
    "no link": (
        "NOT_FOUND",
        "id",
        "There is no such payment link. Look it up at its order.",
        lambda _scene: (OF_LINK["Send"], {"id": Node.to_global_id("PaymentLink", NOWHERE)}),
    ),
    "no exception": (
        "NOT_FOUND",
        "id",
        "There is no such exception. Look it up in the list of exceptions.",
        lambda _scene: (RESOLVE, {"id": Node.to_global_id("PaymentException", 7)}),
    ),
    "no token": (
        "NOT_FOUND",
        "token",
        NO_TOKEN["message"],
        lambda scene: scene.pay(token="nonsense"),
    ),
    "no id": (
        "GRAPHQL_ERROR",
        "id",
        "Invalid ID: nonsense. Expected: PaymentLink.",
        lambda _scene: (OF_LINK["Send"], {"id": "nonsense"}),
    ),
    "no text": (
        "INVALID",
        "message",
        NO_TEXT,
        lambda scene: scene.send(message="a\x00b"),
    ),
    "no url": (
        "INVALID",
        "returnUrl",
        "Give a URL of the storefront, without spaces and of at most 2000 letters.",
        lambda scene: scene.pay(url="a b"),
    ),
    "no date": (
        "INVALID",
        "expiresAt",
        "Give a date nearer to today.",
        lambda scene: scene.make(expiresAt="9999-12-31T00:00:00Z"),
    ),
    "resolved otherwise": (
        "INVALID",
        "resolution",
        "This was resolved already, in another way. Look at it again.",
        lambda scene: scene.resolved(),
    ),
    "too long": (
        "INVALID",
        "message",
        "Use at most 2000 characters.",
        lambda scene: scene.send(message="a" * 2001),
    ),
    "no method": (
        "NO_METHOD",
        None,
        "Payment links are switched off in this channel. Switch the plugin on.",
        lambda scene: scene.switched_off().make(),
    ),
    "nothing due": (
        "NOTHING_DUE",
        "orderId",
        "Nothing is due for this order. It needs no payment link.",
        lambda scene: scene.paid_by_hand().make(),
    ),
    "closed order": (
        "ORDER_NOT_COLLECTABLE",
        "orderId",
        "This order is fulfilled or closed, so no payment can be collected for it. "
        "Make a new order.",
        lambda scene: scene.order_is(status="canceled").make(),
    ),
    "draft": (
        "ORDER_DRAFT",
        "orderId",
        "This order is a draft. Complete it before its payment is collected.",
        lambda scene: scene.order_is(status="draft").make(),
    ),
    "closed link": (
        "LINK_NOT_ACTIVE",
        "id",
        "This payment link is closed. Create a new one.",
        lambda scene: scene.closed("revoked").on_link("Rotate"),
    ),
    "paid link": (
        "ALREADY_PAID",
        "id",
        "This payment link has been paid. There is nothing to change about it.",
        lambda scene: scene.closed("paid").on_link("Rotate"),
    ),
    "paid order": (
        "ALREADY_PAID",
        "orderId",
        "This order is paid already. There is nothing to do.",
        lambda scene: scene.paid_by_hand().on_order("MarkPaid"),
    ),
    "paid while it was looked at": (
        "ALREADY_PAID",
        None,
        "This order has been paid already. There is nothing to pay.",
        lambda scene: scene.closed("paid").pay(),
    ),
    "expired while it was looked at": (
        "LINK_NOT_ACTIVE",
        None,
        "This payment link is not valid any more. Ask the shop for a new one.",
        lambda scene: scene.closed("expired").pay(),
    ),
    "edited while it was looked at": (
        "AMOUNT_CHANGED",
        "revision",
        "The amount has changed since you looked. You have not been charged. Check the order and "
        "pay again.",
        lambda scene: scene.pay(revision="stale"),
    ),
    "other method": (
        "METHOD_UNAVAILABLE",
        "method",
        "This way to pay is not available here. Choose another.",
        lambda scene: scene.pay(method="stripe:none"),
    ),
    "too much": (
        "AMOUNT_TOO_LARGE",
        "amount",
        "Only $25.00 are due for this order. Ask for that at most.",
        lambda scene: scene.make(amount="30"),
    ),
    "nothing": (
        "AMOUNT_TOO_SMALL",
        "amount",
        "Ask for an amount above zero.",
        lambda scene: scene.make(amount="0"),
    ),
    "no address": (
        "EMAIL_ERROR",
        "email",
        "The order has no email address to send to. Give it one.",
        lambda scene: scene.order_is(email="", user=None).send(),
    ),
    "bad address": (
        "EMAIL_ERROR",
        "email",
        "This is no address that can be mailed to. Correct it.",
        lambda scene: scene.send(email="nonsense"),
    ),
    "over": (
        "EXPIRY_IN_PAST",
        "expiresAt",
        "Choose a time that is still to come.",
        lambda scene: scene.make(expiresAt=YESTERDAY),
    ),
}


@pytest.mark.parametrize("case", MESSAGES)
def test_a_refusal_says_what_to_do(
    ask: Asking, link: PaymentLink, cashier: User, case: str
) -> None:
    code, field, message, asked = MESSAGES[case]
    document, variables = asked(Scene(ask, link))

    answer = ask(document, None if document == PAY else cashier, **variables)

    assert errors(answer) == [{"code": code, "field": field, "message": message}]
    assert not MailDelivery.objects.exists()
    assert not PaymentAttempt.objects.exists()
