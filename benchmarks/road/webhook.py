"""Stripe posts an event, beside a bare webhook that verifies it and inserts a row."""

import json
import time
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from benchmarks.figures import Findings
from benchmarks.road import peers, plugins, telling
from benchmarks.road.orders import STAFF, TWO_LINES, draft
from benchmarks.road.rounds import Request, Variant, Wrong, ask, compare, sent
from saleor_paylink.links import webhooks
from saleor_paylink.models import ProviderEvent
from saleor_paylink.providers.stripe.webhooks import signed
from saleor_paylink.saleor.paths import webhook_path
from sandbox.stage import STRIPE_WEBHOOK_SECRET
from tests.saleor.client import Api
from tests.saleor.customer import begin, session_of
from tests.saleor.orders import COMPLETE, global_id, link_of

MOST_QUERIES = 4

WHAT = "the webhook's answer"
NEW, REPEATED, PEER = "new event", "repeated event", "a bare webhook: verify, insert one row"
Json = dict[str, object]


def measure(findings: Findings, rounds: int) -> None:
    """Raises Wrong."""
    session = _session()
    ours, bare = webhook_path("default-channel", "stripe"), reverse("bare-webhook")
    old = _event(session)
    _check(ask(Client(), _post(ours, old)))
    # The work on it is done by the time that Stripe repeats it.
    webhooks.process(ProviderEvent.objects.get(event_id=old["id"]).pk)
    found = compare(
        {
            NEW: Variant(lambda: _post(ours, _event(session)), _check, plugins.WITH),
            REPEATED: Variant(lambda: _post(ours, old), _check, plugins.WITH),
            PEER: Variant(lambda: _post(bare, _event(session)), _check, plugins.WITHOUT),
        },
        rounds,
    )
    _check_stored({"stripe": sent(rounds) + 1, peers.NAME: sent(rounds)})
    for name in (NEW, REPEATED):
        what = f"{WHAT}, {name}"
        findings.add(
            telling.queries(what, found[name], found[PEER], PEER, most=MOST_QUERIES),
            telling.tasks(what, found[name], found[PEER], PEER),
            *telling.times(what, found[name], found[PEER], PEER),
        )


def _session() -> Json:
    """A session that a customer has opened, as Stripe shows it."""
    order = draft("default-channel", TWO_LINES)
    Api(STAFF).do(COMPLETE, id=global_id(order))
    return session_of(begin(link_of(order)))


def _event(session: Json) -> Json:
    return {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "type": "checkout.session.completed",
        "livemode": False,
        "created": int(time.time()),
        "data": {"object": session},
    }


def _post(path: str, event: Json) -> Request:
    body = json.dumps(event, indent=2).encode()
    signature = signed(body, STRIPE_WEBHOOK_SECRET, time.time())
    return Request(path, body, headers={"Stripe-Signature": signature})


def _check(answer: HttpResponse) -> None:
    if answer.status_code != 200:
        raise Wrong(f"A webhook answered {answer.status_code}: {answer.content[:500]!r}")


def _check_stored(wanted: dict[str, int]) -> None:
    stored = {
        provider: ProviderEvent.objects.filter(provider=provider).count() for provider in wanted
    }
    failed = ProviderEvent.objects.filter(status=ProviderEvent.Status.FAILED).count()
    if stored != wanted or failed:
        raise Wrong(f"{stored} events are stored ({failed} failed), instead of {wanted}.")
