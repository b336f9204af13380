"""Where a request comes from."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from saleor_paylink.addresses import client_address, proxy_count

PROXY = "10.0.0.1"
CLIENT = "192.0.2.7"


def meta(forwarded: str | None = None, connected: str | None = PROXY) -> dict[str, str]:
    told = {"HTTP_X_FORWARDED_FOR": forwarded, "REMOTE_ADDR": connected}
    return {name: value for name, value in told.items() if value is not None}


def test_by_default_one_proxy_says_whom_it_was_called_by() -> None:
    assert client_address(meta(CLIENT)) == CLIENT


@pytest.mark.parametrize(
    "claimed", ["203.0.113.9", "203.0.113.9, 198.51.100.1", "", "junk", "127.0.0.1", ","]
)
def test_what_the_client_claims_itself_is_not_believed(claimed: str) -> None:
    assert client_address(meta(f"{claimed}, {CLIENT}")) == CLIENT


@pytest.mark.parametrize(
    ("proxies", "expected"),
    [(0, PROXY), (1, "198.51.100.2"), (2, "198.51.100.1"), (3, CLIENT), (4, PROXY)],
)
def test_as_many_entries_are_true_as_there_are_proxies(
    settings: Any, proxies: int, expected: str
) -> None:
    settings.PAYLINK_PROXY_COUNT = proxies

    assert client_address(meta(f"{CLIENT}, 198.51.100.1,198.51.100.2")) == expected


@pytest.mark.parametrize(
    "forwarded",
    [None, "", " ", "unknown", "_hidden", "192.0.2.300", "192.0.2", "1e3", "::g", "[]", "[]:80",
     "192.0.2.7, ", "192.0.2.7:", ":80", "٣.٣.٣.٣", "192.0.2.7/24", "x" * 100_000, "\x00"],
)  # fmt: skip
def test_where_no_entry_can_be_read_it_is_whoever_is_connected(forwarded: str | None) -> None:
    assert client_address(meta(forwarded)) == PROXY


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("192.0.2.7:4711", CLIENT),
        ("[2001:db8:1:2::7]:4711", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::7]", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", CLIENT),
        ("[::ffff:192.0.2.7]:4711", CLIENT),
        ("fe80::7%eth0", "fe80::/64"),
    ],
)
def test_each_way_to_write_an_address_is_understood(entry: str, expected: str) -> None:
    assert client_address(meta(entry)) == expected


def test_a_network_of_64_bits_is_one_address() -> None:
    one, other, neighbour = (
        client_address(meta(entry))
        for entry in ("2001:db8:1:2::1", "2001:DB8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:3::1")
    )

    assert one == other == "2001:db8:1:2::/64"
    assert neighbour == "2001:db8:1:3::/64"


@pytest.mark.parametrize("connected", [None, "", "junk"])
def test_who_comes_from_nowhere_is_unknown(connected: str | None) -> None:
    assert client_address(meta(None, connected)) == "unknown"


def test_the_count_of_proxies_is_the_environments_where_django_has_none(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setenv("PAYLINK_PROXY_COUNT", "2")
    assert proxy_count() == 2

    settings.PAYLINK_PROXY_COUNT = 3
    assert proxy_count() == 3


@pytest.mark.parametrize("count", ["", "-1", "1.5", "one", " 1", "٣", "100"])
def test_a_count_that_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch, count: str) -> None:
    monkeypatch.setenv("PAYLINK_PROXY_COUNT", count)

    with pytest.raises(ImproperlyConfigured, match="PAYLINK_PROXY_COUNT"):
        proxy_count()
