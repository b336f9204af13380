"""Asking for money to be given back."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import graphene
from django.core.exceptions import ValidationError

from sandbox.shop import hooks, models, refunds
from sandbox.shop.graphql.access import Permission, actor, requestor, require_channel
from sandbox.shop.graphql.base import BaseMutation, Error
from sandbox.shop.graphql.ids import find
from sandbox.shop.graphql.scalars import PositiveDecimal, enum_of
from sandbox.shop.graphql.types import TransactionActionEnum, TransactionItem

TransactionRequestActionErrorCode = enum_of(
    "TransactionRequestActionErrorCode", ["graphql_error", "invalid", "not_found"]
)


class TransactionRequestActionError(Error):
    code = TransactionRequestActionErrorCode(required=True)


class TransactionRequestAction(BaseMutation):
    transaction = graphene.Field(TransactionItem)

    class Arguments:
        id = graphene.ID()
        token = graphene.UUID()
        action_type = TransactionActionEnum(required=True)
        amount = PositiveDecimal()

    class Meta:
        description = "Request an action for payment transaction."
        error_type_class = TransactionRequestActionError
        permissions = (Permission.HANDLE_PAYMENTS,)

    @classmethod
    def perform_mutation(
        cls,
        root: Any,
        info: Any,
        /,
        *,
        action_type: str,
        id: str | None = None,
        token: UUID | None = None,
        amount: Decimal | None = None,
    ) -> Any:
        taken = _transaction(id, token)
        require_channel(info, taken.its_order.channel.slug)
        event = refunds.request(taken, amount, requestor(info))
        hooks.refund_requested(event, actor(info))
        return cls(transaction=models.Transaction.objects.get(pk=taken.pk))


def _transaction(global_id: str | None, token: UUID | None) -> models.Transaction:
    if (global_id is None) == (token is None):
        message = "Give one of the arguments id and token."
        raise ValidationError(message, code="graphql_error")
    if token is not None:
        global_id = graphene.Node.to_global_id("TransactionItem", token)
    found: models.Transaction = find(models.Transaction, global_id or "", "TransactionItem", "id")
    return found
