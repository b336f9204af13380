"""Checkout Sessions: what a merchant may open, and what a customer may do on the page.

https://docs.stripe.com/api/checkout/sessions
"""

import re
from urllib.parse import urlsplit

from sandbox.stripe import payments, shapes
from sandbox.stripe.accounts import Account, Json
from sandbox.stripe.errors import NotPossible, StripeError, no_such, not_simulated
from sandbox.stripe.money import check_currency, check_precision, check_total

SHORTEST = 30 * 60
LONGEST = 24 * 3600
MOST_LINES = 100
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")

# Methods whose money arrives days later: https://docs.stripe.com/payments/payment-methods
DELAYED = frozenset(
    [
        "acss_debit",
        "au_becs_debit",
        "bacs_debit",
        "boleto",
        "customer_balance",
        "konbini",
        "oxxo",
        "sepa_debit",
        "sofort",
        "us_bank_account",
    ]
)
# What a merchant has switched on in the Stripe Dashboard, for those who name no methods.
SWITCHED_ON = {
    "eur": ["card", "sepa_debit"],
    "gbp": ["card", "bacs_debit"],
    "usd": ["card", "us_bank_account"],
}


def create(account: Account, ids: Json, params: Json) -> Json:
    """POST /v1/checkout/sessions."""
    _check_mode(params)
    _check_urls(params)
    _check_email(params)
    _check_metadata(params.get("metadata", {}), "metadata")
    intent_data = params.get("payment_intent_data", {})
    _check_metadata(intent_data.get("metadata", {}), "payment_intent_data[metadata]")
    lines = params.get("line_items", [])
    currency = _check_lines(lines)
    total = sum(line["price_data"]["unit_amount"] * line["quantity"] for line in lines)
    check_total(total, currency)
    defaults: Json = {
        "expires_at": _expiry(account, params),
        "payment_method_types": params.get("payment_method_types")
        or list(SWITCHED_ON.get(currency, ["card"])),
    }
    session = account.add(shapes.session(account, {**params, **defaults}, total, currency))
    account.line_items[session["id"]] = [shapes.line_item(account, line) for line in lines]
    account.intent_data[session["id"]] = intent_data
    return session


def _check_mode(params: Json) -> None:
    if "mode" not in params:
        raise StripeError("Missing required param: mode.", code="parameter_missing", param="mode")
    if params["mode"] != "payment":
        raise not_simulated(f"mode={params['mode']}", "mode")
    if params.get("payment_intent_data", {}).get("capture_method") == "manual":
        raise not_simulated("capture_method=manual", "payment_intent_data[capture_method]")
    if params.get("adaptive_pricing", {}).get("enabled"):
        raise not_simulated("adaptive_pricing[enabled]=true", "adaptive_pricing[enabled]")


def _check_urls(params: Json) -> None:
    for name in ("success_url", "cancel_url"):
        parts = urlsplit(params.get(name, "https://unset.example"))
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise StripeError("Not a valid URL", code="url_invalid", param=name)


def _check_email(params: Json) -> None:
    intent_data = params.get("payment_intent_data", {})
    for param, email in (
        ("customer_email", params.get("customer_email")),
        ("payment_intent_data[receipt_email]", intent_data.get("receipt_email")),
    ):
        if email is not None and not EMAIL.fullmatch(email):
            raise StripeError(f"Invalid email address: {email}", code="email_invalid", param=param)


def _check_metadata(metadata: Json, param: str) -> None:
    """https://docs.stripe.com/api/metadata."""
    if len(metadata) > 50:
        raise StripeError("Metadata can have up to 50 keys", param=param)
    for key, value in metadata.items():
        if len(key) > 40:
            raise StripeError(
                f"Metadata keys can have up to 40 characters, but you passed in a key that is "
                f"{len(key)} characters. Invalid key: {key}",
                param=param,
            )
        if len(value) > 500:
            raise StripeError(
                f"Metadata values can have up to 500 characters, but you passed in a value that is "
                f"{len(value)} characters. Invalid value: {value}",
                param=f"{param}[{key}]",
            )


def _check_lines(lines: list[Json]) -> str:
    """The one currency of all lines, each of which can be charged."""
    if not 1 <= len(lines) <= MOST_LINES:
        raise StripeError(
            f"Between 1 and {MOST_LINES} line items are needed in payment mode.",
            code="parameter_missing" if not lines else None,
            param="line_items",
        )
    for index, line in enumerate(lines):
        _check_line(line, f"line_items[{index}]")
    currencies = {line["price_data"]["currency"] for line in lines}
    if len(currencies) > 1:
        raise StripeError("All line items must have the same currency.", param="line_items")
    return currencies.pop()  # type: ignore[no-any-return]


def _check_line(line: Json, at: str) -> None:
    data = line.get("price_data", {})
    needed = {
        f"{at}[price_data]": data,
        f"{at}[price_data][product_data]": data.get("product_data"),
        f"{at}[price_data][unit_amount]": data.get("unit_amount"),
        f"{at}[quantity]": line.get("quantity"),
    }
    for param, value in needed.items():
        if value is None or value == {}:
            raise StripeError(
                f"Missing required param: {param}.", code="parameter_missing", param=param
            )
    for param, value, least, kind in (
        (f"{at}[price_data][unit_amount]", data["unit_amount"], 0, "non-negative"),
        (f"{at}[quantity]", line["quantity"], 1, "positive"),
    ):
        if value < least:
            raise StripeError(
                f"Invalid {kind} integer", code="parameter_invalid_integer", param=param
            )
    check_currency(data["currency"], f"{at}[price_data][currency]")
    check_precision(data["unit_amount"], data["currency"], f"{at}[price_data][unit_amount]")


