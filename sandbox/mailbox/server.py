"""The mailbox, listening."""

from sandbox.http import HttpServer
from sandbox.mailbox.messages import Messages
from sandbox.mailbox.pages import application
from sandbox.mailbox.smtp import SmtpSink


class Mailbox:
    """A running mailbox. Mails come in at `smtp_port` and are shown at `url`."""

    def __init__(self, port: int = 0, smtp_port: int = 0) -> None:
        messages = Messages()
        self._http = HttpServer(port)
        self._smtp = SmtpSink(messages, smtp_port)
        self._http.start(application(messages))
        self.url = self._http.url
        self.smtp_port = self._smtp.port

    def close(self) -> None:
        """Stop taking and showing mails."""
        self._http.close()
        self._smtp.close()
