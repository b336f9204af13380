"""A plugin that remembers what Saleor tells plugins, for tests that count it."""

from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

from saleor.plugins.base_plugin import BasePlugin

HOOKS = (
    "order_created",
    "order_confirmed",
    "order_paid",
    "order_fully_paid",
    "order_refunded",
    "order_fully_refunded",
    "order_cancelled",
    "order_expired",
    "order_updated",
)
heard: list[tuple[UUID, str]] = []
"""Orders and the hooks called with them, oldest first."""
mails: list[tuple[str, str]] = []
"""Mails that Saleor asked for, and the numbers of the orders they are about."""
doing: dict[str, Callable[[Any], object]] = {}
"""What a hook does with the order, after it was heard."""


def reset() -> None:
    heard.clear()
    mails.clear()
    doing.clear()


def hooks_of(order_id: UUID) -> Counter[str]:
    """How often each hook was called with the order."""
    return Counter(name for pk, name in heard if pk == order_id)


def mails_of(number: object) -> Counter[str]:
    """How often each mail about the order with that number was asked for."""
    return Counter(event for event, about in mails if about == str(number))


def _hook(name: str) -> Callable[..., Any]:
    def hook(self: Any, order: Any, previous_value: Any, webhooks: Any = None) -> Any:
        heard.append((order.pk, name))
        if name in doing:
            doing[name](order)
        return previous_value

    return hook


class Recorder(BasePlugin):
    PLUGIN_ID = "tests.recorder"
    PLUGIN_NAME = "Recorder"
    CONFIGURATION_PER_CHANNEL = False
    DEFAULT_ACTIVE = True

    def notify(self, event: str, payload_func: Any, previous_value: Any = None) -> Any:
        if event.startswith("payment_link_"):
            # No mail: see tests.saleor.listener.
            return previous_value
        order = payload_func().get("order") or {}
        mails.append((event, str(order.get("number"))))
        return previous_value


for _name in HOOKS:
    setattr(Recorder, _name, _hook(_name))
