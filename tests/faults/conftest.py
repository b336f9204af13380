"""The simulation plays in the sandbox shop, on the embedded Postgres or the one of DATABASE_URL."""

import os

import django
import pytest

from sandbox.postgres import database_url

given = os.environ.get("DATABASE_URL")
os.environ["DATABASE_URL"] = database_url()
os.environ["DJANGO_SETTINGS_MODULE"] = "sandbox.shop.settings"
django.setup()
if given is None:
    # A sandbox that a test starts makes a database of its own.
    del os.environ["DATABASE_URL"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    from tests.faults.totals import TOTALS

    terminalreporter.section("what was played")
    for line in TOTALS.lines():
        terminalreporter.write_line(line)
