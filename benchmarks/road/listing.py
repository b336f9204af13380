"""Staff look at the newest hundred orders: as the Dashboard lists them, and with paylink's fields.

Sixty of them have a payment link, which half of their customers have opened a session of.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse

from benchmarks.figures import Findings
from benchmarks.road import plugins, telling
from benchmarks.road.orders import STAFF, TWO_LINES, Asking, copies, data_of, draft
from benchmarks.road.rounds import Variant, Wrong, compare
from tests.saleor.client import Api
from tests.saleor.customer import begin
from tests.saleor.orders import COMPLETE, OF_AN_ORDER, global_id, link_of

ORDERS, LINKS, OPENED = 100, 60, 30
# A list of a hundred is shown less often than a draft is completed, and takes far longer.
SHARE_OF_ROUNDS = 3

# The Dashboard's own list of orders, 3.23.
ORDERS_LISTED = """query {
  orders(first: 100, sortBy: {field: NUMBER, direction: DESC}) {
    edges { node {
      __typename
      billingAddress {
        city cityArea companyName country { __typename code country } countryArea firstName id
        lastName phone postalCode streetAddress1 streetAddress2
      }
      channel { name id }
      created id number paymentStatus status
      subtotal { __typename net { __typename amount currency } }
      total { __typename gross { __typename amount currency } }
      userEmail chargeStatus
      %s
    } }
    pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
  }
}"""
STATE = "paymentCollection { status }"

Json = dict[str, Any]
WHAT = "orders(first: 100)"
ALL, STATES, OWN, WITHOUT = (
    "and all of their links",
    "and the state of each",
    "Saleor's own fields alone",
    "without the plugin",
)


def measure(findings: Findings, rounds: int) -> None:
    """Raises Wrong."""
    _make_orders()
    ask = Asking()

    def asking(
        fields: str, check: Callable[[HttpResponse], None], installed: Sequence[str]
    ) -> Variant:
        return Variant(lambda: ask(ORDERS_LISTED % fields), check, installed)

    found = compare(
        {
            # As tests/saleor/test_lists.py asks, which says how many queries that may take.
            ALL: asking(OF_AN_ORDER, _check_links, plugins.WITH),
            STATES: asking(STATE, _check_states, plugins.WITH),
            OWN: asking("", _check, plugins.WITH),
            WITHOUT: asking("", _check, plugins.WITHOUT),
        },
        max(rounds // SHARE_OF_ROUNDS, 1),
    )
    for name, peer in ((ALL, OWN), (STATES, OWN), (OWN, WITHOUT)):
        what = f"{WHAT}, {name}"
        findings.add(
            telling.queries(what, found[name], found[peer], peer),
            *telling.times(what, found[name], found[peer], peer),
        )


def _make_orders() -> None:
    original = draft("default-channel", TWO_LINES)
    Api(STAFF).do(COMPLETE, id=global_id(original))
    original.refresh_from_db()
    orders = copies(original, ORDERS)
    for number, order in enumerate(orders[:LINKS]):
        link = link_of(order)
        if number < OPENED:
            begin(link)


def _nodes(answer: HttpResponse) -> list[Json]:
    edges: list[Json] = data_of(answer)["orders"]["edges"]
    if len(edges) != ORDERS:
        raise Wrong(f"{len(edges)} orders are listed, instead of {ORDERS}.")
    return [edge["node"] for edge in edges]


def _check(answer: HttpResponse) -> None:
    _nodes(answer)


def _check_states(answer: HttpResponse) -> None:
    states = Counter(node["paymentCollection"]["status"] for node in _nodes(answer))
    if states["AWAITING"] != LINKS:
        raise Wrong(f"The orders' collections are {dict(states)}: {LINKS} should be AWAITING.")


def _check_links(answer: HttpResponse) -> None:
    _check_states(answer)
    links = [node["paymentLink"] for node in _nodes(answer) if node["paymentLink"]]
    opened = sum(len(link["attempts"]) for link in links)
    if (len(links), opened) != (LINKS, OPENED):
        raise Wrong(f"{len(links)} links and {opened} attempts are listed.")
