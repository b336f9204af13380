"""Saleor moves under the link: what staff, apps and its timers do there closes or adjusts it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import graphene
import pytest
from django.utils import timezone
from saleor.app.models import App
from saleor.channel.models import Channel
from saleor.core.db.connection import allow_writer
from saleor.order.models import Order
from saleor.order.tasks import delete_expired_orders_task, expire_orders_task
from saleor.permission.enums import get_permissions_from_names
from saleor.product.models import ProductVariant
from saleor.shipping.models import ShippingMethod, ShippingMethodChannelListing, ShippingZone

from saleor_paylink.links import sweeper
from saleor_paylink.links.bearer import payment_request
from saleor_paylink.links.tokens import token_of
from saleor_paylink.models import PaymentLink
from tests.saleor.client import Api
from tests.saleor.customer import begin, session_of
from tests.saleor.orders import completed, global_id, items, link_of, money_state
from tests.saleor.populate import ADDRESS

ERRORS = "errors { field message code }"
CREATE_TRANSACTION = f"""mutation($id: ID!, $transaction: TransactionCreateInput!) {{
    transactionCreate(id: $id, transaction: $transaction) {{ transaction {{ id }} {ERRORS} }}
}}"""
REPORT = f"""mutation($id: ID!, $type: TransactionEventTypeEnum!, $amount: PositiveDecimal) {{
    transactionEventReport(id: $id, type: $type, amount: $amount, pspReference: "theirs") {{
        {ERRORS}
    }}
}}"""


@dataclass
class Waiting:
    """An order of 30.00 USD whose customer has opened a session at Stripe."""

    order: Order
    link: PaymentLink
    session: str

    @property
    def id(self) -> str:
        return global_id(self.order)

    @property
    def line_id(self) -> str:
        return graphene.Node.to_global_id("OrderLine", self.order.lines.first().pk)

    @property
    def link_status(self) -> str:
        return str(PaymentLink.objects.get(pk=self.link.pk).status)

    @property
    def session_status(self) -> str:
        return str(session_of(self.session)["status"])

    @property
    def status(self) -> str:
        return money_state(self.order.pk)[0]


@pytest.fixture
def waiting() -> Waiting:
    return wait(completed())


@pytest.fixture(scope="module")
def gateway(admin: Api) -> Api:
    """The app of another payment provider."""
    with allow_writer():
        app = App.objects.create(name="Gateway", identifier="an.app", is_active=True)
        app.permissions.set(get_permissions_from_names(["MANAGE_ORDERS", "HANDLE_PAYMENTS"]))
    return Api(app)


def wait(order: Order) -> Waiting:
    link = link_of(order)
    made = Waiting(order, link, begin(link))
    assert made.session_status == "open"
    return made


# Edits of an order that waits, and what is due for it afterwards


def add_line(admin: Api, waiting: Waiting) -> None:
    admin.do(
        f"""mutation($id: ID!, $input: [OrderLineCreateInput!]!) {{
            orderLinesCreate(id: $id, input: $input) {{ {ERRORS} }}
        }}""",
        id=waiting.id,
        input=[{"variantId": variant_id("MUG"), "quantity": 1}],
    )


def change_line(admin: Api, waiting: Waiting) -> None:
    admin.do(
        f"""mutation($id: ID!) {{
            orderLineUpdate(id: $id, input: {{quantity: 2}}) {{ {ERRORS} }}
        }}""",
        id=waiting.line_id,
    )


def discount(admin: Api, waiting: Waiting) -> None:
    admin.do(
        f"""mutation($id: ID!) {{
            orderDiscountAdd(orderId: $id, input: {{valueType: FIXED, value: 5}}) {{ {ERRORS} }}
        }}""",
        id=waiting.id,
    )


def discount_line(admin: Api, waiting: Waiting) -> None:
    admin.do(
        f"""mutation($id: ID!) {{
            orderLineDiscountUpdate(orderLineId: $id, input: {{valueType: FIXED, value: 4}}) {{
                {ERRORS}
            }}
        }}""",
        id=waiting.line_id,
    )


def ship(admin: Api, waiting: Waiting) -> None:
    """By a method that costs 7.00."""
    waiting.order.lines.update(is_shipping_required=True)
    admin.do(
        f"""mutation($id: ID!, $input: OrderUpdateInput!) {{
            orderUpdate(id: $id, input: $input) {{ {ERRORS} }}
        }}""",
        id=waiting.id,
        input={"shippingAddress": ADDRESS},
    )
    method = ShippingMethod.objects.create(
        name="Courier", type="price", shipping_zone=ShippingZone.objects.get()
    )
    ShippingMethodChannelListing.objects.create(
        shipping_method=method, channel=waiting.order.channel, currency="USD", price_amount=7
    )
    admin.do(
        f"""mutation($id: ID!, $method: ID!) {{
            orderUpdateShipping(order: $id, input: {{shippingMethod: $method}}) {{ {ERRORS} }}
        }}""",
        id=waiting.id,
        method=graphene.Node.to_global_id("ShippingMethod", method.pk),
    )


def take_part_by_hand(admin: Api, waiting: Waiting) -> None:
    """As the Dashboard's manual transaction does."""
    create_transaction(admin, waiting.order, amountCharged={"amount": 10, "currency": "USD"})


