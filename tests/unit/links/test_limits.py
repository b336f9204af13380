"""How often the public may try."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from saleor_paylink.links.errors import LinkErrorCode
from saleor_paylink.links.limits import PAY, RENEW, Limit, TooManyTries, count
from saleor_paylink.links.sweeper import sweep
from saleor_paylink.models import RateCount
from sandbox.clock import put_forward

TOKEN = "A" * 43
ADDRESS = "192.0.2.7"
FEW = Limit("few", per_token=3, per_address=5)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    """So that no test runs from one hour into the next by itself."""
    go_to_minute(30)
    yield
    put_forward(0)


def go_to_minute(minute: int) -> int:
    """Of the present hour; answers how many seconds the clock is ahead then."""
    put_forward(0)
    now = timezone.now()
    ahead = (minute - now.minute) * 60 - now.second
    put_forward(ahead)
    return ahead


def let_through(limit: Limit, token: str = TOKEN, address: str = ADDRESS, tries: int = 1) -> int:
    """How many of so many tries are."""
    return sum(_passes(limit, token, address) for _try in range(tries))


def _passes(limit: Limit, token: str, address: str) -> bool:
    try:
        count(limit, token, address)
    except TooManyTries:
        return False
    return True


@pytest.mark.parametrize(("limit", "most"), [(PAY, 20), (RENEW, 3)])
def test_so_many_tries_of_a_token_are_let_through(limit: Limit, most: int) -> None:
    assert [let_through(limit, address=f"192.0.2.{n}") for n in range(most + 3)] == (
        [1] * most + [0] * 3
    )


@pytest.mark.parametrize(("limit", "most"), [(PAY, 300), (RENEW, 30)])
def test_so_many_tries_of_an_address_are_let_through(limit: Limit, most: int) -> None:
    assert [let_through(limit, token=str(n)) for n in range(most + 3)] == [1] * most + [0] * 3


def test_one_token_does_not_use_up_anothers_tries() -> None:
    let_through(FEW, tries=4)

    assert let_through(FEW, token="B" * 43) == 1


def test_clicks_on_pay_do_not_use_up_renewals() -> None:
    let_through(PAY, tries=25)

    assert let_through(RENEW) == 1


def test_whoever_sends_an_address_as_a_token_stops_nobody_who_comes_from_there() -> None:
    let_through(FEW, token=ADDRESS, address="203.0.113.9", tries=3)

    assert [let_through(FEW, token=str(n)) for n in range(6)] == [1] * 5 + [0]


def test_a_refusal_says_when_to_try_again() -> None:
    let_through(FEW, tries=3)

    with pytest.raises(TooManyTries) as refusal:
        count(FEW, TOKEN, ADDRESS)

    assert refusal.value.code is LinkErrorCode.RATE_LIMITED
    assert 29 * 60 < refusal.value.seconds <= 30 * 60
    assert refusal.value.message == (
        "It was tried too often, so nothing was done. Try again in 30 minutes."
    )


@pytest.mark.parametrize(
    ("left", "seconds", "words"),
    [
        (timedelta(milliseconds=1), 1, "1 minute."),
        (timedelta(seconds=60), 60, "1 minute."),
        (timedelta(seconds=60, milliseconds=1), 61, "2 minutes."),
        (timedelta(hours=1), 3600, "60 minutes."),
    ],
)
def test_whoever_waits_as_long_as_was_said_is_let_through(
    left: timedelta, seconds: int, words: str
) -> None:
    refusal = TooManyTries(left)

    assert refusal.seconds == seconds
    assert refusal.message.endswith(f"Try again in {words}")


def test_tries_are_let_through_again_from_the_next_hour_on() -> None:
    let_through(FEW, tries=4)
    go_to_minute(59)
    assert let_through(FEW) == 0

    go_to_minute(60)

    assert let_through(FEW, tries=4) == 3


def test_threads_at_once_are_never_let_through_too_often() -> None:
    limit, passed, barrier = Limit("race", 7, 1000), [], threading.Barrier(8)

    def hurry() -> None:
        barrier.wait()
        passed.append(let_through(limit, tries=5))
        connection.close()

    threads = [threading.Thread(target=hurry) for _each in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(passed), sum(passed)) == (8, 7)


ANOTHER_PROCESS = """
import django
from django.conf import settings
settings.configure({databases}, INSTALLED_APPS=["saleor_paylink"], USE_TZ=True, SECRET_KEY={key!r})
django.setup()
from saleor_paylink.links.limits import Limit, count
from sandbox.clock import put_forward
put_forward({ahead})
for _try in range(2):
    count(Limit("few", per_token=3, per_address=5), {token!r}, {address!r})
"""


def test_another_process_counts_on(settings: Any) -> None:
    where = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")
    database = {name: connection.settings_dict[name] for name in where}
    program = ANOTHER_PROCESS.format(
        databases=f"DATABASES={{'default': {database}}}",
        key=settings.SECRET_KEY,
        ahead=go_to_minute(30),
        token=TOKEN,
        address=ADDRESS,
    )

    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)

    assert let_through(FEW, tries=4) == 1


@pytest.mark.parametrize("token", ["", "\x00", "\ud800", "ü" * 43, "x" * 1_000_000])
def test_what_is_no_token_is_counted_like_one(token: str) -> None:
    assert let_through(FEW, token=token, tries=4) == 3


def test_neither_token_nor_address_is_stored() -> None:
    let_through(FEW, tries=2)

    stored = list(RateCount.objects.values_list("key", "count"))

    assert [n for _key, n in stored] == [2, 2]
    for key, _n in stored:
        assert len(key) == 64
        assert TOKEN not in key
        assert ADDRESS not in key


def test_the_keys_cannot_be_made_without_the_secret_key(settings: Any) -> None:
    let_through(FEW)
    settings.SECRET_KEY = "another"

    let_through(FEW)

    assert RateCount.objects.count() == 4
    assert not RateCount.objects.filter(count__gt=1).exists()


def test_an_address_over_its_limit_fills_no_table() -> None:
    assert [let_through(FEW, token=str(n)) for n in range(50)] == [1] * 5 + [0] * 45

    assert RateCount.objects.count() == 6


def test_the_sweeper_forgets_windows_that_are_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("saleor_paylink.links.limits.BATCH", 2)
    for n in range(5):
        let_through(FEW, token=str(n))
    go_to_minute(59)
    sweep()
    assert RateCount.objects.count() == 6

    go_to_minute(60)
    let_through(FEW)
    sweep()

    assert RateCount.objects.count() == 2
    assert let_through(FEW, tries=3) == 2
