"""Where the Dashboard is, which alone may show the frames."""

import os
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

HOST = re.compile(r"\.?[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*", re.ASCII)
AUTHORITY = re.compile(r"[0-9A-Za-z.-]+(:[0-9]{1,5})?", re.ASCII)
LOOPBACK = ("localhost", "127.0.0.1")


def dashboard_origins() -> list[str]:
    """The sources that may frame us, as a content security policy names them.

    Our own origin, as the Dashboard is often served by the same host, and those of the setting
    PAYLINK_DASHBOARD_URL (Django's, else the environment's; several by commas). Where it is not
    set: every host of ALLOWED_CLIENT_HOSTS, which Saleor needs for the Dashboard's own mails,
    so that it stands there. An asterisk names nobody. Raises ImproperlyConfigured.
    """
    given = str(
        getattr(settings, "PAYLINK_DASHBOARD_URL", os.environ.get("PAYLINK_DASHBOARD_URL", ""))
    )
    urls = [url.strip() for url in given.split(",") if url.strip()]
    if urls:
        return ["'self'", *map(_origin, urls)]
    return ["'self'", *_sources(getattr(settings, "ALLOWED_CLIENT_HOSTS", ()))]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not AUTHORITY.fullmatch(parts.netloc):
        raise ImproperlyConfigured("PAYLINK_DASHBOARD_URL must be a URL, https://...")
    return f"{parts.scheme}://{parts.netloc}"


def _sources(hosts: Iterable[str]) -> list[str]:
    sources = []
    for host in hosts:
        if not HOST.fullmatch(host):
            continue
        # A leading dot stands for the host and all below it.
        names = [host.lstrip("."), f"*{host}"] if host.startswith(".") else [host]
        schemes = ("http", "https") if host in LOOPBACK else ("https",)
        sources += [f"{scheme}://{name}:*" for name in names for scheme in schemes]
    return sources
