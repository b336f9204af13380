"""Whoever tries too often is stopped, and nobody learns anything about tokens."""

import re
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe

import pytest

from sandbox.client.customer import Browser, Page, somewhere
from sandbox.client.graphql import Json, Refused
from sandbox.client.staff import Staff
from tests.behaviour.storefront import Storefront
from tests.behaviour.world import CARD, World, token_of

CLICKS = 20
CLICKS_OF_AN_ADDRESS = 300
RENEWALS = 3
MINUTES_A_TEST_TAKES = 3


@pytest.fixture(autouse=True)
def _within_an_hour(world: World) -> Iterator[None]:
    """Tries are counted by the hours of the shop's clock: no test may run into the next."""
    left = 60 - datetime.now(UTC).minute
    with world.later(minutes=left) if left <= MINUTES_A_TEST_TAKES else nullcontext():
        yield


def in_hours(hours: int) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


def click(url: str, address: str = "", **fields: str) -> Page:
    """A click on Pay by somebody who comes from elsewhere each time. By default it asks for a
    way to pay that is none, and so opens no session."""
    return Browser(address=address).post(url, {"method": "nonsense", **fields})


def fields_of(world: World, link: Json) -> dict[str, str]:
    form = world.page(link).pay_form
    assert form is not None
    return form.fields


def refusal_of(world: World, token: str) -> tuple[str, str | None, str]:
    """Code, field and message of a click on Pay in a storefront."""
    with pytest.raises(Refused) as refusal:
        Storefront(world.stage).pay(token, method="nonsense")
    return refusal.value.code, refusal.value.field, refusal.value.message


def seen(page: Page) -> tuple[int, str, dict[str, str]]:
    """All of an answer that a token could show in."""
    headers = {name: value for name, value in page.headers.items() if name != "date"}
    return page.status, page.html, headers


# ---------------------------------------------------------------- clicks on Pay


def test_the_21st_click_on_a_link_is_refused_and_does_nothing(world: World) -> None:
    order = world.order()
    link = world.link(order)
    fields = fields_of(world, link)
    answers = [click(link["url"], **fields) for _click in range(CLICKS)]
    assert {answer.status for answer in answers} == {303}
    assert len(world.sessions(link)) == 1

    with world.unchanged(order):
        refused = click(link["url"], **fields)

    assert (refused.status, refused.heading) == (429, "Too many tries")
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    assert refused.location is None
    assert "no-store" in refused.headers["cache-control"]


def test_a_link_that_is_clicked_too_often_can_still_be_looked_at(world: World) -> None:
    link = world.link(world.order())
    for _click in range(CLICKS + 1):
        click(link["url"])

    page = world.page(link)

    assert (page.status, page.pay_form is not None) == (200, True)
    assert Storefront(world.stage).request(token_of(link)) is not None


def test_in_a_storefront_too_the_21st_click_is_refused_and_does_nothing(world: World) -> None:
    order = world.order()
    link = world.link(order)
    storefront = Storefront(world.stage)
    with world.unchanged(order):
        codes = [refusal_of(world, token_of(link))[0] for _click in range(CLICKS - 1)]
    assert codes == ["METHOD_UNAVAILABLE"] * (CLICKS - 1)
    assert storefront.pay(token_of(link))["redirectUrl"]

    with world.unchanged(order), pytest.raises(Refused) as refusal:
        storefront.pay(token_of(link))

    assert (refusal.value.code, refusal.value.field) == ("RATE_LIMITED", None)
    assert refusal.value.message.startswith("It was tried too often, so nothing was done.")
    assert len(world.sessions(link)) == 1


def test_clicks_on_the_page_and_in_a_storefront_are_counted_together(world: World) -> None:
    order = world.order()
    link = world.link(order)
    fields = fields_of(world, link)
    with world.unchanged(order):
        assert {click(link["url"]).status for _click in range(CLICKS - 1)} == {409}
        assert refusal_of(world, token_of(link))[0] == "METHOD_UNAVAILABLE"

        assert click(link["url"], **fields).status == 429
        assert refusal_of(world, token_of(link))[0] == "RATE_LIMITED"


def test_when_the_hour_is_over_the_link_can_be_paid_again(world: World) -> None:
    link = world.link(world.order(), expiresAt=in_hours(6))
    fields = fields_of(world, link)
    for _click in range(CLICKS):
        click(link["url"])
    assert click(link["url"], **fields).status == 429

    with world.later(hours=2):
        assert click(link["url"], **fields).status == 303


def test_whoever_comes_from_one_address_is_stopped_whatever_they_claim(world: World) -> None:
    address, link = somewhere(), world.link(world.order())
    unknown = world.stage.plugin_url("default-channel", "pay/unknown {}/")
    statuses = [
        click(unknown.format(n), address=f"{somewhere()}, {address}").status
        for n in range(CLICKS_OF_AN_ADDRESS + 1)
    ]
    assert statuses == [404] * CLICKS_OF_AN_ADDRESS + [429]

    fields = fields_of(world, link)
    assert click(link["url"], address=address, **fields).status == 429
    assert world.sessions(link) == []
    assert click(link["url"], **fields).status == 303


