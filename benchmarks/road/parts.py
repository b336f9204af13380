"""All that is measured, in a shop of its own."""

import importlib

import saleor
from django.core.management import call_command

from benchmarks.figures import Findings
from benchmarks.road import completion, listing, page, plugins, webhook
from benchmarks.road.rounds import Wrong
from tests.saleor.populate import populate

PARTS = (completion, page, webhook, listing)


def measure(findings: Findings, rounds: int) -> None:
    """Raises Wrong."""
    if len(plugins.WITHOUT) != len(plugins.WITH) - len(plugins.OURS):
        raise Wrong("Paylink is not among Saleor's plugins.")
    call_command("migrate", verbosity=0)
    populate()
    # As the server starts: telemetry, the schema, and what is there by then is never collected.
    importlib.import_module("saleor.asgi")
    findings.note(f"Saleor {saleor.__version__}, {rounds} rounds")
    for part in PARTS:
        plugins.use(plugins.WITH)
        part.measure(findings, rounds)
