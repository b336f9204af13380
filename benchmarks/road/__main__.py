"""What paylink costs on the road of an order, in a real Saleor: `python -m benchmarks.road FILE`.

Run in Saleor's environment by `benchmarks`, with an empty Saleor's database. Exits with 1 where an
answer is not what it has to be: figures of failures are worth nothing.

Environment: BENCH_ROUNDS (300), besides what tests.saleor.settings reads.
"""

import os
import sys
from pathlib import Path

import django

from benchmarks.figures import Findings


def main() -> None:
    findings, rounds = Findings(Path(sys.argv[1])), int(os.environ.get("BENCH_ROUNDS", "300"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.road.settings"
    django.setup()
    # They use models, which can be imported only now.
    from benchmarks.road import parts
    from benchmarks.road.rounds import Wrong

    try:
        parts.measure(findings, rounds)
    except Wrong as error:
        sys.exit(f"benchmarks.road: {error}")


if __name__ == "__main__":
    main()
