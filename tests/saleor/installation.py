"""For tests of an installation: its state, kept, and channels with accounts of their own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any
from uuid import uuid4

import requests
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from saleor.app.models import App
from saleor.plugins.models import PluginConfiguration

from sandbox.stage import PLUGIN_ID

Json = dict[str, Any]


@contextmanager
def kept() -> Iterator[None]:
    """Whatever is done to the plugin's settings and to apps is undone."""
    rows = list(PluginConfiguration.objects.filter(identifier=PLUGIN_ID))
    apps = list(App.objects.values_list("pk", flat=True))
    yield
    App.objects.exclude(pk__in=apps).delete()
    for row in rows:
        row.save()


@contextmanager
def not_migrated() -> Iterator[None]:
    """Meanwhile the database is one in which `migrate` was forgotten."""
    recorder = MigrationRecorder(connection)
    ours = [each for each in recorder.applied_migrations() if each[0] == "saleor_paylink"]
    for app, name in ours:
        recorder.record_unapplied(app, name)
    try:
        yield
    finally:
        for app, name in ours:
            recorder.record_applied(app, name)


def new_key(kind: str = "sk_test") -> str:
    """A key that opens an account of its own at the simulator."""
    return f"{kind}_{uuid4().hex}"


def configure(channel: str, *, active: bool, key: str = "", secret: str = "") -> None:
    """Give the channel these settings, as they are when they have been saved."""
    values = {"stripe-secret-key": key, "stripe-webhook-secret": secret}
    configuration = [{"name": name, "value": value} for name, value in values.items() if value]
    row(channel).update(active=active, configuration=configuration)


def row(channel: str) -> Any:
    """The stored settings of a channel, as a query."""
    return PluginConfiguration.objects.filter(identifier=PLUGIN_ID, channel__slug=channel)


def stored(channel: str) -> tuple[bool, str]:
    """Whether the plugin is on in the channel, and its signing secrets."""
    found = row(channel).get()
    values = {item["name"]: item["value"] for item in found.configuration}
    return found.active, values.get("stripe-webhook-secret", "")


def endpoints(key: str) -> list[Json]:
    """What the account of that key has events posted to."""
    return _ask("GET", key)["data"]


def make_endpoint(key: str, url: str) -> Json:
    """An endpoint that somebody else has made at the simulator."""
    return _ask("POST", key, {"url": url, "enabled_events[0]": "*"})


def _ask(method: str, key: str, form: dict[str, str] | None = None) -> Json:
    answer = requests.request(
        method,
        f"{os.environ['PAYLINK_STRIPE_API_BASE']}/v1/webhook_endpoints",
        headers={"Authorization": f"Bearer {key}"},
        data=form,
        timeout=30,
    )
    answer.raise_for_status()
    found: Json = answer.json()
    return found


def run(command: str, *arguments: str) -> tuple[int, list[str]]:
    """The exit status of `manage.py` with these arguments, and the lines it printed."""
    printed = StringIO()
    try:
        call_command(command, *arguments, stdout=printed)
    except CommandError as error:
        return error.returncode, [*printed.getvalue().splitlines(), str(error)]
    return 0, printed.getvalue().splitlines()


def about(lines: list[str], subject: str) -> list[str]:
    """The lines about a subject: level and message."""
    parted = [line.split("  ", 1) for line in lines if f"  {subject}: " in line]
    return [f"{level.strip()} {rest.strip().removeprefix(subject)}" for level, rest in parted]
