"""The simulator: every account, and all that can be done to it, one step at a time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy

from sandbox.stripe import api, checkout, payments, reports
from sandbox.stripe.accounts import API_VERSION, NO_REQUEST, Account, Accounts, Json
from sandbox.stripe.clock import Clock
from sandbox.stripe.deliveries import Deliveries, Delivery, Endpoint
from sandbox.stripe.errors import ConnectionLost, NotPossible, StripeError
from sandbox.stripe.faults import Faults, refuse_early
from sandbox.stripe.idempotency import Answer, Pairs
from sandbox.stripe.ids import Ids
from sandbox.stripe.openapi import RequestRules, description_folder

SERVED_NOWHERE = "https://checkout.simulator.invalid"


class Simulator:
    """A Stripe of one's own, in memory. Safe to use from many threads.

    `clock` gives the time and `seed` makes ids repeatable. Without HTTP, `request` stands for a
    request to api.stripe.com, the customer's and the merchant's doings are methods, and whoever
    posts webhooks asks `next_delivery` and reports to `record_delivery`.
    """

    def __init__(self, clock: Clock | None = None, seed: int | None = None) -> None:
        self.clock = clock or Clock()
        self.base_url = SERVED_NOWHERE
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self._seed = seed
        self._rules = RequestRules(description_folder())
        self.reset()

    def reset(self) -> None:
        """Forget everything: accounts, endpoints, faults, logs, and that time was moved on."""
        with self.lock:
            self.clock.reset()
            self._ids = Ids(self._seed)
            self._accounts = Accounts(self.clock, self._ids, self.page_url)
            self._deliveries = Deliveries()
            self._faults = Faults()
            self._requests: list[Json] = []
            self._sending: list[Delivery] = []
            self.changed.notify_all()

    @contextmanager
    def _step(self) -> Iterator[None]:
        """One step of the state machine: what is due happens before, its events go out after."""
        with self.lock:
            for account in self._accounts:
                checkout.expire_due(account)
            try:
                yield
            finally:
                for account in self._accounts:
                    self._deliveries.post(
                        account.id, account.endpoints, account.outbox, self.clock.now()
                    )
                    account.outbox = []
                self.changed.notify_all()

    # What a program asks over the API

    def request(
        self,
        method: str,
        path: str,
        params: Pairs = (),
        *,
        key: str,
        idempotency_key: str | None = None,
        version: str | None = None,
    ) -> Answer:
        """Answer one API request, its `params` as in the form or the query string.

        Raises ConnectionLost when a fault takes the answer away.
        """
        asked = api.Asked(method, path, params, key, idempotency_key, version)
        with self._step():
            request_id = self._ids.new("req", 14)
            fault = self._faults.take(method, path)
        answer, replayed = self._answer(asked, request_id, fault)
        lost = fault in ("timeout_before", "timeout_after_commit")
        with self.lock:
            self._requests.append(
                {
                    "id": request_id,
                    "method": method,
                    "path": path,
                    "status": None if lost else answer.status,
                    "idempotency_key": idempotency_key,
                    "replayed": replayed,
                    "fault": fault,
                    "version": version,
                }
            )
        if lost:
            raise ConnectionLost(f"{method} {path}: {fault}")
        headers = {"Request-Id": request_id, "Stripe-Version": API_VERSION}
        if replayed:
            headers["Idempotent-Replayed"] = "true"
        return Answer(answer.status, answer.body, headers)

    def _answer(self, asked: api.Asked, request_id: str, fault: str | None) -> tuple[Answer, bool]:
        """The answer, and whether it is a replay."""
        if fault == "timeout_before":
            return Answer(0, {}), False
        # GET is idempotent by nature: Stripe ignores the key there.
        key = asked.idempotency_key if asked.method == "POST" else None
        try:
            refuse_early(fault)
            with self.lock:
                account = self._accounts.authenticate(asked.key, asked.path)
                api.check_version(asked.version)
                call = api.find(asked.method, asked.path)
                now = self.clock.now()
                if key is not None:
                    saved = account.idempotency.begin(key, asked.path, asked.params, now)
                    if saved is not None:
                        return saved, True
        except StripeError as refusal:
            return Answer(refusal.status, refusal.body), False
        # The lock is let go here, so that a second request with this key can find it in use.
        with self._step():
            account.cause = {"id": request_id, "idempotency_key": key}
            answer, keep = api.run(call, account, asked.params, self._rules, fault)
            account.cause = NO_REQUEST
            if key is not None and keep:
                account.idempotency.finish(key, answer)
            elif key is not None:
                account.idempotency.forget(key)
        return answer, False

    def requests(self) -> list[Json]:
        """What was asked over the API, oldest first: never a body."""
        with self.lock:
            return deepcopy(self._requests)

    # What the customer does on the page

    def pay(self, session_id: str, method: str | None = None, amount: int | None = None) -> Json:
        """Pay a session at once. `amount` makes its total another one than was asked for."""
        with self._step():
            account, session = self._session(session_id)
            checkout.pay(account, session, method, amount)
            return deepcopy(session)

    def decline(self, session_id: str) -> Json:
        """Try to pay with a card that is declined."""
        with self._step():
            account, session = self._session(session_id)
            checkout.decline(account, session)
            return deepcopy(session)

    def pay_later(self, session_id: str, method: str | None = None) -> Json:
        """Choose a method whose money arrives days later."""
        with self._step():
            account, session = self._session(session_id)
            checkout.pay_later(account, session, method)
            return deepcopy(session)

    # What happens at Stripe, at the bank, or in the merchant's Stripe Dashboard

    def complete_later(self, session_id: str, outcome: str) -> Json:
        """The money of `pay_later` has `succeeded` or `failed` to arrive."""
        with self._step():
            account, session = self._session(session_id)
            checkout.complete_later(account, session, outcome)
            return deepcopy(session)

    def expire(self, session_id: str) -> Json:
        """Close an open session."""
        with self._step():
            account, session = self._session(session_id)
            checkout.expire(account, session)
            return deepcopy(session)

    def post_fee(self, intent_id: str) -> Json:
        """Let the fee of an `automatic_async` charge become known."""
        with self._step():
            account, intent = self._find("payment_intent", intent_id)
            payments.post_fee(account, intent)
            return deepcopy(intent)

    def refund(self, intent_id: str, amount: int | None = None) -> Json:
        """Refund a payment, all that is left of it unless an `amount` is given."""
        with self._step():
            account, _ = self._find("payment_intent", intent_id)
            params: Json = {"payment_intent": intent_id}
            if amount is not None:
                params["amount"] = amount
            return deepcopy(payments.create_refund(account, {}, params))

    def fail_refund(self, refund_id: str) -> Json:
        """A refund comes back from the customer's bank."""
        with self._step():
            account, refund = self._find("refund", refund_id)
            payments.fail_refund(account, refund)
            return deepcopy(refund)

    def delay_refunds(self, intent_id: str) -> Json:
        """Refunds of this payment are on their way, from now on, until `complete_refund`."""
        with self._step():
            account, intent = self._find("payment_intent", intent_id)
            account.slow_refunds.add(intent_id)
            return deepcopy(intent)

    def complete_refund(self, refund_id: str, outcome: str) -> Json:
        """A refund that was on its way has `succeeded` or `failed`."""
        with self._step():
            account, refund = self._find("refund", refund_id)
            payments.complete_refund(account, refund, outcome)
            return deepcopy(refund)

    def dispute(self, intent_id: str, amount: int | None = None) -> Json:
        """The cardholder disputes a payment, all that is left of it unless `amount` is given."""
        with self._step():
            account, intent = self._find("payment_intent", intent_id)
            return deepcopy(payments.open_dispute(account, intent, amount))

    def close_dispute(self, intent_id: str, outcome: str) -> Json:
        """The dispute of a payment is `won` or `lost`."""
        with self._step():
            account, intent = self._find("payment_intent", intent_id)
            return deepcopy(payments.close_dispute(account, intent, outcome))

    def session(self, session_id: str) -> tuple[Json, list[Json]]:
        """A session as it is now, and its lines."""
        with self._step():
            account, session = self._session(session_id)
            return deepcopy(session), deepcopy(account.line_items[session_id])

    def sessions(self) -> list[Json]:
        """The sessions of all accounts, oldest first within each."""
        with self._step():
            tables = [account.table("checkout.session") for account in self._accounts]
            return [deepcopy(session) for table in tables for session in table.values()]

    def balance_report(self, key: str) -> str:
        """What has moved in `key`'s account, as the merchant downloads it in the Dashboard."""
        with self._step():
            return reports.itemized(self._accounts.of(key))

    def page_url(self, session_id: str) -> str:
        """Where a customer pays a session."""
        return f"{self.base_url}/pay/{session_id}"

    def _session(self, session_id: str) -> tuple[Account, Json]:
        return self._find("checkout.session", session_id)

    def _find(self, kind: str, id: str) -> tuple[Account, Json]:
        for account in self._accounts:
            if id in account.table(kind):
                return account, account.table(kind)[id]
        raise NotPossible(f"There is no {kind} {id}.")

    # What a test arranges

    def advance(self, seconds: int) -> int:
        """Move time on; what falls due happens. Answers the new time."""
        with self.lock:
            self.clock.advance(seconds)
            with self._step():
                return self.clock.now()

    def share_account(self, keys: list[str]) -> None:
        """Let several keys of one mode, none of them used so far, open the same account."""
        with self.lock:
            self._accounts.share(keys)

    def add_fault(self, method: str, path: str, kind: str, times: int = 1) -> None:
        """Let the next `times` requests that fit fail as `kind` says (see `faults.KINDS`)."""
        with self.lock:
            self._faults.add(method, path, kind, times)

    def clear_faults(self) -> None:
        """Let what would still fail succeed again."""
        with self.lock:
            self._faults = Faults()

    def add_endpoint(
        self, url: str, secret: str, key: str | None = None, api_version: str = API_VERSION
    ) -> Endpoint:
        """Post events to `url`, signed with `secret`: those of `key`'s account, or all."""
        with self.lock:
            account = self._accounts.of(key).id if key else None
            endpoint = Endpoint(self._ids.new("we"), url, secret, account, api_version)
            self._deliveries.endpoints.append(endpoint)
            return endpoint

    def configure_deliveries(
        self, mode: str = "live", double: bool = False, shuffle: bool = False, seed: int = 0
    ) -> None:
        """How events go out from now on: `mode` is live, hold or drop."""
        with self.lock:
            self._deliveries.configure(mode, double, shuffle, seed)

    def release_deliveries(self) -> int:
        """Let all held deliveries go; answers how many they were."""
        with self.lock:
            count = self._deliveries.release()
            self.changed.notify_all()
            return count

    def next_delivery(self) -> Delivery | None:
        """What to post next, if anything is due."""
        with self._step():
            delivery = self._deliveries.next(self.clock.now())
            if delivery is not None:
                self._sending.append(delivery)
            return delivery

    def record_delivery(
        self, delivery: Delivery, status: int | None, error: str | None = None
    ) -> None:
        """How posting went: the HTTP status, or None and the `error`."""
        with self.lock:
            # After a reset, nobody wants to know of what was still on its way.
            if delivery not in self._sending:
                return
            self._sending.remove(delivery)
            self._deliveries.record(delivery, status, error, self.clock.now())
            for account in self._accounts:
                event = account.table("event").get(delivery.event["id"])
                if event is not None:
                    self._deliveries.update_pending(event)
            self.changed.notify_all()

    def settle(self, timeout: float) -> bool:
        """Wait, at most `timeout` seconds, until no delivery is due or on its way."""
        with self.changed:
            return self.changed.wait_for(
                lambda: self._deliveries.settled(self.clock.now()), timeout
            )

    def deliveries(self) -> list[Json]:
        """Every delivery and its attempts, oldest first."""
        with self.lock:
            return self._deliveries.log()
