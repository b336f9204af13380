"""What the domain's tests do and look at."""

import json
import time
from dataclasses import dataclass
from uuid import UUID

from saleor_paylink.links import bearer, paying, tokens
from saleor_paylink.links.offers import order_completed
from saleor_paylink.links.webhooks import receive
from saleor_paylink.models import PaymentLink
from saleor_paylink.shop import Actor, ActorKind, current_shop
from sandbox.shop.models import Order
from sandbox.stripe import Simulator
from sandbox.stripe.deliveries import signature

KEY = "sk_test_unit"
SECRET = "whsec_unit"
CARD = "stripe:card"
SLOW = "stripe:us_bank_account"
CLERK = Actor(ActorKind.USER, "1", "clerk@example.com")


def offer(order: Order, actor: Actor | None = CLERK) -> None:
    """What follows when the order was just completed by `actor`."""
    order_completed(order.id, current_shop().channel_settings(order.channel.slug), actor)


@dataclass
class Customer:
    """Who holds a link."""

    link: PaymentLink

    @property
    def token(self) -> str:
        token = tokens.token_of(self.link)
        assert token is not None
        return token

    def page(self) -> bearer.PaymentRequestView:
        view = bearer.payment_request(self.token)
        assert view is not None
        return view

    def begin(self, method: str = CARD, revision: str | None = None) -> str:
        """Click Pay, on the page as it is now unless `revision` is that of an older one."""
        if revision is None:
            revision = self.page().revision
        return paying.begin(self.token, method, revision)

    def session(self, method: str = CARD) -> str:
        """Click Pay, and the session that one lands in."""
        return session_of(self.begin(method))


def session_of(url: str) -> str:
    return url.rsplit("/", 1)[1]


def webhooks(simulator: Simulator) -> list[tuple[dict[str, str], bytes]]:
    """Every event so far as the webhook that tells of it, oldest first."""
    answer = simulator.request("GET", "/v1/events", (("limit", "100"),), key=KEY)
    bodies = [json.dumps(event).encode() for event in reversed(answer.body["data"])]
    now = int(time.time())
    return [({"Stripe-Signature": signature(body, SECRET, now)}, body) for body in bodies]


def deliver_all(simulator: Simulator) -> None:
    """Let every webhook so far arrive."""
    for headers, body in webhooks(simulator):
        receive("stripe", "shop", headers, body)


def status_of(order_id: UUID) -> str:
    """The order's status in the shop."""
    return str(Order.objects.get(id=order_id).status)


def asked_of(simulator: Simulator, path: str = "/v1/checkout/sessions") -> int:
    """How often a path of Stripe was posted to."""
    return sum(r["method"] == "POST" and r["path"] == path for r in simulator.requests())