def _expiry(account: Account, params: Json) -> int:
    now = account.clock.now()
    expires_at: int = params.get("expires_at", now + LONGEST)
    if expires_at < now + SHORTEST:
        raise StripeError(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session "
            "creation.",
            param="expires_at",
        )
    if expires_at > now + LONGEST:
        raise StripeError(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            param="expires_at",
        )
    return expires_at


def expire_asked(account: Account, ids: Json, params: Json) -> Json:
    """POST /v1/checkout/sessions/{session}/expire."""
    session = account.table("checkout.session").get(ids["session"])
    if session is None:
        raise no_such("checkout.session", ids["session"], "session")
    if session["status"] != "open":
        raise StripeError(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of `{session['status']}`.",
            began=True,
        )
    expire(account, session)
    return session


def expire(account: Account, session: Json) -> None:
    """Close an open session for good."""
    _require_open(session)
    session.update(status="expired", url=None)
    if session["payment_intent"] is not None:
        payments.cancel(account, account.table("payment_intent")[session["payment_intent"]])
    account.emit("checkout.session.expired", session)


def expire_due(account: Account) -> None:
    """Close all open sessions whose time has come."""
    now = account.clock.now()
    for session in account.table("checkout.session").values():
        if session["status"] == "open" and session["expires_at"] <= now:
            expire(account, session)


def methods(session: Json, *, delayed: bool) -> list[str]:
    """The session's methods that pay at once, or those that pay later."""
    types = session["payment_method_types"]
    return [method for method in types if (method in DELAYED) == delayed]


def pay(account: Account, session: Json, method: str | None, amount: int | None) -> None:
    """The customer pays at once. `amount` is a total that became another one on the page."""
    _require_open(session)
    method = _choose(session, method, delayed=False)
    if amount is not None:
        _change_total(session, amount)
    intent = _confirm(account, session)
    payments.succeed(account, intent, method, session["customer_email"])
    _complete(session, "paid")
    account.emit("checkout.session.completed", session)


def decline(account: Account, session: Json) -> None:
    """The customer tries to pay and is refused; the session stays open."""
    _require_open(session)
    method = _choose(session, None, delayed=False)
    intent = _confirm(account, session)
    payments.decline(account, intent, method, session["customer_email"])


def pay_later(account: Account, session: Json, method: str | None) -> None:
    """The customer is done, the money is still to come."""
    _require_open(session)
    account.delayed_method[session["id"]] = _choose(session, method, delayed=True)
    intent = _confirm(account, session)
    payments.process(account, intent)
    _complete(session, "unpaid")
    account.emit("checkout.session.completed", session)


def complete_later(account: Account, session: Json, outcome: str) -> None:
    """The money of a delayed method arrives (`succeeded`) or does not (`failed`)."""
    if outcome not in ("succeeded", "failed"):
        raise NotPossible("A delayed payment has succeeded or failed.")
    intent = account.table("payment_intent").get(session["payment_intent"] or "")
    if intent is None or intent["status"] != "processing":
        raise NotPossible("No payment of this session is being processed.")
    if outcome == "failed":
        payments.fail_delayed(account, intent)
    else:
        method = account.delayed_method[session["id"]]
        payments.succeed(account, intent, method, session["customer_email"])
        session["payment_status"] = "paid"
    account.emit(f"checkout.session.async_payment_{outcome}", session)


def return_url(session: Json) -> str:
    """Where the customer is sent after paying."""
    url: str = session["success_url"]
    return url.replace("{CHECKOUT_SESSION_ID}", session["id"])


def _require_open(session: Json) -> None:
    if session["status"] != "open":
        raise NotPossible(f"This Checkout Session is {session['status']}.")


def _choose(session: Json, method: str | None, *, delayed: bool) -> str:
    choices = methods(session, delayed=delayed)
    if not choices or (method is not None and method not in choices):
        raise NotPossible(
            f"This session can be paid {'later' if delayed else 'at once'} by: "
            f"{', '.join(choices) or 'nothing'}."
        )
    return method or choices[0]


def _change_total(session: Json, amount: int) -> None:
    """As a promotion code or a tax would, so that the session still adds up."""
    if amount < 1:
        raise NotPossible("A payment is of at least 1.")
    difference = amount - session["amount_subtotal"]
    session["amount_total"] = amount
    session["total_details"].update(
        amount_discount=max(-difference, 0), amount_tax=max(difference, 0)
    )


def _confirm(account: Account, session: Json) -> Json:
    """The session's intent, which exists from the first confirmation on.

    https://docs.stripe.com/changelog/2022-08-01/deferred-paymentintent-checkout-session
    """
    if session["payment_intent"] is None:
        data = account.intent_data[session["id"]]
        intent = account.add(shapes.payment_intent(account, session, data))
        session["payment_intent"] = intent["id"]
    intent = account.table("payment_intent")[session["payment_intent"]]
    intent["amount"] = session["amount_total"]
    return intent


def _complete(session: Json, payment_status: str) -> None:
    session.update(
        customer_details=shapes.customer_details(session["customer_email"]),
        payment_status=payment_status,
        status="complete",
        url=None,
    )
