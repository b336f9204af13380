"""Where the Dashboard is, which alone may show the frames."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from saleor_paylink.operating.surroundings import DASHBOARD_URL

CLIENT_HOSTS = "ALLOWED_CLIENT_HOSTS"

HOST = re.compile(r"\.?[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*", re.ASCII)
AUTHORITY = re.compile(r"[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*(:[0-9]{1,5})?", re.ASCII)
LOOPBACK = ("localhost", "127.0.0.1")


@dataclass(frozen=True)
class Origins:
    """Who may show the frames besides our own origin, and what says so."""

    setting: str
    sources: tuple[str, ...]
    """As a content security policy names them."""
    complete: bool
    """Whether each value of the setting names a place. One that does not, allows nobody."""


def origins() -> Origins:
    """The Dashboard's, as the setting PAYLINK_DASHBOARD_URL says (Django's, else the
    environment's; several by commas).

    Where it is not set: every host of ALLOWED_CLIENT_HOSTS, which Saleor needs for the
    Dashboard's own mails, so that it stands there. An asterisk names nobody.
    """
    given = str(getattr(settings, DASHBOARD_URL, os.environ.get(DASHBOARD_URL, "")))
    urls = [url.strip() for url in given.split(",") if url.strip()]
    if urls:
        return _origins(DASHBOARD_URL, map(_of_url, urls))
    return _origins(CLIENT_HOSTS, map(_of_host, getattr(settings, CLIENT_HOSTS, ())))


def dashboard_origins() -> list[str]:
    """The sources that may frame us. Our own origin is one, as the Dashboard is often served by
    the same host."""
    return ["'self'", *origins().sources]


def _origins(setting: str, found: Iterable[list[str]]) -> Origins:
    every = list(found)
    sources = tuple(source for sources in every for source in sources)
    return Origins(setting, sources, complete=all(every))


def _of_url(url: str) -> list[str]:
    """Nothing for what is misspelt: it must not open the frames to anybody else."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return []
    if parts.scheme not in ("http", "https") or not AUTHORITY.fullmatch(parts.netloc):
        return []
    return [f"{parts.scheme}://{parts.netloc}"]


def _of_host(host: str) -> list[str]:
    if not HOST.fullmatch(host):
        return []
    # A leading dot stands for the host and all below it.
    names = [host.lstrip("."), f"*{host}"] if host.startswith(".") else [host]
    schemes = ("http", "https") if host in LOOPBACK else ("https",)
    return [f"{scheme}://{name}:*" for name in names for scheme in schemes]
