"""The end of the line for SMTP: whatever is sent is kept."""

import asyncio
import socket
import threading
from typing import Any

from aiosmtpd.smtp import SMTP

from sandbox.http import HOST
from sandbox.mailbox.messages import Messages


class SmtpSink:
    """An SMTP server on a loopback port (0: a free one) that puts mails into `messages`."""

    def __init__(self, messages: Messages, port: int = 0) -> None:
        self._messages = messages
        self._loop = asyncio.new_event_loop()
        listener = socket.create_server((HOST, port))
        self.port: int = listener.getsockname()[1]
        self._server = self._loop.run_until_complete(
            self._loop.create_server(self._conversation, sock=listener)
        )
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self._messages.add(list(envelope.rcpt_tos), envelope.content)
        return "250 Message accepted for delivery"

    def close(self) -> None:
        """Stop listening."""
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _conversation(self) -> SMTP:
        return SMTP(self, hostname="mailbox", loop=self._loop)
