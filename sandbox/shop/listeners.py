"""Who listens to what the shop tells, as other plugins and apps do in Saleor.

A listener is called with the name of an event and what it is about: a LinkNews, or the id of an
order whose metadata have changed.
"""

import logging
from collections.abc import Callable
from uuid import UUID

from saleor_paylink.failures import log_failure
from saleor_paylink.shop import LinkNews

logger = logging.getLogger(__name__)

METADATA_UPDATED = "order_metadata_updated"

Listener = Callable[[str, LinkNews | UUID], object]
listeners: list[Listener] = []


def tell(event: str, about: LinkNews | UUID) -> None:
    """Call each listener; what one of them raises is logged."""
    for listener in list(listeners):
        try:
            listener(event, about)
        except Exception:
            log_failure(logger, "A listener to %s failed:", event)
