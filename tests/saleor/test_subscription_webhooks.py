"""Apps' webhooks, delivered by Saleor itself: docs/events.md."""

from collections.abc import Iterator, Sequence
from typing import Any

import graphene
import pytest
from saleor.order.models import Order

from saleor_paylink.links import tokens
from saleor_paylink.models import LinkEventType, PaymentLink
from tests.saleor.client import Api
from tests.saleor.customer import pay
from tests.saleor.orders import completed, global_id, items, link_of
from tests.saleor.receiver import Delivery, Receiver, receiving

Json = dict[str, Any]
FIELDS = "order { id paymentCollection { status } paymentLink { url } }"
OF_UPDATED = f'subscription {{ orderUpdated(channels: ["default-channel"]) {{ {FIELDS} }} }}'
OF_METADATA = OF_UPDATED.replace("orderUpdated", "orderMetadataUpdated")
EVENT_UPDATED = f"subscription {{ event {{ ... on OrderUpdated {{ {FIELDS} }} }} }}"
EVENT_METADATA = f"subscription {{ event {{ ... on OrderMetadataUpdated {{ {FIELDS} }} }} }}"
FORMS = pytest.mark.parametrize(
    ("event", "query"),
    [
        ("order_updated", OF_UPDATED),
        ("order_updated", EVENT_UPDATED),
        ("order_metadata_updated", OF_METADATA),
        ("order_metadata_updated", EVENT_METADATA),
    ],
    ids=["orderUpdated", "OrderUpdated", "orderMetadataUpdated", "OrderMetadataUpdated"],
)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as started:
        yield started


def body_of(query: str, order: Order, collection: Json | None, link: Json | None) -> Json:
    said = {"id": global_id(order), "paymentCollection": collection, "paymentLink": link}
    for form, field in ((OF_UPDATED, "orderUpdated"), (OF_METADATA, "orderMetadataUpdated")):
        if query == form:
            return {"data": {field: {"order": said}}}
    return {"order": said}


@FORMS
def test_an_app_is_sent_what_it_asks_of_the_link(
    receiver: Receiver, event: str, query: str
) -> None:
    order = completed()
    receiver.subscribe(event, query, "MANAGE_ORDERS")

    link = link_of(order)
    held = receiver.take()
    pay(link)
    paid = receiver.take()

    url = {"url": tokens.pay_url(link)}
    assert held == [Delivery(event, body_of(query, order, {"status": "AWAITING"}, url))]
    assert paid[-1] == Delivery(event, body_of(query, order, {"status": "COLLECTED"}, url))
    assert {each.event for each in paid} == {event}


@FORMS
def test_an_app_without_the_permission_is_sent_nothing(
    receiver: Receiver, event: str, query: str
) -> None:
    receiver.subscribe(event, query, "MANAGE_USERS")

    pay(link_of(completed()))

    assert receiver.take() == []


def test_an_app_that_comes_to_the_order_in_another_way_is_told_nothing_of_the_link(
    receiver: Receiver, admin: Api
) -> None:
    query = f"""subscription {{ event {{ ... on TransactionItemMetadataUpdated {{
        transaction {{ {FIELDS} }}
    }} }} }}"""
    event = "transaction_item_metadata_updated"
    receiver.subscribe(event, query, "HANDLE_PAYMENTS")
    order = completed()
    pay(link_of(order))

    (item,) = items(order)
    admin.do(
        """mutation($id: ID!) { updateMetadata(id: $id, input: [{key: "a", value: "b"}]) {
            errors { field message }
        } }""",
        id=graphene.Node.to_global_id("TransactionItem", item.token),
    )

    said = {"id": global_id(order), "paymentCollection": None, "paymentLink": None}
    assert receiver.take() == [Delivery(event, {"transaction": {"order": said}})]


def test_an_app_that_may_see_users_is_notified(receiver: Receiver) -> None:
    receiver.subscribe("notify_user", None, "MANAGE_USERS")
    order = completed()
    receiver.take()

    link = link_of(order)
    pay(link)

    told = _of_links(receiver.take())
    assert [each.body["notify_event"] for each in told] == [
        "payment_link_created",
        "payment_link_opened",
        "payment_link_paid",
    ]
    meta = told[-1].body.pop("meta")
    assert set(meta) >= {"issued_at", "version", "issuing_principal"}
    assert told[-1] == Delivery(
        "notify_user",
        {"notify_event": "payment_link_paid", "payload": _payload(order, link, "PAID")},
    )


def test_an_app_that_may_not_see_users_is_not_notified(receiver: Receiver) -> None:
    receiver.subscribe("notify_user", None, "MANAGE_ORDERS")

    pay(link_of(completed()))

    assert receiver.take() == []


def _of_links(deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Without the mails that Saleor asks for."""
    return [each for each in deliveries if each.body["notify_event"].startswith("payment_link_")]


def _payload(order: Order, link: PaymentLink, status: str) -> Json:
    event = link.events.get(type=LinkEventType.PAID)
    return {
        "event_id": str(event.pk),
        "at": event.at.isoformat(),
        "channel_slug": "default-channel",
        "order": {"id": global_id(order), "number": str(order.number)},
        "payment_link": {
            "id": graphene.Node.to_global_id("PaymentLink", link.pk),
            "status": status,
            "expires_at": None,
        },
        "amount": "30.00",
        "currency": "USD",
    }
