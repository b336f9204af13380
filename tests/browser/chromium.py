"""The system's Chromium: found, and driven without a screen.

python -m tests.browser.chromium    ends with status 1, and says how to get it, if there is none
"""

import os
import shutil
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()
MISSING = """\
################################################################################
# NOT RUN: the browser tests. There is no Chromium on this machine.
# Install it (Debian: apt-get install chromium), or name one in CHROMIUM.
################################################################################"""


def path() -> str | None:
    """Where Chromium is, or what the variable CHROMIUM says."""
    given = os.environ.get("CHROMIUM")
    return given or next(filter(None, map(shutil.which, NAMES)), None)


if __name__ == "__main__":
    if path() is None:
        sys.exit(MISSING)
