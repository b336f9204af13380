"""Lists of links and of exceptions as clients ask for them, and how much is read for them."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from graphene import Node

from saleor_paylink.earnings import rollups
from saleor_paylink.links.lifecycle import create
from saleor_paylink.links.terms import LinkTerms
from saleor_paylink.models import LedgerEntry, PaymentException, PaymentLink
from saleor_paylink.shop import Actor, ActorKind
from sandbox.shop import orders
from sandbox.shop.models import Channel, Order, ProductVariant, User
from tests.attempts import attempt_over, money_in_question
from tests.unit.graphql.asking import Asking, global_id

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
NOWHERE = "00000000-0000-4000-8000-000000000000"

LINKS = """query (
  $filter: PaymentLinkFilterInput, $search: String, $sortBy: PaymentLinkSortingInput,
  $before: String, $after: String, $first: Int, $last: Int
) {
  paymentLinks(
    filter: $filter, search: $search, sortBy: $sortBy,
    before: $before, after: $after, first: $first, last: $last
  ) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { id } }
  }
}"""
LINKS_WITH_ORDERS = "{ paymentLinks(first: 5) { edges { node { id order { number } } } } }"
LINK = "query ($id: ID!) { paymentLink(id: $id) { id status order { number } } }"
EXCEPTIONS = """query (
  $resolved: Boolean, $before: String, $after: String, $first: Int, $last: Int
) {
  paymentExceptions(
    resolved: $resolved, first: $first, last: $last, after: $after, before: $before
  ) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { providerReference } }
  }
}"""


@pytest.fixture
def make_link(channel: Channel, customer: User, cashier: User) -> Callable[..., PaymentLink]:
    """A link for a new order of 25 USD, made by the cashier, with fields as given."""
    mug = ProductVariant.objects.create(
        sku="MUGS", product_name="Mug", name="Green", price="12.50", stock=1000
    )
    maker = Actor(ActorKind.USER, str(cashier.pk), cashier.email)

    def make(in_channel: Channel = channel, email: str = "", **fields: Any) -> PaymentLink:
        whose = {"email": email} if email else {"user": customer}
        draft = orders.create_draft(in_channel, [(mug, 2)], None, **whose)
        link = create(orders.complete(draft.id, None).id, LinkTerms(), maker)
        PaymentLink.objects.filter(pk=link.pk).update(**fields)
        link.refresh_from_db()
        return link

    return make


@pytest.fixture
def elsewhere(channel: Channel) -> Channel:
    return Channel.objects.create(
        slug="elsewhere", currency="EUR", plugin_active=True, plugin_values=channel.plugin_values
    )


def shown(answer: Any) -> list[str]:
    """The ids of the links in a list."""
    return [edge["node"]["id"] for edge in answer["paymentLinks"]["edges"]]


def refusal(ask: Asking, query: str, user: User, **variables: Any) -> tuple[str, str]:
    """Code and message of the one error that a list is answered with."""
    answer = ask.post(query, user, variables).json()
    (error,) = answer["errors"]
    assert answer["data"] is None or set(answer["data"].values()) == {None}
    return error["extensions"]["exception"]["code"], error["message"]


# ---------------------------------------------------------------- one link


def test_a_link_is_found_by_its_id(ask: Asking, link: PaymentLink, cashier: User) -> None:
    number = str(Order.objects.get(id=link.order_id).number)

    assert ask(LINK, cashier, id=global_id(link))["paymentLink"] == {
        "id": global_id(link),
        "status": "ACTIVE",
        "order": {"number": number},
    }


def test_an_id_that_no_link_has_is_null(ask: Asking, cashier: User) -> None:
    unknown = Node.to_global_id("PaymentLink", NOWHERE)

    assert ask(LINK, cashier, id=unknown) == {"paymentLink": None}


def test_a_link_whose_order_was_deleted_is_not_shown(
    ask: Asking, make_link: Callable[..., PaymentLink], cashier: User
) -> None:
    orphan, other = make_link(), make_link()
    Order.objects.get(id=orphan.order_id).delete()

    assert ask(LINK, cashier, id=global_id(orphan)) == {"paymentLink": None}
    assert shown(ask(LINKS_WITH_ORDERS, cashier)) == [global_id(other)]


def test_a_link_of_another_channel_is_null(ask: Asking, link: PaymentLink, cashier: User) -> None:
    cashier.channels = ["elsewhere"]
    cashier.save()

    assert ask(LINK, cashier, id=global_id(link)) == {"paymentLink": None}


@pytest.mark.parametrize(
    "given",
    [
        "",
        "nonsense",
        "\x00",
        "\ud800",
        "ü" * 5000,
        Node.to_global_id("Order", NOWHERE),
        Node.to_global_id("PaymentLink", "7"),
        Node.to_global_id("PaymentLink", ""),
    ],
)
def test_what_is_no_id_of_a_link_is_refused(ask: Asking, cashier: User, given: str) -> None:
    code, message = refusal(ask, LINK, cashier, id=given)

    assert code == "GraphQLError"
    assert message.endswith("Expected: PaymentLink.")


# ---------------------------------------------------------------- of other channels


def test_staff_see_only_links_of_their_channels(
    ask: Asking, make_link: Callable[..., PaymentLink], elsewhere: Channel, cashier: User
) -> None:
    here, there = make_link(), make_link(elsewhere)

    assert shown(ask(LINKS, cashier, first=5)) == [global_id(there), global_id(here)]

    cashier.channels = ["elsewhere"]
    cashier.save()
    answer = ask(LINKS, cashier, first=5)
    assert shown(answer) == [global_id(there)]
    assert answer["paymentLinks"]["totalCount"] == 1


def test_a_filter_opens_no_other_channel(
    ask: Asking, make_link: Callable[..., PaymentLink], elsewhere: Channel, cashier: User
) -> None:
    make_link()
    cashier.channels = ["elsewhere"]
    cashier.save()
    ids = [Node.to_global_id("Channel", each.pk) for each in Channel.objects.all()]

    assert shown(ask(LINKS, cashier, first=5, filter={"channels": ids})) == []


# ---------------------------------------------------------------- what is in the list


def test_links_are_found_by_channel(
    ask: Asking, make_link: Callable[..., PaymentLink], elsewhere: Channel, cashier: User
) -> None:
    make_link()
    there = make_link(elsewhere)
    ids = [Node.to_global_id("Channel", elsewhere.pk)]

    assert shown(ask(LINKS, cashier, first=5, filter={"channels": ids})) == [global_id(there)]


@pytest.mark.parametrize("pk", ["7", "99999999999999999999999"])
def test_a_channel_that_there_is_not_has_no_links(
    ask: Asking, link: PaymentLink, cashier: User, pk: str
) -> None:
    ids = [Node.to_global_id("Channel", pk + "0000")]

    assert shown(ask(LINKS, cashier, first=5, filter={"channels": ids})) == []


@pytest.mark.parametrize("given", ["", "nonsense", Node.to_global_id("Order", NOWHERE)])
def test_what_is_no_channel_is_refused(ask: Asking, cashier: User, given: str) -> None:
    code, message = refusal(ask, LINKS, cashier, first=5, filter={"channels": [given]})

    assert code == "GraphQLError"
    assert "Expected: Channel" in message


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({"statuses": ["ACTIVE"]}, 0),
        ({"statuses": ["EXPIRED"]}, 1),
        ({"statuses": ["PAID", "REVOKED"]}, 2),
        ({"opened": True}, 1),
        ({"sent": True}, 2),
        ({"created": {"gte": "2026-01-01", "lte": "2026-01-01"}}, 2),
        ({"created": {"lte": "2026-01-01"}}, 2),
        ({"opened": False, "sent": False}, 0),
    ],
)
def test_links_are_filtered(
    ask: Asking,
    make_link: Callable[..., PaymentLink],
    cashier: User,
    wanted: dict[str, Any],
    index: int,
) -> None:
    links = [
        make_link(),
        make_link(expires_at=NEW_YEAR, last_opened_at=NEW_YEAR),
        make_link(status="paid", last_sent_at=NEW_YEAR, created_at=NEW_YEAR),
    ]

    answer = ask(LINKS, cashier, first=5, filter=wanted)

    assert shown(answer) == [global_id(links[index])]
    assert answer["paymentLinks"]["totalCount"] == 1


@pytest.mark.parametrize(
    "wanted",
    [
        None,
        {},
        dict.fromkeys(("channels", "statuses", "created", "opened", "sent")),
        {"channels": [], "statuses": [], "created": {}},
        {"created": {"gte": None, "lte": None}},
        {"created": {"gte": "0001-01-01", "lte": "9999-12-31"}},
    ],
)
def test_what_is_empty_is_not_asked_for(
    ask: Asking, link: PaymentLink, cashier: User, wanted: dict[str, Any] | None
) -> None:
    assert shown(ask(LINKS, cashier, first=5, filter=wanted)) == [global_id(link)]


def test_links_are_searched(
    ask: Asking, make_link: Callable[..., PaymentLink], cashier: User
) -> None:
    ada = make_link(email="ada@example.com")
    make_link(email="bob@example.com")
    number = Order.objects.get(id=ada.order_id).number

    assert shown(ask(LINKS, cashier, first=5, search="ada@")) == [global_id(ada)]
    assert shown(ask(LINKS, cashier, first=5, search=f" {number} ")) == [global_id(ada)]


@pytest.mark.parametrize("search", [None, "", "   "])
def test_an_empty_search_finds_everything(
    ask: Asking, link: PaymentLink, cashier: User, search: str | None
) -> None:
    assert shown(ask(LINKS, cashier, first=5, search=search)) == [global_id(link)]


@pytest.mark.parametrize("search", ["nobody", "ü" * 100_000, "9" * 100_000, "💸", "%", "'; --"])
def test_a_search_may_find_nothing(
    ask: Asking, link: PaymentLink, cashier: User, search: str
) -> None:
    answer = ask(LINKS, cashier, first=5, search=search)

    assert answer["paymentLinks"]["edges"] == []
    assert answer["paymentLinks"]["totalCount"] == 0


@pytest.mark.parametrize("search", ["a\x00b", "a\ud800b"])
def test_a_search_for_what_is_no_text_is_refused(
    ask: Asking, link: PaymentLink, cashier: User, search: str
) -> None:
    code, message = refusal(ask, LINKS, cashier, first=5, search=search)

    assert (code, message) == ("GraphQLError", "Leave out the characters that are no text.")


# ---------------------------------------------------------------- order and pages


def test_the_newest_link_comes_first(
    ask: Asking, make_link: Callable[..., PaymentLink], cashier: User
) -> None:
    older, newer = make_link(), make_link()

    assert shown(ask(LINKS, cashier, first=5)) == [global_id(newer), global_id(older)]
    assert shown(ask(LINKS, cashier, first=5, sortBy=None)) == [global_id(newer), global_id(older)]


@pytest.mark.parametrize("field", ["CREATED_AT", "LAST_OPENED_AT", "AMOUNT", "EXPIRES_AT"])
def test_links_are_sorted_as_they_are_asked_for(
    ask: Asking, make_link: Callable[..., PaymentLink], cashier: User, field: str
) -> None:
    values = {
        "created_at": [NEW_YEAR + timedelta(days=n) for n in range(3)],
        "last_opened_at": [None, NEW_YEAR, NEW_YEAR + timedelta(days=1)],
        "amount": [5, 10, 20],
        "expires_at": [NEW_YEAR, NEW_YEAR + timedelta(days=1), None],
    }[field.lower()]
    links = [global_id(make_link(**{field.lower(): value})) for value in values]

    up, down = ({"field": field, "direction": direction} for direction in ("ASC", "DESC"))

    assert shown(ask(LINKS, cashier, first=5, sortBy=up)) == links
    assert shown(ask(LINKS, cashier, first=5, sortBy=down)) == links[::-1]
    assert shown(ask(LINKS, cashier, last=2, sortBy=up)) == links[1:]


def test_a_list_is_read_page_by_page_in_both_directions(
    ask: Asking, make_link: Callable[..., PaymentLink], cashier: User
) -> None:
    newest, *others, oldest = [global_id(make_link()) for _ in range(5)][::-1]

    first = ask(LINKS, cashier, first=2)["paymentLinks"]
    second = ask(LINKS, cashier, first=2, after=first["pageInfo"]["endCursor"])["paymentLinks"]
    third = ask(LINKS, cashier, first=2, after=second["pageInfo"]["endCursor"])["paymentLinks"]
    back = ask(LINKS, cashier, last=2, before=third["pageInfo"]["startCursor"])["paymentLinks"]

    ids = [[edge["node"]["id"] for edge in each["edges"]] for each in (first, second, third)]
    assert ids == [[newest, others[0]], others[1:], [oldest]]
    assert back["edges"] == second["edges"]
    assert {each["totalCount"] for each in (first, second, third, back)} == {5}
    more = [
        (each["pageInfo"]["hasPreviousPage"], each["pageInfo"]["hasNextPage"])
        for each in (first, second, third, back)
    ]
    assert more == [(False, True), (True, True), (True, False), (True, True)]
    assert second["pageInfo"]["startCursor"] == second["edges"][0]["cursor"]


def test_an_empty_list_has_no_cursors(ask: Asking, cashier: User) -> None:
    assert ask(LINKS, cashier, first=5)["paymentLinks"] == {
        "totalCount": 0,
        "pageInfo": {
            "hasNextPage": False,
            "hasPreviousPage": False,
            "startCursor": None,
            "endCursor": None,
        },
        "edges": [],
    }


def test_links_are_counted_without_being_listed(
    ask: Asking, make_link: Callable[..., PaymentLink], cashier: User
) -> None:
    make_link(), make_link()

    answer = ask("{ paymentLinks { totalCount pageInfo { hasNextPage } } }", cashier)

    assert answer["paymentLinks"] == {"totalCount": 2, "pageInfo": {"hasNextPage": False}}


NOT_SAID = "You must provide a `first` or `last` value to properly paginate the `%s` connection."


@pytest.mark.parametrize(
    ("query", "field"), [(LINKS, "paymentLinks"), (EXCEPTIONS, "paymentExceptions")]
)
@pytest.mark.parametrize(
    ("paging", "message"),
    [
        ({}, NOT_SAID),
        ({"first": None, "last": None}, NOT_SAID),
        ({"first": 0}, NOT_SAID),
        ({"first": -1}, "Argument `first` must be a non-negative integer."),
        ({"last": -1}, "Argument `last` must be a non-negative integer."),
        ({"first": 1, "last": 1}, "Argument `last` cannot be combined with `first`."),
        ({"first": 1, "before": "a"}, "Argument `first` cannot be combined with `before`."),
        ({"last": 1, "after": "a"}, "Argument `last` cannot be combined with `after`."),
        (
            {"first": 101},
            "Requesting 101 records on the `%s` connection exceeds the `first` limit of 100 "
            "records.",
        ),
        (
            {"last": 2**31 - 1},
            "Requesting 2147483647 records on the `%s` connection exceeds the `last` limit of "
            "100 records.",
        ),
    ],
)
def test_a_page_that_cannot_be_meant_is_refused(
    ask: Asking, cashier: User, query: str, field: str, paging: dict[str, Any], message: str
) -> None:
    expected = message % field if "%s" in message else message

    assert refusal(ask, query, cashier, **paging) == ("GraphQLError", expected)


def cursor(*parts: Any) -> str:
    return base64.b64encode(json.dumps(parts).encode()).decode()


@pytest.mark.parametrize("query", [LINKS, EXCEPTIONS])
@pytest.mark.parametrize(
    "given",
    [
        "nonsense",
        "\x00",
        "\ud800",
        "ü" * 5000,
        "A" * 5000,
        base64.b64encode(b"\xff\xfe").decode(),
        base64.b64encode(b"{}").decode(),
        base64.b64encode(b"7").decode(),
        base64.b64encode(b"[" * 300).decode(),
        cursor(),
        cursor(str(NEW_YEAR)),
        cursor(str(NEW_YEAR), None),
        cursor(str(NEW_YEAR), 7),
        cursor(str(NEW_YEAR), [NOWHERE]),
        cursor(str(NEW_YEAR), "seven"),
        cursor(str(NEW_YEAR), "\x00"),
        cursor(str(NEW_YEAR), "9" * 100),
        cursor(str(NEW_YEAR), NOWHERE, NOWHERE),
        cursor("yesterday", NOWHERE),
        cursor(None, NOWHERE),
    ],
)
def test_what_is_no_cursor_is_refused(
    ask: Asking, link: PaymentLink, cashier: User, query: str, given: str
) -> None:
    for paging in ({"first": 5, "after": given}, {"last": 5, "before": given}):
        expected = ("GraphQLError", "Received cursor is invalid.")
        assert refusal(ask, query, cashier, **paging) == expected


# ---------------------------------------------------------------- exceptions


@pytest.fixture
def exceptions(channel: Channel, elsewhere: Channel) -> None:
    """Two open ones, old and new, one that was kept, and one of another channel."""
    for reference, given in {
        "old": {},
        "new": {"raised_at": NEW_YEAR + timedelta(days=2)},
        "kept": {"resolution": "kept", "resolved_at": NEW_YEAR},
        "foreign": {"channel": "elsewhere", "raised_at": NEW_YEAR + timedelta(days=1)},
    }.items():
        usual = {"channel": "shop", "raised_at": NEW_YEAR, "amount": 10, "currency": "USD"}
        PaymentException.objects.create(
            kind="orphan", provider="stripe", reference=reference, **{**usual, **given}
        )


def references(answer: Any) -> list[str]:
    return [edge["node"]["providerReference"] for edge in answer["paymentExceptions"]["edges"]]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["new", "foreign", "old"]),
        ({"resolved": False}, ["new", "foreign", "old"]),
        ({"resolved": True}, ["kept"]),
        ({"resolved": None}, ["new", "foreign", "old"]),
    ],
)
def test_exceptions_are_listed_newest_first(
    ask: Asking, exceptions: None, cashier: User, asked: dict[str, Any], expected: list[str]
) -> None:
    answer = ask(EXCEPTIONS, cashier, first=5, **asked)

    assert references(answer) == expected
    assert answer["paymentExceptions"]["totalCount"] == len(expected)


def test_staff_see_only_exceptions_of_their_channels(
    ask: Asking, exceptions: None, cashier: User
) -> None:
    cashier.channels = ["shop"]
    cashier.save()

    answer = ask(EXCEPTIONS, cashier, first=5)

    assert references(answer) == ["new", "old"]
    assert answer["paymentExceptions"]["totalCount"] == 2


def test_exceptions_are_read_page_by_page(ask: Asking, exceptions: None, cashier: User) -> None:
    first = ask(EXCEPTIONS, cashier, first=2)
    end = first["paymentExceptions"]["pageInfo"]["endCursor"]

    assert references(first) == ["new", "foreign"]
    assert references(ask(EXCEPTIONS, cashier, first=2, after=end)) == ["old"]
    assert references(ask(EXCEPTIONS, cashier, last=1)) == ["old"]


STANDING = """{ paymentExceptions(first: 5) { edges { node {
  providerReference amount { amount } message
} } } }"""


def test_of_what_went_back_in_part_only_the_rest_is_in_question(
    ask: Asking, channel: Channel, cashier: User
) -> None:
    for reference in ("pi_part", "pi_whole"):
        money_in_question(reference, kind="duplicate")
    LedgerEntry.objects.create(
        kind="refund",
        provider="stripe",
        reference="re_1",
        payment_reference="pi_part",
        amount="10.00",
        currency="USD",
        occurred_at=NEW_YEAR,
    )

    edges = ask(STANDING, cashier)["paymentExceptions"]["edges"]

    assert [
        (each["node"]["providerReference"], each["node"]["amount"]["amount"]) for each in edges
    ] == [
        ("pi_whole", 25),
        ("pi_part", 15),
    ]
    assert [each["node"]["message"] for each in edges] == [
        "The order had been paid already.",
        "The order had been paid already. $10.00 of $25.00 has gone back, or is on its way back.",
    ]


# ---------------------------------------------------------------- how much is read

ORDERS = """{ orders(first: 100) { edges { node { id %s } } } }"""
OF_AN_ORDER = """
  paymentCollection {
    status amountDue { amount } links { url } exceptions { id amount { amount } message }
  }
  paymentLink {
    url qrCode nextReminderAt status amountDue { amount } attempts { id } events { message }
  }
