"""Renewal: the customer asks for a fresh link in place of one that has expired.

Whoever asks has only an old URL. A fresh one goes to the order's own address and nowhere else,
and nothing is answered.
"""

import uuid
from datetime import timedelta

from django.utils import timezone

from saleor_paylink.links.dues import asked_for, collected
from saleor_paylink.links.errors import LinkError
from saleor_paylink.links.lifecycle import add_link, held, in_force, require_email
from saleor_paylink.links.locking import known_order, reread
from saleor_paylink.links.offers import available_methods
from saleor_paylink.links.sessions import is_left_over, no_session_open
from saleor_paylink.links.terms import LinkTerms, check_payable, expiry
from saleor_paylink.links.tokens import find_link
from saleor_paylink.mail import outbox
from saleor_paylink.models import LinkStatus, PaymentCollection, PaymentLink
from saleor_paylink.shop import OrderView, current_shop

# A link that had a shorter life is renewed for as long: mails are not read at once.
SHORTEST_LIFE = timedelta(days=1)
# Somebody who asks again so soon has clicked twice, or wants to fill a mailbox.
NOT_AGAIN_WITHIN = timedelta(minutes=5)


def renew(token: str, channel: str | None = None) -> None:
    """Mail a fresh link in place of the expired one with that token, or the one that is in
    force by now. Does nothing, and says nothing, where that cannot be."""
    link = find_link(token, channel)
    if link is None or link.current_status != LinkStatus.EXPIRED:
        return
    if not current_shop().channel_settings(link.channel).active:
        return
    try:
        _renew(link)
    except LinkError:
        return


def _renew(link: PaymentLink) -> None:
    order = known_order(link.order_id)
    require_email(order.email, "token")
    with no_session_open(order.id, is_left_over) as collection:
        fresh = in_force(collection) or _successor(collection, order)
        if fresh is None or not _is_payable(fresh, reread(order)):
            return
        if not _just_renewed(fresh):
            key = f"{_renewal_key(fresh)}{uuid.uuid4()}"
            outbox.queue_request(fresh, order, key=key, actor=None)


def _successor(collection: PaymentCollection, order: OrderView) -> PaymentLink | None:
    """A link with the terms of the last one, if that has expired: what staff have closed is
    not opened again by an older link. Raises LinkError where it could not be paid."""
    last = collection.links.order_by("-created_at", "-id").first()
    if last is None or last.status != LinkStatus.EXPIRED:
        return None
    order = held(order)
    asked = asked_for(last, order)
    check_payable(order, asked)
    return add_link(collection, order, asked, _terms_of(last), None)


def _is_payable(link: PaymentLink, order: OrderView) -> bool:
    """Whether its customer could pay now: what is asked for may have become too little."""
    is_takable = bool(available_methods(order, asked_for(link, order)))
    return link.status == LinkStatus.ACTIVE and is_takable


def _terms_of(last: PaymentLink) -> LinkTerms:
    requested = last.requested_amount
    expires_at = expiry(last.channel, None)
    if expires_at is None and last.expires_at is not None:
        life = max(last.expires_at - last.created_at, SHORTEST_LIFE)
        expires_at = timezone.now() + life
    return LinkTerms(
        amount=None if requested is None else requested - collected(last).amount,
        expires_at=expires_at,
        message=last.message,
    )


def _just_renewed(link: PaymentLink) -> bool:
    since = timezone.now() - NOT_AGAIN_WITHIN
    mails = link.mails.filter(key__startswith=_renewal_key(link), queued_at__gt=since)
    return bool(mails.exists())


def _renewal_key(link: PaymentLink) -> str:
    """What the keys of mails to customers who asked for them begin with."""
    return f"request:{link.id}:renewal:"
