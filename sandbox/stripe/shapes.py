"""New objects, in the shape of API version 2023-08-16.

Each answers to the object page of https://docs.stripe.com/api. What the simulator does not act on
is there with the value it has at Stripe when it was not asked for.
"""

import copy

from sandbox.stripe.accounts import Account, Json

DISPUTE_FEE = 1500
EVIDENCE = [
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
]
NO_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))

CARD = {
    "brand": "visa",
    "checks": {
        "address_line1_check": None,
        "address_postal_code_check": None,
        "cvc_check": "pass",
    },
    "country": "US",
    "exp_month": 12,
    "exp_year": 2040,
    "fingerprint": "simulatedcard000",
    "funding": "credit",
    "installments": None,
    "last4": "4242",
    "mandate": None,
    "network": "visa",
    "network_token": {"used": False},
    "three_d_secure": None,
    "wallet": None,
}
METHOD_DETAILS: dict[str, Json] = {
    "boleto": {"tax_id": "000.000.000-00"},
    "card": CARD,
    "fpx": {"bank": "affin_bank"},
}
# What nobody asked for, and what is always so here.
SESSION: Json = {
    "object": "checkout.session",
    "after_expiration": None,
    "automatic_tax": {"enabled": False, "status": None},
    "consent": None,
    "consent_collection": None,
    "currency_conversion": None,
    "custom_fields": [],
    "custom_text": {"shipping_address": None, "submit": None},
    "customer": None,
    "invoice": None,
    "invoice_creation": None,
    "mode": "payment",
    "payment_intent": None,
    "payment_link": None,
    "payment_method_collection": "if_required",
    "payment_method_options": {},
    "payment_status": "unpaid",
    "phone_number_collection": {"enabled": False},
    "recovered_from": None,
    "setup_intent": None,
    "shipping_address_collection": None,
    "shipping_cost": None,
    "shipping_details": None,
    "shipping_options": [],
    "status": "open",
    "subscription": None,
    "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
}
CHARGE: Json = {
    "object": "charge",
    "amount_refunded": 0,
    "application": None,
    "application_fee": None,
    "application_fee_amount": None,
    "balance_transaction": None,
    "calculated_statement_descriptor": "SIMULATOR",
    "captured": True,
    "customer": None,
    "disputed": False,
    "failure_balance_transaction": None,
    "failure_code": None,
    "failure_message": None,
    "fraud_details": {},
    "invoice": None,
    "on_behalf_of": None,
    "outcome": {
        "network_status": "approved_by_network",
        "reason": None,
        "risk_level": "normal",
        "seller_message": "Payment complete.",
        "type": "authorized",
    },
    "paid": True,
    "receipt_number": None,
    "receipt_url": None,
    "refunded": False,
    "review": None,
    "shipping": None,
    "source_transfer": None,
    "status": "succeeded",
    "transfer_data": None,
    "transfer_group": None,
}


def session(account: Account, params: Json, amount: int, currency: str) -> Json:
    """An open Checkout Session over `amount`."""
    mode = "live" if account.livemode else "test"
    id = account.ids.new(f"cs_{mode}", 58)
    now = account.clock.now()
    email = params.get("customer_email")
    return {
        **copy.deepcopy(SESSION),
        "id": id,
        "allow_promotion_codes": params.get("allow_promotion_codes"),
        "amount_subtotal": amount,
        "amount_total": amount,
        "billing_address_collection": params.get("billing_address_collection"),
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "created": now,
        "currency": currency,
        "customer_creation": params.get("customer_creation", "if_required"),
        "customer_details": customer_details(email) if email else None,
        "customer_email": email,
        "expires_at": params["expires_at"],
        "livemode": account.livemode,
        "locale": params.get("locale"),
        "metadata": params.get("metadata", {}),
        "payment_method_types": params["payment_method_types"],
        "submit_type": params.get("submit_type"),
        "success_url": params["success_url"],
        "url": account.page_url(id),
    }


def customer_details(email: str | None) -> Json:
    """Who paid, as far as is known."""
    return {
        "address": None,
        "email": email,
        "name": None,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": None,
    }


