"""Serve a real Saleor with the plugin, the Stripe simulator and the mailbox, until interrupted.

When everything answers, one line on standard output says where: `STAGE {...}`, in JSON.
"""

import argparse
import signal
import threading

from tests.saleor import environment
from tests.saleor.serving import serving


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.saleor.serve", description=__doc__)
    parser.add_argument("--shop-port", type=int, default=8000, help="0 takes a free one")
    parser.add_argument("--simulator-port", type=int, default=8001)
    parser.add_argument("--mailbox-port", type=int, default=8002)
    parser.add_argument("--smtp-port", type=int, default=8003)
    parser.add_argument("--no-timers", dest="timers", action="store_false")
    chosen = parser.parse_args()
    stopped = threading.Event()
    environment.install()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    with serving(**vars(chosen), watched=False) as stage:
        print("STAGE", stage.to_json(), flush=True)  # noqa: T201
        stopped.wait()


if __name__ == "__main__":
    main()
