"""Webhook endpoints that are made over the API (https://docs.stripe.com/api/webhook_endpoints)."""

from sandbox.stripe import shapes
from sandbox.stripe.accounts import API_VERSION, Account, Json
from sandbox.stripe.deliveries import Endpoint


def create(account: Account, ids: dict[str, str], params: Json) -> Json:
    """POST /v1/webhook_endpoints. Only this answer holds the signing secret."""
    made = account.add(shapes.webhook_endpoint(account, params))
    secret = account.ids.new("whsec", 32)
    account.endpoints.append(
        Endpoint(
            made["id"],
            made["url"],
            secret,
            account.id,
            made["api_version"] or API_VERSION,
            tuple(made["enabled_events"]),
        )
    )
    return {**made, "secret": secret}
