"""Saleor's order as paylink's OrderView."""

import logging
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import connections, transaction
from django.db.models import (
    Exists,
    OuterRef,
    Prefetch,
    QuerySet,
    Subquery,
    prefetch_related_objects,
)
from django.db.models.functions import Coalesce
from saleor.channel.models import Channel
from saleor.core.db.connection import writer
from saleor.core.utils import build_absolute_uri
from saleor.order import ORDER_EDITABLE_STATUS
from saleor.order.lock_objects import order_qs_select_for_update
from saleor.order.models import Order, OrderGrantedRefund, OrderLine
from saleor.order.utils import updates_amounts_for_order
from saleor.payment import ChargeStatus, CustomPaymentChoices
from saleor.payment.model_helpers import get_total_authorized
from saleor.payment.models import Payment, TransactionItem
from saleor.plugins.manager import get_plugins_manager
from saleor.product import ProductMediaTypes
from saleor.product.models import ProductMedia
from saleor.thumbnail.utils import prepare_image_proxy_url

from saleor_paylink.failures import log_failure
from saleor_paylink.money import Money, zero
from saleor_paylink.saleor import versions
from saleor_paylink.saleor.records import is_ours, references
from saleor_paylink.saleor.takings import GIFT_CARDS, is_manual
from saleor_paylink.shop import (
    REMINDERS_KEY,
    REMINDERS_OFF,
    LineView,
    NetPrices,
    OrderDues,
    OrderState,
    OrderView,
)

logger = logging.getLogger(__name__)

# In pixels: as Saleor's OrderLine.thumbnail has it by default.
THUMBNAIL_SIZE = 256
# Relations of an order that most orders have nothing in while they are due, with what is prefetched
# of them: whether there is something is asked with the order itself.
MONEY = {
    "payment_transactions": (TransactionItem, "payment_transactions"),
    "payments": (Payment, "payments__transactions"),
    "granted_refunds": (OrderGrantedRefund, "granted_refunds"),
}
THERE_IS = {
    f"has_{name}": Exists(model.objects.filter(order=OuterRef("pk")))
    for name, (model, _lookup) in MONEY.items()
}
AMOUNT_FIELDS = (
    "total_charged_amount",
    "charge_status",
    "total_authorized_amount",
    "authorize_status",
)
_NO_MONEY = " AND ".join(
    f"NOT EXISTS (SELECT FROM {model._meta.db_table} WHERE order_id = placed.id)"
    for model, _lookup in MONEY.values()
)
# What is owed for an order that no money has moved for, with totals and statuses up to date (of one
# that is free Saleor says that it is paid). Staff wait for it whenever they complete a draft,
# and Django takes several times as long to put such a query together as the database to answer it.
_UNTOUCHED = f"""
    SELECT channel.id, channel.slug, placed.status, placed.total_gross_amount, placed.currency
    FROM {Order._meta.db_table} placed
    JOIN {Channel._meta.db_table} channel ON channel.id = placed.channel_id
    WHERE placed.id = %s AND NOT placed.should_refresh_prices
        AND placed.total_charged_amount = 0 AND placed.charge_status = 'none'
        AND placed.total_authorized_amount = 0 AND placed.authorize_status = 'none'
        AND placed.total_gross_amount > 0 AND {_NO_MONEY}
"""  # noqa: S608


def find(order_id: UUID) -> Order | None:
    """The order from the writer: a replica may not know yet what was just paid."""
    return Order.objects.using(writer).select_related("channel", "user").filter(pk=order_id).first()


def find_all(order_ids: Collection[UUID]) -> list[Order]:
    """Those of these orders that there are, with all that `order_view` looks at."""
    found = Order.objects.using(writer).select_related("channel", "user").filter(pk__in=order_ids)
    orders = list(
        found.annotate(**THERE_IS).prefetch_related(Prefetch("lines", _lines_with_pictures()))
    )
    for name, (model, lookup) in MONEY.items():
        with_it = [order for order in orders if getattr(order, f"has_{name}")]
        prefetch_related_objects(with_it, lookup)
        for order in orders:
            if not getattr(order, f"has_{name}"):
                # So Django keeps what it has prefetched.
                order._prefetched_objects_cache[name] = _nothing(model)
    return orders


def _nothing(model: Any) -> "QuerySet[Any]":
    """What Django keeps where it has looked and found nothing: nothing is looked for again, nor is
    a query put together in order to find out that it need not be asked."""
    found: QuerySet[Any] = model.objects.none()
    found._result_cache = []
    return found


def find_whole(order_id: UUID) -> Order | None:
    """The one order of `find_all`."""
    return next(iter(find_all([order_id])), None)


