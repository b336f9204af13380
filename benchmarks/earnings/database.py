"""A database of one's own, with the tables of the sandbox shop and paylink's."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import django
import psycopg
from django.core.management import call_command
from psycopg import sql

from sandbox import postgres


@contextmanager
def fresh() -> Iterator[None]:
    """Django is set up in it, so that there can be one in a process. It is gone afterwards."""
    given = os.environ.get("DATABASE_URL")
    url = _beside(given) if given else postgres.create_database("benchmark")
    os.environ.update(DATABASE_URL=url, DJANGO_SETTINGS_MODULE="sandbox.shop.settings")
    try:
        django.setup()
        call_command("migrate", run_syncdb=True, verbosity=0)
        yield
    finally:
        if given:
            _administer(given, "DROP DATABASE {} WITH (FORCE)", url)
        else:
            postgres.drop_database(url)


def _beside(given: str) -> str:
    name = f"benchmark_{os.getpid()}_{secrets.token_hex(4)}"
    url = urlsplit(given)._replace(path=f"/{name}").geturl()
    _administer(given, "CREATE DATABASE {}", url)
    return url


def _administer(server: str, statement: str, url: str) -> None:
    name = sql.Identifier(urlsplit(url).path.lstrip("/"))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(name))
