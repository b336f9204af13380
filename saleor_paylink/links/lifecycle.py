"""What staff do with a payment link: create, send, mark paid by hand, reject."""

import uuid
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from saleor_paylink import jobs
from saleor_paylink.earnings.ledger import book, manual_account, owe_shop
from saleor_paylink.links import history
from saleor_paylink.links.contents import Contents, remember_sent
from saleor_paylink.links.dues import outstanding, unpaid
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.locking import known_order, lock, must_follow, reread
from saleor_paylink.links.offers import check_collectable, smallest_amount
from saleor_paylink.links.sessions import is_left_over, no_session_open
from saleor_paylink.links.terms import LinkTerms, check_asked, expiry
from saleor_paylink.links.tokens import derive, digest
from saleor_paylink.mail import outbox
from saleor_paylink.models import (
    LINK_IN_FORCE,
    LedgerKind,
    LinkEventType,
    LinkStatus,
    PaymentCollection,
    PaymentLink,
)
from saleor_paylink.money import Money
from saleor_paylink.shop import Actor, OrderState, OrderView, current_shop

LONGEST_MESSAGE = 2000
LONGEST_REFERENCE = 255
# As models.MailDelivery keeps it, and as mail servers take it (RFC 5321).
validate_length = MaxLengthValidator(254)


def create(order_id: UUID, terms: LinkTerms, actor: Actor | None) -> PaymentLink:
    """The order's payment link: the one in force, else a new one, which holds the order.

    Answers the prompt. Raises LinkError. What was paid over an earlier link in its last moment
    is found out first: PROVIDER_ERROR or MONEY_IN_FLIGHT where that cannot be.
    """
    _check_length("message", terms.message, LONGEST_MESSAGE)
    order = known_order(order_id)
    owed = outstanding(order)
    with no_session_open(order_id, is_left_over) as collection:
        link = in_force(collection)
        if link is None:
            order = held(order)
            _check_still_due(owed, order, terms)
            asked = check_asked(order, terms.amount)
            link = add_link(collection, order, asked, terms, actor)
        else:
            remember_sent(link, order)
        if terms.send:
            require_email(order.email, "send")
            outbox.queue_request(link, order, key=f"request:{link.id}:create", actor=actor)
        _answer_prompt(collection)
    return link


def in_force(collection: PaymentCollection) -> PaymentLink | None:
    """The link that can be paid; one whose time is over is written down as expired. The
    order's lock is held."""
    link = collection.links.filter(status__in=LINK_IN_FORCE).first()
    if link is not None and link.current_status == LinkStatus.EXPIRED:
        expire(collection, link)
        return None
    return link


def expire(collection: PaymentCollection, link: PaymentLink) -> None:
    """Write down that a link's time is over. The order's lock is held."""
    link.status = LinkStatus.EXPIRED
    link.save(update_fields=["status"])
    history.record(collection, LinkEventType.EXPIRED, link=link)
    jobs.later(jobs.CLOSE_SESSIONS, str(collection.order_id))


def held(order: OrderView) -> OrderView:
    """The order as it is now that it is on hold. Its lock is held. Raises LinkError NOT_FOUND."""
    # Before it is looked at, so that nobody can cancel or fulfil it in between.
    current_shop().hold(order.id)
    return reread(order)


def _check_still_due(owed: Money, order: OrderView, terms: LinkTerms) -> None:
    """Raises LinkError where a deposit was asked for while `owed` was due and now less is."""
    if terms.amount is not None and outstanding(order) < owed:
        message = _("Less is due than a moment ago: a payment came in. Look at the order again.")
        raise LinkError(LinkErrorCode.AMOUNT_CHANGED, message, "amount")


def add_link(
    collection: PaymentCollection,
    order: OrderView,
    asked: Money,
    terms: LinkTerms,
    actor: Actor | None,
) -> PaymentLink:
    """A new link, that has been found to ask for `asked`. The order's lock is held, and no other
    link is in force. Raises LinkError."""
    link = PaymentLink(
        collection=collection,
        order_id=order.id,
        channel=order.channel,
        currency=order.currency,
        requested_amount=terms.amount,
        least_rest=smallest_amount(order.channel, order.currency).amount,
        amount=asked.amount,
        message=terms.message,
        expires_at=expiry(order.channel, terms.expires_at),
        created_by=actor.id if actor and actor.kind == "user" else "",
    )
    link.token_digest = digest(derive(link.id, link.token_seed))
    link.contents_sent = link.contents_noticed = Contents.of(order).as_data()
    link.save(force_insert=True)
    collection.compare_at = timezone.now()
    collection.save(update_fields=["compare_at"])
    history.record(collection, LinkEventType.CREATED, actor=actor, link=link, money=asked)
    return link


def _answer_prompt(collection: PaymentCollection) -> None:
    if collection.answered_at is None:
        collection.answered_at = timezone.now()
        collection.save(update_fields=["answered_at"])


def send(
    link_id: UUID,
    actor: Actor | None,
    *,
    email: str | None = None,
    message: str | None = None,
    copy_to: str | None = None,
) -> PaymentLink:
    """Mail the link to the order's address, or this once to `email`; and a copy to `copy_to`.
    The link stays the same. Raises LinkError.
    """
    _check_length("message", message or "", LONGEST_MESSAGE)
    link = PaymentLink.objects.get(pk=link_id)
    order = known_order(link.order_id)
    require_email(email or order.email, "email")
    if copy_to is not None:
        require_email(copy_to, "copyToMe")
    with transaction.atomic():
        lock(order)
        link = PaymentLink.objects.get(pk=link_id)
        if link.current_status not in LINK_IN_FORCE:
            raise LinkError(
                LinkErrorCode.LINK_NOT_ACTIVE,
                _("This payment link can no longer be paid. Create a new one."),
                "id",
            )
        key = f"request:{link.id}:{uuid.uuid4()}"
        outbox.queue_request(
            link, order, key=key, actor=actor, recipient=email, message=message, copy_to=copy_to
        )
    return link


