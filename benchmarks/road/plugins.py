"""Saleor's plugins with ours among them, and without.

Saleor looks into its settings for them with each request. What stays on without ours is what
paylink has joined to Saleor at the start-up: its fields in the schema, guards around mutations
(draftOrderComplete is none of them), listeners to the tables of payments, and the filters that
keep tokens out of logs.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings as django_settings

OURS = "saleor_paylink."

# Of Saleor's settings, which the type checker does not know.
_settings: Any = django_settings
WITH: Sequence[str] = tuple(_settings.PLUGINS)
WITHOUT: Sequence[str] = tuple(plugin for plugin in WITH if not plugin.startswith(OURS))


def use(plugins: Sequence[str]) -> None:
    """From now on Saleor has these."""
    _settings.PLUGINS = list(plugins)
