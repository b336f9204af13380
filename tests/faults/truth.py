"""Every movement of money at Stripe that holds, and what of it must be known here."""

from decimal import Decimal
from typing import Any

from saleor_paylink.links.orphans import shop_mark
from saleor_paylink.models import LedgerEntry, LedgerKind, PaymentAttempt
from saleor_paylink.providers.stripe.checkout import ATTEMPT, SHOP
from tests.faults.world import ENDPOINT, World

CENT = Decimal("0.01")
# Id, order, amount and currency. The order is "None" for money of an attempt that is forgotten.
Movement = tuple[str, str, Decimal, str]
NO_ORDER = "None"


class Truth:
    """What Stripe, as the simulator tells of it, knows of this shop's money."""

    def __init__(self, world: World) -> None:
        self._orders = {str(a.pk): str(a.order_id) for a in PaymentAttempt.objects.all()}
        self._intents = {
            intent["id"]: intent
            for intent in world.listed("payment_intents", "data.latest_charge.balance_transaction")
            if intent["status"] == "succeeded"
            and intent["metadata"].get(SHOP) == shop_mark(ENDPOINT)
        }
        self._heard = _heard_of(world)
        self.refunds = [r for r in world.listed("refunds") if r["payment_intent"] in self._intents]
        self._disputes = [
            d for d in world.listed("disputes") if d["payment_intent"] in self._intents
        ]
        self._asked_about = self._ids_asked_about(world)
        self.movements = self._movements()

    def must_be_booked(self, kind: LedgerKind) -> set[Movement]:
        """Nobody asks about a session that is not known here, unless Stripe tells of it."""
        return {
            each
            for each in self.movements[kind]
            if each[0] in self._asked_about or self.is_heard_of(each)
        }

    def is_heard_of(self, movement: Movement) -> bool:
        """Whether Stripe has told this shop of that very movement."""
        return movement[0] in self._heard

    def _ids_asked_about(self, world: World) -> set[str]:
        """Of payments in sessions that attempts have for their own, of payments that are booked,
        and of what left again of either."""
        known = set(PaymentAttempt.objects.values_list("provider_reference", flat=True))
        payments = {
            session["payment_intent"]
            for session in world.simulator.sessions()
            if session["id"] in known
        }
        charges = LedgerEntry.objects.filter(kind=LedgerKind.CHARGE, provider="stripe")
        payments |= set(charges.values_list("reference", flat=True))
        left = [*self.refunds, *self._disputes]
        return payments | {each["id"] for each in left if each["payment_intent"] in payments}

    def _movements(self) -> dict[LedgerKind, set[Movement]]:
        refunds = [each for each in self.refunds if each["status"] == "succeeded"]
        disputes = [each for each in self._disputes if each["status"] != "won"]
        return {
            LedgerKind.CHARGE: {
                self._movement(id, id, i["amount_received"]) for id, i in self._intents.items()
            },
            LedgerKind.FEE: {
                self._movement(id, id, i["latest_charge"]["balance_transaction"]["fee"])
                for id, i in self._intents.items()
            }
            | {self._fee(dispute) for dispute in self._disputes},
            LedgerKind.REFUND: {self._back(refund) for refund in refunds},
            LedgerKind.DISPUTE: {self._back(dispute) for dispute in disputes},
        }

    def _movement(self, id: str, intent_id: str, cents: int) -> Movement:
        intent = self._intents[intent_id]
        order = self._orders.get(intent["metadata"][ATTEMPT], NO_ORDER)
        return id, order, cents * CENT, intent["currency"].upper()

    def _back(self, each: dict[str, Any]) -> Movement:
        return self._movement(each["id"], each["payment_intent"], each["amount"])

    def _fee(self, dispute: dict[str, Any]) -> Movement:
        """Whatever became of the money: the bank keeps it."""
        fee = sum(each["fee"] for each in dispute["balance_transactions"])
        return self._movement(dispute["id"], dispute["payment_intent"], fee)

    def paid(self, payment: str) -> Decimal:
        """What came in by a payment."""
        return Decimal(self._intents[payment]["amount_received"]) * CENT

    def given_back(self, payment: str) -> Decimal:
        """What was refunded of it, and did not come back."""
        return _sum(self.refunds, payment, "succeeded")

    def taken_back(self, payment: str) -> Decimal:
        """What banks hold of it."""
        return _sum(self._disputes, payment, "needs_response", "lost")


def _sum(movements: list[dict[str, Any]], payment: str, *statuses: str) -> Decimal:
    mine = [m for m in movements if m["payment_intent"] == payment and m["status"] in statuses]
    return sum((m["amount"] * CENT for m in mine), Decimal(0))


def _heard_of(world: World) -> set[str]:
    """Ids of what events that were taken say has moved, and of payments that they name."""
    subjects = [event["data"]["object"] for event in world.taken.values()]
    moved = [subject for subject in subjects if _tells_of_money(subject)]
    return {str(id) for each in moved for id in (each["id"], each.get("payment_intent"))}


def _tells_of_money(subject: dict[str, Any]) -> bool:
    """Not of what may still come to nothing."""
    if subject["object"] == "checkout.session":
        return bool(subject["payment_status"] == "paid")
    if subject["object"] in ("payment_intent", "charge"):
        return bool(subject["status"] == "succeeded")
    return True


def booked_movements(kind: LedgerKind) -> set[Movement]:
    """The same, as the ledger has it."""
    entries = LedgerEntry.objects.filter(kind=kind, provider="stripe")
    return {(e.reference, str(e.order_id), e.amount, e.currency) for e in entries}
