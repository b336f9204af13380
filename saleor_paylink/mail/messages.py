"""The mails to customers: whom they go to, and what stands in their headers and templates."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.mail import EmailMultiAlternatives
from django.template import Context, Engine
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from saleor_paylink.brand import Brand
from saleor_paylink.colours import WHITE, Colour
from saleor_paylink.formats import format_money, format_time, locale_of
from saleor_paylink.languages import speaking
from saleor_paylink.links.dues import asked_for, set_aside, unpaid
from saleor_paylink.links.receipts import method_name, receipt_of
from saleor_paylink.links.tokens import pay_url, reminders_url
from saleor_paylink.models import MailDelivery, MailKind
from saleor_paylink.money import Money
from saleor_paylink.overriding import template_folders
from saleor_paylink.shop import MailAccount, OrderView, current_shop

TEMPLATES = Path(__file__).parent / "templates"
LIBRARIES = {"i18n": "django.templatetags.i18n"}
# No remote fonts, and no quotes: it stands within attributes.
FONT = "-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif"
INK = Colour(24, 24, 27)
SALT = "saleor_paylink.mail.messages"

Parts = tuple[str, dict[str, Any]]


def compose(
    mail: MailDelivery, order: OrderView, account: MailAccount
) -> EmailMultiAlternatives | None:
    """The mail, in the order's language; None where there is nobody to send it to."""
    recipient = mail.recipient or order.email
    if not recipient:
        return None
    settings = current_shop().channel_settings(mail.link.channel)
    shop, brand = current_shop().name(settings), Brand.of(settings.values)
    with speaking(order.language):
        template, (subject, context) = _parts(mail, order, shop)
        if mail.kind == MailKind.COPY:
            subject = _("Copy: %(subject)s") % {"subject": subject}
        # A subject is a header: a line break in a shop's name must not begin another one.
        subject = " ".join(subject.split())
        language = pgettext("the language code of these texts", "en")
        context |= _surroundings(mail, order, brand, language)
        context |= {"subject": subject, "shop_name": shop, "address": account.address}
        text = _render(f"{template}.txt", context, autoescape=False)
        html = _render(f"{template}.html", context, autoescape=True)
    message = EmailMultiAlternatives(
        subject,
        text,
        account.sender,
        [recipient],
        reply_to=[brand.support_email or account.sender],
        headers=_headers(mail, language),
    )
    message.attach_alternative(html, "text/html")
    return message


def _parts(mail: MailDelivery, order: OrderView, shop: str) -> tuple[str, Parts]:
    """The name of the mail's templates, and its own part of what stands in them."""
    if mail.kind == MailKind.RECEIPT:
        return "receipt", _receipt(mail, order, shop)
    if mail.kind == MailKind.REMINDER:
        return "reminder", _reminder(mail, order, shop)
    if mail.kind == MailKind.FAILURE:
        return "failure", _failure(mail, order, shop)
    return "request", _request(mail, order, shop)


def _headers(mail: MailDelivery, language: str) -> dict[str, str]:
    headers = {
        # Two of one mail are shown as one by many programs: see saleor_paylink.mail.delivery.
        "Message-ID": _message_id(mail),
        "Content-Language": language,
        # RFC 3834: nobody's notice of absence is to answer it.
        "Auto-Submitted": "auto-generated",
    }
    if mail.kind == MailKind.REMINDER:
        # RFC 8058: the mail program's own button stops reminders, with a POST.
        headers["List-Unsubscribe"] = f"<{reminders_url(mail.link)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _message_id(mail: MailDelivery) -> str:
    host = urlsplit(current_shop().page_url(mail.link.channel, "")).hostname or "localhost"
    mac = salted_hmac(SALT, mail.key, algorithm="sha256").hexdigest()[:32]
    return f"<paylink.{mail.pk}.{mac}@{host}>"


def _render(name: str, context: Mapping[str, Any], *, autoescape: bool) -> str:
    engine = _engine(tuple(template_folders("mails", TEMPLATES)), autoescape)
    text = engine.get_template(name).render(Context(dict(context), autoescape=autoescape))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


@cache
def _engine(folders: tuple[str, ...], autoescape: bool) -> Engine:
    """One of its own: the host's may cache nothing, and mark missing variables."""
    return Engine(dirs=list(folders), libraries=LIBRARIES, autoescape=autoescape)


