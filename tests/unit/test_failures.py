"""Writing down what went wrong."""

import logging
from traceback import format_exception

import pytest

from saleor_paylink.failures import Failed, log_failure, muted


def test_where_it_failed_is_logged_and_not_what_it_said(caplog: pytest.LogCaptureFixture) -> None:
    address = "customer@example.com"
    try:
        raise ValueError(address)
    except ValueError:
        log_failure(logging.getLogger("tests"), "Mail %s failed:", 7)

    assert caplog.messages[0].startswith("Mail 7 failed: ValueError at:\n")
    assert "test_failures.py" in caplog.messages[0]
    assert "customer@example.com" not in caplog.text


def test_what_is_muted_is_logged_and_its_words_go_no_further(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(Failed) as failure, muted(logging.getLogger("tests"), "Task %s failed:", 7):
        raise ValueError("customer@example.com")

    assert "customer@example.com" not in "".join(format_exception(failure.value))
    assert caplog.messages[0].startswith("Task 7 failed: ValueError at:\n")


def test_only_exceptions_of_the_kind_are_muted(caplog: pytest.LogCaptureFixture) -> None:
    with (
        pytest.raises(ValueError, match="as it is"),
        muted(logging.getLogger("tests"), "It failed:", of=KeyError),
    ):
        raise ValueError("as it is")

    assert caplog.messages == []
