"""Where Saleor serves what is ours."""

from django.urls import reverse
from saleor.core.utils import build_absolute_uri

from saleor_paylink.saleor.configuration import PLUGIN_ID

# Not PLUGIN_ID: Saleor must never take one for the other.
DOOR_ID = f"{PLUGIN_ID}.door"


def plugin_path(channel: str) -> str:
    """The path under which all of `saleor_paylink.web.urls` lies in the channel with that slug."""
    kwargs = {"channel_slug": channel, "plugin_id": PLUGIN_ID}
    return str(reverse("plugins-per-channel", kwargs=kwargs))


def door_path() -> str:
    """The path under which all lies that is of no channel. See saleor.door."""
    return str(reverse("plugins", kwargs={"plugin_id": DOOR_ID}))


def frames_path() -> str:
    """The path under which the Dashboard's frames lie: it has one app for all channels."""
    return f"{door_path()}dashboard"


def webhook_path(channel: str, provider: str) -> str:
    """Where the channel hears of the provider's events: not among its pages, for which Saleor
    loads all plugins that the channel has, each for a query."""
    return f"{door_path()}webhooks/{provider}/{channel}"


def webhook_url(channel: str, provider: str) -> str:
    """`webhook_path` as the provider reaches it."""
    return str(build_absolute_uri(webhook_path(channel, provider)))