def authorize_part_elsewhere(admin: Api, waiting: Waiting) -> None:
    create_transaction(admin, waiting.order, amountAuthorized={"amount": 8, "currency": "USD"})


def charge_part_elsewhere_later(admin: Api, waiting: Waiting) -> None:
    """By a method whose money takes days. Saleor tells no plugin of that."""
    item = create_transaction(admin, waiting.order)
    admin.do(REPORT, id=item, type="CHARGE_REQUEST", amount=6)


def create_transaction(admin: Api, order: Order, **amounts: Any) -> str:
    given = {"name": "Bank transfer", "pspReference": "theirs", **amounts}
    made = admin.do(CREATE_TRANSACTION, id=global_id(order), transaction=given)
    return str(made["transaction"]["id"])


def variant_id(sku: str) -> str:
    return graphene.Node.to_global_id("ProductVariant", ProductVariant.objects.get(sku=sku).pk)


@pytest.mark.parametrize(
    ("edit", "due"),
    [
        (add_line, "42.50"),
        (change_line, "60"),
        (discount, "25"),
        (discount_line, "26"),
        (ship, "37"),
        (take_part_by_hand, "20"),
        (authorize_part_elsewhere, "22"),
        (charge_part_elsewhere_later, "24"),
    ],
)
def test_a_session_of_another_amount_is_closed_at_once_and_the_link_asks_for_what_is_due(
    admin: Api, waiting: Waiting, edit: Callable[[Api, Waiting], None], due: str
) -> None:
    edit(admin, waiting)

    assert waiting.session_status == "expired"
    assert (waiting.link_status, waiting.status) == ("active", "unconfirmed")
    assert session_of(begin(waiting.link))["amount_total"] == Decimal(due) * 100


def test_a_line_that_is_taken_away_closes_the_session_too(admin: Api) -> None:
    waiting = wait(completed())
    add_line(admin, waiting)
    session = begin(waiting.link)

    admin.do(
        f"mutation($id: ID!) {{ orderLineDelete(id: $id) {{ {ERRORS} }} }}", id=waiting.line_id
    )

    assert session_of(session)["status"] == "expired"
    assert session_of(begin(waiting.link))["amount_total"] == 1250


def test_a_refund_that_is_granted_closes_the_session_too(admin: Api, waiting: Waiting) -> None:
    item = create_transaction(admin, waiting.order, amountCharged={"amount": 10, "currency": "USD"})
    session = begin(waiting.link)

    admin.do(
        f"""mutation($id: ID!, $item: ID!) {{
            orderGrantRefundCreate(id: $id, input: {{amount: 3, transactionId: $item}}) {{
                {ERRORS}
            }}
        }}""",
        id=waiting.id,
        item=item,
    )

    assert session_of(session)["status"] == "expired"
    assert session_of(begin(waiting.link))["amount_total"] == 1700


