"""A WSGI application on a loopback port."""

import threading
from typing import Any, NoReturn

from werkzeug.serving import WSGIRequestHandler, make_server

HOST = "127.0.0.1"


class _QuietHandler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return


def _not_yet(_environ: Any, _start_response: Any) -> NoReturn:
    raise RuntimeError("This server has not been started.")


class HttpServer:
    """Takes its port when made (0: a free one) and answers from `start` until `close`."""

    def __init__(self, port: int = 0) -> None:
        self._http = make_server(HOST, port, _not_yet, threaded=True, request_handler=_QuietHandler)
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self.url = f"http://{HOST}:{self._http.server_port}"

    def start(self, application: Any) -> None:
        """Answer with this WSGI application, in daemon threads."""
        self._http.app = application
        self._thread.start()

    def close(self) -> None:
        """Stop answering and give the port back."""
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()
