"""Whatever is sent over GraphQL is answered: done, or refused in words, and never a fault."""

import base64
import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sandbox.client.graphql import Json
from sandbox.client.staff import ERRORS
from tests.behaviour.world import CARD, NOWHERE, World, global_id, token_of
from tests.unit.graphql.sdl import shapes

PUBLISHED = shapes((Path(__file__).parents[2] / "graphql" / "schema.graphql").read_text())
# As it is sent: six characters for each of these.
MEGABYTE = "ü" * 160_000


# JSON can say them, and no database keeps them.
NO_TEXTS = ["a\x00b", "a\ud800b", "\udfff"]
BAD_IDS = [
    "",
    " ",
    "nonsense",
    *NO_TEXTS,
    "💸",
    "مرحبا",
    MEGABYTE,
    "QQ" * 400_000,
    "=" * 100,
    base64.b64encode(b"\xff\xfe:\x00").decode(),
    *(
        global_id(type_name, local)
        for type_name in ("Order", "PaymentLink", "PaymentException", "Channel", "User", "", "app")
        for local in ("", "0", "-1", "7" * 30, "\x00", "a:b", "💸", NOWHERE)
    ),
    {},
    [],
    None,
    1.5,
    True,
]
BAD_TIMES = [
    "",
    "nonsense",
    "\x00",
    MEGABYTE,
    "2999-13-01T00:00:00Z",
    "2999-02-30T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "10000-01-01T00:00:00Z",
    "2000-01-01T00:00:00Z",
    {},
    [],
    True,
]
BAD_DATES = ["", "nonsense", "\x00", "2999-02-30", "10000-01-01", MEGABYTE]
BAD_AMOUNTS = [
    -1,
    "-0.01",
    0,
    "NaN",
    "sNaN",
    "Infinity",
    "-Infinity",
    1e300,
    10**400,
    "1e999999999",
    "1e-999999999",
    "0.0000000001",
    "9" * 500_000,
    "nonsense",
    "",
    "\x00",
    {},
    [],
]
BAD_TEXTS = [*NO_TEXTS, MEGABYTE]
BAD_ENUMS = ["", "nonsense", "\x00", MEGABYTE, 7, {}, []]
BAD_COUNTS = [-1, 0, 101, 2**31 - 1, "1", 1.5]
BAD_CURSORS = ["nonsense", *NO_TEXTS, MEGABYTE, "💸"]


@dataclass(frozen=True)
class Call:
    """A query or mutation with its variables' types, what it is asked for otherwise, and by path
    what must not be put in its place. `{order}` and the like are filled in."""

    types: str
    arguments: str
    result: str
    usual: Json
    bad: dict[str, list[Any]]
    # Text that is odd, and taken all the same.
    texts: list[str] = field(default_factory=list)


LINK_ID: dict[str, Any] = {
    "types": "$id: ID!",
    "arguments": "id: $id",
    "result": "paymentLink { id }",
    "usual": {"id": "{link}"},
    "bad": {"id": BAD_IDS},
}
ORDER_ID = {
    "types": "$orderId: ID!",
    "arguments": "orderId: $orderId",
    "result": "order { id }",
    "usual": {"orderId": "{order}"},
    "bad": {"orderId": BAD_IDS},
}
TERMS = {
    "input.amount": BAD_AMOUNTS,
    "input.expiresAt": BAD_TIMES,
    "input.message": BAD_TEXTS,
    "input": ["", 7],
}