# ---------------------------------------------------------------- renewals


def test_the_fourth_renewal_of_a_link_is_refused_and_sends_nothing(world: World) -> None:
    order = world.order()
    link = world.link(order, expiresAt=in_hours(1))
    renew = f"{link['url']}renew"
    with world.later(hours=2):
        for _renewal in range(RENEWALS):
            assert Browser().post(renew, {}).status == 200

        with world.unchanged(order):
            refused = Browser().post(renew, {})
            with pytest.raises(Refused) as refusal:
                Storefront(world.stage).renew(token_of(link))

    assert (refused.status, refused.heading) == (429, "Too many tries")
    assert (refusal.value.code, refusal.value.field) == ("RATE_LIMITED", None)


# ---------------------------------------------------------------- what tokens tell


def never_was() -> str:
    """The token of no link at all."""
    return token_urlsafe(32)


def dead_links(world: World, cashier: Staff) -> dict[str, str]:
    """The URL of a page of each kind that must not be told from one that never was."""
    revoked, rotated, alive = (world.link(world.order()) for _each in range(3))
    cashier.revoke_link(revoked["id"])
    cashier.rotate_link(rotated["id"])
    of_alive = token_of(alive)
    return {
        "malformed": alive["url"].replace(of_alive, "nonsense"),
        "too long": alive["url"].replace(of_alive, f"{of_alive}A"),
        "in other letters": alive["url"].replace(of_alive, of_alive.swapcase()),
        "another channel's": world.stage.plugin_url("channel-eur", f"pay/{of_alive}/"),
        "revoked": revoked["url"],
        "rotated": rotated["url"],
    }


def differences(url: str) -> list[tuple[str, str]]:
    """The requests by which a link can be told from one that never was."""
    token = url.rstrip("/").rsplit("/", 1)[1]
    unknown = url.replace(token, never_was())
    return [
        (method, path)
        for method in ("GET", "HEAD", "POST", "PUT")
        for path in ("", "return", "return?attempt=nonsense", "renew", "nonsense")
        if seen(send(method, url + path)) != seen(send(method, unknown + path))
    ]


def send(method: str, url: str) -> Page:
    return (
        click(url, method=CARD, revision="1") if method == "POST" else Browser().open(url, method)
    )


def test_no_page_tells_a_token_that_was_from_one_that_never_was(
    world: World, cashier: Staff
) -> None:
    for kind, url in dead_links(world, cashier).items():
        assert differences(url) == [], kind


def test_the_page_of_a_link_that_lives_is_told_from_one_that_never_was(world: World) -> None:
    assert ("GET", "") in differences(world.link(world.order())["url"])


def test_where_the_plugin_is_off_no_page_tells_a_token_from_one_that_never_was(
    world: World,
) -> None:
    link = world.link(world.order())

    with world.settings("default-channel", active=False):
        assert differences(link["url"]) == []


def test_unknown_tokens_are_stopped_as_those_of_links_are(world: World, cashier: Staff) -> None:
    revoked = world.link(world.order())
    alive = world.link(world.order())
    cashier.revoke_link(revoked["id"])
    unknown = alive["url"].replace(token_of(alive), never_was())

    answers = {
        url: [click(url) for _click in range(CLICKS + 2)]
        for url in (unknown, revoked["url"], alive["url"])
    }

    statuses = {url: [answer.status for answer in got] for url, got in answers.items()}
    assert statuses[unknown] == statuses[revoked["url"]] == [404] * CLICKS + [429] * 2
    assert statuses[alive["url"]] == [409] * CLICKS + [429] * 2
    # How long to wait is told by the minute, and may change from one to the next.
    assert len({re.sub(r"\d+ minutes?", "", answers[url][-1].html) for url in answers}) == 1


def test_in_a_storefront_unknown_tokens_are_stopped_as_those_of_links_are(world: World) -> None:
    unknown, known = never_was(), token_of(world.link(world.order()))
    codes = {
        token: [refusal_of(world, token)[0] for _click in range(CLICKS)]
        for token in (unknown, known)
    }
    assert codes[unknown] == ["NOT_FOUND"] * CLICKS
    assert codes[known] == ["METHOD_UNAVAILABLE"] * CLICKS

    refusals = {refusal_of(world, token) for token in (unknown, known)}

    assert [refusal[:2] for refusal in refusals] == [("RATE_LIMITED", None)]


def test_a_storefront_is_told_the_same_of_every_token_that_is_none(
    world: World, cashier: Staff
) -> None:
    urls = dead_links(world, cashier)
    del urls["another channel's"]
    tokens = [never_was(), *(token_of({"url": url}) for url in urls.values())]

    refusals = {refusal_of(world, token) for token in tokens}

    assert [refusal[:2] for refusal in refusals] == [("NOT_FOUND", "token")]
    assert [Storefront(world.stage).request(token) for token in tokens] == [None] * len(tokens)
    assert all(Storefront(world.stage).renew(token)["ok"] for token in tokens)
