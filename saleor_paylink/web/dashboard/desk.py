"""What the frames need of the shop that serves them: who speaks through a token."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

# A frame that stays open keeps its access so long; then the Dashboard has to vouch for its user
# again. A working day, as a shop assistant leaves the order page open.
LONGEST_SESSION = timedelta(hours=8)


@dataclass(frozen=True)
class StaffToken:
    """A token that speaks for a staff user, within what our App may do, for `lifetime`."""

    token: str
    lifetime: timedelta


@dataclass(frozen=True)
class Bearer:
    """What a session's token allows at this moment, by the host's own rules for its GraphQL.

    `channels` are the slugs of those whose orders they may see; None: every channel.
    """

    handles_payments: bool
    channels: Collection[str] | None


class Desk(Protocol):
    """The host's side of the frames: Saleor and the sandbox have one each."""

    @property
    def root(self) -> str:
        """The path under which `saleor_paylink.web.dashboard.urls` lies, with its last slash."""

    @property
    def graphql_path(self) -> str:
        """Where the host's GraphQL is, on the same origin."""

    def renew(self, token: str) -> StaffToken | None:
        """A fresh token for the bearer of one of our App's, which is still good.

        It may do what the App may and the user may, now: a token of one extension holds the
        extension's permissions alone, and an extension that asked for more would be shown to
        fewer people. None where the token is not our App's, the App or the user is switched
        off, or the Dashboard vouched for the user longer than LONGEST_SESSION ago.
        """

    def bearer(self, token: str) -> Bearer | None:
        """Who speaks through a token that `renew` takes; None for any other, also where it is
        good for the host's GraphQL: a log-in's, another app's."""
