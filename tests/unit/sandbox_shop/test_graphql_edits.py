"""Lines that come and go, and money that staff write down, over GraphQL."""

from decimal import Decimal
from typing import Any

import pytest
from graphene import Node

from sandbox.shop.models import Channel, Order, OrderStatus, ProductVariant, User

ERRORS = "errors { field code }"
ADD = f"""mutation ($id: ID!, $variant: ID!, $quantity: Int!) {{
  orderLinesCreate(id: $id, input: [{{variantId: $variant, quantity: $quantity}}]) {{
    order {{ total {{ gross {{ amount }} }} lines {{ quantity }} }} {ERRORS}
  }}
}}"""
REMOVE = f"""mutation ($id: ID!) {{
  orderLineDelete(id: $id) {{ order {{ lines {{ quantity }} }} {ERRORS} }}
}}"""
TAKE = f"""mutation ($id: ID!, $amount: PositiveDecimal!, $currency: String!) {{
  transactionCreate(
    id: $id, transaction: {{amountCharged: {{amount: $amount, currency: $currency}}}}
  ) {{ transaction {{ chargedAmount {{ amount }} }} {ERRORS} }}
}}"""


def global_id(thing: Any) -> str:
    kind = type(thing).__name__
    return str(Node.to_global_id(kind, thing.id))


@pytest.fixture
def plate(db: None) -> ProductVariant:
    return ProductVariant.objects.create(
        sku="PLATE", product_name="Plate", name="Large", price="30", stock=10
    )


@pytest.fixture
def cashier(db: None) -> User:
    return User.objects.create(
        email="cashier@example.com", is_staff=True, permissions=["HANDLE_PAYMENTS"]
    )


def test_another_variant_gets_a_line_of_its_own(
    ask: Any, clerk: User, careful_order: Order, plate: ProductVariant
) -> None:
    asked = {"id": global_id(careful_order), "variant": global_id(plate), "quantity": 2}

    order = ask(ADD, clerk, **asked)["orderLinesCreate"]["order"]

    assert [line["quantity"] for line in order["lines"]] == [2, 2]
    assert order["total"]["gross"]["amount"] == 85
    plate.refresh_from_db()
    assert plate.allocated == 2


def test_more_of_a_variant_makes_its_line_longer(
    ask: Any, clerk: User, careful_order: Order, mug: ProductVariant
) -> None:
    asked = {"id": global_id(careful_order), "variant": global_id(mug), "quantity": 3}

    order = ask(ADD, clerk, **asked)["orderLinesCreate"]["order"]

    assert [line["quantity"] for line in order["lines"]] == [5]
    mug.refresh_from_db()
    assert mug.allocated == 5


@pytest.mark.parametrize(
    ("quantity", "status", "error"),
    [
        (0, OrderStatus.UNCONFIRMED, {"field": "lines", "code": "ZERO_QUANTITY"}),
        (11, OrderStatus.UNCONFIRMED, {"field": "lines", "code": "INSUFFICIENT_STOCK"}),
        (1, OrderStatus.UNFULFILLED, {"field": "id", "code": "NOT_EDITABLE"}),
    ],
)
def test_lines_that_cannot_be_added_are_refused(
    ask: Any,
    clerk: User,
    careful_order: Order,
    plate: ProductVariant,
    quantity: int,
    status: OrderStatus,
    error: dict[str, str],
) -> None:
    Order.objects.update(status=status)
    asked = {"id": global_id(careful_order), "variant": global_id(plate), "quantity": quantity}

    assert ask(ADD, clerk, **asked)["orderLinesCreate"]["errors"] == [error]
    assert careful_order.lines.count() == 1


def test_a_line_that_is_removed_gives_its_pieces_back(
    ask: Any, clerk: User, careful_order: Order, mug: ProductVariant
) -> None:
    answer = ask(REMOVE, clerk, id=global_id(careful_order.lines.get()))["orderLineDelete"]

    assert answer == {"order": {"lines": []}, "errors": []}
    mug.refresh_from_db()
    assert mug.allocated == 0


