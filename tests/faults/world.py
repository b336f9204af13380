"""The simulated world: a shop on Postgres, Stripe, a broker and their one clock, from a seed.

One thread plays all of it and nothing is left to chance: time is virtual, ids come from the
seed, and the same seed tells the same story to the letter.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.test import override_settings
from django.utils import timezone
from stripe import http_client

from saleor_paylink.failures import Failed
from saleor_paylink.links import taking
from saleor_paylink.links.bearer import PaymentRequestView
from saleor_paylink.links.channels import follow_names
from saleor_paylink.links.errors import LinkError
from saleor_paylink.models import PaymentLink
from saleor_paylink.providers.interface import BadSignature, ProviderError
from saleor_paylink.providers.stripe import provider as stripe_provider
from saleor_paylink.providers.stripe import snapshots as stripe_snapshots
from saleor_paylink.shop import LinkNews
from sandbox.shop import books, hooks, listeners
from sandbox.shop.models import App, Channel, ProductVariant
from sandbox.stripe import Clock, NotPossible, Simulator, StripeError
from sandbox.stripe.deliveries import Delivery
from tests.faults.faults import Faults, Killed
from tests.faults.wires import Broker, Ear, wire_mail, wire_provider, wired_database

KEY = "sk_test_faults"
SECRET = "whsec_faults"
ENDPOINT = "confirming"
CHANNELS = (
    # Slug, currency, whether it confirms by itself, minutes to expiry, methods, days of a link,
    # what is refunded by itself.
    ("confirming", "USD", True, None, "card us_bank_account", "", ""),
    ("holding", "EUR", False, None, "card sepa_debit", "1", ""),
    ("expiring", "USD", False, 60, "card us_bank_account", "", "duplicate late"),
)
# What is added to the name of a channel, or taken away again.
SUFFIX = "-renamed"
VARIANTS = (("MUG", "12.50"), ("PLATE", "30"))
STOCK = 60
# Of paylink's own limits: an import has many batches, and what was not heard of grows old soon.
BATCH = 5
UNSEEN_FOR = timedelta(hours=3)
CHECKOUT_MAY_TAKE = timedelta(hours=1)
HOOK_LOST = 0.15
TICK = timedelta(milliseconds=1)
REFUSALS = (
    BadSignature,
    Failed,
    LinkError,
    NotPossible,
    ProviderError,
    StripeError,
    ValidationError,
)


class Time:
    """The one clock. Every look at it takes a moment: no two things happen at once."""

    def __init__(self) -> None:
        self._now = datetime(2030, 1, 1, 12, tzinfo=UTC)

    def now(self, tz: object = None) -> datetime:
        self._now += TICK
        return self._now

    def timestamp(self) -> float:
        return self.now().timestamp()

    def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)

    def install(self, patch: pytest.MonkeyPatch, random: Random) -> None:
        """Be the time of Django and of all that asks for it, of Stripe's library and of ours."""
        patch.setattr(timezone, "datetime", _datetime_of(self))
        patch.setattr(stripe_snapshots, "datetime", _datetime_of(self))
        patch.setattr(stripe_provider, "time", SimpleNamespace(time=self.timestamp))
        sleeping = SimpleNamespace(time=self.timestamp, sleep=self.sleep)
        patch.setattr(http_client, "time", sleeping)
        patch.setattr(http_client, "random", random)


