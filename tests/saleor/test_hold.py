"""Holding, releasing and cancelling Saleor's orders."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from saleor.account.models import User
from saleor.channel.models import Channel
from saleor.order.models import Order
from saleor.order.tasks import expire_orders_task
from saleor.warehouse.models import Allocation

from saleor_paylink.saleor import dashboard_app
from saleor_paylink.saleor.actors import actor_of
from saleor_paylink.shop import Actor, ActorKind, current_shop
from tests.saleor.client import Api
from tests.saleor.installation import kept
from tests.saleor.orders import charge, completed, global_id, held, history, items, money_state
from tests.saleor.recorder import hooks_of, mails_of

EXPIRING = "channel-expiring"
EVENTS = """query($id: ID!) {
    order(id: $id) { events { type message app { name } user { email } } }
}"""


def status_of(order: Order) -> str:
    return str(Order.objects.get(pk=order.pk).status)


def test_a_confirmed_order_is_put_on_hold() -> None:
    order = completed()
    assert order.status == "unfulfilled"

    current_shop().hold(order.pk)
    current_shop().hold(order.pk)

    assert status_of(order) == "unconfirmed"
    assert hooks_of(order.pk) == Counter(order_updated=1)
    assert items(order) == []


def test_the_hold_takes_effect_with_the_commit() -> None:
    order = completed()

    with transaction.atomic():
        current_shop().hold(order.pk)
        transaction.set_rollback(True)

    assert status_of(order) == "unfulfilled"
    assert hooks_of(order.pk) == Counter()


def test_the_hold_does_not_have_final_totals_calculated_again() -> None:
    order = completed()
    Order.objects.filter(pk=order.pk).update(should_refresh_prices=True, total_gross_amount=29)

    current_shop().hold(order.pk)

    view = current_shop().order(order.pk, fresh=True)
    assert (view.total.amount, view.stale) == (29, False)


@pytest.mark.parametrize("status", ["partially fulfilled", "fulfilled", "canceled", "expired"])
def test_an_order_that_went_further_is_not_held(status: str) -> None:
    order = completed()
    Order.objects.filter(pk=order.pk).update(status=status)

    current_shop().hold(order.pk)

    assert status_of(order) == status


def test_an_order_with_a_fulfilment_that_waits_for_approval_is_not_held() -> None:
    order = completed()
    order.fulfillments.create(status="waiting_for_approval")

    current_shop().hold(order.pk)

    assert status_of(order) == "unfulfilled"


def test_a_held_order_does_not_expire_and_another_does() -> None:
    waiting, forgotten = held(EXPIRING), completed(EXPIRING)
    long_ago = timezone.now() - timedelta(minutes=30)
    Order.objects.filter(pk__in=[waiting.pk, forgotten.pk]).update(created_at=long_ago)

    expire_orders_task()

    assert (status_of(waiting), status_of(forgotten)) == ("unconfirmed", "expired")


def test_what_keeps_it_from_expiring_holds_no_money_and_goes_with_the_first() -> None:
    order = held(EXPIRING)
    current_shop().hold(order.pk)
    (item,) = items(order)
    assert (item.charged_value, item.app_identifier) == (0, "saleor.paylink")
    assert current_shop().order(order.pk).recorded == frozenset()
    paid = charge()

    current_shop().record_charge(order.pk, paid)

    assert [item.psp_reference for item in items(order)] == [paid.reference]


def test_a_channel_that_confirms_by_itself_gets_its_order_back() -> None:
    order = held()
    before = history(order)

    current_shop().release(order.pk, None)
    current_shop().release(order.pk, None)

    assert status_of(order) == "unfulfilled"
    assert hooks_of(order.pk) == Counter(order_confirmed=1)
    assert history(order) - before == Counter(confirmed=1)
    assert mails_of(order.number) == Counter()


def test_elsewhere_an_unpaid_order_is_left_to_staff_and_to_the_shops_timers() -> None:
    order = held(EXPIRING)

    current_shop().release(order.pk, None)

    assert status_of(order) == "unconfirmed"
    assert hooks_of(order.pk) == Counter()
    assert items(order) == []


def test_a_paid_order_is_confirmed_in_every_channel() -> None:
    order = held("channel-eur")
    current_shop().record_charge(order.pk, charge(releases=False, currency="EUR"))

    current_shop().release(order.pk, None)

    assert money_state(order.pk)[:2] == ("unfulfilled", "full")
    assert mails_of(order.number) == Counter(order_confirmed=1)


def test_cancelling_frees_the_stock_and_is_told_once() -> None:
    order = held(EXPIRING)
    clerk = User.objects.get(email="clerk@example.com")
    assert _allocated(order) == 1

    current_shop().cancel(order.pk, actor_of(clerk))
    current_shop().cancel(order.pk, actor_of(clerk))

    assert (status_of(order), _allocated(order), items(order)) == ("canceled", 0, [])
    assert hooks_of(order.pk) == Counter(order_cancelled=1, order_updated=1)
    assert mails_of(order.number) == Counter(order_canceled=1)
    assert order.events.get(type="canceled").user == clerk


def test_what_is_being_delivered_is_not_cancelled() -> None:
    order = completed()
    order.fulfillments.create(status="fulfilled")

    with pytest.raises(ValueError, match="fulfilments"):
        current_shop().cancel(order.pk, None)

    assert status_of(order) == "unfulfilled"
    assert hooks_of(order.pk) == Counter()


def test_a_note_stands_in_the_history_with_its_author() -> None:
    order = completed()
    clerk = User.objects.get(email="clerk@example.com")

    current_shop().add_note(order.pk, "A payment link was created.", actor_of(clerk))

    note = order.events.get(type="note_added")
    assert (note.user, note.parameters) == (clerk, {"message": "A payment link was created."})


def _shown_notes(order: Order) -> list[dict[str, object]]:
    """The notes of the order's history, as the Dashboard asks for them."""
    answer = Api("clerk").ask(EVENTS, id=global_id(order))
    events = answer["data"]["order"]["events"]
    return [each for each in events if each.pop("type") == "NOTE_ADDED"]


def test_a_note_that_nobody_wrote_is_our_apps() -> None:
    order = completed()
    with kept():
        dashboard_app.write()

        current_shop().add_note(order.pk, "A payment link has expired.", None)

        assert _shown_notes(order) == [
            {
                "message": "A payment link has expired.",
                "app": {"name": "Payment links"},
                "user": None,
            }
        ]


def test_without_our_app_it_is_nobodys() -> None:
    order = completed()
    with kept():
        dashboard_app.write()
        dashboard_app.remove()

        current_shop().add_note(order.pk, "A payment link has expired.", None)

        assert _shown_notes(order) == [
            {"message": "A payment link has expired.", "app": None, "user": None}
        ]


def test_the_note_of_somebody_who_is_gone_is_not_our_apps() -> None:
    order = completed()
    with kept():
        dashboard_app.write()

        current_shop().add_note(order.pk, "Created.", Actor(ActorKind.USER, "0", "Somebody"))

        assert _shown_notes(order) == [{"message": "Created.", "app": None, "user": None}]


def _allocated(order: Order) -> int:
    allocations = Allocation.objects.filter(order_line__order=order)
    return sum(allocations.values_list("quantity_allocated", flat=True))


def test_the_stage_has_the_channels_that_these_tests_rely_on() -> None:
    by_itself = dict(Channel.objects.values_list("slug", "automatically_confirm_all_new_orders"))
    assert (by_itself["default-channel"], by_itself["channel-eur"], by_itself[EXPIRING]) == (
        True,
        False,
        False,
    )
