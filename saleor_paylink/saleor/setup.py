"""Setting paylink up in this Saleor, and undoing it."""

from collections.abc import Collection, Iterator

from django.core.exceptions import ValidationError
from django.db import transaction
from django_celery_beat.models import PeriodicTask
from saleor.channel.models import Channel
from saleor.plugins.models import PluginConfiguration

from saleor_paylink.conf import ChannelSettings
from saleor_paylink.models import ATTEMPT_UNRESOLVED, PaymentAttempt
from saleor_paylink.operating import surroundings
from saleor_paylink.operating.findings import Finding, Level, failure, ok, warning
from saleor_paylink.operating.providers import all_of
from saleor_paylink.providers.interface import Provider, ProviderError
from saleor_paylink.saleor import configuration, dashboard_app
from saleor_paylink.saleor.configuration import PLUGIN_ID
from saleor_paylink.saleor.paths import webhook_url
from saleor_paylink.saleor.schedule import SWEEP
from saleor_paylink.shop import current_shop

IN_DASHBOARD = "Configuration → Plugins → Payment links"


def every_channel() -> list[ChannelSettings]:
    """The settings of all channels there are, ordered by slug."""
    slugs = list(Channel.objects.order_by("slug").values_list("slug", flat=True))
    settings = current_shop().settings_of(slugs)
    return [settings[slug] for slug in slugs]


def set_up(activate: Collection[str]) -> Iterator[Finding]:
    """See Host.set_up."""
    found = surroundings.tables()
    if found.level is Level.FAILURE:
        yield found
        return
    channels = every_channel()
    for slug in sorted(set(activate) - {each.channel for each in channels}):
        yield failure(f"plugin in {slug}", "There is no such channel.", "Give a channel's slug.")
    with_key = [each for each in channels if _has_key(each)]
    for settings in channels:
        if settings in with_key:
            yield from _set_up_channel(settings, settings.channel in activate)
        elif settings.channel in activate:
            yield failure(
                f"plugin in {settings.channel}", "There is no key.", _give_key(settings.channel)
            )
    if not with_key:
        yield failure("plugin", "No channel has a provider's key.", _give_key("a channel"))
    yield dashboard_app.write()


def _give_key(channel: str) -> str:
    return (
        f"In the Dashboard, under {IN_DASHBOARD}, choose {channel}, give the key, leave the plugin "
        "switched off and run this again."
    )


def _has_key(settings: ChannelSettings) -> bool:
    return any(each.configured or each.awaits_webhook for each in all_of(settings))


def _set_up_channel(settings: ChannelSettings, activate: bool) -> Iterator[Finding]:
    """A channel that waits for its webhooks was never switched on, so nobody switched it off."""
    for provider in all_of(settings):
        if provider.awaits_webhook:
            found, is_ready = _connect(provider)
            yield found
            activate = activate or is_ready
    subject = f"plugin in {settings.channel}"
    present = current_shop().channel_settings(settings.channel)
    if present.active:
        yield ok(subject, "It is switched on.")
    elif not any(each.configured for each in all_of(present)):
        return  # Said above.
    elif activate:
        yield _activate(settings.channel)
    else:
        yield warning(
            subject,
            "It is switched off, and left so.",
            f"To switch it on: manage.py paylink_setup --activate {settings.channel}",
        )


def _connect(provider: Provider) -> tuple[Finding, bool]:
    """Have events posted here, and whether they now are. Channels that share an account share
    its endpoint: an event is understood wherever it arrives."""
    channel = provider.settings.channel
    subject = f"{provider.name} webhooks of {channel}"
    url = webhook_url(channel, provider.name)
    by_hand = (
        f"At {provider.name}, have events posted to {url}, and give the signing secret in the "
        f"Dashboard, under {IN_DASHBOARD}."
    )
    try:
        posted_to = {each.url for each in provider.webhook_endpoints() if each.enabled}
        secret = _shared_secret(provider, posted_to)
        if secret is None and url in posted_to:
            return warning(
                subject,
                f"There is an endpoint for {url} already, and its secret is told only once.",
                f"Copy the signing secret from {provider.name}'s own dashboard into the Dashboard, "
                f"under {IN_DASHBOARD}, or delete the endpoint there and run this again.",
            ), False
        made = secret is None
        secret = secret or provider.register_webhook(url)
    except ProviderError as error:
        return failure(subject, error.message, by_hand), False
    _keep(channel, provider.webhook_field, secret)
    message = f"Registered: {url}." if made else "The endpoint of another channel hears of them."
    return ok(subject, message), True


def _shared_secret(provider: Provider, posted_to: Collection[str]) -> str | None:
    """The signing secret of a channel in use whose endpoint is one of the account's."""
    for settings in every_channel():
        other = type(provider)(settings)
        is_usable = settings.active and other.configured and other.livemode == provider.livemode
        if is_usable and webhook_url(settings.channel, provider.name) in posted_to:
            return settings.values[provider.webhook_field]
    return None


@transaction.atomic
def _keep(channel: str, field: str, secret: str) -> None:
    """Put a signing secret beside those that are there: somebody else may be at it, too."""
    row = _locked(channel)
    item = next((each for each in row.configuration if each["name"] == field), None)
    if item is None:
        item = {"name": field}
        row.configuration.append(item)
    item["value"] = f"{item.get('value') or ''} {secret}".strip()
    row.save(update_fields=["configuration"])


@transaction.atomic
def _activate(channel: str) -> Finding:
    subject = f"plugin in {channel}"
    row = _locked(channel)
    values = configuration.values_of(row.configuration)
    try:
        configuration.check(ChannelSettings(channel, True, values))
    except ValidationError as error:
        (reason,) = error.messages
        return failure(subject, reason, f"Change it in the Dashboard, under {IN_DASHBOARD}.")
    row.active = True
    row.save(update_fields=["active"])
    return ok(subject, "It has been switched on.")


def _locked(channel: str) -> PluginConfiguration:
    rows = PluginConfiguration.objects.select_for_update(of=("self",))
    return rows.get(identifier=PLUGIN_ID, channel__slug=channel)


def remove() -> Iterator[Finding]:
    """See Host.remove."""
    for settings in every_channel():
        if settings.active:
            rows = PluginConfiguration.objects.filter(identifier=PLUGIN_ID)
            rows.filter(channel__slug=settings.channel).update(active=False)
            yield ok(f"plugin in {settings.channel}", "It has been switched off.")
    yield dashboard_app.remove()
    deleted, _by_kind = PeriodicTask.objects.filter(name=SWEEP).delete()
    yield ok("sweeper", "It is out of the schedule." if deleted else "It was in no schedule.")
    yield from _what_stays()


def _what_stays() -> Iterator[Finding]:
    under_way = PaymentAttempt.objects.filter(status__in=ATTEMPT_UNRESOLVED).count()
    if under_way:
        yield warning(
            "payments",
            f"{under_way} may still be under way; whoever pays now is not heard.",
            "Switch the plugin on again until manage.py paylink_reconcile finds nothing.",
        )
    for settings in every_channel():
        for provider in all_of(settings):
            if provider.configured:
                url = webhook_url(settings.channel, provider.name)
                yield ok(provider.name, f"An endpoint for {url} may be deleted there.")
