"""A field that hands a payment link to whoever asks: what the link's own fields must withstand.

It is asked for in a schema of its own, so that it can be on every host.
"""

from typing import Any

import graphene

from saleor_paylink.graphql import types
from saleor_paylink.models import PaymentLink
from saleor_paylink.qrcodes import qr_code
from sandbox.stage import APPS, PEOPLE
from tests.attempts import attempt_over

EVERYBODY = [None, *PEOPLE, *APPS]
# In the link's channel; a foreigner does elsewhere.
MANAGERS = {"admin", "cashier", "clerk", "back-office", "collector"}
PROVIDER_URL = "https://provider.example/payments/1"
FAILURE = "Your card was declined."
QUERY = """{ link {
  url qrCode createdBy { email } events { type } attempts { providerUrl failureReason }
} }"""


def handed_out(link: PaymentLink, context: Any) -> Any:
    """What somebody sees of a link that never was for them."""
    members = {
        "link": graphene.Field(types.PaymentLink),
        "resolve_link": staticmethod(lambda _root, _info: link),
    }
    careless = graphene.Schema(type("Query", (graphene.ObjectType,), members))
    answer = careless.execute(QUERY, context_value=context)
    assert answer.errors is None
    return answer.data["link"]


def may_be_seen(person: str | None, url: str) -> Any:
    """What somebody may see of a link of the customer's that the cashier made, and for which one
    attempt has failed."""
    url_seen = person in MANAGERS | {"customer"}
    manages = person in MANAGERS
    # As everywhere in Saleor: staff are shown to themselves and to whoever manages staff.
    maker = {"email": PEOPLE["cashier"].email} if person in ("cashier", "admin") else None
    return {
        "url": url if url_seen else None,
        "qrCode": qr_code(url) if url_seen else None,
        "createdBy": maker,
        "events": [{"type": "CREATED"}] if manages else [],
        "attempts": [
            {
                "providerUrl": PROVIDER_URL if manages else None,
                "failureReason": FAILURE if manages else None,
            }
        ],
    }


def fail_to_pay(link: PaymentLink) -> None:
    """The one attempt of the link."""
    attempt_over(link, status="failed", provider_url=PROVIDER_URL, failure_reason=FAILURE)
