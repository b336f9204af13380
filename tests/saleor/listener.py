"""Plugins as others would write them, that live on what paylink tells: docs/events.md."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import connection
from saleor.plugins.base_plugin import BasePlugin

from saleor_paylink.shop import LinkNews

HOOKS = (
    "payment_link_created",
    "payment_link_sent",
    "payment_link_opened",
    "payment_link_paid",
    "payment_link_expired",
    "payment_link_revoked",
)


class Call(NamedTuple):
    """What a plugin was told: by which hook and in which channel, about what, and whether a
    transaction was open."""

    plugin: str
    hook: str
    about: Any
    previous_value: Any
    channel: str
    in_transaction: bool


calls: list[Call] = []
"""All that was heard, oldest first."""
doing: dict[tuple[str, str], Callable[[], object]] = {}
"""What a plugin does at a hook, after it has heard."""


def reset() -> None:
    calls.clear()
    doing.clear()


def heard(hook: str = "", plugin: str = "tests.listener") -> list[Call]:
    """What a plugin has heard by a hook, or by all of those of payment links."""
    hooks = (hook,) if hook else HOOKS
    return [call for call in calls if call.plugin == plugin and call.hook in hooks]


class Listener(BasePlugin):
    """Listens in each channel where it is active: by default, in all."""

    PLUGIN_ID = "tests.listener"
    PLUGIN_NAME = "Listener"
    CONFIGURATION_PER_CHANNEL = True
    DEFAULT_ACTIVE = True

    def _hear(self, hook: str, about: Any, previous_value: Any) -> Any:
        channel = self.channel.slug if self.channel else ""
        in_transaction = connection.in_atomic_block
        calls.append(Call(self.PLUGIN_ID, hook, about, previous_value, channel, in_transaction))
        answer = doing.get((self.PLUGIN_ID, hook))
        return answer() if answer else previous_value

    def order_metadata_updated(self, order: Any, previous_value: Any, webhooks: Any = None) -> Any:
        return self._hear("order_metadata_updated", dict(order.metadata), previous_value)

    def notify(self, event: str, payload_func: Any, previous_value: Any = None) -> Any:
        if event in HOOKS:
            self._hear("notify", (event, payload_func()), previous_value)
        return previous_value


class SecondListener(Listener):
    PLUGIN_ID = "tests.second_listener"
    PLUGIN_NAME = "Second listener"


def _hook(name: str) -> Callable[..., Any]:
    def hook(self: Listener, link: LinkNews, previous_value: Any) -> Any:
        return self._hear(name, link, previous_value)

    return hook


for _name in HOOKS:
    setattr(Listener, _name, _hook(_name))