def _datetime_of(time: Time) -> type[datetime]:
    """Models have taken `timezone.now` for their default: what that one asks is replaced."""

    class Datetime(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return time.now()

    return Datetime


class Act(NamedTuple):
    """Something somebody is about to do: how it is told, doing it, and what it counts as."""

    sentence: str
    do: Callable[[], Any]
    counts_as: str = ""


class Tab(NamedTuple):
    """A browser tab with a provider's page. `link_id` None: nobody here sent the customer."""

    session: str
    link_id: UUID | None = None


class Numbered(NamedTuple):
    """A line of the shop's books that has its number, and is not committed yet."""

    number: int
    channel_id: int
    amount: Decimal
    at: datetime


class World:
    """All that there is. `step` lets somebody do something; `story` tells what happened."""

    def __init__(self, seed: int, choose: Callable[["World"], Act]) -> None:
        self.random = Random(seed)
        self.time = Time()
        # How often what happened: steps, deaths, failures.
        self.tally: Counter[str] = Counter()
        # Commits so far.
        self.commits = 0
        self.faults = Faults(self.random, self.step, self.tally)
        self.simulator = Simulator(Clock(self.time.timestamp), seed=seed)
        self.simulator.add_endpoint("https://shop.example/hook", SECRET, KEY)
        self.story: list[str] = []
        self.complaints: list[str] = []
        # Steps that plugins were told of, oldest first.
        self.announced: list[LinkNews] = []
        # Webhooks on their way; none arrives but by a step.
        self.mailbag: list[Delivery] = []
        # Events that Stripe was told we have.
        self.taken: dict[str, dict[str, Any]] = {}
        self.tabs: list[Tab] = []
        # Those in which the page said that it is over.
        self.dead_tabs: set[Tab] = set()
        # Each link's page as it was last looked at.
        self.pages: dict[UUID, PaymentRequestView] = {}
        # Tokens of links that have got another URL since.
        self.old_tokens: list[tuple[str, PaymentLink]] = []
        # Orders that staff confirmed, or marked as paid in the shop, by hand.
        self.confirmed_by_hand: set[UUID] = set()
        # Long transactions.
        self.uncommitted: list[Numbered] = []
        # The channels in which money was taken at checkouts, by transaction: shops forget them.
        self.checkout_channels: dict[UUID, int] = {}
        # Up to which line only an import finds what was not heard of; None: paylink has not looked.
        self.history_ends: int | None = None
        # What lasts until the world ends.
        self.site = ExitStack()
        self.seed = seed
        self._choose = choose

    @contextmanager
    def running(self) -> Iterator[None]:
        """The program runs in this world."""
        with pytest.MonkeyPatch.context() as patch:
            ids = Random(self.seed)
            patch.setattr(uuid, "os", SimpleNamespace(urandom=ids.randbytes))
            self.time.install(patch, ids)
            patch.setattr(taking, "BATCH", BATCH)
            patch.setattr(taking, "UNSEEN_FOR", UNSEEN_FOR)
            patch.setattr(books, "CHECKOUT_MAY_TAKE", CHECKOUT_MAY_TAKE)
            money_moved = hooks.money_moved
            patch.setattr(hooks, "money_moved", lambda line: self.tell(partial(money_moved, line)))
            _open_shop()
            # As the sweeper does in its first minute: of what was called otherwise before nobody
            # knows.
            follow_names()
            self.broker = Broker(patch, self.faults)
            wire_mail(patch, self.faults)
            patch.setattr(listeners, "listeners", [self._hear])
            wire_provider(patch, self.faults, self.simulator, self.complain)
            with (
                Ear(self.complain).listening(),
                wired_database(patch, self.faults, self._count_commit),
                self.site,
            ):
                yield

    def _hear(self, event: str, about: LinkNews | UUID) -> None:
        """A plugin, in which the process can die before and after it has heard."""
        self.faults.may_die(f"before {event}")
        if isinstance(about, LinkNews):
            self.announced.append(about)
            self.tally[event] += 1
        self.faults.may_die(f"after {event}")

    def tell(self, hook: Callable[[], object]) -> None:
        """What the shop tells paylink, and sometimes does not."""
        if self.faults.happens(HOOK_LOST):
            self.tally["hooks lost"] += 1
        else:
            hook()

    def move_to(self, zone: str) -> None:
        """The site's time zone is another one from now on, which may show at once."""
        self.commits += 1
        self.site.enter_context(override_settings(TIME_ZONE=zone))

    def _count_commit(self) -> None:
        self.commits += 1

    def step(self) -> None:
        """Somebody does something, and may die of it."""
        self.play(self._choose(self))

    def play(self, act: Act) -> None:
        """Let it be done, and tell of it."""
        self.tally["steps"] += 1
        self.time.sleep(self.random.randint(0, 5))
        place = self._tell(act.sentence)
        with self.faults.life():
            outcome = self._outcome(act)
        self.story[place] += f" -> {outcome}"
        self.collect_mail()

    def _outcome(self, act: Act) -> str:
        try:
            outcome = str(act.do() or "done")
        except Killed as death:
            self.tally["deaths"] += 1
            return f"died {death}"
        except REFUSALS as refusal:
            self.tally["refusals"] += 1
            return f"refused: {getattr(refusal, 'code', None) or refusal}"
        if act.counts_as:
            self.tally[act.counts_as] += 1
        return outcome

    def _tell(self, sentence: str) -> int:
        indent = "    " * self.faults.at_work
        self.story.append(f"{self.time.now():%d %H:%M:%S} {indent}{sentence}")
        return len(self.story) - 1

    def complain(self, text: str) -> None:
        """Something is as it must never be."""
        if text not in self.complaints:
            self.complaints.append(text)
            self._tell(f"!! {text}")

    def collect_mail(self) -> None:
        """Take what the simulator has to send."""
        while (delivery := self.simulator.next_delivery()) is not None:
            self.mailbag.append(delivery)

    def listed(self, path: str, *expand: str) -> list[dict[str, Any]]:
        """All of Stripe's objects of a kind, as its API lists them."""
        params = (("limit", "100"), *(("expand[]", each) for each in expand))
        answer = self.simulator.request("GET", f"/v1/{path}", params, key=KEY)
        assert answer.status == 200, answer.body
        assert not answer.body["has_more"]
        return list(answer.body["data"])

    def sessions_processing(self) -> list[str]:
        """Sessions whose payment is on its way."""
        late = {i["id"] for i in self.listed("payment_intents") if i["status"] == "processing"}
        return [s["id"] for s in self.simulator.sessions() if s["payment_intent"] in late]


def _open_shop() -> None:
    App.objects.create(name="A payment app", token="token-of-the-app")
    for slug, currency, confirms, minutes, methods, days, refunded in CHANNELS:
        Channel.objects.create(
            slug=slug,
            currency=currency,
            auto_confirm=confirms,
            expire_after_minutes=minutes,
            plugin_active=True,
            plugin_values={
                "stripe-secret-key": KEY,
                "stripe-webhook-secret": SECRET,
                "stripe-methods": methods,
                "link-lifetime-days": days,
                "automatic-refunds": refunded,
                # Nothing waits for the morning, which may never come.
                "reminder-hours": "0-24",
            },
        )
    for sku, price in VARIANTS:
        ProductVariant.objects.create(
            sku=sku, product_name=sku.title(), name=sku, price=price, stock=STOCK
        )
