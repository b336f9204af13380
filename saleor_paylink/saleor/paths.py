"""Where Saleor serves the plugin's pages."""

from django.urls import reverse

from saleor_paylink.saleor.configuration import PLUGIN_ID


def plugin_path(channel: str) -> str:
    """The path under which all of `saleor_paylink.web.urls` lies in the channel with that slug."""
    kwargs = {"channel_slug": channel, "plugin_id": PLUGIN_ID}
    return str(reverse("plugins-per-channel", kwargs=kwargs))
