"""Stripe's simulator on loopback, and servers that answer as no Stripe should."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from stripe import http_client

from saleor_paylink.providers.stripe import StripeProvider
from sandbox.stripe import Clock, Simulator
from sandbox.stripe.server import Server, serve
from tests.unit.providers import helpers

Stub = Callable[..., list[tuple[str, str]]]


@pytest.fixture
def simulator() -> Simulator:
    return Simulator(Clock(lambda: helpers.NOW), seed=1)


@pytest.fixture
def server(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    running = serve(simulator=simulator)
    monkeypatch.setenv("PAYLINK_STRIPE_API_BASE", running.url)
    yield running
    running.close()


@pytest.fixture
def provider(server: Server) -> StripeProvider:
    return helpers.stripe()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries follow each other at once."""
    monkeypatch.setattr(http_client.HTTPClient, "INITIAL_DELAY", 0)


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    """Call it with a status, a body and headers to have everything answered so.

    It returns the list into which method and path of each request go.
    """
    running: list[ThreadingHTTPServer] = []

    def start(status: int, body: str = "", **headers: str) -> list[tuple[str, str]]:
        asked: list[tuple[str, str]] = []
        handler = _handler(status, body.encode(), headers, asked)
        http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        running.append(http)
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}).start()
        monkeypatch.setenv("PAYLINK_STRIPE_API_BASE", f"http://127.0.0.1:{http.server_port}")
        return asked

    yield start
    for http in running:
        http.shutdown()
        http.server_close()


def _handler(
    status: int, body: bytes, headers: dict[str, str], asked: list[tuple[str, str]]
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.command, self.path))
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            return

    return Handler
