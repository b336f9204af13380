"""The clock of a shop on stage, which a test may put forward to see what time does."""

from datetime import datetime, timedelta, tzinfo

from django.utils import timezone


def put_forward(seconds: int) -> None:
    """Let `timezone.now()` be so many seconds ahead in this process; 0: let it be right again."""

    class Datetime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(seconds=seconds)

    # Not `timezone.now` itself: models have that for their default.
    timezone.datetime = Datetime  # type: ignore[attr-defined]
