"""Who may see and do what: a matrix of everything that can be asked and of everybody who might.

Whoever may not is told so, nothing changes, nothing is sent, and no secret is in the answer.
"""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox.client.graphql import Denied, Json
from sandbox.client.staff import ERRORS, Staff
from sandbox.stage import PEOPLE
from tests.behaviour.scenes import Scene
from tests.behaviour.world import CARD, World, token_of
from tests.unit.graphql.sdl import shapes

PUBLISHED = shapes((Path(__file__).parents[2] / "graphql" / "schema.graphql").read_text())

# The order is the customer's; a foreigner is staff with every permission, in another channel.
EVERYBODY = [
    None,
    "customer",
    "stranger",
    "outsider",
    "foreigner",
    "treasurer",
    "clerk",
    "cashier",
    "admin",
    "catalogue",
    "collector",
    "back-office",
]
# Whoever manages orders, whoever handles payments, and whoever does both.
MANAGERS = {"clerk", "cashier", "admin", "collector", "back-office"}
TREASURERS = {"treasurer", "cashier", "admin", "back-office"}
BOTH = MANAGERS & TREASURERS


Scenes = Callable[[str], Scene]


@pytest.fixture(scope="module")
def refused(world: World) -> Scenes:
    """The scene of a mutation that nobody has been allowed: one for all, as nothing changes."""
    made: dict[str, Scene] = {}

    def scene(mutation: str) -> Scene:
        if mutation not in made:
            made[mutation] = CHANGES[mutation].scene(world)
        return made[mutation]

    return scene


def denied(name: str, answer: Json, *, nullable: bool = True) -> bool:
    """Whether all that was answered is that the permission is lacking."""
    (error,) = answer["errors"]
    return (
        error["extensions"]["exception"]["code"] == "PermissionDenied"
        and error["path"] == [name]
        and answer["data"] == ({name: None} if nullable else None)
    )


def holds_secret(scene: Scene, answer: Json) -> bool:
    """Whether it could be paid, or read who worked on it, with what was answered."""
    told = json.dumps(answer, default=str)
    return any(each and each in told for each in (scene.token, "data:image", "was created"))


# ---------------------------------------------------------------- mutations


@dataclass(frozen=True)
class Change:
    """A mutation: how it is asked for, who may, and how it is seen that it was done."""

    types: str
    arguments: str
    result: str
    variables: Callable[[Scene], Json]
    allowed: Collection[str | None]
    is_done: Callable[[Scene], bool]
    needs_link: bool = True
    needs_exception: bool = False

    def document(self, name: str) -> str:
        return (
            f"mutation ({self.types}) {{ {name}({self.arguments}) {{ {self.result} {ERRORS} }} }}"
        )

    def scene(self, world: World) -> Scene:
        return Scene(world, with_link=self.needs_link, with_exception=self.needs_exception)


LINK_SHOWN = "paymentLink { id url qrCode events { message } }"
ORDER_SHOWN = f"order {{ id {LINK_SHOWN} }}"
RESULTS_SHOWN = f"count results {{ {LINK_SHOWN} {ERRORS} }}"
FAR = "2999-01-01T00:00:00+00:00"


def on_link(arguments: str = "id: $id", types: str = "", **more: Any) -> dict[str, Any]:
    return {
        "types": f"$id: ID!{types}",
        "arguments": arguments,
        "result": LINK_SHOWN,
        "variables": lambda scene: {"id": scene.link, **more},
    }


def on_order(result: str, **more: Any) -> dict[str, Any]:
    return {
        "types": "$id: ID!",
        "arguments": "orderId: $id",
        "result": result,
        "variables": lambda scene: {"id": scene.order},
        **more,
    }


