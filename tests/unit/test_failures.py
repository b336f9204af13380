"""Writing down what went wrong."""

import logging

import pytest

from saleor_paylink.failures import log_failure


def test_where_it_failed_is_logged_and_not_what_it_said(caplog: pytest.LogCaptureFixture) -> None:
    address = "customer@example.com"
    try:
        raise ValueError(address)
    except ValueError:
        log_failure(logging.getLogger("tests"), "Mail %s failed:", 7)

    assert caplog.messages[0].startswith("Mail 7 failed: ValueError at:\n")
    assert "test_failures.py" in caplog.messages[0]
    assert "customer@example.com" not in caplog.text
