"""The sandbox shop as paylink sees it: saleor_paylink.shop.Shop over the shop's tables."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from saleor_paylink.conf import ChannelSettings
from saleor_paylink.money import Money, zero
from saleor_paylink.shop import (
    REMINDERS_KEY,
    REMINDERS_OFF,
    Actor,
    ActorKind,
    Charge,
    LineView,
    LinkNews,
    MailAccount,
    ManualPayment,
    OrderDues,
    OrderState,
    OrderView,
    Refund,
    RefundAsked,
    ShopBooks,
)
from sandbox.shop import listeners, orders, payments, refunds
from sandbox.shop.books import SandboxBooks
from sandbox.shop.calculations import paid_in_full, total_of
from sandbox.shop.models import (
    CLOSED,
    Channel,
    Order,
    OrderEvent,
    OrderLine,
    OrderStatus,
    Transaction,
    User,
)
from sandbox.stage import PLUGIN_ID, thumbnail_url

NAME = "Sandbox shop"
MAIL_FROM = f"{NAME} <shop@example.com>"
ADDRESS = ("Sandbox Ltd", "1 Harbour Street", "D02 X285 Dublin", "Ireland")


class SandboxShop:
    """Keeps no state; every call goes to the database."""

    def writer(self) -> AbstractContextManager[object]:
        return nullcontext()

    def order(self, order_id: UUID, *, fresh: bool = False) -> OrderView | None:
        order = Order.objects.select_related("channel", "user").filter(id=order_id).first()
        if order is None:
            return None
        return _order_view(orders.refresh(order_id) if fresh and order.stale else order)

    def dues(self, order_id: UUID) -> OrderDues | None:
        return self.order(order_id, fresh=True)

    def orders(self, order_ids: Collection[UUID]) -> Sequence[OrderView]:
        found = Order.objects.select_related("channel", "user").filter(id__in=order_ids)
        return [
            _order_view(orders.refresh(order.id) if order.stale else order)
            for order in found.prefetch_related("lines", "transactions")
        ]

    def known_orders(self) -> "QuerySet[Order, UUID]":
        return Order.objects.values_list("id", flat=True)

    def matching_orders(self, search: str) -> "QuerySet[Order, UUID]":
        matches = Q(email__icontains=search) | Q(email="", user__email__icontains=search)
        if search.isdecimal():
            matches = Q(number=int(search))
        return Order.objects.filter(matches).values_list("id", flat=True)

    def order_numbers(self, order_ids: Collection[UUID]) -> Mapping[UUID, str]:
        found = Order.objects.filter(id__in=order_ids).values_list("id", "number")
        return {id: str(number) for id, number in found}

    def channel_settings(self, channel: str) -> ChannelSettings:
        return self.settings_of([channel])[channel]

    def settings_of(self, channels: Collection[str]) -> Mapping[str, ChannelSettings]:
        none = {slug: ChannelSettings(slug, active=False) for slug in channels}
        found = Channel.objects.filter(slug__in=channels)
        return none | {
            each.slug: ChannelSettings(each.slug, each.plugin_active, each.plugin_values)
            for each in found
        }

    def channels(self) -> Mapping[str, str]:
        return {str(pk): slug for pk, slug in Channel.objects.values_list("pk", "slug")}

    def mail_account(self, channel: str) -> MailAccount:
        confirming = Channel.objects.filter(slug=channel, confirms_payment=True)
        return MailAccount(MAIL_FROM, ADDRESS, confirms_payment=confirming.exists())

    def name(self, settings: ChannelSettings) -> str:
        return settings.shop_name or NAME

    def picture_sources(self) -> Sequence[str]:
        return []

    def page_url(self, channel: str, path: str) -> str:
        return f"{settings.PUBLIC_URL}/plugins/channel/{channel}/{PLUGIN_ID}/{path}"

    @transaction.atomic
    def hold(self, order_id: UUID) -> None:
        order = orders.locked(order_id)
        if order.status in (OrderStatus.UNCONFIRMED, OrderStatus.UNFULFILLED):
            order.status = OrderStatus.UNCONFIRMED
            order.held = True
            order.save()

    @transaction.atomic
    def release(self, order_id: UUID, actor: Actor | None) -> None:
        order = orders.locked(order_id)
        if order.status == OrderStatus.UNCONFIRMED:
            order.held = False
            if order.channel.auto_confirm or paid_in_full(order):
                orders.confirm(order, _user(actor))
            order.save()

    def record_charge(self, order_id: UUID, charge: Charge) -> None:
        payments.record_charge(order_id, charge)

    def record_refund(self, order_id: UUID, refund: Refund) -> None:
        refunds.record(order_id, refund)

    def record_refund_reversal(self, order_id: UUID, refund: Refund) -> None:
        refunds.record_reversal(order_id, refund)

    def refund_answered(
        self,
        order_id: UUID,
        shop_request: str,
        charge_reference: str,
        reference: str | None,
        error: str,
    ) -> None:
        refunds.answer(order_id, shop_request, reference, error)

    def unanswered_refunds(self, start: datetime, end: datetime) -> Sequence[RefundAsked]:
        return refunds.unanswered(start, end)

    def record_manual_payment(
        self, order_id: UUID, payment: ManualPayment, actor: Actor | None
    ) -> None:
        payments.record_manual_payment(order_id, payment, _user(actor))

    @transaction.atomic
    def cancel(self, order_id: UUID, actor: Actor | None) -> None:
        order = orders.locked(order_id)
        if order.status not in CLOSED:
            orders.close(order, OrderStatus.CANCELED, _user(actor))

    def add_note(self, order_id: UUID, message: str, actor: Actor | None) -> None:
        order = Order.objects.filter(id=order_id).first()
        if order is not None:
            order.events.create(type=OrderEvent.Type.NOTE_ADDED, message=message, user=_user(actor))

    @transaction.atomic
    def show_state(self, order_id: UUID, state: Mapping[str, str | None]) -> bool:
        order = Order.objects.select_for_update().filter(id=order_id).first()
        if order is None:
            return False
        said = {key: value for key, value in state.items() if value is not None}
        others = {key: value for key, value in order.metadata.items() if key not in state}
        before, order.metadata = order.metadata, {**others, **said}
        order.save(update_fields=["metadata"])
        return bool(order.metadata != before)

    def tell_state(self, order_id: UUID) -> None:
        if Order.objects.filter(id=order_id).exists():
            listeners.tell(listeners.METADATA_UPDATED, order_id)

    def books(self) -> ShopBooks:
        return SandboxBooks()

    def announce(self, news: LinkNews) -> None:
        listeners.tell(news.announcement.event, news)


def _user(actor: Actor | None) -> User | None:
    if actor is None or actor.kind is not ActorKind.USER:
        return None
    found: User | None = User.objects.filter(pk=actor.id).first()
    return found


def _order_view(order: Order) -> OrderView:
    # Read once: a charge recorded meanwhile must count in all that is said of money, or in none.
    taken = list(order.transactions.all())
    return OrderView(
        id=order.id,
        number=str(order.number),
        channel=order.channel.slug,
        channel_id=str(order.channel_id),
        state=OrderState(order.status),
        lines=tuple(_line_view(order, line) for line in order.lines.all()),
        subtotal=order.money(order.subtotal),
        shipping=order.money(order.shipping),
        discount=order.money(order.discount),
        tax=zero(order.currency),
        total=order.money(order.total),
        charged=total_of(order, taken),
        reserved=zero(order.currency),
        email=order.customer_email,
        language=order.language,
        customer_id=str(order.user_id) if order.user_id else None,
        manual=_manual(order, taken),
        returning=_returning(order, taken),
        recorded=frozenset(one.reference for one in taken if one.reference),
        has_books=bool(taken),
        stale=order.stale,
        reminders_stopped=order.private_metadata.get(REMINDERS_KEY) == REMINDERS_OFF,
    )


def _line_view(order: Order, line: OrderLine) -> LineView:
    return LineView(
        name=line.product_name,
        variant=line.variant_name or None,
        quantity=line.quantity,
        unit_price=order.money(line.unit_price),
        total=order.money(line.unit_price * line.quantity),
        thumbnail_url=thumbnail_url(settings.PUBLIC_URL, line.sku),
    )


def _manual(order: Order, taken: Sequence[Transaction]) -> Money | None:
    by_hand = [one for one in taken if one.is_manual]
    return total_of(order, by_hand) if by_hand else None


def _returning(order: Order, taken: Sequence[Transaction]) -> Money | None:
    asked = sum((one.refund_pending for one in taken), Decimal(0))
    return order.money(asked) if asked else None