CHANGES = {
    "paymentLinkCreate": Change(
        **on_order(LINK_SHOWN, needs_link=False),
        allowed=MANAGERS,
        is_done=lambda scene: scene.seen["paymentLink"] is not None,
    ),
    "paymentLinkSkip": Change(
        **on_order(ORDER_SHOWN, needs_link=False),
        allowed=MANAGERS,
        is_done=lambda scene: scene.status == "SKIPPED",
    ),
    "paymentLinkSend": Change(
        **on_link(), allowed=MANAGERS, is_done=lambda scene: scene.mails == 1
    ),
    "paymentLinkExtend": Change(
        **on_link("id: $id, expiresAt: $until", ", $until: DateTime", until=FAR),
        allowed=MANAGERS,
        is_done=lambda scene: scene.seen["paymentLink"]["expiresAt"] == FAR,
    ),
    "paymentLinkRotate": Change(
        **on_link(),
        allowed=MANAGERS,
        is_done=lambda scene: scene.seen["paymentLink"]["url"] != scene.url,
    ),
    "paymentLinkRevoke": Change(
        **on_link(),
        allowed=MANAGERS,
        is_done=lambda scene: scene.seen["paymentLink"]["status"] == "REVOKED",
    ),
    # There is nothing to be found out.
    "paymentLinkSync": Change(
        **on_link(), allowed=MANAGERS, is_done=lambda scene: scene.status == "AWAITING"
    ),
    "paymentLinkMarkPaid": Change(
        **on_order(ORDER_SHOWN),
        allowed=BOTH,
        is_done=lambda scene: scene.status == "SETTLED_MANUALLY",
    ),
    "paymentLinkReject": Change(
        **on_order(ORDER_SHOWN),
        allowed=MANAGERS,
        is_done=lambda scene: scene.status == "REJECTED",
    ),
    "paymentLinkBulkCreate": Change(
        types="$ids: [ID!]!",
        arguments="orderIds: $ids",
        result=RESULTS_SHOWN,
        variables=lambda scene: {"ids": [scene.order]},
        allowed=MANAGERS,
        is_done=lambda scene: scene.seen["paymentLink"] is not None,
        needs_link=False,
    ),
    "paymentLinkBulkSend": Change(
        types="$ids: [ID!]!",
        arguments="ids: $ids",
        result=RESULTS_SHOWN,
        variables=lambda scene: {"ids": [scene.link]},
        allowed=MANAGERS,
        is_done=lambda scene: scene.mails == 1,
    ),
    "paymentExceptionResolve": Change(
        types="$id: ID!",
        arguments="id: $id, resolution: DISMISSED",
        result="paymentException { id order { id } }",
        variables=lambda scene: {"id": scene.exception},
        allowed=BOTH,
        is_done=lambda scene: (
            scene.seen["paymentCollection"]["exceptions"][0]["resolution"] == "DISMISSED"
        ),
        needs_exception=True,
    ),
    "paymentRequestPay": Change(
        types="$token: String!, $method: String!, $revision: String!",
        arguments="token: $token, method: $method, revision: $revision",
        result="redirectUrl paymentRequest { status }",
        variables=lambda scene: {
            "token": scene.token,
            "method": CARD,
            "revision": asked_of(scene)["revision"],
        },
        allowed=EVERYBODY,
        is_done=lambda scene: len(scene.seen["paymentLink"]["attempts"]) == 1,
    ),
    # Of a link that has not expired there is nothing to renew.
    "paymentRequestRenew": Change(
        types="$token: String!",
        arguments="token: $token",
        result="ok",
        variables=lambda scene: {"token": scene.token},
        allowed=EVERYBODY,
        is_done=lambda scene: scene.mails == 0,
    ),
}
# Of what lies in other channels it is said that it is not there, one by one.
BULK = {"paymentLinkBulkCreate": "orderIds", "paymentLinkBulkSend": "ids"}
CASES = [(name, person) for name in CHANGES for person in EVERYBODY]


def asked_of(scene: Scene) -> Json:
    found: Json = scene.world.person(None).graphql.ask(
        "query ($token: String!) { paymentRequest(token: $token) { revision } }",
        {"token": scene.token},
    )["paymentRequest"]
    return found