def test_an_edit_that_changes_no_amount_disturbs_no_customer(admin: Api, waiting: Waiting) -> None:
    admin.do(
        f"""mutation($id: ID!, $input: OrderUpdateInput!) {{
            orderUpdate(id: $id, input: $input) {{ {ERRORS} }}
        }}""",
        id=waiting.id,
        input={"billingAddress": {**ADDRESS, "streetAddress1": "2 Main Street"}},
    )
    admin.do(
        f"""mutation($id: ID!) {{
            orderNoteAdd(order: $id, input: {{message: "Called."}}) {{ {ERRORS} }}
        }}""",
        id=waiting.id,
    )

    assert (waiting.session_status, waiting.link_status) == ("open", "active")


# What lets go of a held order in Saleor, where the channel confirms by itself


@pytest.mark.parametrize("kind", ["CHARGE_FAILURE", "AUTHORIZATION_FAILURE", "INFO"])
def test_news_of_a_payment_elsewhere_does_not_let_go_of_the_order(
    gateway: Api, waiting: Waiting, kind: str
) -> None:
    item = create_transaction(gateway, waiting.order)
    assert waiting.status == "unconfirmed"

    gateway.do(REPORT, id=item, type=kind, amount=30)

    assert (waiting.status, waiting.link_status) == ("unconfirmed", "active")
    assert waiting.session_status == "open"


# What ends it


def cancel(admin: Api, waiting: Waiting) -> None:
    admin.do(f"mutation($id: ID!) {{ orderCancel(id: $id) {{ {ERRORS} }} }}", id=waiting.id)


def cancel_many(admin: Api, waiting: Waiting) -> None:
    admin.do(
        f"mutation($ids: [ID!]!) {{ orderBulkCancel(ids: $ids) {{ {ERRORS} }} }}",
        ids=[waiting.id],
    )


def mark_as_paid(admin: Api, waiting: Waiting) -> None:
    admin.do(f"mutation($id: ID!) {{ orderMarkAsPaid(id: $id) {{ {ERRORS} }} }}", id=waiting.id)


def take_all_by_hand(admin: Api, waiting: Waiting) -> None:
    create_transaction(admin, waiting.order, amountCharged={"amount": 30, "currency": "USD"})


@pytest.fixture(params=["TRANSACTION_FLOW", "PAYMENT_FLOW"])
def flow(request: pytest.FixtureRequest) -> Iterator[None]:
    """How Saleor's own Mark as paid keeps its books in the channel."""
    channel = Channel.objects.filter(slug="default-channel")
    usual = channel.get().order_mark_as_paid_strategy
    channel.update(order_mark_as_paid_strategy=request.param.lower())
    yield
    channel.update(order_mark_as_paid_strategy=usual)


@pytest.mark.parametrize("close", [cancel, cancel_many])
def test_cancelling_closes_link_and_session(
    admin: Api, waiting: Waiting, close: Callable[[Api, Waiting], None]
) -> None:
    close(admin, waiting)

    assert (waiting.link_status, waiting.session_status) == ("revoked", "expired")
    assert waiting.status == "canceled"


def test_saleors_own_mark_as_paid_closes_link_and_session_and_confirms(
    admin: Api, waiting: Waiting, flow: None
) -> None:
    mark_as_paid(admin, waiting)

    assert (waiting.link_status, waiting.session_status) == ("paid_manually", "expired")
    assert money_state(waiting.order.pk) == ("unfulfilled", "full", Decimal(30))


def test_all_of_it_taken_by_hand_closes_link_and_session_and_confirms(
    admin: Api, waiting: Waiting
) -> None:
    take_all_by_hand(admin, waiting)

    assert (waiting.link_status, waiting.session_status) == ("paid_manually", "expired")
    assert money_state(waiting.order.pk) == ("unfulfilled", "full", Decimal(30))


