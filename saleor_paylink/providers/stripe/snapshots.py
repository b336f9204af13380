"""What Stripe says of a session, in the provider contract's words.

A session is read with its payment intent, that one's charge and the charge's balance
transaction in it; refunds, with their balance transactions in them, and disputes are lists of
their own.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from saleor_paylink.money import Money
from saleor_paylink.providers.interface import GivenBack, Received, SessionStatus, Snapshot
from saleor_paylink.providers.stripe.amounts import from_units
from saleor_paylink.providers.stripe.api import Json, cleaned
from saleor_paylink.providers.stripe.checkout import ATTEMPT, CHANNEL, SHOP

# The name under which a refund keeps the id of the request it was made for.
REQUEST = "saleor_paylink_refund"

# Others are on their way still.
REFUND_FAILURES = ("failed", "canceled")
REFUND_ENDS = ("succeeded", *REFUND_FAILURES)


def snapshot(session: Json, refunds: Iterable[Json], disputes: Iterable[Json]) -> Snapshot:
    """The whole picture; `refunds` and `disputes` are those of the session's payment."""
    intent = session["payment_intent"]
    status = _status(session, intent)
    refunds = list(refunds)
    kept = session["metadata"] or {}
    return Snapshot(
        reference=session["id"],
        attempt_id=kept.get(ATTEMPT),
        shop=kept.get(SHOP),
        channel=kept.get(CHANNEL),
        livemode=session["livemode"],
        status=status,
        received=_received(intent) if status is SessionStatus.PAID else None,
        decline=None if status is SessionStatus.PAID else _decline(intent),
        refunds=_in_order(_refund(each) for each in refunds if each["status"] in REFUND_ENDS),
        returning=_in_order(_refund(each) for each in refunds if each["status"] not in REFUND_ENDS),
        disputes=_in_order(_dispute(each) for each in disputes if each["balance_transactions"]),
    )


def has_money(intent: Json | None) -> bool:
    """Whether a payment has arrived. What the session says of itself is no proof of it."""
    return intent is not None and intent["status"] == "succeeded"


def _status(session: Json, intent: Json | None) -> SessionStatus:
    stage = intent["status"] if intent else None
    if has_money(intent):
        return SessionStatus.PAID
    if session["status"] == "open":
        return SessionStatus.OPEN
    if stage == "processing":
        return SessionStatus.PROCESSING
    if session["status"] == "expired":
        return SessionStatus.EXPIRED
    # Complete, and no money so far: it failed, was never asked for, or is on its way (a
    # voucher that has still to be paid is "requires_action").
    if stage in ("requires_payment_method", "canceled"):
        return SessionStatus.FAILED
    if session["payment_status"] == "no_payment_required":
        return SessionStatus.FAILED
    return SessionStatus.PROCESSING


def _received(intent: Json) -> Received:
    charge = intent["latest_charge"]
    mode = "" if intent["livemode"] else "test/"
    return Received(
        reference=intent["id"],
        amount=from_units(intent["amount_received"], intent["currency"]),
        paid_at=_time(charge["created"]),
        fee=_fee(charge["balance_transaction"]),
        provider_url=f"https://dashboard.stripe.com/{mode}payments/{intent['id']}",
    )


def _fee(booked: Json | None) -> Money | None:
    """In the currency of settlement; None until Stripe has booked the charge."""
    return None if booked is None else from_units(booked["fee"], booked["currency"])


def _decline(intent: Json | None) -> str | None:
    error = intent["last_payment_error"] if intent else None
    return cleaned(error.get("message") or error["type"]) if error else None


def _refund(refund: Json) -> GivenBack:
    """One that failed or was canceled may have succeeded before."""
    amount = from_units(refund["amount"], refund["currency"])
    left, back = refund["balance_transaction"], refund.get("failure_balance_transaction")
    fee = _sum_of_fees(each for each in (left, back) if each is not None)
    came_back = _came_back(back) if refund["status"] in REFUND_FAILURES else None
    request = request_of(refund)
    return GivenBack(refund["id"], amount, _time(refund["created"]), came_back, request, fee)


def _came_back(booked: Json | None) -> datetime:
    """Where Stripe does not say when, it is when that is first seen."""
    return datetime.now(UTC) if booked is None else _time(booked["created"])


def request_of(refund: Json) -> str | None:
    """The id of the request that a refund was made for; None for one of somebody else."""
    return (refund["metadata"] or {}).get(REQUEST)


def _dispute(dispute: Json) -> GivenBack:
    """One that took money; an inquiry takes none and has no balance transactions."""
    amount = from_units(dispute["amount"], dispute["currency"])
    booked = dispute["balance_transactions"]
    withdrawn = min(each["created"] for each in booked)
    is_back = sum(each["amount"] for each in booked) >= 0 or _is_won_and_exchanged(dispute)
    reinstated = _time(max(each["created"] for each in booked)) if is_back else None
    fee = _sum_of_fees(booked)
    return GivenBack(dispute["id"], amount, _time(withdrawn), reinstated, fee=fee)


def _is_won_and_exchanged(dispute: Json) -> bool:
    """Whether what came back was exchanged at the rate of its day, so that it can be less than what
    has left (https://docs.stripe.com/currencies/disputes-refunds)."""
    back = [each for each in dispute["balance_transactions"] if each["amount"] > 0]
    exchanged = any(each["currency"] != dispute["currency"] for each in back)
    return bool(dispute["status"] == "won" and exchanged)


def _sum_of_fees(booked: Iterable[Json]) -> Money | None:
    """What the balance transactions of one object come to; a fee that is given back is below 0
    (https://support.stripe.com/questions/dispute-fees-faq). None where they have no one sum."""
    fees = [from_units(each["fee"], each["currency"]) for each in booked]
    if len({each.currency for each in fees}) != 1:
        return None
    return sum(fees[1:], fees[0])


def _in_order(movements: Iterable[GivenBack]) -> tuple[GivenBack, ...]:
    return tuple(sorted(movements, key=lambda movement: movement.at))


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
