"""Receipts: one for each payment, unless the shop itself confirms it."""

from decimal import Decimal

import pytest
from django.core import mail
from django.test import override_settings

from saleor_paylink.links.lifecycle import create
from saleor_paylink.links.reading import collection_view
from saleor_paylink.links.settlement import settle
from saleor_paylink.links.sweeper import sweep
from saleor_paylink.links.terms import LinkTerms
from saleor_paylink.models import MailDelivery, PaymentAttempt, PaymentLink
from saleor_paylink.shop import current_shop
from sandbox.shop.models import Channel, Order
from sandbox.stripe import Simulator
from tests.unit.links.helpers import CLERK, Customer, deliver_all
from tests.unit.mail.helpers import html_of, last, set_value, subjects


def pay(link: PaymentLink, simulator: Simulator) -> None:
    session = Customer(link).session()
    simulator.pay(session)
    settle(PaymentAttempt.objects.get(provider_reference=session).id)


def test_a_payment_has_one_receipt_however_often_it_is_heard_of(
    link: PaymentLink, simulator: Simulator
) -> None:
    pay(link, simulator)
    deliver_all(simulator)
    settle(PaymentAttempt.objects.get().id)
    sweep()

    assert subjects() == ["Receipt"]
    assert len(Customer(link).page().receipts) == 1


@pytest.mark.parametrize(
    ("choice", "confirms", "is_mailed"),
    [
        ("", False, True),
        ("", True, False),
        ("auto", False, True),
        ("auto", True, False),
        ("always", True, True),
        ("always", False, True),
        ("never", False, False),
        ("never", True, False),
        ("nonsense", True, True),
    ],
)
def test_who_mails_the_receipt(
    link: PaymentLink,
    simulator: Simulator,
    channel: Channel,
    choice: str,
    confirms: bool,
    is_mailed: bool,
) -> None:
    channel.confirms_payment = confirms
    set_value(channel, receipts=choice)

    pay(link, simulator)

    assert subjects() == ["Receipt"] * is_mailed
    # On the page it is in any case.
    assert len(Customer(link).page().receipts) == 1


def test_a_receipt_leads_to_no_page_whose_address_is_not_known_any_more(
    link: PaymentLink, simulator: Simulator
) -> None:
    session = Customer(link).session()
    simulator.pay(session)
    with override_settings(SECRET_KEY="another"):
        settle(PaymentAttempt.objects.get(provider_reference=session).id)

    assert subjects() == ["Receipt"]
    for part in (last().body, html_of(last())):
        assert "None" not in part
        assert "You find the receipt" not in part


def test_of_a_part_of_what_is_due_the_shop_confirms_nothing(
    order: Order, simulator: Simulator, channel: Channel
) -> None:
    channel.confirms_payment = True
    channel.save()

    pay(create(order.id, LinkTerms(amount=Decimal(10)), CLERK), simulator)
    assert subjects() == ["Receipt"]
    pay(create(order.id, LinkTerms(), CLERK), simulator)

    assert len(mail.outbox) == 1


def test_a_mail_account_that_cannot_be_read_keeps_no_payment_from_being_booked(
    link: PaymentLink, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Saleor's own form lets some pass: a port that is no number, an address that is none."""

    def fails(_shop: object, _channel: str) -> None:
        raise ValueError

    with monkeypatch.context() as patch:
        patch.setattr(type(current_shop()), "mail_account", fails)
        pay(link, simulator)
        assert Customer(link).page().status == "paid"
        assert collection_view(link.order_id) is not None

    # A receipt too many is the lesser evil than none.
    sweep()
    assert MailDelivery.objects.filter(kind="receipt").count() == 1
