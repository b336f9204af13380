"""Run the tests that need a real Saleor: those of this folder in its own environment, and the
behaviour suite against it. Arguments go to pytest in the former."""

import os
import subprocess
import sys

from sandbox.serve import start_services
from tests.saleor import environment
from tests.saleor.database import fresh_database
from tests.saleor.serving import serving, variables

FOLDER = environment.ROOT / "tests" / "saleor"


def main() -> None:
    """Exits with 1 where either fails."""
    environment.install()
    failed = [part.__name__ for part in (inside, behaviour) if part()]
    sys.exit(f"FAILED in Saleor: {', '.join(failed)}" if failed else 0)


def inside() -> int:
    """The tests that look into Saleor."""
    what = sys.argv[1:] or [str(FOLDER)]
    return in_saleor("pytest", "-c", str(FOLDER / "pytest.ini"), *what)


def in_saleor(module: str, *arguments: str, watched: bool = True) -> int:
    """Run a module in Saleor's own environment, with a database and services that are gone
    afterwards; its exit status. `watched` as in `variables`."""
    with fresh_database() as database_url:
        services = start_services()
        try:
            return subprocess.run(
                environment.command(module, *arguments),
                env=variables(database_url, services, "http://127.0.0.1:8000", watched=watched),
            ).returncode
        finally:
            services.close()


def behaviour() -> int:
    """The tests that look from outside."""
    with serving(timers=False) as stage:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "tests/behaviour"],
            env={**os.environ, "PAYLINK_STAGE": stage.to_json()},
            cwd=environment.ROOT,
        ).returncode


if __name__ == "__main__":
    main()