MUTATIONS = {
    "paymentLinkCreate": Call(
        types="$orderId: ID!, $input: PaymentLinkCreateInput",
        arguments="orderId: $orderId, input: $input",
        result="paymentLink { id }",
        usual={"orderId": "{bare}", "input": {}},
        bad={"orderId": BAD_IDS, **TERMS},
        texts=["input.message"],
    ),
    "paymentLinkSkip": Call(**ORDER_ID),
    "paymentLinkSend": Call(
        types="$id: ID!, $input: PaymentLinkSendInput",
        arguments="id: $id, input: $input",
        result="paymentLink { id }",
        usual={"id": "{link}", "input": {}},
        bad={
            "id": BAD_IDS,
            "input.email": [
                *BAD_TEXTS,
                "nonsense",
                "💸@example.com",
                "a@b@c.com",
                "a@example.com\n",
            ],
            "input.message": BAD_TEXTS,
        },
        texts=["input.message"],
    ),
    "paymentLinkExtend": Call(
        types="$id: ID!, $expiresAt: DateTime",
        arguments="id: $id, expiresAt: $expiresAt",
        result="paymentLink { id }",
        usual={"id": "{link}"},
        bad={"id": BAD_IDS, "expiresAt": BAD_TIMES},
    ),
    "paymentLinkRotate": Call(**LINK_ID),
    "paymentLinkRevoke": Call(**LINK_ID),
    "paymentLinkSync": Call(**LINK_ID),
    "paymentLinkMarkPaid": Call(
        types="$orderId: ID!, $input: PaymentLinkMarkPaidInput",
        arguments="orderId: $orderId, input: $input",
        result="order { id }",
        usual={"orderId": "{order}", "input": {}},
        bad={"orderId": BAD_IDS, "input.reference": BAD_TEXTS, "input.note": BAD_TEXTS},
        texts=["input.reference", "input.note"],
    ),
    "paymentLinkReject": Call(
        types="$orderId: ID!, $reason: String",
        arguments="orderId: $orderId, reason: $reason",
        result="order { id }",
        usual={"orderId": "{order}"},
        bad={"orderId": BAD_IDS, "reason": BAD_TEXTS},
        texts=["reason"],
    ),
    "paymentLinkBulkCreate": Call(
        types="$orderIds: [ID!]!, $input: PaymentLinkCreateInput",
        arguments="orderIds: $orderIds, input: $input",
        result="count results { paymentLink { id } errors { field message code } }",
        usual={"orderIds": ["{bare}"], "input": {}},
        bad={
            "orderIds": [[given] for given in BAD_IDS] + [["{bare}"] * 101, None, 7],
            **TERMS,
        },
        texts=["input.message"],
    ),
    "paymentLinkBulkSend": Call(
        types="$ids: [ID!]!",
        arguments="ids: $ids",
        result="count results { paymentLink { id } errors { field message code } }",
        usual={"ids": ["{link}"]},
        bad={"ids": [[given] for given in BAD_IDS] + [["{link}"] * 101, None, 7]},
    ),
    "paymentExceptionResolve": Call(
        types="$id: ID!, $resolution: PaymentExceptionResolutionEnum!",
        arguments="id: $id, resolution: $resolution",
        result="paymentException { id }",
        usual={"id": global_id("PaymentException", "1"), "resolution": "KEPT"},
        bad={"id": BAD_IDS, "resolution": [*BAD_ENUMS, None]},
    ),
    "paymentRequestPay": Call(
        types="$token: String!, $method: String!, $revision: String!, $returnUrl: String",
        arguments="token: $token, method: $method, revision: $revision, returnUrl: $returnUrl",
        result="redirectUrl paymentRequest { status }",
        usual={"token": "{token}", "method": CARD, "revision": "{revision}"},
        bad={
            "token": [*BAD_TEXTS, "", "{link}", "A" * 43, None],
            "method": [*BAD_TEXTS, "", "stripe:none", "💸", None],
            "revision": [*BAD_TEXTS, "", "stale", "💸", None],
            "returnUrl": [*BAD_TEXTS, "💸", "//localhost", "javascript:alert(1)", "http://["],
        },
    ),
    # It says nothing of any token: see below.
    "paymentRequestRenew": Call(
        types="$token: String!",
        arguments="token: $token",
        result="ok",
        usual={"token": "{token}"},
        bad={"token": [None]},
    ),
}
PAGES = {"first": BAD_COUNTS, "last": BAD_COUNTS, "after": BAD_CURSORS, "before": BAD_CURSORS}
PAGED = "$first: Int, $last: Int, $after: String, $before: String"
PAGING = "first: $first, last: $last, after: $after, before: $before"
QUERIES = {
    "paymentLink": Call(
        types="$id: ID!",
        arguments="id: $id",
        result="id",
        usual={"id": "{link}"},
        bad={"id": BAD_IDS},
    ),
    "paymentLinks": Call(
        types="$filter: PaymentLinkFilterInput, $search: String, "
        f"$sortBy: PaymentLinkSortingInput, {PAGED}",
        arguments=f"filter: $filter, search: $search, sortBy: $sortBy, {PAGING}",
        result="totalCount edges { node { id } }",
        usual={"first": 1, "filter": {}},
        bad={
            "filter.channels": [[given] for given in BAD_IDS if given is not None] + [7],
            "filter.statuses": [[given] for given in BAD_ENUMS] + [7],
            "filter.created.gte": BAD_DATES,
            "filter.created.lte": BAD_DATES,
            "search": BAD_TEXTS,
            "sortBy": [{}, {"field": None, "direction": "ASC"}, {"field": "AMOUNT"}, "", 7],
            **PAGES,
        },
        texts=["search"],
    ),
    "paymentExceptions": Call(
        types=f"$resolved: Boolean, {PAGED}",
        arguments=f"resolved: $resolved, {PAGING}",
        result="totalCount edges { node { id } }",
        usual={"first": 1},
        bad=PAGES,
    ),
    "paymentEarnings": Call(
        types="$channel: String, $range: DateRangeInput!, "
        "$granularity: PaymentEarningsGranularityEnum",
        arguments="channel: $channel, range: $range, granularity: $granularity",
        result="currency series { start }",
        usual={"range": {"gte": "2026-01-01"}},
        bad={
            "channel": BAD_TEXTS,
            "range.gte": BAD_DATES,
            "range.lte": BAD_DATES,
            "granularity": BAD_ENUMS,
            "range": [None, "", 7],
        },
    ),
    "paymentRequest": Call(
        types="$token: String!",
        arguments="token: $token",
        result="status",
        usual={"token": "{token}"},
        bad={"token": [*BAD_TEXTS, "", "{link}", "A" * 43, None]},
        texts=["token"],
    ),
}
# What Saleor answers with where it is not itself at fault.
IN_WORDS = ("GraphQLError", "ValidationError", "QueryCostError", "PermissionDenied")
ODD_TEXTS = ["💸", "مرحبا \u202e abc", "a\u0301" * 50, "'; DROP TABLE orders; --", "%_\\", "\r\n\t"]


