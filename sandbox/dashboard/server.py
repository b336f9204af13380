"""The dashboard, listening: another origin than the shop, as with Saleor."""

from sandbox.dashboard.pages import application
from sandbox.http import HttpServer
from sandbox.stage import Stage


class Dashboard:
    """Answers at `url` from `start` until `close`."""

    def __init__(self, port: int = 0) -> None:
        self._http = HttpServer(port)
        self.url = self._http.url

    def start(self, stage: Stage) -> None:
        """Show the shop on this stage."""
        self._http.start(application(stage))

    def close(self) -> None:
        self._http.close()
