"""The mutations: who asks is checked here, what is done about it is the domain's."""

from datetime import datetime
from typing import Any

import graphene

from saleor_paylink.addresses import client_address
from saleor_paylink.graphql import inputs
from saleor_paylink.graphql.access import managed_exception, managed_link, request_of
from saleor_paylink.graphql.bulk import (
    MOST_AT_ONCE,
    PaymentLinkBulkResult,
    check_number,
    do_for_each,
)
from saleor_paylink.graphql.enums import PaymentExceptionResolutionEnum
from saleor_paylink.graphql.errors import (
    PaymentLinkError,
    argument_of,
    error_of,
    faults_muted,
    refusals_as_errors,
)
from saleor_paylink.graphql.host import kit
from saleor_paylink.graphql.types import PaymentException, PaymentLink, PaymentRequest, list_of
from saleor_paylink.links import altering, lifecycle, limits, offers, paying, renewal, resolving
from saleor_paylink.links.errors import LinkError
from saleor_paylink.links.terms import LinkTerms
from saleor_paylink.models import ExceptionResolution

HOST = kit()
BaseMutation: Any = HOST.base_mutation
STAFF = (HOST.manage_orders,)


class PaymentLinkCreate(BaseMutation):
    payment_link = graphene.Field(PaymentLink)

    class Arguments:
        order_id = graphene.ID(required=True)
        input = inputs.PaymentLinkCreateInput()

    class Meta:
        description = (
            "Makes the order's payment link, and holds the order until it is paid. Idempotent: "
            "a second call returns the link in force. Answers the prompt."
        )
        permissions = STAFF
        error_type_class = PaymentLinkError

    @classmethod
    def perform_mutation(
        cls, _root: Any, info: Any, /, order_id: str, input: dict[str, Any] | None = None
    ) -> Any:
        order = HOST.order_pk(info, order_id, "orderId")
        with refusals_as_errors("orderId"):
            link = lifecycle.create(order, _terms(input or {}), HOST.actor(info))
        return cls(payment_link=link)


def _terms(given: dict[str, Any]) -> LinkTerms:
    return LinkTerms(
        amount=given.get("amount"),
        expires_at=inputs.moment(given.get("expires_at"), "expiresAt"),
        message=inputs.text(given.get("message"), "message") or "",
        send=bool(given.get("send")),
    )


class PaymentLinkSkip(BaseMutation):
    order = graphene.Field(HOST.order)

    class Arguments:
        order_id = graphene.ID(required=True)

    class Meta:
        description = "Answers the prompt with no; a link can still be made later."
        permissions = STAFF
        error_type_class = PaymentLinkError

    @classmethod
    def perform_mutation(cls, _root: Any, info: Any, /, order_id: str) -> Any:
        order = HOST.order_pk(info, order_id, "orderId")
        with refusals_as_errors("orderId"):
            offers.skip(order, HOST.actor(info))
        return cls(order=HOST.order_root(info, order))


class PaymentLinkSend(BaseMutation):
    payment_link = graphene.Field(PaymentLink)

    class Arguments:
        id = graphene.ID(required=True)
        input = inputs.PaymentLinkSendInput()

    class Meta:
        description = "Emails the link to the customer, as often as it is asked for."
        permissions = STAFF
        error_type_class = PaymentLinkError

    @classmethod
    def perform_mutation(
        cls, _root: Any, info: Any, /, id: str, input: dict[str, Any] | None = None
    ) -> Any:
        given = input or {}
        with refusals_as_errors("id"):
            link = lifecycle.send(
                managed_link(info, id, "id").pk,
                HOST.actor(info),
                email=inputs.text(given.get("email"), "email") or None,
                message=inputs.text(given.get("message"), "message"),
                copy_to=inputs.own_address(info, given.get("copy_to_me"), "copyToMe"),
            )
        return cls(payment_link=link)


class PaymentLinkExtend(BaseMutation):
    payment_link = graphene.Field(PaymentLink)

    class Arguments:
        id = graphene.ID(required=True)
        expires_at = HOST.datetime(
            description="When the link stops working. Default: after the channel's link lifetime."
        )

    class Meta:
        description = "New expiry for the same URL; revives an expired link."
        permissions = STAFF
        error_type_class = PaymentLinkError

    @classmethod
    def perform_mutation(
        cls, _root: Any, info: Any, /, id: str, expires_at: datetime | None = None
    ) -> Any:
        with refusals_as_errors("id"):
            until = inputs.moment(expires_at, "expiresAt")
            link = altering.extend(managed_link(info, id, "id").pk, until, HOST.actor(info))
        return cls(payment_link=link)


