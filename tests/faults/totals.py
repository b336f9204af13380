"""What all the seeds that were played came to."""

from collections import Counter

from django.db.models import Count

from saleor_paylink.models import LedgerEntry, PaymentException, PaymentLink, RefundRequest
from tests.faults.world import World


class Totals:
    """Counts over worlds; each is added while its database is still there."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, world: World) -> None:
        self._counts["seeds"] += 1
        self._counts["seeds that failed"] += bool(world.complaints)
        self._counts.update(world.tally)
        self._counts["links"] += PaymentLink.objects.count()
        self._counts["refunds asked for here"] += RefundRequest.objects.count()
        for model, noun in ((LedgerEntry, "booked"), (PaymentException, "in question")):
            for kind, count in model.objects.values_list("kind").annotate(Count("pk")):
                self._counts[f"{noun}: {kind}"] += count

    def lines(self) -> list[str]:
        """In words, the most important first."""
        first = ("seeds", "seeds that failed", "steps", "deaths", "refusals")
        rest = sorted(self._counts.keys() - set(first))
        return [f"{self._counts[name]:>8,} {name}" for name in (*first, *rest)]


TOTALS = Totals()
