"""Keeping tokens out of what others log of a request.

A payment page's token is in its path, and so is what stops reminders. Paylink's own answers are
not logged by Django, but those that the host gives in its stead are: where the plugin is off, or
the database is down.
"""

import logging
import re

# Of Django's answers, of its server for development, and of Saleor's server.
LOGGERS = ("django.request", "django.security.DisallowedHost", "django.server", "uvicorn.access")
TOKEN = re.compile(r"(/saleor\.paylink/(?:pay|reminders/[^/?\s]+)/)[^/?\s]+")


def hide_tokens() -> None:
    """Let no request log of this process name one from now on."""
    for name in LOGGERS:
        logging.getLogger(name).addFilter(_hide)


def _hide(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(_hidden(each) for each in record.args)
    # Formatters for machines write it as text.
    if TOKEN.search(str(getattr(record, "request", ""))):
        del record.request  # type: ignore[attr-defined]
    return True


def _hidden(argument: object) -> object:
    return TOKEN.sub(r"\1[…]", argument) if isinstance(argument, str) else argument
