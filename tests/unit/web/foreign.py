"""A webhook of somebody else's session in the account, as it is posted."""

import json
import time

from django.http import HttpResponse
from django.test import Client

from sandbox.stripe.deliveries import signature
from tests.unit.links.helpers import SECRET

HOOK = "/plugins/saleor.paylink.door/webhooks/stripe/shop"
EVENT = json.dumps(
    {
        "id": "evt_1",
        "object": "event",
        "livemode": False,
        "type": "checkout.session.completed",
        "data": {"object": {"object": "checkout.session", "id": "cs_test_foreign"}},
    }
).encode()


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"Stripe-Signature": signature(body, secret, int(time.time()))}


def post(
    body: bytes = EVENT, headers: dict[str, str] | None = None, *, path: str = HOOK
) -> HttpResponse:
    given = signed(body) if headers is None else headers
    return Client().post(path, body, "application/json", headers=given)
