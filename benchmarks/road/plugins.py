"""Saleor's plugins with both of ours among them, and without.

Saleor looks into its settings for them with each request. What stays on without ours is what
paylink has joined to Saleor at the start-up: its fields in the schema, guards around mutations
(draftOrderComplete is none of them), listeners to the tables of payments, and the filters that
keep tokens out of logs.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings as django_settings

# The plugin of the channels, and the door.
OURS = ("saleor_paylink.saleor.plugin.PaylinkPlugin", "saleor_paylink.saleor.door.PaylinkDoor")

# Of Saleor's settings, which the type checker does not know.
_settings: Any = django_settings
WITH: Sequence[str] = tuple(_settings.PLUGINS)
WITHOUT: Sequence[str] = tuple(plugin for plugin in WITH if plugin not in OURS)


def use(plugins: Sequence[str]) -> None:
    """From now on Saleor has these."""
    _settings.PLUGINS = list(plugins)
