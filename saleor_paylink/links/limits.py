"""How often the public may try: counted in Postgres, for all processes of the shop together.

Counted is before anything is looked up, and for unknown tokens as for real ones: a refusal says
nothing about a token. Looking at a page is not limited; it has no effect, and a token of 256
bits is not found by trying.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil

from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import ngettext

from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.models import RateCount

WINDOW = timedelta(hours=1)
START = datetime(2000, 1, 1, tzinfo=UTC)
SALT = "saleor_paylink.links.limits"
BATCH = 1000

# One statement, so that tries in the same instant cannot both be the last. What is refused
# changes no row: a flood must not swell the table.
COUNT = """
    INSERT INTO saleor_paylink_ratecount AS counted (key, "window", count) VALUES (%s, %s, 1)
    ON CONFLICT (key, "window") DO UPDATE SET count = counted.count + 1
    WHERE counted.count < %s
    RETURNING count
"""


@dataclass(frozen=True)
class Limit:
    """How many tries of a kind are let through in each hour of the clock."""

    kind: str
    per_token: int
    per_address: int


# A click on Pay may open a session at the provider, in which cards can be tried. A declined card
# is tried again on the provider's own page, so nobody who means to pay clicks 20 times in an
# hour; whoever tests stolen cards wants thousands. An address may be a family's Wi-Fi, a
# counter's with a queue, a mobile network's or a storefront's that asks for all of its
# customers: 300 are five a minute, and still too few for a thief with many links.
PAY = Limit("pay", per_token=20, per_address=300)
# Each can send a mail to the order's customer. One will do, two more are for the impatient; more
# would be a nuisance to whoever did not ask for them.
RENEW = Limit("renew", per_token=3, per_address=30)
# A page reports once each time that it is loaded, and of ten minutes only the first report counts.
SEEN = Limit("seen", per_token=60, per_address=600)


class TooManyTries(LinkError):
    """RATE_LIMITED: for so many `seconds` nothing will be let through."""

    def __init__(self, wait: timedelta) -> None:
        self.seconds = ceil(wait.total_seconds())
        minutes = ceil(self.seconds / 60)
        message = ngettext(
            "It was tried too often, so nothing was done. Try again in %(minutes)d minute.",
            "It was tried too often, so nothing was done. Try again in %(minutes)d minutes.",
            minutes,
        )
        super().__init__(LinkErrorCode.RATE_LIMITED, message % {"minutes": minutes})


def count(limit: Limit, token: str, address: str) -> None:
    """Count one try by whoever is at `address`. Raises TooManyTries, and then it must not be made.

    Must not run inside a transaction: that would make others wait, and undo the count with it.
    """
    now = timezone.now()
    window = now - (now - START) % WINDOW
    # An address that is over its limit adds no rows for ever new tokens.
    for what, of, most in (
        ("address", address, limit.per_address),
        ("token", token, limit.per_token),
    ):
        if not _counted(_key(limit.kind, what, of), window, most):
            raise TooManyTries(window + WINDOW - now)


def _key(kind: str, what: str, of: str) -> str:
    # GraphQL can say what is no text, half of a surrogate pair.
    said = f"{kind}:{what}:{of}".encode(errors="surrogatepass")
    return salted_hmac(SALT, said, algorithm="sha256").hexdigest()


def _counted(key: str, window: datetime, most: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [key, window, most])
        return cursor.fetchone() is not None


def windows_over() -> list[datetime]:
    """The windows whose counts nobody needs any more."""
    over = RateCount.objects.filter(window__lte=timezone.now() - WINDOW)
    return list(over.values_list("window", flat=True).distinct())


def forget(window: datetime) -> None:
    """Delete the counts of a window that is over, so many at a time that none waits long."""
    while ids := list(RateCount.objects.filter(window=window).values_list("pk", flat=True)[:BATCH]):
        RateCount.objects.filter(pk__in=ids).delete()