def _lines_with_pictures() -> "QuerySet[OrderLine]":
    """With `picture`, the id of the media that Saleor shows for a line: its variant's, else its
    product's. Read with the lines, because orders are read at every step."""
    # One that is still being fetched has no file: NULL or the empty name.
    ready = ProductMedia.objects.filter(type=ProductMediaTypes.IMAGE, image__gt="")
    of_variant = ready.filter(variant_media__variant=OuterRef("variant"))
    of_product = ready.filter(product=OuterRef("variant__product"))
    return OrderLine.objects.annotate(
        picture=Coalesce(
            Subquery(of_variant.values("pk")[:1]), Subquery(of_product.values("pk")[:1])
        )
    )


def known() -> "QuerySet[Order]":
    """The ids of all orders."""
    return Order.objects.using(writer).order_by().values_list("pk", flat=True)


def matching(search: str) -> "QuerySet[Order]":
    """The ids of the orders as Shop.matching_orders finds them, by Saleor's own indexes."""
    orders = known()
    if search.isdecimal():
        return orders.filter(number=int(search))
    # As in Order.get_customer_email. An index serves no alternatives across tables.
    by_address = orders.filter(user_email__ilike=search)
    return by_address.union(orders.filter(user_email="", user__email__ilike=search))


def numbers(order_ids: Collection[UUID]) -> dict[UUID, str]:
    """The numbers of those of these orders that there are."""
    found = Order.objects.using(writer).order_by().filter(pk__in=order_ids)
    return {pk: str(number) for pk, number in found.values_list("pk", "number")}


def is_stale(order: Order) -> bool:
    """Whether an edit has left the totals behind. Saleor recalculates only what is editable."""
    return bool(order.should_refresh_prices and order.status in ORDER_EDITABLE_STATUS)


def fresh(order_id: UUID) -> Order | None:
    """The order from `find_all`, once its totals are up to date. One that is up to date already
    is read once: most are, whenever somebody looks at them."""
    order = find_whole(order_id)
    if order is None or not (is_stale(order) or _amounts_are_behind(order)):
        return order
    freshen(order_id)
    return find_whole(order_id)


def freshen(order_id: UUID) -> None:
    """Recalculate stale totals, and what follows from them: Saleor itself leaves the charge
    status as it was. Must not hold the order's lock, because a tax app may be asked."""
    order = find(order_id)
    if order is None:
        return
    if is_stale(order):
        versions.refresh_prices(order, get_plugins_manager(allow_replica=False))
    found = find(order_id)
    if found is not None and _amounts_are_behind(found):
        with transaction.atomic():
            updates_amounts_for_order(order_qs_select_for_update().get(pk=order_id))


def _amounts_are_behind(order: Order) -> bool:
    before = [getattr(order, name) for name in AMOUNT_FIELDS]
    updates_amounts_for_order(order, save=False)
    return before != [getattr(order, name) for name in AMOUNT_FIELDS]


def dues(order_id: UUID) -> OrderDues | None:
    """See Shop.dues."""
    with connections[writer].cursor() as cursor:
        cursor.execute(_UNTOUCHED, [order_id])
        row = cursor.fetchone()
    if row is None:
        order = fresh(order_id)
        return order_view(order) if order else None
    channel_id, channel, status, total, currency = row
    return OrderDues(
        id=order_id,
        channel=channel,
        channel_id=str(channel_id),
        state=_state(status),
        total=Money(total, currency),
        charged=zero(currency),
        reserved=zero(currency),
    )


def order_view(order: Order) -> OrderView:
    """The order as it is stored, from `find_all`.

    Lines and shipping are shown at their undiscounted prices and `discount` holds all that was
    taken off either, so that lines, shipping and discount add up to the total.
    """
    currency = order.currency
    items = list(order.payment_transactions.all())
    payments = list(order.payments.all())
    subtotal, shipping, discount = _parts(
        [line.undiscounted_total_price_gross_amount for line in order.lines.all()],
        order.shipping_price_gross_amount,
        order.undiscounted_total_gross_amount,
        order.total_gross_amount,
    )

    charged = sum(
        (payment.captured_amount for payment in payments),
        sum((item.charged_value for item in items), Decimal(0)),
    )

    def money(amount: Decimal) -> Money:
        return Money(amount, currency)

    return OrderView(
        id=order.pk,
        channel=order.channel.slug,
        channel_id=str(order.channel_id),
        state=_state(order.status),
        total=money(order.total_gross_amount),
        charged=money(charged),
        reserved=_reserved(items, payments, currency) + _granted(order, currency),
        recorded=references(items),
        number=str(order.number),
        lines=[_line_view(line) for line in order.lines.all()],
        subtotal=money(subtotal),
        shipping=money(shipping),
        discount=money(discount),
        tax=money(order.total_gross_amount - order.total_net_amount),
        email=order.get_customer_email() or None,
        language=order.language_code,
        customer_id=str(order.user_id) if order.user_id else None,
        manual=_manual(items, payments, currency),
        by_gift_card=_by_gift_card(items, currency),
        returning=_returning(items, currency),
        has_books=bool(items or payments),
        net=None if order.display_gross_prices else _net_prices(order),
        stale=is_stale(order),
        reminders_stopped=(order.private_metadata or {}).get(REMINDERS_KEY) == REMINDERS_OFF,
    )


