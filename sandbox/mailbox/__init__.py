"""A mailbox that takes every mail sent to it over SMTP and shows it over HTTP."""

from sandbox.mailbox.server import Mailbox

__all__ = ["Mailbox"]