"""
WHOLE_LINKS = """{ paymentLinks(first: 100) { totalCount edges { node {
  id status url qrCode nextReminderAt message createdAt order { number } createdBy { email }
  amountDue { amount } amountPaid { amount } requestedAmount { amount }
  attempts { id providerUrl failureReason } events { message }
} } } }"""


WHOLE_EXCEPTIONS = """{ paymentExceptions(first: 100) { totalCount edges { node {
  id amount { amount } message order { number }
} } } }"""


def queries_of(ask: Asking, query: str, user: User) -> int:
    """How often the database is asked for an answer without errors."""
    with CaptureQueriesContext(connection) as made:
        ask(query, user)
    return len(made)


@pytest.fixture
def lines_up(
    ask: Asking, make_link: Callable[..., PaymentLink], elsewhere: Channel
) -> Callable[[int], None]:
    """Brings the orders with a link to so many, in several channels."""

    def make(number: int) -> None:
        for n in range(PaymentLink.objects.count(), number):
            link = make_link(elsewhere) if n % 2 else make_link()
            money_in_question(
                f"pi_{n}",
                kind="late",
                order_id=link.order_id,
                channel=link.channel,
                currency=link.currency,
            )
            attempt_over(link, status="failed")

    return make


def test_how_much_is_read_does_not_grow_with_the_list(
    ask: Asking, lines_up: Callable[[int], None], cashier: User
) -> None:
    for number in (1, 2, 100):
        lines_up(number)
        bare = queries_of(ask, ORDERS % "", cashier)

        assert queries_of(ask, ORDERS % OF_AN_ORDER, cashier) - bare == 15
        assert queries_of(ask, WHOLE_LINKS, cashier) == 12
        assert queries_of(ask, WHOLE_EXCEPTIONS, cashier) == 7


def test_a_series_costs_no_query_of_its_own(ask: Asking, channel: Channel, cashier: User) -> None:
    LedgerEntry.objects.create(
        kind="charge",
        provider="stripe",
        reference="pi_1",
        channel=channel.slug,
        amount=10,
        currency="USD",
        occurred_at=NEW_YEAR,
    )
    earnings = """{ paymentEarnings(range: {gte: "2025-06-01", lte: "2026-06-01"}) {
      net { amount } %s
    } }"""

    rollups.fold()

    # Who asks, and the sums.
    assert queries_of(ask, earnings % "", cashier) == 2
    assert queries_of(ask, earnings % "series { start net { amount } }", cashier) == 2


def test_a_mutation_is_not_answered_with_what_was_read_before_it(
    ask: Asking, order: Order, cashier: User
) -> None:
    seen = """{
      paymentCollection { status links { status } }
      paymentLink { status amountDue { amount } events { type } }
    }"""

    answer = ask(
        f"""mutation ($order: ID!) {{
          made: paymentLinkCreate(orderId: $order) {{ paymentLink {{ order {seen} }} }}
          paid: paymentLinkMarkPaid(orderId: $order) {{ order {seen} }}
        }}""",
        cashier,
        order=global_id(order),
    )

    assert answer["made"]["paymentLink"]["order"] == {
        "paymentCollection": {"status": "AWAITING", "links": [{"status": "ACTIVE"}]},
        "paymentLink": {
            "status": "ACTIVE",
            "amountDue": {"amount": 25.0},
            "events": [{"type": "CREATED"}],
        },
    }
    assert answer["paid"]["order"] == {
        "paymentCollection": {
            "status": "SETTLED_MANUALLY",
            "links": [{"status": "PAID_MANUALLY"}],
        },
        "paymentLink": {
            "status": "PAID_MANUALLY",
            "amountDue": {"amount": 0.0},
            "events": [{"type": "CREATED"}, {"type": "PAID_MANUALLY"}],
        },
    }
