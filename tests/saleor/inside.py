"""Runs a module in Saleor's environment: `SALEOR_PYTHON inside.py MODULE ARGUMENTS...`

`saleor_paylink` is the one that was installed from the wheel, `saleor` the checkout at
SALEOR_HOME, and `tests` and `sandbox` come from this checkout.
"""

import os
import runpy
import sys
from pathlib import Path


def main() -> None:
    # The folder of this script; its modules are tests.saleor's.
    del sys.path[0]
    # First, so that it stays the installed one: this checkout has a folder of that name too.
    import saleor_paylink

    checkout = Path(__file__).resolve().parents[2]
    if checkout in Path(saleor_paylink.__file__).resolve().parents:
        raise SystemExit("saleor_paylink is not installed from the wheel in this environment.")
    sys.path[:0] = [os.environ["SALEOR_HOME"], str(checkout)]
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
