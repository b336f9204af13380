"""What paylink stands on: a public address, mail, Celery."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import override_settings

from saleor_paylink import jobs
from saleor_paylink.operating import surroundings
from saleor_paylink.operating.findings import Level
from saleor_paylink.shop import MailAccount, MailServer
from sandbox.mailbox import Mailbox

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
ACCOUNT = MailAccount("Shop <orders@shop.test>")


# The database


@pytest.mark.django_db
def test_a_database_that_was_migrated_has_the_tables():
    found = surroundings.tables()
    assert (found.level, found.message) == (Level.OK, "It has paylink's tables.")


@pytest.mark.django_db
def test_one_that_was_not_is_a_failure():
    for name in ("0001_initial", "0002_ledger"):
        MigrationRecorder(connection).record_unapplied("saleor_paylink", name)

    found = surroundings.tables()

    assert (found.level, found.message) == (Level.FAILURE, "It lacks tables of paylink.")
    assert found.fix == "Run manage.py migrate."


# The public address


def test_a_public_https_address_is_what_it_should_be():
    found = surroundings.address("https://api.shop.com", live=True)
    assert (found.level, found.message) == (Level.OK, "https://api.shop.com")


@pytest.mark.parametrize(
    "host",
    [
        "localhost:8000",
        "127.0.0.1",
        "[::1]:8000",
        "10.1.2.3",
        "192.168.0.4",
        "api",
        "saleor.local",
        "api.internal",
    ],
)
@pytest.mark.parametrize(("live", "level"), [(True, Level.FAILURE), (False, Level.WARNING)])
def test_customers_do_not_reach_a_local_address(host, live, level):
    found = surroundings.address(f"https://{host}", live=live)
    assert found.level is level
    assert found.message == f"https://{host} is not reached from the internet."
    assert found.fix.startswith("Set PUBLIC_URL")


@pytest.mark.parametrize(("live", "level"), [(True, Level.FAILURE), (False, Level.WARNING)])
def test_an_address_without_encryption_is_none_for_money(live, level):
    found = surroundings.address("http://api.shop.com", live=live)
    assert (found.level, found.message) == (level, "http://api.shop.com is not encrypted.")


def test_a_public_number_is_an_address_too():
    assert surroundings.address("https://93.184.216.34", live=True).level is Level.OK


# The Dashboard's address

URL, HOSTS = "PAYLINK_DASHBOARD_URL", "ALLOWED_CLIENT_HOSTS"


@pytest.mark.parametrize(
    ("setting", "sources", "complete", "level", "message"),
    [
        (
            URL,
            ["https://a.example", "https://b.example"],
            True,
            Level.OK,
            f"The frames are shown at https://a.example, https://b.example (by {URL}).",
        ),
        (
            HOSTS,
            ["https://a.example:*"],
            True,
            Level.OK,
            f"The frames are shown at https://a.example:* (by {HOSTS}).",
        ),
        (
            HOSTS,
            [],
            False,
            Level.WARNING,
            "Only a Dashboard at Saleor's own address shows the frames.",
        ),
        (
            HOSTS,
            ["https://a.example:*"],
            False,
            Level.WARNING,
            f"{HOSTS} does not name every host; the frames are shown at https://a.example:* "
            f"(by {HOSTS}).",
        ),
        (
            HOSTS,
            ["https://a.example:*", "https://*.a.example:*"],
            True,
            Level.WARNING,
            "Any host below another shows the frames: https://a.example:*, https://*.a.example:* "
            f"(by {HOSTS}).",
        ),
        (URL, ["https://a.example"], False, Level.FAILURE, f"A value of {URL} is no URL."),
        (URL, [], False, Level.FAILURE, f"A value of {URL} is no URL."),
    ],
)
def test_where_the_dashboard_may_show_the_frames(setting, sources, complete, level, message):
    found = surroundings.dashboard(setting, sources, complete=complete)

    assert (found.level, found.message) == (level, message)
    assert found.fix.startswith(f"Set {URL} to") == (level is not Level.OK)


# Mail


@pytest.fixture
def mailbox():
    running = Mailbox()
    yield running
    running.close()


def smtp(port):
    return override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=port,
    )


def test_a_mail_server_that_takes_us_in_is_enough(mailbox):
    with smtp(mailbox.smtp_port):
        (found,) = surroundings.mail(ACCOUNT)
    assert (found.level, found.message) == (Level.OK, "The mail server takes us in.")


def test_a_mail_server_that_is_not_there_is_a_failure():
    with smtp(9):
        (found,) = surroundings.mail(ACCOUNT)
    assert found.level is Level.FAILURE
    assert found.message == "The mail server does not take us in (ConnectionRefusedError)."


@pytest.mark.parametrize(
    "backend", ["", *(f"a.{name}.EmailBackend" for name in ("console", "dummy"))]
)
def test_a_backend_that_sends_nothing_is_a_warning(backend):
    with override_settings(EMAIL_BACKEND=backend):
        (found,) = surroundings.mail(ACCOUNT)
    assert (found.level, found.message) == (Level.WARNING, "Mails are not sent to anybody.")


def test_the_placeholder_is_nobodys_address(mailbox):
    with smtp(mailbox.smtp_port):
        placeholder, server = surroundings.mail(MailAccount("Shop <noreply@example.com>"))
    assert placeholder.message == "The sender's address is a placeholder."
    assert (placeholder.level, server.level) == (Level.WARNING, Level.OK)


# Celery


def test_without_a_broker_tasks_keep_people_waiting():
    found = surroundings.celery()
    assert found.level is Level.WARNING
    assert found.message.startswith("There is no broker")


def test_a_broker_without_workers_is_a_failure(monkeypatch):
    monkeypatch.setattr(surroundings, "WORKERS_ANSWER_WITHIN", 0.01)
    with override_settings(CELERY_TASK_ALWAYS_EAGER=False):
        found = surroundings.celery()
    assert (found.level, found.message) == (Level.FAILURE, "No worker answers.")


@pytest.mark.parametrize(
    ("registered", "level", "message"),
    [
        ({}, Level.FAILURE, "No worker answers."),
        ({"one": ["celery.ping"]}, Level.FAILURE, "A worker does not know paylink's tasks."),
        (
            {"one": [jobs.SWEEP], "two": []},
            Level.FAILURE,
            "A worker does not know paylink's tasks.",
        ),
        ({"one": [jobs.SWEEP], "two": [jobs.SWEEP]}, Level.OK, "2 workers answer."),
    ],
)
def test_every_worker_has_to_know_the_tasks(registered, level, message):
    found = surroundings.workers(registered)
    assert (found.level, found.message) == (level, message)


@pytest.mark.parametrize(
    ("begun", "scheduled", "level", "message"),
    [
        (None, False, Level.FAILURE, "It is in no schedule, or switched off there."),
        (None, True, Level.FAILURE, "It was never begun."),
        (
            NOW - timedelta(minutes=11),
            True,
            Level.FAILURE,
            "It was last begun on 2026-05-04 11:49 UTC.",
        ),
        (NOW - timedelta(minutes=9), True, Level.OK, "It goes round."),
    ],
)
def test_the_sweeper_has_to_go_round(begun, scheduled, level, message):
    found = surroundings.sweeper(begun, NOW, scheduled=scheduled)
    assert (found.level, found.message) == (level, message)


def test_a_mail_server_of_the_shops_own_is_tried_in_place_of_djangos() -> None:
    own = MailAccount(ACCOUNT.sender, server=MailServer("127.0.0.1", 1))
    nowhere = "django.core.mail.backends.console.EmailBackend"
    mailbox = Mailbox()
    found = MailAccount(ACCOUNT.sender, server=MailServer("127.0.0.1", mailbox.smtp_port))
    try:
        with override_settings(EMAIL_BACKEND=nowhere):
            (refused,), (taken,) = surroundings.mail(own), surroundings.mail(found)
    finally:
        mailbox.close()

    assert (refused.level, taken.level) == (Level.FAILURE, Level.OK)
