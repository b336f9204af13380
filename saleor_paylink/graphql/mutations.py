"""The mutations: who asks is checked here, what is done about it is the domain's."""

from typing import Any

import graphene

from saleor_paylink.graphql import inputs
from saleor_paylink.graphql.access import managed_link, request_of
from saleor_paylink.graphql.errors import PaymentLinkError, error_of, refusals_as_errors
from saleor_paylink.graphql.host import kit
from saleor_paylink.graphql.types import PaymentLink, PaymentRequest
from saleor_paylink.links import lifecycle, offers, paying
from saleor_paylink.links.errors import LinkError, LinkErrorCode

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
        with refusals_as_errors():
            link = lifecycle.create(order, _terms(input or {}), HOST.actor(info))
        return cls(payment_link=link)


def _terms(given: dict[str, Any]) -> lifecycle.LinkTerms:
    return lifecycle.LinkTerms(
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
        with refusals_as_errors():
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
        with refusals_as_errors():
            link = lifecycle.send(
                managed_link(info, id, "id").pk,
                HOST.actor(info),
                email=inputs.text(given.get("email"), "email") or None,
                message=inputs.text(given.get("message"), "message"),
            )
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
        with refusals_as_errors():
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
        with refusals_as_errors():
            given = inputs.text(reason, "reason") or ""
            lifecycle.reject(order, HOST.actor(info), reason=given)
        return cls(order=HOST.order_root(info, order))


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
        _info: Any,
        /,
        token: str,
        method: str,
        revision: str,
        return_url: str | None = None,
    ) -> Any:
        with refusals_as_errors():
            _require_request(token)
            come_back = inputs.return_url(return_url, "returnUrl")
        redirect_url, errors = None, []
        try:
            redirect_url = paying.begin(token, method, revision, return_url=come_back)
        except LinkError as refusal:
            errors.append(error_of(refusal))
        return cls(redirect_url=redirect_url, payment_request=request_of(token), errors=errors)


def _require_request(token: str) -> None:
    if request_of(token) is None:
        raise LinkError(LinkErrorCode.NOT_FOUND, "There is no such payment link.", "token")
