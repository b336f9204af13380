"""The history in both books, one as fresh as the other."""

from django.db import connection

from benchmarks import history
from benchmarks.earnings import books, ledger
from saleor_paylink.earnings import rollups


def fill(orders: int) -> None:
    """All that these orders moved, summed up; and nothing is left to do for the server."""
    add(1, orders)
    settle()


def add(first: int, last: int) -> None:
    """What the orders of these numbers moved. In the ledger it is pending."""
    history.make(first, last)
    ledger.book(first, last)
    books.fill(first, last)


def settle() -> None:
    """What sweeper and autovacuum do where there is a night between."""
    rollups.fold()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
