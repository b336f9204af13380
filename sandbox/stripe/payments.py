"""Payment intents, charges and what becomes of charged money: refunds and disputes."""

from sandbox.stripe import shapes
from sandbox.stripe.accounts import Account, Json
from sandbox.stripe.errors import NotPossible, StripeError, no_such
from sandbox.stripe.money import check_precision, display, fee


def succeed(account: Account, intent: Json, method: str, email: str | None) -> None:
    """Charge the customer. The fee is known at once, except under `automatic_async`.

    https://docs.stripe.com/payments/payment-intents/asynchronous-capture
    """
    charge = account.add(shapes.charge(account, intent, method, email))
    if intent["capture_method"] == "automatic":
        _book_charge(account, charge)
    intent.update(
        amount_received=intent["amount"],
        last_payment_error=None,
        latest_charge=charge["id"],
        payment_method=charge["payment_method"],
        processing=None,
        status="succeeded",
    )
    account.emit("charge.succeeded", charge)
    account.emit("payment_intent.succeeded", intent)


def decline(account: Account, intent: Json, method: str, email: str | None) -> None:
    """A try that failed: the charge stays on record, the customer may try again."""
    failure = {"code": "card_declined", "decline_code": "generic_decline"}
    charge = account.add(shapes.charge(account, intent, method, email))
    charge.update(
        amount_captured=0,
        captured=False,
        failure_code=failure["code"],
        failure_message="Your card was declined.",
        outcome={
            "network_status": "declined_by_network",
            "reason": failure["decline_code"],
            "risk_level": "normal",
            "seller_message": "The bank did not return any further details with this decline.",
            "type": "issuer_declined",
        },
        paid=False,
        status="failed",
    )
    intent.update(
        last_payment_error={
            **failure,
            "charge": charge["id"],
            "message": "Your card was declined.",
            "type": "card_error",
        },
        latest_charge=charge["id"],
        processing=None,
        status="requires_payment_method",
    )
    account.emit("charge.failed", charge)
    account.emit("payment_intent.payment_failed", intent)


def process(account: Account, intent: Json) -> None:
    """Start a payment by a delayed method; nothing is charged yet."""
    intent.update(last_payment_error=None, latest_charge=None, status="processing")
    account.emit("payment_intent.processing", intent)


def fail_delayed(account: Account, intent: Json) -> None:
    """A delayed payment that did not arrive."""
    intent.update(
        last_payment_error={
            "code": "payment_intent_payment_attempt_failed",
            "message": "The payment failed.",
            "type": "invalid_request_error",
        },
        status="requires_payment_method",
    )
    account.emit("payment_intent.payment_failed", intent)


def cancel(account: Account, intent: Json) -> None:
    """Close an intent that nobody can pay any more."""
    intent.update(
        canceled_at=account.clock.now(), cancellation_reason="automatic", status="canceled"
    )
    account.emit("payment_intent.canceled", intent)


def post_fee(account: Account, intent: Json) -> None:
    """Let the balance transaction of an `automatic_async` charge appear."""
    charge = _charge_of(account, intent)
    if charge is None or charge["balance_transaction"] is not None:
        raise NotPossible("There is no charge whose fee is still to come.")
    _book_charge(account, charge)
    account.emit("charge.updated", charge, {"balance_transaction": None})


def _book_charge(account: Account, charge: Json) -> None:
    booked = shapes.balance_transaction(
        account, charge, "charge", charge["amount"], fee(charge["amount"]), "charge"
    )
    charge["balance_transaction"] = account.add(booked)["id"]


def _charge_of(account: Account, intent: Json) -> Json | None:
    """The successful charge of an intent."""
    charge = account.table("charge").get(intent["latest_charge"] or "")
    return charge if charge is not None and charge["paid"] else None


def create_refund(account: Account, ids: Json, params: Json) -> Json:
    """POST /v1/refunds (https://docs.stripe.com/api/refunds/create)."""
    charge = _charge_to_refund(account, params)
    left = charge["amount"] - charge["amount_refunded"]
    amount = params.get("amount", left)
    _check_refund(account, charge, amount, left)
    refund = account.add(shapes.refund(account, charge, amount, params))
    if charge["payment_intent"] in account.slow_refunds:
        refund["status"] = "pending"
    booked = shapes.balance_transaction(account, refund, "refund", -amount, 0, "refund")
    refund["balance_transaction"] = account.add(booked)["id"]
    before = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    _count_refund(charge, amount)
    account.emit("refund.created", refund)
    account.emit("charge.refunded", charge, before)
    return refund


def _count_refund(charge: Json, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]


