"""Logging in."""

from typing import Any

import graphene
from django.core.exceptions import ValidationError

from sandbox.shop import auth
from sandbox.shop.graphql.base import BaseMutation, Error
from sandbox.shop.graphql.scalars import enum_of
from sandbox.shop.graphql.types import User

AccountErrorCode = enum_of("AccountErrorCode", ["invalid_credentials"])


class AccountError(Error):
    code = AccountErrorCode(required=True)


class CreateToken(BaseMutation):
    token = graphene.String()
    user = graphene.Field(User)

    class Arguments:
        email = graphene.String(required=True)
        password = graphene.String(required=True)

    class Meta:
        description = "Create a token to be sent as `Authorization: Bearer <token>`."
        error_type_class = AccountError

    @classmethod
    def perform_mutation(cls, root: Any, info: Any, /, *, email: str, password: str) -> Any:
        user = auth.log_in(email, password)
        if user is None:
            raise ValidationError(
                {
                    "email": ValidationError(
                        "Please, enter valid credentials", code="invalid_credentials"
                    )
                }
            )
        return cls(token=auth.token_for(user), user=user)
