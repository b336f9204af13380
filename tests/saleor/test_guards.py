"""Saleor's own mutations while an order waits for its payment."""

from typing import Any

import graphene
import pytest
from saleor.order.models import Order
from saleor.site.models import SiteSettings
from saleor.warehouse.models import Warehouse

from saleor_paylink.shop import current_shop
from tests.saleor.client import Api
from tests.saleor.orders import charge, completed, global_id, history, link_of, money_state
from tests.saleor.recorder import hooks_of

CONFIRM = """mutation($id: ID!) {
    orderConfirm(id: $id) { order { status } errors { field message code } }
}"""
FULFILL = """mutation($id: ID!, $input: OrderFulfillInput!) {
    orderFulfill(order: $id, input: $input) { fulfillments { id } errors { field message code } }
}"""
APPROVE = """mutation($id: ID!) {
    orderFulfillmentApprove(id: $id, notifyCustomer: false) {
        order { status } errors { field message code }
    }
}"""


@pytest.fixture
def waiting() -> Order:
    """An order with a payment link, held."""
    order = completed()
    link_of(order)
    order.refresh_from_db()
    return order


def test_a_waiting_order_is_not_confirmed(admin: Api, waiting: Order) -> None:
    before = history(waiting)

    answer = admin.ask(CONFIRM, id=global_id(waiting))

    _assert_refused(answer["data"]["orderConfirm"], "id")
    assert Order.objects.get(pk=waiting.pk).status == "unconfirmed"
    assert history(waiting) == before
    assert hooks_of(waiting.pk)["order_confirmed"] == 0


@pytest.mark.parametrize("exceed", [False, True])
def test_a_waiting_order_is_not_fulfilled(admin: Api, waiting: Order, exceed: bool) -> None:
    before = history(waiting)
    wanted = {**_all_of(waiting), "allowStockToBeExceeded": exceed}

    answer = admin.ask(FULFILL, id=global_id(waiting), input=wanted)

    _assert_refused(answer["data"]["orderFulfill"], "order")
    assert Order.objects.get(pk=waiting.pk).status == "unconfirmed"
    assert not waiting.fulfillments.exists()
    assert history(waiting) == before


def test_a_fulfilment_of_a_waiting_order_is_not_approved(admin: Api) -> None:
    order = completed()
    SiteSettings.objects.update(fulfillment_auto_approve=False)
    try:
        admin.do(FULFILL, id=global_id(order), input=_all_of(order))
    finally:
        SiteSettings.objects.update(fulfillment_auto_approve=True)
    fulfillment = order.fulfillments.get()
    link_of(order)

    answer = admin.ask(APPROVE, id=graphene.Node.to_global_id("Fulfillment", fulfillment.pk))

    _assert_refused(answer["data"]["orderFulfillmentApprove"], "id")
    fulfillment.refresh_from_db()
    assert fulfillment.status == "waiting_for_approval"


def test_a_paid_order_is_fulfilled_as_ever(admin: Api, waiting: Order) -> None:
    current_shop().record_charge(waiting.pk, charge())

    admin.do(FULFILL, id=global_id(waiting), input=_all_of(waiting))

    assert money_state(waiting.pk)[0] == "fulfilled"


def test_an_order_without_a_link_is_confirmed_as_ever(admin: Api) -> None:
    order = completed("channel-eur")

    done = admin.do(CONFIRM, id=global_id(order))

    assert done["order"]["status"] == "UNFULFILLED"


@pytest.mark.parametrize("person", ["outsider", "customer", "foreigner", None])
def test_who_may_not_confirm_learns_nothing_of_the_link(person: str | None, waiting: Order) -> None:
    answer = Api(person).ask(CONFIRM, id=global_id(waiting))

    assert answer["data"]["orderConfirm"] is None
    (error,) = answer["errors"]
    assert error["extensions"]["exception"]["code"] == "PermissionDenied"
    assert "payment" not in error["message"].lower()


def _assert_refused(result: dict[str, Any], field: str) -> None:
    (error,) = result["errors"]
    assert (error["field"], error["code"]) == (field, "INVALID")
    assert "payment link" in error["message"]


def _all_of(order: Order) -> dict[str, Any]:
    warehouse = graphene.Node.to_global_id("Warehouse", Warehouse.objects.get().pk)
    return {
        "lines": [
            {
                "orderLineId": graphene.Node.to_global_id("OrderLine", line.pk),
                "stocks": [{"warehouse": warehouse, "quantity": line.quantity}],
            }
            for line in order.lines.all()
        ]
    }
