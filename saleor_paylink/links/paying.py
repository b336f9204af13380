"""The customer's click on Pay: one session, for what is due at this moment."""

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from saleor_paylink.links import history, visits
from saleor_paylink.links.channels import shop_id
from saleor_paylink.links.dues import asked_for, revision_of
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.locking import ROUNDS, known_order, lock
from saleor_paylink.links.offers import available_methods, not_representable, smallest_amount
from saleor_paylink.links.orphans import shop_mark
from saleor_paylink.links.sessions import (
    LEFT_TO_PAY,
    check,
    close,
    ensure_open,
    is_of_old_url,
    session_end,
    unresolved,
)
from saleor_paylink.links.tokens import find_link
from saleor_paylink.models import (
    LINK_IN_FORCE,
    AttemptStatus,
    LinkEventType,
    LinkStatus,
    PaymentAttempt,
    PaymentCollection,
    PaymentLink,
)
from saleor_paylink.money import Money
from saleor_paylink.providers import registry
from saleor_paylink.providers.interface import CheckoutRequest, ProviderError
from saleor_paylink.shop import CLOSED, OrderView, current_shop


@dataclass(frozen=True)
class Wanted:
    """What the customer asked for, on the page they saw."""

    method: str
    revision: str
    return_url: str


def begin(
    token: str,
    method: str,
    revision: str,
    *,
    channel: str | None = None,
    return_url: str = "",
) -> str:
    """Where the customer pays: the URL of a session for exactly what is due now.

    However many tabs, devices or people click, they get one and the same session. Raises
    LinkError, and then the customer has not been charged; AMOUNT_CHANGED where `revision`
    is not that of what is due.
    """
    link = find_link(token, channel)
    if link is None:
        raise unknown()
    wanted = Wanted(method, revision, return_url)
    for _round in range(ROUNDS):
        order = known_order(link.order_id)
        with transaction.atomic():
            attempt = _claim(token, lock(order), wanted)
        try:
            url = _carry_on(attempt, link, method, order)
        except ProviderError as error:
            raise _refusal(error) from error
        if url is not None:
            return url
    raise LinkError(
        LinkErrorCode.PROVIDER_ERROR,
        _("The payment page could not be opened just now. You have not been charged. Try again."),
    )


def _claim(token: str, collection: PaymentCollection, wanted: Wanted) -> PaymentAttempt:
    """Under the order's lock: the attempt that is under way, or a new one."""
    link = find_link(token)
    if link is None:
        # It has got another URL in this moment.
        raise unknown()
    _check_in_force(link)
    under_way = next(iter(unresolved(collection.order_id)), None)
    if under_way is not None and under_way.status == AttemptStatus.PROCESSING:
        return under_way
    order = current_shop().order(collection.order_id)
    if order is None or order.stale:
        raise _amount_changed()
    if order.state in CLOSED:
        raise _not_valid()
    due = asked_for(link, order)
    if due.amount <= 0:
        message = _("Nothing is due any more. There is nothing to pay.")
        raise LinkError(LinkErrorCode.ALREADY_PAID, message)
    if wanted.revision != revision_of(order.id, due):
        raise _amount_changed()
    if wanted.method not in [each.id for each in available_methods(order, due)]:
        raise _method_unavailable(link, due)
    visits.count(collection, link)
    if under_way is not None:
        # Whoever clicked last is the one who comes back.
        under_way.return_url = wanted.return_url
        under_way.save(update_fields=["return_url"])
        return under_way
    history.record(collection, LinkEventType.ATTEMPT_STARTED, link=link, money=due)
    return _store_attempt(token, link, order, due, wanted)


def unknown() -> LinkError:
    """What the bearer of a token is told that nothing is shown for, whatever the cause."""
    message = _("There is no such payment link. Ask the shop for a new one.")
    return LinkError(LinkErrorCode.NOT_FOUND, message, "token")


def _check_in_force(link: PaymentLink) -> None:
    if link.status in (LinkStatus.PAID, LinkStatus.PAID_MANUALLY):
        message = _("This order has been paid already. There is nothing to pay.")
        raise LinkError(LinkErrorCode.ALREADY_PAID, message)
    if link.current_status not in LINK_IN_FORCE:
        raise _not_valid()


def _not_valid() -> LinkError:
    message = _("This payment link is not valid any more. Ask the shop for a new one.")
    return LinkError(LinkErrorCode.LINK_NOT_ACTIVE, message)


