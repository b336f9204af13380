"""`manage.py paylink_ledger import`, measured from within: prints seconds and MiB at its end."""

import resource
import sys
import time

import django
from django.core.management import call_command


def main() -> None:
    django.setup()
    began = time.perf_counter()
    call_command("paylink_ledger", "import", stdout=sys.stderr)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(time.perf_counter() - began, memory)


if __name__ == "__main__":
    main()
