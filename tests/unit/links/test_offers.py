"""Offering collection, and skipping it."""

from collections.abc import Callable

import pytest
from django.forms.models import model_to_dict

from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.lifecycle import LinkTerms, create
from saleor_paylink.links.offers import skip
from saleor_paylink.links.reading import CollectionStatus, UnavailableReason, collection_view
from saleor_paylink.models import LinkEventType, PaymentCollection, PaymentLinkEvent
from sandbox.shop import orders
from sandbox.shop.models import Channel, Order, OrderStatus, ProductVariant
from sandbox.shop.payments import mark_as_paid
from sandbox.stripe.server import Server
from tests.unit.links.helpers import CARD, CLERK, SLOW, offer, status_of


def test_completed_order_is_offered_with_what_is_due_and_how_it_can_be_paid(order: Order) -> None:
    offer(order)

    view = collection_view(order.id)
    assert view is not None
    assert view.status is CollectionStatus.OFFERED
    assert view.prompt_pending is True
    assert (str(view.amount_due.amount), view.amount_due.currency) == ("25.000", "USD")
    assert [method.id for method in view.methods] == [CARD, SLOW]


def test_an_offer_leaves_the_order_as_the_channel_made_it(order: Order) -> None:
    offer(order)

    assert status_of(order.id) == "unfulfilled"


def test_offering_twice_asks_once(order: Order) -> None:
    offer(order)
    offer(order)

    assert PaymentLinkEvent.objects.filter(type="offered").count() == 1


def test_an_offer_is_written_as_if_it_were_saved_and_recorded(order: Order) -> None:
    offer(order)

    collection, event = PaymentCollection.objects.get(), PaymentLinkEvent.objects.get()
    at = collection.offered_at
    expected = PaymentCollection(
        order_id=order.id, channel="shop", offered_at=at, compare_at=at, changes_made=1
    )
    step = PaymentLinkEvent(
        collection=collection, type=LinkEventType.OFFERED, at=at, actor="clerk@example.com"
    )
    # Others have been told by now, and what comes after is not the offer's.
    told = ["changes_told", "told_state"]
    assert model_to_dict(collection, exclude=["id", *told]) == model_to_dict(
        expected, exclude=["id", *told]
    )
    assert model_to_dict(event, exclude=["id"]) == model_to_dict(step, exclude=["id"])


def test_an_offer_is_made_in_nobodys_name_where_nobody_is_known(order: Order) -> None:
    offer(order, None)

    assert PaymentLinkEvent.objects.get().actor == ""


def test_what_is_collected_already_is_not_offered(order: Order) -> None:
    create(order.id, LinkTerms(), CLERK)

    offer(order)

    assert PaymentCollection.objects.get().offered_at is None
    assert [event.type for event in PaymentLinkEvent.objects.all()] == ["created"]


def test_others_are_told_of_an_offer_once(order: Order) -> None:
    offer(order)
    offer(order)

    collection = PaymentCollection.objects.get()
    assert (collection.changes_made, collection.changes_told) == (1, 1)
    assert collection.told_state == {"paylink.status": "OFFERED", "paylink.link": None}


@pytest.mark.parametrize("status", [OrderStatus.DRAFT, OrderStatus.CANCELED, OrderStatus.FULFILLED])
def test_an_order_that_has_moved_on_meanwhile_is_not_offered(
    order: Order, status: OrderStatus
) -> None:
    Order.objects.filter(pk=order.pk).update(status=status)

    offer(order)

    assert PaymentCollection.objects.count() == 0
    assert PaymentLinkEvent.objects.count() == 0


def test_an_order_that_is_paid_already_is_not_offered(order: Order) -> None:
    mark_as_paid(order.id, "cash", None)

    offer(order)

    assert PaymentCollection.objects.count() == 0


@pytest.mark.parametrize(
    "values", [{}, {"stripe-secret-key": "sk_test_unit"}, {"stripe-webhook-secret": "whsec_unit"}]
)
def test_without_a_method_the_order_is_made_as_without_paylink(
    order: Order, channel: Channel, values: dict[str, str]
) -> None:
    Channel.objects.filter(pk=channel.pk).update(plugin_values=values)

    offer(order)

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

    offer(order)

    assert PaymentCollection.objects.count() == 0


def test_skipping_answers_the_prompt_and_changes_nothing_else(order: Order) -> None:
    offer(order)

    skip(order.id, CLERK)

    view = collection_view(order.id)
    assert view is not None
    assert view.status is CollectionStatus.SKIPPED
    assert view.prompt_pending is False
    assert status_of(order.id) == "unfulfilled"


def test_a_link_can_be_made_after_skipping(order: Order) -> None:
    offer(order)
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
