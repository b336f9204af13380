"""Where a request comes from, as far as it can be known for sure."""

import os
import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

# Some proxies add the port: "192.0.2.1:4711", "[2001:db8::1]:4711".
WITH_PORT = re.compile(r"\[(?P<v6>[^\]]*)\](?::[0-9]+)?|(?P<v4>[0-9.]+):[0-9]+", re.ASCII)


def client_address(meta: Mapping[str, Any]) -> str:
    """The client's address by a request's META: an IPv4 address or an IPv6 network of /64.

    A household or a server has a whole /64, and so as many addresses as it likes. Anybody can
    send an X-Forwarded-For, to which each proxy appends whom it was called by: only the
    entries of the shop's own proxies, the last ones, are true. Where they are not there, or
    cannot be read, it is the address that the connection came from.
    """
    entries = str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    proxies = proxy_count()
    forwarded = _read(entries[-proxies]) if 0 < proxies <= len(entries) else None
    address = forwarded or _read(str(meta.get("REMOTE_ADDR", "")))
    return _name(address) if address else "unknown"


def proxy_count() -> int:
    """How many proxies of the shop's own a request passes on its way here.

    Django's setting PAYLINK_PROXY_COUNT, else the environment's, else 1. Raises
    ImproperlyConfigured for what is no whole number.
    """
    given = getattr(settings, "PAYLINK_PROXY_COUNT", os.environ.get("PAYLINK_PROXY_COUNT", 1))
    if not re.fullmatch(r"[0-9]{1,2}", str(given), re.ASCII):
        raise ImproperlyConfigured("PAYLINK_PROXY_COUNT must be a whole number from 0 to 99.")
    return int(given)


def _read(text: str) -> IPv4Address | IPv6Address | None:
    text = text.strip()
    with_port = WITH_PORT.fullmatch(text)
    try:
        return ip_address(with_port["v6"] or with_port["v4"] if with_port else text)
    except ValueError:
        return None


def _name(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            # The number alone: the name of a network card may stand behind it.
            return str(IPv6Network((int(address), 64), strict=False))
        address = address.ipv4_mapped
    return str(address)
