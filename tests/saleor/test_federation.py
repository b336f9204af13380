"""Orders that a federation gateway asks for: the same doors as anywhere else."""

from typing import Any

import pytest
from graphql_relay import to_global_id
from saleor.account.models import User
from saleor.app.models import App
from saleor.order.models import Order

from saleor_paylink.links import tokens
from sandbox.stage import PEOPLE
from tests.saleor.client import Api
from tests.saleor.orders import completed, global_id, link_of

ENTITIES = """query($orders: [_Any!]!) { _entities(representations: $orders) {
    __typename
    ... on Order { id paymentCollection { status } paymentLink { id url } }
} }"""


def entities(who: str | App | None, order_id: str) -> Any:
    representation = {"__typename": "Order", "id": order_id}
    return Api(who).ask(ENTITIES, orders=[representation])


@pytest.mark.parametrize(
    ("who", "found", "collection", "sees_link"),
    [
        ("admin", True, {"status": "AWAITING"}, True),
        ("clerk", True, {"status": "AWAITING"}, True),
        ("foreigner", False, None, False),
        ("customer", True, None, True),
        ("outsider", False, None, False),
        ("stranger", False, None, False),
        (None, False, None, False),
    ],
)
def test_an_order_is_shown_with_its_link_to_whoever_may_see_it(
    who: str | None, found: bool, collection: dict[str, str] | None, sees_link: bool
) -> None:
    order = completed()
    link = link_of(order)
    Order.objects.filter(pk=order.pk).update(user=User.objects.get(email=PEOPLE["customer"].email))

    answer = entities(who, global_id(order))

    shown = {"id": to_global_id("PaymentLink", link.pk), "url": tokens.pay_url(link)}
    entity = {
        "__typename": "Order",
        "id": global_id(order),
        "paymentCollection": collection,
        "paymentLink": shown if sees_link else None,
    }
    assert answer["data"] == {"_entities": [entity if found else None]}
    assert "errors" not in answer


@pytest.mark.parametrize(("app", "sees"), [("Collector", True), ("Catalogue", False)])
def test_an_app_that_saleor_gives_the_order_to_sees_its_link_only_with_the_permission(
    app: str, sees: bool
) -> None:
    order = completed()
    link = link_of(order)

    answer = entities(App.objects.get(name=app), global_id(order))

    shown = {"id": to_global_id("PaymentLink", link.pk), "url": tokens.pay_url(link)}
    entity = {
        "__typename": "Order",
        "id": global_id(order),
        "paymentCollection": {"status": "AWAITING"} if sees else None,
        "paymentLink": shown if sees else None,
    }
    assert answer["data"] == {"_entities": [entity]}
    assert "errors" not in answer
