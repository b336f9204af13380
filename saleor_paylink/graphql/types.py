"""The contract's object types. What a field resolves from is said in the docstring of its type."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import graphene
from django.utils import translation
from graphql import GraphQLError
from promise import Promise

from saleor_paylink import models
from saleor_paylink.earnings.report import MOST_POINTS, Earnings, Point, TooManyPoints
from saleor_paylink.graphql import enums
from saleor_paylink.graphql.access import manages, may_see, reads
from saleor_paylink.graphql.host import kit
from saleor_paylink.graphql.loaders import (
    AttemptsLoader,
    CollectedLoader,
    DueLoader,
    EventsLoader,
    ExceptionsLoader,
    StandingLoader,
    load,
)
from saleor_paylink.languages import spoken_to
from saleor_paylink.links import bearer, history, reading, reminders, tokens
from saleor_paylink.money import Money as Amount
from saleor_paylink.providers.interface import Method
from saleor_paylink.qrcodes import qr_code

HOST = kit()
BaseObject: Any = HOST.base_object
Money, DateTime, Order = HOST.money, HOST.datetime, HOST.order


def money(description: str | None = None, **options: Any) -> graphene.Field:
    """A field of type Money!."""
    return graphene.Field(Money, required=True, description=description, **options)


def list_of(type_: Any, description: str | None = None, **options: Any) -> graphene.Field:
    """A field of type [type!]!."""
    items = graphene.List(graphene.NonNull(type_))
    return graphene.Field(items, required=True, description=description, **options)


def readers_language(info: Any) -> AbstractContextManager[None]:
    """While sentences are made that the requestor is going to read."""
    return translation.override(spoken_to(info.context))


class PaymentMethodOption(BaseObject):
    """From a providers.interface.Method."""

    id = graphene.String(required=True, description="Stable, for example stripe:card.")
    provider = graphene.String(required=True)
    name = graphene.String(required=True, description="For people.")

    class Meta:
        description = "A way to pay."

    @staticmethod
    def resolve_name(root: Method, info: Any) -> str:
        with readers_language(info):
            return str(root.name)


class PaymentAttempt(BaseObject):
    """From a models.PaymentAttempt."""

    id = graphene.GlobalID(required=True)
    provider = graphene.String(required=True)
    method = graphene.String(required=True, description="The id of the method.")
    status = enums.PaymentAttemptStatusEnum(required=True)
    amount = money()
    provider_reference = graphene.String(description="The provider's id of the session.")
    provider_url = graphene.String(
        description="Where staff find the payment at the provider. Requires MANAGE_ORDERS."
    )
    failure_reason = graphene.String(description="Why it did not succeed. Requires MANAGE_ORDERS.")
    created_at = DateTime(required=True)
    resolved_at = DateTime(description="When it came to its end; null: it may still be paid.")

    class Meta:
        description = "A customer's try to pay: one session at a provider."

    @staticmethod
    def resolve_amount(root: models.PaymentAttempt, _info: Any) -> Amount:
        return root.money

    @staticmethod
    @reads
    def resolve_provider_url(root: models.PaymentAttempt, info: Any) -> str | None:
        return (root.provider_url or None) if manages(info, root.link.channel) else None

    @staticmethod
    @reads
    def resolve_failure_reason(root: models.PaymentAttempt, info: Any) -> str | None:
        return (root.failure_reason or None) if manages(info, root.link.channel) else None


class PaymentLinkEvent(BaseObject):
    """From a models.PaymentLinkEvent."""

    type = enums.PaymentLinkEventTypeEnum(required=True)
    at = DateTime(required=True)
    actor = graphene.String(
        description="Staff user's or app's name; null for the customer and the system."
    )
    message = graphene.String(
        required=True,
        description="A sentence for people, in the reader's language (Accept-Language).",
    )

    class Meta:
        description = "A step in the life of a payment link."

    @staticmethod
    def resolve_actor(root: models.PaymentLinkEvent, _info: Any) -> str | None:
        return root.actor or None

    @staticmethod
    def resolve_message(root: models.PaymentLinkEvent, info: Any) -> str:
        with readers_language(info):
            return history.event_sentence(root)


class PaymentLink(BaseObject):
    """From a models.PaymentLink that `access.may_see` allows."""

    order = graphene.Field(Order, required=True)
    status = enums.PaymentLinkStatusEnum(required=True)
    url = graphene.String(
        description="Absolute https URL. Null to anybody who may not manage or pay the order."
    )
    qr_code = graphene.String(
        description="The URL to be scanned: an SVG as a data URI. Null as the URL is."
    )
    amount_due = money("What the customer would be charged now.")
    requested_amount = graphene.Field(
        Money,
        description="A fixed part of the order's total (a deposit); null: whatever is due.",
    )
    amount_paid = money("What was paid over the link, less what was given back.")
    message = graphene.String(description="Words to the customer.")
    expires_at = DateTime(description="Null: never.")
    created_at = DateTime(required=True)
    created_by = graphene.Field(
        HOST.user,
        description="The staff user who made it. Requires MANAGE_ORDERS, and MANAGE_STAFF or "
        "MANAGE_USERS of all but that very user; null for others, and for a link that an app made.",
    )
    first_opened_at = DateTime(
        description="When the customer first looked at it. "
        "Crawlers, link previews, and staff who open the URL with ?preview do not count."
    )
    last_opened_at = DateTime()
    last_sent_at = DateTime()
    next_reminder_at = DateTime(description="Null: no reminder is going to be sent.")
    attempts = list_of(PaymentAttempt, "Oldest first.")
    events = list_of(
        PaymentLinkEvent, "Oldest first. They hold notes among staff: empty for the customer."
    )

    class Meta:
        description = "The permanent URL by which an order is paid."
        interfaces = (graphene.Node,)

    @staticmethod
    def resolve_order(root: models.PaymentLink, info: Any) -> Any:
        return HOST.order_root(info, root.order_id)

    @staticmethod
    def resolve_status(root: models.PaymentLink, _info: Any) -> models.LinkStatus:
        return root.current_status

    @staticmethod
    @reads
    def resolve_url(root: models.PaymentLink, info: Any) -> "Promise[str | None]":
        return _url_seen(root, info)

    @staticmethod
    @reads
    def resolve_qr_code(root: models.PaymentLink, info: Any) -> "Promise[str | None]":
        return _url_seen(root, info).then(lambda url: url and qr_code(url))

    @staticmethod
    def resolve_amount_due(root: models.PaymentLink, info: Any) -> "Promise[Amount]":
        return load(DueLoader, info, root)

    @staticmethod
    def resolve_requested_amount(root: models.PaymentLink, _info: Any) -> Amount | None:
        requested = root.requested_amount
        return None if requested is None else Amount(requested, root.currency)

    @staticmethod
    def resolve_amount_paid(root: models.PaymentLink, info: Any) -> "Promise[Amount]":
        return load(CollectedLoader, info, root)

    @staticmethod
    def resolve_message(root: models.PaymentLink, _info: Any) -> str | None:
        return root.message or None

    @staticmethod
    def resolve_next_reminder_at(root: models.PaymentLink, info: Any) -> Any:
        return reminders.next_of(root) if manages(info, root.channel) else None

    @staticmethod
    def resolve_created_by(root: models.PaymentLink, info: Any) -> Any:
        if not root.created_by or not manages(info, root.channel):
            return None
        return HOST.user_root(info, root.created_by)

    @staticmethod
    def resolve_attempts(
        root: models.PaymentLink, info: Any
    ) -> "Promise[list[models.PaymentAttempt]]":
        return load(AttemptsLoader, info, root)

    @staticmethod
    @reads
    def resolve_events(
        root: models.PaymentLink, info: Any
    ) -> "Promise[list[models.PaymentLinkEvent]]":
        return (
            load(EventsLoader, info, root) if manages(info, root.channel) else Promise.resolve([])
        )


def _url_seen(link: models.PaymentLink, info: Any) -> "Promise[str | None]":
    return may_see(info, link).then(lambda seen: tokens.pay_url(link) if seen else None)


class PaymentException(BaseObject):
    """From a models.PaymentException."""

    id = graphene.GlobalID(required=True)
    kind = enums.PaymentExceptionKindEnum(required=True)
    order = graphene.Field(Order)
    amount = money(
        "What a refund would give back now: less than was put in question, once some of it has "
        "gone back. After the decision: all that was put in question."
    )
    provider_reference = graphene.String(
        required=True, description="The provider's id of the payment."
    )
    provider_url = graphene.String(description="The payment in the provider's own dashboard.")
    raised_at = DateTime(required=True)
    resolution = enums.PaymentExceptionResolutionEnum(
        description="What was done about it; null: nothing yet."
    )
    resolved_at = DateTime()
    message = graphene.String(
        required=True, description="What is wrong, for people, in the reader's language."
    )

    class Meta:
        description = "Money that needs a person."

    @staticmethod
    def resolve_order(root: models.PaymentException, info: Any) -> Any:
        return HOST.order_root(info, root.order_id) if root.order_id else None

    @staticmethod
    def resolve_amount(root: models.PaymentException, info: Any) -> "Promise[Amount] | Amount":
        return root.money if root.resolution else load(StandingLoader, info, root)

    @staticmethod
    def resolve_provider_reference(root: models.PaymentException, _info: Any) -> str:
        return root.reference

    @staticmethod
    def resolve_provider_url(root: models.PaymentException, _info: Any) -> str | None:
        return root.provider_url or None

    @staticmethod
    def resolve_resolution(root: models.PaymentException, _info: Any) -> str | None:
        return root.resolution or None

    @staticmethod
    def resolve_message(root: models.PaymentException, info: Any) -> "Promise[str]":
        def sentence(standing: Amount) -> str:
            with readers_language(info):
                return history.standing_sentence(root, standing)

        standing = Promise.resolve(PaymentException.resolve_amount(root, info))
        return standing.then(sentence)


class PaymentCollection(BaseObject):
    """From a reading.CollectionView."""

    status = enums.PaymentCollectionStatusEnum(required=True)
    reason = enums.PaymentCollectionReasonEnum(description="Why it is UNAVAILABLE; null otherwise.")
    amount_due = money()
    methods = list_of(
        PaymentMethodOption, "Automated methods that can take this channel, currency and amount."
    )
    warnings = list_of(
        enums.PaymentCollectionWarningEnum, "What could defeat the link before the customer pays."
    )
    links = list_of(PaymentLink, "Newest first.")
    exceptions = list_of(PaymentException, "Oldest first.")
    prompt_pending = graphene.Boolean(
        required=True,
        description="True until staff have answered the prompt that follows draft completion.",
    )

    class Meta:
        description = "The state of collecting an automated payment for an order."

    @staticmethod
    def resolve_exceptions(
        root: reading.CollectionView, info: Any
    ) -> "Promise[list[models.PaymentException]]":
        return load(ExceptionsLoader, info, root.order_id)


class PaymentEarningsManual(BaseObject):
    """Made of an earnings.report.Earnings."""

    gross = money()
    count = graphene.Int(required=True)

    class Meta:
        description = "Money that staff say they took themselves."


class PaymentEarningsPoint(BaseObject):
    """From an earnings.report.Point."""

    start = HOST.date(
        required=True,
        description="The first day of the day, week or month: also where the range begins later.",
    )
    gross = money()
    refunded = money()
    fees = money()
    net = money("Gross less what was refunded and disputed, and less fees.")
    manual = money("Listed apart: never in the figures above.")
    payment_count = graphene.Int(required=True)

    class Meta:
        description = "What automated payments brought in one currency on a day, week or month."

    @staticmethod
    def resolve_manual(root: Point, _info: Any) -> Amount:
        return root.manual_gross


class PaymentEarnings(BaseObject):
    """From an earnings.report.Earnings."""

    currency = graphene.String(required=True)
    gross = money("Settled automated payments.")
    refunded = money()
    disputed = money("Taken back by customers' banks.")
    fees = money("The provider's fees, as far as they are known.")
    fees_complete = graphene.Boolean(
        required=True, description="Whether the provider has reported the fee of every payment."
    )
    net = money("Gross less what was refunded and disputed, and less fees.")
    payment_count = graphene.Int(required=True)
    manual = graphene.Field(
        PaymentEarningsManual,
        required=True,
        description="Listed apart: never in the figures above.",
    )
    series = list_of(
        PaymentEarningsPoint,
        "A point for each day, week or month of the range, also where nothing moved; oldest "
        "first. Their sums are the figures above. Without its beginning the range begins with "
        "the first movement, without its end it ends today. Refused where it would have more "
        f"than {MOST_POINTS} points.",
    )

    class Meta:
        description = "What automated payments brought in one currency."

    @staticmethod
    def resolve_manual(root: Earnings, _info: Any) -> PaymentEarningsManual:
        return PaymentEarningsManual(gross=root.manual_gross, count=root.manual_count)

    @staticmethod
    def resolve_series(root: Earnings, _info: Any) -> Sequence[Point]:
        try:
            return root.series()
        except TooManyPoints as refusal:
            raise GraphQLError(str(refusal)) from refusal


class PaymentRequestLine(BaseObject):
    """From a shop.LineView."""

    name = graphene.String(required=True)
    variant = graphene.String()
    quantity = graphene.Int(required=True)
    unit_price = money()
    total = money()
    thumbnail_url = graphene.String()

    class Meta:
        description = "One line of the order that is to be paid. Amounts are gross."


class PaymentReceipt(BaseObject):
    """From a receipts.Receipt."""

    number = graphene.String(required=True)
    amount = money()
    method = graphene.String(required=True, description="The method's name for people.")
    paid_at = DateTime(required=True)
    reference = graphene.String(required=True, description="The provider's id of the payment.")

    class Meta:
        description = "Proof of one payment over the link."


def of_order(name: str) -> Callable[[bearer.PaymentRequestView, Any], Any]:
    """A resolver that answers an attribute of the request's order."""
    return lambda root, _info: getattr(root.order, name)


class PaymentRequest(BaseObject):
    """From a bearer.PaymentRequestView."""

    status = enums.PaymentRequestStatusEnum(required=True)
    shop_name = graphene.String(required=True)
    order_number = graphene.String(required=True, resolver=of_order("number"))
    lines = list_of(PaymentRequestLine, resolver=of_order("lines"))
    subtotal = money(resolver=of_order("subtotal"))
    shipping = money(resolver=of_order("shipping"))
    discount = money(resolver=of_order("discount"))
    tax = money("Contained in the amounts above.", resolver=of_order("tax"))
    total = money(resolver=of_order("total"))
    amount_paid = money()
    amount_due = money()
    revision = graphene.String(
        required=True,
        description="Changes with every change of what is due; send it back when paying.",
    )
    methods = list_of(PaymentMethodOption)
    message = graphene.String(description="Words of the shop to the customer.")
    expires_at = DateTime(description="When the link stops working; null: never.")
    receipts = list_of(PaymentReceipt, "Oldest first.")

    class Meta:
        description = "The customer's view of one order to pay."

    @staticmethod
    def resolve_message(root: bearer.PaymentRequestView, _info: Any) -> str | None:
        return root.message or None
