"""The shop of the domain's tests, on a clock that stands until a test moves it."""

from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from django.utils import timezone

from saleor_paylink.links import reminders
from saleor_paylink.links.sweeper import sweep
from saleor_paylink.mail import delivery
from tests.unit.links.conftest import (  # noqa: F401
    channel,
    customer,
    link,
    make_order,
    mug,
    order,
    simulator,
    stripe,
)

# A Wednesday; by day wherever the tests' shops are.
NOON = datetime(2026, 6, 3, 12, 0, tzinfo=UTC)


class Time:
    """What `timezone.now()` says."""

    now = NOON

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)

    def sweep_until(self, end: datetime) -> None:
        """Let time pass, with the sweeper going round every four hours in which there is a mail
        to think of."""
        while self.now < end:
            self.pass_by(hours=4)
            if reminders.to_remind_of().exists() or delivery.to_do().exists():
                sweep()


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    standing = Time()

    class Datetime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return standing.now.astimezone(tz)

    # Not `timezone.now` itself: models have that for their default.
    monkeypatch.setattr(timezone, "datetime", Datetime)
    return standing
