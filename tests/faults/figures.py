"""What has come in, to the cent, per channel and currency: by Stripe and by the shop's tables, and
by the report."""

from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

from django.utils import timezone

from saleor_paylink.earnings import report
from saleor_paylink.earnings.ledger import MANUAL_PROVIDER, Account, Movement
from saleor_paylink.models import LedgerEntry, LedgerKind, PaymentAttempt
from saleor_paylink.money import Money
from sandbox.shop.models import Channel, Order, Transaction
from tests.faults.takings import STRIPE, is_of_others, rows
from tests.faults.truth import NO_ORDER, Truth, booked_movements
from tests.faults.world import ENDPOINT, World
from tests.unit.earnings import naive


def wrong_figures(world: World, truth: Truth) -> Iterator[str]:
    moved: dict[str, list[Movement]] = defaultdict(list)
    for each in (*_over_links(truth), *_by_hand_over_links(), *_of_others(world)):
        moved[each.account.channel].append(each)
    for slug in moved.keys() | set(Channel.objects.values_list("slug", flat=True)):
        expected: dict[str, list[Movement]] = defaultdict(list)
        for each in moved[slug]:
            expected[each.amount.currency].append(each)
        figures = {currency: naive.figures(found) for currency, found in expected.items()}
        told = {row.currency: naive.told_by(row) for row in report.earnings(channels=[slug])}
        # What came and went again may be unknown, or known as both.
        for currency in figures.keys() | told.keys():
            is_, said = figures.get(currency, NOTHING), told.get(currency, NOTHING)
            if is_ != said:
                yield f"{slug}, {currency}: told is {said}, it is {is_}"


NOTHING = naive.figures([])


def _moved(
    kind: LedgerKind, provider: str, channel: str, order_id: UUID | None, amount: Money
) -> Movement:
    account = Account(provider, channel, order_id)
    return Movement(kind, account, amount, "", timezone.now())


def _over_links(truth: Truth) -> Iterator[Movement]:
    """What Stripe says, so far as anybody could hear of it."""
    attempts = PaymentAttempt.objects.values_list("order_id", "link__channel")
    channels = {str(order_id): channel for order_id, channel in attempts}
    channels[NO_ORDER] = ENDPOINT
    for kind, movements in truth.movements.items():
        for each in movements & (booked_movements(kind) | truth.must_be_booked(kind)):
            _id, order, amount, currency = each
            yield _moved(kind, STRIPE, channels[order], None, Money(amount, currency))


def _by_hand_over_links() -> Iterator[Movement]:
    """What staff have told paylink, which has told the shop, unless the order was gone."""
    for taken in Transaction.objects.filter(is_manual=True).exclude(reference=""):
        order = taken.its_order
        amount = order.money(taken.charged)
        yield _moved(LedgerKind.MANUAL, MANUAL_PROVIDER, order.channel.slug, order.id, amount)
    there = Order.objects.values_list("id", flat=True)
    entries = LedgerEntry.objects.filter(provider=MANUAL_PROVIDER).exclude(order_id__in=there)
    for entry in entries:
        if not is_of_others(entry):
            yield _moved(LedgerKind.MANUAL, MANUAL_PROVIDER, entry.channel, None, entry.money)


def _of_others(world: World) -> Iterator[Movement]:
    channels = {each.pk: each for each in Channel.objects.all()}
    for row in rows(world):
        if row.is_booked:
            channel = channels[row.channel_id]
            amount = Money(row.amount, channel.currency)
            yield _moved(row.kind, row.provider, channel.slug, row.order_id, amount)
