"""What an operator is told of an installation, and who can tell it.

`manage.py paylink_setup` and `paylink_check` print findings. How to set up and what to check
is for the host to know; it says so once, when Django starts.
"""

import enum
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Protocol


class Level(enum.StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILURE = "FAILURE"


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is, and what to do about it. Holds no secret and no address."""

    level: Level
    subject: str
    message: str
    fix: str = ""

    def __str__(self) -> str:
        line = f"{self.level:<7}  {self.subject}: {self.message}"
        return f"{line} — {self.fix}" if self.fix else line


def ok(subject: str, message: str) -> Finding:
    return Finding(Level.OK, subject, message)


def warning(subject: str, message: str, fix: str) -> Finding:
    return Finding(Level.WARNING, subject, message, fix)


def failure(subject: str, message: str, fix: str) -> Finding:
    return Finding(Level.FAILURE, subject, message, fix)


class Host(Protocol):
    """An installation. What is done has been done when its finding is there."""

    def set_up(self, activate: Collection[str]) -> Iterator[Finding]:
        """Bring the installation into order. May be repeated; leaves off what staff switched
        off, but for the channels in `activate`, which are slugs."""

    def remove(self) -> Iterator[Finding]:
        """Undo `set_up`. May be repeated. Payments and their records stay."""

    def check(self) -> Iterator[Finding]:
        """Look at everything that has to be right. Changes nothing."""


_host: Host | None = None


def install(host: Host) -> None:
    """Called once by the host when it starts."""
    global _host
    _host = host


def current_host() -> Host:
    """The host. Raises RuntimeError where there is nothing to set up, as in the sandbox."""
    if _host is None:
        raise RuntimeError("This is for a Saleor with saleor-paylink installed.")
    return _host