def test_all_of_it_charged_elsewhere_closes_link_and_session_and_confirms(
    gateway: Api, waiting: Waiting
) -> None:
    item = create_transaction(gateway, waiting.order)

    gateway.do(REPORT, id=item, type="CHARGE_SUCCESS", amount=30)

    assert (waiting.link_status, waiting.session_status) == ("paid_manually", "expired")
    assert money_state(waiting.order.pk) == ("unfulfilled", "full", Decimal(30))


def test_what_staff_take_back_of_a_manual_transaction_is_due_again(
    admin: Api, waiting: Waiting
) -> None:
    item = create_transaction(admin, waiting.order, amountCharged={"amount": 10, "currency": "USD"})
    assert session_of(begin(waiting.link))["amount_total"] == 2000

    admin.do(
        f"""mutation($id: ID!, $transaction: TransactionUpdateInput!) {{
            transactionUpdate(id: $id, transaction: $transaction) {{ {ERRORS} }}
        }}""",
        id=item,
        transaction={"amountCharged": {"amount": 0, "currency": "USD"}},
    )

    assert waiting.status == "unconfirmed"
    assert session_of(begin(waiting.link))["amount_total"] == 3000


# Saleor's timers


@pytest.fixture
def expiring(admin: Api) -> Iterator[Callable[[], None]]:
    """Lets channel-eur begin to let its orders expire after a minute."""
    yield lambda: set_expiry(admin, 1)
    set_expiry(admin, None)


def set_expiry(admin: Api, minutes: int | None) -> None:
    admin.do(
        f"""mutation($id: ID!, $minutes: Minute) {{
            channelUpdate(id: $id, input: {{orderSettings: {{expireOrdersAfter: $minutes}}}}) {{
                {ERRORS}
            }}
        }}""",
        id=graphene.Node.to_global_id("Channel", Channel.objects.get(slug="channel-eur").pk),
        minutes=minutes,
    )


def grow_old(*orders: Order) -> None:
    long_ago = timezone.now() - timedelta(minutes=30)
    Order.objects.filter(pk__in=[order.pk for order in orders]).update(created_at=long_ago)


@pytest.mark.parametrize("link_status", ["active", "expired"])
def test_an_order_that_waits_already_when_its_channel_begins_to_expire_orders_does_not_expire(
    expiring: Callable[[], None], link_status: str
) -> None:
    waiting, forgotten = completed("channel-eur"), completed("channel-eur")
    link = link_of(waiting)
    PaymentLink.objects.filter(pk=link.pk).update(status=link_status)
    grow_old(waiting, forgotten)

    expiring()
    expire_orders_task()

    assert (money_state(waiting.pk)[0], money_state(forgotten.pk)[0]) == ("unconfirmed", "expired")
    assert [item.charged_value for item in items(waiting)] == [0]


def test_an_order_that_expires_all_the_same_closes_link_and_session() -> None:
    waiting = wait(completed("channel-expiring"))
    waiting.order.payment_transactions.all().delete()
    grow_old(waiting.order)

    expire_orders_task()

    assert waiting.status == "expired"
    assert (waiting.link_status, waiting.session_status) == ("expired", "expired")


def test_saleor_may_delete_an_order_that_had_a_link() -> None:
    waiting = wait(completed("channel-expiring"))
    waiting.order.payment_transactions.all().delete()
    grow_old(waiting.order)
    expire_orders_task()
    years_ago = timezone.now() - timedelta(days=1000)
    Order.objects.filter(pk=waiting.order.pk).update(created_at=years_ago, expired_at=years_ago)

    delete_expired_orders_task()
    sweeper.sweep()

    assert not Order.objects.filter(pk=waiting.order.pk).exists()
    assert payment_request(token_of(waiting.link)) is None
