"""Lists of links to work through, and of money that needs a person."""

from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from sandbox.client.graphql import Denied, Json
from sandbox.client.staff import MONEY, Staff
from tests.behaviour.world import World, money

MUGS = {"MUG": 1}
LINK = "query ($id: ID!) { paymentLink(id: $id) { id status } }"
LINKS = f"""query (
  $filter: PaymentLinkFilterInput, $search: String, $sortBy: PaymentLinkSortingInput,
  $before: String, $after: String, $first: Int, $last: Int
) {{
  paymentLinks(
    filter: $filter, search: $search, sortBy: $sortBy,
    before: $before, after: $after, first: $first, last: $last
  ) {{
    totalCount
    pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
    edges {{ cursor node {{ id status amountDue {MONEY} order {{ id number userEmail }} }} }}
  }}
}}"""
EXCEPTIONS = f"""query ($resolved: Boolean, $first: Int, $after: String) {{
  paymentExceptions(resolved: $resolved, first: $first, after: $after) {{
    totalCount
    pageInfo {{ hasNextPage endCursor }}
    edges {{ node {{ id kind amount {MONEY} providerReference order {{ id }} }} }}
  }}
}}"""
LISTS = [(LINKS, "paymentLinks"), (EXCEPTIONS, "paymentExceptions")]


def listed(staff: Staff, **asked: Any) -> Json:
    found: Json = staff.graphql.ask(LINKS, {"first": 100, **asked})["paymentLinks"]
    return found


def ids(found: Json) -> list[str]:
    return [edge["node"]["id"] for edge in found["edges"]]


def somebody() -> str:
    """An address of nobody who has an order yet."""
    return f"{uuid4().hex}@list.example.com"


# ---------------------------------------------------------------- of other channels


def test_staff_see_nothing_of_other_channels(world: World) -> None:
    email = somebody()
    hidden = world.link(world.order(email=email))
    shown = world.link(world.order({"MUG": 8}, email=email, channel="channel-jpy"))
    foreigner = world.person("foreigner")

    found = listed(foreigner, search=email)

    assert ids(found) == [shown["id"]]
    assert found["totalCount"] == 1
    channels = [world.stage.channels["default-channel"]]
    assert ids(listed(foreigner, search=email, filter={"channels": channels})) == []
    assert foreigner.graphql.ask(LINK, {"id": hidden["id"]}) == {"paymentLink": None}
    assert foreigner.graphql.ask(LINK, {"id": shown["id"]})["paymentLink"]["id"] == shown["id"]


# ---------------------------------------------------------------- what is found


def test_a_clerk_finds_a_link_by_all_that_it_is_asked_for_by(world: World) -> None:
    email = somebody()
    order = world.order(email=email)
    link = world.link(order)
    session = world.pay(link)
    payment = world.session(session)["payment_intent"]
    clerk = world.person("clerk")
    number = clerk.order(order)["number"]

    for search in (number, email, email.upper(), email[5:25], session, payment):
        (edge,) = listed(clerk, search=search)["edges"]
        assert edge["node"] == {
            "id": link["id"],
            "status": "PAID",
            "amountDue": money("0"),
            "order": {"id": order, "number": number, "userEmail": email},
        }


def test_a_link_is_found_by_what_has_become_of_it(world: World, cashier: Staff) -> None:
    email = somebody()
    in_an_hour = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    active, lasting, revoked, paid, by_hand = (world.order(email=email) for _ in range(5))
    links = [world.link(each)["id"] for each in (active, revoked, paid, by_hand)]
    short_lived = world.link(lasting, expiresAt=in_an_hour)
    cashier.reject(revoked)
    cashier.mark_paid(by_hand)
    world.pay(cashier.order(paid)["paymentLink"])

    def with_status(*statuses: str) -> set[str]:
        return set(ids(listed(cashier, search=email, filter={"statuses": statuses})))

    assert with_status("ACTIVE") == {links[0], short_lived["id"]}
    assert with_status("REVOKED") == {links[1]}
    assert with_status("PAID", "PAID_MANUALLY") == {links[2], links[3]}
    assert with_status("EXPIRED") == set()
    with world.later(hours=2):
        assert with_status("EXPIRED") == {short_lived["id"]}
        assert with_status("ACTIVE") == {links[0]}