def _arrived() -> LinkError:
    message = _("Your payment has arrived. There is nothing more to do.")
    return LinkError(LinkErrorCode.ALREADY_PAID, message)


def _amount_changed() -> LinkError:
    return LinkError(
        LinkErrorCode.AMOUNT_CHANGED,
        _(
            "The amount has changed since you looked. You have not been charged. "
            "Check the order and pay again."
        ),
        "revision",
    )


def _method_unavailable(link: PaymentLink, due: Money) -> LinkError:
    """Why the method cannot take what is due, as precisely as it is known."""
    reason = not_representable(link.channel, due)
    if reason is not None:
        return LinkError(LinkErrorCode.AMOUNT_NOT_REPRESENTABLE, reason)
    if due < smallest_amount(link.channel, due.currency):
        return _too_small()
    return LinkError(
        LinkErrorCode.METHOD_UNAVAILABLE,
        _("This way to pay is not available here. Choose another."),
        "method",
    )


def _too_small() -> LinkError:
    return LinkError(
        LinkErrorCode.AMOUNT_TOO_SMALL,
        _("The amount is too small for this way to pay. You have not been charged. Ask the shop."),
    )


def _store_attempt(
    token: str, link: PaymentLink, order: OrderView, due: Money, wanted: Wanted
) -> PaymentAttempt:
    """All that the provider will be asked is stored before it is asked."""
    settings = current_shop().channel_settings(link.channel)
    provider = registry.provider(wanted.method.split(":")[0], settings)
    attempt = PaymentAttempt(
        link=link,
        order_id=link.order_id,
        provider=provider.name,
        method=wanted.method,
        livemode=provider.livemode,
        amount=due.amount,
        currency=due.currency,
        idempotency_key=f"paylink-{uuid.uuid4()}",
        token_seed=link.token_seed,
        return_url=wanted.return_url,
        expires_at=session_end(link),
        next_check_at=timezone.now(),
    )
    attempt.parameters = dict(provider.prepare(_request(token, attempt, order)))
    attempt.save(force_insert=True)
    return attempt


def _request(token: str, attempt: PaymentAttempt, order: OrderView) -> CheckoutRequest:
    shop, channel = current_shop(), attempt.link.channel
    page = shop.page_url(channel, f"pay/{token}/")
    return CheckoutRequest(
        attempt_id=str(attempt.id),
        shop=shop_mark(channel),
        channel=shop_id(order.channel),
        method=attempt.method,
        amount=attempt.money,
        description=f"{shop.name(shop.channel_settings(channel))} #{order.number}",
        customer_email=order.email,
        language=order.language,
        success_url=f"{page}return?attempt={attempt.id}",
        cancel_url=attempt.return_url or page,
        expires_at=attempt.expires_at,
    )


def _carry_on(
    attempt: PaymentAttempt, link: PaymentLink, method: str, order: OrderView
) -> str | None:
    """The attempt's URL if it is the one the customer wants; None: look again.

    An attempt for another amount, method or link is closed at the provider first, and only
    where that succeeded another may follow: two open sessions are two payments.
    """
    is_new = attempt.provider_reference is None
    attempt = ensure_open(attempt) if is_new else check(attempt)
    if attempt.status == AttemptStatus.PROCESSING:
        raise LinkError(
            LinkErrorCode.MONEY_IN_FLIGHT, _("Your payment is on its way. There is nothing to do.")
        )
    if attempt.status == AttemptStatus.PAID:
        raise _arrived()
    if attempt.status != AttemptStatus.OPEN:
        return None
    same = (attempt.link_id, attempt.method) == (link.pk, method)
    if (
        same
        and not is_of_old_url(attempt)
        and attempt.money == asked_for(link, order)
        and attempt.expires_at > timezone.now() + LEFT_TO_PAY
    ):
        return attempt.redirect_url
    closed = close(attempt)
    if closed.status == AttemptStatus.OPEN:
        message = _("The payment page that is open could not be closed.")
        raise ProviderError(message, permanent=False)
    if closed.status == AttemptStatus.PAID:
        raise _arrived()
    return None


def _refusal(error: ProviderError) -> LinkError:
    if error.code == "amount_too_small":
        return _too_small()
    return LinkError(
        LinkErrorCode.PROVIDER_ERROR,
        _(
            "The payment provider cannot be reached or refused. You have not been charged. "
            "Try again in a moment."
        ),
    )