def line_item(account: Account, line: Json) -> Json:
    """One line of a session, with the price that was made for it."""
    data = line["price_data"]
    price: Json = {
        "id": account.ids.new("price"),
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "created": account.clock.now(),
        "currency": data["currency"],
        "livemode": account.livemode,
        "metadata": {},
        "product": account.ids.new("prod", 14),
        "type": "one_time",
        "unit_amount": data["unit_amount"],
        "unit_amount_decimal": str(data["unit_amount"]),
    }
    total = data["unit_amount"] * line["quantity"]
    return {
        "id": account.ids.new("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": data["currency"],
        "description": data["product_data"]["name"],
        "price": price,
        "quantity": line["quantity"],
    }


def payment_intent(account: Account, session: Json, data: Json) -> Json:
    """The intent of a session; `data` is what its `payment_intent_data` asked for."""
    id = account.ids.new("pi")
    return {
        "id": id,
        "object": "payment_intent",
        "amount": session["amount_total"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": data.get("capture_method", "automatic"),
        "client_secret": f"{id}_{account.ids.new('secret')}",
        "confirmation_method": "automatic",
        "created": account.clock.now(),
        "currency": session["currency"],
        "customer": None,
        "description": data.get("description"),
        "invoice": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": account.livemode,
        "metadata": data.get("metadata", {}),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": {},
        "payment_method_types": list(session["payment_method_types"]),
        "processing": None,
        "receipt_email": data.get("receipt_email"),
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "statement_descriptor": data.get("statement_descriptor"),
        "statement_descriptor_suffix": data.get("statement_descriptor_suffix"),
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }


def charge(account: Account, intent: Json, method: str, email: str | None) -> Json:
    """A successful charge of an intent, its balance transaction still to come."""
    return {
        **copy.deepcopy(CHARGE),
        "id": account.ids.new("ch"),
        "amount": intent["amount"],
        "amount_captured": intent["amount"],
        "billing_details": {
            "address": dict(NO_ADDRESS),
            "email": email,
            "name": None,
            "phone": None,
        },
        "created": account.clock.now(),
        "currency": intent["currency"],
        "description": intent["description"],
        "livemode": account.livemode,
        "metadata": dict(intent["metadata"]),
        "payment_intent": intent["id"],
        "payment_method": account.ids.new("pm"),
        "payment_method_details": {method: METHOD_DETAILS.get(method, {}), "type": method},
        "receipt_email": intent["receipt_email"],
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
    }


def balance_transaction(
    account: Account, source: Json, type: str, amount: int, fee: int, category: str
) -> Json:
    """`amount` entering (or, below 0, leaving) the balance; `fee` goes to Stripe."""
    now = account.clock.now()
    currency = source["currency"]
    details = {
        "amount": fee,
        "application": None,
        "currency": currency,
        "description": "Stripe processing fees",
        "type": "stripe_fee",
    }
    return {
        "id": account.ids.new("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": now + 7 * 24 * 3600,
        "created": now,
        "currency": currency,
        "description": None,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [details] if fee else [],
        "net": amount - fee,
        "reporting_category": category,
        "source": source["id"],
        "status": "pending",
        "type": type,
    }


def refund(account: Account, charge: Json, amount: int, params: Json) -> Json:
    """Money on its way back to the customer."""
    return {
        "id": account.ids.new("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": account.clock.now(),
        "currency": charge["currency"],
        "metadata": params.get("metadata") or {},
        "payment_intent": charge["payment_intent"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def dispute(account: Account, charge: Json, amount: int) -> Json:
    """A chargeback that the merchant has not answered."""
    now = account.clock.now()
    return {
        "id": account.ids.new("dp"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "evidence": dict.fromkeys(EVIDENCE),
        "evidence_details": {
            "due_by": now + 7 * 24 * 3600,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": account.livemode,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": "fraudulent",
        "status": "needs_response",
    }


def webhook_endpoint(account: Account, params: Json) -> Json:
    """An endpoint as it is read: its signing secret is told once, when it is made."""
    return {
        "id": account.ids.new("we"),
        "object": "webhook_endpoint",
        "api_version": params.get("api_version"),
        "application": None,
        "created": account.clock.now(),
        "description": params.get("description") or None,
        "enabled_events": params["enabled_events"],
        "livemode": account.livemode,
        "metadata": {},
        "status": "enabled",
        "url": params["url"],
    }
