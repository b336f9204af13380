"""The mails that arrived."""

import email
import email.policy
import threading
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any


@dataclass(frozen=True)
class Message:
    """A mail: `to` as the sender of the envelope said, the rest as the mail itself says."""

    to: list[str]
    sender: str
    subject: str
    text: str
    html: str | None
    headers: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        return {
            "to": self.to,
            "from": self.sender,
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "headers": self.headers,
        }


class Messages:
    """All mails since the last `clear`, oldest first; may be used by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: list[Message] = []

    def add(self, recipients: list[str], content: bytes) -> None:
        """Keep a mail as it came over the wire."""
        message = _read(recipients, content)
        with self._lock:
            self._messages.append(message)

    def all(self) -> list[Message]:
        with self._lock:
            return list(self._messages)

    def clear(self) -> None:
        with self._lock:
            self._messages.clear()


def _read(recipients: list[str], content: bytes) -> Message:
    mail = email.message_from_bytes(content, EmailMessage, policy=email.policy.default)
    return Message(
        to=recipients,
        sender=str(mail["From"] or ""),
        subject=str(mail["Subject"] or ""),
        text=_body(mail, "plain") or "",
        html=_body(mail, "html"),
        headers={name: str(value) for name, value in mail.items()},
    )


def _body(mail: EmailMessage, kind: str) -> str | None:
    part = mail.get_body((kind,))
    # Lines end with CRLF on the wire.
    return None if part is None else str(part.get_content()).replace("\r\n", "\n")
