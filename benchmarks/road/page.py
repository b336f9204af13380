"""A customer opens the payment page, beside a bare page of the same order."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.urls import reverse

from benchmarks.figures import Findings
from benchmarks.road import plugins, telling
from benchmarks.road.orders import STAFF, TWO_LINES, draft
from benchmarks.road.rounds import Request, Variant, Wrong, compare
from saleor_paylink.links.tokens import pay_url
from tests.saleor.client import Api
from tests.saleor.orders import COMPLETE, global_id, link_of

MOST_QUERIES = 8

WHAT = "the payment page, two lines"
OURS, PEER = "ours", "a bare Django page of the order and its lines"
# On either page.
SHOWN = (b"Mug", b"Plate", b"42.50", b"<form")


def measure(findings: Findings, rounds: int) -> None:
    """Raises Wrong."""
    order = draft("default-channel", TWO_LINES)
    Api(STAFF).do(COMPLETE, id=global_id(order))
    paths = {
        OURS: (urlsplit(pay_url(link_of(order)) or "").path, plugins.WITH),
        PEER: (reverse("bare-order", kwargs={"order_id": order.pk}), plugins.WITHOUT),
    }
    found = compare({name: _looking_at(*of) for name, of in paths.items()}, rounds)
    findings.add(
        telling.queries(WHAT, found[OURS], found[PEER], PEER, most=MOST_QUERIES),
        *telling.times(WHAT, found[OURS], found[PEER], PEER),
    )


def _looking_at(path: str, installed: Sequence[str]) -> Variant:
    return Variant(lambda: Request(path, method="GET"), _check, installed)


def _check(answer: HttpResponse) -> None:
    missing = [each for each in SHOWN if each not in answer.content]
    if answer.status_code != 200 or missing:
        raise Wrong(f"A page answered {answer.status_code}, without {missing}.")
