"""Which providers there are: the entry points of the group `saleor_paylink.providers`."""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import entry_points

from saleor_paylink.conf import ChannelSettings
from saleor_paylink.providers.interface import Provider


@cache
def provider_classes() -> dict[str, type[Provider]]:
    """Every installed provider by name, ordered by name."""
    found = entry_points(group="saleor_paylink.providers")
    return {entry.name: entry.load() for entry in sorted(found, key=lambda entry: entry.name)}


def provider(name: str, settings: ChannelSettings) -> Provider:
    """The provider of that name with a channel's settings. Raises KeyError for an unknown one."""
    return provider_classes()[name](settings)


def configured_providers(settings: ChannelSettings) -> Sequence[Provider]:
    """Providers that can take money in the channel; none while the plugin is inactive."""
    if not settings.active:
        return []
    made = [cls(settings) for cls in provider_classes().values()]
    return [each for each in made if each.configured]
