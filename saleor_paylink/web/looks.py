"""What an order held when its customer looked, kept in the page itself: looking has no effect.

It is signed, so that a page never repeats what it has not shown itself. The same order gives the
same look: whoever opens the page sees the same to the byte.
"""

from django.core import signing

from saleor_paylink.links.contents import Change, Contents, differences
from saleor_paylink.shop import OrderView

SALT = "saleor_paylink.web.looks"


def look_of(order: OrderView) -> str:
    """What the order holds now, to be sent back with the form."""
    return _signer(order).sign_object(Contents.of(order).as_data(), compress=True)


def changes_since_look(order: OrderView, look: str) -> tuple[Change, ...]:
    """What has changed since `look_of` this order; nothing for whatever else was sent."""
    try:
        before = Contents.from_data(_signer(order).unsign_object(look))
    except signing.BadSignature:
        return ()
    return differences(before, Contents.of(order))


def _signer(order: OrderView) -> signing.Signer:
    """A look at another order is none at this one."""
    return signing.Signer(salt=f"{SALT}:{order.id}")
