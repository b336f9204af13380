"""A real Saleor with all that it needs around it, served on loopback ports."""

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from sandbox.http import HOST
from sandbox.serve import Services, start_services
from sandbox.stage import Stage
from tests.saleor import environment
from tests.saleor.database import fresh_database

SECONDS_TO_START = 300
SECONDS_TO_STOP = 30
SWEEP_EVERY = 60


@contextmanager
def serving(
    shop_port: int = 0,
    simulator_port: int = 0,
    mailbox_port: int = 0,
    smtp_port: int = 0,
    *,
    timers: bool = True,
    watched: bool = True,
) -> Iterator[Stage]:
    """Serve Saleor with the installed wheel; port 0 takes a free one.

    Without `timers` nothing happens by itself as time goes by. `watched`: whoever uses the
    database's writer without leave fails, be it Saleor itself. Raises RuntimeError if Saleor
    ends before it answers.
    """
    with fresh_database() as database_url:
        services = start_services(simulator_port, mailbox_port, smtp_port)
        try:
            port = shop_port or _free_port()
            with _shop(database_url, services, port, watched=watched) as stage:
                services.announce(stage)
                stopped = threading.Event()
                if timers:
                    threading.Thread(target=_sweep, args=(stage, stopped), daemon=True).start()
                yield stage
                stopped.set()
        finally:
            services.close()


def variables(
    database_url: str, services: Services, shop_url: str, *, watched: bool = True
) -> dict[str, str]:
    """The environment of a Saleor process that uses these; `watched` as for `serving`."""
    return environment.variables(
        WATCH_WRITER="yes" if watched else "",
        DATABASE_URL=database_url,
        PUBLIC_URL=shop_url,
        EMAIL_URL=f"smtp://{HOST}:{services.mailbox.smtp_port}",
        MAILBOX_URL=services.mailbox.url,
        PAYLINK_STRIPE_API_BASE=services.simulator.url,
    )


@contextmanager
def _shop(database_url: str, services: Services, port: int, *, watched: bool) -> Iterator[Stage]:
    url = f"http://{HOST}:{port}"
    process = subprocess.Popen(
        environment.command("tests.saleor.shop", str(port)),
        env=variables(database_url, services, url, watched=watched),
    )
    try:
        yield _wait_for_stage(process, f"{url}/_stage/")
    finally:
        process.terminate()
        try:
            process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for_stage(process: "subprocess.Popen[bytes]", url: str) -> Stage:
    deadline = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < deadline:
        try:
            return Stage.from_json(requests.get(url, timeout=60).text)
        except requests.ConnectionError:
            time.sleep(0.2)
    raise RuntimeError("Saleor did not start.")


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _sweep(stage: Stage, stopped: threading.Event) -> None:
    """What Celery beat does where there is one."""
    while not stopped.wait(SWEEP_EVERY):
        requests.post(f"{stage.shop_url}/_stage/sweep", timeout=SWEEP_EVERY)
