"""Measures paylink beside its peers, in one run: `make bench`.

The earnings need no Saleor. What is inside of one needs the checkout at SALEOR_HOME, as the tests
of tests/saleor do. The table goes to standard output and into README.md here. The exit status is 1
where a limit is not held, or a part failed.

Environment: BENCH_ORDERS, BENCH_IMPORT_ROWS (a million each), BENCH_ROUNDS (300), DATABASE_URL.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.figures import Findings, table
from tests.saleor import environment
from tests.saleor.run import in_saleor

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->"

OUTSIDE = ("benchmarks.earnings",)
# Run in Saleor's own environment, each with a database of its own: Saleor's tables are there,
# paylink's are not yet.
INSIDE = ("benchmarks.importing", "benchmarks.road")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        findings = Findings(Path(folder) / "findings")
        failed = [part for part in OUTSIDE if _outside(part, findings)]
        if _has_saleor():
            environment.install()
            failed += [
                part for part in INSIDE if in_saleor(part, str(findings.path), watched=False)
            ]
        else:
            findings.note(f"not run, for want of a Saleor: {', '.join(INSIDE)}")
            _say(f"NOT RUN: {', '.join(INSIDE)}. There is no Saleor at {environment.SALEOR_HOME}.")
        for part in failed:
            findings.note(f"**{part} FAILED**")
        failed += [figure.what for figure in findings.figures() if not figure.holds]
        _publish(findings)
    if failed:
        _say(f"FAILED: {', '.join(failed)}")
        sys.exit(1)


def _outside(part: str, findings: Findings) -> int:
    command = [sys.executable, "-m", part, str(findings.path)]
    return subprocess.run(command, cwd=environment.ROOT).returncode


def _has_saleor() -> bool:
    return (environment.SALEOR_HOME / "saleor").is_dir()


def _publish(findings: Findings) -> None:
    notes = [f"{os.cpu_count()} cores", *findings.notes()]
    found = f"{'; '.join(notes)}.\n\n{table(findings.figures())}\n"
    print(found)
    before, _, rest = README.read_text().partition(BEGIN)
    README.write_text(f"{before}{BEGIN}\n{found}\n{END}{rest.partition(END)[2]}")


def _say(text: str) -> None:
    line = "#" * 80
    print(f"{line}\n# {text}\n{line}", file=sys.stderr)


if __name__ == "__main__":
    main()
