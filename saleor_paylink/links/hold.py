"""The hold: an order under collection waits for its money."""

from uuid import UUID

from django.utils.translation import gettext as _

from saleor_paylink.formats import format_time
from saleor_paylink.links.reading import CollectionStatus, collection_view
from saleor_paylink.models import PaymentCollection

WAITING = (CollectionStatus.AWAITING, CollectionStatus.PROCESSING)


def refusal(order_id: UUID) -> str | None:
    """Why the order must not be confirmed or fulfilled now; None where it may be."""
    if not PaymentCollection.objects.filter(order_id=order_id).exists():
        return None
    view = collection_view(order_id)
    if view is None or view.status not in WAITING:
        return None
    message = _(
        "This order waits for the payment of its payment link, made on %(time)s. It is confirmed "
        "by itself once it is paid. You can mark it as paid by hand, or reject it."
    )
    return message % {"time": format_time(view.links[0].created_at)}
