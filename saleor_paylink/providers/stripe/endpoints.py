"""Webhook endpoints: where Stripe posts events to.

https://docs.stripe.com/api/webhook_endpoints
"""

from saleor_paylink.providers.interface import WebhookEndpoint
from saleor_paylink.providers.stripe.api import API_VERSION, Api, Json

ENDPOINTS = "/v1/webhook_endpoints"

# Each is a doorbell for a change that a session's snapshot shows.
EVENTS = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "payment_intent.succeeded",
    "payment_intent.processing",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "charge.succeeded",
    "charge.updated",
    "charge.refunded",
    "charge.refund.updated",
    "charge.dispute.created",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "refund.created",
    "refund.updated",
)
EVERYTHING = "*"


def register(api: Api, url: str) -> str:
    """Make an endpoint; its signing secret, which Stripe tells this once."""
    made = api.post(
        ENDPOINTS,
        {
            "url": url,
            "enabled_events": list(EVENTS),
            "api_version": API_VERSION,
            "description": "Payment links of Saleor",
        },
    )
    return str(made["secret"])


def registered(api: Api) -> list[WebhookEndpoint]:
    """Every endpoint of the account, in the key's mode."""
    return [_endpoint(each) for each in api.list(ENDPOINTS)]


def _endpoint(each: Json) -> WebhookEndpoint:
    posted = each["enabled_events"]
    missing = () if EVERYTHING in posted else tuple(e for e in EVENTS if e not in posted)
    return WebhookEndpoint(each["url"], each["status"] == "enabled", missing)
