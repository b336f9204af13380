"""The simulator on a port: Stripe's API, the page to pay on, and the control endpoints."""

import socket
import threading
from urllib.parse import parse_qsl

from flask import Flask, Response, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox.stripe.control import control
from sandbox.stripe.errors import ConnectionLost
from sandbox.stripe.pages import pages
from sandbox.stripe.state import Simulator
from sandbox.stripe.worker import DeliveryWorker


class _QuietHandler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        # `GET /_sim/requests` tells what was asked; a second log would only repeat it.
        return


class Server:
    """A running simulator. Close it when done."""

    def __init__(self, simulator: Simulator, http: BaseWSGIServer, worker: DeliveryWorker) -> None:
        self.simulator = simulator
        self.url = simulator.base_url
        self._http = http
        self._worker = worker
        self._thread = threading.Thread(
            target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()
        worker.start()

    def close(self) -> None:
        """Stop answering and sending."""
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
        self._worker.stop()

    def wait(self) -> None:
        """Block until the server is closed."""
        self._thread.join()


def serve(port: int = 0, host: str = "127.0.0.1", simulator: Simulator | None = None) -> Server:
    """Serve `simulator`, by default a new one, in daemon threads; port 0 takes a free one."""
    simulator = simulator or Simulator()
    http = make_server(
        host, port, application(simulator), threaded=True, request_handler=_QuietHandler
    )
    simulator.base_url = f"http://{host}:{http.server_port}"
    return Server(simulator, http, DeliveryWorker(simulator))


def application(simulator: Simulator) -> Flask:
    """The WSGI application over `simulator`."""
    app = Flask(__name__)
    # Stripe writes its objects with `id` and `object` first, not in alphabetical order.
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.register_blueprint(pages(simulator))
    app.register_blueprint(control(simulator))

    @app.route("/v1/<path:rest>", methods=["GET", "POST", "DELETE"])
    def stripe_api(rest: str) -> Response:
        return _answer(app, simulator)

    return app


def _answer(app: Flask, simulator: Simulator) -> Response:
    sent = request.get_data() if request.method == "POST" else request.query_string
    try:
        answer = simulator.request(
            request.method,
            request.path,
            tuple(parse_qsl(sent.decode("utf-8", "replace"), keep_blank_values=True)),
            key=_key(),
            idempotency_key=request.headers.get("Idempotency-Key"),
            version=request.headers.get("Stripe-Version"),
        )
    except ConnectionLost:
        # The socket is werkzeug's own: WSGI has no way to say nothing at all.
        request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return Response()
    response = Response(
        app.json.dumps(answer.body, indent=2), answer.status, mimetype="application/json"
    )
    response.headers.update(answer.headers)
    return response


def _key() -> str:
    """The secret key, sent as a bearer token or as the user of basic authentication."""
    sent = request.authorization
    if sent is None:
        return ""
    return (sent.token if sent.type == "bearer" else sent.username) or ""