def test_a_link_is_found_by_whether_it_was_sent(world: World, cashier: Staff) -> None:
    email = somebody()
    unsent, sent = (world.link(world.order(email=email))["id"] for _ in range(2))
    cashier.send_link(sent)
    assert world.mails.requests(
        cashier.graphql.ask(
            "query ($id: ID!) { paymentLink(id: $id) { order { number } } }", {"id": sent}
        )["paymentLink"]["order"]["number"]
    )

    assert ids(listed(cashier, search=email, filter={"sent": True})) == [sent]
    assert ids(listed(cashier, search=email, filter={"sent": False})) == [unsent]


def test_a_link_is_found_by_its_day_and_its_channel(world: World, cashier: Staff) -> None:
    email = somebody()
    link = world.link(world.order(email=email))["id"]
    today = datetime.now(UTC).date()

    def within(first: int, last: int, channel: str = "default-channel") -> list[str]:
        days = {"gte": str(today + timedelta(first)), "lte": str(today + timedelta(last))}
        wanted = {"created": days, "channels": [world.stage.channels[channel]]}
        return ids(listed(cashier, search=email, filter=wanted))

    assert within(-1, 1) == [link]
    assert within(-9, -2) == []
    assert within(-1, 1, "channel-eur") == []


# ---------------------------------------------------------------- order and pages


def test_links_are_sorted_by_amount_and_follow_their_orders(world: World, cashier: Staff) -> None:
    email = somebody()
    orders = [world.order({"MUG": quantity}, email=email) for quantity in (2, 1, 3)]
    links = [world.link(order)["id"] for order in orders]

    def by_amount(direction: str) -> list[str]:
        sort_by = {"field": "AMOUNT", "direction": direction}
        return [links.index(id) for id in ids(listed(cashier, search=email, sortBy=sort_by))]

    assert by_amount("ASC") == [1, 0, 2]
    assert by_amount("DESC") == [2, 0, 1]
    cashier.change_quantity(orders[1], 4)
    cashier.order(orders[1])
    assert by_amount("ASC") == [0, 2, 1]


def test_links_are_read_page_by_page(world: World, cashier: Staff) -> None:
    email = somebody()
    newest_first = [world.link(world.order(email=email))["id"] for _ in range(5)][::-1]

    first = listed(cashier, search=email, first=2)
    second = listed(cashier, search=email, first=2, after=first["pageInfo"]["endCursor"])
    third = listed(cashier, search=email, first=2, after=second["pageInfo"]["endCursor"])
    back = cashier.graphql.ask(
        LINKS, {"search": email, "last": 2, "before": third["pageInfo"]["startCursor"]}
    )["paymentLinks"]

    assert [ids(first), ids(second), ids(third)] == [
        newest_first[:2],
        newest_first[2:4],
        newest_first[4:],
    ]
    assert back["edges"] == second["edges"]
    assert [each["totalCount"] for each in (first, second, third, back)] == [5] * 4
    assert [each["pageInfo"]["hasNextPage"] for each in (first, second, third)] == [
        True,
        True,
        False,
    ]


def test_links_are_counted_without_being_listed(world: World, cashier: Staff) -> None:
    email = somebody()
    world.link(world.order(email=email))

    counted = cashier.graphql.ask(
        "query ($search: String) { paymentLinks(search: $search) { totalCount } }",
        {"search": email},
    )

    assert counted == {"paymentLinks": {"totalCount": 1}}


# ---------------------------------------------------------------- what nobody should ask


