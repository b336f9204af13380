"""Run the sandbox, or only the services that a shop needs around it, until interrupted.

When everything answers, one line on standard output says where: `STAGE {...}` for the
sandbox, `SERVICES {...}` for the services, both in JSON.
"""

import argparse
import json
import signal
import threading

from sandbox.http import HOST
from sandbox.serve import Running, Services, start, start_services


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("what", nargs="?", choices=["shop", "services"], default="shop")
    parser.add_argument("--shop-port", type=int, default=8400, help="0 takes a free one")
    parser.add_argument("--simulator-port", type=int, default=8401)
    parser.add_argument("--mailbox-port", type=int, default=8402)
    parser.add_argument("--smtp-port", type=int, default=8403)
    parser.add_argument("--dashboard-port", type=int, default=8404)
    parser.add_argument(
        "--no-timers",
        action="store_true",
        help="orders expire and paylink's sweeper runs only when asked to over /_stage/",
    )
    parser.add_argument(
        "--history", action="store_true", help="let there be a year of orders that were paid"
    )
    given = parser.parse_args()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    around = (given.simulator_port, given.mailbox_port, given.smtp_port)
    running: Running | Services
    if given.what == "shop":
        running = start(
            given.shop_port,
            *around,
            given.dashboard_port,
            timers=not given.no_timers,
            history=given.history,
        )
        print("STAGE", running.stage.to_json(), flush=True)
    else:
        running = start_services(*around)
        print("SERVICES", json.dumps(_addresses(running)), flush=True)
    stopped.wait()
    running.close()


def _addresses(services: Services) -> dict[str, str | int]:
    return {
        "simulator_url": services.simulator.url,
        "mailbox_url": services.mailbox.url,
        "smtp_host": HOST,
        "smtp_port": services.mailbox.smtp_port,
    }


if __name__ == "__main__":
    main()
