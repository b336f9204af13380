"""The parameters that the simulator acts on, as JSON Schemas in Stripe's way of writing them.

They stand in for Stripe's OpenAPI description where that is not at hand, and beside it they tell
what is only known from what is also simulated. Limits: https://docs.stripe.com/api
"""

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "maxLength": 5000}
INTEGER: Schema = {"type": "integer"}
BOOLEAN: Schema = {"type": "boolean"}
METADATA: Schema = {"type": "object", "additionalProperties": {"type": "string"}}

LOCALES = [
    "auto",
    "bg",
    "cs",
    "da",
    "de",
    "el",
    "en",
    "en-GB",
    "es",
    "es-419",
    "et",
    "fi",
    "fil",
    "fr",
    "fr-CA",
    "hr",
    "hu",
    "id",
    "it",
    "ja",
    "ko",
    "lt",
    "lv",
    "ms",
    "mt",
    "nb",
    "nl",
    "pl",
    "pt",
    "pt-BR",
    "ro",
    "ru",
    "sk",
    "sl",
    "sv",
    "th",
    "tr",
    "vi",
    "zh",
    "zh-HK",
    "zh-TW",
]

PAYMENT_METHOD_TYPES = [
    "acss_debit",
    "affirm",
    "afterpay_clearpay",
    "alipay",
    "au_becs_debit",
    "bacs_debit",
    "bancontact",
    "blik",
    "boleto",
    "card",
    "cashapp",
    "customer_balance",
    "eps",
    "fpx",
    "giropay",
    "grabpay",
    "ideal",
    "klarna",
    "konbini",
    "link",
    "oxxo",
    "p24",
    "paynow",
    "paypal",
    "pix",
    "promptpay",
    "sepa_debit",
    "sofort",
    "us_bank_account",
    "wechat_pay",
    "zip",
]


def _choice(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


def _list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _form(required: tuple[str, ...] = (), /, **properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required)}


EXPAND = _list_of(TEXT)
CREATED: Schema = {"anyOf": [_form(gt=INTEGER, gte=INTEGER, lt=INTEGER, lte=INTEGER), INTEGER]}

# Newer than API version 2023-08-16, and taken from callers that send it all the same: with it
# they keep Checkout from offering the customer another currency.
ADAPTIVE_PRICING = _form(enabled=BOOLEAN)

PRICE_DATA = _form(
    ("currency",),
    currency={"type": "string"},
    unit_amount=INTEGER,
    product_data=_form(
        ("name",),
        name=TEXT,
        description={"type": "string", "maxLength": 40000},
        images=_list_of(TEXT),
        metadata=METADATA,
    ),
)

SESSION_CREATE = _form(
    ("success_url",),
    adaptive_pricing=ADAPTIVE_PRICING,
    allow_promotion_codes=BOOLEAN,
    billing_address_collection=_choice("auto", "required"),
    cancel_url=TEXT,
    client_reference_id={"type": "string", "maxLength": 200},
    customer_creation=_choice("always", "if_required"),
    customer_email={"type": "string"},
    expand=EXPAND,
    expires_at=INTEGER,
    line_items=_list_of(_form(price_data=PRICE_DATA, quantity=INTEGER)),
    locale=_choice(*LOCALES),
    metadata=METADATA,
    mode=_choice("payment", "setup", "subscription"),
    payment_intent_data=_form(
        capture_method=_choice("automatic", "automatic_async", "manual"),
        description={"type": "string", "maxLength": 1000},
        metadata=METADATA,
        receipt_email={"type": "string"},
        statement_descriptor={"type": "string", "maxLength": 22},
        statement_descriptor_suffix={"type": "string", "maxLength": 22},
    ),
    payment_method_types=_list_of(_choice(*PAYMENT_METHOD_TYPES)),
    submit_type=_choice("auto", "book", "donate", "pay"),
    success_url=TEXT,
)

REFUND_CREATE = _form(
    amount=INTEGER,
    charge=TEXT,
    expand=EXPAND,
    metadata=METADATA,
    payment_intent=TEXT,
    reason=_choice("duplicate", "fraudulent", "requested_by_customer"),
)

ENDPOINT_CREATE = _form(
    ("enabled_events", "url"),
    api_version=_choice("2023-08-16"),
    description={"anyOf": [TEXT, _choice("")]},
    enabled_events=_list_of(TEXT),
    expand=EXPAND,
    url={"type": "string"},
)

ONE = _form(expand=EXPAND)


def _listing(**filters: Schema) -> Schema:
    return _form(ending_before=TEXT, expand=EXPAND, limit=INTEGER, starting_after=TEXT, **filters)


SCHEMAS: dict[tuple[str, str], Schema] = {
    ("POST", "/v1/checkout/sessions"): SESSION_CREATE,
    ("GET", "/v1/checkout/sessions"): _listing(payment_intent=TEXT),
    ("GET", "/v1/checkout/sessions/{session}"): ONE,
    ("POST", "/v1/checkout/sessions/{session}/expire"): ONE,
    ("GET", "/v1/checkout/sessions/{session}/line_items"): _listing(),
    ("GET", "/v1/payment_intents"): _listing(created=CREATED),
    ("GET", "/v1/payment_intents/{intent}"): ONE,
    ("GET", "/v1/charges"): _listing(created=CREATED, payment_intent=TEXT),
    ("GET", "/v1/charges/{charge}"): ONE,
    ("GET", "/v1/balance_transactions/{id}"): ONE,
    ("POST", "/v1/refunds"): REFUND_CREATE,
    ("GET", "/v1/refunds"): _listing(charge=TEXT, created=CREATED, payment_intent=TEXT),
    ("GET", "/v1/refunds/{refund}"): ONE,
    ("GET", "/v1/disputes"): _listing(charge=TEXT, created=CREATED, payment_intent=TEXT),
    ("GET", "/v1/disputes/{dispute}"): ONE,
    ("GET", "/v1/events"): _listing(
        created=CREATED, delivery_success=BOOLEAN, type=TEXT, types=_list_of(TEXT)
    ),
    ("GET", "/v1/events/{id}"): ONE,
    ("POST", "/v1/webhook_endpoints"): ENDPOINT_CREATE,
    ("GET", "/v1/webhook_endpoints"): _listing(),
}