@pytest.mark.parametrize("who", [None, "customer", "outsider", "cashier"])
def test_editing_lines_needs_permission(
    ask: Any, request: Any, careful_order: Order, who: str | None
) -> None:
    user = request.getfixturevalue(who) if who else None

    assert "MANAGE_ORDERS" in ask.denied(REMOVE, user, id=global_id(careful_order.lines.get()))
    assert careful_order.lines.count() == 1


@pytest.mark.parametrize(
    ("auto_confirm", "status"), [(True, OrderStatus.UNFULFILLED), (False, OrderStatus.UNCONFIRMED)]
)
def test_money_that_staff_write_down_is_manual_and_confirms_where_the_channel_does(
    ask: Any, cashier: User, careful_order: Order, auto_confirm: bool, status: OrderStatus
) -> None:
    Channel.objects.update(auto_confirm=auto_confirm)

    answer = ask(TAKE, cashier, id=global_id(careful_order), amount="10.00", currency="USD")

    assert answer["transactionCreate"] == {
        "transaction": {"chargedAmount": {"amount": 10}},
        "errors": [],
    }
    taken = careful_order.transactions.get()
    assert (taken.is_manual, taken.charged, taken.user) == (True, Decimal("10.000"), cashier)
    careful_order.refresh_from_db()
    assert careful_order.status == status


def test_money_of_another_currency_is_refused(
    ask: Any, cashier: User, careful_order: Order
) -> None:
    answer = ask(TAKE, cashier, id=global_id(careful_order), amount="10.00", currency="EUR")

    assert answer["transactionCreate"]["errors"] == [
        {"field": "amountCharged", "code": "INCORRECT_CURRENCY"}
    ]
    assert careful_order.transactions.count() == 0


@pytest.mark.parametrize("who", [None, "customer", "outsider", "clerk"])
def test_writing_down_money_needs_permission(
    ask: Any, request: Any, careful_order: Order, who: str | None
) -> None:
    user = request.getfixturevalue(who) if who else None
    asked = {"id": global_id(careful_order), "amount": "10.00", "currency": "USD"}

    assert "HANDLE_PAYMENTS" in ask.denied(TAKE, user, **asked)
    assert careful_order.transactions.count() == 0


WRITE = f"""mutation ($id: ID!, $input: [MetadataInput!]!) {{
  updatePrivateMetadata(id: $id, input: $input) {{
    item {{ privateMetafield(key: "till") }} {ERRORS}
  }}
}}"""
TAKE_OUT = f"""mutation ($id: ID!) {{
  deletePrivateMetadata(id: $id, keys: ["till"]) {{
    item {{ privateMetafield(key: "till") }} {ERRORS}
  }}
}}"""
TILL = [{"key": "till", "value": "7"}]


def test_private_metadata_are_written_and_taken_out_key_by_key(
    ask: Any, clerk: User, careful_order: Order
) -> None:
    Order.objects.update(private_metadata={"theirs": "kept"})
    which = {"id": global_id(careful_order)}

    written = ask(WRITE, clerk, **which, input=TILL)["updatePrivateMetadata"]
    assert written == {"item": {"privateMetafield": "7"}, "errors": []}
    careful_order.refresh_from_db()
    assert careful_order.private_metadata == {"theirs": "kept", "till": "7"}

    gone = ask(TAKE_OUT, clerk, **which)["deletePrivateMetadata"]
    assert gone == {"item": {"privateMetafield": None}, "errors": []}
    careful_order.refresh_from_db()
    assert careful_order.private_metadata == {"theirs": "kept"}


def test_private_metadata_of_no_order_are_refused(ask: Any, clerk: User) -> None:
    unknown = Node.to_global_id("Order", "00000000-0000-4000-8000-000000000000")

    answer = ask(WRITE, clerk, id=unknown, input=TILL)["updatePrivateMetadata"]

    assert answer == {"item": None, "errors": [{"field": "id", "code": "NOT_FOUND"}]}
