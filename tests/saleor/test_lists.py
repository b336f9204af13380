"""Lists of links, and orders with their links, in Saleor: what is found, and how much is read."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connections
from django.db.models.sql.compiler import SQLCompiler
from django.test.utils import CaptureQueriesContext
from graphene import Node
from saleor.account.models import User
from saleor.core.db.connection import allow_writer
from saleor.order.models import Order, get_order_number

from saleor_paylink.links.listing import LinkFilter, payment_links
from saleor_paylink.models import PaymentException, PaymentLink
from saleor_paylink.saleor.reading import find_whole, matching, order_view
from tests.saleor.client import Api
from tests.saleor.orders import (
    OF_AN_ORDER,
    change_quantity,
    completed,
    global_id,
    held,
    link_of,
)

ORDERS = """query ($ids: [ID!]) {
  orders(first: 100, filter: {ids: $ids}) { edges { node { id %s } } }
}"""
MY_ORDERS = """query ($first: Int) {
  me { orders(first: $first) { edges { node { id %s } } } }
}"""
OF_MY_ORDER = "paymentLink { url qrCode status amountDue { amount } attempts { id providerUrl } }"
LINKS = """query ($first: Int, $search: String, $filter: PaymentLinkFilterInput) {
  paymentLinks(first: $first, search: $search, filter: $filter) { edges { node { %s } } }
}"""
WHOLE_LINK = """
  id status url qrCode nextReminderAt message createdAt createdBy { email }
  order { number userEmail }
  amountDue { amount } amountPaid { amount } requestedAmount { amount }
  attempts { id providerUrl failureReason } events { message }
"""


@contextmanager
def watched() -> Iterator[None]:
    """Requests meanwhile may use the primary database only where they ask for leave, although
    the test itself may use it."""
    connection = connections["default"]
    connection._allow_writer = False
    try:
        yield
    finally:
        connection._allow_writer = True


def ask(api: Api, query: str, **variables: Any) -> Any:
    """The data of an answer without errors."""
    with watched():
        answer = api.ask(query, **variables)
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


def queries_of(api: Api, query: str, **variables: Any) -> int:
    """How often an answer asks the primary database and its replica."""
    with ExitStack() as stack:
        made = [
            stack.enter_context(CaptureQueriesContext(connections[name]))
            for name in ("default", "replica")
        ]
        ask(api, query, **variables)
    return sum(len(each) for each in made)


def copy_of(order: Order) -> Order:
    """Another order that is like this one."""
    made = Order.objects.get(pk=order.pk)
    made.pk, made.number, made._state.adding = uuid4(), get_order_number(), True
    made.save(force_insert=True)
    for line in order.lines.all():
        line.pk, line.order, line._state.adding = uuid4(), made, True
        line.save(force_insert=True)
    return made


@pytest.fixture(scope="module")
def hundred(shop: None) -> list[Order]:
    """A hundred orders of the customer's with a link, in two channels, the newest there are."""
    with allow_writer():
        customer = User.objects.get(email="customer@example.com")
        Order.objects.filter(user=customer).update(user=None)
        originals = [completed(), completed("channel-eur")]
        for order in originals:
            order.user = customer
            order.save()
        orders = originals + [copy_of(originals[n % 2]) for n in range(98)]
        for order in orders:
            link = link_of(order)
            PaymentException.objects.create(
                kind="late",
                order_id=order.pk,
                channel=link.channel,
                provider="stripe",
                reference=f"pi_{link.pk}",
                amount=10,
                currency=link.currency,
            )
    return orders


# ---------------------------------------------------------------- how much is read


@pytest.mark.parametrize("number", [1, 2, 100])
def test_what_orders_show_of_payments_takes_eleven_queries(
    hundred: list[Order], number: int
) -> None:
    cashier, ids = Api("cashier"), [global_id(order) for order in hundred[:number]]

    bare = queries_of(cashier, ORDERS % "", ids=ids)
    full = queries_of(cashier, ORDERS % OF_AN_ORDER, ids=ids)

    assert full - bare == 11


@pytest.mark.parametrize("number", [1, 2, 100])
def test_whole_links_take_eight_queries_more_than_their_ids(
    hundred: list[Order], number: int
) -> None:
    cashier = Api("cashier")

    bare = queries_of(cashier, LINKS % "id", first=number)
    full = queries_of(cashier, LINKS % WHOLE_LINK, first=number)

    assert full - bare == 8


@pytest.mark.parametrize("number", [1, 2, 100])
def test_what_customers_see_of_their_links_takes_five_queries(
    hundred: list[Order], number: int
) -> None:
    customer = Api("customer")

    bare = queries_of(customer, MY_ORDERS % "", first=number)
    full = queries_of(customer, MY_ORDERS % OF_MY_ORDER, first=number)

    assert full - bare == 5


def test_for_what_an_order_has_none_of_no_query_is_put_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = find_whole(completed().pk)
    assert order is not None

    # Django looks for nothing only once it has put the query together.
    monkeypatch.setattr(SQLCompiler, "execute_sql", None)

    assert order_view(order).recorded == frozenset()
    assert order_view(order).has_books is False


