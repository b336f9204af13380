"""The simulator as a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.stripe.client import SimulatorClient

ROOT = Path(__file__).resolve().parents[3]
COMMAND = [sys.executable, "-m", "sandbox.stripe", "--port", "0"]


@pytest.fixture
def process():
    running = subprocess.Popen(COMMAND, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    yield running
    running.kill()
    running.communicate()


def test_a_process_says_where_it_is_and_can_be_driven(process):
    said = process.stdout.readline().strip()
    assert said.startswith("Stripe simulator at http://127.0.0.1:")
    assert SimulatorClient(said.rpartition(" ")[2]).sessions() == []


def test_a_webhook_without_a_secret_is_refused():
    ended = subprocess.run(
        [*COMMAND, "--webhook", "http://127.0.0.1:1/"], cwd=ROOT, capture_output=True, text=True
    )
    assert ended.returncode == 2
    assert "--webhook and --secret go together" in ended.stderr
