"""An app's server: takes what Saleor's webhooks deliver to a port of this machine."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from saleor.app.models import App
from saleor.permission.enums import get_permissions_from_names
from saleor.webhook.models import Webhook


class Delivery(NamedTuple):
    """One request: the event that it is about, and its whole body."""

    event: str
    body: Any


class Receiver:
    """Answers every request with 200, and what is in `answers` for its event. Saleor's tasks run at
    once in tests: what it has to say has arrived when the call that made it say so is over."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self._deliveries: list[Delivery] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._apps: list[App] = []
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def subscribe(
        self, event: str, query: str | None, *permissions: str, identifier: str = ""
    ) -> None:
        """As an app of its own with these permissions, to an event; by an old webhook without a
        subscription where there is no query."""
        app = App.objects.create(name="Receiver", identifier=identifier, is_active=True)
        app.permissions.set(get_permissions_from_names(permissions))
        self._apps.append(app)
        url = f"http://127.0.0.1:{self._server.server_port}/"
        webhook = Webhook.objects.create(app=app, target_url=url, subscription_query=query)
        webhook.events.create(event_type=event)

    def take(self) -> Sequence[Delivery]:
        """What has come since it was last asked, oldest first."""
        taken, self._deliveries = self._deliveries, []
        return taken

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        App.objects.filter(pk__in=[app.pk for app in self._apps]).delete()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                event = self.headers["Saleor-Event"]
                receiver._deliveries.append(Delivery(event, body))
                self.send_response(200)
                self.end_headers()
                if event in receiver.answers:
                    self.wfile.write(json.dumps(receiver.answers[event]).encode())

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing."""

        return Handler


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver, and afterwards no app of its is left."""
    receiver = Receiver()
    try:
        yield receiver
    finally:
        receiver.close()
