"""What the dashboard asks of the shop, as whoever is logged in."""

from functools import cache

from sandbox.client.graphql import GraphQL, Json, log_in
from sandbox.client.staff import ERRORS, Staff
from sandbox.stage import PASSWORD, PEOPLE, Stage

ORDERS = """query {
  orders(first: 50) {
    edges { node { id number status userEmail total { gross { amount currency } } chargeStatus } }
  }
}"""
ORDER = """query ($id: ID!) {
  order(id: $id) {
    id number status userEmail chargeStatus
    total { gross { amount currency } }
    totalCharged { amount currency }
    lines { productName variantName quantity totalPrice { gross { amount currency } } }
    transactions { name pspReference chargedAmount { amount currency } }
    events { date type message user { email } }
  }
}"""
EXTENSIONS = """query {
  appExtensions(first: 100) {
    edges {
      node { id label identifier url mountName targetName accessToken app { id name appUrl } }
    }
  }
}"""


class ShopSeen:
    """The shop as one person of the stage sees it."""

    def __init__(self, stage: Stage, person: str) -> None:
        self._staff = Staff(stage, person)
        self._graphql: GraphQL = log_in(stage.graphql_url, PEOPLE[person].email, PASSWORD)

    def orders(self) -> list[Json]:
        return [edge["node"] for edge in self._graphql.ask(ORDERS)["orders"]["edges"]]

    def order(self, id: str) -> Json | None:
        found: Json | None = self._graphql.ask(ORDER, {"id": id})["order"]
        return found

    def draft(self) -> str:
        return self._staff.draft({"MUG": 2, "PLATE": 1}, email="ada@example.com")

    def finalize(self, id: str) -> None:
        self._staff.complete(id)

    def confirm(self, id: str) -> None:
        """Raises graphql.Refused."""
        self._graphql.change(
            f"mutation ($id: ID!) {{ orderConfirm(id: $id) {{ {ERRORS} }} }}", {"id": id}
        )

    def extensions(self) -> list[Json]:
        """Those that are shown to this person, with their tokens."""
        listed = self._graphql.ask(EXTENSIONS)["appExtensions"]["edges"]
        return [edge["node"] for edge in listed if edge["node"]["accessToken"]]


@cache
def seen_by(stage_json: str, person: str) -> ShopSeen:
    """One log-in for each person."""
    return ShopSeen(Stage.from_json(stage_json), person)