class PaymentLinkRotate(BaseMutation):
    payment_link = graphene.Field(PaymentLink)

    class Arguments:
        id = graphene.ID(required=True)

    class Meta:
        description = "New URL; the old one dies at once."
        permissions = STAFF
        error_type_class = PaymentLinkError

    @classmethod
    def perform_mutation(cls, _root: Any, info: Any, /, id: str) -> Any:
        with refusals_as_errors("id"):
            link = altering.rotate(managed_link(info, id, "id").pk, HOST.actor(info))
        return cls(payment_link=link)


class PaymentLinkRevoke(BaseMutation):
    payment_link = graphene.Field(PaymentLink)

    class Arguments:
        id = graphene.ID(required=True)

    class Meta:
        description = (
            "Closes the link and any open session. The order stays as it is, and waits for the "
            "link no more. Refused while money is in flight."
        )
        permissions = STAFF
        error_type_class = PaymentLinkError

    @classmethod
    def perform_mutation(cls, _root: Any, info: Any, /, id: str) -> Any:
        with refusals_as_errors("id"):
            link = altering.revoke(managed_link(info, id, "id").pk, HOST.actor(info))
        return cls(payment_link=link)


class PaymentLinkSync(BaseMutation):
    payment_link = graphene.Field(PaymentLink)

    class Arguments:
        id = graphene.ID(required=True)

    class Meta:
        description = "Asks the provider now and settles whatever it says."
        permissions = STAFF
        error_type_class = PaymentLinkError

    @classmethod
    def perform_mutation(cls, _root: Any, info: Any, /, id: str) -> Any:
        with refusals_as_errors("id"):
            link = altering.sync(managed_link(info, id, "id").pk)
        return cls(payment_link=link)


class PaymentLinkMarkPaid(BaseMutation):
    order = graphene.Field(HOST.order)

    class Arguments:
        order_id = graphene.ID(required=True)
        input = inputs.PaymentLinkMarkPaidInput()

    class Meta:
        description = (
            "Settled outside: books all that is due as taken by hand, and closes the link and any "
            "open session. Refused while money is in flight. Requires HANDLE_PAYMENTS too."
        )
        permissions = STAFF
        error_type_class = PaymentLinkError

    @classmethod
    def perform_mutation(
        cls, _root: Any, info: Any, /, order_id: str, input: dict[str, Any] | None = None
    ) -> Any:
        HOST.require_permissions(info, HOST.handle_payments)
        order = HOST.order_pk(info, order_id, "orderId")
        given = input or {}
        with refusals_as_errors("orderId"):
            lifecycle.mark_paid(
                order,
                HOST.actor(info),
                reference=inputs.text(given.get("reference"), "reference") or "",
                note=inputs.text(given.get("note"), "note") or "",
            )
        return cls(order=HOST.order_root(info, order))


class PaymentLinkReject(BaseMutation):
    order = graphene.Field(HOST.order)

    class Arguments:
        order_id = graphene.ID(required=True)
        reason = graphene.String(description="For the order's history.")

    class Meta:
        description = "Cancels the order, frees its stock and closes the link."
        permissions = STAFF
        error_type_class = PaymentLinkError

    @classmethod
    def perform_mutation(
        cls, _root: Any, info: Any, /, order_id: str, reason: str | None = None
    ) -> Any:
        order = HOST.order_pk(info, order_id, "orderId")
        with refusals_as_errors("orderId"):
            given = inputs.text(reason, "reason") or ""
            lifecycle.reject(order, HOST.actor(info), reason=given)
        return cls(order=HOST.order_root(info, order))


class PaymentLinkBulkCreate(BaseMutation):
    results = list_of(PaymentLinkBulkResult, "In the order of the ids.", default_value=[])
    count = graphene.Int(
        required=True, default_value=0, description="How many of the orders have a link now."
    )

    class Arguments:
        order_ids = graphene.List(
            graphene.NonNull(graphene.ID), required=True, description=f"At most {MOST_AT_ONCE}."
        )
        input = inputs.PaymentLinkCreateInput(description="For each of them.")

    class Meta:
        description = (
            "As paymentLinkCreate, for each of the orders by itself: where one cannot be "
            "collected, the others are. One that is repeated has the same result again."
        )
        permissions = STAFF
        error_type_class = PaymentLinkError

    @classmethod
    def perform_mutation(
        cls,
        _root: Any,
        info: Any,
        /,
        order_ids: list[str],
        input: dict[str, Any] | None = None,
    ) -> Any:
        with refusals_as_errors("orderIds"):
            check_number(order_ids, "orderIds")
            terms = _terms(input or {})
        results, count = do_for_each(
            order_ids,
            "orderIds",
            find=lambda given: HOST.order_pk(info, given, "orderIds"),
            do=lambda order: lifecycle.create(order, terms, HOST.actor(info)),
            terms=("amount", "expiresAt", "message", "send"),
        )
        return cls(results=results, count=count)


