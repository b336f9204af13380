"""The plugin that Saleor asks for what is of no channel.

Saleor looks among its plugins without a channel first, for the price of one query. To find one
that has a channel it loads the plugins of every channel there is.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from saleor.plugins.base_plugin import BasePlugin

from saleor_paylink.saleor.desk import SaleorDesk
from saleor_paylink.saleor.paths import DOOR_ID, door_path
from saleor_paylink.web.door import serve_door


class PaylinkDoor(BasePlugin):
    """Has no hooks and no settings, and is never switched on: Saleor serves it nevertheless."""

    PLUGIN_ID = DOOR_ID
    PLUGIN_NAME = "Payment links: the Dashboard's frames and webhooks"
    CONFIGURATION_PER_CHANNEL = False
    DEFAULT_ACTIVE = False
    # From staff: there is nothing to be set, and the Dashboard's list has the plugin already.
    HIDDEN = True

    def webhook(self, request: HttpRequest, path: str, previous_value: Any) -> HttpResponseBase:
        # What came by another road keeps its slash in front, and so leads to nothing.
        return serve_door(request, request.path.removeprefix(door_path()), SaleorDesk())


def open_door() -> None:
    """Have Saleor load the door, for which an entry point would have to name a Django app of its
    own. Saleor reads the setting whenever it looks for its plugins."""
    path = f"{PaylinkDoor.__module__}.{PaylinkDoor.__qualname__}"
    if path not in settings.PLUGINS:  # type: ignore[misc]
        settings.PLUGINS = [*settings.PLUGINS, path]  # type: ignore[misc]
