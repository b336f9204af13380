"""What a look at the payment page, a webhook and a frame cost the database."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from saleor_paylink.links.lifecycle import LinkTerms, create
from saleor_paylink.links.settlement import settle
from saleor_paylink.models import PaymentAttempt, ProviderEvent
from saleor_paylink.web.dashboard.assets import VERSION
from sandbox.shop.extensions import ROOT
from sandbox.shop.models import Order
from sandbox.stripe import Simulator
from tests.unit.links.helpers import CLERK, Customer
from tests.unit.web.foreign import post
from tests.unit.web.visitor import Visitor
from tests.waiting import tasks_wait

# The link, the order with its lines and its money, the books and the settings.
DUE = 6


def asked(visitor: Visitor, path: str) -> list[str]:
    with CaptureQueriesContext(connection) as made:
        assert visitor.get(path).status_code == 200
    return [each["sql"] for each in made.captured_queries]


def test_an_order_to_pay_takes_six_queries(visitor: Visitor, page: str) -> None:
    assert len(asked(visitor, page)) == DUE


def test_what_the_last_try_came_to_takes_one_more(
    visitor: Visitor, customer: Customer, page: str
) -> None:
    customer.session()

    assert len(asked(visitor, page)) == DUE + 1


def test_they_do_not_grow_with_the_order(
    visitor: Visitor, make_order: Callable[..., Order], stripe: object
) -> None:
    order = make_order(7)
    line = order.lines.get()
    for _copy in range(20):
        order.lines.create(
            variant=line.variant, product_name="Mug", variant_name="Red", sku="MUG", quantity=1
        )
    customer = Customer(create(order.id, LinkTerms(), CLERK))

    assert len(asked(visitor, f"pay/{customer.token}/")) == DUE


@pytest.mark.parametrize("payments", [1, 3])
def test_receipts_take_one_however_many_there_are(
    visitor: Visitor, customer: Customer, page: str, simulator: Simulator, payments: int
) -> None:
    simulator.pay(customer.session())
    settle(PaymentAttempt.objects.get().id)
    entry = PaymentAttempt.objects.get().ledgerentry_set.get(kind="charge")
    for turn in range(1, payments):
        entry.pk, entry.reference = None, f"pi_again_{turn}"
        entry.save()

    # The receipts, and the merchant's address.
    assert len(asked(visitor, page)) == DUE + 2
    assert visitor.get(page).content.count(b"<h2>Receipt</h2>") == payments


def test_nobody_elses_link_is_looked_for_in_vain(visitor: Visitor, channel: object) -> None:
    with CaptureQueriesContext(connection) as made:
        assert visitor.get("pay/unknown/").status_code == 404

    # No token has such a form: only the shop's name and its brand are asked for.
    assert len(made) == 1


def test_a_webhook_takes_two_to_be_kept(channel: object) -> None:
    def kept() -> list[str]:
        with tasks_wait(), CaptureQueriesContext(connection) as made:
            assert post().status_code == 200
        return [each["sql"].split()[0] for each in made.captured_queries]

    # The settings, and the event: nothing opens a transaction for one statement.
    assert kept() == ["SELECT", "INSERT"]
    ProviderEvent.objects.update(status=ProviderEvent.Status.FAILED)
    assert kept() == ["SELECT", "INSERT"]
    ProviderEvent.objects.update(status=ProviderEvent.Status.PROCESSED)
    assert kept() == ["SELECT", "INSERT"]


def test_a_frames_script_takes_none(db: None) -> None:
    script = f"{ROOT}assets/{VERSION}/app.js"

    with CaptureQueriesContext(connection) as made:
        assert Client().get(script).status_code == 200

    assert len(made) == 0
