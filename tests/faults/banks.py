"""What happens at banks, at Stripe, and in the merchant's Stripe Dashboard."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from saleor_paylink.links.channels import shop_id
from saleor_paylink.links.orphans import shop_mark
from saleor_paylink.links.settlement import provider_for
from saleor_paylink.models import PaymentAttempt
from saleor_paylink.money import Money
from saleor_paylink.providers.interface import CheckoutRequest
from tests.faults.choosing import share
from tests.faults.picking import done
from tests.faults.world import ENDPOINT, Act, Tab, World

PAGE = "https://shop.example/"
ANOTHER_SHOP = "shop.elsewhere.example"


@share(8)
def slow_money(world: World) -> Act | None:
    outcome = world.random.choice(("succeeded", "failed"))
    late = world.sessions_processing()
    if not late:
        return None
    session = world.random.choice(late)
    return Act(
        f"the slow payment in session {session[-4:]} has {outcome}",
        lambda: done(world.simulator.complete_later(session, outcome)),
    )


@share(3)
def refund(world: World) -> Act | None:
    part = world.random.choice((None, 100))
    return _on_payment(
        world, f"the merchant refunds {part or 'all'} of", world.simulator.refund, part
    )


@share(1)
def refund_comes_back(world: World) -> Act | None:
    refunds = [each["id"] for each in world.listed("refunds") if each["status"] == "succeeded"]
    if not refunds:
        return None
    id = world.random.choice(refunds)
    return Act(
        f"refund {id[-4:]} comes back",
        lambda: done(world.simulator.fail_refund(id)),
        "refunds that came back",
    )


@share(1)
def dispute(world: World) -> Act | None:
    return _on_payment(world, "the bank disputes", world.simulator.dispute)


@share(1)
def dispute_ends(world: World) -> Act | None:
    disputes = [each for each in world.listed("disputes") if each["status"] == "needs_response"]
    if not disputes:
        return None
    outcome = world.random.choice(("won", "lost"))
    intent = world.random.choice(disputes)["payment_intent"]
    return Act(
        f"the dispute of payment {intent[-4:]} is {outcome}",
        lambda: done(world.simulator.close_dispute(intent, outcome)),
    )


def _on_payment(
    world: World, does: str, act: Callable[..., object], *args: int | None
) -> Act | None:
    paid = [each for each in world.simulator.sessions() if each["payment_status"] == "paid"]
    if not paid:
        return None
    session = world.random.choice(paid)
    return Act(
        f"{does} the payment of session {session['id'][-4:]}",
        lambda: done(act(session["payment_intent"], *args)),
    )


@share(1)
def session_closed_at_stripe(world: World) -> Act | None:
    sessions = [each["id"] for each in world.simulator.sessions() if each["status"] == "open"]
    if not sessions:
        return None
    session = world.random.choice(sessions)
    return Act(
        f"the merchant closes session {session[-4:]} at Stripe",
        lambda: done(world.simulator.expire(session)),
    )


@share(1)
def forgotten_attempt(world: World) -> Act:
    """The shop's database is an older one now: a session is open that it has forgotten."""
    request = _ten_dollars(world, shop_mark(ENDPOINT))
    return Act("a customer is in a session that is forgotten here", lambda: _open(world, request))


@share(1)
def session_of_another_shop(world: World) -> Act:
    """Which shares the account at Stripe."""
    request = _ten_dollars(world, ANOTHER_SHOP)
    return Act("a customer is in a session of another shop", lambda: _open(world, request))


@share(3)
def second_session(world: World) -> Act | None:
    """A session bears the name of an attempt that has another, as by a call that Stripe repeated
    when its idempotency key was forgotten."""
    attempts = PaymentAttempt.objects.filter(provider_reference__isnull=False)
    attempt = attempts.order_by("-created_at").first()
    if attempt is None:
        return None
    request = replace(
        _ten_dollars(world, shop_mark(ENDPOINT)),
        attempt_id=str(attempt.pk),
        amount=attempt.money,
    )
    session = (attempt.provider_reference or "")[-4:]
    return Act(f"a customer is in a double of session {session}", lambda: _open(world, request))


def _ten_dollars(world: World, shop: str) -> CheckoutRequest:
    return CheckoutRequest(
        attempt_id=str(uuid.uuid4()),
        shop=shop,
        channel=shop_id(ENDPOINT),
        method="stripe:card",
        amount=Money(Decimal(10), "USD"),
        description="Order",
        customer_email=None,
        language="en",
        success_url=PAGE,
        cancel_url=PAGE,
        expires_at=world.time.now() + timedelta(hours=20),
    )


def _open(world: World, request: CheckoutRequest) -> str:
    provider = provider_for("stripe", None, ENDPOINT)
    session = provider.open(provider.prepare(request), str(uuid.uuid4()))
    world.tabs.append(Tab(session.reference))
    return session.reference[-4:]
