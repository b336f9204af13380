"""The mails that arrived at a stage's mailbox."""

import re

from requests import Session

from sandbox.client.graphql import Json


class Mails:
    """The mailbox at `url`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = Session()
        self._http.trust_env = False

    def all(self) -> list[Json]:
        """Every mail, oldest first."""
        found: list[Json] = self._http.get(f"{self._url}/messages", timeout=60).json()["messages"]
        return found

    def requests(self, number: str) -> list[Json]:
        """The mails that ask to pay the order with that number."""
        return self._about(number, "(Pay|New link: pay) ")

    def copies(self, number: str) -> list[Json]:
        """The copies, for staff, of mails that ask to pay the order with that number."""
        return self._about(number, "Copy: (Pay|New link: pay) ")

    def reminders(self, number: str) -> list[Json]:
        """The mails that remind of paying the order with that number."""
        return self._about(number, "Reminder: ")

    def failures(self, number: str) -> list[Json]:
        """The mails that tell of a payment of that order which did not succeed."""
        return self._about(number, "Your payment ")

    def receipts(self, number: str) -> list[Json]:
        """The mails that confirm a payment of the order with that number."""
        return self._about(number, "Receipt ")

    def _about(self, number: str, beginning: str) -> list[Json]:
        about = re.compile(rf"{beginning}.*#{re.escape(number)}\b")
        return [mail for mail in self.all() if about.match(mail["subject"])]