def _parts(
    lines: Iterable[Decimal], shipping: Decimal, undiscounted: Decimal, total: Decimal
) -> tuple[Decimal, Decimal, Decimal]:
    """The subtotal, the shipping and what was taken off them. Saleor keeps what shipping costs
    after discounts (of shipping vouchers, and of the whole order), and before them only within
    the `undiscounted` total."""
    subtotal = sum(lines, Decimal(0))
    shipping = max(shipping, undiscounted - subtotal)
    return subtotal, shipping, subtotal + shipping - total


def _net_prices(order: Order) -> NetPrices:
    subtotal, shipping, discount = _parts(
        [line.undiscounted_total_price_net_amount for line in order.lines.all()],
        order.shipping_price_net_amount,
        order.undiscounted_total_net_amount,
        order.total_net_amount,
    )

    def money(amount: Decimal) -> Money:
        return Money(amount, order.currency)

    return NetPrices(
        of_lines=[
            (
                money(line.undiscounted_unit_price_net_amount),
                money(line.undiscounted_total_price_net_amount),
            )
            for line in order.lines.all()
        ],
        subtotal=money(subtotal),
        shipping=money(shipping),
        discount=money(discount),
    )


def _state(status: str) -> OrderState:
    # The one status that OrderState does not know: part of what was delivered came back.
    return OrderState.RETURNED if status == "partially_returned" else OrderState(status)


def _line_view(line: OrderLine) -> LineView:
    return LineView(
        name=line.product_name,
        variant=line.variant_name or None,
        quantity=line.quantity,
        unit_price=Money(line.undiscounted_unit_price_gross_amount, line.currency),
        total=Money(line.undiscounted_total_price_gross_amount, line.currency),
        thumbnail_url=_thumbnail_url(line.picture) if line.picture else None,
    )


def _thumbnail_url(media_id: int) -> str:
    """Where Saleor makes the thumbnail when it is first asked for, and leads to it afterwards."""
    path = prepare_image_proxy_url(media_id, "ProductMedia", THUMBNAIL_SIZE, None)
    return build_absolute_uri(path)


def picture_sources() -> list[str]:
    """Where Saleor's thumbnails lead to, if that is not where Saleor itself answers: a bucket. A
    Content-Security-Policy is held against redirects, too."""
    try:
        media = urlsplit(default_storage.url("paylink"))
    except Exception:
        # Some buckets sign each address, which can fail. Better no pictures than no page.
        log_failure(logger, "Where pictures lie is not known:")
        return []
    return [f"{media.scheme}://{media.netloc}"] if media.netloc else []


def _reserved(
    items: Iterable[TransactionItem], payments: Iterable[Payment], currency: str
) -> Money:
    foreign = [item for item in items if not is_ours(item)]
    waiting = [
        payment.total - payment.captured_amount
        for payment in payments
        if payment.is_active and payment.charge_status == ChargeStatus.PENDING
    ]
    on_its_way = sum(
        (
            item.authorized_value + item.authorize_pending_value + item.charge_pending_value
            for item in foreign
        ),
        sum(waiting, Decimal(0)),
    )
    authorized = get_total_authorized(payments, currency)
    return max(Money(on_its_way, currency) + authorized, zero(currency))


def _granted(order: Order, currency: str) -> Money:
    """Refunds that staff granted: Saleor does not count them as owed."""
    granted = sum((each.amount_value for each in order.granted_refunds.all()), Decimal(0))
    return Money(granted, currency)


def _manual(
    items: Iterable[TransactionItem], payments: Iterable[Payment], currency: str
) -> Money | None:
    taken = sum(
        (item.charged_value for item in items if is_manual(item)),
        sum(
            (
                payment.captured_amount
                for payment in payments
                if payment.gateway == CustomPaymentChoices.MANUAL
            ),
            Decimal(0),
        ),
    )
    return Money(taken, currency) if taken else None


def _by_gift_card(items: Iterable[TransactionItem], currency: str) -> Money | None:
    cards = (item for item in items if item.app_identifier == GIFT_CARDS)
    paid = sum((item.charged_value for item in cards), Decimal(0))
    return Money(paid, currency) if paid else None


def _returning(items: Iterable[TransactionItem], currency: str) -> Money | None:
    asked = sum((item.refund_pending_value for item in items), Decimal(0))
    return Money(asked, currency) if asked else None
