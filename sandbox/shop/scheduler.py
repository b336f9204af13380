"""The clock of the shop: what Celery's beat does for Saleor."""

import logging
import threading

from django.db import connections

from saleor_paylink.failures import log_failure
from saleor_paylink.links import sweeper
from sandbox.shop import hooks, orders

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_ROUNDS = 15


def expire_orders() -> None:
    """Expire what is overdue."""
    for order_id in orders.expire_overdue():
        hooks.order_changed(order_id)


def go_round() -> None:
    """Expire overdue orders, then run paylink's sweeper."""
    expire_orders()
    sweeper.sweep()


class Scheduler:
    """Goes round in a thread until it is stopped."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let the round that is running end, and start no other."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(SECONDS_BETWEEN_ROUNDS):
            try:
                go_round()
            except Exception:
                log_failure(logger, "A round of the scheduler failed; the next one comes:")
            finally:
                connections.close_all()
