"""Whether what paylink stands on is there: its tables, a public address, mail, Celery."""

import smtplib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from celery import current_app
from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend as Smtp
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from kombu.exceptions import OperationalError

from saleor_paylink import jobs
from saleor_paylink.mail import server
from saleor_paylink.operating.findings import Finding, failure, ok, warning
from saleor_paylink.shop import MailAccount

APP = "saleor_paylink"

# Seconds.
PATIENCE = 4
WORKERS_ANSWER_WITHIN = 2
# Celery beat writes down every few minutes what it has begun.
SWEEP_IS_LATE_AFTER = timedelta(minutes=10)

LOCAL_NAMES = (".localhost", ".local", ".internal", ".lan")
NOWHERE = ("console", "dummy", "filebased", "locmem")
PLACEHOLDER = "example.com"

DASHBOARD_URL = "PAYLINK_DASHBOARD_URL"
# How a content security policy names all hosts below one.
BELOW = "://*."


def tables() -> Finding:
    """Whether the database has the tables of this version of paylink."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes(APP))
    if any(migration.app_label == APP for migration, _backwards in plan):
        return failure("database", "It lacks tables of paylink.", "Run manage.py migrate.")
    return ok("database", "It has paylink's tables.")


def address(url: str, *, live: bool) -> Finding:
    """Whether customers and providers can reach the shop. Without real money it may be local."""
    found = urlsplit(url)
    tell = failure if live else warning
    fix = "Set PUBLIC_URL to the https address under which customers reach Saleor."
    if _is_local(found.hostname or ""):
        return tell("public address", f"{url} is not reached from the internet.", fix)
    if found.scheme != "https":
        return tell("public address", f"{url} is not encrypted.", fix)
    return ok("public address", f"{url}")


def _is_local(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(LOCAL_NAMES)


def dashboard(setting: str, sources: Sequence[str], *, complete: bool) -> Finding:
    """Whether the Dashboard, and nobody else, may show the frames.

    `sources` are the places that may besides Saleor's own, as the setting of that name says.
    `complete`: each of its values names one.
    """
    subject = "dashboard address"
    fix = f"Set {DASHBOARD_URL} to where the Dashboard is: https://..., several by commas."
    if setting == DASHBOARD_URL and not complete:
        return failure(subject, f"A value of {setting} is no URL.", fix)
    if not sources:
        return warning(subject, "Only a Dashboard at Saleor's own address shows the frames.", fix)
    places = f"{', '.join(sources)} (by {setting})"
    if not complete:
        return warning(
            subject, f"{setting} does not name every host; the frames are shown at {places}.", fix
        )
    if any(BELOW in each for each in sources):
        return warning(subject, f"Any host below another shows the frames: {places}.", fix)
    return ok(subject, f"The frames are shown at {places}.")


def mail(account: MailAccount) -> Iterator[Finding]:
    """Whether mails to customers go out."""
    backend = str(settings.EMAIL_BACKEND)
    goes_nowhere = not backend or backend.split(".")[-2] in NOWHERE
    if goes_nowhere and account.server is None:
        yield warning("mail", "Mails are not sent to anybody.", "Set EMAIL_URL to a mail server.")
        return
    if account.sender.rstrip("> ").endswith(PLACEHOLDER):
        yield warning(
            "mail", "The sender's address is a placeholder.", "Set it in the site's settings."
        )
    yield _server(account)


def _server(account: MailAccount) -> Finding:
    connection = server.connect(account, PATIENCE)
    if not isinstance(connection, Smtp):
        return ok("mail", f"Sent by {type(connection).__module__}.")
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        # What a server says can hold the account's name; its class and code cannot.
        reason = [type(error).__name__, str(getattr(error, "smtp_code", ""))]
        return failure(
            "mail",
            f"The mail server does not take us in ({' '.join(filter(None, reason))}).",
            "Set EMAIL_URL to a mail server that this host may use.",
        )
    connection.close()
    return ok("mail", "The mail server takes us in.")


def celery() -> Finding:
    """Whether tasks are done: a broker that can be reached, and workers that know ours."""
    if settings.CELERY_TASK_ALWAYS_EAGER:
        return warning(
            "Celery",
            "There is no broker: tasks are done while customers and providers wait.",
            "Set CELERY_BROKER_URL, and run a Celery worker and Celery beat.",
        )
    try:
        answers = _ask_workers()
    except OperationalError:
        return failure(
            "Celery", "The broker is not reached.", "Start it, or set CELERY_BROKER_URL."
        )
    if answers is None:
        return ok("Celery", "The broker is reached; over it, workers cannot be asked.")
    return workers(answers)


def _ask_workers() -> dict[str, list[str]] | None:
    """The tasks that each worker knows; None where the broker does not let us ask them all."""
    with current_app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=PATIENCE)
        if not connection.supports_exchange_type("fanout"):
            return None
    inspect = current_app.control.inspect(timeout=WORKERS_ANSWER_WITHIN)
    return inspect.registered() or {}


def workers(registered: dict[str, list[str]]) -> Finding:
    """Whether there are workers, by the tasks that each of them knows."""
    if not registered:
        return failure("Celery", "No worker answers.", "Start a Celery worker.")
    if not all(jobs.SWEEP in tasks for tasks in registered.values()):
        return failure(
            "Celery", "A worker does not know paylink's tasks.", "Restart the Celery workers."
        )
    return ok("Celery", f"{len(registered)} workers answer.")


def sweeper(last_begun: datetime | None, now: datetime, *, scheduled: bool) -> Finding:
    """Whether Celery beat has the sweeper go round. `scheduled`: it has it in its schedule."""
    fix = "Start Celery beat, or start it again after paylink was installed."
    if not scheduled:
        return failure("sweeper", "It is in no schedule, or switched off there.", fix)
    if last_begun is None:
        return failure("sweeper", "It was never begun.", fix)
    if last_begun + SWEEP_IS_LATE_AFTER < now:
        return failure("sweeper", f"It was last begun on {last_begun:%Y-%m-%d %H:%M} UTC.", fix)
    return ok("sweeper", "It goes round.")
