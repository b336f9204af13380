"""What a link may ask for, and until when."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from saleor_paylink.conf import SettingInvalid
from saleor_paylink.formats import format_money
from saleor_paylink.links.dues import outstanding
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.offers import (
    available_methods,
    check_collectable,
    not_representable,
    smallest_amount,
)
from saleor_paylink.money import Money
from saleor_paylink.shop import OrderView, current_shop


@dataclass(frozen=True)
class LinkTerms:
    """What staff may set for a new link. `amount`: a deposit in the order's currency; None:
    all that is due. `expires_at` None: after the channel's link lifetime, if it has one."""

    amount: Decimal | None = None
    expires_at: datetime | None = None
    message: str = ""
    send: bool = False


def check_asked(order: OrderView, amount: Decimal | None) -> Money:
    """What a new link would ask for: a deposit of `amount`, by default all that is due.

    Raises LinkError where it could not be paid, or left a rest that could not.
    """
    check_collectable(order)
    owed = outstanding(order)
    if owed.amount <= 0:
        raise _nothing_due()
    if amount is None:
        _check_method(order, owed)
        return owed
    asked = Money(amount, order.currency)
    _check_deposit(asked, owed)
    _check_method(order, asked, "amount")
    _check_rest(order, asked, owed)
    return asked


def check_payable(order: OrderView, asked: Money) -> None:
    """Raises LinkError where nobody could pay a link that asks for `asked` of the order."""
    check_collectable(order)
    if asked.amount <= 0:
        raise _nothing_due()
    _check_method(order, asked)


def _nothing_due() -> LinkError:
    message = _("Nothing is due for this order. It needs no payment link.")
    return LinkError(LinkErrorCode.NOTHING_DUE, message, "orderId")


def _check_deposit(asked: Money, owed: Money) -> None:
    if asked.amount <= 0:
        message = _("Ask for an amount above zero.")
        raise LinkError(LinkErrorCode.AMOUNT_TOO_SMALL, message, "amount")
    if asked > owed:
        message = _("Only %(amount)s are due for this order. Ask for that at most.")
        message %= {"amount": format_money(owed)}
        raise LinkError(LinkErrorCode.AMOUNT_TOO_LARGE, message, "amount")


def _check_method(order: OrderView, asked: Money, field: str | None = None) -> None:
    """Raises LinkError, with the reason as precisely as it is known, where nothing takes it."""
    if available_methods(order, asked):
        return
    if not current_shop().channel_settings(order.channel).active:
        message = _("Payment links are switched off in this channel. Switch the plugin on.")
        raise LinkError(LinkErrorCode.NO_METHOD, message)
    reason = not_representable(order.channel, asked)
    if reason is not None:
        raise LinkError(LinkErrorCode.AMOUNT_NOT_REPRESENTABLE, reason, field)
    amounts = {"amount": format_money(asked)}
    smallest = smallest_amount(order.channel, asked.currency)
    if asked < smallest:
        amounts["smallest"] = format_money(smallest)
        message = _(
            "%(amount)s cannot be paid online: the payment provider takes %(smallest)s or more."
        )
        raise LinkError(LinkErrorCode.AMOUNT_TOO_SMALL, message % amounts, field)
    message = _(
        "No automated payment method can take %(amount)s in this channel. Set one up in the "
        "plugin's settings of the channel."
    )
    raise LinkError(LinkErrorCode.NO_METHOD, message % amounts, field)


def _check_rest(order: OrderView, asked: Money, owed: Money) -> None:
    """Raises LinkError where what is left to pay would be too little to be paid online."""
    rest = owed - asked
    smallest = smallest_amount(order.channel, owed.currency)
    if rest.amount == 0 or rest >= smallest:
        return
    amounts = {"rest": rest, "smallest": smallest, "owed": owed, "most": owed - smallest}
    if amounts["most"] >= smallest:
        message = _(
            "The rest of %(rest)s could not be paid online: the payment provider takes "
            "%(smallest)s or more. Ask for all of %(owed)s, or for %(most)s at most."
        )
    else:
        message = _(
            "The rest of %(rest)s could not be paid online: the payment provider takes "
            "%(smallest)s or more. Ask for all of %(owed)s."
        )
    shown = {name: format_money(amount) for name, amount in amounts.items()}
    raise LinkError(LinkErrorCode.AMOUNT_TOO_LARGE, message % shown, "amount")


def expiry(channel: str, expires_at: datetime | None) -> datetime | None:
    """When a link ends that is made or extended now: at `expires_at`, by default after the
    channel's link lifetime; None: never. Raises LinkError."""
    now = timezone.now()
    if expires_at is not None:
        if expires_at <= now:
            message = _("Choose a time that is still to come.")
            raise LinkError(LinkErrorCode.EXPIRY_IN_PAST, message, "expiresAt")
        return expires_at
    try:
        lifetime = current_shop().channel_settings(channel).link_lifetime
    except SettingInvalid as error:
        raise LinkError(LinkErrorCode.INVALID, error.message, "expiresAt") from error
    return now + lifetime if lifetime else None
