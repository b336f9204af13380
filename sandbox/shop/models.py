"""What the sandbox shop remembers. Its tables are made without migrations: they never age."""

import uuid
from decimal import Decimal

from django.db import models
from django.utils import timezone

from saleor_paylink.money import Money


def price_field() -> "models.DecimalField[Decimal | str | int, Decimal]":
    """An amount in the currency of the channel, with the three decimals that Saleor keeps."""
    return models.DecimalField(max_digits=20, decimal_places=3, default=Decimal(0))


class Channel(models.Model):
    """A market with a currency, and the plugin's settings in it."""

    slug = models.SlugField(unique=True)
    currency = models.CharField(max_length=3)
    auto_confirm = models.BooleanField(default=True)
    expire_after_minutes = models.PositiveIntegerField(null=True)
    plugin_active = models.BooleanField(default=False)
    plugin_values = models.JSONField(default=dict)
    # As if the shop mailed its customers a confirmation of its own once orders are paid in full.
    confirms_payment = models.BooleanField(default=False)


class User(models.Model):
    """A customer or a member of the staff. `channels` limits staff; None: every channel."""

    email = models.EmailField(unique=True)
    password = models.CharField(max_length=128)
    is_staff = models.BooleanField(default=False)
    is_superuser = models.BooleanField(default=False)
    permissions = models.JSONField(default=list)
    channels = models.JSONField(null=True)

    limited_to: frozenset[str] | None = None
    """The permissions of the token that speaks for the user; None: it limits nothing."""

    def has_permission(self, name: str) -> bool:
        if self.limited_to is not None and name not in self.limited_to:
            return False
        return self.is_superuser or (self.is_staff and name in self.permissions)

    @property
    def staffed_channels(self) -> list[str] | None:
        """Slugs of the channels whose orders the user may see as staff; None: all."""
        if self.is_superuser:
            return None
        return self.channels if self.is_staff else []


class App(models.Model):
    """A program with a token and permissions of its own. As in Saleor, it sees every channel."""

    name = models.CharField(max_length=60)
    token = models.CharField(max_length=64, unique=True)
    permissions = models.JSONField(default=list)

    def has_permission(self, name: str) -> bool:
        return name in self.permissions


class ProductVariant(models.Model):
    """Something to sell. `allocated` pieces of `stock` are promised to orders."""

    sku = models.CharField(max_length=64, unique=True)
    product_name = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    price = price_field()
    stock = models.PositiveIntegerField(default=0)
    allocated = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(allocated__lte=models.F("stock")), name="shop_never_oversold"
            )
        ]


class OrderStatus(models.TextChoices):
    DRAFT = "draft"
    UNCONFIRMED = "unconfirmed"
    UNFULFILLED = "unfulfilled"
    PARTIALLY_FULFILLED = "partially fulfilled"
    FULFILLED = "fulfilled"
    CANCELED = "canceled"
    EXPIRED = "expired"


EDITABLE = (OrderStatus.DRAFT, OrderStatus.UNCONFIRMED)
CLOSED = (OrderStatus.CANCELED, OrderStatus.EXPIRED)


class Order(models.Model):
    """An order. `subtotal` and `total` are as last calculated: edits make them `stale`."""

    # The database counts orders for people; the world knows them by their UUID.
    number = models.AutoField(primary_key=True)
    id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    status = models.CharField(max_length=32, choices=OrderStatus.choices, default=OrderStatus.DRAFT)
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT)
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=35, default="en")
    shipping = price_field()
    discount = price_field()
    subtotal = price_field()
    total = price_field()
    stale = models.BooleanField(default=False)
    # Collecting has taken the order over: the shop's timer leaves it alone.
    held = models.BooleanField(default=False)
    metadata = models.JSONField(default=dict)
    private_metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    @property
    def currency(self) -> str:
        return self.channel.currency

    @property
    def customer_email(self) -> str | None:
        return self.email or (self.user.email if self.user else None)

    def money(self, amount: object) -> Money:
        """An amount of this order's currency."""
        return Money(amount, self.currency)