@pytest.fixture(scope="module")
def filled(world: World) -> Json:
    """What `{order}` and the like stand for: nobody ever changes it."""
    return names(world)


def names(world: World) -> Json:
    """An order with a link, and a bare one."""
    order = world.order()
    link = world.link(order)
    found = world.person(None).graphql.ask(
        "query ($token: String!) { paymentRequest(token: $token) { revision } }",
        {"token": token_of(link)},
    )["paymentRequest"]
    return {
        "{order}": order,
        "{bare}": world.order(),
        "{link}": link["id"],
        "{token}": token_of(link),
        "{revision}": found["revision"],
    }


def fill(value: Any, given: Json) -> Any:
    if isinstance(value, dict):
        return {key: fill(each, given) for key, each in value.items()}
    if isinstance(value, list):
        return [fill(each, given) for each in value]
    return given.get(value, value) if isinstance(value, str) else value


def variables(call: Call, path: str, value: Any, given: Json) -> Json:
    """As usual, but for what stands at that path."""
    made = copy.deepcopy(call.usual)
    place, *rest = made, *path.split(".")
    for step in rest[:-1]:
        place = place.setdefault(step, {})
    place[rest[-1]] = value
    filled_in: Json = fill(made, given)
    return filled_in


def document(kind: str, name: str, call: Call) -> str:
    result = f"{call.result} {ERRORS}" if kind == "mutation" else call.result
    return f"{kind} ({call.types}) {{ {name}({call.arguments}) {{ {result} }} }}"


@contextmanager
def told_with(value: Any) -> Iterator[None]:
    """What fails meanwhile says for which value."""
    try:
        yield
    except Exception as error:
        error.add_note(f"for {str(value)[:100]!r}")
        raise


def refusals(name: str, answer: Json) -> list[Json]:
    """The errors, at the top or in the mutation's own list or in its results. None is a fault."""
    if "errors" in answer:
        for error in answer["errors"]:
            assert error["message"]
            assert "Internal" not in error["message"]
            assert "Cannot return null" not in error["message"]
            assert error["extensions"]["exception"]["code"] in IN_WORDS
        return list(answer["errors"])
    answered = answer["data"][name]
    if not isinstance(answered, dict):
        return []
    found = [
        *answered.get("errors", []),
        *(error for result in answered.get("results", []) for error in result["errors"]),
    ]
    assert all(error["message"] and error["code"] for error in found)
    return found