def test_an_edited_order_is_shown_as_it_is_now(admin: Api) -> None:
    edited, other = held(), held()
    for order in (edited, other):
        link_of(order)
    change_quantity(edited, 2)
    Order.objects.filter(pk=edited.pk).update(should_refresh_prices=True)

    ids = [global_id(edited), global_id(other)]
    shown = ask(admin, ORDERS % OF_AN_ORDER, ids=ids)["orders"]["edges"]

    due = {each["node"]["id"]: each["node"]["paymentLink"]["amountDue"] for each in shown}
    assert due == {ids[0]: {"amount": 60.0}, ids[1]: {"amount": 30.0}}


# ---------------------------------------------------------------- what is found


def found(api: Api, **asked: Any) -> list[str]:
    listed = ask(api, LINKS % "id", first=100, **asked)["paymentLinks"]
    return [edge["node"]["id"] for edge in listed["edges"]]


def link_id(order: Order) -> str:
    return str(Node.to_global_id("PaymentLink", PaymentLink.objects.get(order_id=order.pk).pk))


def test_a_link_is_found_by_part_of_the_orders_address(admin: Api) -> None:
    order, name = completed(), uuid4().hex
    link_of(order)
    Order.objects.filter(pk=order.pk).update(user_email=f"{name}@example.com")

    for search in (f"{name}@example.com", f"{name.upper()}@Example.Com", f"{name[9:]}@ex"):
        assert found(admin, search=search) == [link_id(order)]


def test_a_link_is_found_by_its_customers_address(admin: Api) -> None:
    order, email = completed(), f"{uuid4().hex}@example.com"
    link_of(order)
    user = User.objects.create(email=email)
    Order.objects.filter(pk=order.pk).update(user=user, user_email="")

    assert found(admin, search=email[9:]) == [link_id(order)]

    Order.objects.filter(pk=order.pk).update(user_email="other@example.com")
    assert found(admin, search=email[9:]) == []


def test_a_link_is_found_by_its_orders_number(admin: Api) -> None:
    order = completed()
    link_of(order)

    assert found(admin, search=str(order.number)) == [link_id(order)]


@pytest.mark.parametrize("search", ["9" * 30, "%", "no such thing"])
def test_a_search_may_find_nothing(admin: Api, search: str) -> None:
    assert found(admin, search=search) == []


def test_links_are_found_by_channel(admin: Api) -> None:
    order = completed("channel-kwd")
    link_of(order)
    ids = [Node.to_global_id("Channel", order.channel_id)]

    assert link_id(order) in found(admin, filter={"channels": ids})
    assert {link.channel for link in payment_links(LinkFilter(channels=["channel-kwd"]))} == {
        "channel-kwd"
    }
    assert len(found(admin, filter={"channels": ids})) == len(
        payment_links(LinkFilter(channels=["channel-kwd"]))
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("nonsense", "Invalid ID: nonsense. Expected: Channel."),
        ("T3JkZXI6MQ==", "Invalid ID: T3JkZXI6MQ==. Expected: Channel, received: Order."),
    ],
)
def test_what_is_no_channel_is_refused(admin: Api, given: str, message: str) -> None:
    answer = admin.ask(LINKS % "id", first=5, filter={"channels": [given]})

    (error,) = answer["errors"]
    assert (error["message"], error["extensions"]["exception"]["code"]) == (
        message,
        "GraphQLError",
    )


@pytest.mark.parametrize("pk", ["7777", "9" * 30, "00000000-0000-4000-8000-000000000000"])
def test_a_channel_that_there_is_not_has_no_links(admin: Api, pk: str) -> None:
    assert found(admin, filter={"channels": [Node.to_global_id("Channel", pk)]}) == []


@pytest.mark.parametrize(
    ("search", "indexes"),
    [
        ("17", {"order_order_number_49f06f1b_uniq"}),
        ("somebody@example.com", {"order_email_search_gin"}),
    ],
)
def test_saleors_own_indexes_serve_the_search(search: str, indexes: set[str]) -> None:
    with connections["default"].cursor() as cursor:
        # There are too few orders here for an index to be worth it.
        cursor.execute("SET enable_seqscan = off; SET enable_indexscan = off")
        try:
            plan = matching(search).explain()
        finally:
            cursor.execute("RESET enable_seqscan; RESET enable_indexscan")

    assert {index for index in indexes if index in plan} == indexes
    assert "Seq Scan" not in plan


# ---------------------------------------------------------------- what it costs

COSTLY = "{ paymentLinks(first: 100) { edges { node { attempts { id } events { message } } } } }"


def test_what_is_asked_of_links_is_counted(admin: Api) -> None:
    answer = admin.ask(COSTLY)

    # A hundred links, and what is asked of each of them.
    assert answer["extensions"]["cost"]["requestedQueryCost"] == 100 + 2 * 100


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ("{ paymentLinks(first: 100) { edges { node { qrCode } } } }", 100 + 100),
        ('{ paymentEarnings(range: {gte: "2026-01-01"}) { currency } }', 1),
        ('{ paymentEarnings(range: {gte: "2026-01-01"}) { series { start } } }', 1 + 1),
    ],
)
def test_what_takes_work_of_its_own_is_counted(admin: Api, query: str, cost: int) -> None:
    assert admin.ask(query)["extensions"]["cost"]["requestedQueryCost"] == cost


def test_a_query_that_costs_too_much_is_refused(
    admin: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "GRAPHQL_QUERY_MAX_COMPLEXITY", 299)

    (error,) = admin.ask(COSTLY)["errors"]

    assert error["extensions"]["exception"]["code"] == "QueryCostError"
    assert error["message"] == "The query exceeds the maximum cost of 299. Actual cost is 300"
