"""Posts webhooks in the background."""

import threading

import requests

from sandbox.stripe.deliveries import Delivery, signature
from sandbox.stripe.state import Simulator

ANSWER_WITHIN = 20.0
LOOK_AGAIN_AFTER = 1.0


class DeliveryWorker:
    """One daemon thread that sends what `simulator` has to send."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._stopping = False
        self._http = requests.Session()
        # A webhook goes straight to the shop, whatever proxy this machine is told to use.
        self._http.trust_env = False
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> None:
        """Begin sending."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after what is being sent now."""
        with self._simulator.changed:
            self._stopping = True
            self._simulator.changed.notify_all()
        self._thread.join(ANSWER_WITHIN)

    def _run(self) -> None:
        while True:
            with self._simulator.changed:
                if self._stopping:
                    return
                delivery = self._simulator.next_delivery()
                if delivery is None:
                    # Not for ever: a retry falls due, and a session expires, by time alone.
                    self._simulator.changed.wait(LOOK_AGAIN_AFTER)
            if delivery is not None:
                self._send(delivery)

    def _send(self, delivery: Delivery) -> None:
        payload = delivery.payload()
        signed = signature(payload, delivery.endpoint.secret, self._simulator.clock.wall())
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signed,
            "User-Agent": "Stripe/1.0 (simulator)",
        }
        status, error = None, None
        try:
            status = self._http.post(
                delivery.endpoint.url,
                data=payload,
                headers=headers,
                timeout=ANSWER_WITHIN,
                allow_redirects=False,
            ).status_code
        except requests.RequestException as failure:
            error = type(failure).__name__
        self._simulator.record_delivery(delivery, status, error)