@pytest.mark.parametrize(
    ("name", "path"), [(name, path) for name, call in MUTATIONS.items() for path in call.bad]
)
def test_a_mutation_refuses_what_nobody_should_send(
    world: World, filled: Json, name: str, path: str
) -> None:
    call = MUTATIONS[name]
    fields = {path.rpartition(".")[2], None} if path != "input" else {None}

    with world.unchanged(filled["{order}"]), world.unchanged(filled["{bare}"]):
        for value in call.bad[path]:
            with told_with(value):
                answer = world.person("cashier").graphql.answer(
                    document("mutation", name, call), variables(call, path, value, filled)
                )
                found = refusals(name, answer)
                assert found
                assert {error.get("field") for error in found} <= fields


@pytest.mark.parametrize(
    ("name", "path"), [(name, path) for name, call in QUERIES.items() for path in call.bad]
)
def test_a_query_answers_whatever_is_sent(world: World, filled: Json, name: str, path: str) -> None:
    call = QUERIES[name]

    for value in call.bad[path]:
        with told_with(value):
            answer = world.person("cashier").graphql.answer(
                document("query", name, call), variables(call, path, value, filled)
            )
            if not refusals(name, answer):
                assert set(answer["data"]) == {name}


@pytest.mark.parametrize("text", ODD_TEXTS)
@pytest.mark.parametrize(
    ("name", "path"), [(name, path) for name, call in MUTATIONS.items() for path in call.texts]
)
def test_a_text_may_hold_whatever_people_type(
    world: World, name: str, path: str, text: str
) -> None:
    call, fresh = MUTATIONS[name], names(world)

    answer = world.person("cashier").graphql.answer(
        document("mutation", name, call), variables(call, path, text, fresh)
    )

    assert refusals(name, answer) == []


@pytest.mark.parametrize("text", ODD_TEXTS)
@pytest.mark.parametrize(
    ("name", "path"), [(name, path) for name, call in QUERIES.items() for path in call.texts]
)
def test_whatever_people_type_may_be_asked_for(
    world: World, filled: Json, name: str, path: str, text: str
) -> None:
    call = QUERIES[name]

    answer = world.person("cashier").graphql.answer(
        document("query", name, call), variables(call, path, text, filled)
    )

    assert refusals(name, answer) == []


@pytest.mark.parametrize("name", ["paymentLinkCreate", "paymentLinkSend", "paymentLinkMarkPaid"])
def test_nulls_for_all_that_is_optional_are_as_good_as_nothing(world: World, name: str) -> None:
    call, fresh = MUTATIONS[name], names(world)
    nulls = {path.partition(".")[2]: None for path in call.bad if path.startswith("input.")}

    for given in (None, {}, nulls):
        answer = world.person("cashier").graphql.answer(
            document("mutation", name, call), variables(call, "input", given, fresh)
        )
        done = refusals(name, answer)
        # What is marked paid once is paid.
        assert [error["code"] for error in done] in ([], ["ALREADY_PAID"])


def test_nulls_for_all_that_a_list_may_be_asked_for_are_as_good_as_nothing(world: World) -> None:
    nulls = dict.fromkeys(("filter", "search", "sortBy", "last", "after", "before"))
    within = dict.fromkeys(("channels", "statuses", "created", "opened", "sent"))

    for asked in (nulls, {**nulls, "filter": within}, {**nulls, "filter": {"created": {}}}):
        answer = world.person("cashier").graphql.answer(
            document("query", "paymentLinks", QUERIES["paymentLinks"]), {**asked, "first": 1}
        )
        assert refusals("paymentLinks", answer) == []


@pytest.mark.parametrize("token", ["", "A" * 43, "a\x00b", "💸", "مرحبا", MEGABYTE])
def test_asking_for_a_fresh_link_says_nothing_of_any_token(world: World, token: str) -> None:
    answer = world.person(None).graphql.answer(
        "mutation ($token: String!) { paymentRequestRenew(token: $token) { ok errors { code } } }",
        {"token": token},
    )

    assert answer == {"data": {"paymentRequestRenew": {"ok": True, "errors": []}}}


def test_nothing_is_left_out() -> None:
    assert set(MUTATIONS) == set(PUBLISHED["Mutation"])
    assert set(QUERIES) == set(PUBLISHED["Query"])
    for name, call in (MUTATIONS | QUERIES).items():
        _type, arguments = PUBLISHED["Mutation" if name in MUTATIONS else "Query"][name]
        assert {path.partition(".")[0] for path in call.bad} >= set(arguments) - {"resolved"}, name
