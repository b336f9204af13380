"""What nobody foresaw, in the midst of many."""

import logging
from typing import Any

import pytest

from saleor_paylink.links import lifecycle
from saleor_paylink.models import PaymentLink
from sandbox.shop import orders
from sandbox.shop.models import Order, OrderLine, User
from tests.unit.graphql.asking import Asking, global_id

CREATE = """mutation ($orders: [ID!]!) { paymentLinkBulkCreate(orderIds: $orders) {
  count results { paymentLink { id } errors { field code message } } errors { code }
} }"""


@pytest.fixture
def another(order: Order) -> Order:
    line = OrderLine.objects.get(order=order)
    draft = orders.create_draft(order.channel, [(line.variant, 1)], None, user=order.user)
    return orders.complete(draft.id, None)


def test_a_fault_in_one_is_told_and_the_others_are_done(
    ask: Asking,
    order: Order,
    another: Order,
    cashier: User,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    create, secret = lifecycle.create, "customer@example.com"

    def faulty(order_id: Any, *args: Any) -> PaymentLink:
        if order_id == order.id:
            raise RuntimeError(secret)
        return create(order_id, *args)

    monkeypatch.setattr(lifecycle, "create", faulty)

    with caplog.at_level(logging.ERROR):
        answer = ask(CREATE, cashier, orders=[global_id(order), global_id(another)])

    assert answer["paymentLinkBulkCreate"] == {
        "count": 1,
        "results": [
            {
                "paymentLink": None,
                "errors": [
                    {
                        "field": "orderIds",
                        "code": "INVALID",
                        "message": "Something went wrong. Look at this one again.",
                    }
                ],
            },
            {"paymentLink": {"id": global_id(PaymentLink.objects.get())}, "errors": []},
        ],
        "errors": [],
    }
    assert "One of many links failed: RuntimeError at:" in caplog.text
    assert secret not in caplog.text
