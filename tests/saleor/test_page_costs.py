"""What a look at the payment page costs Saleor's database."""

from urllib.parse import urlsplit

from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from saleor_paylink.links.tokens import pay_url
from saleor_paylink.models import PaymentLink
from saleor_paylink.shop import current_shop
from tests.saleor.customer import begin
from tests.saleor.orders import charge, completed, link_of

# The link, the order with its lines, and the books.
OURS = 4
# Saleor looks for its plugins, and which of them are active in which channel, twice; with them it
# reads the settings.
SALEORS = 4


def asked(path: str) -> int:
    """How many queries a look at the page takes."""
    client = Client()
    # Saleor keeps its site.
    assert client.get(path).status_code == 200
    with CaptureQueriesContext(connections["default"]) as made:
        client.get(path)
    return len(made)


def path_of(link: PaymentLink) -> str:
    return urlsplit(pay_url(link)).path


def test_an_order_to_pay_takes_four_queries_besides_saleors_own() -> None:
    assert asked(path_of(link_of(completed()))) == OURS + SALEORS


def test_what_the_last_try_came_to_takes_one_more() -> None:
    link = link_of(completed())
    begin(link)

    assert asked(path_of(link)) == OURS + 1 + SALEORS


def test_what_was_paid_before_takes_one_more() -> None:
    order = completed()
    current_shop().record_charge(order.pk, charge("10"))

    assert asked(path_of(link_of(order))) == OURS + 1 + SALEORS
