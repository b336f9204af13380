"""Where Saleor serves the plugin's pages."""

from django.urls import reverse
from saleor.core.utils import build_absolute_uri

from saleor_paylink.saleor.configuration import PLUGIN_ID


def plugin_path(channel: str) -> str:
    """The path under which all of `saleor_paylink.web.urls` lies in the channel with that slug."""
    kwargs = {"channel_slug": channel, "plugin_id": PLUGIN_ID}
    return str(reverse("plugins-per-channel", kwargs=kwargs))


def webhook_path(channel: str, provider: str) -> str:
    """Where the channel hears of the provider's events."""
    return f"{plugin_path(channel)}webhooks/{provider}"


def webhook_url(channel: str, provider: str) -> str:
    """`webhook_path` as the provider reaches it."""
    return str(build_absolute_uri(webhook_path(channel, provider)))