def _charge_to_refund(account: Account, params: Json) -> Json:
    named = [name for name in ("charge", "payment_intent") if name in params]
    if len(named) != 1:
        raise StripeError("One of the following params should be provided: charge, payment_intent.")
    name = named[0]
    item = account.table(name).get(params[name])
    if item is None:
        raise no_such(name, params[name], name)
    charge = _charge_of(account, item) if name == "payment_intent" else item
    if charge is None or not charge["paid"]:
        raise StripeError(
            f"This {name} ({params[name]}) does not have a successful charge to refund.", began=True
        )
    return charge


def _check_refund(account: Account, charge: Json, amount: int, left: int) -> None:
    if amount < 1 and left:
        raise StripeError(
            "Invalid positive integer", code="parameter_invalid_integer", param="amount"
        )
    check_precision(amount, charge["currency"], "amount")
    if _held_back(account, charge):
        raise StripeError(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
            began=True,
        )
    if not left:
        raise StripeError(
            f"Charge {charge['id']} has already been refunded.",
            code="charge_already_refunded",
            began=True,
        )
    if amount > left:
        raise StripeError(
            f"Refund amount ({display(amount, charge['currency'])}) is greater than unrefunded "
            f"amount on charge ({display(left, charge['currency'])})",
            param="amount",
            began=True,
        )


def _held_back(account: Account, charge: Json) -> bool:
    disputes = account.table("dispute").values()
    return any(d["charge"] == charge["id"] and not d["is_charge_refundable"] for d in disputes)


def complete_refund(account: Account, refund: Json, outcome: str) -> None:
    """A refund that was on its way has `succeeded` or `failed`."""
    if outcome not in ("succeeded", "failed"):
        raise NotPossible("A refund has succeeded or failed.")
    if refund["status"] != "pending":
        raise NotPossible("This refund is not on its way.")
    if outcome == "failed":
        _send_back(account, refund)
        return
    refund["status"] = "succeeded"
    for type in ("refund.updated", "charge.refund.updated"):
        account.emit(type, refund, {"status": "pending"})


def fail_refund(account: Account, refund: Json) -> None:
    """The customer's bank sent the money back (https://docs.stripe.com/refunds#failed-refunds)."""
    if refund["status"] != "succeeded":
        raise NotPossible("Only a refund that has succeeded can come back.")
    _send_back(account, refund)


def _send_back(account: Account, refund: Json) -> None:
    before = refund["status"]
    charge = account.table("charge")[refund["charge"]]
    back = shapes.balance_transaction(
        account, refund, "refund_failure", refund["amount"], 0, "refund_failure"
    )
    refund.update(
        failure_balance_transaction=account.add(back)["id"],
        failure_reason="expired_or_canceled_card",
        status="failed",
    )
    _count_refund(charge, -refund["amount"])
    for type in ("refund.updated", "charge.refund.updated"):
        account.emit(type, refund, {"status": before})
    account.emit("refund.failed", refund)


def open_dispute(account: Account, intent: Json, amount: int | None) -> Json:
    """The cardholder takes the money back (https://docs.stripe.com/disputes/how-disputes-work)."""
    charge = _charge_of(account, intent)
    if charge is None or charge["disputed"]:
        raise NotPossible("There is no charge that can be disputed.")
    left = charge["amount"] - charge["amount_refunded"]
    wanted = left if amount is None else amount
    if not 0 < wanted <= left:
        raise NotPossible(f"Between 1 and {left} can be disputed.")
    dispute = account.add(shapes.dispute(account, charge, wanted))
    charge["disputed"] = True
    account.emit("charge.dispute.created", dispute)
    _book_dispute(account, dispute, -wanted, shapes.DISPUTE_FEE, "dispute")
    account.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def close_dispute(account: Account, intent: Json, outcome: str) -> Json:
    """The bank's verdict, `won` or `lost`. The dispute fee is not given back."""
    if outcome not in ("won", "lost"):
        raise NotPossible("A dispute is won or lost.")
    for dispute in account.table("dispute").values():
        if dispute["payment_intent"] == intent["id"] and dispute["status"] == "needs_response":
            break
    else:
        raise NotPossible("There is no open dispute.")
    dispute["status"] = outcome
    if outcome == "won":
        dispute["is_charge_refundable"] = True
        _book_dispute(account, dispute, dispute["amount"], 0, "dispute_reversal")
        account.emit("charge.dispute.funds_reinstated", dispute)
    account.emit("charge.dispute.closed", dispute)
    return dispute


def _book_dispute(account: Account, dispute: Json, amount: int, fee: int, category: str) -> None:
    booked = shapes.balance_transaction(account, dispute, "adjustment", amount, fee, category)
    dispute["balance_transactions"].append(account.add(booked))
