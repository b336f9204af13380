"""The import in a process of its own, so that its memory can be told and it can be killed."""

import signal
import subprocess
import time
from dataclasses import dataclass

from saleor_paylink.models import TakenRow
from tests.saleor import environment

PATIENCE = 600  # seconds


@dataclass(frozen=True)
class Run:
    """How long an import took, once Saleor had started, and the most memory that it held."""

    seconds: float
    memory: float


def run() -> Run:
    """Import, to the end."""
    with _start() as process:
        answer, _ = process.communicate()
    if process.returncode:
        raise RuntimeError("The import failed.")
    seconds, memory = answer.splitlines()[-1].split()
    return Run(float(seconds), float(memory))


def kill_after(rows: int) -> None:
    """Import, and kill it without warning once so many rows are taken in."""
    with _start() as process:
        deadline = time.monotonic() + PATIENCE
        while TakenRow.objects.count() < rows and time.monotonic() < deadline:
            time.sleep(0.05)
        ended_by_itself = process.poll() is not None
        process.kill()
        process.communicate()
    if ended_by_itself or process.returncode != -signal.SIGKILL:
        raise RuntimeError("The import was over before it could be killed.")


def _start() -> "subprocess.Popen[str]":
    return subprocess.Popen(
        environment.command("benchmarks.importing.command"), stdout=subprocess.PIPE, text=True
    )
