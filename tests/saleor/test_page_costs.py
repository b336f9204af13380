"""What a look at the payment page costs Saleor's database."""

from urllib.parse import urlsplit

from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from saleor_paylink.links.tokens import pay_url
from tests.saleor.orders import completed, link_of

# The link, the order with its lines, transactions, payments and granted refunds, the books, the
# settings and the last try.
OURS = 9
# Saleor looks for its plugins, and which of them are active in which channel, twice.
SALEORS = 4


def test_an_order_to_pay_takes_nine_queries_besides_saleors_own() -> None:
    path, client = urlsplit(pay_url(link_of(completed()))).path, Client()
    assert client.get(path).status_code == 200

    with CaptureQueriesContext(connections["default"]) as made:
        client.get(path)

    assert len(made) == OURS + SALEORS