def _surroundings(
    mail: MailDelivery, order: OrderView, brand: Brand, language: str
) -> dict[str, Any]:
    """What stands in every mail."""
    direction = str(locale_of(language).text_direction)
    start, end = ("right", "left") if direction == "rtl" else ("left", "right")
    expires_at = mail.link.expires_at
    return {
        "brand": brand,
        "order": order,
        "url": pay_url(mail.link),
        "pay_until": expires_at and format_time(expires_at),
        "language": language,
        "direction": direction,
        "start": start,
        "end": end,
        "font": FONT,
        "button": str((brand.colour or INK).readable_on(WHITE)),
        "button_text": _("Try again") if mail.kind == MailKind.FAILURE else _("Pay now"),
    }


def _names(order: OrderView, shop: str, **others: str) -> dict[str, str]:
    return {"number": order.number, "shop": shop, **others}


def _request(mail: MailDelivery, order: OrderView, shop: str) -> Parts:
    amount = format_money(asked_for(mail.link, order))
    subject = _("Pay %(amount)s for order #%(number)s at %(shop)s")
    if mail.replaces:
        subject = _("New link: pay %(amount)s for order #%(number)s at %(shop)s")
    return subject % _names(order, shop, amount=amount), {
        "amount": amount,
        "message": mail.message,
        "replaces": mail.replaces,
        **_asked(mail, order),
    }


def _reminder(mail: MailDelivery, order: OrderView, shop: str) -> Parts:
    amount = format_money(asked_for(mail.link, order))
    subject = _("Reminder: pay %(amount)s for order #%(number)s at %(shop)s")
    return subject % _names(order, shop, amount=amount), {
        "amount": amount,
        "stop_url": reminders_url(mail.link),
        **_asked(mail, order),
    }


def _asked(mail: MailDelivery, order: OrderView) -> dict[str, Any]:
    return {"lines": _lines(order), "sums": _sums(order, asked_for(mail.link, order))}


def _failure(mail: MailDelivery, order: OrderView, shop: str) -> Parts:
    attempt = mail.attempt
    assert attempt is not None  # noqa: S101
    subject = _("Your payment for order #%(number)s at %(shop)s did not succeed")
    return subject % _names(order, shop), {
        "amount": format_money(attempt.money),
        "method": method_name(order.channel, attempt.method),
        "decline": attempt.failure_reason,
    }


def _receipt(mail: MailDelivery, order: OrderView, shop: str) -> Parts:
    assert mail.entry is not None  # noqa: S101
    receipt = receipt_of(mail.entry, order)
    subject = _("Receipt %(receipt)s for order #%(number)s at %(shop)s")
    facts = (
        (_("Receipt"), receipt.number),
        (_("Amount"), format_money(receipt.amount)),
        (_("Payment method"), receipt.method),
        (_("Date"), format_time(receipt.paid_at)),
        (_("Reference"), receipt.reference),
    )
    return subject % _names(order, shop, receipt=receipt.number), {
        "receipt": receipt,
        "amount": format_money(receipt.amount),
        "facts": [{"label": label, "value": value} for label, value in facts],
        "lines": _lines(order),
        "sums": _sums(order),
    }


def _lines(order: OrderView) -> Sequence[dict[str, Any]]:
    return [
        {
            "quantity": line.quantity,
            "name": f"{line.name} ({line.variant})" if line.variant else line.name,
            "total": format_money(line.total),
        }
        for line in order.lines
    ]


def _sums(order: OrderView, asked: Money | None = None) -> Sequence[dict[str, Any]]:
    """The rows below the lines: what makes up the total, and what is left of it to pay."""
    paid, aside = order.total - unpaid(order), set_aside(order)
    rows = [
        (_("Discount"), -1 * order.discount, order.discount.amount > 0),
        (_("Shipping"), order.shipping, order.shipping.amount > 0),
        (_("Total"), order.total, True),
        (_("Including tax"), order.tax, order.tax.amount > 0),
        (_("Paid so far"), paid, paid.amount > 0),
        (_("Not to be paid here"), aside, asked is not None and aside.amount > 0),
        (_("To pay now"), asked, asked is not None and asked != order.total),
    ]
    strong = (_("Total"), _("To pay now"))
    return [
        {"label": label, "amount": format_money(amount), "strong": label in strong}
        for label, amount, is_shown in rows
        if is_shown and amount is not None
    ]
