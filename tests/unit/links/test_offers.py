"""Offering collection, and skipping it."""

from collections.abc import Callable

import pytest

from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.lifecycle import LinkTerms, create
from saleor_paylink.links.offers import order_completed, skip
from saleor_paylink.links.reading import CollectionStatus, UnavailableReason, collection_view
from saleor_paylink.models import PaymentCollection, PaymentLinkEvent
from sandbox.shop import orders
from sandbox.shop.models import Channel, Order, ProductVariant
from sandbox.stripe.server import Server
from tests.unit.links.helpers import CARD, CLERK, SLOW, status_of


def test_completed_order_is_offered_with_what_is_due_and_how_it_can_be_paid(order: Order) -> None:
    order_completed(order.id, CLERK)

    view = collection_view(order.id)
    assert view is not None
    assert view.status is CollectionStatus.OFFERED
    assert view.prompt_pending is True
    assert (str(view.amount_due.amount), view.amount_due.currency) == ("25.000", "USD")
    assert [method.id for method in view.methods] == [CARD, SLOW]


def test_an_offer_leaves_the_order_as_the_channel_made_it(order: Order) -> None:
    order_completed(order.id, CLERK)

    assert status_of(order.id) == "unfulfilled"


def test_offering_twice_asks_once(order: Order) -> None:
    order_completed(order.id, CLERK)
    order_completed(order.id, CLERK)

    assert PaymentLinkEvent.objects.filter(type="offered").count() == 1


@pytest.mark.parametrize(
    "values", [{}, {"stripe-secret-key": "sk_test_unit"}, {"stripe-webhook-secret": "whsec_unit"}]
)
def test_without_a_method_the_order_is_made_as_without_paylink(
    order: Order, channel: Channel, values: dict[str, str]
) -> None:
    Channel.objects.filter(pk=channel.pk).update(plugin_values=values)

    order_completed(order.id, CLERK)

    assert PaymentCollection.objects.count() == 0
    view = collection_view(order.id)
    assert view is not None
    assert (view.status, view.reason) == (
        CollectionStatus.UNAVAILABLE,
        UnavailableReason.NO_METHOD,
    )


def test_nothing_due_is_never_offered(make_order: Callable[..., Order], stripe: Server) -> None:
    order = make_order()
    Order.objects.filter(pk=order.pk).update(total=0)

    order_completed(order.id, CLERK)

    assert PaymentCollection.objects.count() == 0


def test_skipping_answers_the_prompt_and_changes_nothing_else(order: Order) -> None:
    order_completed(order.id, CLERK)

    skip(order.id, CLERK)

    view = collection_view(order.id)
    assert view is not None
    assert view.status is CollectionStatus.SKIPPED
    assert view.prompt_pending is False
    assert status_of(order.id) == "unfulfilled"


def test_a_link_can_be_made_after_skipping(order: Order) -> None:
    order_completed(order.id, CLERK)
    skip(order.id, CLERK)

    create(order.id, LinkTerms(), CLERK)

    view = collection_view(order.id)
    assert view is not None
    assert view.status is CollectionStatus.AWAITING


def test_skipping_after_somebody_made_a_link_keeps_the_link(order: Order) -> None:
    link = create(order.id, LinkTerms(), CLERK)

    skip(order.id, CLERK)

    view = collection_view(order.id)
    assert view is not None
    assert view.status is CollectionStatus.AWAITING
    assert [each.pk for each in view.links] == [link.pk]


def test_a_draft_cannot_be_skipped(channel: Channel, mug: ProductVariant, stripe: Server) -> None:
    draft = orders.create_draft(channel, [(mug, 1)], None)

    with pytest.raises(LinkError) as caught:
        skip(draft.id, CLERK)

    assert caught.value.code == LinkErrorCode.ORDER_DRAFT
    assert PaymentCollection.objects.count() == 0