@pytest.mark.parametrize(
    ("name", "person"), [case for case in CASES if case[1] not in CHANGES[case[0]].allowed]
)
def test_whoever_may_not_changes_nothing(
    world: World, refused: Scenes, name: str, person: str | None
) -> None:
    change, scene = CHANGES[name], refused(name)

    with world.unchanged(scene.order):
        answer = world.person(person).graphql.answer(change.document(name), change.variables(scene))

    assert not holds_secret(scene, answer)
    if name in BULK and person == "foreigner":
        (result,) = answer["data"][name].pop("results")
        assert answer == {"data": {name: {"count": 0, "errors": []}}}
        (error,) = result["errors"]
        assert (result["paymentLink"], error["code"], error["field"]) == (
            None,
            "NOT_FOUND",
            BULK[name],
        )
    else:
        assert denied(name, answer)


@pytest.mark.parametrize(
    ("name", "person"), [case for case in CASES if case[1] in CHANGES[case[0]].allowed]
)
def test_whoever_may_does_it(world: World, name: str, person: str | None) -> None:
    change = CHANGES[name]
    scene = change.scene(world)

    answer = world.person(person).graphql.answer(change.document(name), change.variables(scene))

    assert "errors" not in answer
    done = answer["data"][name]
    assert done["errors"] == []
    assert [result["errors"] for result in done.get("results", [])] in ([], [[]])
    assert change.is_done(scene)


def test_the_orders_own_customer_makes_no_link_of_a_draft_either(world: World) -> None:
    draft = world.person("cashier").draft({"MUG": 1}, user="customer")

    with pytest.raises(Denied) as denial:
        world.person("customer").create_link(draft)

    assert denial.value.code == "PermissionDenied"


def test_a_foreigner_collects_in_the_channel_that_is_hers(world: World) -> None:
    order = world.order({"PLATE": 2}, channel="channel-jpy")

    link = world.person("foreigner").create_link(order)

    assert link["status"] == "ACTIVE"


# ---------------------------------------------------------------- queries


@pytest.fixture(scope="module")
def scene(world: World) -> Scene:
    """A link with an open exception. It is only looked at."""
    return Scene(world, with_exception=True)


@pytest.fixture(scope="module")
def paid_twice_over(world: World) -> None:
    """Money in two channels, of which one is the foreigner's."""
    world.pay(world.link(world.order()))
    world.pay(world.link(world.order({"PLATE": 2}, channel="channel-jpy")))


DENIED = object()


def links(scene: Scene, found: bool) -> Json:
    edges = [{"node": {"id": scene.link, "url": scene.url}}] if found else []
    return {"totalCount": len(edges), "edges": edges}


def listed_exceptions(person: Staff) -> Json:
    return person.graphql.answer(
        "{ paymentExceptions(first: 100) { edges { node { id order { id } } } } }"
    )


@pytest.mark.parametrize("person", EVERYBODY)
def test_a_link_is_looked_up_by_those_who_manage_its_order(
    world: World, scene: Scene, person: str | None
) -> None:
    answer = world.person(person).graphql.answer(
        "query ($id: ID!) { paymentLink(id: $id) { id url } }", {"id": scene.link}
    )

    if person in MANAGERS:
        assert answer == {"data": {"paymentLink": {"id": scene.link, "url": scene.url}}}
    elif person == "foreigner":
        assert answer == {"data": {"paymentLink": None}}
    else:
        assert denied("paymentLink", answer)
        assert not holds_secret(scene, answer)


@pytest.mark.parametrize("person", EVERYBODY)
def test_links_are_listed_for_those_who_manage_their_orders(
    world: World, scene: Scene, person: str | None
) -> None:
    answer = world.person(person).graphql.answer(
        """query ($number: String) { paymentLinks(first: 5, search: $number) {
          totalCount edges { node { id url } }
        } }""",
        {"number": scene.number},
    )

    if person in MANAGERS | {"foreigner"}:
        found = links(scene, found=person in MANAGERS)
        assert answer == {"data": {"paymentLinks": found}}
    else:
        assert denied("paymentLinks", answer)
        assert not holds_secret(scene, answer)


