"""What clients send: the input types, and what of it can be worked with at all."""

import re
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Any
from uuid import UUID

import graphene
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from saleor_paylink.graphql.enums import PaymentLinkSortField, PaymentLinkStatusEnum
from saleor_paylink.graphql.host import kit
from saleor_paylink.links.errors import LinkError, LinkErrorCode

BaseInput: Any = kit().base_input
LONGEST_URL = 2000


class PaymentLinkCreateInput(BaseInput):
    amount = kit().positive_decimal(
        description="A fixed part of the order's total (a deposit). Default: all that is due."
    )
    expires_at = kit().datetime(
        description="When the link stops working. Default: after the channel's link lifetime."
    )
    message = graphene.String(description="Words to the customer, on the page and in the email.")
    send = graphene.Boolean(default_value=False, description="Email the link at once.")

    class Meta:
        description = "What to ask of the customer."


class PaymentLinkSendInput(BaseInput):
    email = graphene.String(
        description="Where to send it this once; the order's address stays as it is."
    )
    message = graphene.String(
        description="Words to the customer in this email. Default: the link's message."
    )
    copy_to_me = graphene.Boolean(
        default_value=False,
        description="Email a copy to the user who sends it, too. Apps have no address: refused.",
    )

    class Meta:
        description = "How to send a payment link."


class PaymentLinkMarkPaidInput(BaseInput):
    reference = graphene.String(description="The payment's own, for example a receipt number.")
    note = graphene.String(description="For the order's history.")

    class Meta:
        description = "How the money came in."


class PaymentLinkFilterInput(BaseInput):
    channels = graphene.List(graphene.NonNull(graphene.ID))
    statuses = graphene.List(graphene.NonNull(PaymentLinkStatusEnum))
    created = kit().date_range_input(description="On these days, inclusive.")
    opened = graphene.Boolean(description="Whether the customer has looked at it.")
    sent = graphene.Boolean(description="Whether it has been mailed.")

    class Meta:
        description = "Which payment links. What is empty or null is not asked for."


class PaymentLinkSortingInput(BaseInput):
    field = PaymentLinkSortField(required=True)
    direction = kit().order_direction(required=True)

    class Meta:
        description = "In which order."


def is_text(value: str) -> bool:
    """Whether a database can keep it: no NUL, no half of a surrogate pair (JSON can say both)."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in value


def text(value: str | None, field: str) -> str | None:
    """What was typed, as it is. Raises LinkError."""
    if value and not is_text(value):
        message = _("Leave out the characters that are no text.")
        raise LinkError(LinkErrorCode.INVALID, message, field)
    return value


def own_address(info: Any, wanted: bool | None, field: str) -> str | None:
    """Where the requestor gets a copy; None where none is wanted. Raises LinkError."""
    if not wanted:
        return None
    address = kit().own_email(info)
    if not address:
        message = _("A copy goes to a user's own address, and you have none. Ask for no copy.")
        raise LinkError(LinkErrorCode.INVALID, message, field)
    return address


def moment(value: datetime | None, field: str) -> datetime | None:
    """A time with its zone, by default the site's. Raises LinkError.

    In the first and last years there are times that do not exist in other zones.
    """
    if value is None:
        return None
    if value.year in (MINYEAR, MAXYEAR):
        raise LinkError(LinkErrorCode.INVALID, _("Give a date nearer to today."), field)
    return timezone.make_aware(value) if timezone.is_naive(value) else value


def link_pk(global_id: str, field: str) -> UUID:
    """The UUID in "PaymentLink:<uuid>". Raises LinkError GRAPHQL_ERROR."""
    try:
        type_name, pk = graphene.Node.from_global_id(global_id)
        if type_name != "PaymentLink":
            raise ValueError
        return UUID(pk)
    except ValueError:
        raise LinkError(
            LinkErrorCode.GRAPHQL_ERROR, f"Invalid ID: {global_id}. Expected: PaymentLink.", field
        ) from None


def exception_pk(global_id: str, field: str) -> int:
    """The number in "PaymentException:<number>". Raises LinkError GRAPHQL_ERROR."""
    try:
        type_name, pk = graphene.Node.from_global_id(global_id)
        # No more digits than a database's integers are sure to have.
        if type_name != "PaymentException" or not re.fullmatch("[0-9]{1,18}", pk):
            raise ValueError
    except ValueError:
        raise LinkError(
            LinkErrorCode.GRAPHQL_ERROR,
            f"Invalid ID: {global_id}. Expected: PaymentException.",
            field,
        ) from None
    return int(pk)


def return_url(value: str | None, field: str) -> str:
    """A page of the shop's storefronts, "" for none. Raises LinkError."""
    url = text(value, field) or ""
    if not url:
        return url
    # Browsers read a backslash as a slash, and so another host than Python does.
    if len(url) > LONGEST_URL or not url.isprintable() or set(url) & {" ", "\\"}:
        message = _("Give a URL of the storefront, without spaces and of at most %(most)s letters.")
        raise LinkError(LinkErrorCode.INVALID, message % {"most": LONGEST_URL}, field)
    try:
        kit().check_return_url(url)
    except ValidationError as error:
        raise LinkError(LinkErrorCode.INVALID, error.messages[0], field) from error
    return url
