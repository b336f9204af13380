"""Making, changing and reading orders as Saleor's clients do."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from graphene import Node

from saleor_paylink.models import PaymentCollection, PaymentLink
from sandbox.shop import orders
from sandbox.shop.models import Channel, Order, OrderStatus, ProductVariant, User
from sandbox.shop.shop import SandboxShop

ERRORS = "errors { field message code }"
CREATE = f"""mutation($input: DraftOrderCreateInput!) {{
  draftOrderCreate(input: $input) {{
    order {{ id status total {{ gross {{ amount }} }} }} {ERRORS}
  }}
}}"""
COMPLETE = f"mutation($id: ID!) {{ draftOrderComplete(id: $id) {{ order {{ status }} {ERRORS} }} }}"
CONFIRM = f"mutation($id: ID!) {{ orderConfirm(id: $id) {{ order {{ status }} {ERRORS} }} }}"
CANCEL = f"mutation($id: ID!) {{ orderCancel(id: $id) {{ order {{ status }} {ERRORS} }} }}"
MARK_PAID = f"""mutation($id: ID!) {{
  orderMarkAsPaid(id: $id, transactionReference: "till 3") {{
    order {{ status isPaid chargeStatus }} {ERRORS}
  }}
}}"""
UPDATE = f"""mutation($id: ID!, $input: OrderUpdateInput!) {{
  orderUpdate(id: $id, input: $input) {{
    order {{ userEmail languageCodeEnum metadata {{ key value }} }} {ERRORS}
  }}
}}"""
LINE_UPDATE = f"""mutation($id: ID!, $quantity: Int!) {{
  orderLineUpdate(id: $id, input: {{ quantity: $quantity }}) {{
    order {{ total {{ gross {{ amount }} }} }} orderLine {{ quantity }} {ERRORS}
  }}
}}"""
DISCOUNT = f"""mutation($id: ID!, $value: PositiveDecimal!) {{
  orderDiscountAdd(orderId: $id, input: {{ valueType: FIXED, value: $value }}) {{
    order {{ discount {{ amount }} total {{ gross {{ amount }} }} }} {ERRORS}
  }}
}}"""
FULFILL = f"""mutation($id: ID!, $line: ID!, $quantity: Int!) {{
  orderFulfill(order: $id, input: {{
    lines: [{{ orderLineId: $line, stocks: [{{ quantity: $quantity, warehouse: "any" }}] }}]
  }}) {{ order {{ status lines {{ quantityFulfilled }} }} {ERRORS} }}
}}"""
BY_ID = {
    "draftOrderComplete": COMPLETE,
    "orderConfirm": CONFIRM,
    "orderCancel": CANCEL,
    "orderMarkAsPaid": MARK_PAID,
}


def order_id(order: Order) -> str:
    return str(Node.to_global_id("Order", order.id))


def line_id(order: Order) -> str:
    return str(Node.to_global_id("OrderLine", order.lines.get().pk))


def state(order: Order) -> str:
    return Order.objects.get(pk=order.pk).status


class TestDraft:
    @pytest.fixture
    def draft_input(self, channel: Channel, mug: ProductVariant) -> dict[str, Any]:
        return {
            "channelId": Node.to_global_id("Channel", channel.pk),
            "userEmail": "customer@example.com",
            "languageCode": "PT_BR",
            "billingAddress": {"firstName": "Ada", "country": "GB"},
            "metadata": [{"key": "source", "value": "phone"}],
            "lines": [{"variantId": Node.to_global_id("ProductVariant", mug.pk), "quantity": 2}],
        }

    def test_is_made_as_asked(self, ask: Any, clerk: User, draft_input: dict[str, Any]) -> None:
        made = ask(CREATE, clerk, input=draft_input)["draftOrderCreate"]
        draft = Order.objects.get()
        assert made == {
            "order": {"id": order_id(draft), "status": "DRAFT", "total": {"gross": {"amount": 25}}},
            "errors": [],
        }
        assert (draft.email, draft.language) == ("customer@example.com", "pt-br")
        assert draft.metadata == {"source": "phone"}

    def test_for_a_customer_has_the_customers_address(
        self, ask: Any, clerk: User, customer: User, draft_input: dict[str, Any]
    ) -> None:
        del draft_input["userEmail"]
        draft_input["user"] = Node.to_global_id("User", customer.pk)
        ask(CREATE, clerk, input=draft_input)
        draft = Order.objects.get()
        assert (draft.user, draft.email) == (customer, "customer@example.com")

    @pytest.mark.parametrize(
        ("change", "field", "code"),
        [
            ({"channelId": None}, "channelId", "REQUIRED"),
            ({"channelId": Node.to_global_id("Channel", 0)}, "channelId", "NOT_FOUND"),
            ({"channelId": "nonsense"}, "channelId", "GRAPHQL_ERROR"),
            ({"user": Node.to_global_id("User", 0)}, "user", "NOT_FOUND"),
            (
                {"lines": [{"variantId": Node.to_global_id("Order", 1), "quantity": 1}]},
                "lines",
                "GRAPHQL_ERROR",
            ),
        ],
    )
    def test_of_what_is_not_there_is_refused(
        self,
        ask: Any,
        clerk: User,
        draft_input: dict[str, Any],
        change: dict[str, Any],
        field: str,
        code: str,
    ) -> None:
        refused = ask(CREATE, clerk, input={**draft_input, **change})["draftOrderCreate"]
        (error,) = refused["errors"]
        assert (refused["order"], error["field"], error["code"]) == (None, field, code)
        assert not Order.objects.exists()

    def test_of_no_pieces_is_refused(
        self, ask: Any, clerk: User, draft_input: dict[str, Any]
    ) -> None:
        draft_input["lines"][0]["quantity"] = 0
        (error,) = ask(CREATE, clerk, input=draft_input)["draftOrderCreate"]["errors"]
        assert (error["field"], error["code"]) == ("lines", "ZERO_QUANTITY")
        assert not Order.objects.exists()

    def test_in_a_channel_one_may_not_see_is_denied(
        self, ask: Any, foreigner: User, draft_input: dict[str, Any]
    ) -> None:
        message = ask.denied(CREATE, foreigner, input=draft_input)
        assert message == "You don't have access to some objects' channel."
        assert not Order.objects.exists()

    def test_is_completed(self, ask: Any, clerk: User, draft: Order) -> None:
        done = ask(COMPLETE, clerk, id=order_id(draft))["draftOrderComplete"]
        assert done == {"order": {"status": "UNFULFILLED"}, "errors": []}
        assert draft.events.latest("pk").user == clerk


class TestLifecycle:
    def test_an_order_is_confirmed(self, ask: Any, clerk: User, careful_order: Order) -> None:
        done = ask(CONFIRM, clerk, id=order_id(careful_order))["orderConfirm"]
        assert done == {"order": {"status": "UNFULFILLED"}, "errors": []}

    def test_an_order_is_cancelled(self, ask: Any, clerk: User, order: Order) -> None:
        done = ask(CANCEL, clerk, id=order_id(order))["orderCancel"]
        assert done == {"order": {"status": "CANCELED"}, "errors": []}

    def test_an_order_is_marked_as_paid_once(
        self, ask: Any, clerk: User, careful_order: Order
    ) -> None:
        done = ask(MARK_PAID, clerk, id=order_id(careful_order))["orderMarkAsPaid"]
        again = ask(MARK_PAID, clerk, id=order_id(careful_order))["orderMarkAsPaid"]
        assert done == {
            "order": {"status": "UNCONFIRMED", "isPaid": True, "chargeStatus": "FULL"},
            "errors": [],
        }
        assert [(e["field"], e["code"]) for e in again["errors"]] == [("payment", "PAYMENT_ERROR")]
        assert careful_order.transactions.get().psp_reference == "till 3"

    def test_an_order_is_fulfilled(self, ask: Any, clerk: User, order: Order) -> None:
        asked = {"id": order_id(order), "line": line_id(order)}
        assert ask(FULFILL, clerk, **asked, quantity=1)["orderFulfill"] == {
            "order": {"status": "PARTIALLY_FULFILLED", "lines": [{"quantityFulfilled": 1}]},
            "errors": [],
        }
        (error,) = ask(FULFILL, clerk, **asked, quantity=2)["orderFulfill"]["errors"]
        assert (error["field"], error["code"]) == ("orderLineId", "FULFILL_ORDER_LINE")


class TestEdits:
    def test_email_language_and_metadata_change(self, ask: Any, clerk: User, order: Order) -> None:
        given = {
            "userEmail": "other@example.com",
            "languageCode": "DE",
            "metadata": [{"key": "a", "value": "1"}],
        }
        done = ask(UPDATE, clerk, id=order_id(order), input=given)["orderUpdate"]
        assert done == {
            "order": {
                "userEmail": "other@example.com",
                "languageCodeEnum": "DE",
                "metadata": [{"key": "a", "value": "1"}],
            },
            "errors": [],
        }

    def test_a_draft_is_not_updated_as_an_order(self, ask: Any, clerk: User, draft: Order) -> None:
        given = {"userEmail": "other@example.com"}
        (error,) = ask(UPDATE, clerk, id=order_id(draft), input=given)["orderUpdate"]["errors"]
        draft.refresh_from_db()
        assert (error["field"], error["code"]) == ("id", "INVALID")
        assert draft.email == "customer@example.com"

    def test_a_line_gets_another_quantity(
        self, ask: Any, clerk: User, careful_order: Order
    ) -> None:
        done = ask(LINE_UPDATE, clerk, id=line_id(careful_order), quantity=3)["orderLineUpdate"]
        assert done == {
            "order": {"total": {"gross": {"amount": 37.5}}},
            "orderLine": {"quantity": 3},
            "errors": [],
        }

    @pytest.mark.parametrize(
        ("quantity", "field", "code"),
        [(0, "quantity", "ZERO_QUANTITY"), (11, "lines", "INSUFFICIENT_STOCK")],
    )
    def test_a_line_keeps_its_quantity_where_the_new_one_cannot_be(
        self, ask: Any, clerk: User, careful_order: Order, quantity: int, field: str, code: str
    ) -> None:
        asked = {"id": line_id(careful_order), "quantity": quantity}
        (error,) = ask(LINE_UPDATE, clerk, **asked)["orderLineUpdate"]["errors"]
        assert (error["field"], error["code"]) == (field, code)
        assert careful_order.lines.get().quantity == 2

    def test_a_confirmed_order_is_not_edited(self, ask: Any, clerk: User, order: Order) -> None:
        done = ask(LINE_UPDATE, clerk, id=line_id(order), quantity=3)["orderLineUpdate"]
        assert [(e["field"], e["code"]) for e in done["errors"]] == [("id", "NOT_EDITABLE")]

    def test_a_discount_lowers_the_total(self, ask: Any, clerk: User, careful_order: Order) -> None:
        done = ask(DISCOUNT, clerk, id=order_id(careful_order), value=5)["orderDiscountAdd"]
        assert done == {
            "order": {"discount": {"amount": 5}, "total": {"gross": {"amount": 20}}},
            "errors": [],
        }


class TestWhoMay:
    @pytest.mark.parametrize("mutation", BY_ID)
    @pytest.mark.parametrize("who", [None, "customer", "outsider"])
    def test_change_orders_is_decided_by_permission(
        self, ask: Any, request: Any, draft: Order, mutation: str, who: str | None
    ) -> None:
        user = request.getfixturevalue(who) if who else None
        message = ask.denied(BY_ID[mutation], user, id=order_id(draft))
        assert message == (
            "To access this path, you need one of the following permissions: MANAGE_ORDERS"
        )
        assert state(draft) == OrderStatus.DRAFT

    @pytest.mark.parametrize("mutation", BY_ID)
    def test_change_orders_is_decided_by_channel(
        self, ask: Any, foreigner: User, draft: Order, mutation: str
    ) -> None:
        message = ask.denied(BY_ID[mutation], foreigner, id=order_id(draft))
        assert message == "You don't have access to some objects' channel."
        assert state(draft) == OrderStatus.DRAFT

    @pytest.mark.parametrize("mutation", BY_ID)
    @pytest.mark.parametrize(
        ("id", "code"),
        [
            (Node.to_global_id("Order", uuid4()), "NOT_FOUND"),
            (Node.to_global_id("Order", "7"), "NOT_FOUND"),
            (Node.to_global_id("User", "7"), "GRAPHQL_ERROR"),
            ("nonsense", "GRAPHQL_ERROR"),
            ("", "GRAPHQL_ERROR"),
        ],
    )
    def test_what_is_not_there_is_not_changed(
        self, ask: Any, clerk: User, mutation: str, id: str, code: str
    ) -> None:
        answer = ask(BY_ID[mutation], clerk, id=id)[mutation]
        assert answer["order"] is None
        assert [(e["field"], e["code"]) for e in answer["errors"]] == [("id", code)]


class TestReading:
    SUMMARY = """query($id: ID!) { order(id: $id) {
      id number status origin isPaid chargeStatus paymentStatus userEmail
      channel { slug currencyCode } user { email }
      subtotal { gross { amount } } shippingPrice { gross { amount } }
      total { currency gross { amount currency } net { amount } tax { amount } }
      totalCharged { amount } totalCaptured { amount } totalBalance { amount }
      lines { productName variantName productSku quantity
        unitPrice { gross { amount } } totalPrice { gross { amount } } }
    } }"""

    def test_an_order_is_read_by_its_unguessable_id(
        self, ask: Any, clerk: User, order: Order
    ) -> None:
        assert ask(self.SUMMARY, clerk, id=order_id(order))["order"] == {
            "id": order_id(order),
            "number": str(order.number),
            "status": "UNFULFILLED",
            "origin": "DRAFT",
            "isPaid": False,
            "chargeStatus": "NONE",
            "paymentStatus": "NOT_CHARGED",
            "userEmail": "customer@example.com",
            "channel": {"slug": "usd", "currencyCode": "USD"},
            "user": None,
            "subtotal": {"gross": {"amount": 25}},
            "shippingPrice": {"gross": {"amount": 0}},
            "total": {
                "currency": "USD",
                "gross": {"amount": 25, "currency": "USD"},
                "net": {"amount": 25},
                "tax": {"amount": 0},
            },
            "totalCharged": {"amount": 0},
            "totalCaptured": {"amount": 0},
            "totalBalance": {"amount": -25},
            "lines": [
                {
                    "productName": "Mug",
                    "variantName": "Blue",
                    "productSku": "MUG",
                    "quantity": 2,
                    "unitPrice": {"gross": {"amount": 12.5}},
                    "totalPrice": {"gross": {"amount": 25}},
                }
            ],
        }

    def test_an_unknown_order_is_null(self, ask: Any, clerk: User) -> None:
        unknown = Node.to_global_id("Order", uuid4())
        assert ask("query($id: ID!) { order(id: $id) { id } }", clerk, id=unknown) == {
            "order": None
        }

    @pytest.mark.parametrize(
        ("charged", "status"),
        [("0", "NONE"), ("24.99", "PARTIAL"), ("25", "FULL"), ("25.01", "OVERCHARGED")],
    )
    def test_the_charge_status_compares_money_with_the_total(
        self, ask: Any, clerk: User, order: Order, charged: str, status: str
    ) -> None:
        order.transactions.create(charged=Decimal(charged))
        query = "query($id: ID!) { order(id: $id) { chargeStatus } }"
        assert ask(query, clerk, id=order_id(order))["order"]["chargeStatus"] == status

    def test_reading_the_total_of_an_edited_order_recalculates_it(
        self, ask: Any, clerk: User, careful_order: Order, shop: SandboxShop
    ) -> None:
        orders.change_quantity(careful_order.id, careful_order.lines.get().pk, 3)
        query = "query($id: ID!) { order(id: $id) { total { gross { amount } } } }"
        answer = ask(query, clerk, id=order_id(careful_order))
        assert answer["order"]["total"]["gross"]["amount"] == 37.5
        assert not shop.order(careful_order.id).stale

    def test_transactions_and_history_are_for_staff(
        self, ask: Any, clerk: User, order: Order
    ) -> None:
        taken = order.transactions.create(
            name="Card", psp_reference="pi_1", charged=15, refunded=10
        )
        taken.events.create(type="charge_success", amount=25, psp_reference="pi_1")
        query = """query($id: ID!) { order(id: $id) {
          transactions { name pspReference chargedAmount { amount } refundedAmount { amount }
            events { type pspReference amount { amount } message } }
          events { type message user { email } }
        } }"""
        assert ask(query, clerk, id=order_id(order))["order"] == {
            "transactions": [
                {
                    "name": "Card",
                    "pspReference": "pi_1",
                    "chargedAmount": {"amount": 15},
                    "refundedAmount": {"amount": 10},
                    "events": [
                        {
                            "type": "CHARGE_SUCCESS",
                            "pspReference": "pi_1",
                            "amount": {"amount": 25},
                            "message": "",
                        }
                    ],
                }
            ],
            "events": [
                {"type": "DRAFT_CREATED", "message": "", "user": None},
                {"type": "PLACED_FROM_DRAFT", "message": "", "user": None},
                {"type": "CONFIRMED", "message": "", "user": None},
            ],
        }

    @pytest.mark.parametrize("field", ["transactions { id }", "events { id }", "user { id }"])
    @pytest.mark.parametrize("who", [None, "outsider"])
    def test_what_is_protected_needs_permission(
        self,
        ask: Any,
        request: Any,
        order: Order,
        customer: User,
        field: str,
        who: str | None,
    ) -> None:
        Order.objects.filter(pk=order.pk).update(user=customer)
        user = request.getfixturevalue(who) if who else None
        assert "MANAGE_ORDERS" in ask.denied(
            f"query($id: ID!) {{ order(id: $id) {{ {field} }} }}", user, id=order_id(order)
        )

    def test_customers_see_themselves_on_their_orders(
        self, ask: Any, order: Order, customer: User
    ) -> None:
        Order.objects.filter(pk=order.pk).update(user=customer)
        query = "query($id: ID!) { order(id: $id) { user { email } } }"
        answer = ask(query, customer, id=order_id(order))
        assert answer["order"]["user"] == {"email": "customer@example.com"}


class TestListing:
    QUERY = """query($first: Int, $after: String, $channel: String) {
      orders(first: $first, after: $after, channel: $channel) {
        totalCount pageInfo { hasNextPage hasPreviousPage endCursor } edges { node { number } }
      }
    }"""

    @pytest.fixture
    def three(self, channel: Channel, mug: ProductVariant, draft: Order) -> list[str]:
        """Numbers of three orders, newest first, beside a draft."""
        made = [orders.create_draft(channel, [(mug, 1)], None) for _ in range(3)]
        return [str(orders.complete(one.id, None).number) for one in made][::-1]

    def test_is_newest_first_page_by_page(self, ask: Any, clerk: User, three: list[str]) -> None:
        page = ask(self.QUERY, clerk, first=2)["orders"]
        rest = ask(self.QUERY, clerk, first=2, after=page["pageInfo"]["endCursor"])["orders"]
        assert page["totalCount"] == 3
        assert [edge["node"]["number"] for edge in page["edges"] + rest["edges"]] == three
        assert (page["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
        assert rest["pageInfo"]["hasPreviousPage"] is True

    def test_holds_only_the_channels_one_may_see(
        self, ask: Any, foreigner: User, three: list[str]
    ) -> None:
        assert ask(self.QUERY, foreigner, first=2)["orders"]["totalCount"] == 0
        ask.denied(self.QUERY, foreigner, first=2, channel="usd")

    def test_can_be_of_one_channel(
        self, ask: Any, clerk: User, three: list[str], careful_order: Order
    ) -> None:
        page = ask(self.QUERY, clerk, first=10, channel="careful")["orders"]
        assert [edge["node"]["number"] for edge in page["edges"]] == [str(careful_order.number)]

    @pytest.mark.parametrize("who", [None, "customer", "outsider"])
    def test_needs_permission(self, ask: Any, request: Any, order: Order, who: str | None) -> None:
        user = request.getfixturevalue(who) if who else None
        assert "MANAGE_ORDERS" in ask.denied(self.QUERY, user, first=2)

    @pytest.mark.parametrize("first", [None, 0, 101])
    def test_needs_a_number_of_orders(self, ask: Any, clerk: User, first: int | None) -> None:
        answer = ask.post(self.QUERY, clerk, first=first).json()
        assert answer["errors"][0]["message"] == "Give `first`, a number from 1 to 100."


class TestHooks:
    """What paylink hears of; what it then does is tested where it is written."""

    @pytest.fixture
    def collected(self, careful_order: Order) -> Order:
        """An order that paylink is waiting for the money of."""
        Channel.objects.update(plugin_active=True)
        collection = PaymentCollection.objects.create(order_id=careful_order.id, channel="careful")
        PaymentLink.objects.create(
            collection=collection,
            order_id=careful_order.id,
            channel="careful",
            currency="USD",
            amount=10,
            token_digest="digest",
        )
        return careful_order

    def test_confirming_is_refused_while_money_is_collected(
        self, ask: Any, clerk: User, collected: Order
    ) -> None:
        (error,) = ask(CONFIRM, clerk, id=order_id(collected))["orderConfirm"]["errors"]
        assert (error["field"], error["code"]) == ("id", "INVALID")
        assert "payment link" in error["message"]
        assert state(collected) == OrderStatus.UNCONFIRMED

    def test_fulfilling_is_refused_while_money_is_collected(
        self, ask: Any, clerk: User, collected: Order
    ) -> None:
        asked = {"id": order_id(collected), "line": line_id(collected), "quantity": 1}
        (error,) = ask(FULFILL, clerk, **asked)["orderFulfill"]["errors"]
        assert (error["field"], error["code"]) == ("order", "INVALID")
        assert collected.lines.get().fulfilled == 0