@pytest.mark.parametrize("person", EVERYBODY)
def test_exceptions_are_listed_for_those_who_may_deal_with_them(
    world: World, scene: Scene, person: str | None
) -> None:
    answer = listed_exceptions(world.person(person))

    if person in BOTH | {"foreigner"}:
        found = [edge["node"] for edge in answer["data"]["paymentExceptions"]["edges"]]
        ours = {"id": scene.exception, "order": {"id": scene.order}}
        assert (ours in found) == (person in BOTH)
        assert "errors" not in answer
    else:
        assert denied("paymentExceptions", answer)


@pytest.mark.parametrize("person", EVERYBODY)
def test_earnings_are_for_those_who_handle_payments(
    world: World, paid_twice_over: None, person: str | None
) -> None:
    answer = world.person(person).graphql.answer(
        '{ paymentEarnings(range: {gte: "2026-01-01"}) { currency series { gross { amount } } } }'
    )

    if person in TREASURERS | {"foreigner"}:
        currencies = {row["currency"] for row in answer["data"]["paymentEarnings"]}
        assert currencies == {"JPY"} if person == "foreigner" else currencies >= {"JPY", "USD"}
    else:
        assert denied("paymentEarnings", answer, nullable=False)


@pytest.mark.parametrize("person", EVERYBODY)
def test_earnings_of_a_channel_are_for_those_who_handle_its_payments(
    world: World, paid_twice_over: None, person: str | None
) -> None:
    answer = world.person(person).graphql.answer(
        """{ paymentEarnings(channel: "default-channel", range: {gte: "2026-01-01"}) {
          currency
        } }"""
    )

    if person in TREASURERS:
        assert answer == {"data": {"paymentEarnings": [{"currency": "USD"}]}}
    else:
        assert denied("paymentEarnings", answer, nullable=False)


@pytest.mark.parametrize("person", EVERYBODY)
def test_the_bearer_of_a_link_is_anybody(world: World, scene: Scene, person: str | None) -> None:
    answer = world.person(person).graphql.answer(
        "query ($token: String!) { paymentRequest(token: $token) { orderNumber } }",
        {"token": scene.token},
    )

    assert answer == {"data": {"paymentRequest": {"orderNumber": scene.number}}}


@pytest.mark.parametrize("person", EVERYBODY)
def test_of_an_order_collecting_is_seen_by_staff_and_the_link_by_its_customer_too(
    world: World, scene: Scene, person: str | None
) -> None:
    answer = world.person(person).graphql.answer(
        """query ($id: ID!) { order(id: $id) {
          paymentCollection { links { id url } exceptions { id } } paymentLink { id url }
        } }""",
        {"id": scene.order},
    )

    link = {"id": scene.link, "url": scene.url}
    collection = {"links": [link], "exceptions": [{"id": scene.exception}]}
    seen = {
        "paymentCollection": collection if person in MANAGERS else None,
        "paymentLink": link if person in MANAGERS | {"customer"} else None,
    }
    assert answer == {"data": {"order": seen}}


# ---------------------------------------------------------------- restricted fields

# What the order's customer may see of the link, and what only they who manage orders see.
FIELDS = {
    "PaymentLink": """id order { id } status url qrCode amountDue { amount }
        requestedAmount { amount } amountPaid { amount } message expiresAt createdAt firstOpenedAt
        lastOpenedAt lastSentAt nextReminderAt attempts { id }""",
    "PaymentAttempt": """id provider method status amount { amount } providerReference createdAt
        resolvedAt""",
}
STAFFS = {
    "PaymentLink": {"createdBy", "events"},
    "PaymentAttempt": {"providerUrl", "failureReason"},
}


