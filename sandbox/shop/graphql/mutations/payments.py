"""Writing down money that was taken."""

from typing import Any

import graphene
from django.core.exceptions import ValidationError

from sandbox.shop import hooks, payments
from sandbox.shop.graphql.access import Permission, requestor
from sandbox.shop.graphql.base import BaseInput, BaseMutation, Error
from sandbox.shop.graphql.ids import order_pk
from sandbox.shop.graphql.scalars import PositiveDecimal, enum_of
from sandbox.shop.graphql.types import TransactionItem
from sandbox.shop.models import Order

TransactionCreateErrorCode = enum_of(
    "TransactionCreateErrorCode", ["graphql_error", "incorrect_currency", "invalid", "not_found"]
)


class TransactionCreateError(Error):
    code = TransactionCreateErrorCode(required=True)


class MoneyInput(BaseInput):
    currency = graphene.String(required=True)
    amount = PositiveDecimal(required=True)


class TransactionCreateInput(BaseInput):
    name = graphene.String()
    psp_reference = graphene.String()
    amount_charged = MoneyInput()


class TransactionCreate(BaseMutation):
    transaction = graphene.Field(TransactionItem)

    class Arguments:
        id = graphene.ID(required=True)
        transaction = TransactionCreateInput(required=True)

    class Meta:
        description = "Creates transaction for order."
        error_type_class = TransactionCreateError
        permissions = (Permission.HANDLE_PAYMENTS,)

    @classmethod
    def perform_mutation(cls, root: Any, info: Any, /, *, id: str, transaction: Any) -> Any:
        order_id = order_pk(info, id)
        currency = Order.objects.select_related("channel").get(id=order_id).currency
        charged = transaction.get("amount_charged") or {"amount": 0, "currency": currency}
        if charged["currency"] != currency:
            message = f"Currency needs to be the same as for order: {currency}"
            raise ValidationError(
                {"amount_charged": ValidationError(message, code="incorrect_currency")}
            )
        said = (
            order_id,
            charged["amount"],
            transaction.get("name") or "",
            transaction.get("psp_reference") or "",
        )
        app = info.context.app
        if app is None:
            taken = payments.add_by_hand(*said, requestor(info))
        else:
            taken = payments.add_by_app(*said, app)
        hooks.order_changed(order_id)
        return cls(transaction=taken)
