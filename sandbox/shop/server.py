"""The shop on a port. Django can be set up only once: one shop to a process."""

import os
from collections.abc import Callable
from typing import Any

import django
from django.conf import settings

from sandbox import postgres
from sandbox.http import HOST, HttpServer
from sandbox.mailbox import Mailbox
from sandbox.stage import Stage
from sandbox.stripe.server import Server as Simulator


class ShopServer:
    """A populated shop that answers at `stage.shop_url`. Close it when done.

    It lives in the database of DATABASE_URL, or in one of its own that goes with it.
    """

    def __init__(
        self,
        simulator: Simulator,
        mailbox: Mailbox,
        port: int = 0,
        dashboard_url: str = "",
        *,
        timers: bool = True,
        history: bool = False,
    ) -> None:
        if settings.configured:
            raise RuntimeError("Django is set up already: give the shop a process of its own.")
        self._http = HttpServer(port)
        self._own_database = None
        if not os.environ.get("DATABASE_URL"):
            self._own_database = postgres.create_database("sandbox")
        os.environ.update(
            DJANGO_SETTINGS_MODULE="sandbox.shop.settings",
            DATABASE_URL=self._own_database or os.environ["DATABASE_URL"],
            PUBLIC_URL=self._http.url,
            EMAIL_HOST=HOST,
            EMAIL_PORT=str(mailbox.smtp_port),
            PAYLINK_STRIPE_API_BASE=simulator.url,
        )
        django.setup()
        self.stage = _prepare(self._http.url, simulator.url, mailbox.url, dashboard_url)
        if history:
            _remember()
        self._http.start(_application(self.stage))
        self._scheduler = _scheduler() if timers else None

    def close(self) -> None:
        """Stop answering, and forget everything that was in a database of its own."""
        from django.db import connections

        if self._scheduler is not None:
            self._scheduler.stop()
        self._http.close()
        connections.close_all()
        if self._own_database is not None:
            postgres.drop_database(self._own_database)


# Django's own modules and the shop's can be imported only now that it is set up.


def _prepare(shop_url: str, simulator_url: str, mailbox_url: str, dashboard_url: str) -> Stage:
    from django.core.management import call_command

    from sandbox.shop.populate import describe, populate

    call_command("migrate", run_syncdb=True, verbosity=0)
    populate()
    return describe(shop_url, simulator_url, mailbox_url, dashboard_url)


def _remember() -> None:
    from sandbox.shop.history import make_history

    make_history()


def _application(stage: Stage) -> Callable[..., Any]:
    from django.core.wsgi import get_wsgi_application

    # The schema is built here: a fault in it must show now and not at the first request.
    from sandbox.shop import urls  # noqa: F401
    from sandbox.shop.stage import STAGE

    shop = get_wsgi_application()

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        environ[STAGE] = stage
        return shop(environ, start_response)

    return application


def _scheduler() -> Any:
    from sandbox.shop.scheduler import Scheduler

    return Scheduler()
