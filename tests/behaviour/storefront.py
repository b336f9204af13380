"""A storefront with a payment page of its own, over GraphQL."""

from sandbox.client.customer import somewhere
from sandbox.client.graphql import GraphQL, Json
from sandbox.client.staff import ERRORS, MONEY
from sandbox.stage import Stage

REQUEST = f"""fragment Request on PaymentRequest {{
  status shopName orderNumber revision message expiresAt
  lines {{ name variant quantity unitPrice {MONEY} total {MONEY} thumbnailUrl }}
  subtotal {MONEY} shipping {MONEY} discount {MONEY} tax {MONEY} total {MONEY}
  amountPaid {MONEY} amountDue {MONEY}
  methods {{ id provider name }}
  receipts {{ number amount {MONEY} method paidAt reference }}
}}"""


class Storefront:
    """Knows no more than a visitor with a link does, and asks from the visitor's browser."""

    def __init__(self, stage: Stage, address: str = "") -> None:
        self._graphql = GraphQL(stage.graphql_url, address=address or somewhere())

    def request(self, token: str) -> Json | None:
        """What the bearer of the token may see."""
        found: Json | None = self._graphql.ask(
            f"""{REQUEST} query ($token: String!) {{
              paymentRequest(token: $token) {{ ...Request }}
            }}""",
            {"token": token},
        )["paymentRequest"]
        return found

    def pay(self, token: str, **asked: str) -> Json:
        """`asked`: method, revision and returnUrl; the first two are the page's by default."""
        seen = self.request(token)
        usual = {"method": "stripe:card", "revision": seen["revision"] if seen else "none"}
        return self._graphql.change(
            f"""{REQUEST}
            mutation ($token: String!, $method: String!, $revision: String!, $returnUrl: String) {{
              paymentRequestPay(
                token: $token, method: $method, revision: $revision, returnUrl: $returnUrl
              ) {{ redirectUrl paymentRequest {{ ...Request }} {ERRORS} }}
            }}""",
            {"token": token, **usual, **asked},
        )

    def renew(self, token: str) -> Json:
        """Ask for a fresh link in place of the one with the token."""
        return self._graphql.change(
            f"""mutation ($token: String!) {{
              paymentRequestRenew(token: $token) {{ ok {ERRORS} }}
            }}""",
            {"token": token},
        )
