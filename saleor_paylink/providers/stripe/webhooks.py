"""Webhooks: whether Stripe has sent them, and what they point at.

https://docs.stripe.com/webhooks#verify-manually. The library's own check takes an empty
secret, a timestamp in the future, and one secret only; some headers and bodies crash it.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from typing import Any

from saleor_paylink.providers.interface import BadSignature, EventRef
from saleor_paylink.providers.stripe.api import Json
from saleor_paylink.providers.stripe.checkout import ATTEMPT, SHOP

# Seconds, before and after now.
TOLERANCE = 300

# Ids, the types of events, and hosts with their ports.
_WORD = re.compile(r"[A-Za-z0-9_.:-]{1,255}")
_KINDS = ("checkout.session", "payment_intent", "charge", "refund", "dispute")
# They bear what we gave Stripe to remember: without it, nobody need ask whose payment it is.
_REMEMBERING = ("payment_intent", "charge")


def verify(header: str, body: bytes, secrets: Sequence[str], now: float) -> None:
    """Raises BadSignature unless one of `secrets` has signed `body` at about `now`."""
    timestamp, signatures = _read(header)
    if abs(now - int(timestamp)) > TOLERANCE:
        raise BadSignature("The signature is too old, or from the future.")
    for secret in secrets:
        if not secret:
            continue
        expected = _signature(timestamp, body, secret).encode()
        if any(hmac.compare_digest(expected, each) for each in signatures):
            return
    raise BadSignature("The signature is none of this endpoint's.")


def signed(body: bytes, secret: str, now: float) -> str:
    """The header with which Stripe would sign `body`."""
    timestamp = str(int(now))
    return f"t={timestamp},v1={_signature(timestamp.encode(), body, secret)}"


def _signature(timestamp: bytes, body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), timestamp + b"." + body, hashlib.sha256).hexdigest()


def ping(livemode: bool) -> bytes:
    """An event about nothing: it is read, and nothing is kept of it."""
    subject = {"object": "check"}
    event = {"id": "evt_check", "type": "paylink.check", "data": {"object": subject}}
    return json.dumps({**event, "livemode": livemode}).encode()


def _read(header: str) -> tuple[bytes, list[bytes]]:
    """The timestamp and all signatures of the scheme v1, from `t=1,v1=a,v1=b,v0=c`."""
    if not header.isascii():
        raise BadSignature("The signature is not ASCII.")
    pairs = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    signatures = [value.encode() for name, _, value in pairs if name == "v1"]
    if len(times) != 1 or not times[0].isdigit() or len(times[0]) > 12 or not signatures:
        raise BadSignature("The signature cannot be read.")
    return times[0].encode(), signatures


def read(body: bytes, livemode: bool) -> list[EventRef]:
    """The event of a body that is signed: none if it is of no interest, or of the other mode.

    Raises BadSignature for what is no event at all.
    """
    event = _json(body)
    id, type, data = _word(event.get("id")), _word(event.get("type")), event.get("data")
    subject = data.get("object") if isinstance(data, dict) else None
    if id is None or type is None or not isinstance(subject, dict):
        raise BadSignature("The body is not an event.")
    kind = subject.get("object")
    if event.get("livemode") is not livemode or kind not in _KINDS:
        return []
    attempt = _kept(subject, ATTEMPT)
    payment = _id(subject if kind == "payment_intent" else subject.get("payment_intent"))
    is_foreign = kind in _REMEMBERING and attempt is None
    return [
        EventRef(
            event_id=id,
            type=type,
            attempt_id=attempt,
            shop=_kept(subject, SHOP),
            session=_id(subject) if kind == "checkout.session" else None,
            payment=None if is_foreign else payment,
        )
    ]


def _json(body: bytes) -> Json:
    try:
        event = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise BadSignature("The body is not JSON.") from None
    if not isinstance(event, dict):
        raise BadSignature("The body is not an event.")
    return event


def _kept(subject: Json, name: str) -> str | None:
    """What we gave Stripe to remember under a name."""
    metadata = subject.get("metadata")
    return _word(metadata.get(name)) if isinstance(metadata, dict) else None


def _id(value: Any) -> str | None:
    """An object's id, whether the object is there or only named."""
    return _word(value.get("id") if isinstance(value, dict) else value)


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) and _WORD.fullmatch(value) else None
