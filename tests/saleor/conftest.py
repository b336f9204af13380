"""Tests that look into a real Saleor. They share one populated shop and make their own orders.

Run by `python -m tests.saleor.run`, which installs the wheel and starts what is needed.
"""

import os
from collections.abc import Iterator

import django
import pytest

if "PAYLINK_STRIPE_API_BASE" not in os.environ:
    pytest.exit("Run these tests with: python -m tests.saleor.run", returncode=2)
django.setup()

from django.core.management import call_command
from saleor.core.db.connection import allow_writer

from tests.saleor import listener, recorder
from tests.saleor.client import Api
from tests.saleor.populate import populate


@pytest.fixture(scope="session", autouse=True)
def shop() -> None:
    """Saleor, migrated and filled as the stage is."""
    call_command("migrate", verbosity=0)
    populate()


@pytest.fixture(autouse=True)
def writer() -> Iterator[None]:
    """Tests look at the database as they like; what runs in a request is still watched."""
    recorder.reset()
    listener.reset()
    with allow_writer():
        yield
    recorder.reset()
    listener.reset()


@pytest.fixture(scope="session")
def admin(shop: None) -> Api:
    return Api("admin")
