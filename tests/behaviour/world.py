"""The stage as the tests play on it."""

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import requests

from saleor_paylink import brand, conf
from sandbox.client.customer import Browser, Page
from sandbox.client.graphql import Json
from sandbox.client.mails import Mails
from sandbox.client.staff import Staff
from sandbox.stage import Stage
from sandbox.stripe.client import SimulatorClient

CARD = "stripe:card"
MUGS = {"MUG": 2}
MORE_THAN_ANYBODY_TRIES = 20
NOWHERE = "00000000-0000-4000-8000-000000000000"


def money(amount: str, currency: str = "USD") -> Json:
    return {"amount": Decimal(amount), "currency": currency}


def global_id(type_name: str, local: str = NOWHERE) -> str:
    """As clients name a thing, by default one that there is not."""
    return base64.b64encode(f"{type_name}:{local}".encode()).decode()


class World:
    """A stage, the people on it and what they do most often."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.simulator = SimulatorClient(stage.simulator_url)
        self.mails = Mails(stage.mailbox_url)
        self._people: dict[str | None, Staff] = {}

    def person(self, key: str | None) -> Staff:
        """Somebody of PEOPLE, logged in, or one of APPS; None: nobody."""
        if key not in self._people:
            self._people[key] = Staff(self.stage, key)
        return self._people[key]

    def order(self, lines: Mapping[str, int] = MUGS, **whose: Any) -> str:
        """A completed order, by default two mugs for 25.00 USD; `whose` as in Staff.draft."""
        cashier = self.person("cashier")
        order = cashier.draft(lines, **whose)
        cashier.complete(order)
        return order

    def link(self, order: str, **terms: object) -> Json:
        return self.person("cashier").create_link(order, **terms)

    def page(self, link: Json) -> Page:
        """The payment page as a person sees it."""
        return Browser().open(link["url"])

    def begin(self, link: Json, **changes: str) -> str:
        """The customer clicks Pay; answers the session at Stripe that it leads to."""
        form = self.page(link).pay_form
        assert form is not None
        answer = Browser().submit(form, **changes)
        assert answer.status == 303
        assert answer.location is not None
        return answer.location.rsplit("/", 1)[1]

    def begin_slowly(self, link: Json) -> str:
        """As `begin`, by a method whose money arrives days later."""
        with self.settings("default-channel", values={"stripe-methods": "card us_bank_account"}):
            return self.begin(link, method="stripe:us_bank_account")

    def pay(self, link: Json) -> str:
        """The customer pays, and the webhook has arrived; answers the session."""
        session = self.begin(link)
        self.simulator.pay(session)
        assert self.simulator.settle()
        return session

    def sessions(self, link: Json) -> list[Json]:
        """The sessions at Stripe that were opened from a link, oldest first."""
        return [
            session
            for session in self.simulator.sessions()
            if token_of(link) in session["success_url"]
        ]

    def session(self, session_id: str) -> Json:
        (found,) = [each for each in self.simulator.sessions() if each["id"] == session_id]
        return found

    def state(self, order: str) -> Json:
        """All that can be seen of an order from anywhere."""
        seen = self.person("cashier").order(order)
        link = seen["paymentLink"]
        return {
            "order": seen,
            "sessions": self.sessions(link) if link else [],
            "copies": len(self.mails.copies(seen["number"])),
            "asked to pay": len(self.mails.requests(seen["number"])),
            "receipts": len(self.mails.receipts(seen["number"])),
        }

    @contextmanager
    def unchanged(self, order: str) -> Iterator[None]:
        """What is done meanwhile must leave the order exactly as it is."""
        before = self.state(order)
        yield
        assert self.simulator.settle()
        assert self.state(order) == before

    @contextmanager
    def provider_down(self, path: str = "/v1/checkout/sessions") -> Iterator[None]:
        """Nothing can be made meanwhile at that path of Stripe's: by default, no session."""
        self.simulator.add_fault("POST", path, "rate_limit_429", times=MORE_THAN_ANYBODY_TRIES)
        try:
            yield
        finally:
            # What is left of the fault is used up, or it would meet the next test.
            url, key = self.stage.simulator_url + path, ("sk_test_nobody", "")
            while requests.post(url, auth=key, timeout=60).status_code == 429:
                pass

    def hand_over(self, order: str) -> None:
        """Staff fulfill the whole order."""
        self.person("cashier").fulfill(order, self._warehouse())

    def _warehouse(self) -> str:
        """The sandbox has one warehouse, of any id."""
        if self.stage.shop == "sandbox":
            return "V2FyZWhvdXNlOjE="
        asked = "{ warehouses(first: 1) { edges { node { id } } } }"
        found = self.person("cashier").graphql.ask(asked)["warehouses"]["edges"]
        warehouse: str = found[0]["node"]["id"]
        return warehouse

    def sweep(self) -> None:
        """Let paylink's sweeper go round."""
        self._control("sweep", {})

    def expire(self) -> None:
        """Let the shop expire its orders."""
        self._control("expire", {})

    @contextmanager
    def later(self, **ahead: int) -> Iterator[None]:
        """What is done meanwhile is done so much later, by the shop's clock."""
        seconds = int(timedelta(**ahead).total_seconds())
        self._control("clock", {"ahead": seconds})
        try:
            yield
        finally:
            self._control("clock", {"ahead": 0})

    @contextmanager
    def settings(self, channel: str, **change: object) -> Iterator[None]:
        """Change the plugin's settings of a channel for a while: `active`, or those `values`
        that USUAL has."""
        self._control("settings", {"channel": channel, **change})
        try:
            yield
        finally:
            self._control("settings", {"channel": channel, **USUAL})

    @contextmanager
    def logged(self) -> Iterator[list[str]]:
        """What the shop's process logs meanwhile, at every level; to be read afterwards."""
        lines: list[str] = []
        self._control("log", {"on": True})
        try:
            yield lines
        finally:
            lines += self._control("log", {"on": False})["lines"]

    def _control(self, name: str, body: Json) -> Json:
        answer = requests.post(f"{self.stage.shop_url}/_stage/{name}", json=body, timeout=120)
        answer.raise_for_status()
        done: Json = answer.json()
        return done


USUAL: Json = {
    "active": True,
    "values": {
        "stripe-methods": "card",
        "shop-name": "",
        "automatic-refunds": "",
        **{field.name: "" for field in brand.FIELDS},
        conf.REMINDER_DAYS: conf.DEFAULTS[conf.REMINDER_DAYS],
        conf.REMINDER_HOURS: "9-20",
    },
}


def token_of(link: Json) -> str:
    """The secret in a link's URL."""
    token: str = link["url"].rstrip("/").rsplit("/", 1)[1]
    return token
