"""The shop of the domain's tests."""

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
