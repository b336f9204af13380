"""The timeline of a collection: what happened, when, and who did it."""

import enum
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from saleor_paylink.formats import format_money, format_time
from saleor_paylink.links import announcements
from saleor_paylink.links.contents import Change
from saleor_paylink.models import (
    ExceptionKind,
    ExceptionResolution,
    LedgerKind,
    LinkEventType,
    PaymentCollection,
    PaymentException,
    PaymentLink,
    PaymentLinkEvent,
)
from saleor_paylink.money import Money
from saleor_paylink.shop import Actor, current_shop


class ClosedBecause(enum.StrEnum):
    """Why a link was closed that nobody revoked."""

    PAID_ELSEWHERE = "paid_elsewhere"
    NOTHING_DUE = "nothing_due"
    CANCELED = "canceled"
    RETURNED = "returned"
    DELETED = "deleted"


# Steps that whoever reads the order's own history has to know of.
NOTED = {
    LinkEventType.CREATED,
    LinkEventType.SENT,
    LinkEventType.SEND_FAILED,
    LinkEventType.REMINDED,
    LinkEventType.PAID,
    LinkEventType.PAID_MANUALLY,
    LinkEventType.EXTENDED,
    LinkEventType.ROTATED,
    LinkEventType.REVOKED,
    LinkEventType.EXPIRED,
    LinkEventType.REJECTED,
    LinkEventType.REFUNDED,
    LinkEventType.DISPUTED,
    LinkEventType.EXCEPTION_RAISED,
    LinkEventType.EXCEPTION_RESOLVED,
}


def record(
    collection: PaymentCollection,
    type: LinkEventType,
    *,
    actor: Actor | None = None,
    link: PaymentLink | None = None,
    money: Money | None = None,
    **data: Any,
) -> None:
    """Add a step, of which others are told after commit. `data` is JSON and holds no address,
    token or secret: it is shown to all staff."""
    if money is not None:
        data |= {"amount": str(money.amount), "currency": money.currency}
    event = PaymentLinkEvent.objects.create(
        collection=collection,
        link=link,
        type=type,
        actor=name_of(actor),
        data=data,
        announcement=announcements.of(type, link) or "",
    )
    announcements.tell_later(collection.pk)
    if type in NOTED:
        current_shop().add_note(collection.order_id, event_sentence(event), actor)


def name_of(actor: Actor | None) -> str:
    """Who did a step, as the step remembers it."""
    return actor.name[:255] if actor else ""


def event_sentence(event: PaymentLinkEvent) -> str:
    """The step in words, in the language that is active."""
    data = {**event.data, "money": _amount(event.data)}
    if "exception" in event.data:
        data["reason"] = exception_sentence(ExceptionKind(event.data["exception"]))
    if event.type == LinkEventType.SEND_FAILED and data.get("reason"):
        data["reason"] = _(data["reason"])
    if "closed" in event.data:
        data["reason"] = _closing_sentence(ClosedBecause(event.data["closed"]))
    data |= {"before": _amount(event.data, "before"), "changes": _change_words(event.data)}
    if "until" in event.data:
        data["until"] = format_time(datetime.fromisoformat(event.data["until"]))
    sentence = (
        _sent_elsewhere(event)
        or _returned(event)
        or _resolved(event)
        or _changed(event)
        or _endless(event)
        or _sentences()[LinkEventType(event.type)]
    )
    return sentence.format_map(_Lenient(data)).strip()


def exception_sentence(kind: ExceptionKind) -> str:
    """Why a payment needs a person, in the language that is active."""
    return {
        ExceptionKind.MISMATCH: _(
            "It is not the payment that was asked for. Compare it at the provider."
        ),
        ExceptionKind.LATE: _("Nothing was due any more when it arrived."),
        ExceptionKind.DUPLICATE: _("The order had been paid already."),
        ExceptionKind.OVERPAID: _("More was paid than was due."),
        ExceptionKind.ORPHAN: _("It belongs to no order that is known here."),
    }[kind]


def standing_sentence(exception: PaymentException, standing: Money) -> str:
    """Why a payment needs a person, and what of it has gone back meanwhile: only `standing` is
    there still. In the language that is active."""
    reason = exception_sentence(ExceptionKind(exception.kind))
    gone = exception.money - standing
    if gone.amount <= 0:
        return reason
    said = _("%(gone)s of %(amount)s has gone back, or is on its way back.")
    amounts = {"gone": format_money(gone), "amount": format_money(exception.money)}
    return f"{reason} {said % amounts}"