def restricted(link: Json) -> Json:
    return {
        "createdBy": link["createdBy"],
        "events": [each["type"] for each in link["events"]],
        "attempts": [
            (each["status"], each["failureReason"], each["providerUrl"])
            for each in link["attempts"]
        ],
    }


@pytest.fixture(scope="module")
def tried(world: World) -> Scene:
    """A link over which the customer could not pay at first, and then did."""
    scene = Scene(world)
    world.simulator.decline(world.begin({"url": scene.url}))
    assert world.simulator.settle()
    world.pay({"url": scene.url})
    return scene


@pytest.mark.parametrize("person", sorted(MANAGERS | {"customer"}))
def test_what_staff_did_and_the_provider_said_is_for_staff(
    world: World, tried: Scene, person: str
) -> None:
    link = world.person(person).graphql.ask(
        """query ($id: ID!) { order(id: $id) { paymentLink {
          url qrCode createdBy { email } events { type }
          attempts { status providerUrl failureReason }
        } } }""",
        {"id": tried.order},
    )["order"]["paymentLink"]

    assert link["url"] == tried.url
    assert link["qrCode"].startswith("data:image/svg+xml")
    if person == "customer":
        assert restricted(link) == {
            "createdBy": None,
            "events": [],
            "attempts": [("PAID", None, None)],
        }
    else:
        (session,) = world.sessions({"url": tried.url})
        payment = f"https://dashboard.stripe.com/test/payments/{session['payment_intent']}"
        # As everywhere in Saleor: staff are shown to themselves and to whoever manages staff.
        maker = {"email": PEOPLE["cashier"].email} if person in ("cashier", "admin") else None
        assert restricted(link) == {
            "createdBy": maker,
            "events": ["CREATED", "OPENED", "ATTEMPT_STARTED", "ATTEMPT_FAILED", "PAID"],
            "attempts": [("PAID", "Your card was declined.", payment)],
        }


@pytest.mark.parametrize("person", sorted(MANAGERS | {"customer"}))
@pytest.mark.parametrize("type_name", FIELDS)
def test_what_the_customer_may_see_is_the_same_for_all(
    world: World, tried: Scene, type_name: str, person: str
) -> None:
    fields = FIELDS[type_name]
    asked = fields if type_name == "PaymentLink" else f"attempts {{ {fields} }}"
    document = f"query ($id: ID!) {{ order(id: $id) {{ paymentLink {{ {asked} }} }} }}"

    seen = world.person(person).graphql.answer(document, {"id": tried.order})

    assert seen == world.person("cashier").graphql.answer(document, {"id": tried.order})
    assert "errors" not in seen


# ---------------------------------------------------------------- the matrix is whole


def test_every_mutation_has_its_row() -> None:
    assert set(CHANGES) == set(PUBLISHED["Mutation"])


def test_every_query_has_its_row() -> None:
    rows = {"paymentLink", "paymentLinks", "paymentExceptions", "paymentEarnings", "paymentRequest"}
    assert set(PUBLISHED["Query"]) == rows
    assert set(PUBLISHED["Order"]) == {"paymentCollection", "paymentLink"}


@pytest.mark.parametrize("type_name", FIELDS)
def test_of_every_field_it_is_said_who_may_see_it(type_name: str) -> None:
    names = {name for name in PUBLISHED[type_name] if not name.startswith("implements ")}
    assert names - set(FIELDS[type_name].split()) == STAFFS[type_name]


def test_the_secret_of_a_link_is_in_no_history(world: World, cashier: Staff) -> None:
    order = world.order()
    link = cashier.create_link(order, send=True)
    world.pay(link)

    seen = cashier.order(order)
    public = world.person(None).graphql.ask(
        "query ($id: ID!) { order(id: $id) { metadata { key value } } }", {"id": order}
    )
    for place in (seen["events"], seen["transactions"], seen["paymentLink"]["events"], public):
        assert token_of(link) not in str(place)
