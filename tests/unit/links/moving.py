"""What a shop does by itself, and what is seen of that."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.utils import timezone

from saleor_paylink import shop as seam
from saleor_paylink.links.changes import order_changed
from saleor_paylink.links.history import event_sentence
from saleor_paylink.links.reading import CollectionView, collection_view
from saleor_paylink.models import LinkEventType, PaymentLinkEvent
from saleor_paylink.shop import OrderView, ShopBooks
from sandbox.shop import orders
from sandbox.shop.models import Order, Transaction, TransactionEvent
from sandbox.shop.shop import SandboxShop
from sandbox.stripe import Simulator
from tests.unit.links.helpers import Customer

GATEWAY = "another gateway"
CHARGED = TransactionEvent.Type.CHARGE_SUCCESS
# Long enough ago for paylink to have heard of it.
EARLIER = timezone.now() - timedelta(hours=1)


def edit(order: Order, quantity: int) -> None:
    """Staff change the number of mugs, and paylink hears of it."""
    orders.change_quantity(order.id, order.lines.get().pk, quantity)
    order_changed(order.id)


def take(order: Order, amount: str, *, by_hand: bool = False) -> None:
    """The shop gets money for the order from elsewhere, and paylink hears of it."""
    taken = order.transactions.create(is_manual=by_hand, source="" if by_hand else GATEWAY)
    move(taken, amount)
    order_changed(order.id)


def move(taken: Transaction, amount: str, at: datetime | None = None) -> TransactionEvent:
    """So much more comes in by a transaction of the shop's own; less than nothing is given back.
    Nobody has heard of it."""
    change = Decimal(amount)
    kind = TransactionEvent.Type.REFUND_SUCCESS if change < 0 else CHARGED
    taken.charged += change
    taken.save()
    event: TransactionEvent = taken.events.create(
        type=kind, amount=abs(change), created_at=at or timezone.now()
    )
    return event


def put(order: Order, **fields: object) -> None:
    """What no call of the sandbox does to an order, and paylink hears of it."""
    Order.objects.filter(pk=order.pk).update(**fields)
    order_changed(order.id)


def said(*types: LinkEventType) -> list[str]:
    """What is written down of these steps, oldest first."""
    events = PaymentLinkEvent.objects.filter(type__in=types).order_by("id")
    return [event_sentence(event) for event in events]


def changes() -> list[str]:
    return said(LinkEventType.AMOUNT_CHANGED)


def shown(customer: Customer) -> list[str]:
    """What the payment page says has changed."""
    return [change.in_words() for change in customer.page().changes]


def collection(order: Order) -> CollectionView:
    view = collection_view(order.id)
    assert view is not None
    return view


def status_at_provider(simulator: Simulator, session: str) -> str:
    return str(simulator.session(session)[0]["status"])


class SlowShop(SandboxShop):
    """Looking at an order takes it so long that something else happens meanwhile, once."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        self._meanwhile = [meanwhile]

    def order(self, order_id: UUID, *, fresh: bool = False) -> OrderView | None:
        seen = super().order(order_id, fresh=fresh)
        while self._meanwhile:
            self._meanwhile.pop()()
        return seen


class OtherBooks(SandboxShop):
    """Its books are other ones than the sandbox's."""

    def __init__(self, books: ShopBooks) -> None:
        self._books = books

    def books(self) -> ShopBooks:
        return self._books


@contextmanager
def installed(shop: SandboxShop) -> Iterator[None]:
    """Another shop in place of the sandbox's."""
    before = seam.current_shop()
    seam.install(shop)
    try:
        yield
    finally:
        seam.install(before)