@pytest.mark.parametrize(("query", "field"), LISTS)
@pytest.mark.parametrize(
    ("paging", "message"),
    [
        (
            {},
            "You must provide a `first` or `last` value to properly paginate the `{}` connection.",
        ),
        ({"first": -1}, "Argument `first` must be a non-negative integer."),
        (
            {"first": 101},
            "Requesting 101 records on the `{}` connection exceeds the `first` limit of 100 "
            "records.",
        ),
        ({"first": 5, "after": "nonsense"}, "Received cursor is invalid."),
        ({"first": 5, "after": b64encode(b'["a", "b"]').decode()}, "Received cursor is invalid."),
        ({"first": 5, "after": b64encode(b"[1, {}]").decode()}, "Received cursor is invalid."),
        ({"first": 5, "after": "\x00"}, "Received cursor is invalid."),
    ],
)
def test_a_page_that_there_cannot_be_is_refused_with_the_reason(
    cashier: Staff, query: str, field: str, paging: Json, message: str
) -> None:
    with pytest.raises(Denied) as denial:
        cashier.graphql.ask(query, paging)

    assert (denial.value.code, denial.value.message) == ("GraphQLError", message.format(field))


@pytest.mark.parametrize("given", ["", "nonsense", "\x00", "T3JkZXI6MQ==", "ü" * 5000])
def test_what_names_no_link_and_no_channel_is_refused(cashier: Staff, given: str) -> None:
    asked: list[Callable[[], object]] = [
        lambda: cashier.graphql.ask(LINK, {"id": given}),
        lambda: listed(cashier, filter={"channels": [given]}),
    ]

    for ask in asked:
        with pytest.raises(Denied) as denial:
            ask()
        assert denial.value.code == "GraphQLError"
        assert denial.value.message.startswith("Invalid ID: ")


@pytest.mark.parametrize("search", ["ü" * 100_000, "9" * 400, "%_%", "💸", "'; DROP TABLE"])
def test_a_search_may_find_nothing(cashier: Staff, search: str) -> None:
    assert listed(cashier, search=search)["totalCount"] == 0


def test_what_is_null_is_not_asked_for(world: World, cashier: Staff) -> None:
    email = somebody()
    link = world.link(world.order(email=email))["id"]
    nothing = dict.fromkeys(("channels", "statuses", "created", "opened", "sent"))

    found = listed(cashier, search=email, filter=nothing, sortBy=None, after=None, last=None)

    assert ids(found) == [link]


# ---------------------------------------------------------------- exceptions


def test_money_that_needs_a_person_is_listed_newest_first(world: World, cashier: Staff) -> None:
    orders = [world.order(), world.order()]
    payments = []
    for order in orders:
        session = world.begin(world.link(order))
        world.simulator.pay(session, amount=2000)
        assert world.simulator.settle()
        payments.append(world.session(session)["payment_intent"])

    found = cashier.graphql.ask(EXCEPTIONS, {"first": 2})["paymentExceptions"]
    shown = [edge["node"] for edge in found["edges"]]

    assert [
        (each["kind"], each["amount"], each["providerReference"], each["order"]) for each in shown
    ] == [
        ("MISMATCH", money("20"), payments[1], {"id": orders[1]}),
        ("MISMATCH", money("20"), payments[0], {"id": orders[0]}),
    ]
    assert found["totalCount"] >= 2
    first = cashier.graphql.ask(EXCEPTIONS, {"first": 1})["paymentExceptions"]
    after = {"first": 1, "after": first["pageInfo"]["endCursor"]}
    (next_one,) = cashier.graphql.ask(EXCEPTIONS, after)["paymentExceptions"]["edges"]
    assert next_one["node"] == shown[1]


def test_open_exceptions_are_not_among_the_resolved(world: World, cashier: Staff) -> None:
    session = world.begin(world.link(world.order()))
    world.simulator.pay(session, amount=2000)
    assert world.simulator.settle()
    payment = world.session(session)["payment_intent"]

    def among(resolved: bool) -> bool:
        asked = {"first": 100, "resolved": resolved}
        edges = cashier.graphql.ask(EXCEPTIONS, asked)["paymentExceptions"]["edges"]
        return payment in [edge["node"]["providerReference"] for edge in edges]

    assert (among(resolved=False), among(resolved=True)) == (True, False)