class PaymentLinkBulkSend(BaseMutation):
    results = list_of(PaymentLinkBulkResult, "In the order of the ids.", default_value=[])
    count = graphene.Int(
        required=True, default_value=0, description="How many of the links are being mailed."
    )

    class Arguments:
        ids = graphene.List(
            graphene.NonNull(graphene.ID), required=True, description=f"At most {MOST_AT_ONCE}."
        )

    class Meta:
        description = (
            "As paymentLinkSend, for each of the links by itself: where one cannot be sent, the "
            "others are. One that is repeated is sent once, and has the same result again."
        )
        permissions = STAFF
        error_type_class = PaymentLinkError

    @classmethod
    def perform_mutation(cls, _root: Any, info: Any, /, ids: list[str]) -> Any:
        with refusals_as_errors("ids"):
            check_number(ids, "ids")
        results, count = do_for_each(
            ids,
            "ids",
            find=lambda given: managed_link(info, given, "ids").pk,
            do=lambda link: lifecycle.send(link, HOST.actor(info)),
        )
        return cls(results=results, count=count)


class PaymentExceptionResolve(BaseMutation):
    payment_exception = graphene.Field(PaymentException)

    class Arguments:
        id = graphene.ID(required=True)
        resolution = PaymentExceptionResolutionEnum(required=True)

    class Meta:
        description = (
            "Gives back money that needs a person (once), keeps it, or lets the matter rest. "
            "Requires HANDLE_PAYMENTS, too."
        )
        permissions = STAFF
        error_type_class = PaymentLinkError

    @classmethod
    def perform_mutation(cls, _root: Any, info: Any, /, id: str, resolution: str) -> Any:
        HOST.require_permissions(info, HOST.handle_payments)
        with refusals_as_errors("id"):
            exception = resolving.resolve(
                managed_exception(info, id, "id").pk,
                ExceptionResolution(resolution),
                HOST.actor(info),
            )
        return cls(payment_exception=exception)


class PaymentRequestPay(BaseMutation):
    redirect_url = graphene.String(description="Where to send the customer to pay.")
    payment_request = graphene.Field(
        PaymentRequest, description="As it is now, also where the customer cannot pay."
    )

    class Arguments:
        token = graphene.String(required=True, description="The last part of the link's URL.")
        method = graphene.String(required=True, description="The id of a method of the request.")
        revision = graphene.String(
            required=True, description="The revision of the request that the customer looked at."
        )
        return_url = graphene.String(
            description="A page of the storefront to come back to. Default: the payment page."
        )

    class Meta:
        description = (
            "Public: starts paying. A stale revision charges nothing and answers AMOUNT_CHANGED."
        )
        error_type_class = PaymentLinkError

    @classmethod
    def perform_mutation(
        cls,
        _root: Any,
        info: Any,
        /,
        token: str,
        method: str,
        revision: str,
        return_url: str | None = None,
    ) -> Any:
        with refusals_as_errors("token"):
            limits.count(limits.PAY, token, client_address(info.context.META))
            _require_request(token)
            come_back = inputs.return_url(return_url, "returnUrl")
        redirect_url, errors = None, []
        try:
            with faults_muted():
                redirect_url = paying.begin(token, method, revision, return_url=come_back)
        except LinkError as refusal:
            errors.append(error_of(refusal, argument_of(refusal, "token")))
        return cls(redirect_url=redirect_url, payment_request=request_of(token), errors=errors)


class PaymentRequestRenew(BaseMutation):
    ok = graphene.Boolean(required=True, description="True, whether or not a link was sent.")

    class Arguments:
        token = graphene.String(required=True, description="The last part of the link's URL.")

    class Meta:
        description = (
            "Public: a fresh link for an expired one, sent only to the address on file. "
            "Answers the same whether or not it did."
        )
        error_type_class = PaymentLinkError

    @classmethod
    def perform_mutation(cls, _root: Any, info: Any, /, token: str) -> Any:
        try:
            limits.count(limits.RENEW, token, client_address(info.context.META))
        except LinkError as refusal:
            return cls(ok=True, errors=[error_of(refusal, refusal.field)])
        with faults_muted():
            renewal.renew(token)
        return cls(ok=True)


def _require_request(token: str) -> None:
    if request_of(token) is None:
        raise paying.unknown()
