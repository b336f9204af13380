"""A simulator on loopback, asked as a program would ask Stripe, and a shop that takes webhooks."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from sandbox.stripe import Clock, Simulator
from sandbox.stripe.client import SimulatorClient
from sandbox.stripe.openapi import description_folder
from sandbox.stripe.server import Server, serve

NOW = 1_700_000_000
SECRET = "whsec_of_the_shop"
SESSION = {
    "mode": "payment",
    "success_url": "https://shop.example/paid?session={CHECKOUT_SESSION_ID}",
    "line_items[0][quantity]": "1",
    "line_items[0][price_data][currency]": "eur",
    "line_items[0][price_data][unit_amount]": "1234",
    "line_items[0][price_data][product_data][name]": "Order #7",
}


class Api:
    """Stripe's API at `url`, as asked with one secret key."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self.key = key
        self._http = requests.Session()
        self._http.trust_env = False

    def get(self, path: str, **params: Any) -> requests.Response:
        return self._ask("GET", path, params=params)

    def post(
        self, path: str, form: dict[str, str] | None = None, key: str | None = None
    ) -> requests.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return self._ask("POST", path, data=form or {}, headers=headers)

    def create(self, key: str | None = None, **changes: Any) -> requests.Response:
        """Create the usual session, with form fields changed or, for None, left out."""
        return self.create_with(changes, key)

    def create_with(self, changes: dict[str, Any], key: str | None = None) -> requests.Response:
        form = {name: value for name, value in {**SESSION, **changes}.items() if value is not None}
        return self.post("/v1/checkout/sessions", form, key)

    def session(self, id: str, **params: Any) -> dict[str, Any]:
        return self.get(f"/v1/checkout/sessions/{id}", **params).json()

    def event_types(self) -> list[str]:
        """The types of all events so far, oldest first."""
        return [e["type"] for e in reversed(self.get("/v1/events", limit=100).json()["data"])]

    def _ask(self, method: str, path: str, **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.key}", **more.pop("headers", {})}
        return self._http.request(method, self.url + path, headers=headers, timeout=30, **more)


@dataclass
class Shop:
    """Takes webhooks. `answers` are its next HTTP statuses; after them it says 200."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    received: list[tuple[str, bytes]] = field(default_factory=list)


@pytest.fixture
def simulator() -> Simulator:
    return Simulator(Clock(lambda: NOW), seed=1)


@pytest.fixture
def server(simulator: Simulator) -> Iterator[Server]:
    running = serve(simulator=simulator)
    yield running
    running.close()


@pytest.fixture
def api(server: Server) -> Api:
    return Api(server.url, "sk_test_shop")


@pytest.fixture
def control(server: Server) -> SimulatorClient:
    return SimulatorClient(server.url)


@pytest.fixture
def shop() -> Iterator[Shop]:
    taken = Shop()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.received.append((self.headers["Stripe-Signature"], body))
            self.send_response(taken.answers.pop(0) if taken.answers else 200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            return

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    taken.url = f"http://127.0.0.1:{http.server_port}/hook"
    yield taken
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture(params=["described by Stripe", "described by hand"])
def any_rules(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """Ask for this before `simulator` to run a test under both sets of request rules."""
    if request.param == "described by hand":
        monkeypatch.setenv("PAYLINK_STRIPE_OPENAPI", str(tmp_path))
    elif description_folder() is None:
        pytest.skip("Stripe's OpenAPI description is not at hand.")
