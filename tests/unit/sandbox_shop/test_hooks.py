"""What paylink hears of the shop, and what the shop suffers if paylink fails: nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from graphene import Node

from saleor_paylink.links import changes, offers
from saleor_paylink.models import LinkStatus, PaymentCollection, PaymentLink
from sandbox.shop import orders
from sandbox.shop.models import Channel, Order, OrderStatus, User
from sandbox.shop.scheduler import go_round

pytestmark = pytest.mark.django_db(transaction=True)

MUTATIONS = {
    "orderCancel": "mutation($id: ID!) { orderCancel(id: $id) { errors { code } } }",
    "orderMarkAsPaid": "mutation($id: ID!) { orderMarkAsPaid(id: $id) { errors { code } } }",
    "orderUpdate": """mutation($id: ID!) {
      orderUpdate(id: $id, input: { userEmail: "new@example.com" }) { errors { code } }
    }""",
    "orderDiscountAdd": """mutation($id: ID!) {
      orderDiscountAdd(orderId: $id, input: { valueType: FIXED, value: 1 }) { errors { code } }
    }""",
}
LINE_UPDATE = """mutation($id: ID!) {
  orderLineUpdate(id: $id, input: { quantity: 1 }) { errors { code } }
}"""
COMPLETE = """mutation($id: ID!) {
  draftOrderComplete(id: $id) { order { status } errors { code } }
}"""


def order_id(order: Order) -> str:
    return str(Node.to_global_id("Order", order.id))


def collect(order: Order) -> PaymentLink:
    """A payment link for the order, as if staff had made one."""
    collection = PaymentCollection.objects.create(order_id=order.id, channel="careful")
    return PaymentLink.objects.create(
        collection=collection,
        order_id=order.id,
        channel="careful",
        currency="USD",
        amount=10,
        token_digest=str(order.id),
    )


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The orders that paylink was told had changed."""
    told: list[UUID] = []
    monkeypatch.setattr(changes, "order_changed", told.append)
    return told


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def fail(*_args: object) -> None:
        raise RuntimeError("Paylink fell over.")

    monkeypatch.setattr(changes, "order_changed", fail)
    monkeypatch.setattr(offers, "order_completed", fail)
    return fail


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_paylink_hears_of_a_change(
    ask: Any, clerk: User, careful_order: Order, heard: list[UUID], mutation: str
) -> None:
    answer = ask(MUTATIONS[mutation], clerk, id=order_id(careful_order))
    assert answer == {mutation: {"errors": []}}
    assert heard == [careful_order.id]


def test_paylink_hears_of_another_quantity(
    ask: Any, clerk: User, careful_order: Order, heard: list[UUID]
) -> None:
    line = Node.to_global_id("OrderLine", careful_order.lines.get().pk)
    ask(LINE_UPDATE, clerk, id=line)
    assert heard == [careful_order.id]


def test_paylink_hears_nothing_of_what_was_refused(
    ask: Any, clerk: User, order: Order, heard: list[UUID]
) -> None:
    refused = ask(MUTATIONS["orderDiscountAdd"], clerk, id=order_id(order))
    assert refused == {"orderDiscountAdd": {"errors": [{"code": "NOT_EDITABLE"}]}}
    assert heard == []


def test_cancelling_an_order_closes_its_link(ask: Any, clerk: User, careful_order: Order) -> None:
    link = collect(careful_order)
    ask(MUTATIONS["orderCancel"], clerk, id=order_id(careful_order))
    link.refresh_from_db()
    assert link.status == LinkStatus.REVOKED


def test_completing_a_draft_is_told_with_who_did_it(
    ask: Any, clerk: User, draft: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(offers, "order_completed", lambda *args: told.append(args))
    ask(COMPLETE, clerk, id=order_id(draft))
    ((told_id, settings, actor),) = told
    assert (told_id, settings.channel) == (draft.id, draft.channel.slug)
    assert (actor.id, actor.name) == (str(clerk.pk), "clerk@example.com")


def test_completing_a_draft_offers_collection(ask: Any, clerk: User, draft: Order) -> None:
    Channel.objects.update(
        plugin_values={"stripe-secret-key": "sk_test_x", "stripe-webhook-secret": "whsec_x"}
    )
    ask(COMPLETE, clerk, id=order_id(draft))
    assert PaymentCollection.objects.get(order_id=draft.id).prompt_pending


def test_completing_a_draft_where_nothing_can_collect_offers_nothing(
    ask: Any, clerk: User, draft: Order
) -> None:
    ask(COMPLETE, clerk, id=order_id(draft))
    assert not PaymentCollection.objects.exists()


def test_a_failure_of_paylink_leaves_the_shops_answer_as_it_is(
    ask: Any,
    clerk: User,
    draft: Order,
    failing: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    completed = ask(COMPLETE, clerk, id=order_id(draft))
    cancelled = ask(MUTATIONS["orderCancel"], clerk, id=order_id(draft))
    assert completed == {"draftOrderComplete": {"order": {"status": "UNFULFILLED"}, "errors": []}}
    assert cancelled == {"orderCancel": {"errors": []}}
    assert [record.message.count("Paylink fell over.") for record in caplog.records] == [1, 1]


def test_the_scheduler_expires_overdue_orders_and_tells_paylink(
    careful_order: Order, heard: list[UUID]
) -> None:
    Channel.objects.update(expire_after_minutes=1)
    Order.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    go_round()
    careful_order.refresh_from_db()
    assert careful_order.status == OrderStatus.EXPIRED
    assert heard == [careful_order.id]


def test_the_scheduler_lets_the_sweeper_expire_links(careful_order: Order) -> None:
    link = collect(careful_order)
    link.expires_at = timezone.now() - timedelta(minutes=1)
    link.save()
    go_round()
    link.refresh_from_db()
    assert link.status == LinkStatus.EXPIRED
    assert orders.refresh(careful_order.id).status == OrderStatus.UNCONFIRMED