def _closing_sentence(reason: ClosedBecause) -> str:
    return {
        ClosedBecause.PAID_ELSEWHERE: _("The order was paid in another way."),
        ClosedBecause.NOTHING_DUE: _("Nothing is due any more."),
        ClosedBecause.CANCELED: _("The order was cancelled."),
        ClosedBecause.RETURNED: _("What had been delivered was returned."),
        ClosedBecause.DELETED: _("The order was deleted."),
    }[reason]


class _Lenient(dict[str, str]):
    """Optional parts of a sentence are empty where they were not recorded."""

    def __missing__(self, key: str) -> str:
        return ""


def _amount(data: dict[str, Any], key: str = "amount") -> str:
    if key not in data:
        return ""
    return format_money(Money(Decimal(data[key]), data["currency"]))


def _change_words(data: dict[str, Any]) -> str:
    return "; ".join(Change.from_data(each).in_words() for each in data.get("changes", ()))


def _changed(event: PaymentLinkEvent) -> str | None:
    """For an order whose contents have changed, and with them what is due or not."""
    if "changes" not in event.data:
        return None
    if "before" not in event.data:
        return _("The order was changed: {changes}. {money} are due as before.")
    return _("The amount due changed from {before} to {money}: {changes}.")


def _endless(event: PaymentLinkEvent) -> str | None:
    """For a link that was extended for ever."""
    if event.type == LinkEventType.EXTENDED and "until" not in event.data:
        return _("The payment link does not expire any more.")
    return None


def _sent_elsewhere(event: PaymentLinkEvent) -> str | None:
    """For a mail to an address that is not the order's, and is said nowhere."""
    if event.type == LinkEventType.SENT and event.data.get("elsewhere"):
        return _("The payment link was mailed to another address.")
    return None


def _returned(event: PaymentLinkEvent) -> str | None:
    """For a refund or a dispute that came back, which the contract has no step of its own for."""
    return {
        LedgerKind.REFUND_REVERSAL: _("The refund of {money} did not succeed ({reference})."),
        LedgerKind.DISPUTE_REVERSAL: _("{money} came back from the customer's bank ({reference})."),
    }.get(event.data.get("kind"))


def _resolved(event: PaymentLinkEvent) -> str | None:
    """For an exception, in which way."""
    return {
        ExceptionResolution.REFUNDED: _("The payment of {money} in question is refunded."),
        ExceptionResolution.KEPT: _("The payment of {money} in question is kept."),
        ExceptionResolution.DISMISSED: _("Nothing is done about {money} in question."),
    }.get(event.data.get("resolution"))


def _sentences() -> dict[LinkEventType, str]:
    return {
        LinkEventType.OFFERED: _("Collecting an automated payment was offered."),
        LinkEventType.SKIPPED: _("Collecting an automated payment was skipped."),
        LinkEventType.CREATED: _("A payment link for {money} was created."),
        LinkEventType.SENT: _("The payment link was mailed to the customer."),
        LinkEventType.SEND_FAILED: _("The mail with the payment link failed: {reason}"),
        LinkEventType.REMINDED: _("The customer was reminded of the payment link by mail."),
        LinkEventType.OPENED: _("The customer opened the payment link."),
        LinkEventType.ATTEMPT_STARTED: _("The customer began to pay {money}."),
        LinkEventType.ATTEMPT_FAILED: _("A payment did not succeed. {reason}"),
        LinkEventType.PROCESSING: _("A payment of {money} is on its way."),
        LinkEventType.PAID: _("{money} were paid over the payment link ({reference})."),
        LinkEventType.PAID_MANUALLY: _("{money} were paid outside the payment link. {note}"),
        LinkEventType.AMOUNT_CHANGED: _("The amount due changed from {before} to {money}."),
        LinkEventType.EXTENDED: _("The payment link can be paid until {until}."),
        LinkEventType.ROTATED: _("The payment link got a new address; the old one is dead."),
        LinkEventType.REVOKED: _("The payment link was closed. {reason}"),
        LinkEventType.EXPIRED: _("The payment link expired."),
        LinkEventType.REJECTED: _("The order was rejected. {reason}"),
        LinkEventType.REFUNDED: _("{money} were refunded ({reference})."),
        LinkEventType.DISPUTED: _("The customer's bank took back {money} ({reference})."),
        LinkEventType.EXCEPTION_RAISED: _("A payment of {money} needs attention: {reason}"),
    }
