"""What the mails to customers say."""

from pathlib import Path
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template import Context, Engine
from django.utils import translation
from django.utils.translation import gettext as _

from saleor_paylink.formats import format_money, format_time
from saleor_paylink.links.dues import asked_for
from saleor_paylink.links.receipts import receipt_of
from saleor_paylink.links.tokens import pay_url
from saleor_paylink.models import MailDelivery, MailKind
from saleor_paylink.shop import OrderView, ShopProfile, current_shop

TEMPLATES = [str(Path(__file__).parent / "templates")]
LIBRARIES = {"i18n": "django.templatetags.i18n"}
# Engines of its own: the host's may cache nothing, and mark missing variables.
HTML = Engine(dirs=TEMPLATES, libraries=LIBRARIES)
TEXT = Engine(dirs=TEMPLATES, libraries=LIBRARIES, autoescape=False)


def compose(mail: MailDelivery, order: OrderView) -> EmailMultiAlternatives | None:
    """The mail, in the order's language; None where there is nobody to send it to."""
    recipient = mail.recipient or order.email
    if not recipient:
        return None
    profile = current_shop().profile(mail.link.channel)
    with translation.override(order.language):
        if mail.kind == MailKind.RECEIPT:
            name, (subject, context) = "receipt", _receipt(mail, order, profile)
        else:
            name, (subject, context) = "request", _request(mail, order, profile)
        context |= {"shop_name": profile.name, "order": order, "subject": subject}
        context |= {"url": pay_url(mail.link)}
        if mail.kind == MailKind.COPY:
            subject = _("Copy: %(subject)s") % {"subject": subject}
        text = TEXT.get_template(f"{name}.txt").render(Context(context, autoescape=False))
        html = HTML.get_template(f"{name}.html").render(Context(context))
    # A subject is a header: a line break in a shop's name must not begin another one.
    message = EmailMultiAlternatives(
        " ".join(subject.split()), text, profile.mail_from, [recipient]
    )
    message.attach_alternative(html, "text/html")
    return message


def _request(
    mail: MailDelivery, order: OrderView, profile: ShopProfile
) -> tuple[str, dict[str, Any]]:
    amount = format_money(asked_for(mail.link, order))
    subject = _("Pay %(amount)s for order #%(number)s at %(shop)s") % {
        "amount": amount,
        "number": order.number,
        "shop": profile.name,
    }
    lines = [
        {
            "quantity": line.quantity,
            "name": f"{line.name} ({line.variant})" if line.variant else line.name,
            "total": format_money(line.total),
        }
        for line in order.lines
    ]
    return subject, {"amount": amount, "lines": lines, "message": mail.message}


def _receipt(
    mail: MailDelivery, order: OrderView, profile: ShopProfile
) -> tuple[str, dict[str, Any]]:
    assert mail.entry is not None  # noqa: S101
    receipt = receipt_of(mail.entry, order)
    subject = _("Receipt %(receipt)s for order #%(number)s at %(shop)s") % {
        "receipt": receipt.number,
        "number": order.number,
        "shop": profile.name,
    }
    return subject, {
        "receipt": receipt,
        "amount": format_money(receipt.amount),
        "paid_at": format_time(receipt.paid_at),
    }
