"""Drives a simulator that runs in another process."""

from typing import Any

from requests import HTTPError, Response, Session

Json = dict[str, Any]


class SimulatorClient:
    """The control endpoints of the simulator at `base_url`.

    Raises `requests.HTTPError` for what the simulator cannot do.
    """

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._http = Session()
        self._http.trust_env = False

    def reset(self) -> None:
        """Forget everything, webhook endpoints included."""
        self._post("reset")

    def add_webhook_endpoint(
        self, url: str, secret: str, key: str | None = None, api_version: str | None = None
    ) -> Json:
        """Post events to `url`: those of `key`'s account, or of every account."""
        return self._post(
            "webhook-endpoints", url=url, secret=secret, key=key, api_version=api_version
        )

    def share_account(self, keys: list[str]) -> None:
        """Let several unused keys open the same account."""
        self._post("accounts", keys=keys)

    def add_fault(self, method: str, path: str, kind: str, times: int = 1) -> None:
        """Let the next `times` requests fail whose method fits and whose path fits the regex."""
        self._post("faults", method=method, path=path, kind=kind, times=times)

    def advance(self, seconds: int) -> int:
        """Move the simulator's time on; answers the new time."""
        return int(self._post("clock", advance=seconds)["now"])

    def configure_deliveries(
        self, mode: str = "live", double: bool = False, shuffle: bool = False, seed: int = 0
    ) -> None:
        """How webhooks go out from now on: `mode` is live, hold or drop."""
        self._post("deliveries", mode=mode, double=double, shuffle=shuffle, seed=seed)

    def release_deliveries(self) -> int:
        """Let held webhooks go; answers how many they were."""
        return int(self._post("deliveries/release")["released"])

    def settle(self) -> bool:
        """Wait until no webhook is due or on its way; False when that took too long."""
        return bool(self._post("deliveries/settle")["settled"])

    def pay(self, session_id: str, method: str | None = None, amount: int | None = None) -> Json:
        """Pay a session at once; `amount` makes its total another one."""
        return self._post(f"sessions/{session_id}/pay", method=method, amount=amount)

    def decline(self, session_id: str) -> Json:
        """Try to pay with a card that is declined."""
        return self._post(f"sessions/{session_id}/decline")

    def pay_later(self, session_id: str, method: str | None = None) -> Json:
        """Choose a method whose money arrives days later."""
        return self._post(f"sessions/{session_id}/pay_later", method=method)

    def complete_later(self, session_id: str, outcome: str) -> Json:
        """The money of `pay_later` has `succeeded` or `failed` to arrive."""
        return self._post(f"sessions/{session_id}/complete_later", outcome=outcome)

    def expire(self, session_id: str) -> Json:
        """Close an open session."""
        return self._post(f"sessions/{session_id}/expire")

    def post_fee(self, intent_id: str) -> Json:
        """Let the fee of an `automatic_async` charge become known."""
        return self._post(f"payment_intents/{intent_id}/post_fee")

    def refund(self, intent_id: str, amount: int | None = None) -> Json:
        """Refund a payment as the merchant would in the Stripe Dashboard."""
        return self._post(f"payment_intents/{intent_id}/refund", amount=amount)

    def fail_refund(self, refund_id: str) -> Json:
        """A refund comes back from the customer's bank."""
        return self._post(f"refunds/{refund_id}/fail")

    def delay_refunds(self, intent_id: str) -> Json:
        """Refunds of this payment are on their way, from now on, until `complete_refund`."""
        return self._post(f"payment_intents/{intent_id}/delay_refunds")

    def complete_refund(self, refund_id: str, outcome: str) -> Json:
        """A refund that was on its way has `succeeded` or `failed`."""
        return self._post(f"refunds/{refund_id}/complete", outcome=outcome)

    def dispute(self, intent_id: str, amount: int | None = None) -> Json:
        """The cardholder disputes a payment."""
        return self._post(f"payment_intents/{intent_id}/dispute", amount=amount)

    def close_dispute(self, intent_id: str, outcome: str) -> Json:
        """The dispute of a payment is `won` or `lost`."""
        return self._post(f"payment_intents/{intent_id}/dispute/close", outcome=outcome)

    def sessions(self) -> list[Json]:
        """The sessions of all accounts."""
        return self._get("sessions")

    def balance_report(self, key: str) -> str:
        """What has moved in `key`'s account, as CSV."""
        url = f"{self.base_url}/_sim/balance.csv"
        answer = self._http.get(url, params={"key": key}, timeout=60)
        answer.raise_for_status()
        return answer.text

    def requests(self) -> list[Json]:
        """What was asked over the API, oldest first."""
        return self._get("requests")

    def deliveries(self) -> list[Json]:
        """Every webhook delivery and its attempts, oldest first."""
        return self._get("deliveries")

    def _post(self, path: str, /, **fields: Any) -> Json:
        given = {name: value for name, value in fields.items() if value is not None}
        return self._read(self._http.post(f"{self.base_url}/_sim/{path}", json=given, timeout=60))

    def _get(self, name: str) -> list[Json]:
        answer = self._read(self._http.get(f"{self.base_url}/_sim/{name}", timeout=60))
        listed: list[Json] = answer[name]
        return listed

    @staticmethod
    def _read(response: Response) -> Json:
        if not response.ok:
            message = f"{response.status_code}: {response.json()['error']['message']}"
            raise HTTPError(message, response=response)
        body: Json = response.json()
        return body
