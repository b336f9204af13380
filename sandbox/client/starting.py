"""Starting a shop in a process of its own, as `python -m sandbox` or a real Saleor does."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.stage import Stage

MODULES = {"sandbox": "sandbox", "saleor": "tests.saleor.serve"}
PORTS = ("shop", "simulator", "mailbox", "smtp")
# A real Saleor has a Dashboard of its own.
PORTS_OF = {"sandbox": (*PORTS, "dashboard"), "saleor": PORTS}
SECONDS_TO_STOP = 30


@contextmanager
def running(shop: str, *options: str) -> Iterator[Stage]:
    """Start the shop of that name (see MODULES), with its own options, and stop it afterwards.

    Raises RuntimeError if it ends before it is ready.
    """
    ports = [f"--{name}-port=0" for name in PORTS_OF[shop]]
    process = subprocess.Popen(
        [sys.executable, "-m", MODULES[shop], *ports, *options],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield _stage(process)
    finally:
        _stop(process)


def _stage(process: "subprocess.Popen[str]") -> Stage:
    assert process.stdout is not None
    for line in process.stdout:
        word, _, told = line.partition(" ")
        if word == "STAGE":
            # A pipe that nobody reads would stop the shop once it is full.
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return Stage.from_json(told)
    raise RuntimeError(f"The shop ended with status {process.wait()} before it was ready.")


def _stop(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
