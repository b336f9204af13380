"""An import of history whose process is killed, as an impatient operator or the kernel does it."""

import signal
import subprocess
import time
from collections import Counter
from decimal import Decimal

from django.core.management import call_command
from saleor.payment.models import TransactionEvent, TransactionItem

from saleor_paylink.earnings import rollups
from saleor_paylink.links import taking
from saleor_paylink.models import LedgerEntry, TakenRow
from tests.saleor import environment
from tests.saleor.orders import completed

APP = "app.killed.import"
RECORDS = 5 * taking.BATCH
PATIENCE = 120  # seconds


def many_charges() -> list[str]:
    """The keys of as many charges, each of 1.00 and of a transaction of its own."""
    order = completed("channel-inactive")
    items = TransactionItem.objects.bulk_create(
        TransactionItem(order=order, currency="USD", app_identifier=APP) for _n in range(RECORDS)
    )
    events = TransactionEvent.objects.bulk_create(
        TransactionEvent(
            transaction=item,
            type="charge_success",
            amount_value=Decimal(1),
            currency="USD",
            psp_reference=f"killed_{item.pk}",
            include_in_calculations=True,
        )
        for item in items
    )
    return [f"event:{event.pk}" for event in events]


def test_an_import_that_is_killed_and_begun_anew_books_all_of_it_once(shop: None) -> None:
    call_command("paylink_ledger", "import", verbosity=0)
    keys = many_charges()
    taken = TakenRow.objects.filter(key__in=keys)
    booked = LedgerEntry.objects.filter(provider=APP)

    with subprocess.Popen(
        environment.command("django", "paylink_ledger", "import"), stdout=subprocess.DEVNULL
    ) as process:
        deadline = time.monotonic() + PATIENCE
        while not taken.exists() and time.monotonic() < deadline and process.poll() is None:
            pass
        process.kill()
    assert process.returncode == -signal.SIGKILL
    # What it had claimed is booked, and nothing else: both are of one transaction.
    half = taken.count()
    assert 0 < half < RECORDS
    assert booked.count() == half

    call_command("paylink_ledger", "import")

    assert taken.count() == RECORDS
    references = Counter(booked.values_list("payment_reference", flat=True))
    assert len(references) == RECORDS
    assert set(references.values()) == {1}
    assert set(booked.values_list("kind", "amount")) == {("charge", Decimal(1))}
    rollups.fold()
    assert rollups.differences() == []
    call_command("paylink_ledger", "import")
    assert booked.count() == RECORDS
