"""The shop of the domain's tests, and somebody who visits its pages."""

import pytest

from tests.unit.links.conftest import (  # noqa: F401
    channel,
    customer,
    link,
    make_order,
    mug,
    order,
    simulator,
    stripe,
)
from tests.unit.links.helpers import Customer
from tests.unit.web.visitor import Visitor


@pytest.fixture
def visitor(channel: object) -> Visitor:  # noqa: F811
    return Visitor()


@pytest.fixture
def page(customer: Customer) -> str:  # noqa: F811
    """The path of the customer's payment page."""
    return f"pay/{customer.token}/"
