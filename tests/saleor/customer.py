"""A customer who clicks Pay, and Stripe's simulator. No webhook is delivered here: what happens
at Stripe is heard of by settling."""

import os
from typing import Any

import requests

from saleor_paylink.links import paying
from saleor_paylink.links.bearer import payment_request
from saleor_paylink.links.settlement import settle
from saleor_paylink.links.tokens import token_of
from saleor_paylink.models import PaymentLink
from sandbox.stage import STRIPE_SECRET_KEY

Json = dict[str, Any]
CARD = "stripe:card"


def begin(link: PaymentLink) -> str:
    """Click Pay on the page as it is now; the session that it leads to."""
    token = token_of(link)
    assert token is not None
    page = payment_request(token)
    assert page is not None
    return paying.begin(token, CARD, page.revision).rsplit("/", 1)[1]


def pay(link: PaymentLink) -> str:
    """Pay what is due; Stripe's id of the payment."""
    session = begin(link)
    _stripe("POST", f"/_sim/sessions/{session}/pay", json={})
    settle(link.attempts.get(provider_reference=session).pk)
    return str(session_of(session)["payment_intent"])


def session_of(reference: str) -> Json:
    """A session as Stripe has it."""
    sessions = _stripe("GET", "/_sim/sessions")["sessions"]
    (found,) = [each for each in sessions if each["id"] == reference]
    return found


def refunds_of(payment: str) -> list[Json]:
    """What Stripe has given back of a payment, oldest first."""
    key = (STRIPE_SECRET_KEY, "")
    made = _stripe("GET", f"/v1/refunds?payment_intent={payment}", auth=key)
    return list(reversed(made["data"]))


def asked_of_stripe() -> int:
    """How often Stripe was asked for anything so far."""
    return len(_stripe("GET", "/_sim/requests")["requests"])


def break_refunds(kind: str, times: int = 1) -> None:
    """Let Stripe's next refunds fail in that way: see sandbox.stripe.faults."""
    fault = {"method": "POST", "path": "/v1/refunds", "kind": kind, "times": times}
    _stripe("POST", "/_sim/faults", json=fault)


def _stripe(method: str, path: str, **options: Any) -> Json:
    # Its client needs what is not installed beside Saleor.
    url = os.environ["PAYLINK_STRIPE_API_BASE"] + path
    answer = requests.request(method, url, timeout=60, **options)
    answer.raise_for_status()
    return dict(answer.json())
