"""Staff complete a draft: with the plugin, and as Saleor does it without.

As they do it, the mutation answers with all that an order's page shows: the stock Dashboard asks
for that. Beside it stands the mutation that asks for the least, where Saleor itself does the least.
"""

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

# What an order's page shows, as the Dashboard's has it.
PAGE = """mutation($id: ID!) {
  draftOrderComplete(id: $id) {
    errors { field message code orderLines }
    order {
      id number created status isPaid paymentStatus actions customerNote displayGrossPrices
      isShippingRequired shippingMethodName collectionPointName
      metadata { key value } privateMetadata { key value }
      channel { id name slug currencyCode isActive defaultCountry { code } }
      user { id email } userEmail
      billingAddress { ...place } shippingAddress { ...place }
      subtotal { ...both } total { ...both } undiscountedTotal { ...both }
      shippingPrice { ...both }
      totalBalance { ...sum } totalAuthorized { ...sum } totalAuthorizePending { ...sum }
      totalCharged { ...sum } totalChargePending { ...sum } totalCanceled { ...sum }
      totalCancelPending { ...sum } totalRefunded { ...sum } totalRefundPending { ...sum }
      totalGrantedRefund { ...sum } totalRemainingGrant { ...sum }
      discounts { id name type value valueType reason amount { ...sum } }
      giftCards { id last4CodeChars }
      grantedRefunds { id reason amount { ...sum } }
      transactions { id name actions createdAt chargedAmount { ...sum } events { id type } }
      payments { id gateway isActive chargeStatus total { ...sum } }
      invoices { id number url status }
      fulfillments { id status trackingNumber lines { id quantity } }
      events { id date type message email user { id email } app { id name } }
      deliveryMethod { ... on ShippingMethod { id } ... on Warehouse { id } }
      shippingMethods { id name price { ...sum } }
      lines {
        id productName variantName productSku quantity quantityFulfilled quantityToFulfill
        isShippingRequired isGift saleId
        thumbnail { url } allocations { id quantity warehouse { id name } }
        variant {
          id name preorder { endDate }
          stocks { id quantity quantityAllocated warehouse { id name } }
          product { id name isAvailableForPurchase }
        }
        unitPrice { ...both } undiscountedUnitPrice { ...both } totalPrice { ...both }
        unitDiscount { ...sum } unitDiscountType unitDiscountValue unitDiscountReason
      }
    }
  }
}
fragment sum on Money { amount currency }
fragment both on TaxedMoney { currency gross { ...sum } net { ...sum } tax { ...sum } }
fragment place on Address {
  id firstName lastName companyName streetAddress1 streetAddress2 city cityArea postalCode
  countryArea phone country { code country }
}"""

OURS, PEER, AGAIN = "with the plugin", "without the plugin", "without it, again"


class Completing:
    """A variant: completes one fresh draft after the other."""

    def __init__(self, drafts: Sequence[Order], installed: Sequence[str], document: str) -> None:
        self.drafts = drafts
        self._document = document
        self._left: Iterator[Order] = iter(drafts)
        self._ask = Asking()
        self.variant = Variant(self._make, _check, installed)

    def _make(self) -> Request:
        return self._ask(self._document, id=global_id(next(self._left)))


def _check(answer: HttpResponse) -> None:
    completed = data_of(answer)["draftOrderComplete"]
    if completed["errors"]:
        raise Wrong(f"A draft was not completed: {completed['errors']}")


def measure(findings: Findings, rounds: int) -> None:
    """Raises Wrong."""
    offered = _compared("default-channel", rounds, PAGE, is_offered=True)
    _tell(findings, "a draft completed, offered", offered, most_of_peer=MOST_TIMES)
    control = telling.times("... the same twice", offered[AGAIN], offered[PEER], PEER)
    findings.add(*control)
    alone = _compared("channel-keyless", rounds, PAGE, is_offered=False)
    _tell(findings, "a draft completed, no method fits", alone, most_of_peer=MOST_TIMES)
    least = _compared("default-channel", rounds, COMPLETE, is_offered=True)
    _tell(findings, "a draft completed, offered, and next to nothing asked for", least)


def _tell(
    findings: Findings, what: str, found: dict[str, Series], most_of_peer: float | None = None
) -> None:
    ours, peer = found[OURS], found[PEER]
    findings.add(
        telling.queries(what, ours, peer, PEER, most_more=MOST_MORE_QUERIES),
        telling.tasks(what, ours, peer, PEER),
        *telling.times(what, ours, peer, PEER, most_of_peer=most_of_peer),
    )


def _compared(channel: str, rounds: int, document: str, *, is_offered: bool) -> dict[str, Series]:
    original = draft(channel, THREE_LINES)
    of = {
        name: Completing(copies(original, sent(rounds)), installed, document)
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
