"""The mail server that mails go out by: the one that the shop mails its customers by, if it has
one of its own, else Django's."""

from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend

from saleor_paylink.mail.outbox import SMTP
from saleor_paylink.shop import MailAccount

# Seconds. Shorter than the lease of whoever sends a mail, by far.
PATIENCE = 20


def connect(account: MailAccount, patience: int | None = None) -> BaseEmailBackend:
    """A connection, which is not open yet. `patience` in seconds; None: as much as is usual."""
    server = account.server
    if server is None:
        # Django would wait for ever. Other backends have ways of their own.
        is_endless = settings.EMAIL_BACKEND == SMTP and settings.EMAIL_TIMEOUT is None
        timeout = patience or (PATIENCE if is_endless else None)
        options: dict[str, Any] = {"timeout": timeout} if timeout else {}
        return get_connection(**options)
    return EmailBackend(
        host=server.host,
        port=server.port,
        username=server.username,
        password=server.password,
        use_tls=server.use_tls,
        use_ssl=server.use_ssl,
        timeout=patience or PATIENCE,
    )
