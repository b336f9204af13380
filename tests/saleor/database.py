"""Postgres for Saleor: its migrations take minutes, so a database of Saleor as it is without
paylink is kept, and copied for each run.

The server is the one of DATABASE_URL (whose user may create databases and extensions), or
one started from the machine's own PostgreSQL: Saleor needs its contrib extensions, which
the embedded one of the sandbox does not bring.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
from psycopg import sql

from tests.saleor import environment

FOLDER = Path(tempfile.gettempdir()) / f"saleor-paylink-postgres-{os.getuid()}"
# Its data is never worth keeping, so it does not wait for the disk. Saleor's long queries look
# dear to a planner without statistics, and compiling them costs far more than running them.
CONFIGURATION = f"""
listen_addresses = ''
unix_socket_directories = '{FOLDER}'
max_connections = 300
fsync = off
synchronous_commit = off
full_page_writes = off
jit = off
"""
NO_POSTGRES = (
    "Saleor needs a PostgreSQL server with the contrib extensions. Install one "
    "(on Debian: apt-get install postgresql), or set DATABASE_URL."
)


@contextlib.contextmanager
def fresh_database() -> Iterator[str]:
    """The URL of a database of its own, with Saleor's migrations and not yet paylink's; gone
    afterwards."""
    with _server() as url:
        template = _template(url)
        name = f"paylink_{os.getpid()}_{secrets.token_hex(4)}"
        _administer(url, "CREATE DATABASE {} TEMPLATE {}", name, template)
        try:
            yield _named(url, name)
        finally:
            _administer(url, "DROP DATABASE {} WITH (FORCE)", name)


def _template(url: str) -> str:
    """The migrated database to copy, made if there is none for this Saleor."""
    name = f"paylink_template_{environment.schema_key()}"
    with psycopg.connect(url, autocommit=True) as connection:
        # Whoever comes second waits for the first to finish.
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if known.fetchone() is None:
            unfinished = f"{name}_unfinished"
            _administer(url, "DROP DATABASE IF EXISTS {} WITH (FORCE)", unfinished)
            _administer(url, "CREATE DATABASE {}", unfinished)
            subprocess.run(
                environment.command("django", "migrate", "--verbosity=0"),
                env=environment.variables(
                    DATABASE_URL=_named(url, unfinished), WITHOUT_PAYLINK="yes"
                ),
                check=True,
            )
            _administer(url, "ALTER DATABASE {} RENAME TO {}", unfinished, name)
    return name


def _named(url: str, database: str) -> str:
    return urlsplit(url)._replace(path=f"/{database}").geturl()


def _administer(url: str, statement: str, *names: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextlib.contextmanager
def _server() -> Iterator[str]:
    """The URL of the server. One serves all runs of a user: the first starts it, the last
    stops it, and a run that was killed has let go of its lock."""
    if os.environ.get("DATABASE_URL"):
        yield os.environ["DATABASE_URL"]
        return
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / "users").open("w") as users, (FOLDER / "starting").open("w") as starting:
        fcntl.flock(users, fcntl.LOCK_SH)
        fcntl.flock(starting, fcntl.LOCK_EX)
        _start()
        fcntl.flock(starting, fcntl.LOCK_UN)
        try:
            yield f"postgres://saleor@{quote(str(FOLDER), safe='')}/postgres"
        finally:
            # Locked by others: it is still used.
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _postgres("pg_ctl", "stop", "--mode=fast", f"--pgdata={FOLDER / 'data'}")


def _start() -> None:
    data = FOLDER / "data"
    if not (data / "PG_VERSION").exists():
        shutil.rmtree(data, ignore_errors=True)
        if os.getuid() == 0:
            shutil.chown(FOLDER, "postgres")
        _postgres(
            "initdb",
            "--username=saleor",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            f"--pgdata={data}",
        )
        with (data / "postgresql.conf").open("a") as file:
            file.write(CONFIGURATION)
    try:
        _postgres("pg_ctl", "status", f"--pgdata={data}")
    except subprocess.CalledProcessError:
        _postgres("pg_ctl", "start", "--wait", f"--pgdata={data}", f"--log={FOLDER / 'log'}")


def _postgres(program: str, *arguments: str) -> None:
    found = shutil.which(program) or next(
        (str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))[-1:]),
        None,
    )
    if found is None:
        raise SystemExit(NO_POSTGRES)
    # Postgres refuses to run as root.
    user = "postgres" if os.getuid() == 0 else None
    subprocess.run([found, *arguments], user=user, check=True, stdout=subprocess.DEVNULL)
