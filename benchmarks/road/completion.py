"""Staff complete a draft: with the plugin, and as Saleor does it without."""

from collections.abc import Collection, Iterator, Sequence
from uuid import UUID

from django.http import HttpResponse
from saleor.order.models import Order

from benchmarks.figures import Findings
from benchmarks.road import plugins, telling
from benchmarks.road.orders import THREE_LINES, Asking, copies, data_of, draft
from benchmarks.road.rounds import Request, Series, Variant, Wrong, compare, sent
from saleor_paylink.models import PaymentCollection
from tests.saleor.orders import COMPLETE, global_id

MOST_TIMES = 1.03
MOST_MORE_QUERIES = 3

OURS, PEER, AGAIN = "with the plugin", "without the plugin", "without it, again"


class Completing:
    """A variant: completes one fresh draft after the other."""

    def __init__(self, drafts: Sequence[Order], installed: Sequence[str]) -> None:
        self.drafts = drafts
        self._left: Iterator[Order] = iter(drafts)
        self._ask = Asking()
        self.variant = Variant(self._make, _check, installed)

    def _make(self) -> Request:
        return self._ask(COMPLETE, id=global_id(next(self._left)))


def _check(answer: HttpResponse) -> None:
    completed = data_of(answer)["draftOrderComplete"]
    if completed["errors"]:
        raise Wrong(f"A draft was not completed: {completed['errors']}")


def measure(findings: Findings, rounds: int) -> None:
    """Raises Wrong."""
    offered = _compared("default-channel", rounds, is_offered=True)
    _tell(findings, "draftOrderComplete, offered", offered)
    control = telling.times("... the same twice", offered[AGAIN], offered[PEER], PEER)
    findings.add(*control)
    alone = _compared("channel-keyless", rounds, is_offered=False)
    _tell(findings, "draftOrderComplete, no method fits", alone)


def _tell(findings: Findings, what: str, found: dict[str, Series]) -> None:
    ours, peer = found[OURS], found[PEER]
    findings.add(
        telling.queries(what, ours, peer, PEER, most_more=MOST_MORE_QUERIES),
        telling.tasks(what, ours, peer, PEER),
        *telling.times(what, ours, peer, PEER, most_of_peer=MOST_TIMES),
    )


def _compared(channel: str, rounds: int, *, is_offered: bool) -> dict[str, Series]:
    original = draft(channel, THREE_LINES)
    of = {
        name: Completing(copies(original, sent(rounds)), installed)
        for name, installed in (
            (OURS, plugins.WITH),
            (PEER, plugins.WITHOUT),
            (AGAIN, plugins.WITHOUT),
        )
    }
    found = compare({name: each.variant for name, each in of.items()}, rounds)
    for name, each in of.items():
        wanted = len(each.drafts) if is_offered and name == OURS else 0
        _check_offers([order.pk for order in each.drafts], wanted)
    return found


def _check_offers(orders: Collection[UUID], wanted: int) -> None:
    """Whether as many of them are offered for collection, and nothing is kept of the others."""
    known = PaymentCollection.objects.filter(order_id__in=orders)
    offered = known.filter(offered_at__isnull=False).count()
    if (offered, known.count()) != (wanted, wanted):
        raise Wrong(
            f"Of {len(orders)} completed orders {offered} are offered and {known.count()} known, "
            f"instead of {wanted}."
        )
