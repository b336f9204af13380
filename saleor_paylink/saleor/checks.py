"""All that has to be right for paylink to work in this Saleor."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.db.models import Max
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from saleor.channel import MarkAsPaidStrategy
from saleor.channel.models import Channel
from saleor.core.utils import get_public_url

from saleor_paylink import brand
from saleor_paylink.conf import ChannelSettings, SettingInvalid
from saleor_paylink.mail.outbox import account_of
from saleor_paylink.models import PaymentAttempt, ProviderEvent
from saleor_paylink.operating import providers, surroundings
from saleor_paylink.operating.findings import Finding, Level, failure, ok, warning
from saleor_paylink.providers.interface import Provider
from saleor_paylink.saleor import dashboard_app
from saleor_paylink.saleor.paths import webhook_path, webhook_url
from saleor_paylink.saleor.schedule import SWEEP
from saleor_paylink.saleor.setup import IN_DASHBOARD, every_channel
from saleor_paylink.shop import MailAccount
from saleor_paylink.web.dashboard.origins import origins


def check() -> Iterator[Finding]:
    """See Host.check."""
    found = surroundings.tables()
    yield found
    if found.level is Level.FAILURE:
        return  # Nothing else could be looked up.
    channels = every_channel()
    in_use = [each for each in channels if each.active]
    if not in_use:
        yield failure("plugin", "It is switched on in no channel.", "Run manage.py paylink_setup.")
    for settings in in_use:
        yield from settings_of(settings)
    usable = [each for settings in in_use for each in providers.all_of(settings) if each.configured]
    yield from _providers(usable, channels)
    yield surroundings.address(get_public_url(), live=any(each.livemode for each in usable))
    yield from _mail([each.channel for each in in_use])
    yield surroundings.celery()
    yield _sweeper()
    for channel in Channel.objects.filter(slug__in=[each.channel for each in in_use]):
        yield from channel_settings(channel)
    yield from dashboard_app.check()
    where = origins()
    yield surroundings.dashboard(where.setting, where.sources, complete=where.complete)


def settings_of(settings: ChannelSettings) -> Iterator[Finding]:
    """Whether a channel in which the plugin is switched on can take money."""
    subject = f"plugin in {settings.channel}"
    fix = f"Change it in the Dashboard, under {IN_DASHBOARD}."
    made = providers.all_of(settings)
    try:
        settings.validate()
        brand.validate(settings.values)
        for each in made:
            each.validate()
    except SettingInvalid as error:
        yield failure(subject, error.message, fix)
        return
    if not any(each.configured for each in made):
        yield failure(subject, "It is switched on, and there is no provider's key.", fix)


def _providers(
    usable: Sequence[Provider], channels: Sequence[ChannelSettings]
) -> Iterator[Finding]:
    if usable:
        yield providers.mode(usable)
    for provider in usable:
        channel, name = provider.settings.channel, provider.name
        url = webhook_url(channel, name)
        ours = {webhook_url(each.channel, name): each.active for each in channels}
        yield providers.key(provider)
        yield providers.endpoint(provider, ours, url)
        ping = provider.ping()
        if ping is not None:
            yield providers.signature(provider, webhook_path(channel, name), ping)
            yield providers.reach(provider, url, ping)
    for name in sorted({each.name for each in usable}):
        yield _events(name)


def _events(name: str) -> Finding:
    events = ProviderEvent.objects.filter(provider=name).aggregate(last=Max("received_at"))
    attempts = PaymentAttempt.objects.filter(provider=name, provider_reference__isnull=False)
    newest = attempts.aggregate(last=Max("created_at"))
    return providers.heard(name, events["last"], newest["last"], timezone.now())


def _mail(channels: Sequence[str]) -> Iterator[Finding]:
    """Each account by which customers are mailed, once; Django's where the plugin is in use in no
    channel."""
    seen: list[MailAccount] = []
    for channel in channels or [""]:
        account = account_of(channel)
        if account is None:
            fix = "Correct the account of the plugin User emails in that channel."
            yield failure(f"mail in {channel}", "Its mail account cannot be used.", fix)
            continue
        known = any((each.sender, each.server) == (account.sender, account.server) for each in seen)
        if not known:
            subject = f"mail in {channel}" if seen else "mail"
            yield from (replace(each, subject=subject) for each in surroundings.mail(account))
            seen.append(account)


def _sweeper() -> Finding:
    row = PeriodicTask.objects.filter(name=SWEEP, enabled=True).first()
    begun = row.last_run_at if row else None
    return surroundings.sweeper(begun, timezone.now(), scheduled=row is not None)


def channel_settings(channel: Channel) -> Iterator[Finding]:
    """What of a channel's own settings fights the hold on its orders."""
    subject = f"channel {channel.slug}"
    found = list(_fighting(subject, channel))
    yield from found
    if not found:
        yield ok(subject, "Nothing in its settings fights the hold.")


def _fighting(subject: str, channel: Channel) -> Iterator[Finding]:
    if not channel.is_active:
        yield warning(subject, "It is inactive: drafts cannot be completed.", "Activate it.")
    if channel.automatically_confirm_all_new_orders:
        yield warning(
            subject,
            "It confirms orders by itself: a link takes an order back to unconfirmed, but apps "
            "have heard of it as confirmed before.",
            "Switch off the automatic confirmation if a warehouse would ship at once.",
        )
    if channel.expire_orders_after:
        yield warning(
            subject,
            f"It lets orders expire after {channel.expire_orders_after} minutes: an order with a "
            "link is kept from it by an empty transaction, and Saleor's Mark as paid refuses it.",
            "Mark such orders paid in Payment links, and make links before orders expire.",
        )
    if channel.order_mark_as_paid_strategy == MarkAsPaidStrategy.PAYMENT_FLOW:
        yield warning(
            subject,
            "Saleor's Mark as paid makes a payment of the old kind, which the Dashboard does not "
            "show beside a link's transactions.",
            "Set the strategy for marking orders as paid to transactions.",
        )
