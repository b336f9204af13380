"""Offering collection for an order, and the operator's "no"."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from saleor_paylink import jobs
from saleor_paylink.conf import ChannelSettings
from saleor_paylink.links import history
from saleor_paylink.links.dues import Books, outstanding
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.locking import known_order, lock
from saleor_paylink.models import LINK_IN_FORCE, LinkEventType
from saleor_paylink.money import AmountNotRepresentable, Money, zero
from saleor_paylink.providers.interface import Method
from saleor_paylink.providers.registry import configured_providers
from saleor_paylink.shop import Actor, OrderDues, OrderState, OrderView, current_shop

COLLECTABLE = (OrderState.UNCONFIRMED, OrderState.UNFULFILLED, OrderState.PARTIALLY_FULFILLED)

# The collection and the first step of its history (as history.record writes it) at once, because
# staff wait for it: every order that they complete comes by here.
_OFFER = """
    WITH offered AS (
        INSERT INTO saleor_paylink_paymentcollection (
            order_id, channel, offered_at, compare_at, changes_made, changes_told, told_state
        )
        VALUES (%(order)s, %(channel)s, %(now)s, %(now)s, 1, 0, '{}')
        ON CONFLICT (order_id) DO NOTHING
        RETURNING id
    )
    INSERT INTO saleor_paylink_paymentlinkevent (
        collection_id, type, at, actor, data, announcement
    )
    SELECT id, %(step)s, %(now)s, %(actor)s, '{}', '' FROM offered
    RETURNING collection_id
"""


def methods_for(settings: ChannelSettings, amount: Money) -> Sequence[Method]:
    """The automated methods that can take exactly this amount in a channel."""
    if amount.amount <= 0:
        return []
    providers = configured_providers(settings)
    return [method for provider in providers for method in provider.methods(amount)]


def available_methods(order: OrderView, amount: Money | None = None) -> Sequence[Method]:
    """The automated methods that can take `amount`, by default all that is owed."""
    settings = current_shop().channel_settings(order.channel)
    return methods_for(settings, outstanding(order) if amount is None else amount)


def is_test_mode(settings: ChannelSettings) -> bool:
    """Whether payments in a channel move no real money."""
    return any(not provider.livemode for provider in configured_providers(settings))


def not_representable(channel: str, amount: Money) -> str | None:
    """Why no provider of the channel can take exactly this amount, if that is the reason."""
    for provider in configured_providers(current_shop().channel_settings(channel)):
        try:
            provider.check_amount(amount)
        except AmountNotRepresentable as error:
            return str(error)
    return None


def smallest_amount(channel: str, currency: str) -> Money:
    """The least that some provider of the channel takes in a currency; zero for no limit."""
    providers = configured_providers(current_shop().channel_settings(channel))
    limits = [provider.smallest_amount(currency) for provider in providers]
    return min(limits, default=zero(currency))


def order_completed(order_id: UUID, settings: ChannelSettings, actor: Actor | None) -> None:
    """Offer collection for an order that was just completed from a draft; `settings` are those of
    its channel.

    Does nothing where no automated method can take what is owed: the order is then made
    exactly as without paylink. Nor where there is a collection: somebody has collected for the
    order already. Safe to repeat.
    """
    if not configured_providers(settings):
        return
    order = current_shop().dues(order_id)
    if order is None or order.state not in COLLECTABLE:
        return
    # Paylink has money of its own only for orders that have a collection.
    due = outstanding(order, Books({order.id: ()}))
    if methods_for(settings, due):
        _offer(order, actor)


def _offer(order: OrderDues, actor: Actor | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _OFFER,
            {
                "order": order.id,
                "channel": order.channel,
                "now": timezone.now(),
                "step": LinkEventType.OFFERED,
                "actor": history.name_of(actor),
            },
        )
        offered = cursor.fetchone()
    if offered:
        jobs.later(jobs.TELL, *offered)


def skip(order_id: UUID, actor: Actor | None) -> None:
    """Answer the prompt with no. A link can still be made later.

    Harmless, and without effect, once there is a link: somebody else said yes meanwhile.
    Raises LinkError.
    """
    order = known_order(order_id)
    check_collectable(order)
    with transaction.atomic():
        collection = lock(order)
        if collection.skipped_at or collection.links.filter(status__in=LINK_IN_FORCE).exists():
            return
        now = timezone.now()
        collection.skipped_at = now
        collection.answered_at = collection.answered_at or now
        collection.save(update_fields=["skipped_at", "answered_at"])
        history.record(collection, LinkEventType.SKIPPED, actor=actor)


def check_collectable(order: OrderView) -> None:
    """Raises LinkError for an order in a state in which no payment can be collected."""
    if order.state is OrderState.DRAFT:
        raise LinkError(
            LinkErrorCode.ORDER_DRAFT,
            _("This order is a draft. Complete it before its payment is collected."),
            "orderId",
        )
    if order.state not in COLLECTABLE:
        raise LinkError(
            LinkErrorCode.ORDER_NOT_COLLECTABLE,
            _(
                "This order is fulfilled or closed, so no payment can be collected for it. "
                "Make a new order."
            ),
            "orderId",
        )
