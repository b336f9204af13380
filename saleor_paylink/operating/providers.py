"""Whether providers take our keys and tell us of payments."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import requests
from django.test.client import RequestFactory
from django.urls import resolve

from saleor_paylink.conf import ChannelSettings
from saleor_paylink.operating.findings import Finding, failure, ok, warning
from saleor_paylink.providers.interface import Ping, Provider, ProviderError, WebhookEndpoint
from saleor_paylink.providers.registry import provider_classes

# Seconds to connect, and to wait for an answer.
TIMEOUT = (4, 10)
# Whatever becomes of a session is told by an event within a day: at the latest, that it expired.
SOMETHING_IS_TOLD_WITHIN = timedelta(days=1)


def all_of(settings: ChannelSettings) -> list[Provider]:
    """Every installed provider with a channel's settings, configured or not."""
    return [cls(settings) for cls in provider_classes().values()]


def key(provider: Provider) -> Finding:
    """Whether the provider takes the key."""
    subject = f"{provider.name} key of {provider.settings.channel}"
    try:
        provider.check_access()
    except ProviderError as error:
        return failure(subject, error.message, "Give a valid key in the plugin's settings.")
    mode = "live" if provider.livemode else "test: no money moves"
    return ok(subject, f"It is accepted ({mode}).")


def mode(providers: Sequence[Provider]) -> Finding:
    """Whether all channels move real money, or none of them."""
    live = _channels(each for each in providers if each.livemode)
    test = _channels(each for each in providers if not each.livemode)
    if live and test:
        return warning(
            "mode",
            f"Live in {', '.join(live)}; test in {', '.join(test)}.",
            "Give keys of one mode in all channels, unless this is meant.",
        )
    return ok("mode", "All channels are live." if live else "All channels are in test mode.")


def _channels(providers: Iterable[Provider]) -> list[str]:
    return sorted({each.settings.channel for each in providers})


def endpoint(provider: Provider, ours: Mapping[str, bool], url: str) -> Finding:
    """Whether the provider posts its events to this shop.

    `ours` are the URLs at which the shop hears of this provider, and whether the plugin is
    switched on there: one of them hears of all channels that share an account. `url` is the
    channel's own.
    """
    subject = f"{provider.name} webhooks of {provider.settings.channel}"
    try:
        known = [each for each in provider.webhook_endpoints() if each.url in ours]
    except ProviderError as error:
        return warning(
            subject,
            f"Where events are posted to cannot be seen: {error.message}",
            f"See at {provider.name} that they are posted to {url}.",
        )
    if not known:
        by_hand = f"Create an endpoint for {url} at {provider.name} and give its signing secret."
        return failure(subject, "No events are posted to this shop.", by_hand)
    heard = [each for each in known if each.enabled and ours[each.url]]
    if not heard:
        return failure(
            subject,
            "The endpoint is disabled, or of a channel in which the plugin is switched off.",
            f"Enable it at {provider.name}, or create one for {url} and give its signing secret.",
        )
    return _completeness(subject, heard)


def _completeness(subject: str, heard: Sequence[WebhookEndpoint]) -> Finding:
    best = min(heard, key=lambda each: len(each.missing))
    if best.missing:
        return warning(
            subject,
            "Some events are not posted, so that they are seen late.",
            f"Add these to the endpoint {best.url}: {', '.join(best.missing)}.",
        )
    return ok(subject, f"Events are posted to {best.url}.")


def signature(provider: Provider, path: str, ping: Ping) -> Finding:
    """Whether our own endpoint, asked within this process, takes what the provider signs."""
    subject = f"{provider.name} signature in {provider.settings.channel}"
    request = RequestFactory().post(
        path, ping.body, content_type="application/json", headers=dict(ping.headers)
    )
    match = resolve(path)
    status = match.func(request, *match.args, **match.kwargs).status_code
    if status != 200:
        return failure(
            subject,
            f"A signed webhook is answered with HTTP {status}.",
            "Look into the log, and save the plugin's settings again.",
        )
    return ok(subject, "A signed webhook is accepted.")


def reach(provider: Provider, url: str, ping: Ping) -> Finding:
    """Whether our own endpoint answers under its public address."""
    subject = f"{provider.name} address of {provider.settings.channel}"
    fix = f"See that {url} reaches Saleor from the internet, as it is, by POST."
    try:
        answer = requests.post(
            url, ping.body, headers=dict(ping.headers), timeout=TIMEOUT, allow_redirects=False
        )
    except requests.RequestException as error:
        return warning(subject, f"Not reached from here ({type(error).__name__}).", fix)
    if answer.status_code != 200:
        return warning(subject, f"Answered from here with HTTP {answer.status_code}.", fix)
    return ok(subject, "A webhook to the public address is accepted.")


def heard(
    provider: str, last_event: datetime | None, newest_attempt: datetime | None, now: datetime
) -> Finding:
    """Whether the provider's events arrive: the only sign that its secret is the right one."""
    subject = f"{provider} events"
    if (
        newest_attempt is not None
        and newest_attempt + SOMETHING_IS_TOLD_WITHIN < now
        and (last_event is None or last_event < newest_attempt)
    ):
        return warning(
            subject,
            f"None was received since the payment attempt of {newest_attempt:%Y-%m-%d %H:%M} UTC.",
            f"Look at {provider} whether deliveries fail. HTTP 400: another signing secret.",
        )
    if last_event is None:
        return ok(subject, "None was received yet; nothing was to be told.")
    return ok(subject, f"The last one was received on {last_event:%Y-%m-%d %H:%M} UTC.")