class OrderLine(models.Model):
    """A variant as it was sold: names and price do not follow the variant's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(ProductVariant, on_delete=models.PROTECT)
    product_name = models.CharField(max_length=255)
    variant_name = models.CharField(max_length=255)
    sku = models.CharField(max_length=64)
    unit_price = price_field()
    quantity = models.PositiveIntegerField()
    allocated = models.PositiveIntegerField(default=0)
    fulfilled = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at"]


class Checkout(models.Model):
    """What a customer is about to buy: it becomes an order, or is forgotten."""

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT)


class Transaction(models.Model):
    """Money taken for an order, or for a checkout that is none yet. `charged` is what is left of
    it after refunds and chargebacks, and after `refund_pending`, which is on its way to the
    customer."""

    token = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(
        Order, null=True, on_delete=models.PROTECT, related_name="transactions"
    )
    checkout = models.ForeignKey(Checkout, null=True, on_delete=models.SET_NULL)
    name = models.CharField(max_length=512, blank=True)
    psp_reference = models.CharField(max_length=512, blank=True)
    external_url = models.CharField(max_length=200, blank=True)
    charged = price_field()
    refunded = price_field()
    refund_pending = price_field()
    is_manual = models.BooleanField(default=False)
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    # Who recorded it and under which reference; empty for the shop's own records.
    source = models.CharField(max_length=32, blank=True)
    reference = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "reference"],
                condition=~models.Q(reference=""),
                name="shop_money_recorded_once",
            )
        ]

    @property
    def its_order(self) -> Order:
        """The order, of money that has one. Raises Order.DoesNotExist."""
        if self.order is None:
            raise Order.DoesNotExist
        return self.order

    @property
    def channel(self) -> Channel | None:
        """None: the checkout was forgotten."""
        return getattr(self.order or self.checkout, "channel", None)


class TransactionEvent(models.Model):
    """A step of a transaction: money came or went, or staff asked for it to go.

    `answer_to` is the request that a failure answers.
    """

    class Type(models.TextChoices):
        CHARGE_SUCCESS = "charge_success"
        REFUND_REQUEST = "refund_request"
        REFUND_SUCCESS = "refund_success"
        REFUND_FAILURE = "refund_failure"
        REFUND_REVERSE = "refund_reverse"
        CHARGE_BACK = "charge_back"

    transaction = models.ForeignKey(Transaction, on_delete=models.CASCADE, related_name="events")
    type = models.CharField(max_length=32, choices=Type.choices)
    amount = price_field()
    psp_reference = models.CharField(max_length=512, blank=True)
    message = models.CharField(max_length=512, blank=True)
    answer_to = models.OneToOneField(
        "self", null=True, on_delete=models.CASCADE, related_name="answer"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["transaction", "type", "psp_reference"],
                condition=~models.Q(psp_reference=""),
                name="shop_transaction_event_once",
            )
        ]


class OrderEvent(models.Model):
    """A line of an order's history. `user` is None for the customer and the system."""

    class Type(models.TextChoices):
        DRAFT_CREATED = "draft_created"
        PLACED_FROM_DRAFT = "placed_from_draft"
        CONFIRMED = "confirmed"
        CANCELED = "canceled"
        EXPIRED = "expired"
        ORDER_MARKED_AS_PAID = "order_marked_as_paid"
        ORDER_FULLY_PAID = "order_fully_paid"
        TRANSACTION_EVENT = "transaction_event"
        TRANSACTION_REFUND_REQUESTED = "transaction_refund_requested"
        FULFILLMENT_FULFILLED_ITEMS = "fulfillment_fulfilled_items"
        NOTE_ADDED = "note_added"

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="events")
    type = models.CharField(max_length=64, choices=Type.choices)
    message = models.TextField(blank=True)
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