def require_email(email: str | None, field: str) -> None:
    """Raises LinkError for an address that nothing can be mailed to."""
    if not email:
        message = _("The order has no email address to send to. Give it one.")
        raise LinkError(LinkErrorCode.EMAIL_ERROR, message, field)
    try:
        validate_email(email)
        validate_length(email)
    except ValidationError:
        message = _("This is no address that can be mailed to. Correct it.")
        raise LinkError(LinkErrorCode.EMAIL_ERROR, message, field) from None


def _check_length(field: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise LinkError(
            LinkErrorCode.INVALID,
            _("Use at most %(longest)s characters.") % {"longest": longest},
            field,
        )


def mark_paid(order_id: UUID, actor: Actor | None, *, reference: str = "", note: str = "") -> None:
    """Staff took the money themselves: book all that is due as manual and close the link.

    Open sessions are closed at the provider first. Raises LinkError, MONEY_IN_FLIGHT while
    a payment is on its way.
    """
    _check_length("reference", reference, LONGEST_REFERENCE)
    _check_length("note", note, LONGEST_MESSAGE)
    order = known_order(order_id)
    _check_payable_by_hand(order)
    with no_session_open(order_id) as collection:
        order = reread(order)
        if order.stale or must_follow(collection, order):
            raise LinkError(
                LinkErrorCode.AMOUNT_CHANGED, _("The order was being edited. Look at it again.")
            )
        _check_payable_by_hand(order)
        owed = outstanding(order)
        if owed.amount <= 0:
            message = _("This order is paid already. There is nothing to do.")
            raise LinkError(LinkErrorCode.ALREADY_PAID, message, "orderId")
        key, account = f"paylink-{uuid.uuid4()}", manual_account(order)
        entry = book(LedgerKind.MANUAL, account, owed, key, timezone.now())
        assert entry is not None  # noqa: S101
        details = {"reference": reference, "note": note, "actor": actor and actor.as_data()}
        posting = owe_shop(entry, releases_order=True, **details)
        jobs.later(jobs.POST_TO_SHOP, posting.pk)
        note_given = " ".join(part for part in (reference, note) if part)
        close_manually(collection, owed, actor, note_given)


def _check_payable_by_hand(order: OrderView) -> None:
    # Goods may be handed over before they are paid: what was fulfilled can still be paid.
    if order.state is not OrderState.FULFILLED:
        check_collectable(order)


def close_manually(
    collection: PaymentCollection, amount: Money, actor: Actor | None, note: str = ""
) -> None:
    """The order was paid outside: close its link. The order's lock is held."""
    link = _link_to_close(collection)
    if link is not None:
        link.status = LinkStatus.PAID_MANUALLY
        link.save(update_fields=["status"])
    collection.settled_manually_at = timezone.now()
    collection.save(update_fields=["settled_manually_at"])
    _answer_prompt(collection)
    history.record(
        collection, LinkEventType.PAID_MANUALLY, actor=actor, link=link, money=amount, note=note
    )


def _link_to_close(collection: PaymentCollection) -> PaymentLink | None:
    """The link in force, else the newest one whose time is over."""
    links = collection.links.order_by("-created_at")
    in_force = links.filter(status__in=LINK_IN_FORCE).first()
    return in_force or links.filter(status=LinkStatus.EXPIRED).first()


def reject(order_id: UUID, actor: Actor | None, *, reason: str = "") -> None:
    """Cancel the order, free its stock and close the link. Raises LinkError.

    Open sessions are closed at the provider first.
    """
    _check_length("reason", reason, LONGEST_MESSAGE)
    order = known_order(order_id)
    if order.state is OrderState.CANCELED:
        return
    _check_rejectable(order)
    with no_session_open(order_id) as collection:
        _check_rejectable(reread(order))
        close_rejected(collection, actor, reason)
        try:
            current_shop().cancel(order_id, actor)
        except ValueError:
            raise _goods_on_their_way() from None


def _check_rejectable(order: OrderView) -> None:
    check_collectable(order)
    if order.state is OrderState.PARTIALLY_FULFILLED:
        raise _goods_on_their_way()
    if unpaid(order) < order.total:
        raise LinkError(
            LinkErrorCode.ALREADY_PAID,
            _("Money has been received for this order. Refund it before you reject the order."),
            "orderId",
        )


def _goods_on_their_way() -> LinkError:
    return LinkError(
        LinkErrorCode.ORDER_NOT_COLLECTABLE,
        _("Part of this order has been fulfilled: cancel the fulfilment first."),
        "orderId",
    )


def close_rejected(collection: PaymentCollection, actor: Actor | None, reason: str = "") -> None:
    """The order was cancelled: close its link for good. The order's lock is held."""
    link = _link_to_close(collection)
    alive = collection.links.filter(status__in=(*LINK_IN_FORCE, LinkStatus.EXPIRED))
    alive.update(status=LinkStatus.REVOKED)
    collection.rejected_at = timezone.now()
    collection.save(update_fields=["rejected_at"])
    _answer_prompt(collection)
    history.record(collection, LinkEventType.REJECTED, actor=actor, link=link, reason=reason)
