"""The clock of a shop on stage, which a test may put forward to see what time does."""

from datetime import datetime, timedelta

from django.utils import timezone

_right_now = timezone.now


def put_forward(seconds: int) -> None:
    """Let `timezone.now()` be so many seconds ahead in this process; 0: let it be right again."""

    def now() -> datetime:
        return _right_now() + timedelta(seconds=seconds)

    timezone.now = now
