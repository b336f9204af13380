"""What can be read of an order. Names and nullability are those of Saleor's schema."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

import graphene

from saleor_paylink.money import Money as Amount
from saleor_paylink.money import zero
from sandbox.shop import models, orders
from sandbox.shop.calculations import charged
from sandbox.shop.graphql.access import (
    Permission,
    PermissionDenied,
    has_permission,
    is_owner,
    require_one_of,
)
from sandbox.shop.graphql.base import BaseObject, non_null_list
from sandbox.shop.graphql.scalars import (
    DateTime,
    LanguageCodeEnum,
    Money,
    TaxedMoney,
    enum_of,
)

OrderStatusEnum = enum_of("OrderStatus", models.OrderStatus.values)
OrderEventsEnum = enum_of("OrderEventsEnum", models.OrderEvent.Type.values)
TransactionActionEnum = enum_of("TransactionActionEnum", ["refund"])
TransactionEventTypeEnum = enum_of("TransactionEventTypeEnum", models.TransactionEvent.Type.values)
OrderOriginEnum = enum_of("OrderOriginEnum", ["draft"])
OrderChargeStatusEnum = enum_of("OrderChargeStatusEnum", ["none", "partial", "full", "overcharged"])
PaymentChargeStatusEnum = enum_of(
    "PaymentChargeStatusEnum", ["not-charged", "partially-charged", "fully-charged"]
)
PAYMENT_STATUS = {
    "none": "not-charged",
    "partial": "partially-charged",
    "full": "fully-charged",
    "overcharged": "fully-charged",
}


class MetadataItem(BaseObject):
    key = graphene.String(required=True)
    value = graphene.String(required=True)


class ObjectWithMetadata(graphene.Interface):
    """What mutations of metadata answer; here, that is an order."""

    private_metafield = graphene.String(key=graphene.String(required=True))

    @classmethod
    def resolve_type(cls, root: models.Order, _info: Any) -> Any:
        return Order


class Channel(BaseObject):
    class Meta:
        interfaces = (graphene.Node,)

    slug = graphene.String(required=True)
    currency_code = graphene.String(required=True)

    @staticmethod
    def resolve_currency_code(root: models.Channel, _info: Any) -> str:
        return str(root.currency)


class User(BaseObject):
    class Meta:
        interfaces = (graphene.Node,)

    email = graphene.String(required=True)
    is_staff = graphene.Boolean(required=True)


class OrderEvent(BaseObject):
    class Meta:
        interfaces = (graphene.Node,)

    date = DateTime()
    type = OrderEventsEnum()
    user = graphene.Field(User)
    message = graphene.String()

    @staticmethod
    def resolve_date(root: models.OrderEvent, _info: Any) -> datetime:
        created: datetime = root.created_at
        return created


class TransactionEvent(BaseObject):
    class Meta:
        interfaces = (graphene.Node,)

    created_at = DateTime(required=True)
    psp_reference = graphene.String(required=True)
    message = graphene.String(required=True)
    amount = graphene.Field(Money, required=True)
    type = TransactionEventTypeEnum()

    @staticmethod
    def resolve_amount(root: models.TransactionEvent, _info: Any) -> Amount:
        return root.transaction.its_order.money(root.amount)


class TransactionItem(BaseObject):
    class Meta:
        interfaces = (graphene.Node,)

    token = graphene.UUID(required=True)
    created_at = DateTime(required=True)
    name = graphene.String(required=True)
    psp_reference = graphene.String(required=True)
    external_url = graphene.String(required=True)
    charged_amount = graphene.Field(Money, required=True)
    refunded_amount = graphene.Field(Money, required=True)
    refund_pending_amount = graphene.Field(Money, required=True)
    actions = non_null_list(TransactionActionEnum, required=True)
    events = non_null_list(TransactionEvent, required=True)

    @staticmethod
    def resolve_id(root: models.Transaction, _info: Any) -> str:
        return str(root.token)

    @staticmethod
    def resolve_charged_amount(root: models.Transaction, _info: Any) -> Amount:
        return root.its_order.money(root.charged)

    @staticmethod
    def resolve_refunded_amount(root: models.Transaction, _info: Any) -> Amount:
        return root.its_order.money(root.refunded)

    @staticmethod
    def resolve_refund_pending_amount(root: models.Transaction, _info: Any) -> Amount:
        return root.its_order.money(root.refund_pending)

    @staticmethod
    def resolve_actions(root: models.Transaction, _info: Any) -> list[str]:
        return ["refund"] if root.charged > 0 and not root.is_manual else []

    @staticmethod
    def resolve_events(root: models.Transaction, _info: Any) -> Iterable[models.TransactionEvent]:
        # Newest first, as Saleor lists them.
        events: Iterable[models.TransactionEvent] = root.events.order_by("-pk")
        return events


class OrderLine(BaseObject):
    class Meta:
        interfaces = (graphene.Node,)

    product_name = graphene.String(required=True)
    variant_name = graphene.String(required=True)
    product_sku = graphene.String()
    quantity = graphene.Int(required=True)
    quantity_fulfilled = graphene.Int(required=True)
    unit_price = graphene.Field(TaxedMoney, required=True)
    total_price = graphene.Field(TaxedMoney, required=True)

    @staticmethod
    def resolve_product_sku(root: models.OrderLine, _info: Any) -> str:
        return str(root.sku)

    @staticmethod
    def resolve_quantity_fulfilled(root: models.OrderLine, _info: Any) -> int:
        return int(root.fulfilled)

    @staticmethod
    def resolve_unit_price(root: models.OrderLine, _info: Any) -> Amount:
        return root.order.money(root.unit_price)

    @staticmethod
    def resolve_total_price(root: models.OrderLine, _info: Any) -> Amount:
        return root.order.money(root.unit_price * root.quantity)


class Order(BaseObject):
    """Reading an amount of an edited order brings its totals up to date, as in Saleor."""

    class Meta:
        interfaces = (graphene.Node, ObjectWithMetadata)

    number = graphene.String(required=True)
    status = OrderStatusEnum(required=True)
    origin = OrderOriginEnum(required=True, default_value="draft")
    created = DateTime(required=True)
    updated_at = DateTime(required=True)
    channel = graphene.Field(Channel, required=True)
    user = graphene.Field(User)
    user_email = graphene.String()
    language_code_enum = LanguageCodeEnum(required=True)
    lines = non_null_list(OrderLine, required=True)
    subtotal = graphene.Field(TaxedMoney, required=True)
    shipping_price = graphene.Field(TaxedMoney, required=True)
    discount = graphene.Field(Money)
    total = graphene.Field(TaxedMoney, required=True)
    total_charged = graphene.Field(Money, required=True)
    total_captured = graphene.Field(Money, required=True)
    total_refunded = graphene.Field(Money, required=True)
    total_balance = graphene.Field(Money, required=True)
    is_paid = graphene.Boolean(required=True)
    charge_status = OrderChargeStatusEnum(required=True)
    payment_status = PaymentChargeStatusEnum(required=True)
    transactions = non_null_list(TransactionItem, required=True)
    events = non_null_list(OrderEvent, required=True)
    metadata = non_null_list(MetadataItem, required=True)

    @staticmethod
    def resolve_number(root: models.Order, _info: Any) -> str:
        return str(root.number)

    @staticmethod
    def resolve_created(root: models.Order, _info: Any) -> datetime:
        created: datetime = root.created_at
        return created

    @staticmethod
    def resolve_user(root: models.Order, info: Any) -> models.User | None:
        readers = (
            Permission.MANAGE_USERS,
            Permission.MANAGE_ORDERS,
            Permission.HANDLE_PAYMENTS,
        )
        may_read = any(has_permission(info, permission) for permission in readers)
        if root.user and not may_read and not is_owner(info, str(root.user_id)):
            raise PermissionDenied(*readers)
        user: models.User | None = root.user
        return user

    @staticmethod
    def resolve_user_email(root: models.Order, _info: Any) -> str | None:
        return root.customer_email

    @staticmethod
    def resolve_language_code_enum(root: models.Order, _info: Any) -> str:
        return str(root.language)

    @staticmethod
    def resolve_lines(root: models.Order, _info: Any) -> Iterable[models.OrderLine]:
        lines: Iterable[models.OrderLine] = root.lines.all()
        return lines

    @staticmethod
    def resolve_subtotal(root: models.Order, _info: Any) -> Amount:
        return root.money(_fresh(root).subtotal)

    @staticmethod
    def resolve_shipping_price(root: models.Order, _info: Any) -> Amount:
        return root.money(root.shipping)

    @staticmethod
    def resolve_discount(root: models.Order, _info: Any) -> Amount | None:
        return root.money(root.discount) if root.discount else None

    @staticmethod
    def resolve_total(root: models.Order, _info: Any) -> Amount:
        return root.money(_fresh(root).total)

    @staticmethod
    def resolve_total_charged(root: models.Order, _info: Any) -> Amount:
        return charged(root)

    @staticmethod
    def resolve_total_captured(root: models.Order, _info: Any) -> Amount:
        return charged(root)

    @staticmethod
    def resolve_total_refunded(root: models.Order, _info: Any) -> Amount:
        given_back = (root.money(one.refunded) for one in root.transactions.all())
        return sum(given_back, zero(root.currency))

    @staticmethod
    def resolve_total_balance(root: models.Order, _info: Any) -> Amount:
        return charged(root) - root.money(_fresh(root).total)

    @staticmethod
    def resolve_is_paid(root: models.Order, _info: Any) -> bool:
        return charged(root).amount >= _fresh(root).total

    @staticmethod
    def resolve_charge_status(root: models.Order, _info: Any) -> str:
        return _charge_status(charged(root).amount, _fresh(root).total)

    @staticmethod
    def resolve_payment_status(root: models.Order, _info: Any) -> str:
        return PAYMENT_STATUS[_charge_status(charged(root).amount, _fresh(root).total)]

    @staticmethod
    def resolve_transactions(root: models.Order, info: Any) -> Iterable[models.Transaction]:
        require_one_of(info, Permission.MANAGE_ORDERS, Permission.HANDLE_PAYMENTS)
        transactions: Iterable[models.Transaction] = root.transactions.all()
        return transactions

    @staticmethod
    def resolve_events(root: models.Order, info: Any) -> Iterable[models.OrderEvent]:
        require_one_of(info, Permission.MANAGE_ORDERS)
        events: Iterable[models.OrderEvent] = root.events.select_related("user")
        return events

    @staticmethod
    def resolve_metadata(root: models.Order, _info: Any) -> list[MetadataItem]:
        return [MetadataItem(key=key, value=value) for key, value in root.metadata.items()]

    @staticmethod
    def resolve_private_metafield(root: models.Order, info: Any, key: str) -> str | None:
        require_one_of(info, Permission.MANAGE_ORDERS)
        value: str | None = root.private_metadata.get(key)
        return value


def _fresh(root: models.Order) -> models.Order:
    if root.stale:
        fresh = orders.refresh(root.id)
        root.subtotal, root.total, root.stale = fresh.subtotal, fresh.total, False
    return root


def _charge_status(paid: Decimal, total: Decimal) -> str:
    if paid == total:
        return "full"
    if paid <= 0:
        return "none"
    return "partial" if paid < total else "overcharged"


class OrderCountableEdge(BaseObject):
    node = graphene.Field(Order, required=True)
    cursor = graphene.String(required=True)


class OrderCountableConnection(BaseObject):
    page_info = graphene.Field(graphene.PageInfo, required=True)
    edges = non_null_list(OrderCountableEdge, required=True)
    total_count = graphene.Int()
